//! Signing: a link and a one-time code for each signer, explicit consent, and evidence of both.

use std::net::IpAddr;

use domain::bank::Destination;
use domain::id::{LoanId, PartnerId, SubjectId};
use domain::kyc::SubjectRole;
use domain::loan::contract::Contract;
use domain::loan::signing::{Authentication, Evidence, Mailbox};
use domain::loan::{Loan, LoanState, Signer, SigningPhase};
use domain::mailed_code::{Checked, SendRefused};
use domain::page::Page;
use domain::person::Email;
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::contracts::{Copy, Document};
use store::{StoreError, Stored, Tx};

use crate::contracts::ccb::text;
use crate::lender::Lender;
use crate::loans::{self, StepRefused};
use crate::mails::SignerCode;
use crate::random;
use crate::{clock, contracts, mails};

/// The contents of a signing link.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The loan.
    pub loan: Loan,
    /// The signer of the link.
    pub signer: Signer,
    /// The facts of the contract, and the SHA-256 of its document once it is rendered. `None` for a loan that was
    /// signed before there were documents.
    pub contract: Option<(Contract, Option<String>)>,
    /// The destination of the money: the one that the first signature froze, or before it the customer's present one.
    pub destination: Destination,
    /// The mark of the destination. The page sends it back with the signature.
    pub destination_mark: String,
}

/// The view of a signer's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    /// The contract, to be signed.
    ToSign,
    /// The contract that this signer has signed, or the signed copy once everybody has signed.
    Signed,
    /// Nothing: the loan was cancelled after this signer signed.
    GivenUp,
    /// Nothing: the time to sign has passed, or the loan was cancelled.
    Over,
}

/// The view of a signer's link at `now`.
pub fn showing(loan: &Loan, signer: &Signer, now: Timestamp) -> Showing {
    let has_signed = signer.signed_at.is_some();
    match loan.state.kind().signing_phase() {
        SigningPhase::Open if has_signed => Showing::Signed,
        SigningPhase::Open if now <= loan.sign_by => Showing::ToSign,
        SigningPhase::Complete => Showing::Signed,
        SigningPhase::Dropped if has_signed => Showing::GivenUp,
        SigningPhase::Before | SigningPhase::Open | SigningPhase::Dropped => Showing::Over,
    }
}

/// Finds the contents of a link.
pub fn open(tx: &mut Tx<'_>, token: &str) -> Result<Option<Opened>, StoreError> {
    let Some((loan, signer)) = of_link(tx, token)? else { return Ok(None) };
    let contract = store::contracts::facts(tx, &loan)?;
    let destination = loans::destination(tx, &loan)?;
    let destination_mark = mark_of(tx, &loan, &destination);
    Ok(Some(Opened { loan: loan.into_value(), signer, contract, destination, destination_mark }))
}

fn of_link(tx: &mut Tx<'_>, token: &str) -> Result<Option<(Stored<Loan>, Signer)>, StoreError> {
    let Some((partner, id)) = store::signing::loan_of_link(tx, token)? else { return Ok(None) };
    let loan = store::loans::find(tx, partner, id)?;
    Ok(loan.and_then(|loan| {
        let signer = loan.signer_of_link(token)?.clone();
        Some((loan, signer))
    }))
}

/// The document that a link's page offers: the signed copy once there is one; `None` if the page shows no contract.
pub fn document(
    tx: &mut Tx<'_>, real: RealTime, token: &str,
) -> Result<Option<(Loan, Document)>, StoreError> {
    let Some((loan, signer)) = of_link(tx, token)? else { return Ok(None) };
    match showing(&loan, &signer, clock::at(tx, loan.partner, real)?) {
        Showing::ToSign | Showing::Signed => {}
        Showing::GivenUp | Showing::Over => return Ok(None),
    }
    for copy in [Copy::Signed, Copy::Issued] {
        let document = Document { partner: loan.partner, loan: loan.id, copy };
        if store::contracts::kept(tx, document)?.is_some() {
            return Ok(Some((loan.into_value(), document)));
        }
    }
    Ok(None)
}

