//! The answers with a proposal's page.

use app::Tx;
use app::people::proposal_sheet;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::ProposalId;

use super::sheet::{ProposalPage, Shown};
use crate::pages::kit::framed;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;

/// The page of a proposal.
pub(super) async fn page(
    visit: Visit, headers: &HeaderMap, id: &str, shown: Shown, status: StatusCode,
) -> Response {
    let Ok(id) = id.parse::<ProposalId>() else { return unknown(headers) };
    let now = visit.state.clock.now();
    match visit.state.store.read(move |tx: &mut Tx<'_>| proposal_sheet::sheet(tx, now, id)).await {
        Ok(sheet) => framed(status, &ProposalPage::of(visit, &sheet, shown)),
        Err(failed) => refused(headers, failed),
    }
}
