//! The sources of the product as tokens: without comments, without documentation, without tests.

use std::path::Path;

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

use crate::workspace::root;

/// What is compiled for tests alone.
const TEST_CODE: &[&str] = &["shared/dynamodb/src/samples.rs"];

/// A file of the product.
#[derive(Debug)]
pub(crate) struct Source {
    /// Below the root, with slashes.
    pub(crate) path: String,
    /// Its tokens with a blank on either side, operators in one piece, literals of text left out:
    /// ` std :: env :: var ( NAME ) `.
    code: String,
    /// Its literals of text and characters, with their quotes.
    pub(crate) texts: Vec<String>,
}

impl Source {
    /// Whether these tokens, with blanks between them, stand in the file.
    pub(crate) fn has(&self, tokens: &str) -> bool {
        self.code.contains(&format!(" {tokens} "))
    }

    /// The tokens between each of these openings and the end of its statement.
    pub(crate) fn statements(&self, opening: &str) -> Vec<&str> {
        let opening = format!(" {opening} ");
        let after = self.code.split(opening.as_str()).skip(1);
        after.filter_map(|rest| rest.split(" ; ").next()).collect()
    }

    fn of(path: String, text: &str) -> Self {
        let stream: TokenStream =
            text.parse().unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
        // The blank in front of the first token; every token brings the one behind it.
        let mut source = Self { path, code: " ".to_owned(), texts: Vec::new() };
        source.take(stream);
        source
    }

    fn take(&mut self, stream: TokenStream) {
        let mut trees = stream.into_iter().peekable();
        let mut is_test = false;
        while let Some(tree) = trees.next() {
            // The end of an item that is only for tests.
            let ends_item = match &tree {
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Ident(_) | TokenTree::Literal(_) => false,
            };
            if is_test {
                is_test = !ends_item;
                continue;
            }
            if matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == '#') {
                trees.next_if(|next| matches!(next, TokenTree::Punct(_)));
                if let Some(TokenTree::Group(attribute)) = trees.next() {
                    let text = attribute.stream().to_string().replace(' ', "");
                    is_test = text == "cfg(test)";
                    if !is_test && !text.starts_with("doc=") {
                        self.code.push_str("# ");
                        self.take(attribute.stream());
                    }
                }
                continue;
            }
            self.push(tree);
        }
    }

    fn push(&mut self, tree: TokenTree) {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("( ", ") "),
                    Delimiter::Brace => ("{ ", "} "),
                    Delimiter::Bracket => ("[ ", "] "),
                    Delimiter::None => ("", ""),
                };
                self.code.push_str(open);
                self.take(group.stream());
                self.code.push_str(close);
            }
            TokenTree::Punct(punct) => {
                self.code.push(punct.as_char());
                if punct.spacing() == Spacing::Alone {
                    self.code.push(' ');
                }
            }
            TokenTree::Ident(ident) => self.word(&ident.to_string()),
            TokenTree::Literal(literal) => {
                let literal = literal.to_string();
                if literal.contains(['"', '\'']) {
                    self.texts.push(literal);
                } else {
                    self.word(&literal);
                }
            }
        }
    }

    fn word(&mut self, word: &str) {
        self.code.push_str(word);
        self.code.push(' ');
    }
}

/// The product's files in this directory and below.
pub(crate) fn below(directory: &str) -> Vec<Source> {
    let mut sources = Vec::new();
    collect(&root().join(directory), &mut sources);
    assert!(!sources.is_empty(), "nothing in {directory}");
    sources
}

fn collect(directory: &Path, sources: &mut Vec<Source>) {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, sources);
            continue;
        }
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        let is_product = name.ends_with(".rs")
            && name.contains("/src/")
            && !TEST_CODE.iter().any(|test| name.starts_with(test));
        if is_product {
            sources.push(Source::of(name, &std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn a_source_is_its_tokens_without_tests_comments_and_documentation() {
    let text = r##"
        //! Names `aws`.
        /// A `#`.
        #[derive(Debug)]
        struct A; // aws
        fn b() -> u8 { let c = "x#"; std::env::var('y'); 7 }
        #[cfg(test)]
        use d::{e};
        #[cfg(test)]
        mod tests { fn f() {} }
    "##;
    let source = Source::of("a.rs".to_owned(), text);
    assert_eq!(
        source.code,
        " # derive ( Debug ) struct A ; fn b ( ) -> u8 { let c = ; std :: env :: var ( ) ; 7 } ; "
    );
    assert_eq!(source.texts, ["\"x#\"", "'y'"]);
    assert!(source.has("std :: env"));
    assert_eq!(source.statements("std :: env ::"), ["var ( )"]);
}
