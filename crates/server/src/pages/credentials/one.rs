//! One credential of a partner, with the forms that replace and revoke it.

use std::time::Duration;

use app::partners::credentials::{self, ReplaceCredential, ReplaceCredentialRefused, RevokeRefused};
use app::request_log::{self, UsedFrom};
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::credential::{ClientId, Credential, CredentialState, Maker, Reach};
use domain::time::RealTime;

use super::form::shown_once;
use super::shelf::{Shelf, scope};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::console::people::by_maker;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "credentials/one.html")]
struct CredentialPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    shelf: Shelf,
    name: String,
    client: String,
    badge: Badge,
    scope: &'static str,
    made: Moment,
    maker: String,
    used: Option<Moment>,
    /// The addresses of its calls; `None` if the log is off or does not answer, or the person may not see them.
    used_from: Option<Vec<UsedRow>>,
    /// The last moment of the credential, if it ends by itself.
    ends: Option<Moment>,
    may_revoke: bool,
    overlaps: Vec<Overlap>,
}

/// An address from which the credential was used.
struct UsedRow {
    address: String,
    /// The calls from it, in the partner's own list; empty in the console.
    href: String,
    calls: usize,
    last: Moment,
}

/// A time for which a replaced credential stays.
struct Overlap {
    value: u64,
    label: &'static str,
    chosen: bool,
}

/// The hours for which a replaced credential can stay.
const OVERLAPS: [u64; 4] = [1, 24, 168, 0];

/// Shows one credential.
pub(in crate::pages) async fn show(
    visit: Visit, shelf: Shelf, client: String, headers: HeaderMap,
) -> Response {
    let (Ok(client), id) = (client.parse::<ClientId>(), shelf.partner.id) else { return unknown(&headers) };
    let found = match visit.state.store.read(move |tx| credentials::find_with_maker(tx, id, client)).await {
        Ok((_partner, credential, maker)) => (credential, maker),
        Err(failed) => return refused(&headers, failed),
    };
    let now = visit.state.clock.now();
    let count =
        move |tx: &mut Tx<'_>| Ok::<_, Failed<NotFound>>(request_log::used_from(tx, id, client, now)?);
    // The page is useful without the log.
    let used_from = if shelf.may_see_calls { visit.state.request_log.read(count).await.ok() } else { None };
    framed(StatusCode::OK, &page(visit, shelf, found, used_from))
}

/// A credential and the name of its maker.
type Found = (Credential, Option<String>);

fn page(
    visit: Visit, shelf: Shelf, (credential, maker): Found, used_from: Option<Vec<UsedFrom>>,
) -> CredentialPage {
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let moment = |at: RealTime| Moment::ago(at, now, t);
    let (state, client) = (credential.state_at(now), credential.client_id);
    CredentialPage {
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
        used_from: used_from.map(|all| all.iter().map(|one| used_row(one, &shelf, client, now, t)).collect()),
        ends: credential.terms.expires_at.map(|at| Moment::exactly(at.unmoved())),
        may_revoke: state == CredentialState::Active && shelf.may_change,
        shelf,
        overlaps: OVERLAPS
            .into_iter()
            .map(|hours| Overlap { value: hours, label: overlap(hours, t), chosen: hours == 24 })
            .collect(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

fn used_row(used: &UsedFrom, shelf: &Shelf, client: ClientId, now: RealTime, t: &Texts) -> UsedRow {
    let calls = &shelf.calls;
    let href = if calls.is_empty() {
        String::new()
    } else {
        format!("{calls}?client_id={client}&address={}", used.address.replace(':', "%3A"))
    };
    UsedRow { href, address: used.address.clone(), calls: used.calls, last: Moment::ago(used.last, now, t) }
}

/// A time for which a replaced credential stays, in words.
fn overlap(hours: u64, t: &'static Texts) -> &'static str {
    match hours {
        0 => t.partner.overlap_none,
        1 => t.partner.overlap_hour,
        24 => t.partner.overlap_day,
        _week => t.partner.overlap_week,
    }
}

/// Revokes a credential, and those that it made if the box is ticked.
pub(in crate::pages) async fn revoke(
    visit: Visit, shelf: Shelf, client: String, headers: HeaderMap, body: Bytes,
) -> Response {
    let (Ok(client), id) = (client.parse::<ClientId>(), shelf.partner.id) else { return unknown(&headers) };
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
            see_other(&shelf.list)
        }
        // It is as good as revoked if somebody else has done it.
        Err(Failed::Refused(RevokeRefused::AlreadyRevoked)) => see_other(&shelf.list),
        Err(Failed::Refused(RevokeRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Makes a credential in the place of another one, which stays for the chosen time, and shows the new secret.
pub(in crate::pages) async fn replace(
    visit: Visit, shelf: Shelf, client: String, headers: HeaderMap, body: Bytes,
) -> Response {
    let (Ok(client), id) = (client.parse::<ClientId>(), shelf.partner.id) else { return unknown(&headers) };
    let hours = match Form::read(&body) {
        Ok(form) => form.text_or_empty("hours").parse::<u64>().ok(),
        Err(rejection) => return failure(&rejection),
    };
    let Some(hours) = hours.filter(|hours| OVERLAPS.contains(hours)) else {
        return see_other(&shelf.one(client));
    };
    let now = visit.state.clock.now();
    let command = ReplaceCredential {
        environment: visit.state.config.environment,
        client,
        ends_at: now.plus(Duration::from_secs(hours * 3_600)),
        created_by: Maker::Operator(visit.visitor.operator.id),
    };
    let replace = move |tx: &mut Tx<'_>| credentials::replace(tx, id, now, &command);
    match visit.change_and_answer(StatusCode::OK, &body, replace).await {
        Ok(created) => {
            visit.state.credentials.forget(client);
            shown_once(&visit, shelf, created)
        }
        // Its page says that it has ended.
        Err(Failed::Refused(ReplaceCredentialRefused::Ended | ReplaceCredentialRefused::TooMany)) => {
            see_other(&shelf.one(client))
        }
        Err(Failed::Refused(ReplaceCredentialRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
