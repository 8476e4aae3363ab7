//! The form that records a payment: first the figures, then the question in words, then the record. Every step has all
//! figures of the step before, and the reference makes a repeated record the same payment.

use std::sync::Arc;

use app::loan_sheet::{Part, Sheet};
use app::payments::{Excess, RecordPayment, RecordRefused};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::actor::Actor;
use domain::id::LoanId;
use domain::loan::debt::PaymentKind;
use domain::money::Cents;
use domain::time::{Date, Timestamp};
use domain::written;

use super::super::question::Question;
use super::page::{changed, read};
use super::question::of_loan;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::loan::figures;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Longest reference, in characters, as in the operator API.
const LONGEST_REFERENCE: usize = 100;

#[derive(Template)]
#[template(path = "console/payment.html")]
struct PaymentPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    loan: String,
    /// The address of the form.
    action: String,
    contract: String,
    title: String,
    form: PaymentForm,
    first_day: String,
    today: String,
}

/// The fields as they were sent, each with its fault.
#[derive(Debug, Clone)]
pub(super) struct PaymentForm {
    amount: String,
    paid_on: String,
    reference: String,
    kind: PaymentKind,
    excess: bool,
    /// Whether the person has answered the question.
    is_sure: bool,
    amount_error: String,
    paid_on_error: &'static str,
    reference_error: &'static str,
    asks_excess: bool,
}

/// The figures of a form without faults.
struct Figures {
    amount: Cents,
    paid_on: Date,
}

impl PaymentForm {
    /// The form before anything was written: today, and the amount that is overdue.
    pub(super) fn empty(sheet: &Sheet) -> Self {
        let overdue = sheet.statement.overdue().amount;
        let next = sheet.statement.dues.iter().find(|due| due.summary.amount_remaining > Cents::ZERO);
        let amount = if overdue > Cents::ZERO {
            overdue
        } else {
            next.map_or(Cents::ZERO, |due| due.summary.amount_remaining)
        };
        Self {
            amount: crate::pages::kit::shown::Money(amount).figure(),
            paid_on: sheet.now.business_date().to_string(),
            reference: String::new(),
            kind: PaymentKind::Installments,
            excess: false,
            is_sure: false,
            amount_error: String::new(),
            paid_on_error: "",
            reference_error: "",
            asks_excess: false,
        }
    }

    fn read(form: &Form) -> Self {
        Self {
            amount: form.text_or_empty("amount"),
            paid_on: form.text_or_empty("paid_on"),
            reference: form.text_or_empty("reference"),
            // A form without a known kind pays installments.
            kind: form.text_or_empty("kind").parse().unwrap_or(PaymentKind::Installments),
            excess: form.text("excess").is_some(),
            is_sure: form.text("sure").is_some(),
            amount_error: String::new(),
            paid_on_error: "",
            reference_error: "",
            asks_excess: false,
        }
    }

    /// The figures; `None` after noting each fault.
    fn checked(&mut self, t: &'static Texts) -> Option<Figures> {
        let amount = written::amount(&self.amount).filter(|amount| *amount > Cents::ZERO);
        if amount.is_none() {
            t.asking.amount_wrong.clone_into(&mut self.amount_error);
        }
        let paid_on = self.paid_on.parse::<Date>().ok();
        if paid_on.is_none() {
            self.paid_on_error = t.asking.paid_on_wrong;
        }
        let length = self.reference.chars().count();
        let is_reference =
            (1..=LONGEST_REFERENCE).contains(&length) && !self.reference.chars().any(char::is_control);
        if !is_reference {
            self.reference_error = t.asking.reference_missing;
        }
        let (amount, paid_on) = (amount?, paid_on?);
        is_reference.then_some(Figures { amount, paid_on })
    }

    fn is_payoff(&self) -> bool {
        self.kind == PaymentKind::Payoff
    }

    /// The page of the form.
    pub(super) fn page(self, visit: Visit, sheet: &Sheet, status: StatusCode) -> Response {
        let (t, around) = (visit.texts(), visit.around());
        let loan = &sheet.statement.loan;
        let since = loan.state.disbursed_at().map(Timestamp::business_date);
        let shown = PaymentPage {
            loan: visit.kept(&format!("/console/loans/{}", loan.id)),
            action: visit.kept(&format!("/console/loans/{}/payments", loan.id)),
            contract: figures::contract(loan),
            title: (t.asking.payment)(&figures::name(sheet, t)),
            form: self,
            first_day: since.map_or_else(String::new, |day| day.to_string()),
            today: sheet.now.business_date().to_string(),
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        };
        framed(status, &shown)
    }

