//! Invitations that are sent again.

use domain::customer::Customer;
use domain::id::{LoanId, PartnerId};
use domain::loan::{LinkToken, Loan, Signer, SigningPhase};
use domain::time::Timestamp;
use store::Failed;
use store::{StoreError, Tx};

use crate::lender::Lender;
use crate::loans::StepRefused;
use crate::{contracts, mails};

/// A new link for a signer, if too many wrong codes have closed the old one.
fn reopened(tx: &mut Tx<'_>, loan: &Loan, signer: &Signer) -> Result<Option<LinkToken>, StoreError> {
    let mut invitation = store::signing::invitation(tx, loan.partner, loan.id, signer.subject)?;
    if !invitation.mailed.is_closed() {
        return Ok(None);
    }
    let link = contracts::new_link(tx);
    invitation.mailed = invitation.mailed.renewed();
    store::signing::relink(tx, &invitation, &link)?;
    Ok(Some(link))
}

/// Sends a new invitation to the signers who have not signed, at their present addresses. A signer with a closed link
/// gets a new link.
pub fn invite_again(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, lender: &Lender,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(StepRefused::NotFound))?;
    if now > loan.sign_by || loan.state.kind().signing_phase() != SigningPhase::Open {
        return Err(Failed::Refused(StepRefused::InvalidState));
    }
    let file = store::customers::find(tx, tenant, loan.customer)?.ok_or(StoreError::NotFound)?;
    let Customer { subjects, registration, .. } = &file.customer;
    let mut links = Vec::new();
    for signer in loan.signers.iter().filter(|signer| signer.signed_at.is_none()) {
        if let Some(link) = reopened(tx, &loan, signer)? {
            links.push((signer.subject, link));
        }
    }
    let invited = loan
        .change(|loan| loan.invite_again(subjects, registration.email.as_ref(), links, now))
        .map_err(StoreError::from)?;
    let loan = store::loans::save(tx, invited)?;
    mails::invitations(tx, now, &loan, lender)?;
    Ok(loan.into_value())
}
