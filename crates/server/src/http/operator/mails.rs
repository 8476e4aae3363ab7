//! E-mails to customers: which did not arrive and why, and sending one again.

use app::Tx;
use app::letters::{LetterFile, LetterFilter, Patience};
use axum::Json;
use axum::response::Response;
use domain::id::MailId;
use domain::letter::LetterState;
use wire::operator::List;
use wire::operator::mail::{Mail, MailFacts, MailStatus};
use wire::problem::Code;

use super::place::{Place, Read, Write};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::Rejection;
use crate::http::reading;

/// List e-mails
///
/// `status=failed` are those that did not arrive, each with its address and the reason.
#[utoipa::path(
    get,
    path = "/mails",
    operation_id = "listMails",
    tag = "Mails",
    params(
        ("status" = Option<MailStatus>, Query, description = "Only e-mails in this status"),
        ("partner_id" = Option<String>, Query, description = "Only e-mails to this partner's customers"),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of e-mails.", body = List<Mail>))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<List<Mail>>, Rejection> {
    let (cursor, kept_since) = (cursor(&mut query), call.state.kept_since());
    let filter = LetterFilter {
        partner: query.id("partner_id"),
        state: query
            .read("status", "must be waiting, kept, sent or failed", |word| word.parse::<LetterState>().ok()),
    };
    query.finish()?;
    let list = move |tx: &mut Tx<'_>| app::letters::list(tx, &filter, &cursor, kept_since);
    let page = reading::read(&call.state, list).await?;
    Ok(Json(List::of(page, |letter| Mail::from(facts(&letter)))))
}

/// Send an e-mail again
///
/// One that was given up, to the address that it was written to. One that brought a code is not sent again: its signer
/// asks for a new code.
#[utoipa::path(
    post,
    path = "/mails/{mail_id}/send-again",
    operation_id = "sendMailAgain",
    tag = "Mails",
    extensions(("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 200, description = "The e-mail, which is to be sent.", body = Mail))
)]
pub(super) async fn send_again(call: Write<PathId<MailId>>) -> Result<Response, Rejection> {
    let id = call.id();
    let send =
        move |tx: &mut Tx<'_>, at: Place, (): &()| app::letters::send_again(tx, at.partner, at.real, id);
    call.change(Ok(()), send, |letter| Answer::ok(&Mail::from(facts(letter)))).await
}

/// What an operator sees: whom it is for, never a code.
fn facts(letter: &LetterFile) -> MailFacts {
    let mail = letter.mail.as_ref();
    MailFacts {
        id: letter.id.to_string(),
        partner_id: letter.partner.to_string(),
        state: letter.state,
        to: mail.map(|mail| mail.to.to_string()),
        subject: mail.filter(|mail| mail.patience == Patience::Hours).map(|mail| mail.subject.clone()),
        reason: (!letter.reason.is_empty()).then(|| letter.reason.clone()),
        attempts: letter.attempts,
        created_at: letter.created_at,
        updated_at: letter.changed_at,
    }
}
