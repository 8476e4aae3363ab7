//! A customer on one page: who it is, the review of its KYC with the documents side by side, its exposure, offers, loans
//! and e-mails, and what happened.
//!
//! The part in view and the requirement are in the address. The full tax numbers have an address of their own, so the
//! audit trail shows who has seen them.

mod card;
mod documents;
mod ending;
mod erasing;
mod history;
mod label;
mod list;
mod notes;
mod page;
mod personal_data;
mod review;
mod rows;
mod sheet;
mod shown;
mod tags;
mod viewer;

use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

pub(super) use self::documents::{show as document, show_page as document_page};
pub(super) use self::ending::{ask_refusal, ask_withdrawal, refuse, withdraw};
pub(super) use self::erasing::{ask as ask_erasure, erase};
pub(super) use self::list::show as list;
pub(super) use self::notes::{strike as strike_note, write as write_note};
use self::page::page;
pub(super) use self::personal_data::export as export_personal_data;
pub(super) use self::review::decide;
pub(in crate::pages) use self::rows::title;
use self::shown::{Place, Shown};
pub(super) use self::tags::{add as add_tag, remove as remove_tag};
use crate::pages::people::visit::Visit;

/// Shows a customer, with masked tax numbers.
pub(super) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    page(visit, &headers, &id, Shown::masked(place), StatusCode::OK).await
}

/// Shows a customer with its tax numbers in full.
pub(super) async fn reveal(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    page(visit, &headers, &id, Shown { in_full: true, ..Shown::masked(place) }, StatusCode::OK).await
}
