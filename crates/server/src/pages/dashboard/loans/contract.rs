//! The PDF of a loan's contract.

use app::contracts::{Copy, Document};
use app::directory::OnClock;
use app::loans;
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::LoanId;
use serde::Deserialize;

use crate::contract_files;
use crate::http::problem::of_store;
use crate::pages::answer::{embedded, failure};
use crate::pages::people::desk::Desk;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;

/// The part of the address that names the copy.
#[derive(Debug, Deserialize)]
pub(in crate::pages::dashboard) struct Asked {
    #[serde(default)]
    copy: String,
}

/// Serves a copy of a loan's contract, the issued one unless the address names the other.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let Ok(loan) = id.parse::<LoanId>() else { return unknown(&headers) };
    let copy = if asked.copy == Copy::Signed.name() { Copy::Signed } else { Copy::Issued };
    let partner = match desk.tenant_of(&visit.state, OnClock::Loan(loan)).await {
        Ok(tenant) => tenant,
        Err(rejection) => return failure(&rejection),
    };
    if let Err(failed) = visit.state.store.look_up(move |tx| loans::find(tx, partner, loan)).await {
        return refused(&headers, failed);
    }
    match contract_files::find(&visit.state, Document { partner, loan, copy }).await {
        Ok(Some(found)) => embedded("application/pdf", found.pdf),
        Ok(None) => unknown(&headers),
        Err(error) => failure(&of_store(error)),
    }
}
