//! A person's own page: how the person signs in, and the open sessions, each of which the person can end.

use app::people::factors::{self, Factors};
use app::people::sign_in;
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::{Passkey, Proof, Session};
use domain::id::SessionId;

use super::frame::Around;
use super::steps;
use super::visit::Visit;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::texts::{ConsoleTexts, Texts};

#[derive(Template)]
#[template(path = "people/account.html")]
struct Account {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    factors: Factors,
    codes: String,
    /// Whether browsers make passkeys at this server's address, or the person has some.
    has_passkeys: bool,
    passkeys: Vec<PasskeyRow>,
    /// Whether the person would still have a second factor without one of the passkeys.
    may_remove: bool,
    sessions: Vec<Row>,
}

struct PasskeyRow {
    id: String,
    name: String,
    added: Moment,
    used: Option<Moment>,
}

struct Row {
    id: String,
    agent: String,
    address: String,
    proof: &'static str,
    seen: Moment,
    is_this: bool,
}

/// Shows the person's open sessions.
pub(in crate::pages) async fn show(visit: Visit) -> Response {
    let (now, of, own) = (visit.state.clock.now(), visit.visitor.operator.id, visit.visitor.session.id);
    let read = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        Ok((factors::factors(tx, of)?, sign_in::sessions(tx, now, of)?))
    };
    let (factors, sessions) = match visit.state.store.read(read).await {
        Ok(found) => found,
        Err(Failed::Refused(NotFound)) => return see_other(steps::SIGN_IN),
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let (t, around) = (visit.texts(), visit.around());
    let row = |session: Session| Row {
        id: session.id.to_string(),
        agent: browser(&session.origin.agent, &t.console),
        address: session.origin.address.clone(),
        proof: proof(session.proof, &t.console),
        seen: Moment::ago(session.seen_at, now, t),
        is_this: session.id == own,
    };
    let sessions = sessions.into_iter().map(row).collect();
    let passkey = |passkey: &Passkey| PasskeyRow {
        id: passkey.id.clone(),
        name: passkey.name.clone(),
        added: Moment::ago(passkey.added_at, now, t),
        used: passkey.used_at.map(|at| Moment::ago(at, now, t)),
    };
    let passkeys: Vec<PasskeyRow> = factors.passkeys.iter().map(passkey).collect();
    let page = Account {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        codes: (t.sign_in.codes_left)(factors.recovery_codes),
        has_passkeys: !factors.at_provider && (visit.state.passkeys.is_some() || !passkeys.is_empty()),
        may_remove: factors.has_authenticator || passkeys.len() > 1,
        passkeys,
        factors,
        sessions,
    };
    framed(StatusCode::OK, &page)
}

/// Ends one of the person's sessions.
pub(in crate::pages) async fn end(Path(id): Path<String>, visit: Visit) -> Response {
    let (now, of) = (visit.state.clock.now(), visit.visitor.operator.id);
    let Ok(id) = id.parse::<SessionId>() else { return see_other("/me") };
    match visit.change(b"", move |tx| sign_in::end(tx, now, of, id)).await {
        // A session that is gone is as good as ended.
        Ok(()) | Err(Failed::Refused(NotFound)) => see_other("/me"),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

fn proof(proof: Proof, t: &ConsoleTexts) -> &'static str {
    match proof {
        Proof::Link => t.by_link,
        Proof::Invitation => t.by_invitation,
        Proof::Password => t.by_password,
        Proof::PasswordAndCode => t.by_code,
        Proof::PasswordAndRecoveryCode => t.by_recovery_code,
        Proof::Passkey => t.by_passkey,
        Proof::Provider => t.by_provider,
    }
}

/// The browser and the system of a user agent, in words.
pub(in crate::pages) fn browser(agent: &str, t: &ConsoleTexts) -> String {
    let first = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    // Chrome names Safari too, and Edge names Chrome: the more special one comes first.
    let browser =
        first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser}, {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => t.unknown_browser.to_owned(),
    }
}
