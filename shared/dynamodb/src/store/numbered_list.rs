//! Lists with page numbers, of objects that listing items name.

use std::future::Future;

use subledger::error::Error;
use subledger::page::{EXAMINED_ITEMS_MAX, Filter, NumberedPage};

use crate::requests::query::Limit;

/// How many objects are read at once: what one `BatchGetItem` takes.
const BATCH_ITEMS: usize = 100;

/// How many listing items a page needs. With a filter one more than may be looked at, to see whether
/// there are more.
pub(crate) fn listing_items<T>(page: &NumberedPage, wanted: &Filter<T>) -> Limit {
    let all = EXAMINED_ITEMS_MAX.saturating_add(1);
    Limit::Items(if wanted.is_empty() { page.end() } else { all })
}

/// The page, of objects with these ids in their order, which `read` reads. Without a filter only those
/// of the page are read; with one, as many as it takes to fill the page.
///
/// # Errors
/// [`Error::TooManyExamined`], and those of `read`.
pub(crate) async fn numbered_page<I, T, F>(
    page: &NumberedPage,
    wanted: &Filter<T>,
    mut ids: Vec<I>,
    read: impl Fn(Vec<I>) -> F,
) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<Vec<T>, Error>>,
{
    if wanted.is_empty() {
        ids.drain(..page.skipped().min(ids.len()));
        return read(ids).await;
    }
    let is_cut = ids.len() > EXAMINED_ITEMS_MAX;
    ids.truncate(EXAMINED_ITEMS_MAX);
    let mut found = Vec::new();
    while found.len() < page.end() && !ids.is_empty() {
        let rest = ids.split_off(ids.len().min(BATCH_ITEMS));
        let batch = std::mem::replace(&mut ids, rest);
        found.extend(read(batch).await?.into_iter().filter(|item| wanted.matches(item)));
    }
    if found.len() < page.end() && is_cut {
        return Err(Error::TooManyExamined { examined_max: EXAMINED_ITEMS_MAX });
    }
    Ok(found.into_iter().skip(page.skipped()).take(page.limit.items()).collect())
}
