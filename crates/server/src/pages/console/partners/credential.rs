//! One credential of a partner, with the form that revokes it.

use app::partners::Partner;
use app::partners::credentials::{self, RevokeRefused};
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::credential::{ClientId, Credential, CredentialState, Reach};
use domain::id::PartnerId;
use domain::time::RealTime;

use super::super::frame::ConsoleFrame;
use super::super::notice::unknown;
use super::super::people::{by_maker, on_day};
use super::super::visit::Visit;
use super::rows::scope;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/credential.html")]
struct CredentialPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    console: ConsoleFrame,
    partner: String,
    partner_id: String,
    name: String,
    client: String,
    badge: Badge,
    scope: &'static str,
    made: Moment,
    maker: String,
    used: Option<Moment>,
    /// The last moment of the credential, if it ends by itself.
    ends: Option<Moment>,
    may_revoke: bool,
}

/// A credential in an address.
fn named(id: &str, client: &str) -> Option<(PartnerId, ClientId)> {
    Some((id.parse().ok()?, client.parse().ok()?))
}

/// Shows one credential.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path((id, client)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let Some((id, client)) = named(&id, &client) else { return unknown(&headers) };
    match visit.state.store.read(move |tx| credentials::find_with_maker(tx, id, client)).await {
        Ok((partner, credential, maker)) => {
            framed(StatusCode::OK, &page(visit, &partner, &credential, maker))
        }
        Err(Failed::Refused(NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

fn page(visit: Visit, partner: &Partner, credential: &Credential, maker: Option<String>) -> CredentialPage {
    let (t, console, now) = (visit.texts(), visit.console(), visit.state.clock.now());
    let moment = |at: RealTime| Moment::ago(at, now, t);
    let state = credential.state_at(now);
    CredentialPage {
        partner: partner.name.clone(),
        partner_id: partner.id.to_string(),
        name: credential.terms.name.clone(),
        client: credential.client_id.to_string(),
        badge: Badge::of_credential(state, &t.badges),
        scope: scope(credential.terms.scope, t),
        made: moment(credential.created_at),
        maker: credential
            .terms
            .created_by
            .map_or_else(|| t.partner.maker_unknown.to_owned(), |by| by_maker(&by, maker, t)),
        used: credential.last_used_at.map(moment),
        ends: credential.terms.expires_at.map(on_day),
        may_revoke: state == CredentialState::Active
            && visit.visitor.grants.allows(Permission::RevokeCredential),
        path: visit.path,
        frame: visit.frame,
        console,
        t,
    }
}

/// Revokes a credential, and those that it made if the box is ticked.
pub(in crate::pages::console) async fn revoke(
    visit: Visit, Path((id, client)): Path<(String, String)>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Some((id, client)) = named(&id, &client) else { return unknown(&headers) };
    let reach = match Form::read(&body) {
        Ok(form) if form.text("with_created").is_some() => Reach::WithCreated,
        Ok(_form) => Reach::Alone,
        Err(rejection) => return failure(&rejection),
    };
    let (now, state) = (visit.state.clock.now(), visit.state.clone());
    let revoke = move |tx: &mut Tx<'_>| credentials::revoke(tx, id, now, client, reach);
    match visit.change(&body, revoke).await {
        Ok(revoked) => {
            // Other nodes read the credentials again within a second.
            revoked.ended.iter().for_each(|client| state.credentials.forget(*client));
            see_other(&format!("/console/partners/{id}"))
        }
        // It is as good as revoked if somebody else has done it.
        Err(Failed::Refused(RevokeRefused::AlreadyRevoked)) => see_other(&format!("/console/partners/{id}")),
        Err(Failed::Refused(RevokeRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
