//! The table at the end of a run, read without the code of the product.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use subledger::money::amount::Amount;

use crate::ledger::ORGANIZATIONS;

/// A balance at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub(crate) number: u64,
    pub(crate) recorded_at: String,
    pub(crate) account: String,
    pub(crate) key: String,
    pub(crate) alias: String,
    pub(crate) is_external: bool,
    pub(crate) is_debit: bool,
    pub(crate) amounts: Amounts,
    /// The overdraft limit; `None` if there is none.
    pub(crate) limit: Option<String>,
    pub(crate) may_be_overdrawn: bool,
    pub(crate) caused_by: Option<String>,
    pub(crate) is_deletion: bool,
    /// The whole item without its keys.
    pub(crate) rest: Value,
}

/// The amounts of a balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amounts {
    pub(crate) available: Amount,
    pub(crate) on_hold: Amount,
    pub(crate) overdraft_used: Amount,
}

impl Amounts {
    /// Amounts that are all zero.
    pub(crate) const fn none() -> Self {
        Self { available: Amount::ZERO, on_hold: Amount::ZERO, overdraft_used: Amount::ZERO }
    }

    fn parse(available: &str, on_hold: &str, overdraft_used: &str) -> Self {
        let amount = |text: &str| Amount::parse(text).unwrap();
        Self {
            available: amount(available),
            on_hold: amount(on_hold),
            overdraft_used: amount(overdraft_used),
        }
    }

    /// The amounts of a balance in an answer.
    pub(crate) fn of_answer(body: &Value) -> Self {
        let part = |name: &str| body[name].as_str().unwrap_or("0");
        Self::parse(part("available"), part("onHold"), part("overdraftUsed"))
    }

    /// The value of the balance to its owner: what is available (negated in a debit balance) plus
    /// what is on hold, minus the overdraft that is used.
    pub(crate) fn worth(&self, is_debit: bool) -> Amount {
        let available = if is_debit { self.available.negated() } else { self.available.clone() };
        let with_hold = available.checked_add(&self.on_hold).unwrap();
        with_hold.checked_sub(&self.overdraft_used).unwrap()
    }
}

/// The change of one balance by a transaction.
#[derive(Debug, Clone)]
pub(crate) struct Operation {
    pub(crate) balance: String,
    pub(crate) before: Amounts,
    pub(crate) after: Amounts,
    /// The version before.
    pub(crate) version: u64,
    /// Whether it happened when the transaction was finalized, not when it was posted.
    pub(crate) finalized: bool,
    pub(crate) id: String,
    /// The description that a client has given to it since.
    pub(crate) description: String,
}

/// A leg of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leg {
    pub(crate) alias: String,
    pub(crate) key: String,
    pub(crate) amount: String,
}

/// A transaction.
#[derive(Debug, Clone)]
pub(crate) struct Transaction {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) reverted_by: Option<String>,
    pub(crate) status: String,
    pub(crate) description: String,
    pub(crate) amount: String,
    pub(crate) sources: Vec<Leg>,
    pub(crate) destinations: Vec<Leg>,
    pub(crate) operations: Vec<Operation>,
}

/// The table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// By balance, in the order of their keys, which has to be the order of their numbers.
    pub(crate) versions: BTreeMap<String, Vec<Version>>,
    /// By balance: the copy under its account.
    pub(crate) current: BTreeMap<String, Vec<Version>>,
    /// Balances that are marked as deleted under their account.
    pub(crate) deleted: BTreeMap<String, Vec<Version>>,
    pub(crate) transactions: BTreeMap<String, Transaction>,
    /// By balance: account and key.
    pub(crate) balance_listing: BTreeMap<String, (String, String)>,
    pub(crate) transaction_listing: BTreeSet<String>,
    /// By account: its alias.
    pub(crate) accounts: BTreeMap<String, String>,
    /// The accounts that were deleted.
    pub(crate) deleted_accounts: BTreeSet<String>,
    pub(crate) account_listing: BTreeSet<String>,
    /// Accounts and their aliases, which are unique in a ledger.
    pub(crate) aliases: BTreeSet<(String, String)>,
    /// By id: what can be counted, deleted ones too.
    pub(crate) objects: BTreeMap<String, Object>,
    /// The ids that several of them have.
    pub(crate) twins: BTreeSet<String>,
    /// By owner, the end of the counter's key.
    pub(crate) counters: BTreeMap<String, Counter>,
    /// By key: what the items name that lead to objects by a name, an asset's id, or in a list.
    pub(crate) leads: BTreeMap<String, String>,
}

