//! Looking again at counters that look wrong.
//!
//! The scan sees an object and the counter that counts it at different times. So where the two
//! disagree, the counter is read, then everything that it counts, then the counter again. A counter
//! that is as before and disagrees with what was read in between is a finding if it does so every time.
//! A counter that changes meanwhile is not judged.

use std::collections::BTreeMap;

use subledger::account::group::GroupKind;
use subledger::count::Owner;
use subledger::error::Error;
use subledger::money::ids::{AccountId, OrganizationId};
use subledger::page::{SortOrder, TimeRange};

use subledger_dynamodb::requests::query::Limit;
use subledger_dynamodb::schema::item::Item;
use subledger_dynamodb::schema::items::counter::SHARDS;
use subledger_dynamodb::schema::key_range::KeyRange;
use subledger_dynamodb::schema::keys::Key;

use crate::rate_limiter::units_together;
use crate::rules::{Place, Record, Site, Suspect, Tallies};
use crate::{Audit, LOOKS, record, retrying, scan};

impl Audit<'_> {
    /// Looks again at the counters that disagree with what the scan saw.
    pub(crate) async fn judge_counters(&mut self) -> Result<(), Error> {
        let mut suspects = std::mem::take(&mut self.tallies).suspects();
        for look in 1..LOOKS {
            if suspects.is_empty() {
                return Ok(());
            }
            self.table.client.wait_to_retry(look).await;
            let mut still = BTreeMap::new();
            for (site, these) in suspects {
                let these = self.look_at_counters(site, these).await?;
                if !these.is_empty() {
                    still.insert(site, these);
                }
            }
            suspects = still;
        }
        let mut findings = Vec::new();
        for suspect in suspects.into_values().flatten() {
            let key = Key::Counter { owner: &suspect.owner, shard: 0 }.stored();
            let all_shards = format!("{} SHARD", key.pk);
            findings.extend(suspect.problems.into_iter().map(|it| (all_shards.clone(), it)));
        }
        findings.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (key, problem) in findings {
            self.find(key, problem);
        }
        Ok(())
    }

    /// Those of the suspects that look wrong now.
    async fn look_at_counters(
        &mut self,
        site: Site,
        suspects: Vec<Suspect>,
    ) -> Result<Vec<Suspect>, Error> {
        let mut before = Vec::with_capacity(suspects.len());
        for suspect in suspects {
            // An unreadable shard is a finding of its own and causes no other.
            if let Some(shards) = self.shards(&suspect.owner).await? {
                before.push((suspect, shards));
            }
        }
        let owners: Vec<Owner> = before.iter().map(|(suspect, _)| suspect.owner.clone()).collect();
        let Some(mut tallies) = self.count_at(site, &owners).await? else {
            return Ok(Vec::new());
        };
        let mut still = Vec::new();
        for (suspect, shards) in before {
            if self.shards(&suspect.owner).await?.as_ref() == Some(&shards) {
                shards.iter().for_each(|shard| tallies.add(shard));
                still.extend(tallies.suspect_again(suspect));
            }
        }
        Ok(still)
    }

    /// The shards of a counter; `None` if one cannot be read.
    async fn shards(&mut self, owner: &Owner) -> Result<Option<Vec<Record>>, Error> {
        let (key_range, limit) = (KeyRange::counter(owner), Limit::Items(usize::from(SHARDS)));
        let items = retrying(self.table, async || {
            self.table.query_consistent(&key_range, SortOrder::Ascending, limit).await
        })
        .await?;
        self.limiter.spend(units_together(&items)).await;
        Ok(items.iter().map(record::read).collect::<Result<_, _>>().ok())
    }

    /// Everything that the counters of these owners count; `None` if something cannot be read.
    async fn count_at(&mut self, site: Site, owners: &[Owner]) -> Result<Option<Tallies>, Error> {
        let mut tallies = Tallies::default();
        let mut key_ranges = Vec::new();
        match site {
            Site::Organizations => {
                key_ranges.extend(KeyRange::organizations(TimeRange::ALL));
                for owner in owners {
                    if let Owner::Organization(organization) = owner {
                        key_ranges.push(KeyRange::ledgers(*organization));
                    }
                }
            }
            Site::Ledger(ledger) => {
                for owner in owners {
                    if let Owner::Ledger(scope) = owner
                        && !self.count_named(&[Place::Ledger(*scope)], &mut tallies).await?
                    {
                        return Ok(None);
                    }
                }
                key_ranges.extend(KeyRange::accounts(ledger, TimeRange::ALL));
                key_ranges.push(KeyRange::assets(ledger));
                for kind in [GroupKind::Portfolio, GroupKind::Segment, GroupKind::AccountType] {
                    key_ranges.push(KeyRange::groups(ledger, kind));
                }
            }
        }
        for key_range in key_ranges {
            if !self.count_in(&key_range, &mut tallies).await? {
                return Ok(None);
            }
        }
        Ok(Some(tallies))
    }

    /// Counts the items of the key range, and for listing items what they name. Returns `false` if one
    /// cannot be read.
    async fn count_in(&mut self, key_range: &KeyRange, into: &mut Tallies) -> Result<bool, Error> {
        let mut start = None;
        loop {
            let asked = || scan::query_page(self.table, key_range, start.clone());
            let (items, next) = retrying(self.table, async || asked().await).await?;
            self.limiter.spend(units_together(&items)).await;
            let Some(named) = count_items(&items, into) else {
                return Ok(false);
            };
            if !self.count_named(&named, into).await? {
                return Ok(false);
            }
            start = next;
            if start.is_none() {
                return Ok(true);
            }
        }
    }

    /// Counts the items at these places. Returns `false` if one cannot be read.
    async fn count_named(&mut self, places: &[Place], into: &mut Tallies) -> Result<bool, Error> {
        let keys = || places.iter().map(record::key_at);
        let items: Vec<Item> = self.get_all(keys).await?.into_rest().collect();
        Ok(count_items(&items, into).is_some())
    }
}

/// Counts the items, and returns the places that the listing items among them name; `None` if an item
/// cannot be read.
fn count_items(items: &[Item], into: &mut Tallies) -> Option<Vec<Place>> {
    let mut named = Vec::new();
    for item in items {
        let record = record::read(item).ok()?;
        into.add(&record);
        named.extend(named_by(&record));
    }
    Some(named)
}

/// What a listing item names.
fn named_by(record: &Record) -> Option<Place> {
    if let Record::OrganizationListingItem(position) = record {
        return Some(Place::Organization(OrganizationId::new(position.id)));
    }
    if let Record::AccountListingItem(_, position) = record {
        return Some(Place::Account(AccountId::new(position.id)));
    }
    None
}
