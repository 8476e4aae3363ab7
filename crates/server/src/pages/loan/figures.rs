//! The figures of a loan's page.

use app::loan_sheet::Sheet;
use domain::bank::Destination;
use domain::loan::{InstallmentStatus, Loan, LoanState, debt};
use domain::money::{Cents, Rate};
use domain::time::Date;
use domain::written;

use crate::pages::kit::shown::Money;
use crate::pages::texts::Texts;

/// A figure: an amount, or a rate in words.
pub(in crate::pages) struct Figure {
    pub(in crate::pages) label: &'static str,
    pub(in crate::pages) amount: Option<Money>,
    pub(in crate::pages) rate: String,
    pub(in crate::pages) note: String,
    pub(in crate::pages) tone: &'static str,
}

impl Figure {
    fn amount(label: &'static str, amount: Cents, note: String) -> Self {
        Self { label, amount: Some(Money(amount)), rate: String::new(), note, tone: "" }
    }
}

/// The answer of the payoff calculator.
pub(in crate::pages) struct Payoff {
    /// The day as it was asked for.
    pub(in crate::pages) asked: String,
    pub(in crate::pages) on: String,
    /// The amount and the discount; `None` if nothing can be paid off on that day.
    pub(in crate::pages) amounts: Option<(Money, Money)>,
}

impl Payoff {
    pub(in crate::pages) fn of(asked: &str, day: Date, payoff: &debt::Payoff) -> Self {
        let amounts = (Money(payoff.amount), Money(payoff.discount));
        Self { asked: asked.to_owned(), on: written::date(day), amounts: Some(amounts) }
    }

    pub(in crate::pages) fn none(asked: &str) -> Self {
        Self { asked: asked.to_owned(), on: String::new(), amounts: None }
    }
}

/// The name under which the customer does business.
pub(in crate::pages) fn name(sheet: &Sheet, t: &Texts) -> String {
    let name = sheet.file.customer.registration.known_as();
    name.map_or_else(|| t.customer.unnamed.to_owned(), ToString::to_string)
}

/// The contract's number, or else the loan's id.
pub(in crate::pages) fn contract(loan: &Loan) -> String {
    loan.ccb_number.map_or_else(|| loan.id.to_string(), |number| number.to_string())
}

/// The reason of a failed loan; empty for others.
pub(in crate::pages) fn failure(loan: &Loan) -> String {
    match &loan.state {
        LoanState::Error(failure) => failure.message.clone(),
        _other => String::new(),
    }
}

/// The write-off in words; empty without one.
pub(in crate::pages) fn written_off(loan: &Loan, t: &Texts) -> String {
    loan.write_off.as_ref().map_or_else(String::new, |write_off| {
        let (amount, day) = (written::money(write_off.amount), written::day_of(write_off.at));
        (t.loan.written_off_text)(&amount, &day, &write_off.reason)
    })
}

/// The days overdue in words; empty if nothing is overdue.
pub(in crate::pages) fn overdue(sheet: &Sheet, t: &Texts) -> String {
    let days = sheet.statement.dues.iter().map(|due| due.summary.days_overdue).max();
    days.filter(|days| *days > 0).map_or_else(String::new, t.loan.overdue_days)
}

/// The first and the last day of the payoff calculator; empty if nothing is owed.
pub(in crate::pages) fn days(sheet: &Sheet) -> (String, String) {
    let (Some(_owed), Some(last)) = (&sheet.statement.payoff, sheet.statement.loan.quote.schedule.last())
    else {
        return (String::new(), String::new());
    };
    let today = sheet.now.business_date();
    (today.to_string(), last.due.max(today).to_string())
}

/// The destination with the middle of its number left out.
pub(in crate::pages) fn masked(destination: &Destination) -> String {
    match destination {
        Destination::CompanyKey(cnpj) => format!("Pix, CNPJ {}", cnpj.masked()),
        Destination::PersonKey(cpf) => format!("Pix, CPF {}", cpf.masked()),
        Destination::Account(account) => format!("{} {}", account.bank_name, account.masked()),
    }
}

/// The figures in the order of the page.
pub(in crate::pages) fn all(sheet: &Sheet, t: &Texts) -> Vec<Figure> {
    if sheet.statement.loan.is_disbursed() { repaying(sheet, t) } else { before(sheet, t) }
}

fn repaying(sheet: &Sheet, t: &Texts) -> Vec<Figure> {
    let loan = &sheet.statement.loan;
    let overdue = sheet.statement.overdue();
    let due = Figure::amount(
        t.loan.due_today,
        overdue.amount,
        if overdue.charges > Cents::ZERO {
            (t.loan.with_charges)(&written::money(overdue.charges))
        } else {
            String::new()
        },
    );
    let payoff = sheet.statement.payoff.as_ref().map_or(Cents::ZERO, |payoff| payoff.amount);
    let lent = sheet.curve.paid.last().map_or(Cents::ZERO, |point| point.balance);
    vec![
        Figure { tone: if overdue.amount > Cents::ZERO { "tone-bad" } else { "" }, ..due },
        Figure::amount(t.loan.principal, lent, (t.loan.of_principal)(&written::money(loan.quote.principal))),
        Figure::amount(t.loan.payoff_today, payoff, t.loan.payoff_note.to_owned()),
        installment(loan, t),
        cet(loan, t),
    ]
}

fn before(sheet: &Sheet, t: &Texts) -> Vec<Figure> {
    let loan = &sheet.statement.loan;
    let costs = (t.loan.iof_fee)(&written::money(loan.quote.iof), &written::money(loan.quote.fee));
    vec![
        Figure::amount(t.loan.net, loan.quote.net, String::new()),
        Figure::amount(t.loan.principal, loan.quote.principal, costs),
        installment(loan, t),
        cet(loan, t),
    ]
}

fn installment(loan: &Loan, t: &Texts) -> Figure {
    let times = (t.loan.times)(loan.quote.installments(), &percent(loan.quote.monthly_rate));
    Figure::amount(t.loan.installment, loan.quote.installment, times)
}

fn cet(loan: &Loan, t: &Texts) -> Figure {
    Figure {
        label: t.loan.cet,
        amount: None,
        rate: percent(loan.quote.cet_annual),
        note: (t.loan.cet_note)(&percent(loan.quote.cet_monthly)),
        tone: "num",
    }
}

/// A rate with two decimals. The contract has all of them.
fn percent(rate: Rate) -> String {
    format!("{:.2}%", rate.percent()).replace('.', ",")
}

/// The number of installments that are paid, overdue and open.
pub(in crate::pages) fn counts(sheet: &Sheet) -> [usize; 3] {
    let mut counts = [0; 3];
    for due in &sheet.statement.dues {
        let place = match due.summary.status {
            InstallmentStatus::Paid => 0,
            InstallmentStatus::Overdue => 1,
            InstallmentStatus::Pending | InstallmentStatus::PartiallyPaid => 2,
        };
        counts[place] += 1;
    }
    counts
}
