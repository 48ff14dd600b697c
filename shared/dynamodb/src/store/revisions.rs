//! Next revisions of what may take a name that no other object has.

use subledger::error::Error;

use crate::requests::transact_write::{CONFLICTS_MAX, Condition, Outcome, TransactWrite};
use crate::schema::item::Item;
use crate::schema::keys::Key;
use crate::store::DynamoStore;

/// What the next revision of an object writes, in order of precedence.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Write {
    Revision,
    Name,
}

/// A name that an object had, and the item of the one that it takes; `None` if it keeps its name.
pub(crate) type Renaming<'a> = Option<(Key<'a>, Item)>;

/// That the revision before this one is stored; `None` for the first.
pub(crate) fn follows(revision: u64) -> Option<Condition> {
    revision.checked_sub(1).map(Condition::Revision)
}

impl DynamoStore {
    /// Writes the next revision of an object, whose item this is. Returns `false` and writes nothing if
    /// there is no condition or it fails, and `taken` if another object has the name.
    pub(crate) async fn write_revision(
        &self,
        item: Item,
        condition: Option<Condition>,
        renaming: Renaming<'_>,
        taken: Error,
    ) -> Result<bool, Error> {
        let Some(condition) = condition else {
            return Ok(false);
        };
        let mut transaction = TransactWrite::new().put(Write::Revision, item, condition);
        if let Some((before, after)) = renaming {
            transaction = transaction
                .delete(Write::Revision, &before, Condition::Present)
                .put_if_absent_now(Write::Name, after);
        }
        match self.table.write_unless_conflicts(&transaction, CONFLICTS_MAX).await {
            Ok(Outcome::Written) => Ok(true),
            Ok(Outcome::ConditionsFailed(failed)) => {
                match failed.first().map(|failure| failure.write) {
                    Some(Write::Name) => Err(taken),
                    Some(Write::Revision) | None => Ok(false),
                }
            }
            Err(Error::Contended) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
