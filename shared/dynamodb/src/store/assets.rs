//! Assets: the ports [`ReadAssets`], [`InsertAsset`] and [`ChangeAssets`].

use subledger::account::{Account, Alias};
use subledger::balance::{Balance, BalanceKey};
use subledger::count::{Counted, Owner};
use subledger::error::Error;
use subledger::ledger::asset::{Asset, AssetCode};
use subledger::money::ids::{AssetId, Scope};
use subledger::page::NumberedPage;
use subledger::ports::{ChangeAssets, InsertAsset, ReadAccounts, ReadAssets, ResolveAlias};

use crate::requests::transact_write::{Condition, Outcome, TransactWrite};
use crate::schema::items;
use crate::schema::items::life::Life;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;
use crate::store::change_balance::with_next_version;
use crate::store::revisions::{Renaming, follows};

impl ReadAssets for DynamoStore {
    async fn asset(&self, scope: Scope, code: &AssetCode) -> Result<Option<Asset>, Error> {
        let item = self.table.get_consistent(&Key::Asset(scope.ledger, code)).await?;
        let asset = item.map(items::asset::read).transpose()?;
        Ok(asset.filter(|asset| asset.scope == scope))
    }

    async fn asset_by_id(&self, scope: Scope, id: AssetId) -> Result<Option<Asset>, Error> {
        let item = self.table.get_consistent(&Key::AssetId(scope.ledger, id)).await?;
        let Some(code) = item.map(items::asset::read_id).transpose()? else {
            return Ok(None);
        };
        let asset = self.asset(scope, &code).await?;
        Ok(asset.filter(|asset| asset.id == id))
    }

    async fn assets(&self, scope: Scope, page: &NumberedPage) -> Result<Vec<Asset>, Error> {
        let key_range = KeyRange::assets(scope.ledger);
        let is_shown = |life: &Life| life.is_of(scope);
        self.numbered_page_of(&key_range, page, is_shown, items::asset::read).await
    }
}

/// What the creation of an asset writes, in order of precedence.
#[derive(Debug, Clone, Copy)]
enum Write {
    Ledger,
    CodeOrName,
    /// The id of the asset, and the external account and its balance, whose ids are new and whose
    /// alias is the code's.
    External,
}

/// What an asset counts as on its ledger. It is counted in the shard of its external account, because
/// both are created and deleted together.
const COUNTED: &[Counted] = &[Counted::Assets, Counted::Accounts];

impl InsertAsset for DynamoStore {
    async fn former_external_account(
        &self,
        scope: Scope,
        code: &AssetCode,
    ) -> Result<Option<Account>, Error> {
        let Some(id) = self.account_of_alias(scope, &Alias::external(code)).await? else {
            return Ok(None);
        };
        let item = self.table.get_consistent(&Key::Account(id)).await?;
        let account = item.map(items::account::read).transpose()?;
        Ok(account.filter(|account| account.scope == scope && account.deleted_at.is_some()))
    }

    async fn insert_asset(
        &self,
        asset: &Asset,
        external: &Account,
        balance: &Balance,
    ) -> Result<(), Error> {
        let shards = external.listing_shards;
        let owner = Owner::Ledger(asset.scope);
        let account = items::account::write(external)?;
        let transaction = TransactWrite::new()
            .count_in(Write::Ledger, &owner, external.id.uuid(), COUNTED)
            .put_if_absent_now(Write::CodeOrName, items::asset::write(asset)?)
            .put_if_absent_now(Write::CodeOrName, items::asset::write_name(asset)?)
            .put_if_absent(Write::External, items::asset::write_id(asset)?);
        let transaction = match follows(external.revision) {
            None => transaction
                .put_if_absent(Write::External, account)
                .put_if_absent(Write::External, items::account::write_alias(external)?),
            Some(condition) => {
                let owner = Owner::Asset(asset.scope, asset.code.clone());
                transaction
                    .put(Write::External, account, condition)
                    .open_counter(Write::External, &owner)
            }
        };
        let transaction = transaction
            .put_if_absent_now(Write::External, items::listing::write_account(external)?)
            .put_if_absent(Write::External, items::balance::write_version(balance)?)
            .put_if_absent_now(Write::External, items::balance::write_current(balance)?)
            .put_if_absent(Write::External, items::listing::write_balance(balance, shards)?);
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(()),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.first().map(|refusal| refusal.write) {
            Some(Write::Ledger) => Err(Error::LedgerNotFound),
            Some(Write::CodeOrName) => Err(Error::AssetTaken),
            // Two version 7 UUIDs are equal only if the source of randomness is broken. Or the same
            // code was created or deleted at the same time.
            Some(Write::External) | None => Err(Error::Contended),
        }
    }
}

impl ChangeAssets for DynamoStore {
    async fn replace_asset(&self, before: &Asset, next: &Asset) -> Result<bool, Error> {
        let renaming: Renaming<'_> = if before.name.folded() == next.name.folded() {
            None
        } else {
            let name = Key::AssetName(before.scope.ledger, &before.name);
            Some((name, items::asset::write_name(next)?))
        };
        let replaced = next.timeline.revision.checked_sub(1);
        let condition = replaced.map(|replaced| Condition::AssetRevision(next.id, replaced));
        self.write_revision(items::asset::write(next)?, condition, renaming, Error::AssetTaken)
            .await
    }

    async fn external_account(&self, asset: &Asset) -> Result<Option<(Account, Balance)>, Error> {
        let alias = Alias::external(&asset.code);
        let Some(id) = self.account_of_alias(asset.scope, &alias).await? else {
            return Ok(None);
        };
        let Some(account) = self.account(asset.scope, id).await? else {
            return Ok(None);
        };
        let key = BalanceKey::default_key();
        let item = self.table.get_consistent(&Key::Balance(id, &key)).await?;
        let balance = item.map(items::balance::read).transpose()?;
        Ok(balance.map(|balance| (account, balance)))
    }

    async fn delete_asset(
        &self,
        last: &Asset,
        external: &Account,
        balance: &Balance,
    ) -> Result<bool, Error> {
        let revisions = (follows(last.timeline.revision), follows(external.revision));
        let (Some(asset), Some(account)) = revisions else {
            return Ok(false);
        };
        let ledger = last.scope.ledger;
        let listing_item = Key::AccountListingItem {
            ledger,
            created_at: external.created_at,
            account: external.id,
        };
        let owner = Owner::Asset(last.scope, last.code.clone());
        let transaction = TransactWrite::new()
            .delete((), &Key::Asset(ledger, &last.code), asset)
            .put_if_absent((), items::asset::write(last)?)
            .delete((), &Key::AssetName(ledger, &last.name), Condition::Present)
            .delete((), &Key::AssetId(ledger, last.id), Condition::Present)
            .put((), items::account::write(external)?, account)
            .delete((), &listing_item, Condition::Present)
            .count_out((), &Owner::Ledger(last.scope), external.id.uuid(), COUNTED)
            .close_counter((), &owner);
        match with_next_version(transaction, balance)? {
            Some(transaction) => self.table.write_if_current(&transaction).await,
            None => Ok(false),
        }
    }
}
