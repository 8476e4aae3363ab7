//! The page of an e-mail: where it went, why it did not arrive, and the two ways to end its case.

use app::mails::{self, CloseRefused, MailReport, Patience, SendAgainRefused};
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::id::MailId;
use domain::mail::MailState;
use domain::queue::Queue;

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::exact;
use crate::pages::mail_subject::subject;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/letter.html")]
struct LetterPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    queue_name: &'static str,
    id: String,
    subject: String,
    badge: Badge,
    /// Each fact with its name.
    facts: Vec<(&'static str, String)>,
    /// The text; empty for one with a code.
    text: String,
    can_send: bool,
    can_close: bool,
    /// Why nothing or not everything can be done; empty if everything can.
    blocked: &'static str,
    changed: bool,
}

/// Shows an e-mail.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Response {
    page(visit, &headers, &id, StatusCode::OK).await
}

async fn page(visit: Visit, headers: &HeaderMap, id: &str, status: StatusCode) -> Response {
    let Ok(id) = id.parse::<MailId>() else { return unknown(headers) };
    let real = visit.state.clock.now();
    let read = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, real, &id)?;
        let report = mails::find(tx, partner, id)?;
        Ok::<_, Failed<NotFound>>((report, app::partners::name(tx, partner)?))
    };
    match visit.state.store.read(read).await {
        Ok((report, partner)) => framed(status, &LetterPage::of(visit, &report, partner, status)),
        Err(failed) => refused(headers, failed),
    }
}

impl LetterPage {
    fn of(visit: Visit, report: &MailReport, partner: String, status: StatusCode) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let l = &t.letter;
        let has_code = report.mail.as_ref().is_none_or(|mail| mail.patience == Patience::Minutes);
        let may = visit.visitor.grants.allows(Permission::SendMail);
        let (failed, closed) = (report.state == MailState::Failed, report.state == MailState::Closed);
        let mut facts = vec![(l.partner, partner)];
        facts.extend(report.mail.as_ref().map(|mail| (l.to, mail.to.to_string())));
        facts.push((l.written, exact(report.created_at)));
        facts.push((l.attempts, report.attempts.to_string()));
        facts.extend(report.request.as_ref().map(|request| (l.request, request.clone())));
        facts.extend((!report.reason.is_empty()).then(|| (l.reason, report.reason.clone())));
        let text = report.mail.as_ref().filter(|_| !has_code).map(|mail| mail.text.clone());
        Self {
            queue_name: (t.queue.name)(Queue::MailsFailed),
            id: report.id.to_string(),
            subject: subject(report, t),
            badge: Badge::of_mail(report.state, &t.badges),
            facts,
            text: text.into_iter().collect(),
            can_send: may && (failed || closed) && !has_code,
            can_close: may && failed,
            blocked: match (may, failed || closed, has_code) {
                (false, _, _) => l.not_allowed,
                (true, false, _) => l.nothing_to_do,
                (true, true, true) => l.has_code,
                (true, true, false) => "",
            },
            changed: status == StatusCode::CONFLICT,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }

    /// An address of this e-mail, which keeps the case for which the page was opened.
    fn own(&self, rest: &str) -> String {
        self.around.kept(&format!("/console/mails/{}{rest}", self.id))
    }
}

/// Sends a failed e-mail again.
pub(super) async fn send_again(visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Ok(mail) = id.parse::<MailId>() else { return unknown(&headers) };
    let real = visit.state.clock.now();
    let send = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, real, &mail)?;
        mails::send_again(tx, partner, real, mail)
    };
    match visit.change(b"", send).await {
        Ok(_report) => see_other(&visit.kept(&format!("/console/mails/{mail}"))),
        Err(Failed::Refused(SendAgainRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(_changed)) => page(visit, &headers, &id, StatusCode::CONFLICT).await,
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Marks a failed e-mail as seen.
pub(super) async fn close(visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let Ok(mail) = id.parse::<MailId>() else { return unknown(&headers) };
    let real = visit.state.clock.now();
    let close = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, real, &mail)?;
        mails::close(tx, partner, real, mail)
    };
    match visit.change(b"", close).await {
        Ok(_report) => see_other(&visit.kept(&format!("/console/mails/{mail}"))),
        Err(Failed::Refused(CloseRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(CloseRefused::NotFailed(_changed))) => {
            page(visit, &headers, &id, StatusCode::CONFLICT).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
