//! Pages of a list: a limit, a direction and the last seen item.

/// Most items of a page: 1 to 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(u8);

impl Limit {
    /// The limit if the caller names none.
    pub const DEFAULT: Self = Self(25);
    /// One item.
    pub const ONE: Self = Self(1);

    /// The largest page.
    pub const MOST: Self = Self(100);

    /// A limit of 1 to 100; `None` for other numbers.
    pub fn new(limit: u64) -> Option<Self> {
        u8::try_from(limit).ok().filter(|limit| (1..=100).contains(limit)).map(Self)
    }

    /// The number of items.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

/// The direction of a list along its sort key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Smallest first.
    Ascending,
    /// Largest first, so newest first; the default.
    Descending,
}

/// The mark of a stored item that cannot be read. It hides no other item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The item's id as text, because the id itself may be damaged.
    pub id: String,
    /// The number of readable items before it on the page.
    pub after: usize,
}

/// A page of a list, and whether another one follows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The readable items, in order.
    pub items: Vec<T>,
    /// The marks of unreadable items, in order.
    pub unreadable: Vec<Unreadable>,
    /// Whether more items follow.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// A page without items.
    pub fn empty(has_more: bool) -> Self {
        Self { items: Vec::new(), unreadable: Vec::new(), has_more }
    }

    /// A list with one page.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, unreadable: Vec::new(), has_more: false }
    }

    /// Makes a page from up to `limit + 1` rows. The extra row shows that more follow.
    pub fn from_overfull(mut items: Vec<T>, limit: Limit) -> Self {
        let has_more = items.len() > limit.get();
        items.truncate(limit.get());
        Self { items, unreadable: Vec::new(), has_more }
    }

    /// Adds the mark of an unreadable item after the present items.
    pub fn push_unreadable(&mut self, id: String) {
        self.unreadable.push(Unreadable { id, after: self.items.len() });
    }

    /// The same page with each item replaced by `shown`, and without the items for which `shown` returns `None`.
    pub fn filter_map<U>(self, mut shown: impl FnMut(T) -> Option<U>) -> Page<U> {
        let mut page = Page::empty(self.has_more);
        for item in self.in_order(Ok, Err) {
            match item {
                Ok(item) => page.items.extend(shown(item)),
                Err(unreadable) => page.push_unreadable(unreadable.id),
            }
        }
        page
    }

    /// All items of the page in their order, readable or not.
    pub fn in_order<U>(
        self, mut readable: impl FnMut(T) -> U, mut unreadable: impl FnMut(Unreadable) -> U,
    ) -> Vec<U> {
        let mut all = Vec::with_capacity(self.items.len() + self.unreadable.len());
        let mut marks = self.unreadable.into_iter().peekable();
        for (place, item) in self.items.into_iter().enumerate() {
            while let Some(mark) = marks.next_if(|mark| mark.after <= place) {
                all.push(unreadable(mark));
            }
            all.push(readable(item));
        }
        all.extend(marks.map(unreadable));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreadable_items_keep_their_places_while_others_change_or_disappear() {
        let mut page: Page<u8> = Page::empty(true);
        page.push_unreadable("a".into());
        page.items.extend([1, 2]);
        page.push_unreadable("b".into());
        page.push_unreadable("c".into());
        page.items.push(3);
        page.push_unreadable("d".into());
        let shown = |page: Page<u8>| page.in_order(|item| item.to_string(), |mark| mark.id).concat();
        assert_eq!(shown(page.clone()), "a12bc3d");
        let odd = page.filter_map(|item| (item % 2 == 1).then_some(item));
        assert!(odd.has_more);
        assert_eq!(shown(odd), "a1bc3d");
        assert_eq!(shown(Page::whole(vec![7])), "7");
    }
}
