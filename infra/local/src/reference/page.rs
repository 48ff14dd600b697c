//! The reference as one HTML page without scripts: everything it needs is in it.

use serde_yaml_ng::Value;

use super::schema::{Row, rows};

const STYLE: &str = include_str!("page.css");

/// The members of a path item that are operations.
const METHODS: [&str; 5] = ["get", "head", "post", "patch", "delete"];

/// A contract and what it is called.
struct Document<'a> {
    name: &'a str,
    root: &'a Value,
}

/// An operation and where it stands.
struct Operation<'a> {
    document: &'a Document<'a>,
    path: &'a str,
    method: String,
    item: &'a Value,
    operation: &'a Value,
}

/// The page of these documents. `authorized` tells whether the commands to try carry a token.
pub(super) fn render(documents: &[(&str, Value)], base_url: &str, authorized: bool) -> String {
    let documents: Vec<_> =
        documents.iter().map(|(name, root)| Document { name, root }).collect();
    let contents: String = documents.iter().map(contents).collect();
    let dialects: String =
        documents.iter().map(|document| dialect(document, base_url, authorized)).collect();
    let files: String = documents
        .iter()
        .map(|Document { name, .. }| format!(" <a href=\"/openapi/{name}.json\">{name}.json</a>"))
        .collect();
    let token = if authorized {
        "The commands take the token of the stack from the shell variable <code>TOKEN</code>."
    } else {
        "This stack was started without authorization: the commands need no token."
    };
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>subledger API reference</title><style>{STYLE}</style></head><body>\
         <div class=\"layout\"><nav><input type=\"checkbox\" id=\"menu\">\
         <label for=\"menu\">Contents</label><div class=\"menu\">{contents}</div></nav>\
         <main><header><h1>subledger API reference</h1>\
         <p>Two wire formats of one ledger of balances, answered at <code>{}</code>. {token}</p>\
         <p>OpenAPI 3.1:{files}</p></header>{dialects}</main></div></body></html>\n",
        escape(base_url)
    )
}

impl<'a> Document<'a> {
    /// The operations of a tag, in the order of the document.
    fn operations(&'a self, tag: &str) -> Vec<Operation<'a>> {
        let paths = self.root.get("paths").and_then(Value::as_mapping);
        let paths = paths.into_iter().flatten();
        let all = paths.filter_map(|(path, item)| Some((path.as_str()?, item))).flat_map(
            |(path, item)| {
                let members = item.as_mapping().into_iter().flatten();
                let members =
                    members.filter_map(|(name, operation)| Some((name.as_str()?, operation)));
                let operations = members.filter(|(name, _)| METHODS.contains(name));
                operations.map(move |(name, operation)| {
                    let method = name.to_ascii_uppercase();
                    Operation { document: self, path, method, item, operation }
                })
            },
        );
        let tagged = |operation: &Operation<'_>| {
            items(operation.operation, "tags").any(|own| own.as_str() == Some(tag))
        };
        all.filter(tagged).collect()
    }

    fn tags(&self) -> impl Iterator<Item = (&str, &str)> {
        items(self.root, "tags").map(|tag| (text(tag, "name"), text(tag, "description")))
    }

