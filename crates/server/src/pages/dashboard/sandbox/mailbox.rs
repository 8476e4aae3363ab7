//! The letters to the partner's customers, which the sandbox keeps instead of sending them.

use app::mails::{self, Mail};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::ClockId;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::clocks::chosen;
use super::only::{HERE, SandboxOnly};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/mailbox.html")]
struct MailboxPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    /// The address whose letters are shown; empty for all.
    address: String,
    /// The id of the chosen clock; empty for the main clock.
    clock: String,
    letters: Vec<Letter>,
}

/// A letter.
pub(super) struct Letter {
    pub(super) id: String,
    pub(super) href: String,
    pub(super) subject: String,
    pub(super) to: String,
    pub(super) at: Moment,
    /// Each line, and whether it is a link.
    pub(super) lines: Vec<(String, bool)>,
}

impl Letter {
    pub(super) fn of(mail: &Mail, clock: Option<ClockId>) -> Self {
        let is_link = |line: &str| line.starts_with("http://") || line.starts_with("https://");
        Self {
            id: mail.id.to_string(),
            href: format!("{}#{}", mailbox_of(clock), mail.id),
            subject: mail.subject.clone(),
            to: mail.to.to_string(),
            at: Moment::briefly(mail.created_at),
            lines: mail.text.lines().map(|line| (line.to_owned(), is_link(line))).collect(),
        }
    }
}

/// The part of the address with the address of a customer.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::dashboard) struct Asked {
    #[serde(default)]
    address: String,
    /// The id of the clock of the customers; empty for the main clock.
    #[serde(default)]
    clock: String,
}

/// The mailbox of a clock.
pub(super) fn mailbox_of(clock: Option<ClockId>) -> String {
    clock.map_or_else(|| format!("{HERE}/mailbox"), |id| format!("{HERE}/mailbox?clock={id}"))
}

/// The page of the letters to an address on a clock.
pub(super) fn of_address(address: &str, clock: Option<ClockId>) -> String {
    let address = byte_serialize(address.as_bytes()).collect::<String>();
    let on_clock = clock.map_or_else(String::new, |id| format!("&clock={id}"));
    format!("{HERE}/mailbox?address={address}{on_clock}")
}

/// Shows the newest letters.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, Query(asked): Query<Asked>, headers: HeaderMap,
) -> Response {
    let clock = match chosen(&visit, &desk, &asked.clock, &headers).await {
        Ok(clock) => clock.map(|clock| clock.id),
        Err(answer) => return answer,
    };
    let tenant = clock.map_or(desk.partner.id, ClockId::tenant);
    let mails = match visit.state.store.list(move |tx| mails::of_partner(tx, tenant)).await {
        Ok(mails) => mails,
        Err(error) => return failure(&of_store(error)),
    };
    let address = asked.address.trim().to_lowercase();
    let wanted = |mail: &&Mail| address.is_empty() || mail.to.as_str().to_lowercase() == address;
    let letters = mails.items.iter().filter(wanted).map(|mail| Letter::of(mail, clock)).collect();
    let (t, around) = (visit.texts(), visit.around());
    let page = MailboxPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        address: asked.address,
        clock: asked.clock,
        letters,
    };
    framed(StatusCode::OK, &page)
}
