//! Customers' bank accounts. They can be set freely until a contract is signed. Afterwards a change needs the
//! borrower's code.

use domain::bank::{AccountDetails, BankAccount, Destination};
use domain::bank_account_change::{BankAccountChange, NewChange};
use domain::id::{CustomerId, PartnerId};
use domain::kyc::SubjectRole;
use domain::loan::Loan;
use domain::machine::Illegal;
use domain::mailed_code::{Checked, SendRefused};
use domain::person::Email;
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::{StoreError, Stored, Tx};

use super::registration;
use crate::lender::Lender;
use crate::mails::Confirmation;
use crate::refused::NotFound;
use crate::{clock, mails, random};

/// The customer's account.
pub fn find(
    tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId,
) -> Result<BankAccount, Failed<NotFound>> {
    let account = store::bank_accounts::of_customer(tx, tenant, customer)?;
    Ok(account.ok_or(Failed::Refused(NotFound))?.into_value())
}

/// The result of setting an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// It is now the customer's account.
    Applied(BankAccount),
    /// The borrower has to confirm it. Until then the present account remains.
    ToConfirm(BankAccountChange),
}

/// The reason why an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GiveRefused {
    /// There is no such customer.
    NotFound,
    /// The borrower has to confirm it, and the contract has no address of the applicant.
    NoAddress,
    /// The borrower was just asked to confirm it. The next request is possible at this time.
    TooSoon(Timestamp),
}

/// Sets the customer's account. Once somebody has signed a contract, the borrower has to confirm another account with a
/// code.
pub fn put(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId, details: &AccountDetails,
    lender: &Lender,
) -> Result<Given, Failed<GiveRefused>> {
    registration::find(tx, tenant, customer)
        .map_err(|failed| failed.map_refused(|NotFound| GiveRefused::NotFound))?;
    let present = store::bank_accounts::of_customer(tx, tenant, customer)?;
    let signed = store::loans::signed_of(tx, tenant, customer)?;
    if let Some(account) = present.as_ref().filter(|account| account.details == *details) {
        let account = BankAccount::clone(account);
        withdraw(tx, tenant, customer)?;
        return Ok(Given::Applied(account));
    }
    match signed.first() {
        None => Ok(Given::Applied(replace(tx, now, present, Holder { partner: tenant, customer }, details)?)),
        Some(newest) => {
            let account = present.map_or_else(|| tx.new_id(now), |account| account.id);
            let to = applicants_address(newest).ok_or(Failed::Refused(GiveRefused::NoAddress))?;
            let new = NewChange { partner: tenant, customer, account, details: details.clone(), to };
            Ok(Given::ToConfirm(request_change(tx, now, new, lender)?))
        }
    }
}

/// The applicant's e-mail address from the time of the contract. Later changes to the registration do not redirect the
/// code.
fn applicants_address(loan: &Loan) -> Option<Email> {
    let applicant = loan.signers.iter().find(|signer| signer.role == SubjectRole::Applicant);
    applicant.and_then(|signer| signer.email.clone())
}

/// The customer that owns an account, with its partner.
#[derive(Debug, Clone, Copy)]
struct Holder {
    partner: PartnerId,
    customer: CustomerId,
}

/// Stores the account as the customer's.
fn replace(
    tx: &mut Tx<'_>, now: Timestamp, present: Option<Stored<BankAccount>>, holder: Holder,
    details: &AccountDetails,
) -> Result<BankAccount, StoreError> {
    let before = present.as_ref().map(|account| &account.details);
    store::search::account_changed(tx, holder.customer, before, details)?;
    let details = details.clone();
    let Some(account) = present else {
        // Of two first accounts at the same time, one insert fails. Its script runs again and finds the other.
        let account = BankAccount::open(tx.new_id(now), holder.partner, holder.customer, details, now);
        return store::bank_accounts::insert(tx, account);
    };
    let replaced = account.changed(|account| account.replace(details, now));
    Ok(store::bank_accounts::save(tx, replaced)?.into_value())
}

/// Withdraws a pending change, because the present account was set again.
fn withdraw(tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId) -> Result<(), StoreError> {
    let Some(change) = store::bank_account_changes::of_customer(tx, tenant, customer)? else { return Ok(()) };
    // A change that is already confirmed or withdrawn remains as it is.
    let Ok(withdrawn) = change.change(BankAccountChange::withdraw) else { return Ok(()) };
    store::bank_account_changes::save(tx, withdrawn).map(drop)
}

/// Requests the borrower's confirmation of an account. A second request for the same account sends no second e-mail.
fn request_change(
    tx: &mut Tx<'_>, now: Timestamp, new: NewChange, lender: &Lender,
) -> Result<BankAccountChange, Failed<GiveRefused>> {
    let known = store::bank_account_changes::of_customer(tx, new.partner, new.customer)?;
    if let Some(known) = known.as_ref().filter(|known| known.is_open(now) && known.details == new.details) {
        return Ok(BankAccountChange::clone(known));
    }
    let link = random::text::<32>(tx);
    let code = random::code(tx);
    let code_hash = store::bank_account_changes::code_hash(tx, new.customer, now, &code);
    let refused = |refused| match refused {
        SendRefused::TooSoon(next) | SendRefused::Locked(next) => Failed::Refused(GiveRefused::TooSoon(next)),
        SendRefused::Closed => Failed::Store(StoreError::Defect("a new link is closed".into())),
    };
    let change = if let Some(known) = known {
        let changed = known.change(|known| known.request_again(new, code_hash, now)).map_err(refused)?;
        store::bank_account_changes::save_with_link(tx, changed, &link)?.into_value()
    } else {
        let change = BankAccountChange::request(new, code_hash, now).map_err(refused)?;
        store::bank_account_changes::insert(tx, change, &link).map_err(StoreError::duplicate_as_conflict)?
    };
    mails::account_change(tx, now, &change, &Confirmation { link: &link, code: &code }, lender)?;
    Ok(change)
}