    /// The question, with all figures in hidden fields.
    fn ask(self, visit: Visit, sheet: &Sheet, figures: &Figures) -> Response {
        let t = visit.texts();
        let (amount, name) = (written::money(figures.amount), figures::name(sheet, t));
        let question = Question {
            words: (t.asking.record)(&amount, &name),
            about: t.asking.record_about,
            action: format!("/console/loans/{}/payments", sheet.statement.loan.id),
            button: (t.asking.record_button)(&amount),
        };
        let kind = self.kind;
        let mut ask = of_loan(visit, sheet, question);
        ask.facts.truncate(2);
        ask.facts.push((t.asking.paid_on, written::date(figures.paid_on)));
        ask.facts.push((t.asking.reference, self.reference.clone()));
        ask.facts.push((
            t.asking.purpose,
            if self.is_payoff() { t.asking.payoff } else { t.asking.installments }.to_owned(),
        ));
        ask.hidden = vec![
            ("amount", self.amount),
            ("paid_on", self.paid_on),
            ("reference", self.reference),
            ("kind", kind.name().to_owned()),
            ("sure", "1".to_owned()),
        ];
        if self.excess {
            ask.hidden.push(("excess", "1".to_owned()));
        }
        framed(StatusCode::OK, &ask)
    }

    /// The form with the fault that the use case found.
    fn faulty(mut self, visit: Visit, sheet: &Sheet, refusal: RecordRefused) -> Response {
        let t = visit.texts();
        match refusal {
            RecordRefused::NoAmount => t.asking.amount_wrong.clone_into(&mut self.amount_error),
            RecordRefused::OutOfTime => self.paid_on_error = t.asking.paid_on_wrong,
            RecordRefused::ReferenceTaken => self.reference_error = t.asking.reference_taken,
            RecordRefused::Reversed => self.reference_error = t.asking.reference_reversed,
            RecordRefused::Excessive { owed, limit: _ } => {
                self.amount_error = (t.asking.excessive)(&written::money(owed));
                self.asks_excess = true;
            }
            RecordRefused::NotFound | RecordRefused::NotActive => {}
        }
        self.page(visit, sheet, StatusCode::UNPROCESSABLE_ENTITY)
    }
}

/// Asks in words, or records the payment if the person is sure.
pub(in crate::pages::console) async fn record(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(&headers) };
    let mut form = match Form::read(&body) {
        Ok(form) => PaymentForm::read(&form),
        Err(rejection) => return failure(&rejection),
    };
    let sheet = match read(&visit, id, Part::Schedule, None).await {
        Ok(sheet) => sheet,
        Err(failed) => return refused_list(&headers, failed),
    };
    let Some(figures) = form.checked(visit.texts()) else {
        return form.page(visit, &sheet, StatusCode::UNPROCESSABLE_ENTITY);
    };
    if !form.is_sure {
        return form.ask(visit, &sheet, &figures);
    }
    match write(&visit, id, (&form, &body), &figures).await {
        Ok(()) => see_other(&visit.kept(&format!("/console/loans/{id}?tab=payments"))),
        Err(Failed::Refused(RecordRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(RecordRefused::NotActive)) => changed(visit, &headers, id).await,
        Err(Failed::Refused(refusal)) => form.faulty(visit, &sheet, refusal),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

async fn write(
    visit: &Visit, id: LoanId, (form, sent): (&PaymentForm, &[u8]), figures: &Figures,
) -> Result<(), Failed<RecordRefused>> {
    let (real, lender) = (visit.state.clock.now(), Arc::clone(&visit.state.lender));
    let Figures { amount, paid_on } = *figures;
    let (reference, kind, sure) = (form.reference.clone(), form.kind, form.excess);
    let actor = Actor::Operator(visit.visitor.operator.id);
    let record = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, real, &id)?;
        let command = RecordPayment {
            loan: id,
            reference: reference.clone(),
            amount,
            paid_at: app::payments::paid_at(paid_on, now),
            kind,
            excess: if sure { Excess::Confirmed } else { Excess::UpTo(lender.overpayment_limit) },
            actor,
        };
        app::payments::record(tx, partner, now, &command, &lender.book.in_force()).map(drop)
    };
    visit.change(sent, record).await
}
