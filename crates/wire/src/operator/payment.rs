//! Payments, reversals and payoff quotes.

use domain::actor::Actor;
use domain::id::LoanId;
use domain::loan::debt::{Payment, PaymentKind, Payoff};
use domain::money::Cents;
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, string, text};
use crate::scalar::{Date, date};
use crate::text_scalar::{Money, Timestamp, money};

/// Money that was received for a loan.
#[derive(Debug, Clone, ToSchema)]
pub struct RecordPayment {
    /// Reference of the payment at the bank, such as the end-to-end id of its Pix. The same reference means the same
    /// payment.
    #[schema(example = "E12345678202603021201abcdef12345", max_length = 100)]
    pub reference: String,
    /// The amount received, more than zero.
    #[schema(value_type = String, pattern = r"^\d{1,9}\.\d{2}$", example = "987.65")]
    pub amount: Cents,
    /// The business date of the payment in São Paulo: from the day of the disbursement until today.
    #[schema(value_type = String, format = Date, example = "2026-03-02")]
    pub paid_on: time::Date,
    /// Purpose of the payment. `installments` (the default): the open installments, the oldest first. `payoff`:
    /// everything that is open.
    #[schema(value_type = Option<PaymentPurpose>, required = false, example = "installments")]
    pub kind: PaymentKind,
    /// Confirms an amount that exceeds the amount owed by more than the configured limit. Absent: such an amount is
    /// refused as `overpayment_not_confirmed`.
    #[schema(value_type = Option<bool>, required = false, example = true)]
    pub confirm_overpayment: bool,
}

impl RecordPayment {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let reference = fields.required("reference", text(100));
        let amount = fields.required("amount", money);
        let paid_on = fields.required("paid_on", date);
        let kind = fields.optional("kind", |value| {
            string(value)?.parse::<PaymentKind>().map_err(|_| Wrong::format("must be installments or payoff"))
        });
        let confirm_overpayment = fields.optional("confirm_overpayment", |value| {
            value.as_bool().ok_or_else(|| Wrong::format("must be true or false"))
        });
        let (reference, amount, paid_on) = fields.all((reference, amount, paid_on))?;
        Ok(Self {
            reference,
            amount,
            paid_on,
            kind: kind.unwrap_or(PaymentKind::Installments),
            confirm_overpayment: confirm_overpayment == Some(true),
        })
    }
}

word!(
    /// Purpose of a payment.
    pub PaymentPurpose of PaymentKind
);

/// Status of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    /// It counts.
    Recorded,
    /// It was reversed and no longer counts.
    Reversed,
}

/// A recorded payment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RecordedPayment)]
pub struct PaymentShown {
    /// Identifier of the payment.
    #[schema(pattern = "^pay_[0-9a-f]{32}$", example = "pay_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The loan that it pays.
    #[schema(pattern = "^ln_[0-9a-f]{32}$", example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    loan_id: String,
    /// Reference of the payment at the bank.
    #[schema(example = "E12345678202603021201abcdef12345", min_length = 1, max_length = 100)]
    reference: String,
    /// The amount received.
    #[schema(example = "987.65")]
    amount: Money,
    /// Purpose of the payment.
    kind: PaymentPurpose,
    /// The business date of the payment in São Paulo.
    #[schema(example = "2026-03-02")]
    paid_on: Date,
    /// Status of the payment.
    status: PaymentStatus,
    /// Actor that recorded it: the id of an operator, or `sandbox` for the sandbox itself.
    #[schema(
        pattern = "^(op_[0-9a-f]{32}|policy|sandbox)$",
        example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    recorded_by: String,
    /// Time of the recording.
    recorded_at: Timestamp,
    /// Time of the reversal; null while it counts.
    #[schema(required, example = "2026-03-04T14:10:00Z")]
    reversed_at: Option<Timestamp>,
}

/// The actor and the times of a payment's record.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    /// The actor that recorded it.
    pub by: Actor,
    /// Time of the recording.
    pub at: time::Timestamp,
    /// Time of the reversal, if it was reversed.
    pub reversed_at: Option<time::Timestamp>,
}

impl PaymentShown {
    /// Renders a payment of a loan.
    pub fn of(payment: &Payment, loan: LoanId, reference: &str, recorded: Recorded) -> Self {
        let Recorded { by, at, reversed_at } = recorded;
        Self {
            id: payment.id.to_string(),
            loan_id: loan.to_string(),
            reference: reference.to_owned(),
            amount: Money(payment.amount),
            kind: payment.kind.into(),
            paid_on: Date(payment.paid_at.business_date()),
            status: if reversed_at.is_some() { PaymentStatus::Reversed } else { PaymentStatus::Recorded },
            recorded_by: by.to_string(),
            recorded_at: Timestamp(at),
            reversed_at: reversed_at.map(Timestamp),
        }
    }
}

/// The amount that pays a loan off on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoffQuote {
    /// The loan that is paid off.
    #[schema(pattern = "^ln_[0-9a-f]{32}$", example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    loan_id: String,
    /// The business date of the payoff in São Paulo.
    #[schema(example = "2026-05-01")]
    pay_on: Date,
    /// The amount that pays everything off on that day.
    #[schema(example = "9120.35")]
    amount: Money,
    /// The interest of the open installments that is not charged, because they are paid before they are due.
    #[schema(example = "879.65")]
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
    fn a_problem_names_every_wrong_field_of_a_payment() {
        let good = json!({"reference": "E1", "amount": "10.00", "paid_on": "2026-03-02"});
        assert_eq!(RecordPayment::read(&good).unwrap().kind, PaymentKind::Installments);
        let bad = json!({"reference": "", "amount": "10.000", "paid_on": "02/03/2026", "kind": "all", "confirm_overpayment": "yes"});
        let params: Vec<_> =
            RecordPayment::read(&bad).unwrap_err().errors.iter().map(|e| e.param.clone()).collect();
        assert_eq!(params, ["reference", "amount", "paid_on", "kind", "confirm_overpayment"]);
        for amount in [json!(10), json!("-1.00"), json!("10"), json!("1,00")] {
            let body = json!({"reference": "E1", "amount": amount, "paid_on": "2026-03-02"});
            assert_eq!(RecordPayment::read(&body).unwrap_err().errors[0].param, "amount");
        }
    }
}
