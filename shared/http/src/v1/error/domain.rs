//! The errors of the domain, as v1 answers them.

use subledger::account::group::GroupKind;
use subledger::error::Error;
use subledger::transaction::Restriction;

use crate::v1::transaction::status_text;

use super::ApiError;

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let mut outward = of_domain(&error);
        outward.0.cause = Some(error);
        outward
    }
}

#[expect(clippy::too_many_lines, reason = "a table: one row per error")]
fn of_domain(error: &Error) -> ApiError {
    match error {
        Error::IdempotencyKeyReused => ApiError::new(
            "0084",
            409,
            "Idempotency Key Reused",
            "The key was used for another request.",
        ),
        Error::OrganizationNotFound => {
            ApiError::new("0038", 404, "Organization Not Found", "There is no such organization.")
        }
        Error::ParentOrganizationNotFound => {
            ApiError::new("0039", 404, "Parent Not Found", "There is no such parent organization.")
        }
        Error::LedgerNotFound => {
            ApiError::new("0037", 404, "Ledger Not Found", "There is no such ledger.")
        }
        Error::AssetNotFound => {
            ApiError::new("0034", 404, "Asset Not Found", "The ledger has no asset with this code.")
        }
        Error::AccountNotFound
        | Error::HolderNotFound
        | Error::BalanceNotFound
        | Error::TransactionNotFound
        | Error::ObjectNotFound => ApiError::not_found(),
        Error::OwnParentOrganization => {
            ApiError::new("0091", 400, "Own Parent", "An organization cannot be its own parent.")
        }
        Error::AccountTypeUnknown => ApiError::new(
            "0066",
            400,
            "Unknown Account Type",
            "The ledger has validateAccountType on, and no account type with the type of this account \
             as its keyValue.",
        ),
        Error::GroupNotFound { kind: GroupKind::Segment } => {
            ApiError::new("0036", 404, "Segment Not Found", "There is no such segment.")
        }
        // No account names an account type by its id.
        Error::GroupNotFound { kind: GroupKind::Portfolio | GroupKind::AccountType } => {
            ApiError::new("0035", 404, "Portfolio Not Found", "There is no such portfolio.")
        }
        Error::GroupTaken { kind: GroupKind::AccountType } => ApiError::new(
            "0108",
            409,
            "Account Type Taken",
            "Another account type of the ledger has this keyValue.",
        ),
        // Portfolios may have equal names.
        Error::GroupTaken { kind: GroupKind::Segment | GroupKind::Portfolio } => ApiError::new(
            "0015",
            409,
            "Segment Name Taken",
            "Another segment of the ledger has this name.",
        ),
        Error::InUse { counts } => ApiError::new(
            "0905",
            422,
            "In Use",
            format!("It cannot be deleted while something stands on it: {counts}."),
        ),
        Error::ParentAccountNotFound => {
            ApiError::new("0029", 400, "Parent Not Found", "There is no such parent account.")
        }
        Error::ParentAccountOfOtherAsset => {
            ApiError::new("0030", 400, "Asset Mismatch", "The parent account has another asset.")
        }
        Error::AliasNotFound => ApiError::new(
            "0085",
            404,
            "Alias Not Found",
            "No account of the ledger has this alias.",
        ),
        Error::MomentInFuture { as_of } => ApiError::new(
            "0140",
            400,
            "Moment In The Future",
            format!("The moment {as_of} has not come yet."),
        ),
        Error::MomentUnsettled { as_of, seconds } => ApiError::new(
            "0901",
            409,
            "Moment Not Settled",
            format!(
                "What was at {as_of} may still change for {seconds} seconds. Ask again then, or \
                 without settled=true."
            ),
        ),
        Error::NoBalanceAtMoment => ApiError::new(
            "0141",
            404,
            "Nothing At That Moment",
            "No balance existed at that moment.",
        ),
        Error::LedgerNameTaken => {
            ApiError::new("0002", 409, "Ledger Name Taken", "Another ledger has this name.")
        }
        Error::AssetTaken => {
            ApiError::new("0003", 409, "Asset Taken", "Another asset has this name or this code.")
        }
        Error::AliasTaken { alias } => ApiError::new(
            "0020",
            409,
            "Alias Taken",
            format!("Another account has the alias {alias}."),
        ),
        Error::BalanceKeyReserved => {
            ApiError::new("0170", 400, "Reserved Key", "The key overdraft belongs to the system.")
        }
        Error::BalanceKeyTaken { key } => ApiError::new(
            "0123",
            409,
            "Key Taken",
            format!("The account has a balance with the key {key}."),
        ),
        Error::ExternalAccount => ApiError::new(
            "0124",
            400,
            "External Account",
            "An external account has one balance only.",
        ),
        Error::AccountClosed | Error::CapabilityMissing | Error::HolderAsset => ApiError::new(
            "0024",
            400,
            "Account Not Eligible",
            "The account is closed or was not opened for this type of balance.",
        ),
        Error::LegNotPositive { side, amount } => ApiError::new(
            "0073",
            400,
            "Totals Differ",
            format!("A {side} has the amount {amount}. Every amount has to be more than zero."),
        ),
        Error::TransactionTotals { side, total, value } => ApiError::new(
            "0073",
            400,
            "Totals Differ",
            format!(
                "The {side} side adds up to {total}. It has to add up to {value}, the value of the \
                 transaction."
            ),
        ),
        Error::TransactionValue => ApiError::new(
            "0125",
            422,
            "Invalid Value",
            "The value of a transaction is more than zero.",
        ),
        Error::TransactionAmbiguous => ApiError::new(
            "0090",
            400,
            "Ambiguous Account",
            "The same balance stands on both sides of the transaction.",
        ),
        Error::TransactionDateInFuture => ApiError::new(
            "0121",
            400,
            "Date In The Future",
            "The date of a transaction has not come yet.",
        ),
        Error::TransactionDateOnPending => ApiError::new(
            "0122",
            400,
            "Date On A Pending Transaction",
            "A pending transaction has no date of its own.",
        ),
        Error::InternalBalance => ApiError::new(
            "0168",
            422,
            "Internal Balance",
            "A leg names a balance that belongs to the system.",
        ),
        Error::LegNotFound { leg } => ApiError::new(
            "0019",
            422,
            "Unknown Balance",
            format!(
                "The {leg}, does not exist: no account has the alias, or the account has no balance \
                 with the key."
            ),
        ),
        Error::LegImpossible { side, place } => ApiError::new(
            "0019",
            422,
            "Unknown Balance",
            format!(
                "The {side} at place {place} names an alias or a balance key that none can have."
            ),
        ),
        Error::LegBalanceDeleted { alias, key } => ApiError::new(
            "0019",
            422,
            "Deleted Balance",
            format!(
                "The balance {key} of {alias}, on which the transaction was posted, was deleted. A \
                 balance that has its key now is another one. Cancel a pending transaction; otherwise post \
                 a new one that moves the money."
            ),
        ),
        Error::LegAsset { leg, asset_code } => ApiError::new(
            "0034",
            404,
            "Asset Mismatch",
            format!("The {leg}, has the asset {asset_code}, which is not that of the transaction."),
        ),
        Error::LegRestricted { leg, restriction } => {
            let why = match restriction {
                Restriction::Sending => "the balance has allowSending false",
                Restriction::Receiving => "the balance has allowReceiving false",
                Restriction::Blocked => "the account is blocked",
                Restriction::Closed => "the account is closed",
            };
            let message = format!("The {leg}, may not take part: {why}.");
            ApiError::new("0024", 400, "Balance Restricted", message)
        }
        Error::RepaymentAboveDebt { alias, key, owed } => ApiError::new(
            "0024",
            400,
            "Repayment Above Debt",
            format!(
                "The account {alias} was charged off and takes repayments up to what is owed. On \
                 its balance {key} that is {owed}."
            ),
        ),
        Error::PendingExternalSource => {
            ApiError::new("0098", 422, "External Source", "An external account cannot reserve.")
        }
        Error::InsufficientFunds(short) => ApiError::new(
            "0018",
            422,
            "Insufficient Funds",
            format!(
                "The {}, has {} available, and the transaction takes {} from it.",
                short.leg, short.available, short.needed
            ),
        ),
        Error::OverdraftLimit(short) => ApiError::new(
            "0167",
            422,
            "Overdraft Limit",
            format!(
                "The {}, may use an overdraft of {} in all, and would use {}.",
                short.leg, short.available, short.needed
            ),
        ),
        Error::TransactionStatus { status } => ApiError::new(
            "0099",
            422,
            "Invalid Status",
            format!(
                "The transaction is {}. Only one that is PENDING can be committed or canceled, and \
                 only one that is APPROVED can be reverted.",
                status_text(*status)
            ),
        ),
        Error::AlreadyReverted { by } => ApiError::new(
            "0087",
            400,
            "Already Reverted",
            format!("The transaction was reverted before, by the transaction {by}."),
        ),
        Error::IsReversal => ApiError::new(
            "0088",
            400,
            "Reversal",
            "A transaction that reverts another one cannot be reverted.",
        ),
        Error::NothingToRevert => {
            ApiError::new("0089", 400, "Nothing To Revert", "The transaction moved nothing.")
        }
        Error::BalanceNotEmpty => ApiError::new(
            "0093",
            400,
            "Balance Not Empty",
            "A balance with value on it cannot be deleted.",
        ),
        Error::DefaultBalance => {
            ApiError::new("0093", 400, "Default Balance", "An account keeps its default balance.")
        }
        Error::InternalBalanceDeletion => ApiError::new(
            "0169",
            422,
            "Internal Balance",
            "A balance that belongs to the system cannot be deleted.",
        ),
        Error::InternalBalanceUpdate => ApiError::new(
            "0175",
            422,
            "Internal Balance",
            "A balance that belongs to the system cannot be changed.",
        ),
        Error::OverdraftLimitBelowUsage => ApiError::new(
            "0173",
            422,
            "Limit Below Usage",
            "More overdraft is used than the new limit allows.",
        ),
        Error::ExternalAccountChange => {
            ApiError::new("0074", 400, "External Account", "An external account cannot be changed.")
        }
        Error::AccountTooLarge { balances_max } => ApiError::new(
            "0012",
            400,
            "Account Too Large",
            format!("Delete balances first: at most {balances_max} go with their account."),
        ),
        Error::AccountNotEmpty => ApiError::new(
            "0012",
            400,
            "Account Not Empty",
            "A balance of the account has value on it.",
        ),
        // No operation of this dialect closes accounts.
        Error::AccountHoldsMoney { .. } => ApiError::new(
            "0012",
            400,
            "Account Not Empty",
            "Something is available, on hold or owed on a balance of the account.",
        ),
        Error::TransactionTooLarge { legs_max, balances_max } => ApiError::new(
            "0904",
            422,
            "Transaction Too Large",
            format!(
                "A transaction has at most {legs_max} legs and changes at most {balances_max} \
                 balances."
            ),
        ),
        Error::MetadataTooLarge { entries_max } => ApiError::metadata_entries(*entries_max),
        Error::WriteTooLarge => ApiError::new(
            "0903",
            422,
            "Too Large",
            "Names, descriptions and metadata take more room than there is for one request. Send \
             less of them.",
        ),
        Error::AnswerTooLarge => ApiError::new(
            "0902",
            422,
            "Answer Too Large",
            "The answer is larger than one may be. Ask for a smaller page, with limit and cursor, or \
             for a shorter time.",
        ),
        Error::ListTooLong { items_max } => ApiError::new(
            "0902",
            422,
            "List Too Long",
            format!(
                "There are more than {items_max} balances, or they are too large to be read at once. \
                 Read them in pages: add limit=100, and then cursor with the next_cursor of each page."
            ),
        ),
        Error::StatusTransition => ApiError::new(
            "0099",
            422,
            "Invalid Status",
            "The present status does not allow this change.",
        ),
        Error::TooManyExamined { examined_max } => ApiError::new(
            "0080",
            400,
            "Filter Too Broad",
            format!(
                "The filter lets so little through that more than {examined_max} objects would have \
                 to be looked at. Narrow it with start_date and end_date."
            ),
        ),
        Error::AmountOutOfRange => ApiError::new(
            "0097",
            422,
            "Amount Out Of Range",
            "An amount has more digits than one may have.",
        ),
        Error::RecordedAhead { recorded_at, seconds } => ApiError::new(
            "0086",
            409,
            "Recorded Ahead",
            format!(
                "What would be changed was recorded ahead of the present time: the change would be \
                 recorded at {recorded_at}. Nothing was written. Send the request again in {seconds} \
                 seconds."
            ),
        ),
        Error::Contended => {
            ApiError::new("0086", 409, "Conflict", "Other requests are changing the same objects.")
        }
        Error::Throttled => ApiError::new("0046", 429, "Too Many Requests", "Try again later."),
        Error::ClockWrong { .. } => ApiError::new(
            "0046",
            503,
            "Wrong Clock",
            "The clock of the service is not right. Nothing was written. Send the request again.",
        ),
        Error::Unavailable { .. } => {
            ApiError::new("0046", 503, "Service Unavailable", "Try again later.")
        }
        Error::Corrupt { .. } => ApiError::new(
            "0046",
            500,
            "Internal Error",
            "The request failed for a reason on our side.",
        ),
    }
}
