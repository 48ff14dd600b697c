//! The envelopes of lists.

use serde::Serialize;
use subledger::page::{ListPosition, NumberedPage, PageLimit};

use super::query::CursorPage;

/// The envelope of a list with cursors.
#[derive(Serialize)]
struct Body<T> {
    items: Vec<T>,
    limit: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    prev_cursor: Option<String>,
    /// Of a list as of a moment, whether it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<bool>,
}

/// A page of a list, with the way back and forth where there is one.
pub(super) fn body<T: Serialize>(
    items: Vec<T>,
    ends: (Option<ListPosition>, Option<ListPosition>),
    page: &CursorPage,
) -> impl Serialize {
    body_as_of(items, ends, page, None)
}

/// The same for a list as of a moment, which says whether it is final.
pub(super) fn body_as_of<T: Serialize>(
    items: Vec<T>,
    (previous, next): (Option<ListPosition>, Option<ListPosition>),
    page: &CursorPage,
    settled: Option<bool>,
) -> impl Serialize {
    Body {
        items,
        limit: page.request.limit.get(),
        next_cursor: next.and_then(|position| page.after(position)),
        prev_cursor: previous.and_then(|position| page.before(position)),
        settled,
    }
}

/// A whole list in the same envelope. Its limit is the default, however many items there are.
pub(super) fn unpaged<T: Serialize>(items: Vec<T>) -> impl Serialize {
    let limit = PageLimit::DEFAULT.get();
    Body { items, limit, next_cursor: None, prev_cursor: None, settled: None }
}

/// A page of a list with page numbers.
///
/// Cursors are absent: such a list has none.
pub fn numbered_list<T>(items: Vec<T>, page: &NumberedPage) -> impl Serialize
where
    T: Serialize,
{
    #[derive(Serialize)]
    struct Body<T> {
        items: Vec<T>,
        page: u32,
        limit: u16,
    }
    Body { items, page: page.number(), limit: page.limit.get() }
}
