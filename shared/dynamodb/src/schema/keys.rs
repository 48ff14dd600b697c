//! The schema: every item, every access pattern, and the condition behind every guarantee.
//!
//! # The table
//!
//! One table with a partition key `pk` and a sort key `sk`, both text, and no index. Ids are
//! hyphenated UUIDs in lower case and times are 27 characters of UTC, so that the order of the texts
//! is the order of the ids and times. Only the last part of a key may contain a `#` of its own.
//!
//! | Item                            | pk                              | sk                                 | written                     |
//! |---------------------------------|---------------------------------|------------------------------------|-----------------------------|
//! | organization                    | `ORG#<organization>`            | `ORG`                              | rarely                      |
//! | listing item of an organization | `ORGS`                          | `<created_at>#<organization>`      | once                        |
//! | ledger                          | `ORG#<organization>`            | `LEDGER#<ledger>`                  | rarely                      |
//! | deleted ledger                  | `ORG#<organization>`            | `LEDGER_DELETED#<ledger>`          | once, for the one above     |
//! | name of a ledger                | `ORG#<organization>`            | `LEDGER_NAME#<name, folded>`       | with each name              |
//! | asset                           | `LEDGER#<ledger>`               | `ASSET#<code>`                     | rarely                      |
//! | deleted asset                   | `LEDGER#<ledger>`               | `ASSET_DELETED#<asset>`            | once, for the one above     |
//! | name of an asset                | `LEDGER#<ledger>`               | `ASSET_NAME#<name, folded>`        | with each name              |
//! | id of an asset                  | `LEDGER#<ledger>`               | `ASSET_ID#<asset>`                 | once, names the code        |
//! | portfolio                       | `LEDGER#<ledger>`               | `PORTFOLIO#<portfolio>`            | rarely                      |
//! | deleted portfolio               | `LEDGER#<ledger>`               | `PORTFOLIO_DELETED#<portfolio>`    | once, for the one above     |
//! | segment                         | `LEDGER#<ledger>`               | `SEGMENT#<segment>`                | rarely                      |
//! | deleted segment                 | `LEDGER#<ledger>`               | `SEGMENT_DELETED#<segment>`        | once, for the one above     |
//! | name of a segment               | `LEDGER#<ledger>`               | `SEGMENT_NAME#<name, folded>`      | with each name              |
//! | account type                    | `LEDGER#<ledger>`               | `ACCOUNT_TYPE#<account type>`      | rarely                      |
//! | deleted account type            | `LEDGER#<ledger>`               | `ACCOUNT_TYPE_DELETED#<id>`        | once, for the one above     |
//! | key of an account type          | `LEDGER#<ledger>`               | `ACCOUNT_TYPE_KEY#<key>`           | once                        |
//! | alias                           | `ALIAS#<ledger>#<alias>`        | `ALIAS`                            | once, names the account     |
//! | account                         | `ACCOUNT#<account>`             | `ACCOUNT`                          | rarely                      |
//! | listing item of an account      | `ACCOUNTS#<ledger>`             | `<created_at>#<account>`           | once                        |
//! | balance (its current version)   | `ACCOUNT#<account>`             | `BALANCE#<key>`                    | on every change             |
//! | deleted balance (its last one)  | `ACCOUNT#<account>`             | `BALANCE_DELETED#<balance>`        | once, for the one above     |
//! | version 0 of a balance          | `BALANCE#<balance>`             | `AT#0001-01-01T00:00:00.000000Z`   | once                        |
//! | version n of a balance          | `BALANCE#<balance>`             | `AT#<recorded_at>`                 | once per change             |
//! | listing item of a balance       | `LEDGER#<ledger>#<shard>`       | `<created_at>#<balance>`           | once, names account and key |
//! | transaction                     | `TRANSACTION#<transaction>`     | `TRANSACTION`                      | on every step               |
//! | listing item of a transaction   | `TRANSACTIONS#<ledger>#<shard>` | `<created_at>#<transaction>`       | once                        |
//! | counter                         | `COUNTS#<owner>`                | `SHARD#<shard>`                    | with each object            |
//!
//! - A *listing item* puts an item into a list in order of creation. It names the item and does not
//!   repeat it. So it never changes, and changing the item writes no list; it is small, so skipping
//!   to a late page is cheap; and the items of a page are read with one `BatchGetItem`.
//! - The key of version 0 follows from the id of the balance alone and sorts before every time. So a
//!   repeated creation finds it whatever account or time the request names, and a question about a
//!   moment before the creation still finds the balance.
//! - The current version and the versions have different partition keys: a busy balance may spend a
//!   partition on each.
//! - A name is *folded*: without its case and with one space for each run of spaces, in normalization
//!   form C. So two spellings of one name have one key.
//! - A name that is too long for a key stands as its SHA-256, under `LONG_LEDGER_NAME#`,
//!   `LONG_ASSET_NAME#` and `LONG_SEGMENT_NAME#`.
//! - A *counter* has how many objects of each kind stand on its owner: on everything (`SYSTEM`, for
//!   organizations), an organization (`ORG#<organization>`, for its ledgers and the organizations below
//!   it), a ledger (`LEDGER#<organization>#<ledger>`, for its assets, accounts, portfolios, segments
//!   and account types), an asset (`ASSET#<organization>#<ledger>#<code>`) or a portfolio or segment
//!   (`GROUP#<id>`, both for their accounts). It is spread over 16 shards, so that objects can be
//!   created at the same time; the id of an object tells its shard, as it does for a listing. Deleting
//!   the owner closes the counter, and what would stand on it is refused from then on.
//! - The shard of a balance, or of a transaction, is its id without the last three digits, modulo the
//!   shard count of its ledger. The low bits of an id are evenly spread: random in a version 7 UUID, a
//!   part of a SHA-256 hash in a version 8 UUID.
//! - The id of a transaction ends in three zeros, and the ids of its operations in their numbers. So an
//!   operation is found by its id alone.
//! - The item of a transaction contains its operations, that is, what it did to every balance. The
//!   versions that it made name the transaction.
//!
//! # Access patterns
//!
//! Every read is strongly consistent. Units are of items below 1 kB (written) and 4 kB (read).
//!
//! | #  | Access pattern                              | Operation                                                                               | Units                              |
//! |----|---------------------------------------------|-----------------------------------------------------------------------------------------|------------------------------------|
//! | 1  | create an organization                      | transaction: organization, listing item, counter (and that of its parent)               | 6 W (8 W)                          |
//! | 2  | the organization                            | Get organization                                                                        | 1 R                                |
//! | 3  | organizations in order of creation          | Query `ORGS` up to the page; `BatchGetItem` n                                           | ≤ n + 1 R                          |
//! | 4  | create a ledger                             | transaction: ledger, name, counter                                                      | 6 W                                |
//! | 5  | the ledger                                  | Get ledger                                                                              | 1 R                                |
//! | 6  | ledgers in order of creation                | Query `LEDGER#`, up to the page (their ids have the order of creation), or as in 19     | 1 R                                |
//! | 7  | create an asset                             | 13; transaction: asset, name, id, counter, and 11 with its balance                      | 1 R + 20 W                         |
//! | 8  | the asset with this code                    | Get asset                                                                               | 1 R                                |
//! | 9  | the asset with this id; assets              | Get id, Get asset; Query `ASSET#` as in 19                                              | 2 R; 1 R per 4 kB                  |
//! | 10 | the account                                 | Get account                                                                             | 1 R                                |
//! | 11 | create an account                           | transaction: account, alias, listing item, counters of ledger and asset (and of portfolio and segment; and a balance as in 15) | 10 W (20 W) |
//! | 12 | change an account                           | transaction: account (and the counters of a portfolio or segment that it leaves or enters) | 2 W (10 W)                      |
//! | 13 | the account of an alias                     | Get alias                                                                               | 1 R                                |
//! | 14 | accounts in order of creation               | Query `ACCOUNTS#` up to the page; `BatchGetItem` n                                      | ≤ n + 1 R                          |
//! | 15 | open a balance                              | transaction: version 0, balance, account (check, or put if being deleted), listing item | 8 W                                |
//! | 16 | version 0 of a balance                      | Get version 0                                                                           | 1 R                                |
//! | 17 | has the account this key                    | Get balance                                                                             | 1 R                                |
//! | 18 | the balance now                             | Query `AT#`, descending, 1                                                              | 1 R                                |
//! | 19 | balances of an account                      | Query `BALANCE#`, all; over 1 MB ids and times, then `BatchGetItem` n                   | 1 R per 4 kB                       |
//! | 20 | balances of a ledger, page of n             | Get ledger, once per process; Query each shard, n + 1; `BatchGetItem` n + 1             | ≤ 1.05 n + 4 R                     |
//! | 21 | the balance as of a moment                  | Query `AT#` up to the moment, descending, 1                                             | 1 R                                |
//! | 22 | balances an account ever had                | Query `BALANCE`, all; over 1 MB ids and times, then 21 for each on the page             | 1 R per 4 kB                       |
//! | 23 | versions of a balance, page of n            | Get version 0 and Query `AT#` between two moments, n + 1                                | 1 + 1 R per 4 kB                   |
//! | 24 | change a balance                            | transaction: version n, balance                                                         | 4 W                                |
//! | 25 | delete a balance                            | transaction: version n, balance (delete), deleted balance                               | 6 W                                |
//! | 26 | change a balance, open an overdraft balance | transaction: as in 24 and 15, without the account                                       | 10 W                               |
//! | 27 | what a step decides on                      | `BatchGetItem` accounts, balances, overdraft balances; aliases once                     | ≤ 2 R per leg, 1 R per overdraft   |
//! | 28 | post a transaction                          | transaction: transaction, listing item, and 24 for each balance                         | 4 W + 4 W per balance              |
//! | 29 | the transaction                             | Get transaction                                                                         | 1 R per 4 kB                       |
//! | 30 | finalize or change a transaction            | transaction: transaction, and 24 for each balance                                       | 2 W per kB + 4 W per balance       |
//! | 31 | revert a transaction                        | transaction: as in 28, and the reverted transaction                                     | 6 W + 4 W per balance              |
//! | 32 | transactions of a ledger, page of n         | Get ledger, once per process; Query each shard, n + 1; `BatchGetItem` n + 1             | ≤ 1.05 n + 4 R                     |
//! | 33 | number of transactions                      | Query each shard, count                                                                 | 1 R per 4 kB                       |
//! | 34 | operations of an account, page of n         | 22; Query `AT#` of each balance, n + 2; `BatchGetItem` their transactions               | ≤ 1 R per operation + 1 R per 4 kB |
//! | 35 | delete an account                           | 12; transaction: account, listing item (delete), counters as in 11, and 25 for each balance | 10 W + 6 W per balance         |
//! | 36 | close an account                            | 12; transaction: account, and 24 for each balance                                       | 4 W + 4 W per balance              |
//! | 37 | number of organizations, ledgers, assets, accounts, portfolios, segments | Query the counter; with dates or a filter as the list   | 1 R                                |
//! | 38 | change an organization, a ledger or an asset | transaction: the item (and the names, or the counters of parents)                      | 2 W (6 W)                          |
//! | 39 | delete an organization                      | 37; transaction: organization, listing item (delete), all shards of its counter, counter | 1 R + 38 W                        |
//! | 40 | delete a ledger                             | 37; transaction: ledger (delete), deleted ledger, name (delete), all shards of its counter, counter | 1 R + 40 W              |
//! | 41 | delete an asset                             | 37, 13, 10, 17; transaction: asset (delete), deleted asset, name and id (delete), all shards of its counter, and 35 | 4 R + 52 W |
//! | 42 | create a portfolio, a segment or an account type | transaction: the item, counter, name or key (not for a portfolio)     | 4 W (6 W)                          |
//! | 43 | the group with this id; groups              | Get; Query the prefix as in 19                                                          | 1 R; 1 R per 4 kB                  |
//! | 44 | has the ledger this account type            | Get key                                                                                 | 1 R                                |
//! | 45 | change or delete a group                    | as in 38; 37, transaction: item (delete), deleted item, name or key (delete), all shards of its counter, counter | 2 W (6 W); 1 R + 40 W |
//! | 46 | is the table there                          | Get an organization that nobody has                                                     | 1 R                                |
//!
//! - A filtered list reads on until its page is full. 3, 6 and 14 read at most 10,001 listing items, and of
//!   10,000 objects a hundred at a time; 32 and 34 a thousand a page, and 33 in this way too, up to
//!   10,000. A filter by alias is 13 and 10.
//! - Closing an account is 12 with a version of each balance, so the condition on the version keeps a posting
//!   that runs at the same time out.
//! - A transaction stands in its listing under the time of creation that it shows, which is the client's
//!   date if it has one. 34 with dates reads on from the first of them, because an operation is recorded
//!   at its date or later.
//!
//! # Which condition keeps which guarantee
//!
//! | Guarantee                                       | Condition                                                                                   |
//! |-------------------------------------------------|---------------------------------------------------------------------------------------------|
//! | an idempotency key means one request            | `attribute_not_exists(pk)` on version 0, on the account: their ids are derived from the key |
//! | a balance is opened once per account and key    | `attribute_not_exists(pk)` on the balance                                                   |
//! | the account is what the decision was made on    | `revision = :revision` on the account                                                       |
//! | a change of an account is not lost              | `revision = :revision` on the account that is replaced                                      |
//! | an alias always names the same account          | `attribute_not_exists(pk)` on the alias                                                     |
//! | a ledger's name is unique in its organization   | `attribute_not_exists(pk)` on the name                                                      |
//! | an asset's code and name are unique in a ledger | `attribute_not_exists(pk)` on the asset and on the name                                     |
//! | a segment's name, and an account type's key, too | `attribute_not_exists(pk)` on the name, on the key                                         |
//! | a change of any of these is not lost            | `revision = :revision` on the item that is replaced, and `id = :id` on an asset             |
//! | nothing stands on what is deleted               | every count of every shard is absent or zero when the owner's counter is closed             |
//! | nothing is created on what was deleted          | `attribute_not_exists(closed)` on the counter of each owner                                 |
//! | versions have no gap and no fork                | `version = :version AND id = :id` on the balance that is replaced                           |
//! | history is append only                          | `attribute_not_exists(pk)` on the version                                                   |
//! | a transaction is posted once                    | `attribute_not_exists(pk)` on the transaction: its id is derived from the key               |
//! | a step of a transaction is taken once           | `revision = :revision` on the transaction                                                   |
//! | a transaction is reverted once                  | `revision = :revision` on the reverted transaction                                          |

