//! `cargo run -- audit`: whether everything in a table agrees with everything else.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use subledger::money::timestamp::Timestamp;
use subledger::ports::Clock as _;
use subledger_audit::{AuditOptions, AuditProgress, AuditReport, CLOCKS_DIFFER_MICROS_MAX};
use subledger_http::system::SystemClock;

use crate::Error;
use crate::backend::{Backend, TABLE_NAME};
use crate::data_dir::DataDir;
use crate::engine::{Engine, Place};
use crate::template::Template;

/// How many read units a second an audit uses on another DynamoDB unless it is told: a tenth of what
/// one partition gives, so that nobody is throttled because of it.
pub const READ_UNITS_PER_SECOND: u32 = 300;

/// How old the youngest transaction is that the books of a table in use are summed with, in
/// microseconds: by how much two clocks may differ. A function ends after ten seconds.
const SETTLED_MICROS: i64 = CLOCKS_DIFFER_MICROS_MAX;

/// After how many items a line says how far the audit is, where no terminal shows a bar.
const ITEMS_PER_LINE: u64 = 10_000;

/// How wide the bar is, in characters.
const BAR: u64 = 30;

/// What to audit, and how fast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Which table.
    pub table: AuditedTable,
    /// How many read units it may use per second; `None` means no limit.
    pub read_units_per_second: Option<NonZeroU32>,
}

/// Which table to audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditedTable {
    /// The one in this data directory, which no stack may use meanwhile.
    DataDir(PathBuf),
    /// The one of another DynamoDB, which may be in use.
    Endpoint(String),
}

impl Audit {
    /// Audits the table and tells how far it is on standard error.
    ///
    /// # Errors
    ///
    /// [`Error`], which says why nothing can be said about the table.
    pub async fn run(&self) -> Result<AuditReport, Error> {
        let (backend, engine, settled) = match &self.table {
            AuditedTable::Endpoint(url) => (Backend::elsewhere(url).await?, None, settled()),
            AuditedTable::DataDir(path) => {
                // What is not there is not made.
                if !path.is_dir() {
                    return Err(Error::NoData(path.clone()));
                }
                let directory = DataDir::open(path)?;
                if !directory.database().exists() {
                    return Err(Error::NoData(path.clone()));
                }
                let place = Place::Directory(directory);
                let table = Template::embedded()?.table;
                let engine = Engine::start(place, TABLE_NAME, &table).await?;
                // Nobody else writes to it.
                (Backend::local(TABLE_NAME, engine.endpoint_url()), Some(engine), Timestamp::MAX)
            }
        };
        let options = AuditOptions {
            clock: &SystemClock,
            read_units_per_second: self.read_units_per_second,
            settled,
        };
        let bar = Bar::new();
        let audited =
            subledger_audit::audit(&backend.store(), &options, &|progress| bar.show(progress))
                .await;
        bar.end();
        if let Some(engine) = engine {
            engine.shutdown().await?;
        }
        audited.map_err(Error::Audit)
    }
}

/// The moment that the books of a table in use can be summed for.
fn settled() -> Timestamp {
    let settled = SystemClock.now().micros().saturating_sub(SETTLED_MICROS);
    #[expect(
        clippy::expect_used,
        reason = "the clock is after 1970, and so is half a minute before"
    )]
    Timestamp::from_micros(settled).expect("half a minute ago is a moment")
}

/// What an audit has found, for people: a line for each finding, then what was seen.
#[must_use]
pub fn summary(report: &AuditReport) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        // Writing to a text does not fail.
        let _ = writeln!(text, "{}: {}", finding.key, finding.problem);
    }
    let items: u64 = report.items.values().fold(0, |sum, count| sum.saturating_add(*count));
    let kinds = report.items.iter().map(|(noun, count)| counted(*count, noun));
    let kinds: Vec<String> = kinds.collect();
    let audited = format!("audited {}", counted(items, "items"));
    let _ = match &*kinds {
        [] => writeln!(text, "{audited}"),
        kinds => writeln!(text, "{audited}: {}", kinds.join(", ")),
    };
    let _ = match report.findings_count {
        0 => write!(text, "nothing is wrong"),
        count => write!(text, "{}", counted(count, "findings")),
    };
    text
}

