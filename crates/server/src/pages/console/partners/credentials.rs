//! The credentials of one partner, at their addresses in the console.

use app::partners::{self, Partner};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::access::Permission;
use domain::id::PartnerId;

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::credentials::{self, Shelf};
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// The place of a partner's credentials in the console.
pub(super) fn shelf(visit: &Visit, partner: Partner) -> Shelf {
    let t = visit.texts();
    let list = format!("/console/partners/{}", partner.id);
    Shelf {
        above: vec![
            ("/console/partners".to_owned(), t.partner.partners.to_owned()),
            (list.clone(), partner.name.clone()),
        ],
        form: format!("{list}/credential"),
        each: format!("{list}/credentials"),
        list,
        may_change: visit.visitor.grants.allows(Permission::RevokeCredential),
        may_see_calls: visit.visitor.grants.allows(Permission::ReadRequests),
        calls: "",
        partner,
    }
}

/// The place of the credentials of the partner in an address.
async fn shelf_of(visit: &Visit, id: &str, headers: &HeaderMap) -> Result<Shelf, Response> {
    let Ok(id) = id.parse::<PartnerId>() else { return Err(unknown(headers)) };
    match visit.state.store.look_up(move |tx| partners::find(tx, id)).await {
        Ok(Some(partner)) => Ok(shelf(visit, partner)),
        Ok(None) => Err(unknown(headers)),
        Err(error) => Err(failure(&of_store(error))),
    }
}

/// Shows the empty form.
pub(in crate::pages::console) async fn show_form(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    match shelf_of(&visit, &id, &headers).await {
        Ok(shelf) => credentials::show_form(visit, shelf),
        Err(failed) => failed,
    }
}

/// Makes a credential and shows its secret.
pub(in crate::pages::console) async fn create(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    match shelf_of(&visit, &id, &headers).await {
        Ok(shelf) => credentials::create(visit, shelf, headers, body).await,
        Err(failed) => failed,
    }
}

/// Shows one credential.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path((id, client)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    match shelf_of(&visit, &id, &headers).await {
        Ok(shelf) => credentials::show(visit, shelf, client, headers).await,
        Err(failed) => failed,
    }
}

/// Replaces a credential.
pub(in crate::pages::console) async fn replace(
    visit: Visit, Path((id, client)): Path<(String, String)>, headers: HeaderMap, body: Bytes,
) -> Response {
    match shelf_of(&visit, &id, &headers).await {
        Ok(shelf) => credentials::replace(visit, shelf, client, headers, body).await,
        Err(failed) => failed,
    }
}

/// Revokes a credential.
pub(in crate::pages::console) async fn revoke(
    visit: Visit, Path((id, client)): Path<(String, String)>, headers: HeaderMap, body: Bytes,
) -> Response {
    match shelf_of(&visit, &id, &headers).await {
        Ok(shelf) => credentials::revoke(visit, shelf, client, headers, body).await,
        Err(failed) => failed,
    }
}