use std::collections::HashMap;
use std::fmt;

use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};
use subledger::account::Alias;
use subledger::account::group::{AccountTypeKey, GroupKind};
use subledger::balance::BalanceKey;
use subledger::count::Owner;
use subledger::ledger::asset::AssetCode;
use subledger::money::ids::{
    AccountId, AssetId, BalanceId, GroupId, LedgerId, OrganizationId, Scope, TransactionId,
};
use subledger::money::timestamp::Timestamp;
use subledger::money::unique_name::UniqueName;
use subledger::page::ListPosition;
use uuid::Uuid;

use crate::schema::item::Attributes;

/// The attribute that holds the partition key.
pub const PK: &str = "pk";
/// The attribute that holds the sort key.
pub const SK: &str = "sk";
/// The attribute that holds the id of a balance, or of an asset.
pub const ID: &str = "id";
/// The attribute that counts the changes of what has no versions.
pub const REVISION: &str = "revision";
/// The attribute that counts the changes of a balance.
pub const VERSION: &str = "version";

/// The longest name that stands in a sort key as it is, in bytes. A sort key has at most 1,024,
/// and a name of 256 characters may be longer.
const NAME_BYTES_MAX: usize = 900;

/// The key of an item. The table at the top of this page says what stands under each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table of the items says what each is")]
pub enum Key<'a> {
    Organization(OrganizationId),
    OrganizationListingItem { created_at: Timestamp, organization: OrganizationId },
    Ledger(Scope),
    DeletedLedger(Scope),
    LedgerName(OrganizationId, &'a UniqueName),
    Asset(LedgerId, &'a AssetCode),
    DeletedAsset(LedgerId, AssetId),
    AssetName(LedgerId, &'a UniqueName),
    AssetId(LedgerId, AssetId),
    Group(LedgerId, GroupKind, GroupId),
    DeletedGroup(LedgerId, GroupKind, GroupId),
    SegmentName(LedgerId, &'a UniqueName),
    AccountTypeKey(LedgerId, &'a AccountTypeKey),
    Alias(LedgerId, &'a Alias),
    Account(AccountId),
    AccountListingItem { ledger: LedgerId, created_at: Timestamp, account: AccountId },
    Balance(AccountId, &'a BalanceKey),
    DeletedBalance(AccountId, BalanceId),
    FirstVersion(BalanceId),
    LaterVersion(BalanceId, Timestamp),
    BalanceListingItem { ledger: LedgerId, shard: u8, position: ListPosition },
    Transaction(TransactionId),
    TransactionListingItem { ledger: LedgerId, shard: u8, position: ListPosition },
    Counter { owner: &'a Owner, shard: u8 },
}

impl Key<'_> {
    fn pk(&self) -> String {
        match self {
            Self::Organization(organization) => in_organization(*organization),
            Self::OrganizationListingItem { .. } => ORGANIZATIONS.to_owned(),
            Self::Ledger(scope) | Self::DeletedLedger(scope) => in_organization(scope.organization),
            Self::LedgerName(organization, _) => in_organization(*organization),
            Self::Asset(ledger, _)
            | Self::DeletedAsset(ledger, _)
            | Self::AssetName(ledger, _)
            | Self::AssetId(ledger, _)
            | Self::Group(ledger, ..)
            | Self::DeletedGroup(ledger, ..)
            | Self::SegmentName(ledger, _)
            | Self::AccountTypeKey(ledger, _) => in_ledger(*ledger),
            Self::Alias(ledger, alias) => format!("ALIAS#{ledger}#{alias}"),
            Self::Account(account)
            | Self::Balance(account, _)
            | Self::DeletedBalance(account, _) => in_account(*account),
            Self::AccountListingItem { ledger, .. } => accounts_of(*ledger),
            Self::FirstVersion(balance) | Self::LaterVersion(balance, _) => in_balance(*balance),
            Self::BalanceListingItem { ledger, shard, .. } => balances_of(*ledger, *shard),
            Self::Transaction(transaction) => format!("TRANSACTION#{transaction}"),
            Self::TransactionListingItem { ledger, shard, .. } => transactions_of(*ledger, *shard),
            Self::Counter { owner, .. } => counts_of(owner),
        }
    }

    fn sk(&self) -> String {
        match self {
            Self::Organization(_) => "ORG".to_owned(),
            Self::OrganizationListingItem { created_at, organization } => {
                list_key(*created_at, organization.uuid())
            }
            Self::Ledger(scope) => format!("{LEDGERS}{}", scope.ledger),
            Self::DeletedLedger(scope) => format!("LEDGER_DELETED#{}", scope.ledger),
            Self::LedgerName(_, name) => name_key("LEDGER_NAME#", name),
            Self::Asset(_, code) => format!("{ASSETS}{code}"),
            Self::DeletedAsset(_, asset) => format!("ASSET_DELETED#{asset}"),
            Self::AssetName(_, name) => name_key("ASSET_NAME#", name),
            Self::AssetId(_, asset) => format!("ASSET_ID#{asset}"),
            Self::Group(_, kind, group) => format!("{}{group}", groups(*kind)),
            Self::DeletedGroup(_, kind, group) => format!("{}{group}", deleted_groups(*kind)),
            Self::SegmentName(_, name) => name_key("SEGMENT_NAME#", name),
            Self::AccountTypeKey(_, key) => format!("ACCOUNT_TYPE_KEY#{key}"),
            Self::Alias(..) => "ALIAS".to_owned(),
            Self::Account(_) => "ACCOUNT".to_owned(),
            Self::AccountListingItem { created_at, account, .. } => {
                list_key(*created_at, account.uuid())
            }
            Self::Balance(_, key) => format!("{BALANCES}{key}"),
            Self::DeletedBalance(_, balance) => format!("{BALANCES_EVER}_DELETED#{balance}"),
            Self::FirstVersion(_) => at(Timestamp::MIN),
            Self::LaterVersion(_, recorded_at) => at(*recorded_at),
            Self::BalanceListingItem { position, .. }
            | Self::TransactionListingItem { position, .. } => list_key(position.at, position.id),
            Self::Transaction(_) => "TRANSACTION".to_owned(),
            Self::Counter { shard, .. } => format!("{COUNTER_SHARDS}{shard}"),
        }
    }

    /// The kind of the item and the ids in its key: see [`StoredKey::for_log`].
    pub fn for_log(&self) -> String {
        self.stored().for_log()
    }

    /// The key as it is stored.
    pub fn stored(&self) -> StoredKey {
        StoredKey { pk: self.pk(), sk: self.sk() }
    }
}

/// For people: partition key, blank, sort key.
impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pk(), self.sk())
    }
}

/// The two attributes of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoredKey {
    /// The partition key.
    pub pk: String,
    /// The sort key.
    pub sk: String,
}

impl StoredKey {
    /// The key among the attributes of an item; `None` unless both parts are texts.
    pub fn of(attributes: &Attributes) -> Option<Self> {
        let text = |name| attributes.get(name)?.as_s().ok().cloned();
        Some(Self { pk: text(PK)?, sk: text(SK)? })
    }

    /// Takes the key out of the attributes of an item; `None` unless both parts are texts.
    pub fn take_from(attributes: &mut Attributes) -> Option<Self> {
        let mut text = |name| match attributes.remove(name) {
            Some(AttributeValue::S(text)) => Some(text),
            Some(_) | None => None,
        };
        Some(Self { pk: text(PK)?, sk: text(SK)? })
    }

    /// The key as the attributes of an item.
    pub fn into_attributes(self) -> Attributes {
        let text = |name: &str, text| (name.to_owned(), AttributeValue::S(text));
        HashMap::from([text(PK, self.pk), text(SK, self.sk)])
    }

    /// The sort key.
    pub fn sort_key(&self) -> &str {
        &self.sk
    }

    /// Reads the sort key of a listing item: its position in the list.
    pub fn list_position(&self) -> Option<ListPosition> {
        let (created_at, id) = self.sort_key().split_once('#')?;
        let position = ListPosition {
            at: Timestamp::parse_fixed_width(created_at)?,
            id: Uuid::try_parse(id).ok()?,
        };
        (list_key(position.at, position.id) == self.sort_key()).then_some(position)
    }

    /// The time in the key of a version; the earliest time there is for version 0.
    pub fn version(&self) -> Option<Timestamp> {
        Timestamp::parse_fixed_width(self.sort_key().strip_prefix(VERSIONS)?)
    }

    /// Reads the key of a shard of a counter: whose counter it is, and the number of the shard.
    pub fn counter_shard(&self) -> Option<(Owner, u8)> {
        let scope = |organization, ledger| {
            let organization = OrganizationId::new(parse_id(organization)?);
            Some(Scope { organization, ledger: LedgerId::new(parse_id(ledger)?) })
        };
        let parts: Vec<&str> = self.pk.split('#').collect();
        let owner = match parts.as_slice() {
            ["COUNTS", "SYSTEM"] => Owner::System,
            ["COUNTS", "ORG", id] => Owner::Organization(OrganizationId::new(parse_id(id)?)),
            ["COUNTS", "LEDGER", organization, ledger] => {
                Owner::Ledger(scope(organization, ledger)?)
            }
            ["COUNTS", "ASSET", organization, ledger, code] => {
                Owner::Asset(scope(organization, ledger)?, AssetCode::parse(code).ok()?)
            }
            ["COUNTS", "GROUP", id] => Owner::Group(GroupId::new(parse_id(id)?)),
            _ => return None,
        };
        let shard = self.sort_key().strip_prefix(COUNTER_SHARDS)?.parse().ok()?;
        let key = Key::Counter { owner: &owner, shard }.stored();
        (key == *self).then_some((owner, shard))
    }

    /// The kind of the item and the ids and times in its key, without what clients chose: no alias,
    /// no key of a balance, no name. What a log may show of a key.
    pub fn for_log(&self) -> String {
        let Some(kind) = self.kind() else {
            return "an item of an unknown kind".to_owned();
        };
        let own = |part: &str| {
            let is_constant = !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            is_constant || parse_id(part).is_some() || Timestamp::parse_fixed_width(part).is_some()
        };
        // A client's words stand behind the id of a ledger in the one partition key, and behind the
        // kind in the other sort keys.
        let has_words = matches!(
            kind,
            Kind::Balance
                | Kind::Asset
                | Kind::AssetName(_)
                | Kind::LedgerName(_)
                | Kind::SegmentName(_)
                | Kind::AccountTypeKey(_)
        );
        let shown = |text: &str, parts_max: usize| {
            let parts = text.split('#').take(parts_max);
            parts.map(|part| if own(part) { part } else { "…" }).collect::<Vec<_>>().join("#")
        };
        format!("{} {}", shown(&self.pk, 2), shown(&self.sk, if has_words { 1 } else { 2 }))
    }

    /// What kind of item has the key; `None` if the table above has no such key.
    pub fn kind(&self) -> Option<Kind> {
        let (pk, sk) = (self.pk.as_str(), self.sort_key());
        let (family, owner) = pk.split_once('#').unwrap_or((pk, ""));
        let prefix = sk.split('#').next().unwrap_or(sk);
        Some(match (family, prefix) {
            ("ORG", "ORG") => Kind::Organization,
            ("ORG", "LEDGER") => Kind::Ledger,
            ("ORG", "LEDGER_DELETED") => Kind::DeletedLedger,
            ("ORG", "LEDGER_NAME" | "LONG_LEDGER_NAME") => {
                Kind::LedgerName(OrganizationId::new(parse_id(owner)?))
            }
            ("ORGS", _) => Kind::OrganizationListingItem,
            ("LEDGER", "ASSET") => Kind::Asset,
            ("LEDGER", "ASSET_DELETED") => Kind::DeletedAsset,
            ("LEDGER", "PORTFOLIO" | "SEGMENT" | "ACCOUNT_TYPE") => Kind::Group,
            ("LEDGER", "PORTFOLIO_DELETED" | "SEGMENT_DELETED" | "ACCOUNT_TYPE_DELETED") => {
                Kind::DeletedGroup
            }
            ("LEDGER", "SEGMENT_NAME" | "LONG_SEGMENT_NAME") => {
                Kind::SegmentName(LedgerId::new(parse_id(owner)?))
            }
            ("LEDGER", "ACCOUNT_TYPE_KEY") => Kind::AccountTypeKey(LedgerId::new(parse_id(owner)?)),
            ("LEDGER", "ASSET_NAME" | "LONG_ASSET_NAME") => {
                Kind::AssetName(LedgerId::new(parse_id(owner)?))
            }
            ("LEDGER", "ASSET_ID") => {
                let asset = parse_id(sk.strip_prefix("ASSET_ID#")?)?;
                Kind::AssetId(LedgerId::new(parse_id(owner)?), AssetId::new(asset))
            }
            ("LEDGER", _) => {
                parse_shard(owner).map(|(ledger, at)| Kind::BalanceListingItem(ledger, at))?
            }
            ("ALIAS", "ALIAS") => Kind::Alias,
            ("ACCOUNT", "ACCOUNT") => Kind::Account,
            ("ACCOUNT", "BALANCE") => Kind::Balance,
            ("ACCOUNT", "BALANCE_DELETED") => Kind::DeletedBalance,
            ("ACCOUNTS", _) => Kind::AccountListingItem(LedgerId::new(parse_id(owner)?)),
            ("BALANCE", "AT") => Kind::Version,
            ("TRANSACTION", "TRANSACTION") => Kind::Transaction,
            ("TRANSACTIONS", _) => {
                parse_shard(owner).map(|(ledger, at)| Kind::TransactionListingItem(ledger, at))?
            }
            ("COUNTS", "SHARD") => Kind::Counter,
            _ => return None,
        })
    }
}

/// For people: partition key, blank, sort key.
impl fmt::Display for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.pk, self.sk)
    }
}

