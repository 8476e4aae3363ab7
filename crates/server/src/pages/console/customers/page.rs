//! The answers with a customer's page.

use app::{Failed, NotFound, Tx};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::id::CustomerId;

use super::super::notice::notice;
use super::super::visit::Visit;
use super::sheet::CustomerPage;
use super::shown::Shown;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::framed;

/// The page of a customer.
pub(super) async fn page(
    visit: Visit, headers: &HeaderMap, id: &str, shown: Shown, status: StatusCode,
) -> Response {
    let Ok(id) = id.parse::<CustomerId>() else { return unknown(headers) };
    let real = visit.state.clock.now();
    let read = move |tx: &mut Tx<'_>| app::customers::sheet(tx, real, id);
    match visit.state.store.read(read).await {
        Ok(sheet) => {
            let may_decide = visit.visitor.grants.allows(Permission::DecideKyc);
            framed(status, &CustomerPage::of(visit, &sheet, &Shown { may_decide, ..shown }))
        }
        Err(Failed::Refused(NotFound)) => unknown(headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// The answer to an id that names nothing.
pub(super) fn unknown(headers: &HeaderMap) -> Response {
    notice(headers, StatusCode::NOT_FOUND, |t| (t.not_found, t.not_found_text))
}
