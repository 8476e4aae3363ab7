//! A page of an operator's list. Unreadable items are marked.

use domain::page::{self, Page};
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The items of this page, in order.
    pub data: Vec<Item<T>>,
    /// Whether more items follow the last one of this page.
    #[schema(example = false)]
    pub has_more: bool,
}

/// An item of a list, or the mark of an unreadable item.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Item<T> {
    /// The item itself.
    Readable(T),
    /// The mark of an unreadable item.
    Unreadable(Unreadable),
}

/// Replaces an item whose row in the database cannot be read.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unreadable {
    /// Id of the item. In the audit trail it is the entry's number, in a list of signatures the signer's id.
    #[schema(example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// Always `true`: the item still exists but cannot be read.
    #[schema(example = true)]
    pub unreadable: bool,
}

impl<T> List<T> {
    /// Renders each item of a page.
    pub fn of<D>(page: Page<D>, render: impl FnMut(D) -> T) -> Self {
        let has_more = page.has_more;
        Self { data: items(page, render), has_more }
    }
}

/// Renders each item of a page and marks the unreadable ones.
pub fn items<D, T>(page: Page<D>, mut render: impl FnMut(D) -> T) -> Vec<Item<T>> {
    page.in_order(|item| Item::Readable(render(item)), |mark| Item::Unreadable(mark.into()))
}

impl From<page::Unreadable> for Unreadable {
    fn from(mark: page::Unreadable) -> Self {
        Self { id: mark.id, unreadable: true }
    }
}