pub(super) const ORGANIZATIONS: &str = "ORGS";
pub(super) const LEDGERS: &str = "LEDGER#";
pub(super) const ASSETS: &str = "ASSET#";
pub(super) const BALANCES: &str = "BALANCE#";
pub(super) const BALANCES_EVER: &str = "BALANCE";
pub(super) const VERSIONS: &str = "AT#";
pub(super) const COUNTER_SHARDS: &str = "SHARD#";

pub(super) const fn groups(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Portfolio => "PORTFOLIO#",
        GroupKind::Segment => "SEGMENT#",
        GroupKind::AccountType => "ACCOUNT_TYPE#",
    }
}

const fn deleted_groups(kind: GroupKind) -> &'static str {
    match kind {
        GroupKind::Portfolio => "PORTFOLIO_DELETED#",
        GroupKind::Segment => "SEGMENT_DELETED#",
        GroupKind::AccountType => "ACCOUNT_TYPE_DELETED#",
    }
}

pub(super) fn counts_of(owner: &Owner) -> String {
    match owner {
        Owner::System => "COUNTS#SYSTEM".to_owned(),
        Owner::Organization(organization) => format!("COUNTS#ORG#{organization}"),
        Owner::Ledger(scope) => format!("COUNTS#LEDGER#{}#{}", scope.organization, scope.ledger),
        Owner::Asset(scope, code) => {
            format!("COUNTS#ASSET#{}#{}#{code}", scope.organization, scope.ledger)
        }
        Owner::Group(group) => format!("COUNTS#GROUP#{group}"),
    }
}

