//! Invitations that are sent again.

use domain::customer::Customer;
use domain::id::{LoanId, PartnerId};
use domain::loan::{LinkToken, Loan, LoanState, Signer};
use domain::time::Timestamp;
use store::Failed;
use store::{StoreError, Tx};

use crate::lender::Lender;
use crate::loans::StepRefused;
use crate::{letters, random};

/// Gives a new link to each signer whose link too many wrong codes have closed.
fn reopen_closed(tx: &mut Tx<'_>, loan: &mut Loan) -> Result<(), StoreError> {
    let (partner, id) = (loan.partner, loan.id);
    for signer in loan.signers.iter_mut().filter(|signer| signer.signed_at.is_none()) {
        let mut invitation = store::signing::invitation(tx, partner, id, signer.subject)?;
        if !invitation.mailed.is_closed() {
            continue;
        }
        let link = LinkToken::new(random::text::<32>(tx));
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