/// An organization, a ledger, an asset, a group of accounts or an account.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    /// The name; the alias of an account.
    pub(crate) name: String,
    /// The path of the list that it is in.
    pub(crate) list: String,
    pub(crate) is_deleted: bool,
    /// The counters in which it counts while it is not deleted.
    pub(crate) owners: Vec<String>,
    /// The attribute of a counter in which it counts.
    pub(crate) counted_as: &'static str,
    /// The counter of what stands on it; `None` if nothing can.
    pub(crate) counter: Option<String>,
    /// What else clients change, by what it is.
    pub(crate) values: Vec<(&'static str, String)>,
    /// The items that lead to it while it is not deleted: their keys, and what they name.
    pub(crate) leads: Vec<(String, String)>,
}

/// All shards of a counter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counter {
    /// By attribute; what is zero is left out.
    pub(crate) counts: BTreeMap<String, u64>,
    pub(crate) closed_shards: usize,
}

impl Counter {
    fn add(&mut self, item: &Value) {
        self.closed_shards += usize::from(flag(item, "closed"));
        for name in item.as_object().unwrap().keys().filter(|name| name.ends_with("_count")) {
            let count = number(item, name);
            if count > 0 {
                *self.counts.entry(name.clone()).or_default() += count;
            }
        }
    }
}

/// The object of an item; `None` if the item is of something else.
fn object(pk: &str, sk: &str, item: &Value) -> Option<Object> {
    let organization = needed(item, "organization");
    let in_organization = format!("{ORGANIZATIONS}/{organization}");
    let in_ledger = format!("{in_organization}/ledgers/{}", needed(item, "ledger"));
    let ledger = format!("LEDGER#{organization}#{}", needed(item, "ledger"));
    let id = needed(item, "id");
    let asset = |code: &str| format!("ASSET#{organization}#{}#{code}", needed(item, "ledger"));
    let is_group = |kind: &str| sk == kind || sk.strip_suffix("_DELETED") == Some(kind);
    let lead = |sk: &str, named: &str, names: &str| {
        (format!("{} {sk}#{}", needed(item, "pk"), named.to_lowercase()), names.to_owned())
    };
    let value = |name: &str| needed(item, name);
    let mut object = Object {
        name: needed(item, "name"),
        list: String::new(),
        is_deleted: sk.ends_with("_DELETED") || text(item, "deleted_at").is_some(),
        owners: vec![ledger.clone()],
        counted_as: "",
        counter: None,
        values: Vec::new(),
        leads: Vec::new(),
    };
    match (pk, sk) {
        ("ORG", "ORG") => {
            object.name = needed(item, "legal_name");
            object.list = ORGANIZATIONS.to_owned();
            object.owners = vec!["SYSTEM".to_owned()];
            object.owners.extend(text(item, "parent").map(|parent| format!("ORG#{parent}")));
            object.counted_as = "organization_count";
            object.counter = Some(format!("ORG#{id}"));
            object.values = vec![("parent", value("parent"))];
            let listing_item = format!("ORGS {}#{id}", needed(item, "created_at"));
            object.leads = vec![(listing_item, String::new())];
        }
        ("ORG", "LEDGER" | "LEDGER_DELETED") => {
            object.list = format!("{in_organization}/ledgers");
            object.owners = vec![format!("ORG#{organization}")];
            object.counted_as = "ledger_count";
            object.counter = Some(format!("LEDGER#{organization}#{id}"));
            let is_checked = flag(&item["settings"]["M"], "validate_account_type");
            object.values = vec![("check of account types", is_checked.to_string())];
            object.leads = vec![lead("LEDGER_NAME", &object.name, &id)];
        }
        ("LEDGER", "ASSET" | "ASSET_DELETED") => {
            object.list = format!("{in_ledger}/assets");
            object.counted_as = "asset_count";
            let code = needed(item, "code");
            object.counter = Some(asset(&code));
            object.leads =
                vec![lead("ASSET_NAME", &object.name, &code), lead("ASSET_ID", &id, &code)];
        }
        ("LEDGER", _) if is_group("PORTFOLIO") => {
            object.list = format!("{in_ledger}/portfolios");
            object.counted_as = "portfolio_count";
            object.counter = Some(format!("GROUP#{id}"));
        }
        ("LEDGER", _) if is_group("SEGMENT") => {
            object.list = format!("{in_ledger}/segments");
            object.counted_as = "segment_count";
            object.counter = Some(format!("GROUP#{id}"));
            object.leads = vec![lead("SEGMENT_NAME", &object.name, &id)];
        }
        ("LEDGER", _) if is_group("ACCOUNT_TYPE") => {
            object.list = format!("{in_ledger}/account-types");
            object.counted_as = "account_type_count";
            let key = needed(&item["details"]["M"]["account_type"]["M"], "key");
            object.leads = vec![lead("ACCOUNT_TYPE_KEY", &key, &id)];
        }
        ("ACCOUNT", "ACCOUNT") => {
            object.name = needed(item, "alias");
            object.list = format!("{in_ledger}/accounts");
            object.counted_as = "account_count";
            if !object.name.starts_with("@external/") {
                object.owners.push(asset(&needed(item, "asset")));
            }
            let groups = ["portfolio", "segment"];
            object.values = groups.map(|kind| (kind, value(kind))).to_vec();
            let groups = groups.into_iter().filter_map(|kind| text(item, kind));
            object.owners.extend(groups.map(|id| format!("GROUP#{id}")));
        }
        _ => return None,
    }
    Some(object)
}

