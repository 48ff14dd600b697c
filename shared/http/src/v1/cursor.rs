//! Cursors: where the next page begins, as an opaque text.
//!
//! A cursor names an item of one list and whether the page comes after or before it, and it carries
//! the order and the dates of the list. It is bound to its list and to the filters of the list: a
//! cursor that was cut, changed, or taken from another list is refused. The binding is a checksum
//! without a secret, because a cursor can only name a position in a list that the caller may read
//! anyway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subledger::money::timestamp::Timestamp;
use subledger::page::{ListPosition, PageStart, SortOrder, TimeRange};
use uuid::Uuid;

/// The longest cursor that is looked at, in bytes. Ours have 68.
const CURSOR_BYTES_MAX: usize = 80;
/// The version of the format.
const VERSION: u8 = 2;
/// How much of the checksum is kept.
const CHECKSUM_BYTES: usize = 8;
/// Version, side, order, three moments, id.
const PLACE_BYTES: usize = 3 + 3 * 8 + 16;

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
    /// The balances of an account that its alias names, newest first.
    AliasBalances(Uuid),
    /// The account types of a ledger.
    AccountTypes(Uuid),
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
            | Self::AliasBalances(_)
            | Self::AccountTypes(_) => Vec::new(),
        }
    }

    fn bytes(self) -> [u8; 17] {
        let (tag, id) = match self {
            Self::LedgerBalances(id) => (b'L', id),
            Self::AccountBalances(id) => (b'A', id),
            Self::Versions(id) => (b'V', id),
            Self::Transactions(id) => (b'T', id),
            Self::Operations(id) => (b'O', id),
            Self::AliasBalances(id) => (b'N', id),
            Self::AccountTypes(id) => (b'Y', id),
            Self::BalancesAsOf(id, _) => (b'H', id),
        };
        let mut bytes = [tag; 17];
        bytes.iter_mut().skip(1).zip(id.as_bytes()).for_each(|(byte, of_id)| *byte = *of_id);
        bytes
    }
}

/// A list with its filters, as a text in which equal filters are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilteredList {
    /// The list.
    pub list: List,
    /// Its filters.
    pub filters: String,
}

/// What a cursor says of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Where the page begins.
    pub start: PageStart,
    /// The order of the list.
    pub order: SortOrder,
    /// The dates of the list.
    pub range: TimeRange,
}

impl FilteredList {
    /// The text of a cursor; `None` for the start of a list, which needs none.
    #[must_use]
    pub fn encode(&self, cursor: Cursor) -> Option<String> {
        let (side, position) = match cursor.start {
            PageStart::Start => return None,
            PageStart::After(position) => (b'>', position),
            PageStart::Before(position) => (b'<', position),
        };
        let order = match cursor.order {
            SortOrder::Ascending => b'a',
            SortOrder::Descending => b'd',
        };
        let mut bytes = vec![VERSION, side, order];
        for moment in [position.at, cursor.range.from, cursor.range.to] {
            bytes.extend(moment.micros().to_be_bytes());
        }
        bytes.extend(position.id.as_bytes());
        bytes.extend(self.checksum(&bytes));
        Some(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The cursor of a text; `None` for one that is not of this list with these filters.
    #[must_use]
    pub fn decode(&self, text: &str) -> Option<Cursor> {
        if text.len() > CURSOR_BYTES_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (place, sum) = bytes.split_at_checked(PLACE_BYTES)?;
        if sum != self.checksum(place) {
            return None;
        }
        let (head, place) = place.split_first_chunk::<3>()?;
        let (at, place) = moment(place)?;
        let (from, place) = moment(place)?;
        let (to, id) = moment(place)?;
        let position = ListPosition { at, id: Uuid::from_slice(id).ok()? };
        let [VERSION, side, order] = *head else {
            return None;
        };
        let start = match side {
            b'>' => PageStart::After(position),
            b'<' => PageStart::Before(position),
            _ => return None,
        };
        let order = match order {
            b'a' => SortOrder::Ascending,
            b'd' => SortOrder::Descending,
            _ => return None,
        };
        Some(Cursor { start, order, range: TimeRange { from, to } })
    }

    fn checksum(&self, place: &[u8]) -> Vec<u8> {
        let digest = Sha256::new()
            .chain_update(self.list.bytes())
            .chain_update(self.list.moment())
            .chain_update(place)
            .chain_update(self.filters.as_bytes())
            .finalize();
        digest.iter().copied().take(CHECKSUM_BYTES).collect()
    }
}

/// A moment, and what stands behind it.
fn moment(bytes: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (micros, rest) = bytes.split_first_chunk::<8>()?;
    Some((Timestamp::from_micros(i64::from_be_bytes(*micros))?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(list: List, filters: &str) -> FilteredList {
        FilteredList { list, filters: filters.to_owned() }
    }

    fn balances() -> FilteredList {
        list(List::LedgerBalances(Uuid::from_u128(7)), "")
    }

    fn cursor(start: impl Fn(ListPosition) -> PageStart) -> Cursor {
        let at = Timestamp::from_micros(1_784_313_773_123_456).unwrap();
        let range = TimeRange { from: Timestamp::MIN, to: at };
        let start = start(ListPosition { at, id: Uuid::from_u128(42) });
        Cursor { start, order: SortOrder::Descending, range }
    }

    #[test]
    fn a_cursor_leads_back_to_its_position_in_its_order_and_its_dates() {
        for cursor in [cursor(PageStart::After), cursor(PageStart::Before)] {
            let text = balances().encode(cursor).unwrap();
            assert_eq!(text.len(), 68);
            assert!(text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'));
            assert_eq!(balances().decode(&text), Some(cursor));
        }
        assert_eq!(balances().encode(cursor(|_| PageStart::Start)), None);
    }

    #[test]
    fn a_cursor_that_was_cut_changed_or_taken_from_another_list_is_refused() {
        let text = balances().encode(cursor(PageStart::After)).unwrap();
        for length in 0..text.len() {
            assert_eq!(balances().decode(&text[..length]), None);
        }
        for place in 0..text.len() {
            let mut forged = text.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            assert_eq!(balances().decode(std::str::from_utf8(&forged).unwrap()), None, "{place}");
        }
        for other in [
            list(List::LedgerBalances(Uuid::from_u128(8)), ""),
            list(List::AccountBalances(Uuid::from_u128(7)), ""),
            list(List::Versions(Uuid::from_u128(7)), ""),
            list(List::LedgerBalances(Uuid::from_u128(7)), "type=DEBIT"),
        ] {
            assert_eq!(other.decode(&text), None);
        }
        assert_eq!(balances().decode(&"A".repeat(10_000)), None);
        assert_eq!(balances().decode("zzz"), None);
        assert_eq!(balances().decode("ä"), None);
    }
}
