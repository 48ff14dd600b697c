//! Lists that a client sends: never longer than their limit.

/// `MIN` to `MAX` items, in the order of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundedList<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> BoundedList<T, MIN, MAX> {
    /// The list of these items; `None` if they are fewer than `MIN` or more than `MAX`.
    #[must_use]
    pub fn new(items: Vec<T>) -> Option<Self> {
        (MIN..=MAX).contains(&items.len()).then_some(Self(items))
    }

    /// The items.
    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }
}

/// The list of no items, where that is one.
impl<T, const MAX: usize> Default for BoundedList<T, 0, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_range_fit_and_nothing_outside() {
        let list = |items| BoundedList::<u8, 1, 2>::new(vec![0; items]).map(|list| list.0.len());
        assert_eq!(list(0), None);
        assert_eq!(list(1), Some(1));
        assert_eq!(list(2), Some(2));
        assert_eq!(list(3), None);
    }
}