/// A new code for a change, with its keyed hash.
fn new_code(tx: &mut Tx<'_>, change: &BankAccountChange) -> (String, String) {
    let code = random::code(tx);
    let hash = store::bank_account_changes::code_hash(tx, change.customer, change.requested_at, &code);
    (code, hash)
}

/// A change of account, found by its link.
#[derive(Debug, Clone)]
pub struct OpenedChange {
    /// The requested change.
    pub change: BankAccountChange,
    /// The present destination of the customer's money.
    pub present: Destination,
}

/// Finds the change that a link opens.
pub fn open(tx: &mut Tx<'_>, link: &str) -> Result<Option<OpenedChange>, StoreError> {
    let Some(change) = store::bank_account_changes::of_link(tx, link)? else { return Ok(None) };
    let file = store::customers::find(tx, change.partner, change.customer)?.ok_or(StoreError::NotFound)?;
    let account = store::bank_accounts::of_customer(tx, change.partner, change.customer)?;
    let registration = &file.customer.registration;
    let details = account.as_ref().map(|account| &account.details);
    let present = Destination::of(details, registration.cnpj, registration.cpf);
    Ok(Some(OpenedChange { change: change.into_value(), present }))
}

/// The reason why a link of a change had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfirmRefused {
    /// There is no such link.
    NotFound,
    /// The change is confirmed, withdrawn or expired.
    NotOpen,
    /// A code was just sent. The next one can be sent at this time.
    TooSoon(Timestamp),
    /// Too many wrong codes. The link is locked until this time.
    Locked(Timestamp),
    /// Too many wrong codes in the link's lifetime.
    Closed,
}

impl From<SendRefused> for ConfirmRefused {
    fn from(refused: SendRefused) -> Self {
        match refused {
            SendRefused::Locked(until) => Self::Locked(until),
            SendRefused::TooSoon(next) => Self::TooSoon(next),
            SendRefused::Closed => Self::Closed,
        }
    }
}

/// The open change of a link, with its partner's time at the real time `real`.
fn to_confirm(
    tx: &mut Tx<'_>, real: RealTime, link: &str,
) -> Result<(Stored<BankAccountChange>, Timestamp), Failed<ConfirmRefused>> {
    let change = store::bank_account_changes::of_link(tx, link)?;
    let change = change.ok_or(Failed::Refused(ConfirmRefused::NotFound))?;
    let now = clock::at(tx, change.partner, real)?;
    if change.is_open(now) { Ok((change, now)) } else { Err(Failed::Refused(ConfirmRefused::NotOpen)) }
}

/// Sends the borrower another code, after the code of the first e-mail has expired.
pub fn send_code(
    tx: &mut Tx<'_>, real: RealTime, link: &str, lender: &Lender,
) -> Result<(), Failed<ConfirmRefused>> {
    let (change, now) = to_confirm(tx, real, link)?;
    let (code, hash) = new_code(tx, &change);
    let sent = change
        .change(|change| change.send_code(hash, now))
        .map_err(|refused| Failed::Refused(refused.into()))?;
    let change = store::bank_account_changes::save(tx, sent)?;
    Ok(mails::account_change(tx, now, &change, &Confirmation { link, code: &code }, lender)?)
}

/// Changes the account if the code is right. Signed contracts whose disbursement is not ordered yet use the new account
/// too. An ordered disbursement keeps its destination. A wrong code is a result and no refusal, so that the transaction
/// commits its count.
pub fn confirm(
    tx: &mut Tx<'_>, real: RealTime, link: &str, code: &str, lender: &Lender,
) -> Result<Checked, Failed<ConfirmRefused>> {
    let (change, now) = to_confirm(tx, real, link)?;
    let hash = store::bank_account_changes::code_hash(tx, change.customer, change.requested_at, code);
    let mut checked = Checked::NoCode;
    let judged = change
        .change(|change| {
            let (change, outcome) = change.check(&hash, now)?;
            checked = outcome;
            Ok(change)
        })
        .map_err(|_illegal: Illegal| Failed::Refused(ConfirmRefused::NotOpen))?;
    let change = store::bank_account_changes::save(tx, judged)?;
    if checked == Checked::Right {
        let present = store::bank_accounts::of_customer(tx, change.partner, change.customer)?;
        let holder = Holder { partner: change.partner, customer: change.customer };
        replace(tx, now, present, holder, &change.details)?;
        move_signed_loans(tx, now, &change)?;
        mails::account_changed(tx, now, &change, lender)?;
    }
    Ok(checked)
}

fn move_signed_loans(tx: &mut Tx<'_>, now: Timestamp, change: &BankAccountChange) -> Result<(), StoreError> {
    for loan in store::loans::signed_of(tx, change.partner, change.customer)? {
        let destination = Destination::Account(change.details.clone());
        if let Ok(redirected) = loan.change(|loan| loan.redirect(destination, now)) {
            store::loans::save(tx, redirected)?;
        }
    }
    Ok(())
}
