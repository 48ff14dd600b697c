//! Assets: the ports [`ReadAssets`] and [`InsertAsset`].

use subledger::account::Account;
use subledger::balance::Balance;
use subledger::error::Error;
use subledger::ledger::asset::{Asset, AssetCode};
use subledger::money::ids::{AssetId, Scope};
use subledger::page::NumberedPage;
use subledger::ports::{InsertAsset, ReadAssets};

use crate::requests::transact_write::{Outcome, TransactWrite};
use crate::schema::items;
use crate::schema::items::life::Life;
use crate::schema::key_range::KeyRange;
use crate::schema::keys::Key;
use crate::store::DynamoStore;

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
    CodeOrName,
    /// The id of the asset, and the external account and its balance, whose ids are new and whose
    /// alias is the code's.
    External,
}

impl InsertAsset for DynamoStore {
    async fn insert_asset(
        &self,
        asset: &Asset,
        external: &Account,
        balance: &Balance,
    ) -> Result<(), Error> {
        let shards = external.listing_shards;
        let transaction = TransactWrite::new()
            .put_if_absent(Write::CodeOrName, items::asset::write(asset)?)
            .put_if_absent(Write::CodeOrName, items::asset::write_name(asset)?)
            .put_if_absent(Write::External, items::asset::write_id(asset)?)
            .put_if_absent(Write::External, items::account::write(external)?)
            .put_if_absent(Write::External, items::account::write_alias(external)?)
            .put_if_absent(Write::External, items::listing::write_account(external)?)
            .put_if_absent(Write::External, items::balance::write_version(balance)?)
            .put_if_absent_now(Write::External, items::balance::write_current(balance)?)
            .put_if_absent(Write::External, items::listing::write_balance(balance, shards)?);
        let failed = match self.table.write_all(&transaction).await? {
            Outcome::Written => return Ok(()),
            Outcome::ConditionsFailed(failed) => failed,
        };
        match failed.first().map(|refusal| refusal.write) {
            Some(Write::CodeOrName) => Err(Error::AssetTaken),
            // Two version 7 UUIDs are equal only if the source of randomness is broken.
            Some(Write::External) | None => Err(Error::Contended),
        }
    }
}