/// The loan of a link, if its contract is not rendered yet.
pub fn unset_of_link(tx: &mut Tx<'_>, token: &str) -> Result<Option<(PartnerId, LoanId)>, StoreError> {
    let Some((partner, loan)) = store::signing::loan_of_link(tx, token)? else { return Ok(None) };
    Ok(contracts::is_unset(tx, partner, loan)?.then_some((partner, loan)))
}

/// The time of the partner whose loan a link opens.
pub fn time_of(tx: &mut Tx<'_>, token: &str, real: RealTime) -> Result<Timestamp, Failed<SignRefused>> {
    let (partner, _) =
        store::signing::loan_of_link(tx, token)?.ok_or(Failed::Refused(SignRefused::NotFound))?;
    Ok(clock::at(tx, partner, real)?)
}

/// The reason why a link's page had no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignRefused {
    /// There is no such link.
    NotFound,
    /// The loan cannot be signed: it was cancelled, or the time to sign has passed.
    NotOpen,
    /// This signer has signed.
    AlreadySigned,
    /// There is no address to send a code to.
    NoAddress,
    /// A code was just sent. The next one can be sent at this time.
    TooSoon(Timestamp),
    /// Too many wrong codes. The link is locked until this time.
    Locked(Timestamp),
    /// Too many wrong codes in the link's lifetime. The signer needs a new link.
    Closed,
    /// The destination of the money differs from the one that the page showed.
    OtherDestination,
}

/// The loan and signer of a link, if the signer may sign now.
fn to_sign(
    tx: &mut Tx<'_>, now: Timestamp, token: &str,
) -> Result<(Stored<Loan>, Signer), Failed<SignRefused>> {
    let refused = |why| Err(Failed::Refused(why));
    let Some((loan, signer)) = of_link(tx, token)? else { return refused(SignRefused::NotFound) };
    if signer.signed_at.is_some() {
        return refused(SignRefused::AlreadySigned);
    }
    if now > loan.sign_by || loan.state.kind().signing_phase() != SigningPhase::Open {
        return refused(SignRefused::NotOpen);
    }
    Ok((loan, signer))
}

/// Sends the signer of a link a new code; returns the address.
pub fn send_code(
    tx: &mut Tx<'_>, now: Timestamp, token: &str, lender: &Lender,
) -> Result<Email, Failed<SignRefused>> {
    let (loan, signer) = to_sign(tx, now, token)?;
    let to = signer.email.clone().ok_or(Failed::Refused(SignRefused::NoAddress))?;
    let mut invitation = store::signing::invitation(tx, loan.partner, loan.id, signer.subject)?;
    let code = random::code(tx);
    let hash = store::signing::code_hash(tx, loan.id, signer.subject, &code);
    invitation.mailed.send(hash, now).map_err(|refused| {
        Failed::Refused(match refused {
            SendRefused::Locked(until) => SignRefused::Locked(until),
            SendRefused::TooSoon(next) => SignRefused::TooSoon(next),
            SendRefused::Closed => SignRefused::Closed,
        })
    })?;
    store::signing::update(tx, &invitation)?;
    mails::code(tx, now, &loan, &SignerCode { signer: &signer, to: &to, code: &code }, lender)?;
    Ok(to)
}

/// A signature that a person gives on their page.
#[derive(Debug, Clone)]
pub struct GiveSignature {
    /// The code that the person received.
    pub code: String,
    /// The mark of the destination that the page showed. A program that reads no page sends none.
    pub destination: Option<String>,
    /// The person's IP address.
    pub address: Option<IpAddr>,
    /// The browser's name.
    pub user_agent: Option<String>,
}

