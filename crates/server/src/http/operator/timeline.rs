//! The history of a loan.

use app::loan_sheet::{Happened, What};
use app::mails::{MailReport, Patience};
use app::{Failed, NotFound};
use axum::Json;
use domain::access::Permission;
use domain::id::LoanId;
use wire::operator::timeline::{Moment, MomentKind, Timeline};
use wire::text_scalar::{Money, Timestamp};

use super::place::Read;
use crate::http::extract::PathId;
use crate::http::problem::Rejection;

/// Read a loan's history
///
/// Its steps, and the newest 100 payments and notes and the newest 50 e-mails to each signer, newest first.
#[utoipa::path(
    get, path = "/loans/{loan_id}/timeline", operation_id = "getLoanTimeline", tag = "Loans",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    responses((status = 200, description = "The history of the loan.", body = Timeline))
)]
pub(super) async fn of_loan(call: Read<PathId<LoanId>>) -> Result<Json<Timeline>, Rejection> {
    let read = call.find(|tx, partner, id| -> Result<_, Failed<NotFound>> {
        let loan = app::loans::find(tx, partner, id)?;
        Ok(app::loan_sheet::timeline(tx, &loan)?)
    });
    Ok(Json(Timeline { data: read.await?.iter().map(moment).collect() }))
}

fn moment(happened: &Happened) -> Moment {
    let bare = |kind| Moment { kind, at: Timestamp(happened.at), amount: None, name: None, text: None };
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
    }
}

/// The subject of an e-mail; `None` for one with a code, whose subject holds the code.
pub(super) fn subject(report: &MailReport) -> Option<String> {
    let open = report.mail.as_ref().filter(|mail| mail.patience != Patience::Minutes);
    open.map(|mail| mail.subject.clone())
}
