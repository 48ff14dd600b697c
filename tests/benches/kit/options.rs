//! The command line of a benchmark, after `--`.

use std::str::FromStr;

/// The words of the command line.
#[derive(Debug)]
pub struct Options(Vec<String>);

impl Options {
    /// The options of this process.
    #[must_use]
    pub fn of_process() -> Self {
        // Cargo adds `--bench`.
        Self(std::env::args().skip(1).filter(|word| word != "--bench").collect())
    }

    /// Whether a flag is given.
    #[must_use]
    pub fn has(&self, flag: &str) -> bool {
        self.0.iter().any(|word| word == flag)
    }

    /// The value of an option.
    #[must_use]
    pub fn value<T: FromStr>(&self, option: &str) -> Option<T> {
        let place = self.0.iter().position(|word| word == option)?;
        let value = self.0.get(place + 1).and_then(|word| word.parse().ok());
        assert!(value.is_some(), "{option} needs a value");
        value
    }

    /// The part of the benchmark with this name, if no other was asked for by name.
    #[must_use]
    pub fn wants(&self, part: &str, parts: &[&str]) -> bool {
        let named = |word: &String| parts.contains(&word.as_str());
        !self.0.iter().any(named) || self.has(part)
    }
}
