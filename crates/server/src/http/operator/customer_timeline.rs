//! The history of a customer.

use app::customer_timeline::{DecidedOutcome, Decider, Happened, What};
use app::{Tx, customer_timeline, loan_sheet};
use axum::Json;
use domain::access::Permission;
use domain::id::CustomerId;
use wire::operator::customer_timeline::{CustomerMoment, CustomerMomentKind as Kind, CustomerTimeline};
use wire::text_scalar::{Money, Timestamp};

use super::place::Read;
use super::timeline::{recorded, subject};
use crate::http::extract::PathId;
use crate::http::problem::Rejection;

/// Read a customer's history
///
/// Everything that it sent, the decisions on its credit, its offers, the steps of its loans, e-mails, notes and events, newest first.
/// It has the newest 100 of each kind, and the newest 50 e-mails. The events were recorded for the partner; each has its
/// webhook deliveries. They need the permission `partners.read` too, and without it are left out.
#[utoipa::path(
    get, path = "/customers/{customer_id}/timeline", operation_id = "getCustomerTimeline", tag = "Customers",
    extensions(("x-permission" = json!(Permission::ReadCustomers.name()))),
    responses((status = 200, description = "The history of the customer.", body = CustomerTimeline))
)]
pub(super) async fn of_customer(call: Read<PathId<CustomerId>>) -> Result<Json<CustomerTimeline>, Rejection> {
    let (id, real, may) = (call.id(), call.state.clock.now(), call.caller.grants().permissions);
    let read = move |tx: &mut Tx<'_>| {
        let sheet = app::customers::sheet(tx, real, id)?;
        Ok::<_, app::Failed<app::NotFound>>(customer_timeline::timeline(tx, &sheet, may)?)
    };
    let all = call.state.store.read(read).await?;
    Ok(Json(CustomerTimeline { data: all.iter().map(moment).collect() }))
}

fn bare(kind: Kind, at: Timestamp) -> CustomerMoment {
    CustomerMoment { kind, at, subject_id: None, amount: None, name: None, text: None, event: None }
}

pub(super) fn moment(happened: &Happened) -> CustomerMoment {
    let bare = |kind| bare(kind, Timestamp(happened.at));
    match &happened.what {
        What::Registered => bare(Kind::Registered),
        What::Sent(key) => {
            CustomerMoment { text: Some(key.kind.name().to_owned()), ..bare(Kind::KycSubmitted) }
        }
        What::LinkMade { .. } => bare(Kind::KycLinkCreated),
        What::Decided { outcome, by, policy } => {
            let (kind, amount) = match outcome {
                DecidedOutcome::Approved(amount) => (Kind::CreditApproved, Some(Money(*amount))),
                DecidedOutcome::Refused => (Kind::CreditRefused, None),
                DecidedOutcome::Referred => (Kind::CreditReferred, None),
            };
            let name = match by {
                Decider::Operator(name) => name.clone(),
                Decider::Policy | Decider::Sandbox => None,
            };
            CustomerMoment { amount, name, text: Some(policy.clone()), ..bare(kind) }
        }
        What::Offered { offer, amount } => CustomerMoment {
            subject_id: Some(offer.to_string()),
            amount: Some(Money(*amount)),
            ..bare(Kind::OfferMade)
        },
        What::Loan { loan, step } => {
            CustomerMoment { subject_id: Some(loan.to_string()), ..of_loan(step, Timestamp(happened.at)) }
        }
        What::Mail(report) => CustomerMoment { text: subject(report), ..bare(Kind::MailWritten) },
        What::Note { author } => CustomerMoment { name: author.clone(), ..bare(Kind::NoteWritten) },
        What::PageVisited => bare(Kind::KycPageVisited),
        What::Recorded(event) => CustomerMoment { event: Some(recorded(event)), ..bare(Kind::EventRecorded) },
    }
}

fn of_loan(step: &loan_sheet::What, at: Timestamp) -> CustomerMoment {
    use loan_sheet::What as Step;
    match step {
        Step::Requested | Step::Paid { .. } | Step::Reversed { .. } => bare(Kind::LoanRequested, at),
        Step::Signed { name } => CustomerMoment { name: name.clone(), ..bare(Kind::LoanSigned, at) },
        Step::Disbursed { amount } => {
            CustomerMoment { amount: Some(Money(*amount)), ..bare(Kind::LoanDisbursed, at) }
        }
        Step::WrittenOff { amount } => {
            CustomerMoment { amount: Some(Money(*amount)), ..bare(Kind::LoanWrittenOff, at) }
        }
        Step::Finished => bare(Kind::LoanFinished, at),
        Step::Cancelled => bare(Kind::LoanCancelled, at),
        Step::Failed { reason } => {
            CustomerMoment { text: Some(reason.clone()), ..bare(Kind::LoanFailed, at) }
        }
        Step::Mail(report) => CustomerMoment { text: subject(report), ..bare(Kind::MailWritten, at) },
        Step::Note { author } => CustomerMoment { name: author.clone(), ..bare(Kind::NoteWritten, at) },
        Step::Recorded(event) => {
            CustomerMoment { event: Some(recorded(event)), ..bare(Kind::EventRecorded, at) }
        }
    }
}
