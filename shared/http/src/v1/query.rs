//! The query strings of lists and of history. A filter, a date or a cursor without a value counts as
//! absent.

use subledger::money::timestamp::Timestamp;
use subledger::page::{
    ListPosition, NumberedPage, PageLimit, PageRequest, PageStart, SKIPPED_ITEMS_MAX, SortOrder,
    TimeRange,
};

use super::cursor::{Cursor, FilteredList, List};
use super::date::{DayEnd, parse_moment, parse_moment_or_day};
use super::error::ApiError;
use crate::request::call::Call;

/// The forms of a date that lists accept, for people.
const LIST_DATE_FORMS: &str = "a date such as 2026-07-17, or a moment such as 2026-07-17 18:42:53 \
                               (in UTC), 2026-07-17T18:42:53.5Z or 2026-07-17T18:42:53%2B02:00";
/// The forms of a date that history accepts, for people.
const HISTORY_DATE_FORMS: &str = "a moment such as 2026-07-17 18:42:53 (in UTC), \
                                  2026-07-17T18:42:53.5Z or 2026-07-17T18:42:53%2B02:00";

/// The page that a request of a list with cursors asks for, and the list that its cursors belong to.
#[derive(Debug, Clone)]
pub struct CursorPage {
    /// The page.
    pub request: PageRequest,
    list: FilteredList,
}

impl CursorPage {
    /// The cursor of the page behind the one that ends with this item.
    pub(super) fn after(&self, position: ListPosition) -> Option<String> {
        self.cursor(PageStart::After(position))
    }

    /// The cursor of the page in front of the one that begins with this item.
    pub(super) fn before(&self, position: ListPosition) -> Option<String> {
        self.cursor(PageStart::Before(position))
    }

    fn cursor(&self, start: PageStart) -> Option<String> {
        let PageRequest { order, range, .. } = self.request;
        self.list.encode(Cursor { start, order, range })
    }
}

/// The page that a request of a list with cursors asks for.
///
/// A cursor carries the order and the dates of its list. They may be left out with it, and have to
/// be the same if they are given.
///
/// # Errors
/// `0131`, `0083`, `0078`, `0082`, `0080`, `0081`, in this order.
pub fn page<T>(call: &Call<T>, list: List) -> Result<CursorPage, ApiError> {
    let range = dates(call, "start_date", "end_date")?;
    let limit = limit(call)?;
    let order = order(call)?;
    check_page_number(call)?;
    let list = FilteredList { list, filters: filters(call) };
    let request = |start, order, range| PageRequest { limit, order, range, start };
    let Some(text) = given(call, "cursor") else {
        let order = order.unwrap_or(SortOrder::Ascending);
        let request = request(PageStart::Start, order, range.unwrap_or(TimeRange::ALL));
        return Ok(CursorPage { request, list });
    };
    let why = "has to be the next_cursor or prev_cursor of an answer of this list with the same \
               filters";
    let cursor = list.decode(text).ok_or_else(|| ApiError::query_parameter("cursor", why))?;
    if order.is_some_and(|order| order != cursor.order) {
        let why = "is of the other sort_order; leave sort_order out or repeat that of its list";
        return Err(ApiError::query_parameter("cursor", why));
    }
    if range.is_some_and(|range| range != cursor.range) {
        let why = "is of other dates; leave the dates out or repeat those of its list";
        return Err(ApiError::query_parameter("cursor", why));
    }
    Ok(CursorPage { request: request(cursor.start, cursor.order, cursor.range), list })
}

/// Refuses the number of a page in a list that has none, unless it is 1, which some clients always send.
fn check_page_number<T>(call: &Call<T>) -> Result<(), ApiError> {
    if call.query("page").is_none_or(|page| page == "1") {
        return Ok(());
    }
    let why = "is 1 in a list with cursors; the next page is asked for with cursor";
    Err(ApiError::query_parameter("page", why))
}

/// The parameters of the query that are filters, in the order of their names.
fn filters<T>(call: &Call<T>) -> String {
    // What every list has, and what lists as of a moment are bound to or decide anew on each page.
    const NO_FILTERS: [&str; 8] =
        ["cursor", "date", "end_date", "limit", "page", "settled", "sort_order", "start_date"];
    let mut names: Vec<&str> =
        call.parameter_names().filter(|name| !NO_FILTERS.contains(name)).collect();
    names.sort_unstable();
    names.dedup();
    let filter = |name: &str| Some(format!("{name}={}", given(call, name)?));
    names.into_iter().filter_map(filter).collect::<Vec<_>>().join("&")
}

/// The page that a request asks for of a list that is answered as a whole unless it is asked for a
/// page, in this order; `None` for the whole list.
///
/// # Errors
/// `0082`, `0080`.
pub fn optional_page<T>(
    call: &Call<T>,
    list: List,
    order: SortOrder,
) -> Result<Option<CursorPage>, ApiError> {
    check_page_number(call)?;
    let asks_for_page = ["limit", "cursor", "start_date", "end_date"];
    let is_whole = asks_for_page.iter().all(|name| given(call, name).is_none());
    if is_whole && call.query("sort_order").is_none() {
        return Ok(None);
    }
    let mut page = page(call, list)?;
    if page.request.start == PageStart::Start && call.query("sort_order").is_none() {
        page.request.order = order;
    }
    Ok(Some(page))
}