pub(super) fn in_organization(organization: OrganizationId) -> String {
    format!("ORG#{organization}")
}

pub(super) fn in_ledger(ledger: LedgerId) -> String {
    format!("LEDGER#{ledger}")
}

pub(super) fn balances_of(ledger: LedgerId, shard: u8) -> String {
    format!("LEDGER#{ledger}#{shard}")
}

pub(super) fn transactions_of(ledger: LedgerId, shard: u8) -> String {
    format!("TRANSACTIONS#{ledger}#{shard}")
}

pub(super) fn accounts_of(ledger: LedgerId) -> String {
    format!("ACCOUNTS#{ledger}")
}

pub(super) fn in_account(account: AccountId) -> String {
    format!("ACCOUNT#{account}")
}

pub(super) fn in_balance(balance: BalanceId) -> String {
    format!("BALANCE#{balance}")
}

pub(super) fn at(moment: Timestamp) -> String {
    format!("{VERSIONS}{}", moment.fixed_width())
}

pub(super) fn list_key(created_at: Timestamp, id: Uuid) -> String {
    format!("{}#{}", created_at.fixed_width(), id.hyphenated())
}

fn name_key(prefix: &str, name: &UniqueName) -> String {
    let folded = name.folded();
    if folded.len() <= NAME_BYTES_MAX {
        return format!("{prefix}{folded}");
    }
    let digest = Sha256::digest(folded.as_bytes());
    digest.iter().fold(format!("LONG_{prefix}"), |key, byte| format!("{key}{byte:02x}"))
}

