//! One payment: its facts, its loan, and its reversal.

use app::books::{self, Received};
use app::people::operators;
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::actor::Actor;
use domain::id::PaymentId;
use domain::loan::debt::PaymentKind;
use domain::written;

use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Money, exact};
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/money/payment.html")]
struct PaymentPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    title: String,
    amount: Money,
    reference: String,
    facts: Vec<(&'static str, String)>,
    loan: String,
    contract: String,
    /// When it was reversed; empty while it counts.
    reversed: String,
    /// The form that reverses it; empty if the person may not, or if it is reversed.
    reverse: String,
}

/// Shows a payment.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<PaymentId>() else { return unknown(&headers) };
    match visit.state.store.list(move |tx| read(tx, id)).await {
        Ok((received, by)) => framed(StatusCode::OK, &PaymentPage::of(visit, received, by)),
        Err(failed) => refused(&headers, failed),
    }
}

/// The payment, and the name of the operator who recorded it.
fn read(tx: &mut Tx<'_>, id: PaymentId) -> Result<(Received, Option<String>), Failed<NotFound>> {
    let received = books::find(tx, id)?;
    let by = match received.recorded.recorded_by {
        Actor::Operator(operator) => Some(operators::find(tx, operator)?.name.clone()),
        Actor::Policy | Actor::Sandbox => None,
    };
    Ok((received, by))
}

impl PaymentPage {
    fn of(visit: Visit, Received { recorded, contract, customer }: Received, by: Option<String>) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let payment = &recorded.payment;
        let kind = match payment.kind {
            PaymentKind::Installments => t.asking.installments,
            PaymentKind::Payoff => t.asking.payoff,
        };
        let name = customer.unwrap_or_else(|| t.customer.unnamed.to_owned());
        let may_reverse = visit.visitor.grants.allows(Permission::ReversePayment);
        Self {
            title: (t.payments.of)(&name),
            amount: Money(payment.amount),
            facts: vec![
                (t.asking.paid_on, written::day_of(payment.paid_at)),
                (t.asking.purpose, kind.to_owned()),
                (t.loan.recorded_at, exact(recorded.recorded_at)),
                (t.payments.recorded_by, by.unwrap_or_else(|| recorded.recorded_by.to_string())),
            ],
            loan: format!("/console/loans/{}?tab=payments", recorded.loan),
            contract: contract.map_or_else(|| recorded.loan.to_string(), |number| number.to_string()),
            reversed: recorded.reversed_at.map_or_else(String::new, exact),
            reverse: if may_reverse && recorded.reversed_at.is_none() {
                format!("/console/payments/{}/reverse", payment.id)
            } else {
                String::new()
            },
            reference: recorded.reference,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }
}
