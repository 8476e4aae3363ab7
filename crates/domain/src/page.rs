//! Pages of a list: a limit, a direction and the last item seen.

/// How many items a page holds: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The page size where the caller names none.
    pub const DEFAULT: Self = Self(25);

    /// The largest page.
    pub const MOST: Self = Self(100);

    /// A limit of 1 to 100; `None` outside.
    pub fn new(limit: u64) -> Option<Self> {
        u8::try_from(limit).ok().filter(|limit| (1..=100).contains(limit)).map(Self)
    }

    /// The number of items.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// Which way a list runs along its sort key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first; the default: newest first.
    Descending,
}

/// One page of a list and whether another follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items, in order.
    pub items: Vec<T>,
    /// Whether an item follows the last one.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// Makes a page from up to `limit + 1` rows: the one too many says that more follow.
    pub fn from_overfull(mut items: Vec<T>, limit: Limit) -> Self {
        let has_more = items.len() > limit.get();
        items.truncate(limit.get());
        Self { items, has_more }
    }

    /// The same page of what `shown` makes of the items, without those of which it makes nothing.
    pub fn filter_map<U>(self, shown: impl FnMut(T) -> Option<U>) -> Page<U> {
        Page { items: self.items.into_iter().filter_map(shown).collect(), has_more: self.has_more }
    }
}