/// The text of an attribute.
fn text(item: &Value, name: &str) -> Option<String> {
    item[name]["S"].as_str().map(str::to_owned)
}

fn needed(item: &Value, name: &str) -> String {
    text(item, name).unwrap_or_default()
}

fn number(item: &Value, name: &str) -> u64 {
    item[name]["N"].as_str().and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn flag(item: &Value, name: &str) -> bool {
    item[name]["BOOL"].as_bool().unwrap_or_default()
}

fn list<'a>(item: &'a Value, name: &str) -> &'a [Value] {
    item[name]["L"].as_array().map_or(&[], Vec::as_slice)
}

/// The word that a key begins with.
fn word(key: &str) -> &str {
    key.split(|c: char| !c.is_ascii_uppercase() && c != '_').next().unwrap_or_default()
}

/// The last 36 characters of a key: an id.
fn id_of_key(key: &str) -> String {
    key.get(key.len().saturating_sub(36)..).unwrap_or_default().to_owned()
}

fn version(item: &Value) -> Version {
    let settings = &item["settings"]["M"];
    let mut rest = item.clone();
    for key in ["pk", "sk"] {
        rest.as_object_mut().unwrap().remove(key);
    }
    Version {
        number: number(item, "version"),
        recorded_at: needed(item, "recorded_at"),
        account: needed(item, "account"),
        key: needed(item, "key"),
        alias: needed(item, "alias"),
        is_external: needed(item, "account_type") == "external",
        is_debit: needed(item, "direction") == "debit",
        amounts: Amounts::parse(
            &needed(item, "available"),
            &needed(item, "on_hold"),
            &needed(item, "overdraft_used"),
        ),
        limit: text(settings, "overdraft_limit"),
        may_be_overdrawn: flag(settings, "allow_overdraft"),
        caused_by: text(item, "caused_by"),
        is_deletion: text(item, "deleted_at").is_some(),
        rest,
    }
}

fn leg(item: &Value) -> Leg {
    let item = &item["M"];
    Leg { alias: needed(item, "alias"), key: needed(item, "key"), amount: needed(item, "amount") }
}

fn operation(item: &Value) -> Operation {
    let item = &item["M"];
    let amounts = |name| {
        let parts = list(item, name);
        let part =
            |index: usize| parts.get(index).and_then(|part| part["S"].as_str()).unwrap_or_default();
        Amounts::parse(part(0), part(1), part(2))
    };
    Operation {
        balance: needed(item, "balance"),
        before: amounts("before"),
        after: amounts("after"),
        version: number(item, "version"),
        finalized: flag(item, "finalized"),
        id: needed(item, "id"),
        description: needed(&item["amended"]["M"]["notes"]["M"], "description"),
    }
}