/// The kind of an item as its key tells it, with what stands in the key alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table of the items says what each is")]
pub enum Kind {
    Organization,
    OrganizationListingItem,
    Ledger,
    DeletedLedger,
    LedgerName(OrganizationId),
    Asset,
    DeletedAsset,
    AssetName(LedgerId),
    AssetId(LedgerId, AssetId),
    Group,
    DeletedGroup,
    SegmentName(LedgerId),
    AccountTypeKey(LedgerId),
    Alias,
    Account,
    AccountListingItem(LedgerId),
    Balance,
    DeletedBalance,
    Version,
    BalanceListingItem(LedgerId, u8),
    Transaction,
    TransactionListingItem(LedgerId, u8),
    Counter,
}

fn parse_id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|id| id.hyphenated().to_string() == text)
}

fn parse_shard(owner: &str) -> Option<(LedgerId, u8)> {
    let (ledger, shard) = owner.split_once('#')?;
    let parsed = (LedgerId::new(parse_id(ledger)?), shard.parse().ok()?);
    (format!("{}#{}", parsed.0, parsed.1) == owner).then_some(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{moment, s, scope, uuid};
    use subledger::ledger::ListingShards;

    const ORGANIZATION: &str = "01920000-0000-7000-8000-000000000001";
    const LEDGER: &str = "01920000-0000-7000-8000-000000000002";
    const ID: &str = "01920000-0000-7000-8000-000000000009";
    const TIME: &str = "1970-01-01T00:00:01.500000Z";

    #[track_caller]
    fn check(key: Key<'_>, pk: &str, sk: &str) {
        assert_eq!((key.pk().as_str(), key.sk().as_str()), (pk, sk));
        assert_eq!(key.to_string(), format!("{pk} {sk}"));
        let mut attributes = key.stored().into_attributes();
        let expected = [("pk", pk), ("sk", sk)].map(|(name, text)| (name.to_owned(), s(text)));
        assert_eq!(attributes, HashMap::from(expected));
        assert_eq!(StoredKey::take_from(&mut attributes), Some(key.stored()));
        assert!(attributes.is_empty());
        assert_eq!(key.stored().to_string(), key.to_string());
    }

    fn stored(pk: &str, sk: &str) -> StoredKey {
        StoredKey { pk: pk.to_owned(), sk: sk.to_owned() }
    }

    fn position(micros: i64, id: u128) -> ListPosition {
        ListPosition { at: moment(micros), id: Uuid::from_u128(id) }
    }

    #[test]
    fn every_item_is_where_the_table_says() {
        let Scope { organization, ledger } = scope();
        let (account, balance) = (AccountId::new(uuid(9)), BalanceId::new(uuid(9)));
        let created_at = moment(1_500_000);
        let name = UniqueName::parse("Main Übersicht").unwrap();
        let (code, alias) = (AssetCode::usd(), Alias::external(&AssetCode::usd()));
        let key = BalanceKey::parse("savings#1").unwrap();
        let own = |part: &str| format!("{part}#{ID}");
        let (in_organization, in_ledger) =
            (format!("ORG#{ORGANIZATION}"), format!("LEDGER#{LEDGER}"));
        let listing_item = format!("{TIME}#{ID}");

        check(Key::Organization(organization), &in_organization, "ORG");
        let key_of =
            Key::OrganizationListingItem { created_at, organization: OrganizationId::new(uuid(9)) };
        check(key_of, "ORGS", &listing_item);
        check(Key::Ledger(scope()), &in_organization, &in_ledger);
        check(Key::LedgerName(organization, &name), &in_organization, "LEDGER_NAME#main übersicht");
        check(Key::Asset(ledger, &code), &in_ledger, "ASSET#USD");
        check(Key::AssetName(ledger, &name), &in_ledger, "ASSET_NAME#main übersicht");
        check(Key::AssetId(ledger, AssetId::new(uuid(9))), &in_ledger, &own("ASSET_ID"));
        check(Key::Alias(ledger, &alias), &format!("ALIAS#{LEDGER}#@external/USD"), "ALIAS");
        check(Key::Account(account), &own("ACCOUNT"), "ACCOUNT");
        let key_of = Key::AccountListingItem { ledger, created_at, account };
        check(key_of, &format!("ACCOUNTS#{LEDGER}"), &listing_item);
        check(Key::Balance(account, &key), &own("ACCOUNT"), "BALANCE#savings#1");
        check(Key::DeletedBalance(account, balance), &own("ACCOUNT"), &own("BALANCE_DELETED"));
        check(Key::FirstVersion(balance), &own("BALANCE"), "AT#0001-01-01T00:00:00.000000Z");
        check(Key::LaterVersion(balance, created_at), &own("BALANCE"), &format!("AT#{TIME}"));
        let key_of = Key::BalanceListingItem {
            ledger,
            shard: 63,
            position: ListPosition { at: created_at, id: uuid(9) },
        };
        check(key_of, &format!("LEDGER#{LEDGER}#63"), &listing_item);
        check(Key::Transaction(TransactionId::new(uuid(9))), &own("TRANSACTION"), "TRANSACTION");
        let position = ListPosition { at: created_at, id: uuid(9) };
        let key_of = Key::TransactionListingItem { ledger, shard: 7, position };
        check(key_of, &format!("TRANSACTIONS#{LEDGER}#7"), &listing_item);
        check(Key::DeletedLedger(scope()), &in_organization, &format!("LEDGER_DELETED#{LEDGER}"));
        check(Key::DeletedAsset(ledger, AssetId::new(uuid(9))), &in_ledger, &own("ASSET_DELETED"));
        check(Key::SegmentName(ledger, &name), &in_ledger, "SEGMENT_NAME#main übersicht");
        let key = AccountTypeKey::parse("Current_Assets-1").unwrap();
        check(Key::AccountTypeKey(ledger, &key), &in_ledger, "ACCOUNT_TYPE_KEY#current_assets-1");
        for (kind, sk) in [
            (GroupKind::Portfolio, "PORTFOLIO"),
            (GroupKind::Segment, "SEGMENT"),
            (GroupKind::AccountType, "ACCOUNT_TYPE"),
        ] {
            let group = GroupId::new(uuid(9));
            check(Key::Group(ledger, kind, group), &in_ledger, &own(sk));
            let deleted = own(&format!("{sk}_DELETED"));
            check(Key::DeletedGroup(ledger, kind, group), &in_ledger, &deleted);
        }
        for (owner, pk) in owners() {
            check(Key::Counter { owner: &owner, shard: 15 }, &pk, "SHARD#15");
        }
    }

    /// An owner of each kind, and the partition key of its counter.
    fn owners() -> [(Owner, String); 5] {
        [
            (Owner::System, "COUNTS#SYSTEM".to_owned()),
            (Owner::Organization(scope().organization), format!("COUNTS#ORG#{ORGANIZATION}")),
            (Owner::Ledger(scope()), format!("COUNTS#LEDGER#{ORGANIZATION}#{LEDGER}")),
            (
                Owner::Asset(scope(), AssetCode::usd()),
                format!("COUNTS#ASSET#{ORGANIZATION}#{LEDGER}#USD"),
            ),
            (Owner::Group(GroupId::new(uuid(9))), format!("COUNTS#GROUP#{ID}")),
        ]
    }

    #[test]
    fn the_owner_of_a_counter_is_read_as_it_was_written_and_nothing_else_is() {
        for (owner, pk) in owners() {
            let key = Key::Counter { owner: &owner, shard: 3 }.stored();
            assert_eq!(key.counter_shard(), Some((owner, 3)));
            for sk in ["SHARD#", "SHARD#03", "SHARD#+3", "SHARD#256", "SHARD", "COUNTS"] {
                assert_eq!(stored(&pk, sk).counter_shard(), None, "{pk} {sk}");
            }
            assert_eq!(stored(&format!("{pk}#"), "SHARD#3").counter_shard(), None);
        }
        for pk in [
            "COUNTS",
            "COUNTS#",
            "COUNTS#ORG",
            "COUNTS#ORG#1",
            "COUNTS#ALIAS#1",
            &format!("COUNTS#LEDGER#{LEDGER}"),
            &format!("COUNTS#ASSET#{ORGANIZATION}#{LEDGER}#usd"),
            &format!("COUNT#GROUP#{ID}"),
        ] {
            assert_eq!(stored(pk, "SHARD#3").counter_shard(), None, "{pk}");
        }
    }

    #[test]
    fn a_log_shows_no_words_of_a_client() {
        let Scope { organization, ledger } = scope();
        let account = AccountId::new(uuid(9));
        let name = UniqueName::parse("ZEBRA").unwrap();
        let alias = Alias::parse("ZEBRA").unwrap();
        let code = AssetCode::parse("ZEBRA").unwrap();
        let key = BalanceKey::parse("zebra#01920000-0000-7000-8000-000000000001").unwrap();
        let type_key = AccountTypeKey::parse("zebra").unwrap();
        let owner = Owner::Asset(scope(), code.clone());
        for (key, shown) in [
            (Key::Alias(ledger, &alias), format!("ALIAS#{LEDGER} ALIAS")),
            (Key::Balance(account, &key), format!("ACCOUNT#{ID} BALANCE")),
            (Key::Asset(ledger, &code), format!("LEDGER#{LEDGER} ASSET")),
            (Key::AssetName(ledger, &name), format!("LEDGER#{LEDGER} ASSET_NAME")),
            (Key::LedgerName(organization, &name), format!("ORG#{ORGANIZATION} LEDGER_NAME")),
            (Key::SegmentName(ledger, &name), format!("LEDGER#{LEDGER} SEGMENT_NAME")),
            (Key::AccountTypeKey(ledger, &type_key), format!("LEDGER#{LEDGER} ACCOUNT_TYPE_KEY")),
            (Key::Counter { owner: &owner, shard: 3 }, "COUNTS#ASSET SHARD#…".to_owned()),
            (Key::Account(account), format!("ACCOUNT#{ID} ACCOUNT")),
            (
                Key::DeletedBalance(account, BalanceId::new(uuid(9))),
                format!("ACCOUNT#{ID} BALANCE_DELETED#{ID}"),
            ),
            (
                Key::LaterVersion(BalanceId::new(uuid(9)), moment(1_500_000)),
                format!("BALANCE#{ID} AT#{TIME}"),
            ),
        ] {
            assert_eq!(key.for_log(), shown);
        }
        assert_eq!(stored("zebra", "zebra").for_log(), "an item of an unknown kind");
        assert_eq!(stored("ACCOUNT#zebra", "ACCOUNT").for_log(), "ACCOUNT#… ACCOUNT");
    }

    #[test]
    fn the_kind_of_an_item_is_known_by_its_key() {
        let Scope { organization, ledger } = scope();
        let (account, balance) = (AccountId::new(uuid(9)), BalanceId::new(uuid(9)));
        let at = moment(1_500_000);
        let position = ListPosition { at, id: uuid(9) };
        let long = UniqueName::parse(&"𝒳".repeat(256)).unwrap();
        let key = BalanceKey::parse("savings#1").unwrap();
        let type_key = AccountTypeKey::parse("savings").unwrap();
        let code = AssetCode::usd();
        for (key, expected) in [
            (Key::Organization(organization), Kind::Organization),
            (
                Key::OrganizationListingItem { created_at: at, organization },
                Kind::OrganizationListingItem,
            ),
            (Key::Ledger(scope()), Kind::Ledger),
            (Key::LedgerName(organization, &long), Kind::LedgerName(organization)),
            (Key::Asset(ledger, &code), Kind::Asset),
            (Key::AssetName(ledger, &long), Kind::AssetName(ledger)),
            (
                Key::AssetId(ledger, AssetId::new(uuid(9))),
                Kind::AssetId(ledger, AssetId::new(uuid(9))),
            ),
            (Key::Alias(ledger, &Alias::external(&code)), Kind::Alias),
            (Key::Account(account), Kind::Account),
            (
                Key::AccountListingItem { ledger, created_at: at, account },
                Kind::AccountListingItem(ledger),
            ),
            (Key::Balance(account, &key), Kind::Balance),
            (Key::DeletedBalance(account, balance), Kind::DeletedBalance),
            (Key::FirstVersion(balance), Kind::Version),
            (
                Key::BalanceListingItem { ledger, shard: 63, position },
                Kind::BalanceListingItem(ledger, 63),
            ),
            (Key::Transaction(TransactionId::new(uuid(9))), Kind::Transaction),
            (
                Key::TransactionListingItem { ledger, shard: 7, position },
                Kind::TransactionListingItem(ledger, 7),
            ),
            (Key::DeletedLedger(scope()), Kind::DeletedLedger),
            (Key::DeletedAsset(ledger, AssetId::new(uuid(9))), Kind::DeletedAsset),
            (Key::SegmentName(ledger, &long), Kind::SegmentName(ledger)),
            (Key::AccountTypeKey(ledger, &type_key), Kind::AccountTypeKey(ledger)),
        ] {
            assert_eq!(key.stored().kind(), Some(expected), "{key}");
        }
        for kind in [GroupKind::Portfolio, GroupKind::Segment, GroupKind::AccountType] {
            let group = GroupId::new(uuid(9));
            assert_eq!(Key::Group(ledger, kind, group).stored().kind(), Some(Kind::Group));
            let deleted = Key::DeletedGroup(ledger, kind, group);
            assert_eq!(deleted.stored().kind(), Some(Kind::DeletedGroup));
        }
        for (owner, _) in owners() {
            let key = Key::Counter { owner: &owner, shard: 15 };
            assert_eq!(key.stored().kind(), Some(Kind::Counter));
        }
        assert_eq!(stored("OTHER", "OTHER").kind(), None);
        assert_eq!(stored("", "").kind(), None);
    }

    #[test]
    fn the_longest_names_fit_into_a_sort_key_and_stay_different() {
        let name = |last: &str| UniqueName::parse(&format!("{}{last}", "𝒳".repeat(255))).unwrap();
        let organization = scope().organization;
        let keys = [name("a"), name("b")].map(|name| Key::LedgerName(organization, &name).sk());
        assert!(keys.iter().all(|sk| sk.starts_with("LONG_LEDGER_NAME#") && sk.len() <= 1_024));
        assert_ne!(keys.first(), keys.last());
    }

    #[test]
    fn a_prefix_takes_its_own_items_and_no_others() {
        let account = AccountId::new(uuid(9));
        let key = BalanceKey::default_key();
        let current = Key::Balance(account, &key).sk();
        let deleted = Key::DeletedBalance(account, BalanceId::new(uuid(9))).sk();
        assert!(current.starts_with(BALANCES) && current.starts_with(BALANCES_EVER));
        assert!(!deleted.starts_with(BALANCES) && deleted.starts_with(BALANCES_EVER));
        assert!(!Key::Account(account).sk().starts_with(BALANCES_EVER));
        let name = UniqueName::parse("name").unwrap();
        assert!(!Key::LedgerName(scope().organization, &name).sk().starts_with(LEDGERS));
        assert!(!Key::AssetName(scope().ledger, &name).sk().starts_with(ASSETS));
        assert!(!Key::DeletedLedger(scope()).sk().starts_with(LEDGERS));
        assert!(!Key::AssetId(scope().ledger, AssetId::new(uuid(9))).sk().starts_with(ASSETS));
        assert!(!Key::DeletedAsset(scope().ledger, AssetId::new(uuid(9))).sk().starts_with(ASSETS));
        let kinds = [GroupKind::Portfolio, GroupKind::Segment, GroupKind::AccountType];
        for kind in kinds {
            let (ledger, group) = (scope().ledger, GroupId::new(uuid(9)));
            for other in kinds {
                let sk = Key::Group(ledger, other, group).sk();
                assert_eq!(sk.starts_with(groups(kind)), kind == other);
                assert!(!Key::DeletedGroup(ledger, other, group).sk().starts_with(groups(kind)));
            }
            assert!(!Key::SegmentName(ledger, &name).sk().starts_with(groups(kind)));
            let key = AccountTypeKey::parse("key").unwrap();
            assert!(!Key::AccountTypeKey(ledger, &key).sk().starts_with(groups(kind)));
        }
    }

    #[test]
    fn a_position_is_read_as_it_was_written_and_nothing_else_is() {
        let key =
            Key::BalanceListingItem { ledger: scope().ledger, shard: 0, position: position(7, 8) };
        assert_eq!(key.stored().list_position(), Some(position(7, 8)));
        for sk in
            ["", "#", TIME, ID, &format!("{TIME}#"), &format!("{TIME}#{}", ID.to_uppercase() + "F")]
        {
            assert_eq!(stored("ORGS", sk).list_position(), None, "{sk}");
        }
    }

    #[test]
    fn sort_keys_have_the_order_of_the_positions() {
        let last = u128::MAX;
        let positions = [
            position(-1, 0),
            position(-1, last),
            position(0, 0),
            position(0, 10),
            position(0, last),
            position(1_000_000, 0),
        ];
        let keys = positions.map(|position| list_key(position.at, position.id));
        assert!(positions.is_sorted() && keys.is_sorted());
    }

    #[test]
    fn version_0_stands_before_every_other_version() {
        let balance = BalanceId::new(uuid(9));
        let first = Key::FirstVersion(balance).sk();
        assert!(first < Key::LaterVersion(balance, Timestamp::MIN.successor()).sk());
    }

    #[test]
    fn a_balance_stays_in_its_shard_and_the_shards_share_the_balances() {
        let shards = ListingShards::new(4).unwrap();
        let mut counts = [0; 4];
        for _ in 0..4_000 {
            #[expect(clippy::disallowed_methods, reason = "balances have random ids")]
            let balance = Uuid::now_v7();
            let shard = shards.shard_of(balance);
            assert_eq!(shard, shards.shard_of(balance));
            counts[usize::from(shard)] += 1;
        }
        assert!(counts.iter().all(|count| *count > 800), "{counts:?}");
        assert_eq!(ListingShards::ONE.shard_of(Uuid::max()), 0);
    }
}
