//! Typed identifiers. One type per kind, so that they cannot be mixed up.

use std::fmt;

use uuid::Uuid;

macro_rules! identifier {
    ($(#[doc = $doc:literal] $name:ident),+ $(,)?) => {$(
        #[doc = $doc]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            /// The id with this UUID.
            #[must_use]
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The 128 bits of the identifier.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    )+};
}

identifier! {
    /// Names an organization, the tenant.
    OrganizationId,
    /// Names a ledger of an organization.
    LedgerId,
    /// Names an asset of a ledger.
    AssetId,
    /// Names an account of a ledger.
    AccountId,
    /// Names a balance of an account.
    BalanceId,
    /// Names a transaction of a ledger.
    TransactionId,
    /// Names an operation of a transaction.
    OperationId,
    /// Names a portfolio, a segment or an account type of a ledger.
    GroupId,
}

/// The end of an id in which the operations of a transaction have their number: three hexadecimal
/// digits, which are zeros in the id of the transaction.
const OPERATION_DIGITS: u128 = 0xfff;

impl TransactionId {
    /// The id that a new transaction makes of a UUID.
    #[must_use]
    pub const fn of_new(uuid: Uuid) -> Self {
        Self(Uuid::from_u128(uuid.as_u128() & !OPERATION_DIGITS))
    }

    /// The id of an operation of the transaction, whose number is 1 to 4,095.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a transaction has some hundred operations at most")]
    pub fn operation(self, number: usize) -> OperationId {
        let digits = u128::try_from(number).ok().filter(|digits| *digits <= OPERATION_DIGITS);
        let digits = digits.expect("the number of an operation has three hexadecimal digits");
        OperationId(Uuid::from_u128(self.0.as_u128() | digits))
    }
}

impl OperationId {
    /// The transaction that has the operation, if there is one.
    #[must_use]
    pub const fn transaction(self) -> TransactionId {
        TransactionId::of_new(self.0)
    }
}

/// The ledger that a request works in. Every read and every write carries one: what belongs to
/// another ledger does not exist for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The tenant.
    pub organization: OrganizationId,
    /// One of the tenant's ledgers.
    pub ledger: LedgerId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_operation_names_its_transaction() {
        let transaction = TransactionId::of_new(Uuid::from_u128(0x0192_abcd_ef12));
        assert_eq!(transaction.uuid().as_u128(), 0x0192_abcd_e000);
        for number in [1, 2, 0xfff] {
            let operation = transaction.operation(number);
            assert_eq!(operation.transaction(), transaction);
            assert_eq!(operation.uuid().as_u128() & 0xfff, u128::try_from(number).unwrap());
        }
    }
}