fn transaction(item: &Value) -> Transaction {
    Transaction {
        id: needed(item, "id"),
        parent: text(item, "parent"),
        reverted_by: text(item, "reverted_by"),
        status: needed(item, "status"),
        description: needed(&item["notes"]["M"], "description"),
        amount: needed(item, "amount"),
        sources: list(item, "sources").iter().map(leg).collect(),
        destinations: list(item, "destinations").iter().map(leg).collect(),
        operations: list(item, "operations")
            .iter()
            .filter(|item| !flag(&item["M"], "unaffected"))
            .map(operation)
            .collect(),
    }
}

impl Table {
    /// Reads a table.
    pub(crate) fn read(items: &[Value]) -> Self {
        let mut table = Self::default();
        let mut versions: Vec<(String, String, Version)> = Vec::new();
        for item in items {
            let (pk, sk) = (needed(item, "pk"), needed(item, "sk"));
            if let Some(object) = object(word(&pk), word(&sk), item) {
                let id = needed(item, "id");
                if table.objects.insert(id.clone(), object).is_some() {
                    table.twins.insert(id);
                }
            }
            if let Some(owner) = pk.strip_prefix("COUNTS#") {
                table.counters.entry(owner.to_owned()).or_default().add(item);
            }
            let names = match (word(&pk), word(&sk)) {
                ("ORGS", _) => Some(String::new()),
                ("ORG", "LEDGER_NAME") => Some(needed(item, "ledger")),
                ("LEDGER", "ASSET_NAME" | "ASSET_ID") => Some(needed(item, "code")),
                ("LEDGER", "SEGMENT_NAME" | "ACCOUNT_TYPE_KEY") => Some(needed(item, "group")),
                _ => None,
            };
            table.leads.extend(names.map(|names| (format!("{pk} {sk}"), names)));
            match (word(&pk), word(&sk)) {
                ("BALANCE", "AT") => versions.push((id_of_key(&pk), sk, version(item))),
                ("ACCOUNT", "BALANCE") => {
                    table.current.entry(needed(item, "id")).or_default().push(version(item));
                }
                ("ACCOUNT", "BALANCE_DELETED") => {
                    table.deleted.entry(needed(item, "id")).or_default().push(version(item));
                }
                ("ACCOUNT", "ACCOUNT") => {
                    if text(item, "deleted_at").is_some() {
                        table.deleted_accounts.insert(id_of_key(&pk));
                    }
                    table.accounts.insert(id_of_key(&pk), needed(item, "alias"));
                }
                ("ACCOUNTS", _) => drop(table.account_listing.insert(id_of_key(&sk))),
                ("ALIAS", _) => {
                    table.aliases.insert((needed(item, "account"), needed(item, "alias")));
                }
                ("TRANSACTION", _) => {
                    let read = transaction(item);
                    table.transactions.insert(id_of_key(&pk), read);
                }
                ("TRANSACTIONS", _) => drop(table.transaction_listing.insert(id_of_key(&sk))),
                ("LEDGER", "") => {
                    let names = (needed(item, "account"), needed(item, "key"));
                    table.balance_listing.insert(id_of_key(&sk), names);
                }
                _ => {}
            }
        }
        versions.sort_by(|one, other| (&one.0, &one.1).cmp(&(&other.0, &other.1)));
        for (balance, _, version) in versions {
            table.versions.entry(balance).or_default().push(version);
        }
        table
    }

    /// The version of a balance with this number.
    pub(crate) fn version(&self, balance: &str, number: u64) -> Option<&Version> {
        self.versions.get(balance)?.iter().find(|version| version.number == number)
    }

    /// Whether the balance is an overdraft balance, which counts what others owe once more.
    pub(crate) fn is_overdraft_balance(&self, balance: &str) -> bool {
        self.versions
            .get(balance)
            .and_then(|versions| versions.first())
            .is_some_and(|first| first.key == "overdraft")
    }
}
