//! The reference generation, served at `/v3`.

pub mod credential;
pub mod customer;
pub mod event;
pub mod kyc;
pub mod loan;
pub mod offer;
pub mod scalar;
pub mod simulation;
pub mod webhook_endpoint;

use domain::page;
use serde::Serialize;
use utoipa::ToSchema;

/// What the generation's problem types begin with.
pub const PROBLEM_TYPE_BASE: &str = "https://api.dinie.com.br/errors";

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
