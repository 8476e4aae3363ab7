//! One person or program, with the forms that end its access and reset how the person signs in.

use std::sync::Arc;

use app::people::invitations::{self, ResetRefused};
use app::people::operators::{self, RevokeRefused};
use app::{Failed, Tx};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{Operator, OperatorKind, OperatorStatus, Permission};
use domain::credential::Maker;
use domain::id::OperatorId;
use domain::time::RealTime;
use domain::written;

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/person.html")]
struct OnePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    kind: &'static str,
    badge: Badge,
    roles: String,
    maker: String,
    made: Moment,
    used: Option<Moment>,
    /// The last moment of a token, if it ends by itself.
    ends: Option<Moment>,
    may_revoke: bool,
    may_reset: bool,
    /// Whether an invitation was sent just now.
    invited_now: bool,
}

/// Shows one person or program.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<OperatorId>() else { return unknown(&headers) };
    let (operator, maker) = match visit.state.store.read(move |tx| operators::find_with_maker(tx, id)).await {
        Ok(found) => found,
        Err(failed) => return refused(&headers, failed),
    };
    framed(StatusCode::OK, &one(visit, &operator, maker))
}

fn one(visit: Visit, operator: &Operator, maker: Option<String>) -> OnePage {
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let status = operator.status_at(now);
    let is_active = status == OperatorStatus::Active;
    let is_self = visit.visitor.operator.id == operator.id;
    let is_person = operator.kind == OperatorKind::Person;
    // Nobody ends or resets the own access by mistake: another person can.
    let may_manage = is_active && !is_self && visit.visitor.grants.allows(Permission::ManageOperators);
    let moment = |at: RealTime| Moment::ago(at, now, t);
    OnePage {
        t,
        frame: visit.frame,
        invited_now: visit.path.ends_with("?invited"),
        path: visit.path,
        around,
        id: operator.id.to_string(),
        name: operator.name.clone(),
        kind: if is_person { t.console.person } else { t.console.program },
        badge: Badge::of_operator(status, &t.badges),
        roles: operator.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        maker: maker_of(operator, maker, t),
        made: moment(operator.created_at),
        used: operator.last_used_at.map(moment),
        ends: operator.expires_at.map(on_day),
        may_revoke: may_manage,
        may_reset: may_manage && is_person,
    }
}

/// A moment by its day.
pub(in crate::pages::console) fn on_day(at: RealTime) -> Moment {
    let at = at.unmoved();
    Moment::new(at, &written::date(at.business_date()))
}

/// The maker of an operator, in words.
pub(super) fn maker_of(operator: &Operator, name: Option<String>, t: &Texts) -> String {
    by_maker(&operator.created_by, name, t)
}

/// A maker in words: the name of an operator, or the id of a credential.
pub(in crate::pages) fn by_maker(maker: &Maker, name: Option<String>, t: &Texts) -> String {
    match maker {
        Maker::CommandLine => t.people.command_line.to_owned(),
        Maker::Provider => t.people.provider.to_owned(),
        Maker::Operator(id) => name.unwrap_or_else(|| id.to_string()),
        Maker::Credential(client) => client.to_string(),
    }
}

/// Ends the access of a person, or the token of a program, at once.
pub(in crate::pages::console) async fn revoke(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<OperatorId>() else { return unknown(&headers) };
    let now = visit.state.clock.now();
    match visit.change(b"", move |tx| operators::revoke(tx, now, id)).await {
        // It is as good as revoked if somebody else has done it.
        Ok(_) | Err(Failed::Refused(RevokeRefused::Revoked)) => see_other(&format!("/console/people/{id}")),
        Err(Failed::Refused(RevokeRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Forgets how a person signs in, and sends a new invitation.
pub(in crate::pages::console) async fn reset(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<OperatorId>() else { return unknown(&headers) };
    let (now, lender) = (visit.state.clock.now(), Arc::clone(&visit.state.lender));
    let reset = move |tx: &mut Tx<'_>| invitations::reset(tx, now, id, &lender);
    match visit.change(b"", reset).await {
        Ok(_) => see_other(&format!("/console/people/{id}?invited")),
        Err(Failed::Refused(ResetRefused::Revoked)) => see_other(&format!("/console/people/{id}")),
        Err(Failed::Refused(ResetRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
