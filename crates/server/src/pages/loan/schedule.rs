//! The installments and the signers of a loan, and the page on which its customer pays.

use std::collections::HashMap;

use app::loan_sheet::Sheet;
use domain::calendar::next_business_day;
use domain::loan::{InstallmentStatus, Loan};
use domain::money::Cents;
use domain::written;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::{Money, exact};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// An installment.
pub(in crate::pages) struct ScheduleRow {
    pub(in crate::pages) number: u16,
    pub(in crate::pages) due: String,
    /// The business day on which it is due; empty if that is the due date.
    pub(in crate::pages) business_day: String,
    pub(in crate::pages) badge: Badge,
    pub(in crate::pages) note: String,
    pub(in crate::pages) interest: Money,
    pub(in crate::pages) principal: Money,
    pub(in crate::pages) to_pay: Money,
    pub(in crate::pages) balance: Money,
    pub(in crate::pages) is_late: bool,
    /// The Pix code; empty if nothing is left to pay.
    pub(in crate::pages) code: String,
}

pub(in crate::pages) fn schedule(sheet: &Sheet, t: &'static Texts) -> Vec<ScheduleRow> {
    let dues: HashMap<u16, _> =
        sheet.statement.dues.iter().map(|due| (due.installment.position.number, due)).collect();
    let row = |row: &domain::loan::schedule::ScheduledInstallment| {
        let due = dues.get(&row.number);
        let status = due.map_or(InstallmentStatus::Pending, |due| due.summary.status);
        let business_day = next_business_day(row.due);
        let is_open = due.is_some_and(|due| due.summary.amount_remaining > Cents::ZERO);
        ScheduleRow {
            number: row.number,
            due: written::date(row.due),
            business_day: if business_day == row.due {
                String::new()
            } else {
                (t.loan.business_day)(&written::date(business_day))
            },
            badge: Badge::of_installment(status, &t.badges),
            note: due.map_or_else(String::new, |due| note(due, t)),
            interest: Money(row.interest),
            principal: Money(row.principal),
            to_pay: Money(due.filter(|_| is_open).map_or(row.payment, |due| due.summary.amount_remaining)),
            balance: Money(row.balance),
            is_late: status == InstallmentStatus::Overdue,
            code: due
                .and_then(|due| due.code.as_ref())
                .map_or_else(String::new, |(_charge, code)| code.as_str().to_owned()),
        }
    };
    sheet.statement.loan.quote.schedule.iter().map(row).collect()
}

/// The words beside an installment's badge.
fn note(due: &app::payments::collection::Due, t: &Texts) -> String {
    let summary = &due.summary;
    match summary.status {
        InstallmentStatus::Paid => due
            .installment
            .position
            .settled_at
            .map_or_else(String::new, |at| (t.loan.on)(&written::day_of(at))),
        InstallmentStatus::Overdue => (t.loan.with_charges)(&written::money(summary.fees)),
        InstallmentStatus::PartiallyPaid => (t.loan.paid_part)(&written::money(summary.amount_paid)),
        InstallmentStatus::Pending => String::new(),
    }
}

/// The signers, each with the time of the signature.
pub(in crate::pages) fn signers(loan: &Loan, t: &'static Texts) -> Vec<(String, String)> {
    let row = |signer: &domain::loan::Signer| {
        let name = signer.name.as_ref();
        let name = name.map_or_else(|| t.customer.unnamed.to_owned(), ToString::to_string);
        (name, signer.signed_at.map_or_else(|| t.loan.not_signed.to_owned(), exact))
    };
    loan.signers.iter().map(row).collect()
}

/// The address of the customer's payment page; empty before the disbursement.
pub(in crate::pages) fn payment_page(sheet: &Sheet, visit: &Visit) -> String {
    if sheet.statement.loan.is_disbursed() {
        visit.state.lender.links.payment(sheet.payment_page)
    } else {
        String::new()
    }
}
