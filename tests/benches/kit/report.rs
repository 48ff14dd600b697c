//! Documents of results.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The directory of the results.
const DIRECTORY: &str = "infra/benchmarks";

/// A Markdown document that grows.
#[derive(Debug)]
pub struct Report {
    name: &'static str,
    text: String,
}

/// A file among the results.
#[must_use]
pub fn result_file(name: &str) -> PathBuf {
    root().join(DIRECTORY).join(name)
}

/// The directory of the workspace.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().and_then(Path::parent).unwrap().to_owned()
}

impl Report {
    /// An empty document with this file name and title, made by this command.
    #[must_use]
    pub fn new(name: &'static str, title: &str, command: &str) -> Self {
        let mut text = format!("# {title}\n\n`{command}` writes this page.\n");
        writeln!(text, "\n{}", machine()).unwrap();
        Self { name, text }
    }

    /// A heading.
    pub fn heading(&mut self, text: &str) {
        writeln!(self.text, "\n## {text}").unwrap();
    }

    /// A paragraph.
    pub fn paragraph(&mut self, text: &str) {
        writeln!(self.text, "\n{text}").unwrap();
    }

    /// A picture among the results.
    pub fn picture(&mut self, file: &str, what: &str) {
        writeln!(self.text, "\n![{what}]({file})").unwrap();
    }

    /// A table.
    pub fn table(&mut self, head: &[&str], rows: &[Vec<String>]) {
        writeln!(self.text, "\n| {} |", head.join(" | ")).unwrap();
        writeln!(self.text, "|{}", "---|".repeat(head.len())).unwrap();
        for row in rows {
            writeln!(self.text, "| {} |", row.join(" | ")).unwrap();
        }
    }

    /// Prints the document, and also writes it if asked.
    pub fn finish(self, write: bool) {
        println!("{}", self.text);
        if write {
            let file = result_file(self.name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(&file, self.text).unwrap();
            println!("written to {}", file.display());
        }
    }
}

/// The machine, and its load before the benchmark began.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default();
    let information = read("/proc/cpuinfo");
    let model =
        information.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or("?");
    format!(
        "Machine: {model}, {cores} cores; the load was {load} when the run began. Times depend on \
         the machine and on what else it did; units, calls and bytes do not."
    )
}
