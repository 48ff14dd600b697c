//! Lists that a client sends: never longer than their limit.

/// Why a list is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// Fewer items than have to be there.
    #[error("has fewer than {items_min} items")]
    TooShort {
        /// The fewest.
        items_min: usize,
    },
    /// More items than may be there.
    #[error("has more than {items_max} items")]
    TooLong {
        /// The most.
        items_max: usize,
    },
}

/// `MIN` to `MAX` items, in the order of the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoundedList<T, const MIN: usize, const MAX: usize>(Vec<T>);

impl<T, const MIN: usize, const MAX: usize> BoundedList<T, MIN, MAX> {
    /// Checks the number of items.
    ///
    /// # Errors
    /// [`ListError`].
    pub fn new(items: Vec<T>) -> Result<Self, ListError> {
        if items.len() < MIN {
            return Err(ListError::TooShort { items_min: MIN });
        }
        if items.len() > MAX {
            return Err(ListError::TooLong { items_max: MAX });
        }
        Ok(Self(items))
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
        assert_eq!(list(0), Err(ListError::TooShort { items_min: 1 }));
        assert_eq!(list(1), Ok(1));
        assert_eq!(list(2), Ok(2));
        assert_eq!(list(3), Err(ListError::TooLong { items_max: 2 }));
    }
}
