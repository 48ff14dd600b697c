//! Cursors and tokens: only those that were issued are accepted.

use proptest::prelude::*;
use proptest::sample::Index;
use subledger::money::timestamp::Timestamp;
use subledger::page::{ListPosition, PageStart, SortOrder, TimeRange};
use subledger_http::v1::cursor::{Cursor, FilteredList, List};
use subledger_local::authorizer::{Authorizer, Grant, SECRET_BYTES};
use subledger_local::clock;
use uuid::Uuid;

use crate::cases;
use crate::hostile::texts;

fn moments() -> impl Strategy<Value = Timestamp> {
    let micros = Timestamp::MIN.micros()..=Timestamp::MAX.micros();
    micros.prop_map(|micros| Timestamp::from_micros(micros).unwrap())
}

fn cursors() -> impl Strategy<Value = Cursor> {
    let range = (moments(), moments()).prop_map(|(from, to)| TimeRange { from, to });
    let order = prop_oneof![Just(SortOrder::Ascending), Just(SortOrder::Descending)];
    (moments(), any::<u128>(), any::<bool>(), order, range).prop_map(
        |(at, id, is_after, order, range)| {
            let mark = ListPosition { at, id: Uuid::from_u128(id) };
            let start = if is_after { PageStart::After(mark) } else { PageStart::Before(mark) };
            Cursor { start, order, range }
        },
    )
}

fn lists() -> impl Strategy<Value = FilteredList> {
    (0..5_u8, 0..3_u128, 0..2_u8).prop_map(|(list, id, filter)| {
        let id = Uuid::from_u128(id);
        let list = match list {
            0 => List::LedgerBalances(id),
            1 => List::AccountBalances(id),
            2 => List::Versions(id),
            3 => List::Transactions(id),
            _ => List::Operations(id),
        };
        FilteredList { list, filters: format!("type={filter}") }
    })
}

/// A text with one character changed, taken away or added.
fn changed(text: &str, at: &Index, by: char, kind: u8) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let place = at.index(characters.len());
    match kind {
        0 => characters[place] = by,
        1 => drop(characters.remove(place)),
        _ => characters.insert(place, by),
    }
    characters.into_iter().collect()
}

/// Characters that a token or a cursor may have, and some that it may not.
fn characters() -> impl Strategy<Value = char> {
    prop_oneof![
        8 => prop::char::ranges(vec!['a'..='z', 'A'..='Z', '0'..='9', '-'..='.', '_'..='_'].into()),
        1 => any::<char>(),
    ]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_cursor_leads_to_its_place_in_its_list_alone(
        cursor in cursors(), list in lists(), other in lists(),
    ) {
        let text = list.encode(cursor).unwrap();
        prop_assert_eq!(list.decode(&text), Some(cursor));
        prop_assert_eq!(other.decode(&text).is_some(), list == other);
    }

    #[test]
    fn a_cursor_that_is_accepted_is_one_that_was_given_out(
        cursor in cursors(), list in lists(), at in any::<Index>(), by in characters(), kind in 0..3_u8,
    ) {
        let text = changed(&list.encode(cursor).unwrap(), &at, by, kind);
        if let Some(accepted) = list.decode(&text) {
            prop_assert_eq!(list.encode(accepted), Some(text));
        }
    }

    #[test]
    fn no_text_of_strangers_is_a_cursor(text in texts(), list in lists()) {
        prop_assert_eq!(list.decode(&text), None);
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_token_that_was_changed_is_refused(
        at in any::<Index>(), by in characters(), kind in 0..3_u8, expires_in_seconds in -90..90_i64,
    ) {
        let authorizer = Authorizer::new(&[7; SECRET_BYTES]);
        let grant = Grant {
            organization_id: Some(Uuid::from_u128(1)),
            ledger_id: None,
            scope: "account/read".to_owned(),
            expires_in_seconds,
        };
        let now = clock::now();
        let token = authorizer.mint(&grant, now).unwrap();
        let bearer = |token: &str| format!("Bearer {token}");
        let accepted = authorizer.authorize(Some(&bearer(&token)), now).is_ok();
        prop_assert!(accepted || expires_in_seconds <= 0);
        let forged = changed(&token, &at, by, kind);
        prop_assume!(forged.trim() != token);
        prop_assert!(authorizer.authorize(Some(&bearer(&forged)), now).is_err());
        let other = Authorizer::new(&[8; SECRET_BYTES]);
        prop_assert!(other.authorize(Some(&bearer(&token)), now).is_err());
    }

    #[test]
    fn no_text_of_strangers_is_a_token(text in texts()) {
        let authorizer = Authorizer::new(&[7; SECRET_BYTES]);
        prop_assert!(authorizer.authorize(Some(&text), clock::now()).is_err());
        let bearer = format!("Bearer {text}");
        prop_assert!(authorizer.authorize(Some(&bearer), clock::now()).is_err());
    }
}
