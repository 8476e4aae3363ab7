//! The history of a loan.

use app::loan_sheet::{Happened, What};
use app::mails::{MailReport, Patience};
use app::webhooks::history::{Recorded, Sent, address};
use app::{Failed, NotFound};
use axum::Json;
use domain::access::Permission;
use domain::id::LoanId;
use wire::operator::timeline::{EventDelivery, Moment, MomentKind, RecordedEvent, Timeline};
use wire::text_scalar::{Money, Timestamp};

use super::place::Read;
use crate::http::extract::PathId;
use crate::http::problem::Rejection;

/// Read a loan's history
///
/// Its steps, the newest 100 payments, notes and events, and the newest 50 e-mails to each signer, newest first. The events
/// were recorded for the partner; each has its webhook deliveries. They need the permission `partners.read` too, and
/// without it are left out.
#[utoipa::path(
    get, path = "/loans/{loan_id}/timeline", operation_id = "getLoanTimeline", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    responses((status = 200, description = "The history of the loan.", body = Timeline))
)]
pub(super) async fn of_loan(call: Read<PathId<LoanId>>) -> Result<Json<Timeline>, Rejection> {
    let may = call.caller.grants().permissions;
    let read = call.find(move |tx, partner, id| -> Result<_, Failed<NotFound>> {
        let loan = app::loans::find(tx, partner, id)?;
        Ok(app::loan_sheet::timeline(tx, &loan, may)?)
    });
    Ok(Json(Timeline { data: read.await?.iter().map(moment).collect() }))
}

fn moment(happened: &Happened) -> Moment {
    let at = Timestamp(happened.at);
    let bare = |kind| Moment { kind, at, amount: None, name: None, text: None, event: None };
    let moved = |kind, amount| Moment { amount: Some(Money(amount)), ..bare(kind) };
    match &happened.what {
        What::Requested => bare(MomentKind::Requested),
        What::Signed { name } => Moment { name: name.clone(), ..bare(MomentKind::Signed) },
        What::Disbursed { amount } => moved(MomentKind::Disbursed, *amount),
        What::Paid { amount } => moved(MomentKind::PaymentRecorded, *amount),
        What::Reversed { amount } => moved(MomentKind::PaymentReversed, *amount),
        What::WrittenOff { amount } => moved(MomentKind::WrittenOff, *amount),
        What::Finished => bare(MomentKind::Finished),
        What::Cancelled => bare(MomentKind::Cancelled),
        What::Failed { reason } => Moment { text: Some(reason.clone()), ..bare(MomentKind::Failed) },
        What::Mail(report) => Moment { text: subject(report), ..bare(MomentKind::MailWritten) },
        What::Note { author } => Moment { name: author.clone(), ..bare(MomentKind::NoteWritten) },
        What::Recorded(event) => Moment { event: Some(recorded(event)), ..bare(MomentKind::EventRecorded) },
    }
}

/// An event with its deliveries.
pub(super) fn recorded(event: &Recorded) -> RecordedEvent {
    let delivery = |sent: &Sent| EventDelivery {
        id: sent.delivery.id.to_string(),
        endpoint_id: sent.delivery.endpoint.to_string(),
        url: address(&sent.url),
        event_type: sent.delivery.event_type.clone(),
        status: sent.delivery.state.kind().into(),
        attempts: sent.delivery.state.made(),
        last_outcome: sent.last.as_ref().map(|last| last.outcome.clone()),
        last_status_code: sent.last.as_ref().and_then(|last| last.status),
    };
    RecordedEvent {
        id: event.id.to_string(),
        kind: event.kind.name(),
        request_id: event.request.clone(),
        deliveries: event.deliveries.iter().map(delivery).collect(),
    }
}

/// The subject of an e-mail; `None` for one with a code, whose subject holds the code.
pub(super) fn subject(report: &MailReport) -> Option<String> {
    let open = report.mail.as_ref().filter(|mail| mail.patience != Patience::Minutes);
    open.map(|mail| mail.subject.clone())
}
