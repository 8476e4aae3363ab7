//! E-mails to customers: failed ones with their reasons, and sending one again.

use app::Tx;
use app::mails::{MailFilter, MailReport, Patience};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::id::MailId;
use domain::mail::MailState;
use wire::operator::List;
use wire::operator::mail::{Mail, MailStatus};
use wire::problem::Code;
use wire::text_scalar::Timestamp;

use super::place::{Place, Read, Write};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::Rejection;

/// List e-mails
///
/// `status=failed` lists the e-mails that were not delivered, each with its address and the reason.
#[utoipa::path(
    get, path = "/mails", operation_id = "listMails", tag = "Mails",
    extensions(("x-permission" = json!(Permission::ReadMails.name()))),
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
    let filter = MailFilter {
        partner: query.id("partner_id"),
        state: query.word("status", &MailState::NAMES, |word| word.parse().ok()),
    };
    query.finish()?;
    let list = move |tx: &mut Tx<'_>| app::mails::list(tx, &filter, &cursor, kept_since);
    let page = call.state.store.read(list).await?;
    Ok(Json(List::of(page, |report| shown(&report))))
}

/// Send an e-mail again
///
/// Only for a failed e-mail; it goes to its original address. An e-mail with a code is not sent again. Its signer
/// requests a new code instead.
#[utoipa::path(
    post, path = "/mails/{mail_id}/send-again", operation_id = "sendMailAgain", tag = "Mails",
    extensions(("x-permission" = json!(Permission::SendMail.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 200, description = "The e-mail, waiting to be sent.", body = Mail))
)]
pub(super) async fn send_again(call: Write<PathId<MailId>>) -> Result<Response, Rejection> {
    let send = |tx: &mut Tx<'_>, at: Place, id| app::mails::send_again(tx, at.partner, at.real, id);
    call.step(send, |report| Answer::ok(&shown(report))).await
}

/// Get an e-mail
///
/// With its address and the reason why it was given up.
#[utoipa::path(
    get, path = "/mails/{mail_id}", operation_id = "getMail", tag = "Mails",
    extensions(("x-permission" = json!(Permission::ReadMails.name()))),
    responses((status = 200, description = "The e-mail.", body = Mail))
)]
pub(super) async fn show(call: Read<PathId<MailId>>) -> Result<Json<Mail>, Rejection> {
    Ok(Json(shown(&call.find(app::mails::find).await?)))
}

/// Close a failed e-mail
///
/// It stays as it is and leaves the queue of failed e-mails, because an operator has seen it.
#[utoipa::path(
    post, path = "/mails/{mail_id}/close", operation_id = "closeMail", tag = "Mails",
    extensions(("x-permission" = json!(Permission::SendMail.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 200, description = "The closed e-mail.", body = Mail))
)]
pub(super) async fn close(call: Write<PathId<MailId>>) -> Result<Response, Rejection> {
    let close = |tx: &mut Tx<'_>, at: Place, id| app::mails::close(tx, at.partner, at.real, id);
    call.step(close, |report| Answer::ok(&shown(report))).await
}

/// An e-mail as an operator sees it: the recipient, never a code.
pub(super) fn shown(report: &MailReport) -> Mail {
    let mail = report.mail.as_ref();
    Mail {
        id: report.id.to_string(),
        partner_id: report.partner.to_string(),
        status: report.state.into(),
        to: mail.map(|mail| mail.to.to_string()),
        subject: mail.filter(|mail| mail.patience == Patience::Hours).map(|mail| mail.subject.clone()),
        reason: (!report.reason.is_empty()).then(|| report.reason.clone()),
        attempts: report.attempts,
        created_at: Timestamp(report.created_at),
        updated_at: Timestamp::real(report.changed_at),
        request_id: report.request.clone(),
    }
}
