//! How lists are cut into pages.
//!
//! Balances and transactions are listed by cursor: a page begins after the last item of the page
//! before. So no item is listed twice and none is left out, whatever is created meanwhile. The
//! small lists (organizations, ledgers, assets, accounts) are listed by page number, as their
//! clients expect.

use std::fmt;

use uuid::Uuid;

use crate::money::timestamp::Timestamp;

/// How many items a page has: 1 to 100. A hundred is what one `BatchGetItem` reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageLimit(u16);

impl PageLimit {
    /// The most items on a page.
    pub const MAX: u16 = 100;
    /// The limit of a request that names none.
    pub const DEFAULT: Self = Self(10);
    /// The most items.
    pub const LONGEST: Self = Self(Self::MAX);

    /// The limit, if it is 1 to 100.
    #[must_use]
    pub fn new(limit: u16) -> Option<Self> {
        (1..=Self::MAX).contains(&limit).then_some(Self(limit))
    }

    /// 1 to 100.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// 1 to 100.
    #[must_use]
    pub fn items(self) -> usize {
        usize::from(self.0)
    }
}

/// In which order items are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SortOrder {
    /// Oldest first.
    Ascending,
    /// Newest first.
    Descending,
}

impl SortOrder {
    /// The other order.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A range of time; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// The earliest moment.
    pub from: Timestamp,
    /// The latest moment.
    pub to: Timestamp,
}

impl TimeRange {
    /// Everything.
    pub const ALL: Self = Self { from: Timestamp::MIN, to: Timestamp::MAX };

    /// Whether the moment is in the range.
    #[must_use]
    pub fn contains(&self, moment: Timestamp) -> bool {
        self.from <= moment && moment <= self.to
    }
}

/// The position of an item in a list: when it was created or recorded, and its id, which orders
/// items of the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListPosition {
    /// When the item was created or recorded.
    pub at: Timestamp,
    /// The id of the item.
    pub id: Uuid,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageStart {
    /// At the beginning of the list.
    Start,
    /// After this item, in the order of the list.
    After(ListPosition),
    /// Before this item, in the order of the list.
    Before(ListPosition),
}

/// Which page of a list of balances or versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// How many items.
    pub limit: PageLimit,
    /// In which order.
    pub order: SortOrder,
    /// Only items of this time.
    pub range: TimeRange,
    /// Where it begins.
    pub start: PageStart,
}

/// What a store reads to fill a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageQuery {
    /// The direction.
    pub order: SortOrder,
    /// Only items of this time.
    pub range: TimeRange,
    /// Only items strictly behind this one, in the direction of the query.
    pub after: Option<ListPosition>,
    /// How many items: one more than the page, to see whether there is another page.
    pub items: usize,
}

impl PageRequest {
    /// What a store reads to fill the page.
    #[must_use]
    pub fn query(&self) -> PageQuery {
        let (order, after) = match self.start {
            PageStart::Start => (self.order, None),
            PageStart::After(position) => (self.order, Some(position)),
            PageStart::Before(position) => (self.order.reversed(), Some(position)),
        };
        PageQuery { order, range: self.range, after, items: self.limit.items().saturating_add(1) }
    }

    /// Makes the page of what the query found: at most one item more than the limit, in the
    /// direction of the query.
    #[must_use]
    pub fn page<T>(&self, mut found: Vec<T>, position: impl Fn(&T) -> ListPosition) -> Page<T> {
        let more = found.len() > self.limit.items();
        found.truncate(self.limit.items());
        let (previous, next) = match self.start {
            PageStart::Start => (false, more),
            PageStart::After(_) => (true, more),
            PageStart::Before(_) => {
                found.reverse();
                (more, true)
            }
        };
        Page {
            previous: found.first().filter(|_| previous).map(&position),
            next: found.last().filter(|_| next).map(&position),
            items: found,
        }
    }
}

impl PageQuery {
    /// Whether the item belongs to the answer, its limit aside.
    #[must_use]
    pub fn matches(&self, position: ListPosition) -> bool {
        self.range.contains(position.at)
            && self.after.is_none_or(|after| match self.order {
                SortOrder::Ascending => position > after,
                SortOrder::Descending => position < after,
            })
    }

    /// The answer from a list that is in memory, in any order.
    #[must_use]
    pub fn answer<T>(&self, items: Vec<T>, position: impl Fn(&T) -> ListPosition) -> Vec<T> {
        let mut found: Vec<T> =
            items.into_iter().filter(|item| self.matches(position(item))).collect();
        found.sort_by_key(&position);
        match self.order {
            SortOrder::Ascending => {}
            SortOrder::Descending => found.reverse(),
        }
        found.truncate(self.items);
        found
    }
}

/// A page of a list, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// At most as many as asked for.
    pub items: Vec<T>,
    /// The page in front of this one ends before this item.
    pub previous: Option<ListPosition>,
    /// The page behind this one begins after this item.
    pub next: Option<ListPosition>,
}

impl<T> Page<T> {
    /// The same page with other items.
    pub fn map<U>(self, items: impl FnOnce(Vec<T>) -> Vec<U>) -> Page<U> {
        Page { items: items(self.items), previous: self.previous, next: self.next }
    }
}

/// One condition of a filter.
type Condition<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

/// Which items of a list are asked for: those that meet every condition. All, if there is none.
pub struct Filter<T>(Vec<Condition<T>>);

impl<T> Default for Filter<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> fmt::Debug for Filter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a filter of {} conditions", self.0.len())
    }
}

