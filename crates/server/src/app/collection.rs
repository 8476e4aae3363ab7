//! What a customer sees of what they owe, and the Pix code of each installment.
//!
//! A code's location is made of the installment and of the amount due, under a keyed hash: nothing is stored, the
//! code changes with the amount by itself, and an old one is known for old.

use domain::id::{LoanId, TransactionId};
use domain::loan::account::Payoff;
use domain::loan::pix::{BrCode, LocationTooLong, Receiver};
use domain::loan::{Loan, LoanState, Standing, Transaction};
use domain::money::Cents;
use domain::tagged::Tagged;
use domain::time::Timestamp;
use store::{Failed, StoreError, Tx};

use super::{Lender, NotFound, payments};

/// An installment as it is to be paid now.
#[derive(Debug, Clone)]
pub struct Due {
    /// The installment.
    pub installment: Transaction,
    /// Its figures as of now.
    pub standing: Standing,
    /// Its code; `None` where nothing is left to pay.
    pub code: Option<BrCode>,
}

/// What the payment page shows.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The loan.
    pub loan: Loan,
    /// Its installments in due-date order.
    pub dues: Vec<Due>,
    /// What it takes to pay everything off today; `None` where nothing is owed.
    pub payoff: Option<Payoff>,
}

/// The token of a loan's payment page.
pub fn page_token(tx: &Tx<'_>, loan: LoanId) -> Tagged {
    Tagged::new(loan, store::tags::tag(tx, "payment_page", &loan.to_string()))
}

/// The charge of an installment at an amount: another amount is another charge.
pub(super) fn charge(tx: &Tx<'_>, installment: TransactionId, amount: Cents) -> Tagged {
    Tagged::new(installment, store::tags::tag(tx, "pix_charge", &format!("{installment}\n{}", amount.get())))
}

/// The code of an installment with `amount` left to pay.
fn code(
    tx: &Tx<'_>,
    installment: TransactionId,
    amount: Cents,
    lender: &Lender,
) -> Result<BrCode, LocationTooLong> {
    let receiver = Receiver::new(&lender.creditor.name, &lender.creditor.city);
    BrCode::dynamic(&lender.links.pix_location(charge(tx, installment, amount)), &receiver)
}

/// The statement behind a payment page's token; `now_of` tells a partner's time.
pub fn statement(
    tx: &mut Tx<'_>,
    real: Timestamp,
    token: Tagged,
    lender: &Lender,
) -> Result<Statement, Failed<NotFound>> {
    let id: LoanId = token.id();
    let not_found = Failed::Refused(NotFound);
    if page_token(tx, id) != token {
        return Err(not_found);
    }
    let Some(partner) = store::directory::owner(tx, &id)? else { return Err(not_found) };
    let loan = store::loans::find(tx, partner, id)?.ok_or(not_found)?;
    let now = super::clock::at(tx, partner, real)?;
    let installments = store::transactions::all(tx, partner, id)?;
    let due = |installment: Transaction| {
        let standing = installment.standing(now, &lender.book);
        let left = standing.amount_remaining;
        let code = (left > Cents::ZERO && matches!(loan.state, LoanState::Active { .. }))
            .then(|| code(tx, installment.id, left, lender).map_err(too_long))
            .transpose()?;
        Ok(Due { installment, standing, code })
    };
    let dues = installments.into_iter().map(due).collect::<Result<_, StoreError>>()?;
    let payoff = match payments::payoff_quote(tx, partner, now, id, None, &lender.book) {
        Ok((_today, payoff)) => Some(payoff),
        Err(Failed::Refused(_nothing_owed)) => None,
        Err(Failed::Store(error)) => return Err(error.into()),
    };
    Ok(Statement { loan, dues, payoff })
}

/// The public URL is checked when the server starts.
fn too_long(error: LocationTooLong) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

/// A charge as whoever pays it fetches it.
#[derive(Debug, Clone)]
pub struct Charge {
    /// Its token.
    pub token: Tagged,
    /// The loan.
    pub loan: Loan,
    /// The installment.
    pub installment: Transaction,
    /// What is to be paid.
    pub amount: Cents,
    /// When it was asked for.
    pub asked_at: Timestamp,
}

/// Why a charge cannot be paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChargeRefused {
    /// There never was one of this token.
    NotFound,
    /// It was paid, or the amount due has changed since.
    Over,
}

/// The charge at a Pix location.
pub fn find_charge(
    tx: &mut Tx<'_>,
    real: Timestamp,
    token: Tagged,
    lender: &Lender,
) -> Result<Charge, Failed<ChargeRefused>> {
    let refused = |why| Err(Failed::Refused(why));
    let id: TransactionId = token.id();
    let Some(partner) = store::directory::owner(tx, &id)? else { return refused(ChargeRefused::NotFound) };
    let found = store::transactions::find(tx, partner, id)?;
    let Some(installment) = found else { return refused(ChargeRefused::NotFound) };
    let loan = store::loans::find(tx, partner, installment.loan)?.ok_or(StoreError::NotFound)?;
    let now = super::clock::at(tx, partner, real)?;
    let amount = installment.standing(now, &lender.book).amount_remaining;
    if amount == Cents::ZERO
        || charge(tx, id, amount) != token
        || !matches!(loan.state, LoanState::Active { .. })
    {
        return refused(ChargeRefused::Over);
    }
    Ok(Charge { token, loan, installment, amount, asked_at: now })
}
