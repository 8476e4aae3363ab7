//! A page of a list.

use domain::page;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The items.
    pub data: Vec<T>,
    /// Whether more follow the last one.
    pub has_more: bool,
}

impl<T> List<T> {
    /// Renders each item of a page.
    pub fn of<D>(page: page::Page<D>, render: impl FnMut(D) -> T) -> Self {
        Self { data: page.items.into_iter().map(render).collect(), has_more: page.has_more }
    }
}
