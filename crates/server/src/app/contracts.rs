//! Contracts: issued in the commit of their loan, signed in the commit of the last signature.

use domain::customer::Customer;
use domain::id::{LoanId, PartnerId};
use domain::loan::contract::Contract;
use domain::loan::{LinkToken, Loan, LoanState, Signer};
use domain::offer::OfferTerms;
use domain::time::Timestamp;
use store::contracts::{ContractFile, Copy};
use store::{StoreError, Tx};

use super::loans::StepRefused;
use super::{Failed, Lender, NotFound, letters, random_text};
use crate::ccb;

/// Issues the contract of a loan that has its number and is stored: the document, a link for each signer, and the
/// letters that bring them.
pub(super) fn issue(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    terms: &OfferTerms,
    lender: &Lender,
) -> Result<(), StoreError> {
    let contract = contract_of(tx, loan, terms, lender)?;
    let pdf = ccb::issued(&contract).map_err(|not_set| StoreError::Corrupt(not_set.to_string()))?;
    store::contracts::insert_issued(tx, loan, &contract, &pdf, now)?;
    store::signing::invite(tx, loan)?;
    letters::invitations(tx, now, loan, lender)
}

fn contract_of(
    tx: &mut Tx<'_>,
    loan: &Loan,
    terms: &OfferTerms,
    lender: &Lender,
) -> Result<Contract, StoreError> {
    let file = store::customers::find(tx, loan.partner, loan.customer)?.ok_or(StoreError::NotFound)?;
    let number = loan.ccb_number.ok_or_else(|| StoreError::Corrupt("a contract without a number".into()))?;
    let registration = &file.customer.registration;
    Contract::of(loan, number, registration, terms, &lender.creditor, &lender.book)
        .map_err(|no_rates| StoreError::Corrupt(no_rates.to_string()))
}

/// Gives each signer a link of their own.
pub(super) fn give_links(tx: &mut Tx<'_>, loan: &mut Loan) {
    for signer in &mut loan.signers {
        signer.link.get_or_insert_with(|| LinkToken::new(random_text::<32>(tx)));
    }
}

/// Sets the signed copy of a loan whose last signer has signed, and tells everybody.
pub(super) fn complete(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    lender: &Lender,
) -> Result<(), StoreError> {
    let (contract, sha256) = stated(tx, loan)?;
    let evidence = store::signing::evidence(tx, loan.partner, loan.id)?;
    let pdf = ccb::signed(&contract, &sha256, &evidence)
        .map_err(|not_set| StoreError::Corrupt(not_set.to_string()))?;
    store::contracts::insert_signed(tx, loan, &pdf, now)?;
    letters::signed(tx, now, loan, lender)
}

/// What a loan's contract states, and the SHA-256 of the document issued.
pub(super) fn stated(tx: &mut Tx<'_>, loan: &Loan) -> Result<(Contract, String), StoreError> {
    let facts = store::contracts::facts(tx, loan)?;
    facts.ok_or_else(|| StoreError::Corrupt("a loan to be signed without a contract".into()))
}

/// A loan's document.
pub fn file(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    loan: LoanId,
    copy: Copy,
) -> Result<ContractFile, Failed<NotFound>> {
    store::contracts::file(tx, tenant, loan, copy)?.ok_or(Failed::Refused(NotFound))
}

/// Gives a new link to each signer whose link too many wrong codes have closed.
fn reopen_closed(tx: &mut Tx<'_>, loan: &mut Loan) -> Result<(), StoreError> {
    let (partner, id) = (loan.partner, loan.id);
    for signer in loan.signers.iter_mut().filter(|signer| signer.signed_at.is_none()) {
        let mut invitation = store::signing::invitation(tx, partner, id, signer.subject)?;
        if !invitation.mailed.is_closed() {
            continue;
        }
        let link = LinkToken::new(random_text::<32>(tx));
        invitation.mailed = invitation.mailed.renewed();
        store::signing::relink(tx, &invitation, &link)?;
        signer.link = Some(link);
    }
    Ok(())
}

/// Sends a new invitation to the signers who have not signed, at their present addresses. A signer with a closed link
/// gets a new link.
pub fn invite_again(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
    lender: &Lender,
) -> Result<Loan, Failed<StepRefused>> {
    let mut loan = store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(StepRefused::NotFound))?;
    if now > loan.sign_by || !matches!(loan.state, LoanState::AwaitingSignatures(_)) {
        return Err(Failed::Refused(StepRefused::InvalidState));
    }
    let file = store::customers::find(tx, tenant, loan.customer)?.ok_or(StoreError::NotFound)?;
    let Customer { subjects, registration, .. } = &file.customer;
    for signer in loan.signers.iter_mut().filter(|signer| signer.signed_at.is_none()) {
        if let Some(subject) = subjects.iter().find(|subject| subject.id == signer.subject) {
            signer.email = Signer::of(subject, registration.email.as_ref()).email;
        }
    }
    reopen_closed(tx, &mut loan)?;
    loan.updated_at = now;
    store::loans::update(tx, &mut loan)?;
    letters::invitations(tx, now, &loan, lender)?;
    Ok(loan)
}
