//! A proposal: what it does, who proposed it, how its subject is now, and the decision of the second person.

mod decide;
mod page;
mod sheet;
mod words;

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

pub(super) use self::decide::{approve, reject, withdraw};
use self::page::page;
use self::sheet::Shown;
pub(super) use self::words::{about, address};
use crate::pages::people::visit::Visit;

/// The part of the address that names the question to confirm.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    confirm: String,
}

/// Shows a proposal. With `confirm` in the address it asks the question of that button, for browsers without scripts.
pub(super) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let shown = Shown { confirm: asked.confirm, ..Shown::default() };
    page(visit, &headers, &id, shown, StatusCode::OK).await
}
