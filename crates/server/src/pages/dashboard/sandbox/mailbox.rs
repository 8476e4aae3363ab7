//! The letters to the partner's customers, which the sandbox keeps instead of sending them.

use app::mails::{self, Mail};
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

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
    pub(super) fn of(mail: &Mail) -> Self {
        let is_link = |line: &str| line.starts_with("http://") || line.starts_with("https://");
        Self {
            id: mail.id.to_string(),
            href: format!("{HERE}/mailbox#{}", mail.id),
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
}

/// The page of the letters to an address.
pub(super) fn of_address(address: &str) -> String {
    format!("{HERE}/mailbox?address={}", byte_serialize(address.as_bytes()).collect::<String>())
}

/// Shows the newest letters.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, Query(asked): Query<Asked>,
) -> Response {
    let tenant = desk.partner.id;
    let mails = match visit.state.store.list(move |tx| mails::of_partner(tx, tenant)).await {
        Ok(mails) => mails,
        Err(error) => return failure(&of_store(error)),
    };
    let address = asked.address.trim().to_lowercase();
    let wanted = |mail: &&Mail| address.is_empty() || mail.to.as_str().to_lowercase() == address;
    let letters = mails.items.iter().filter(wanted).map(Letter::of).collect();
    let (t, around) = (visit.texts(), visit.around());
    let page =
        MailboxPage { t, frame: visit.frame, path: visit.path, around, address: asked.address, letters };
    framed(StatusCode::OK, &page)
}
