//! The audit of a table: reads every item and checks it against the items that it has to agree
//! with.
//!
//! [`rules`] says what has to hold. [`audit`] scans the table, so that it also finds items that no
//! other item leads to. The order of a scan is not defined; so when it reads version 0 of a
//! balance, it reads the whole history of the balance with a Query. Every other relation is checked
//! by reading the related items by their keys, in batches. In memory are a page of items, a hundred
//! related items, two versions of one balance, a sum for each asset, and a tally for each organization,
//! ledger, asset, portfolio and segment: what stands on it, and what its counter says.
//!
//! # Others may write meanwhile
//!
//! Every read is strongly consistent, and most of what is compared never changes once it is
//! written. Balances and accounts do change, and a deletion removes items. So an item that looks
//! wrong is read again together with its related items, and is a finding only if it looks wrong
//! four times. So is a counter, together with everything that it counts. What is recorded later than
//! now is a finding at once, because no clock of the product may be that far ahead:
//! [`CLOCKS_DIFFER_MICROS_MAX`]. Balances are summed as of one moment in the past,
//! [`AuditOptions::settled`], because a transaction is recorded at the same moment on all its balances.

mod counters;
mod rate_limiter;
mod record;
pub mod rules;
mod scan;

use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroU32;

use crate::rules::{Books, Found, Place, Problem, Record, Subject, Tallies, check, partners};
use subledger::balance::Balance;
use subledger::error::Error;
use subledger::money::timestamp::Timestamp;
use subledger::page::SortOrder;
use subledger::ports::Clock;

use subledger_dynamodb::DynamoStore;
use subledger_dynamodb::requests::get::Items;
use subledger_dynamodb::requests::query::Limit;
use subledger_dynamodb::requests::table::Table;
use subledger_dynamodb::schema::item::Item;
use subledger_dynamodb::schema::key_range::KeyRange;
use subledger_dynamodb::schema::keys::{Key, StoredKey};

use rate_limiter::{RateLimiter, units_alone, units_together};

/// How often an item has to look wrong to be a finding.
const LOOKS: u32 = 4;
/// How many related items are collected before they are read: as many as one `BatchGetItem` reads.
const PARTNERS: usize = 100;
/// How many versions of a balance are read at once.
const VERSIONS: usize = 500;
/// How many findings are kept; more are only counted.
const FINDINGS_MAX: usize = 1_000;
/// How often a request is made that is throttled or lost.
const ATTEMPTS_MAX: u32 = 8;

/// How far the clocks of the product and of the audit may differ, in microseconds: half a minute.
pub const CLOCKS_DIFFER_MICROS_MAX: i64 = 30_000_000;

/// How to audit a table.
#[derive(Clone, Copy)]
pub struct AuditOptions<'a> {
    /// Tells what is still to come.
    pub clock: &'a dyn Clock,
    /// How many read units it may use per second; `None` means no limit.
    pub read_units_per_second: Option<NonZeroU32>,
    /// The moment as of which balances are summed. Every transaction that is recorded at or before
    /// it has to be complete when the audit begins. [`Timestamp::MAX`] for a table that is not
    /// written to.
    pub settled: Timestamp,
}

/// How far an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditProgress {
    /// Items that were seen.
    pub items: u64,
    /// Items by DynamoDB's own count, which is some hours old; `None` if it gives none.
    pub counted_items: Option<u64>,
    /// Findings so far.
    pub findings: u64,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The key of the item: partition key, a space, sort key. For a counter without the number of a
    /// shard. The name of the table if it is about the whole table.
    pub key: String,
    /// What.
    pub problem: Problem,
}

/// The result of an audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// How many items there are of each kind, by the name of the kind.
    pub items: BTreeMap<&'static str, u64>,
    /// The first thousand findings, in the order in which they were found.
    pub findings: Vec<Finding>,
    /// The number of findings.
    pub findings_count: u64,
}