/// The page that a request of a list with page numbers asks for.
///
/// # Errors
/// Those of [`page`]; `0082` also for a page that begins behind ten thousand items.
pub fn numbered_page<T>(call: &Call<T>) -> Result<NumberedPage, ApiError> {
    let range = dates(call, "start_date", "end_date")?.unwrap_or(TimeRange::ALL);
    let invalid = |why: &str| ApiError::query_parameter("page", why);
    let number = match call.query("page") {
        None => 1,
        Some(text) => {
            let number = text.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| invalid("has to be a whole number from 1"))?
        }
    };
    let limit = limit(call)?;
    let order = order(call)?.unwrap_or(SortOrder::Ascending);
    NumberedPage::new(number, limit, order, range).ok_or_else(|| {
        invalid(&format!(
            "skips more than {SKIPPED_ITEMS_MAX} items; narrow the list with start_date and \
             end_date"
        ))
    })
}

/// The moment that a request of history asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub as_of: Timestamp,
    /// Whether only a final answer will do.
    pub settled_only: bool,
}

/// The moment that a request of history asks about.
///
/// # Errors
/// `0142` if it is not there, `0131` if it is not a moment, `0082` if `settled` is neither `true` nor
/// `false`.
pub fn moment<T>(call: &Call<T>) -> Result<Moment, ApiError> {
    let text = given(call, "date").ok_or_else(|| ApiError::missing_parameter("date"))?;
    let as_of = parse_moment(text);
    let as_of = as_of.ok_or_else(|| ApiError::date_format("date", HISTORY_DATE_FORMS))?;
    let settled_only = match call.query("settled") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(ApiError::query_parameter("settled", "has to be true or false")),
    };
    Ok(Moment { as_of, settled_only })
}

/// The time between two dates, which are given together or not at all.
///
/// # Errors
/// `0131`, `0083`, `0078`.
pub fn dates<T>(
    call: &Call<T>,
    first: &'static str,
    last: &'static str,
) -> Result<Option<TimeRange>, ApiError> {
    let end = |name, day_end| {
        let parse = |text| {
            parse_moment_or_day(text, day_end)
                .ok_or_else(|| ApiError::date_format(name, LIST_DATE_FORMS))
        };
        given(call, name).map(parse).transpose()
    };
    match (end(first, DayEnd::First)?, end(last, DayEnd::Last)?) {
        (None, None) => Ok(None),
        (Some(from), Some(to)) if from <= to => Ok(Some(TimeRange { from, to })),
        (Some(_), Some(_)) => Err(ApiError::reversed_range(first, last)),
        (Some(_), None) | (None, Some(_)) => Err(ApiError::half_a_range(first, last)),
    }
}

/// When the items of a list were recorded.
///
/// # Errors
/// Those of [`dates`].
pub fn recorded<T>(call: &Call<T>) -> Result<TimeRange, ApiError> {
    let range = dates(call, "recorded_start_date", "recorded_end_date")?;
    Ok(range.unwrap_or(TimeRange::ALL))
}

/// When the items of a list were created.
///
/// # Errors
/// Those of [`dates`].
pub fn created<T>(call: &Call<T>) -> Result<TimeRange, ApiError> {
    Ok(dates(call, "start_date", "end_date")?.unwrap_or(TimeRange::ALL))
}

/// A parameter of the query that has a value.
pub(super) fn given<'c, T>(call: &'c Call<T>, name: &str) -> Option<&'c str> {
    call.query(name).filter(|text| !text.is_empty())
}

fn limit<T>(call: &Call<T>) -> Result<PageLimit, ApiError> {
    let Some(text) = call.query("limit") else {
        return Ok(PageLimit::DEFAULT);
    };
    let invalid = || {
        let why = format!("has to be a whole number from 1 to {}", PageLimit::MAX);
        ApiError::query_parameter("limit", &why)
    };
    let limit: i64 = text.parse().map_err(|_| invalid())?;
    if limit <= 0 {
        return Err(invalid());
    }
    let limit = u16::try_from(limit).ok().and_then(PageLimit::new);
    limit.ok_or_else(|| ApiError::limit_exceeded(PageLimit::MAX))
}

fn order<T>(call: &Call<T>) -> Result<Option<SortOrder>, ApiError> {
    match call.query("sort_order").map(str::to_ascii_lowercase).as_deref() {
        None => Ok(None),
        Some("asc") => Ok(Some(SortOrder::Ascending)),
        Some("desc") => Ok(Some(SortOrder::Descending)),
        Some(_) => Err(ApiError::sort_order()),
    }
}
