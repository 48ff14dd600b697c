//! Cursors: where the next page begins, as an opaque text.
//!
//! A cursor names an item of one list and whether the page comes after or before it. It is bound to
//! its list: a cursor that was cut, changed, or taken from another list is refused. The binding is
//! a checksum without a secret, because a cursor can only name a position in a list that the caller
//! may read anyway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subledger::money::timestamp::Timestamp;
use subledger::page::{ListPosition, PageStart};
use uuid::Uuid;

/// The longest cursor that is looked at, in bytes. Ours have 46.
const CURSOR_BYTES_MAX: usize = 64;
/// The version of the format.
const VERSION: u8 = 1;
/// How much of the checksum is kept.
const CHECKSUM_BYTES: usize = 8;
/// Version, side, microseconds, id.
const PLACE_BYTES: usize = 1 + 1 + 8 + 16;

/// The list that a cursor belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// The balances of a ledger.
    LedgerBalances(Uuid),
    /// The balances of an account.
    AccountBalances(Uuid),
    /// The versions of a balance.
    Versions(Uuid),
    /// The transactions of a ledger.
    Transactions(Uuid),
    /// The operations of an account.
    Operations(Uuid),
    /// The balances of an account that its alias names, newest first. `None` where nobody has the
    /// alias: such a list is empty, so no cursor leads into it.
    AliasBalances(Option<Uuid>),
    /// The balances of an account as of a moment.
    BalancesAsOf(Uuid, Timestamp),
}

impl List {
    /// The moment that the list is about; empty for a list of what is now.
    fn moment(self) -> Vec<u8> {
        match self {
            Self::BalancesAsOf(_, as_of) => as_of.micros().to_be_bytes().to_vec(),
            Self::LedgerBalances(_)
            | Self::AccountBalances(_)
            | Self::Versions(_)
            | Self::Transactions(_)
            | Self::Operations(_)
            | Self::AliasBalances(_) => Vec::new(),
        }
    }

    fn bytes(self) -> [u8; 17] {
        let (tag, id) = match self {
            Self::LedgerBalances(id) => (b'L', id),
            Self::AccountBalances(id) => (b'A', id),
            Self::Versions(id) => (b'V', id),
            Self::Transactions(id) => (b'T', id),
            Self::Operations(id) => (b'O', id),
            Self::AliasBalances(id) => (b'N', id.unwrap_or(Uuid::nil())),
            Self::BalancesAsOf(id, _) => (b'H', id),
        };
        let mut bytes = [tag; 17];
        bytes.iter_mut().skip(1).zip(id.as_bytes()).for_each(|(byte, of_id)| *byte = *of_id);
        bytes
    }
}

/// The cursor of where a page starts; `None` for the start of a list, which needs none.
#[must_use]
pub fn encode(list: List, start: PageStart) -> Option<String> {
    let (side, position) = match start {
        PageStart::Start => return None,
        PageStart::After(position) => (b'>', position),
        PageStart::Before(position) => (b'<', position),
    };
    let mut bytes = vec![VERSION, side];
    bytes.extend(position.at.micros().to_be_bytes());
    bytes.extend(position.id.as_bytes());
    bytes.extend(checksum(list, &bytes));
    Some(URL_SAFE_NO_PAD.encode(bytes))
}

/// Where the page starts that a cursor of this list names; `None` for a cursor that is not of this list.
#[must_use]
pub fn decode(list: List, cursor: &str) -> Option<PageStart> {
    if cursor.len() > CURSOR_BYTES_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (place, sum) = bytes.split_at_checked(PLACE_BYTES)?;
    if sum != checksum(list, place) {
        return None;
    }
    let (head, place) = place.split_first_chunk::<2>()?;
    let (micros, id) = place.split_first_chunk::<8>()?;
    let at = Timestamp::from_micros(i64::from_be_bytes(*micros))?;
    let position = ListPosition { at, id: Uuid::from_slice(id).ok()? };
    match head {
        [VERSION, b'>'] => Some(PageStart::After(position)),
        [VERSION, b'<'] => Some(PageStart::Before(position)),
        _ => None,
    }
}

fn checksum(list: List, place: &[u8]) -> Vec<u8> {
    let digest = Sha256::new().chain_update(list.bytes()).chain_update(list.moment());
    let digest = digest.chain_update(place).finalize();
    digest.iter().copied().take(CHECKSUM_BYTES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: List = List::LedgerBalances(Uuid::from_u128(7));

    fn position() -> ListPosition {
        ListPosition {
            at: Timestamp::from_micros(1_784_313_773_123_456).unwrap(),
            id: Uuid::from_u128(42),
        }
    }

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        for position in [PageStart::After(position()), PageStart::Before(position())] {
            let cursor = encode(LIST, position).unwrap();
            assert_eq!(cursor.len(), 46);
            assert!(cursor.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
            assert_eq!(decode(LIST, &cursor), Some(position));
        }
        assert_eq!(encode(LIST, PageStart::Start), None);
    }

    #[test]
    fn a_cursor_that_was_cut_changed_or_taken_from_another_list_is_refused() {
        let cursor = encode(LIST, PageStart::After(position())).unwrap();
        for length in 0..cursor.len() {
            assert_eq!(decode(LIST, &cursor[..length]), None);
        }
        for place in 0..cursor.len() {
            let mut forged = cursor.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(decode(LIST, std::str::from_utf8(&forged).unwrap()), None, "{place}");
        }
        for list in [
            List::LedgerBalances(Uuid::from_u128(8)),
            List::AccountBalances(Uuid::from_u128(7)),
            List::Versions(Uuid::from_u128(7)),
        ] {
            assert_eq!(decode(list, &cursor), None);
        }
        assert_eq!(decode(LIST, &"A".repeat(10_000)), None);
        assert_eq!(decode(LIST, "zzz"), None);
        assert_eq!(decode(LIST, "ä"), None);
    }
}
