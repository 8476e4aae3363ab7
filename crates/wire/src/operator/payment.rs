//! Payments, reversals and payoff quotes.

use domain::actor::Actor;
use domain::id::LoanId;
use domain::loan::account::{Payment, PaymentKind, Payoff};
use domain::money::Cents;
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::read::{self, Fields, Wrong, string, text};
use crate::scalar::{Date, date};
use crate::text_scalar::{Money, Timestamp, money};

/// The body of `POST /operator/v1/loans/{id}/payments`.
#[derive(Debug, Clone, ToSchema)]
pub struct RecordPayment {
    /// What names the payment outside, such as the Pix's end-to-end id: the same reference is the same payment.
    #[schema(example = "E12345678202603021201abcdef12345", max_length = 100)]
    pub reference: String,
    /// How much, more than zero.
    #[schema(value_type = Money)]
    pub amount: Cents,
    /// The day on which it was paid, in São Paulo.
    #[schema(value_type = Date)]
    pub paid_on: time::Date,
    /// `installments` (the default), or `payoff` for the early payoff of everything.
    #[schema(value_type = Option<String>)]
    pub kind: PaymentKind,
}

impl RecordPayment {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let reference = fields.required("reference", text(100));
        let amount = fields.required("amount", money);
        let paid_on = fields.required("paid_on", date);
        let kind = fields.optional("kind", |value| {
            PaymentKind::parse(string(value)?).ok_or_else(|| Wrong::format("must be installments or payoff"))
        });
        fields.finish()?;
        Ok(Self {
            reference: reference.ok_or_else(read::unread)?,
            amount: amount.ok_or_else(read::unread)?,
            paid_on: paid_on.ok_or_else(read::unread)?,
            kind: kind.unwrap_or(PaymentKind::Installments),
        })
    }

    /// The moment of the payment as seen at `now`: its day's end, or now where it is today.
    pub fn paid_at(&self, now: time::Timestamp) -> time::Timestamp {
        if self.paid_on == now.business_date() {
            now
        } else {
            time::Timestamp::end_of_business_date(self.paid_on)
        }
    }
}

/// A recorded payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordedPayment)]
pub struct PaymentShown {
    /// Its id.
    #[schema(example = "pay_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The loan.
    loan_id: String,
    /// What names it outside.
    reference: String,
    /// How much.
    amount: Money,
    /// `installments` or `payoff`.
    kind: &'static str,
    /// The day on which it was paid.
    paid_on: Date,
    /// `recorded` or `reversed`.
    #[schema(example = "recorded")]
    status: &'static str,
    /// Who recorded it: an operator's id or `sandbox`.
    recorded_by: String,
    /// When it was recorded.
    recorded_at: Timestamp,
    /// When it was taken back.
    #[schema(required)]
    reversed_at: Option<Timestamp>,
}

impl PaymentShown {
    /// Renders a payment of a loan.
    pub fn of(
        payment: &Payment,
        loan: LoanId,
        reference: &str,
        recorded: (Actor, time::Timestamp),
        reversed_at: Option<time::Timestamp>,
    ) -> Self {
        Self {
            id: payment.id.to_string(),
            loan_id: loan.to_string(),
            reference: reference.to_owned(),
            amount: Money(payment.amount),
            kind: payment.kind.name(),
            paid_on: Date(payment.paid_at.business_date()),
            status: if reversed_at.is_some() { "reversed" } else { "recorded" },
            recorded_by: recorded.0.to_string(),
            recorded_at: Timestamp(recorded.1),
            reversed_at: reversed_at.map(Timestamp),
        }
    }
}

/// What it takes to pay a loan off on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoffQuote {
    /// The loan.
    loan_id: String,
    /// The day, in São Paulo.
    pay_on: Date,
    /// The amount.
    amount: Money,
    /// What is let off of the open installments.
    discount: Money,
}

impl PayoffQuote {
    /// Renders a quote.
    pub fn of(loan: LoanId, day: time::Date, payoff: &Payoff) -> Self {
        Self {
            loan_id: loan.to_string(),
            pay_on: Date(day),
            amount: Money(payoff.amount),
            discount: Money(payoff.discount),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_wrong_with_a_payment_is_told_at_once() {
        let good = json!({"reference": "E1", "amount": "10.00", "paid_on": "2026-03-02"});
        assert_eq!(RecordPayment::read(&good).unwrap().kind, PaymentKind::Installments);
        let bad = json!({"reference": "", "amount": "10.000", "paid_on": "02/03/2026", "kind": "all"});
        let params: Vec<_> =
            RecordPayment::read(&bad).unwrap_err().errors.iter().map(|e| e.param.clone()).collect();
        assert_eq!(params, ["reference", "amount", "paid_on", "kind"]);
        for amount in [json!(10), json!("-1.00"), json!("10"), json!("1,00")] {
            let body = json!({"reference": "E1", "amount": amount, "paid_on": "2026-03-02"});
            assert_eq!(RecordPayment::read(&body).unwrap_err().errors[0].param, "amount");
        }
    }
}