/// Audits the whole table, and reports its progress after each page.
///
/// # Errors
/// Those of the store, after several attempts. What was found until then is lost.
pub async fn audit(
    store: &DynamoStore,
    options: &AuditOptions<'_>,
    progress: &(dyn Fn(&AuditProgress) + Sync),
) -> Result<AuditReport, Error> {
    let table = store.table();
    let counted_items = scan::counted_items(table).await;
    let mut audit = Audit {
        table,
        clock: options.clock,
        settled: options.settled,
        limiter: RateLimiter::new(options.read_units_per_second),
        waiting: Vec::new(),
        partners: 0,
        books: Books::default(),
        tallies: Tallies::default(),
        report: AuditReport::default(),
    };
    let mut items = 0_u64;
    let mut start = None;
    loop {
        let page = retrying(table, async || scan::scan_page(table, start.clone()).await).await?;
        audit.limiter.spend(units_together(&page.0)).await;
        for item in &page.0 {
            audit.add(item).await?;
            items = items.saturating_add(1);
        }
        let findings = audit.report.findings_count;
        progress(&AuditProgress { items, counted_items, findings });
        start = page.1;
        if start.is_none() {
            break;
        }
    }
    audit.judge_all().await?;
    audit.judge_counters().await?;
    if items == 0 {
        audit.find(table.name.to_string(), Problem::NothingThere);
    }
    Ok(audit.close_the_books())
}

/// Repeats a request that was throttled or lost.
async fn retrying<T>(table: &Table, ask: impl AsyncFn() -> Result<T, Error>) -> Result<T, Error> {
    let mut attempt = 1;
    loop {
        match ask().await {
            Err(error) if error.retryable() && attempt < ATTEMPTS_MAX => {
                table.client.wait_to_retry(attempt).await;
                attempt = attempt.saturating_add(1);
            }
            outcome => return outcome,
        }
    }
}

/// An audit under way.
struct Audit<'a> {
    table: &'a Table,
    clock: &'a dyn Clock,
    settled: Timestamp,
    limiter: RateLimiter,
    /// What is to be checked, with the key of each.
    waiting: Vec<(StoredKey, Subject)>,
    /// How many related items are to be read for them.
    partners: usize,
    books: Books,
    tallies: Tallies,
    report: AuditReport,
}