    /// What a value stands for, if it is a reference into the document.
    fn resolve(&self, value: &'a Value) -> &'a Value {
        super::schema::resolve(self.root, value)
    }
}

fn contents(document: &Document<'_>) -> String {
    let title = text(document.root.get("info").unwrap_or(&Value::Null), "title");
    let tags = document.tags().map(|(tag, _)| {
        let links: String = document
            .operations(tag)
            .iter()
            .map(|operation| {
                format!(
                    "<li><a href=\"#{}\"><span class=\"method {1}\">{1}</span><span>{2}</span></a></li>",
                    operation.anchor(),
                    operation.method,
                    escape(text(operation.operation, "summary")),
                )
            })
            .collect();
        format!("<h3>{}</h3><ul>{links}</ul>", escape(tag))
    });
    let tags: String = tags.collect();
    format!("<h2><a href=\"#{}\">{}</a></h2>{tags}", document.name, escape(title))
}

fn dialect(document: &Document<'_>, base_url: &str, authorized: bool) -> String {
    let info = document.root.get("info").unwrap_or(&Value::Null);
    let tags: String = document
        .tags()
        .map(|(tag, description)| {
            let operations: String = document
                .operations(tag)
                .iter()
                .map(|operation| operation.section(base_url, authorized))
                .collect();
            format!("<h2>{}</h2>{}{operations}", escape(tag), prose(description))
        })
        .collect();
    format!(
        "<section class=\"dialect\" id=\"{}\"><h1>{}</h1><p class=\"quiet\">{}</p>{}{tags}</section>",
        document.name,
        escape(text(info, "title")),
        escape(text(info, "summary")),
        prose(text(info, "description")),
    )
}

impl<'a> Operation<'a> {
    fn anchor(&self) -> String {
        format!("{}-{}", self.document.name, text(self.operation, "operationId"))
    }

    /// The parameters of the path and of the operation.
    fn parameters(&self) -> impl Iterator<Item = &'a Value> + '_ {
        items(self.item, "parameters")
            .chain(items(self.operation, "parameters"))
            .map(|parameter| self.document.resolve(parameter))
    }

    fn section(&self, base_url: &str, authorized: bool) -> String {
        let operation = self.operation;
        format!(
            "<section class=\"operation\" id=\"{0}\"><h3><a href=\"#{0}\">{1}</a></h3>\
             <p class=\"address\"><span class=\"method {2}\">{2}</span> <code>{3}</code></p>{4}{5}{6}{7}\
             <h4>Answers</h4>{8}<h4>Try it</h4><pre>{9}</pre></section>",
            self.anchor(),
            escape(text(operation, "summary")),
            self.method,
            escape(self.path),
            prose(text(operation, "description")),
            self.scope(),
            self.parameter_table(),
            self.request_body(),
            self.answers(),
            escape(&self.command(base_url, authorized)),
        )
    }

    fn scope(&self) -> String {
        let scopes = items(self.operation, "security").flat_map(|requirement| {
            let scopes = requirement.get("bearerAuth").and_then(Value::as_sequence);
            scopes.into_iter().flatten().filter_map(Value::as_str)
        });
        let scopes: Vec<_> =
            scopes.map(|scope| format!("<code>{}</code>", escape(scope))).collect();
        format!("<p class=\"quiet\">Scope: {}</p>", scopes.join(", "))
    }

    fn parameter_table(&self) -> String {
        let rows: String = self
            .parameters()
            .map(|parameter| {
                let schema = parameter.get("schema").unwrap_or(&Value::Null);
                let mut row = Row::of(self.document.root, text(parameter, "name"), schema);
                row.required = flag(parameter, "required");
                row.description = text(parameter, "description").to_owned();
                row.kind = format!("{}, {}", text(parameter, "in"), row.kind);
                row_html(&row)
            })
            .collect();
        if rows.is_empty() { rows } else { format!("<h4>Parameters</h4>{}", table(&rows)) }
    }

    fn request_body(&self) -> String {
        let Some(content) = self.operation.get("requestBody").and_then(json_content) else {
            return String::new();
        };
        format!(
            "<h4>Body</h4>{}{}",
            self.schema_table(content, row_html),
            self.examples(content, "Example"),
        )
    }

    fn schema_table(&self, content: &Value, row: impl Fn(&Row) -> String) -> String {
        let schema = content.get("schema").unwrap_or(&Value::Null);
        table(&rows(self.document.root, schema).iter().map(row).collect::<String>())
    }

    fn examples(&self, content: &'a Value, label: &str) -> String {
        named(content, "examples")
            .map(|(_, example)| {
                let example = self.document.resolve(example);
                let summary = text(example, "summary");
                let colon = if summary.is_empty() { "" } else { ": " };
                format!(
                    "<details><summary>{label}{colon}{}</summary><pre>{}</pre></details>",
                    escape(summary),
                    escape(&json(example.get("value").unwrap_or(&Value::Null))),
                )
            })
            .collect()
    }