/// Records the signature of a link's signer, if the code is right. A wrong code is a result and no refusal, so that the
/// transaction commits its count.
pub fn sign(
    tx: &mut Tx<'_>, now: Timestamp, token: &str, given: &GiveSignature, lender: &Lender,
) -> Result<Checked, Failed<SignRefused>> {
    let (loan, signer) = to_sign(tx, now, token)?;
    let destination = loans::destination(tx, &loan)?;
    if given.destination.as_ref().is_some_and(|shown| *shown != mark_of(tx, &loan, &destination)) {
        return Err(Failed::Refused(SignRefused::OtherDestination));
    }
    let mut invitation = store::signing::invitation(tx, loan.partner, loan.id, signer.subject)?;
    let hash = store::signing::code_hash(tx, loan.id, signer.subject, &given.code);
    let checked = invitation.mailed.check(&hash, now);
    store::signing::update(tx, &invitation)?;
    if checked == Checked::Right {
        let how = How {
            authentication: Authentication::CodeByMail {
                address: signer.email.clone(),
                of: mailbox_of(&loan, &signer),
            },
            address: given.address,
            user_agent: given.user_agent.clone(),
        };
        record(tx, now, loan, &signer, how, lender)?;
    }
    Ok(checked)
}

/// The mark of a destination. The page sends back the mark of the destination that it showed, so a person signs for the
/// destination that they saw.
fn mark_of(tx: &Tx<'_>, loan: &Loan, destination: &Destination) -> String {
    store::signing::destination_mark(tx, loan.id, destination)
}

/// The owner of the mailbox that receives a signer's code. A co-owner may have only the applicant's address.
fn mailbox_of(loan: &Loan, signer: &Signer) -> Mailbox {
    let applicants = loan.signers.iter().any(|other| {
        other.role == SubjectRole::Applicant && other.subject != signer.subject && other.email == signer.email
    });
    if applicants { Mailbox::Company } else { Mailbox::Signer }
}

/// Signs for a signer in the sandbox, without a code.
pub(crate) fn sign_in_sandbox(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, subject: SubjectId, lender: &Lender,
) -> Result<Loan, Failed<StepRefused>> {
    let loan = store::loans::find(tx, tenant, id)?.ok_or(Failed::Refused(StepRefused::NotFound))?;
    if now > loan.sign_by || loan.state.kind().signing_phase() != SigningPhase::Open {
        return Err(Failed::Refused(StepRefused::InvalidState));
    }
    let unsigned = loan.signers.iter().find(|s| s.subject == subject && s.signed_at.is_none()).cloned();
    let signer = unsigned.ok_or(Failed::Refused(StepRefused::NotASigner))?;
    let how = How { authentication: Authentication::Sandbox, address: None, user_agent: None };
    Ok(record(tx, now, loan, &signer, how, lender)?)
}

/// The circumstances of a signature.
struct How {
    authentication: Authentication,
    address: Option<IpAddr>,
    user_agent: Option<String>,
}

/// Records a signature with its evidence. The last signature makes the loan signed and orders the signed copy.
fn record(
    tx: &mut Tx<'_>, now: Timestamp, loan: Stored<Loan>, signer: &Signer, how: How, lender: &Lender,
) -> Result<Loan, StoreError> {
    let (contract, document_sha256) = contracts::stated(tx, &loan)?;
    let evidence = Evidence {
        subject: signer.subject,
        name: signer.name.clone(),
        cpf: signer.cpf,
        signed_at: now,
        document_sha256,
        authentication: how.authentication,
        address: how.address,
        user_agent: how.user_agent,
        consent: text::consent(&contract),
    };
    // From the first signature on, the money goes to the destination that the signer saw.
    let destination = loans::destination(tx, &loan)?;
    let signed = loan.change(|loan| loan.sign(signer.subject, destination, now))?;
    let loan = store::loans::save(tx, signed)?;
    store::signing::insert_evidence(tx, &loan, &evidence)?;
    if loan.state == LoanState::Signed {
        contracts::complete(tx, now, &loan, lender)?;
    }
    Ok(loan.into_value())
}

/// The evidence of a loan's signatures.
pub fn evidence(tx: &mut Tx<'_>, tenant: PartnerId, loan: LoanId) -> Result<Vec<Evidence>, StoreError> {
    store::signing::evidence(tx, tenant, loan)
}

/// The evidence of a loan's signatures as a list in which a damaged row is marked.
pub fn listed_evidence(
    tx: &mut Tx<'_>, tenant: PartnerId, loan: LoanId,
) -> Result<Page<Evidence>, StoreError> {
    store::signing::listed_evidence(tx, tenant, loan)
}