impl Audit<'_> {
    /// Adds an item of the scan.
    async fn add(&mut self, item: &Item) -> Result<(), Error> {
        let (key, record) = match (item.key(), record::read(item)) {
            (Some(key), Ok(record)) => (key, record),
            (_, Err(problem)) => {
                self.count("unreadable or unknown");
                self.find(item.place(), problem);
                return Ok(());
            }
            // What has no key cannot be read.
            (None, Ok(_)) => return Ok(()),
        };
        self.count(record::noun(&record));
        self.tallies.add(&record);
        if let Some(moment) = rules::recorded_at(&record).filter(|it| self.is_to_come(*it)) {
            self.find(key.to_string(), Problem::RecordedInFuture(moment));
        }
        if let Record::Version(first) = &record
            && first.version == 0
        {
            return self.add_history(first).await;
        }
        self.wait_for(key, Subject::Item(Box::new(record))).await
    }

    /// Whether a moment is later than any clock of the product may show now.
    fn is_to_come(&self, moment: Timestamp) -> bool {
        let ahead = moment.micros().saturating_sub(self.clock.now().micros());
        ahead > CLOCKS_DIFFER_MICROS_MAX
    }

    /// Adds all versions of a balance.
    async fn add_history(&mut self, first: &Balance) -> Result<(), Error> {
        let mut key_range = Some(KeyRange::versions(first.id));
        let mut previous: Option<Box<Balance>> = None;
        let mut newest: Option<(StoredKey, Box<Balance>)> = None;
        let mut settled = None;
        while let Some(this) = key_range {
            let limit = Limit::Items(VERSIONS);
            let items = retrying(self.table, async || {
                self.table.query_consistent(&this, SortOrder::Ascending, limit).await
            })
            .await?;
            self.limiter.spend(units_together(&items)).await;
            for item in &items {
                let (Some(key), Ok(Record::Version(version))) = (item.key(), record::read(item))
                else {
                    // The scan reads it as well, and reports it.
                    previous = None;
                    continue;
                };
                if version.recorded_at <= self.settled {
                    settled = Some(version.clone());
                }
                let version = Box::new(version);
                newest = Some((key.clone(), version.clone()));
                let step = Subject::Step { previous, version: version.clone() };
                self.wait_for(key, step).await?;
                previous = Some(version);
            }
            let last = items.last().filter(|_| items.len() >= VERSIONS);
            let last = last.and_then(|item| item.key()?.version());
            key_range = last.and_then(|last| {
                KeyRange::versions_between(first.id, last.successor(), Timestamp::MAX)
            });
        }
        if let Some(settled) = settled {
            self.books.add(&settled);
        }
        match newest {
            Some((key, newest)) => self.wait_for(key, Subject::Newest(newest)).await,
            None => Ok(()),
        }
    }

    async fn wait_for(&mut self, key: StoredKey, subject: Subject) -> Result<(), Error> {
        self.partners = self.partners.saturating_add(partners(&subject, &[]).len());
        self.waiting.push((key, subject));
        if self.partners >= PARTNERS || self.waiting.len() >= PARTNERS {
            self.judge_all().await?;
        }
        Ok(())
    }

    async fn judge_all(&mut self) -> Result<(), Error> {
        self.partners = 0;
        let waiting = std::mem::take(&mut self.waiting);
        let subjects: Vec<&Subject> = waiting.iter().map(|(_, subject)| subject).collect();
        let judged = self.judge(&subjects).await?;
        for ((key, subject), problems) in waiting.iter().zip(judged) {
            if !problems.is_empty() {
                self.look_again(key, subject).await?;
            }
        }
        Ok(())
    }

    /// The problems of each of these.
    async fn judge(&mut self, subjects: &[&Subject]) -> Result<Vec<Vec<Problem>>, Error> {
        let mut found: Vec<Vec<Found>> = vec![Vec::new(); subjects.len()];
        loop {
            let asked = subjects.iter().zip(&found);
            let places: Vec<_> = asked.map(|(subject, found)| partners(subject, found)).collect();
            let keys = || places.iter().flatten().map(record::key_at);
            if keys().next().is_none() {
                break;
            }
            let items = self.get_all(keys).await?;
            let missing = |place: &&Place| items.get(&record::key_at(place)).is_none();
            let elsewhere = || {
                let places = places.iter().flatten().filter(missing);
                places.filter_map(record::key_after_deletion)
            };
            let deleted = self.get_all(elsewhere).await?;
            for (places, found) in places.iter().zip(&mut found) {
                let items = places.iter().map(|place| {
                    let deleted = || deleted.get(&record::key_after_deletion(place)?);
                    items.get(&record::key_at(place)).or_else(deleted)
                });
                found.extend(items.map(record::found));
            }
        }
        Ok(subjects.iter().zip(&found).map(|(subject, found)| check(subject, found)).collect())
    }

    /// The items at these keys that are there.
    async fn get_all<'k, I>(&mut self, keys: impl Fn() -> I) -> Result<Items, Error>
    where
        I: Iterator<Item = Key<'k>>,
    {
        let items =
            retrying(self.table, async || self.table.get_all_consistent(keys()).await).await?;
        let units = keys().map(|key| items.get(&key).map_or(1, units_alone));
        self.limiter.spend(units.fold(0, u64::saturating_add)).await;
        Ok(items)
    }

    /// Reads again what looks wrong, and makes a finding of it if it stays so.
    async fn look_again(&mut self, key: &StoredKey, subject: &Subject) -> Result<(), Error> {
        let mut problems = Vec::new();
        for look in 1..LOOKS {
            self.table.client.wait_to_retry(look).await;
            let Some(subject) = self.again(key, subject).await? else {
                return Ok(());
            };
            problems = self.judge(&[&subject]).await?.into_iter().flatten().collect();
            if problems.is_empty() {
                return Ok(());
            }
        }
        for problem in problems {
            self.find(key.to_string(), problem);
        }
        Ok(())
    }

    /// The subject as it is now; `None` if it is gone. What is in a history does not change.
    async fn again(
        &mut self,
        key: &StoredKey,
        subject: &Subject,
    ) -> Result<Option<Subject>, Error> {
        match subject {
            Subject::Item(_) => {}
            Subject::Step { .. } | Subject::Newest(_) => return Ok(Some(subject.clone())),
        }
        let keys = || HashSet::from([key.clone()]);
        let items = retrying(self.table, async || self.table.get_all_stored(keys()).await).await?;
        let item = items.into_rest().next();
        self.limiter.spend(item.as_ref().map_or(1, units_alone)).await;
        // It was readable before. The scan will not read it again, so it is checked as it was.
        let record = item.map(|item| record::read(&item));
        Ok(record.map(|record| match record {
            Ok(record) => Subject::Item(Box::new(record)),
            Err(_) => subject.clone(),
        }))
    }

    fn count(&mut self, noun: &'static str) {
        let count = self.report.items.entry(noun).or_default();
        *count = count.saturating_add(1);
    }

    fn find(&mut self, key: String, problem: Problem) {
        self.report.findings_count = self.report.findings_count.saturating_add(1);
        if self.report.findings.len() < FINDINGS_MAX {
            self.report.findings.push(Finding { key, problem });
        }
    }

    fn close_the_books(mut self) -> AuditReport {
        let books = std::mem::take(&mut self.books);
        for (ledger, asset, problem) in books.problems() {
            self.find(Key::Asset(ledger, asset).to_string(), problem);
        }
        self.report
    }
}