    /// Success with its schema and examples; errors in one table.
    fn answers(&self) -> String {
        let mut successes = String::new();
        let mut errors = String::new();
        for (status, answer) in named(self.operation, "responses") {
            let answer = self.document.resolve(answer);
            if status.starts_with('2') {
                successes.push_str(&self.success(status, answer));
            } else {
                errors.push_str(&self.error_rows(status, answer));
            }
        }
        format!(
            "{successes}<details><summary>Errors</summary><div class=\"table\"><table><thead><tr>\
             <th>Status</th><th>Code</th><th>Meaning</th></tr></thead><tbody>{errors}</tbody></table>\
             </div></details>"
        )
    }

    fn success(&self, status: &str, answer: &'a Value) -> String {
        let headers: String = named(answer, "headers")
            .map(|(name, header)| {
                let header = self.document.resolve(header);
                let description = inline(text(header, "description"));
                format!("<li><code>{}</code> {description}</li>", escape(name))
            })
            .collect();
        let body = json_content(answer).map(|content| {
            format!(
                "{}{}",
                self.schema_table(content, answer_row),
                self.examples(content, "Example")
            )
        });
        format!(
            "<details class=\"success\"><summary>{status} {}</summary>{}<ul>{headers}</ul></details>",
            inline(text(answer, "description")),
            body.unwrap_or_default(),
        )
    }

    /// One row for each code, told by its example; one for the status where there is none.
    fn error_rows(&self, status: &str, answer: &'a Value) -> String {
        let examples =
            json_content(answer).into_iter().flat_map(|content| named(content, "examples"));
        let rows: String = examples
            .map(|(_, example)| {
                let value = self.document.resolve(example).get("value").unwrap_or(&Value::Null);
                let (code, title) = (text(value, "code"), text(value, "title"));
                let said = [text(value, "message"), text(value, "detail")].concat();
                let title = if title.is_empty() {
                    String::new()
                } else {
                    format!("<strong>{}</strong> ", escape(title))
                };
                format!(
                    "<tr><td>{status}</td><td class=\"code\"><code>{}</code></td><td>{title}{}</td></tr>",
                    escape(code),
                    escape(&said),
                )
            })
            .collect();
        if !rows.is_empty() {
            return rows;
        }
        let description = inline(text(answer, "description"));
        format!("<tr><td>{status}</td><td></td><td>{description}</td></tr>")
    }