impl<T> Filter<T> {
    /// Adds a condition.
    pub fn add(&mut self, condition: impl Fn(&T) -> bool + Send + Sync + 'static) {
        self.0.push(Box::new(condition));
    }

    /// Whether there is no condition.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the item meets every condition.
    #[must_use]
    pub fn matches(&self, item: &T) -> bool {
        self.0.iter().all(|condition| condition(item))
    }
}

/// The most items that page numbers may skip: a numbered page reads all in front of it.
pub const SKIPPED_ITEMS_MAX: usize = 10_000;

/// The most items that a filtered list with page numbers, or a filtered count, looks at.
pub const EXAMINED_ITEMS_MAX: usize = 10_000;

/// One more than [`EXAMINED_ITEMS_MAX`].
const COUNTED_ITEMS_MAX: u16 = 10_001;

/// Which page of a list with page numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumberedPage {
    /// How many items.
    pub limit: PageLimit,
    /// Its number, from 1.
    number: u32,
    /// How many items stand in front of the page: at most [`SKIPPED_ITEMS_MAX`].
    skipped: usize,
    /// In which order.
    pub order: SortOrder,
    /// Only items created in this time.
    pub range: TimeRange,
}

impl NumberedPage {
    /// The page with this number, from 1; `None` if it is zero or too far behind.
    #[must_use]
    pub fn new(number: u32, limit: PageLimit, order: SortOrder, range: TimeRange) -> Option<Self> {
        let skipped = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(limit.items())?;
        (skipped <= SKIPPED_ITEMS_MAX).then_some(Self { limit, number, skipped, order, range })
    }

    /// All items of a list, to be counted: as many as may be looked at, and one more that tells that
    /// there are more.
    #[must_use]
    pub const fn to_count(range: TimeRange) -> Self {
        let limit = PageLimit(COUNTED_ITEMS_MAX);
        Self { limit, number: 1, skipped: 0, order: SortOrder::Ascending, range }
    }

    /// Its number, from 1.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// How many items stand in front of the page.
    #[must_use]
    pub const fn skipped(&self) -> usize {
        self.skipped
    }

    /// How many items have to be found to know the page: those in front of it, and its own.
    #[must_use]
    pub fn end(&self) -> usize {
        self.skipped.saturating_add(self.limit.items())
    }

    /// The page of a list that is in memory in ascending order.
    #[must_use]
    pub fn cut<T>(&self, ascending: Vec<T>, created_at: impl Fn(&T) -> Timestamp) -> Vec<T> {
        let mut items: Vec<T> =
            ascending.into_iter().filter(|item| self.range.contains(created_at(item))).collect();
        match self.order {
            SortOrder::Ascending => {}
            SortOrder::Descending => items.reverse(),
        }
        items.into_iter().skip(self.skipped).take(self.limit.items()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(n: i64) -> ListPosition {
        let at = Timestamp::from_micros(n).unwrap();
        ListPosition { at, id: Uuid::from_u128(u128::try_from(n).unwrap()) }
    }

    /// Asks for a page of three of the list 1 to 7.
    #[track_caller]
    fn check(order: SortOrder, start: PageStart, items: &[i64], ends: (Option<i64>, Option<i64>)) {
        let limit = PageLimit::new(3).unwrap();
        let request = PageRequest { limit, order, range: TimeRange::ALL, start };
        let found = request.query().answer((1..=7).collect(), |n| position(*n));
        let page = request.page(found, |n| position(*n));
        assert_eq!(page.items, items);
        assert_eq!((page.previous, page.next), (ends.0.map(position), ends.1.map(position)));
    }

    #[test]
    fn a_list_is_walked_forth_and_back_in_both_orders() {
        use PageStart::{After, Before, Start};
        use SortOrder::{Ascending, Descending};
        check(Ascending, Start, &[1, 2, 3], (None, Some(3)));
        check(Ascending, After(position(3)), &[4, 5, 6], (Some(4), Some(6)));
        check(Ascending, After(position(6)), &[7], (Some(7), None));
        check(Ascending, After(position(7)), &[], (None, None));
        check(Ascending, Before(position(7)), &[4, 5, 6], (Some(4), Some(6)));
        check(Descending, Start, &[7, 6, 5], (None, Some(5)));
        check(Descending, After(position(5)), &[4, 3, 2], (Some(4), Some(2)));
        check(Descending, After(position(2)), &[1], (Some(1), None));
        check(Descending, Before(position(4)), &[7, 6, 5], (None, Some(5)));
    }

    #[test]
    fn going_back_to_the_first_page_offers_the_way_forward_again() {
        use SortOrder::{Ascending, Descending};
        check(Ascending, PageStart::Before(position(4)), &[1, 2, 3], (None, Some(3)));
        check(Descending, PageStart::Before(position(3)), &[6, 5, 4], (Some(6), Some(4)));
    }

    #[test]
    fn a_page_number_may_skip_ten_thousand_items() {
        let page = |number| {
            NumberedPage::new(
                number,
                PageLimit::new(100).unwrap(),
                SortOrder::Ascending,
                TimeRange::ALL,
            )
        };
        assert_eq!(page(0), None);
        assert_eq!(page(1).map(|page| page.skipped()), Some(0));
        assert_eq!(page(101).map(|page| page.skipped()), Some(10_000));
        assert_eq!(page(102), None);
        assert_eq!(page(u32::MAX), None);
    }

    #[test]
    fn a_limit_is_1_to_100() {
        assert_eq!(PageLimit::new(0), None);
        assert_eq!(PageLimit::new(100).map(PageLimit::get), Some(100));
        assert_eq!(PageLimit::new(101), None);
    }
}
