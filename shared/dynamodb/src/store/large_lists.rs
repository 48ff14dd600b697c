//! Lists whose items may be too large, or too many, to be read as a whole.
//!
//! The balances of an account, the assets of a ledger and the ledgers of an organization stand in the
//! order of their keys, which is not that of the lists. Most are small: one answer has all items, and
//! they are sorted here. Of the others only the positions are read, and then the items of the page.

use std::collections::{BTreeMap, HashMap, HashSet};

use subledger::error::Error;
use subledger::money::ids::{OrganizationId, Scope};
use subledger::page::{NumberedPage, Page, PageRequest};
use uuid::Uuid;

use crate::schema::item::Item;
use crate::schema::items::life::{self, Life};
use crate::schema::key_range::KeyRange;
use crate::schema::keys::StoredKey;
use crate::store::DynamoStore;

impl Life {
    pub(crate) fn is_of(&self, scope: Scope) -> bool {
        self.organization == scope.organization && self.ledger == Some(scope.ledger)
    }

    pub(crate) fn is_of_organization(&self, organization: OrganizationId) -> bool {
        self.organization == organization
    }
}

impl DynamoStore {
    /// The positions of all items of the key range, each id once, in its newest version.
    ///
    /// A balance that is deleted meanwhile goes to another key, further on in the range, and may be
    /// found under both.
    pub(crate) async fn lives(&self, key_range: &KeyRange) -> Result<Vec<Life>, Error> {
        let items = match self.table.query_if_small(key_range).await? {
            Some(items) => items,
            None => self.table.query_projected(key_range, &life::projection()).await?,
        };
        newest_lives(&items)
    }

    /// A page of the key range in order of creation. `read` reads an item.
    pub(crate) async fn page_of<T>(
        &self,
        key_range: &KeyRange,
        page: &PageRequest,
        is_shown: impl Fn(&Life) -> bool,
        read: impl Fn(Item) -> Result<T, Error>,
    ) -> Result<Page<T>, Error> {
        let cut = |mut lives: Vec<Life>| {
            lives.retain(is_shown);
            let page = page.page(page.query().answer(lives, Life::position), Life::position);
            (page.items, (page.previous, page.next))
        };
        let (items, (previous, next)) = self.chosen_items(key_range, cut).await?;
        let items = items.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Page { items, previous, next })
    }

    /// A numbered page of the key range in order of creation. `read` reads an item.
    pub(crate) async fn numbered_page_of<T>(
        &self,
        key_range: &KeyRange,
        page: &NumberedPage,
        is_shown: impl Fn(&Life) -> bool,
        read: impl Fn(Item) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        let cut = |mut lives: Vec<Life>| {
            lives.retain(is_shown);
            lives.sort_by_key(Life::position);
            (page.cut(lives, |life| life.created_at), ())
        };
        let (items, ()) = self.chosen_items(key_range, cut).await?;
        items.into_iter().map(read).collect()
    }

    /// The items of the lives that `cut` chooses of all in the key range, in its order, and what
    /// else it returns.
    async fn chosen_items<R>(
        &self,
        key_range: &KeyRange,
        cut: impl FnOnce(Vec<Life>) -> (Vec<Life>, R),
    ) -> Result<(Vec<Item>, R), Error> {
        if let Some(items) = self.table.query_if_small(key_range).await? {
            let (lives, rest) = cut(newest_lives(&items)?);
            return Ok((chosen(&lives, items).collect(), rest));
        }
        let lives = self.table.query_projected(key_range, &life::projection()).await?;
        let (lives, rest) = cut(newest_lives(&lives)?);
        Ok((self.items_of(&lives).await?, rest))
    }

    /// The items at these positions, in their order. What was deleted since its position was read is
    /// not there any more.
    pub(crate) async fn items_of(&self, lives: &[Life]) -> Result<Vec<Item>, Error> {
        let items = self.table.get_all_stored(keys_of(lives)).await?.into_rest();
        Ok(chosen(lives, items.collect()).collect())
    }
}

fn newest_lives(items: &[Item]) -> Result<Vec<Life>, Error> {
    let mut newest: BTreeMap<Uuid, Life> = BTreeMap::new();
    for item in items {
        let life = life::read(item)?;
        if newest.get(&life.id).is_none_or(|seen| seen.version < life.version) {
            newest.insert(life.id, life);
        }
    }
    Ok(newest.into_values().collect())
}

fn keys_of(lives: &[Life]) -> HashSet<StoredKey> {
    lives.iter().map(|life| life.key.clone()).collect()
}

/// The items of these lives that are there, in the order of the lives. Another item may have taken
/// the key of a deleted one since.
fn chosen(lives: &[Life], items: Vec<Item>) -> impl Iterator<Item = Item> + '_ {
    let with_key = items.into_iter().filter_map(|item| Some((item.key()?, item)));
    let mut items: HashMap<StoredKey, Item> = with_key.collect();
    lives.iter().filter_map(move |life| {
        let item = items.remove(&life.key)?;
        let is_it = life::read(&item).is_ok_and(|found| found.id == life.id);
        is_it.then_some(item)
    })
}
