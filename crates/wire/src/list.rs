//! A page of a list.

use domain::page;
use serde::Serialize;
use utoipa::ToSchema;

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The items of the page.
    pub data: Vec<T>,
    /// Whether more items follow. Send the last item's id as `starting_after` to get them.
    pub has_more: bool,
}

impl<T> List<T> {
    /// Renders each item of a page.
    pub fn of<D>(page: page::Page<D>, render: impl FnMut(D) -> T) -> Self {
        Self { data: page.items.into_iter().map(render).collect(), has_more: page.has_more }
    }
}
