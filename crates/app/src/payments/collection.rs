//! The amounts that a customer owes, and the Pix code of each installment.
//!
//! A code's location is a keyed hash of the installment, the amount due and the number of payments. So nothing is
//! stored, another amount makes another code, and an old code is recognized.
//!
//! Reasons: docs/decisions/0009.

use domain::customer::Registration;
use domain::id::{InstallmentId, LoanId};
use domain::loan::debt::Payoff;
use domain::loan::pix::{BrCode, LocationTooLong, Payer, Receiver};
use domain::loan::{Installment, InstallmentSummary, Loan};
use domain::money::Cents;
use domain::tagged::Tagged;
use domain::time::{RealTime, Timestamp};
use store::{Failed, StoreError, Tx};

use super::debt;
use crate::clock;
use crate::lender::Lender;
use crate::loans;
use crate::refused::NotFound;

/// An installment with the amount to pay now.
#[derive(Debug, Clone)]
pub struct Due {
    /// The installment.
    pub installment: Installment,
    /// Its figures as of now.
    pub summary: InstallmentSummary,
    /// Its charge and the code that leads to it; `None` if nothing is left to pay.
    pub code: Option<(Tagged, BrCode)>,
}

/// The contents of the payment page.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The loan.
    pub loan: Loan,
    /// Its installments in due-date order.
    pub dues: Vec<Due>,
    /// The amount that pays everything off today; `None` if nothing is owed.
    pub payoff: Option<Payoff>,
}

/// The charge of an installment at an amount. Another amount makes another charge. The same amount after another
/// payment of the loan also makes another charge, because a code is paid once.
fn charge(tx: &Tx<'_>, installment: InstallmentId, amount: Cents, payments: i64) -> Tagged {
    let value = format!("{installment}\n{}\n{payments}", amount.get());
    Tagged::new(installment, store::tags::tag(tx, "pix_charge", &value))
}

/// The code of an installment with `amount` left to pay.
fn code(
    tx: &Tx<'_>, installment: InstallmentId, amount: Cents, payments: i64, lender: &Lender,
) -> Result<(Tagged, BrCode), LocationTooLong> {
    let receiver = Receiver::new(&lender.creditor.name, &lender.creditor.city)
        .expect("the configuration refuses a creditor whose name or city is empty in a BR Code");
    let charge = charge(tx, installment, amount, payments);
    Ok((charge, BrCode::dynamic(&lender.links.pix_location(charge), &receiver)?))
}

/// The statement behind a payment page's token, by the partner's time.
pub fn statement(
    tx: &mut Tx<'_>, real: RealTime, token: Tagged, lender: &Lender,
) -> Result<Statement, Failed<NotFound>> {
    let id: LoanId = token.id();
    let not_found = Failed::Refused(NotFound);
    if loans::page_token(tx, id) != token {
        return Err(not_found);
    }
    let Some(partner) = store::directory::owner(tx, &id)? else { return Err(not_found) };
    let loan = store::loans::find(tx, partner, id)?.ok_or(not_found)?;
    let now = clock::at(tx, partner, real)?;
    let installments = store::installments::all(tx, partner, id)?;
    let payments = store::payments::count(tx, partner, id)?;
    let book = lender.book.in_force();
    let due = |installment: Installment| {
        let summary = installment.summary(now, &book);
        let left = summary.amount_remaining;
        let code = (left > Cents::ZERO && loan.state.is_repaying())
            .then(|| code(tx, installment.id, left, payments, lender).map_err(too_long))
            .transpose()?;
        Ok(Due { installment, summary, code })
    };
    let dues = installments.into_iter().map(due).collect::<Result<_, StoreError>>()?;
    let payoff = match debt::payoff_quote(tx, partner, now, id, None, &book) {
        Ok((_today, payoff)) => Some(payoff),
        Err(Failed::Refused(_nothing_owed)) => None,
        Err(Failed::Store(error)) => return Err(error.into()),
    };
    Ok(Statement { loan: loan.into_value(), dues, payoff })
}

/// The unpaid installments past their effective due dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// The amount left to pay, charges included.
    pub amount: Cents,
    /// The late charges in it.
    pub charges: Cents,
}

impl Statement {
    /// The overdue amount.
    pub fn overdue(&self) -> Overdue {
        let late = || self.dues.iter().filter(|due| due.summary.days_overdue > 0);
        Overdue {
            amount: late().map(|due| due.summary.amount_remaining).sum(),
            charges: late().map(|due| due.summary.fees - due.installment.position.paid.charges).sum(),
        }
    }
}

/// A location cannot be too long: the server checks the public URL when it starts.
fn too_long(error: LocationTooLong) -> StoreError {
    StoreError::Defect(error.to_string())
}

fn payer_of(tx: &mut Tx<'_>, loan: &Loan) -> Result<Payer, StoreError> {
    let file = store::customers::find(tx, loan.partner, loan.customer)?.ok_or(StoreError::NotFound)?;
    let Registration { cnpj, trading_name, cpf, name, .. } = file.customer.registration.clone();
    Ok(match cnpj {
        Some(cnpj) => Payer::Company(cnpj, trading_name),
        None => Payer::Person(cpf, name),
    })
}

/// A charge as the payer's app fetches it.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Its token.
    pub token: Tagged,
    /// The loan.
    pub loan: Loan,
    /// The installment.
    pub installment: Installment,
    /// The payer: the company with its number, else the person.
    pub payer: Payer,
    /// The amount to pay.
    pub amount: Cents,
    /// Time at which the payer fetched it.
    pub requested_at: Timestamp,
}

/// The reason why a charge cannot be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeRefused {
    /// It names no installment.
    NotFound,
    /// It was paid, the amount due has changed, another payment was received, or it never existed.
    Over,
}

/// The charge at a Pix location.
pub fn find_charge(
    tx: &mut Tx<'_>, real: RealTime, token: Tagged, lender: &Lender,
) -> Result<Charge, Failed<ChargeRefused>> {
    let refused = |why| Err(Failed::Refused(why));
    let id: InstallmentId = token.id();
    let Some(partner) = store::directory::owner(tx, &id)? else { return refused(ChargeRefused::NotFound) };
    let found = store::installments::find(tx, partner, id)?;
    let Some(installment) = found else { return refused(ChargeRefused::NotFound) };
    let loan = store::loans::find(tx, partner, installment.loan)?.ok_or(StoreError::NotFound)?;
    let now = clock::at(tx, partner, real)?;
    let amount = installment.summary(now, &lender.book.in_force()).amount_remaining;
    let payments = store::payments::count(tx, partner, loan.id)?;
    if amount == Cents::ZERO || charge(tx, id, amount, payments) != token || !loan.state.is_repaying() {
        return refused(ChargeRefused::Over);
    }
    let payer = payer_of(tx, &loan)?;
    Ok(Charge { token, loan: loan.into_value(), installment, payer, amount, requested_at: now })
}
