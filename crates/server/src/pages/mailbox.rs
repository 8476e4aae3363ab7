//! The sandbox's mailbox: the e-mails that it keeps instead of sending them, by their address.

use app::mails::people::PersonMail;
use app::{StoreError, Tx};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::time::Timestamp;
use domain::written;
use serde::Deserialize;

use super::answer::{failure, page};
use crate::http::problem::of_store;
use crate::state::AppState;

#[derive(Deserialize)]
pub(super) struct MailboxQuery {
    /// Empty if the query has no address. The page then shows a field for it.
    #[serde(default)]
    address: String,
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct Mailbox {
    address: String,
    mails: Vec<Shown>,
}

struct Shown {
    subject: String,
    at: String,
    /// Each line, and whether it is a link.
    lines: Vec<(String, bool)>,
}

/// Shows the e-mails to an address. Anybody who knows the address sees them, because a sandbox has no secrets.
pub(super) async fn show(State(state): State<AppState>, Query(query): Query<MailboxQuery>) -> Response {
    let address = query.address;
    let key = address.trim().to_owned();
    let read = move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
        Ok((app::mails::people::to_address(tx, &key)?, app::mails::to_address(tx, &key)?))
    };
    match state.store.read(read).await {
        Ok((to_person, to_customer)) => {
            let to_person = to_person.into_iter().map(Shown::of_person);
            let mails = to_person.chain(to_customer.items.into_iter().map(Shown::of)).collect();
            page(StatusCode::OK, &Mailbox { address, mails })
        }
        Err(error) => failure(&of_store(error)),
    }
}

impl Shown {
    fn of(mail: app::mails::Mail) -> Self {
        Self::written(mail.subject, &mail.text, mail.created_at)
    }

    fn of_person(mail: PersonMail) -> Self {
        Self::written(mail.subject, &mail.text, mail.created_at.unmoved())
    }

    fn written(subject: String, text: &str, at: Timestamp) -> Self {
        let line =
            |line: &str| (line.to_owned(), line.starts_with("http://") || line.starts_with("https://"));
        Self { at: written::moment(at), lines: text.lines().map(line).collect(), subject }
    }
}
