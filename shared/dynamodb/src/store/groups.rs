//! Portfolios, segments and account types: the ports [`ReadGroups`], [`ListGroups`], [`InsertGroup`]
//! and [`ChangeGroups`].

use subledger::account::group::{AccountTypeKey, Group, GroupKind};
use subledger::count::{Counted, Owner};
use subledger::error::Error;
use subledger::money::ids::{GroupId, Scope};
use subledger::page::{NumberedPage, Page, PageRequest};
use subledger::ports::{ChangeGroups, InsertGroup, ListGroups, ReadGroups};

use crate::requests::transact_write::{Condition, Outcome, TransactWrite};
use crate::schema::items;
use crate::schema::items::life::Life;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::revisions::{Renaming, follows};

impl ReadGroups for DynamoStore {
    async fn group(
        &self,
        scope: Scope,
        kind: GroupKind,
        id: GroupId,
    ) -> Result<Option<Group>, Error> {
        let item = self.table.get_consistent(&Key::Group(scope.ledger, kind, id)).await?;
        let group = item.map(items::group::read).transpose()?;
        Ok(group.filter(|group| group.scope == scope))
    }

    async fn has_account_type(&self, scope: Scope, key: &AccountTypeKey) -> Result<bool, Error> {
        let item = self.table.get_consistent(&Key::AccountTypeKey(scope.ledger, key)).await?;
        let taken = item.map(items::group::read_unique).transpose()?;
        Ok(taken.is_some_and(|(organization, _)| organization == scope.organization))
    }
}

impl ListGroups for DynamoStore {
    async fn groups(
        &self,
        scope: Scope,
        kind: GroupKind,
        page: &NumberedPage,
    ) -> Result<Vec<Group>, Error> {
        let key_range = KeyRange::groups(scope.ledger, kind);
        let is_shown = |life: &Life| life.is_of(scope);
        self.numbered_page_of(&key_range, page, is_shown, items::group::read).await
    }

    async fn groups_page(
        &self,
        scope: Scope,
        kind: GroupKind,
        page: &PageRequest,
    ) -> Result<Page<Group>, Error> {
        let key_range = KeyRange::groups(scope.ledger, kind);
        let is_shown = |life: &Life| life.is_of(scope);
        self.page_of(&key_range, page, is_shown, items::group::read).await
    }
}

/// What the creation of a group writes, in order of precedence.
#[derive(Debug, Clone, Copy)]
enum Write {
    Ledger,
    Unique,
    Group,
}

/// What a group counts as on its ledger.
const fn counted(kind: GroupKind) -> Counted {
    match kind {
        GroupKind::Portfolio => Counted::Portfolios,
        GroupKind::Segment => Counted::Segments,
        GroupKind::AccountType => Counted::AccountTypes,
    }
}

impl InsertGroup for DynamoStore {
    async fn insert_group(&self, group: &Group) -> Result<(), Error> {
        let (owner, id) = (Owner::Ledger(group.scope), group.id.uuid());
        let counted = &[counted(group.kind())];
        let mut transaction = TransactWrite::new().count_in(Write::Ledger, &owner, id, counted);
        if let Some(unique) = items::group::write_unique(group)? {
            transaction = transaction.put_if_absent_now(Write::Unique, unique);
        }
        let transaction = transaction.put_if_absent(Write::Group, items::group::write(group)?);
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(()),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.first().map(|refusal| refusal.write) {
            Some(Write::Ledger) => Err(Error::LedgerNotFound),
            Some(Write::Unique) => Err(Error::GroupTaken { kind: group.kind() }),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(Write::Group) | None => Err(Error::Contended),
        }
    }
}

impl ChangeGroups for DynamoStore {
    async fn replace_group(&self, before: &Group, next: &Group) -> Result<bool, Error> {
        let names = (items::group::unique_key(before), items::group::unique_key(next));
        let renaming: Renaming<'_> = match names {
            (Some(name), Some(taken)) if name.stored() != taken.stored() => {
                items::group::write_unique(next)?.map(|taken| (name, taken))
            }
            (_, _) => None,
        };
        let (item, condition) = (items::group::write(next)?, follows(next.timeline.revision));
        let taken = Error::GroupTaken { kind: next.kind() };
        self.write_revision(item, condition, renaming, taken).await
    }

    async fn delete_group(&self, last: &Group) -> Result<bool, Error> {
        let Some(condition) = follows(last.timeline.revision) else {
            return Ok(false);
        };
        let (owner, id) = (Owner::Ledger(last.scope), last.id.uuid());
        let mut transaction = TransactWrite::new()
            .delete((), &Key::Group(last.scope.ledger, last.kind(), last.id), condition)
            .put_if_absent((), items::group::write(last)?)
            .count_out((), &owner, id, &[counted(last.kind())]);
        if let Some(unique) = items::group::unique_key(last) {
            transaction = transaction.delete((), &unique, Condition::Present);
        }
        match last.kind() {
            GroupKind::Portfolio | GroupKind::Segment => {
                transaction = transaction.close_counter((), &Owner::Group(last.id));
            }
            // Accounts name it by its key, and keep it.
            GroupKind::AccountType => {}
        }
        self.table.write_if_current(&transaction).await
    }
}