/// So many of these. The noun is a plural, which may be followed by `of` and more.
fn counted(count: u64, nouns: &str) -> String {
    if count != 1 {
        return format!("{count} {nouns}");
    }
    let (many, of, rest) = match nouns.split_once(" of ") {
        Some((many, rest)) => (many, " of ", rest),
        None => (nouns, "", ""),
    };
    let one = if many == "aliases" { "alias" } else { many.strip_suffix('s').unwrap_or(many) };
    format!("1 {one}{of}{rest}")
}

/// How far an audit is, on standard error: a bar on a terminal, a line now and then elsewhere.
#[derive(Debug)]
struct Bar {
    is_terminal: bool,
    /// How many items the last line told of.
    told: AtomicU64,
}

impl Bar {
    fn new() -> Self {
        Self { is_terminal: std::io::stderr().is_terminal(), told: AtomicU64::new(0) }
    }

    fn show(&self, progress: &AuditProgress) {
        let mut output = std::io::stderr().lock();
        if self.is_terminal {
            // Whoever looked at it may have gone, which stops nothing.
            drop(write!(output, "\r{}", line(progress)).and_then(|()| output.flush()));
        } else if progress.items >= self.told.load(Ordering::Relaxed).saturating_add(ITEMS_PER_LINE)
        {
            self.told.store(progress.items, Ordering::Relaxed);
            let AuditProgress { items, findings, .. } = progress;
            let (items, findings) = (counted(*items, "items"), counted(*findings, "findings"));
            drop(writeln!(output, "{items}, {findings}"));
        }
    }

    fn end(&self) {
        if self.is_terminal {
            eprintln!();
        }
    }
}

/// The bar. DynamoDB's count is hours old, so it may end early, and it never passes its end.
fn line(progress: &AuditProgress) -> String {
    let AuditProgress { items, counted_items, findings } = progress;
    let findings = counted(*findings, "findings");
    let Some(all) = counted_items.filter(|all| *all > 0) else {
        return format!("{}, {findings}", counted(*items, "items"));
    };
    // Each character is a part of them, and is filled once that part was seen.
    let is_done = |character: &u64| items.saturating_mul(BAR) >= all.saturating_mul(*character);
    let bar: String = (1..=BAR).map(|it| if is_done(&it) { '#' } else { '.' }).collect();
    format!("[{bar}] {items} of about {}, {findings}", counted(all, "items"))
}

#[cfg(test)]
mod tests {
    use subledger_audit::Finding;
    use subledger_audit::rules::Problem;

    use super::*;

    #[test]
    fn the_bar_fills_up_and_stays_full() {
        let line =
            |items, counted_items| line(&AuditProgress { items, counted_items, findings: 2 });
        assert_eq!(line(7, None), "7 items, 2 findings");
        let half =
            format!("[{}{}] 5 of about 10 items, 2 findings", "#".repeat(15), ".".repeat(15));
        assert_eq!(line(5, Some(10)), half);
        let full = format!("[{}] 12 of about 10 items, 2 findings", "#".repeat(30));
        assert_eq!(line(12, Some(10)), full);
    }

    #[test]
    fn findings_stand_before_the_counts() {
        let mut report = AuditReport {
            items: [("balances", 2), ("accounts", 1)].into(),
            ..AuditReport::default()
        };
        assert_eq!(summary(&report), "audited 3 items: 1 account, 2 balances\nnothing is wrong");
        report.findings = vec![Finding { key: "a b".to_owned(), problem: Problem::Unknown }];
        report.findings_count = 1;
        assert_eq!(
            summary(&report),
            "a b: no item of this product has such a key\n\
             audited 3 items: 1 account, 2 balances\n\
             1 finding"
        );
    }

    #[test]
    fn one_is_a_singular() {
        for (nouns, one) in [
            ("items", "1 item"),
            ("aliases", "1 alias"),
            ("deleted balances", "1 deleted balance"),
            ("listing items of accounts", "1 listing item of accounts"),
            ("names of assets", "1 name of assets"),
        ] {
            assert_eq!(counted(1, nouns), one);
            assert_eq!(counted(0, nouns), format!("0 {nouns}"));
        }
    }
}
