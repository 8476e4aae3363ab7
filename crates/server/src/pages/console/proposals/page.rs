//! The answers with a proposal's page.

use app::people::proposal_sheet;
use app::{Failed, NotFound, Tx};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::ProposalId;

use super::sheet::{ProposalPage, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::framed;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// The page of a proposal.
pub(super) async fn page(
    visit: Visit, headers: &HeaderMap, id: &str, shown: Shown, status: StatusCode,
) -> Response {
    let Ok(id) = id.parse::<ProposalId>() else { return unknown(headers) };
    let now = visit.state.clock.now();
    match visit.state.store.read(move |tx: &mut Tx<'_>| proposal_sheet::sheet(tx, now, id)).await {
        Ok(sheet) => framed(status, &ProposalPage::of(visit, &sheet, shown)),
        Err(Failed::Refused(NotFound)) => unknown(headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
