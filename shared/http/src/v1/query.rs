//! The query strings of lists and of history.

use subledger::money::timestamp::Timestamp;
use subledger::page::{NumberedPage, PageLimit, PageRequest, PageStart, SortOrder, TimeRange};

use super::cursor::{self, List};
use super::date::{DayEnd, parse_moment, parse_moment_or_day};
use super::error::ApiError;
use crate::request::call::Call;

/// The forms of a date that lists accept, for people.
const LIST_DATE_FORM: &str = "yyyy-mm-dd or yyyy-mm-dd hh:mm:ss";
/// The form of a date that history accepts, for people.
const HISTORY_DATE_FORM: &str = "yyyy-mm-dd hh:mm:ss";

/// The page that a request of a list with cursors asks for.
///
/// # Errors
/// `0131`, `0083`, `0078`, `0082`, `0080`, `0081`, in this order.
pub fn page<T>(call: &Call<T>, list: List) -> Result<PageRequest, ApiError> {
    let range = range(call)?;
    let limit = limit(call)?;
    let order = order(call)?;
    // A list with cursors ignores the page number, but refuses one that is malformed.
    page_number(call)?;
    let start = start(call, list)?;
    Ok(PageRequest { limit, order, range, start })
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
) -> Result<Option<PageRequest>, ApiError> {
    let start = start(call, list)?;
    if call.query("limit").is_none() && start == PageStart::Start {
        return Ok(None);
    }
    Ok(Some(PageRequest { limit: limit(call)?, order, range: TimeRange::ALL, start }))
}

fn start<T>(call: &Call<T>, list: List) -> Result<PageStart, ApiError> {
    match call.query("cursor") {
        None | Some("") => Ok(PageStart::Start),
        Some(text) => cursor::decode(list, text).ok_or_else(|| ApiError::query_parameter("cursor")),
    }
}

/// The page that a request of a list with page numbers asks for.
///
/// # Errors
/// Those of [`page`]; `0082` also for a page that begins behind ten thousand items.
pub fn numbered_page<T>(call: &Call<T>) -> Result<NumberedPage, ApiError> {
    let range = range(call)?;
    let invalid = || ApiError::query_parameter("page");
    let number = page_number(call)?;
    NumberedPage::new(number, limit(call)?, order(call)?, range).ok_or_else(invalid)
}

/// The number of the page asked for; 1 if the request names none.
///
/// # Errors
/// `0082` if it is not a number from 1 up.
fn page_number<T>(call: &Call<T>) -> Result<u32, ApiError> {
    let number = |text: &str| text.parse().ok().filter(|number| *number > 0);
    call.query("page")
        .map_or(Ok(1), |text| number(text).ok_or_else(|| ApiError::query_parameter("page")))
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
    let text = call.query("date").filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| ApiError::missing_parameter("date"))?;
    let as_of = parse_moment(text);
    let as_of = as_of.ok_or_else(|| ApiError::date_format("date", HISTORY_DATE_FORM))?;
    let settled_only = match call.query("settled") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(ApiError::query_parameter("settled")),
    };
    Ok(Moment { as_of, settled_only })
}

/// The time that a request of a list is about.
///
/// # Errors
/// `0131`, `0083`, `0078`; `0082` for a filter by metadata, which no list has: without it the
/// answer would hold what was not asked for.
pub fn range<T>(call: &Call<T>) -> Result<TimeRange, ApiError> {
    if call.query_names().any(|name| name.starts_with("metadata.")) {
        return Err(ApiError::query_parameter("metadata"));
    }
    let end = |name, day_end| {
        let text = call.query(name).filter(|text| !text.is_empty());
        let parse = |text| {
            parse_moment_or_day(text, day_end)
                .ok_or_else(|| ApiError::date_format(name, LIST_DATE_FORM))
        };
        text.map(parse).transpose()
    };
    match (end("start_date", DayEnd::First)?, end("end_date", DayEnd::Last)?) {
        (None, None) => Ok(TimeRange::ALL),
        (Some(from), Some(to)) if from <= to => Ok(TimeRange { from, to }),
        (Some(_), Some(_)) => Err(ApiError::reversed_range()),
        (Some(_), None) | (None, Some(_)) => Err(ApiError::half_a_range()),
    }
}

/// Whether the request of a list names a time.
#[must_use]
pub fn has_range<T>(call: &Call<T>) -> bool {
    call.query("end_date").is_some_and(|text| !text.is_empty())
}

fn limit<T>(call: &Call<T>) -> Result<PageLimit, ApiError> {
    let Some(text) = call.query("limit") else {
        return Ok(PageLimit::DEFAULT);
    };
    let invalid = || ApiError::query_parameter("limit");
    let limit: i64 = text.parse().map_err(|_| invalid())?;
    if limit <= 0 {
        return Err(invalid());
    }
    let limit = u16::try_from(limit).ok().and_then(PageLimit::new);
    limit.ok_or_else(|| ApiError::limit_exceeded(PageLimit::MAX))
}

fn order<T>(call: &Call<T>) -> Result<SortOrder, ApiError> {
    match call.query("sort_order").map(str::to_ascii_lowercase).as_deref() {
        None | Some("asc") => Ok(SortOrder::Ascending),
        Some("desc") => Ok(SortOrder::Descending),
        Some(_) => Err(ApiError::sort_order()),
    }
}