    /// A command that sends the first example.
    fn command(&self, base_url: &str, authorized: bool) -> String {
        let mut url = format!("{base_url}{}", self.path);
        let mut query = String::new();
        let mut headers = Vec::new();
        if authorized {
            headers.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
        }
        for parameter in self.parameters() {
            let name = text(parameter, "name");
            let example = parameter.get("example").map(plain).unwrap_or_default();
            match (text(parameter, "in"), flag(parameter, "required")) {
                ("path", _) => url = url.replace(&format!("{{{name}}}"), &example),
                ("query", true) => {
                    let separator = if query.is_empty() { "?" } else { "&" };
                    query.push_str(&format!("{separator}{name}={}", example.replace(' ', "%20")));
                }
                ("header", true) => headers.push(format!("-H '{name}: {example}'")),
                _ => {}
            }
        }
        let body = self.operation.get("requestBody").and_then(json_content).and_then(|content| {
            let (_, example) = named(content, "examples").next()?;
            let value = self.document.resolve(example).get("value")?;
            let body = serde_json::to_string(value).ok()?;
            Some(format!("-d '{}'", body.replace('\'', "'\\''")))
        });
        if body.is_some() {
            headers.push("-H 'Content-Type: application/json'".to_owned());
        }
        let method = match (self.method.as_str(), body.is_some()) {
            ("GET", _) | ("POST", true) => String::new(),
            ("HEAD", _) => " -I".to_owned(),
            (other, _) => format!(" -X {other}"),
        };
        let lines =
            [format!("curl -sS{method} '{url}{query}'")].into_iter().chain(headers).chain(body);
        lines.collect::<Vec<_>>().join(" \\\n  ")
    }
}

fn table(rows: &str) -> String {
    format!(
        "<div class=\"table\"><table class=\"schema\"><thead><tr><th>Name</th><th>Type</th><th>Meaning</th>\
         </tr></thead><tbody>{rows}</tbody></table></div>"
    )
}

/// A field of a request: the client has to know what it must send.
fn row_html(row: &Row) -> String {
    let required = "<span class=\"required\">required</span>";
    field(row, if row.required { required } else { "" })
}

/// A field of an answer: the client has to know what may be absent.
fn answer_row(row: &Row) -> String {
    let is_body = row.name.ends_with(['*', ')']);
    let absent = "<span class=\"quiet\">may be absent</span>";
    field(row, if row.required || is_body { "" } else { absent })
}

fn field(row: &Row, label: &str) -> String {
    if row.is_heading {
        let description = inline(&row.description);
        return format!(
            "<tr class=\"variant\"><td colspan=\"3\">{} <span class=\"quiet\">{description}</span></td></tr>",
            escape(&row.name)
        );
    }
    // A long name may break behind each dot.
    let name = escape(&row.name).replace('.', ".<wbr>");
    format!(
        "<tr><td class=\"name\"><code>{name}</code> {label}</td><td class=\"type\">{}</td><td>{}</td></tr>",
        inline(&row.kind),
        inline(&row.description),
    )
}

/// Paragraphs between empty lines.
fn prose(text: &str) -> String {
    let paragraphs = text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty());
    paragraphs.map(|paragraph| format!("<p>{}</p>", inline(paragraph.trim()))).collect()
}

/// Escapes a text and turns its backticks and double asterisks into elements.
fn inline(text: &str) -> String {
    let pieces = text.split('`').enumerate().map(|(place, piece)| {
        if place % 2 == 1 {
            return format!("<code>{}</code>", escape(piece));
        }
        let strong = piece.split("**").enumerate().map(|(place, piece)| {
            if place % 2 == 1 {
                format!("<strong>{}</strong>", escape(piece))
            } else {
                escape(piece)
            }
        });
        strong.collect()
    });
    pieces.collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn json(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// A text without its quotation marks.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| json(value), ToOwned::to_owned)
}

fn json_content(value: &Value) -> Option<&Value> {
    value.get("content")?.get("application/json")
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value.get(name).and_then(Value::as_sequence).into_iter().flatten()
}

fn named<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = (&'v str, &'v Value)> + use<'v> {
    let members = value.get(name).and_then(Value::as_mapping).into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.as_str()?, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_become_markup() {
        assert_eq!(
            inline("a <b> & `c<d>` **e**"),
            "a &lt;b&gt; &amp; <code>c&lt;d&gt;</code> <strong>e</strong>"
        );
    }

    #[test]
    fn an_operation_has_a_command_to_try() {
        let document = "
            openapi: 3.1.0
            info: {title: T}
            tags: [{name: A}]
            paths:
              /things/{id}:
                parameters:
                  - {name: id, in: path, required: true, schema: {type: string}, example: t1}
                post:
                  operationId: create_thing
                  tags: [A]
                  parameters:
                    - {name: at, in: query, required: true, example: 2026-01-01 10:00}
                  requestBody:
                    content:
                      application/json:
                        schema: {type: object}
                        examples: {one: {value: {name: it's}}}
        ";
        let root = serde_yaml_ng::from_str(document).unwrap();
        let page = render(&[("v9", root)], "http://h", true);
        let command = "curl -sS 'http://h/things/t1?at=2026-01-01%2010:00' \\\n  \
                       -H &quot;Authorization: Bearer $TOKEN&quot; \\\n  \
                       -H 'Content-Type: application/json' \\\n  \
                       -d '{&quot;name&quot;:&quot;it'\\''s&quot;}'";
        assert!(page.contains(command), "{page}");
    }
}
