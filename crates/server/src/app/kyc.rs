//! Handing in evidence, hosted sessions, and the reviewer's decisions.

use std::time::Duration;

use domain::customer::{CustomerEvent, CustomerFile, CustomerInput, CustomerState};
use domain::event::Happening;
use domain::id::{BiometricsSessionId, CustomerId, DocumentId, PartnerId, ResourceId};
use domain::kyc::{
    Attachment, AttachmentSource, BiometricsSession, EvidenceKind, Requirement, RequirementInput,
    RequirementKey, RequirementKind, RequirementState, ReviewStart, SessionState, Slot,
};
use domain::machine::Illegal;
use domain::time::Timestamp;
use store::kyc::StoredDocument;
use store::{StoreError, Tx};

use super::customers::CustomerChange;
use super::{Failed, NotFound, credit, random_hex};

/// A file whose bytes are stored and that waits for its place in a KYC file.
#[derive(Debug, Clone)]
pub struct HandIn {
    /// Whose KYC it is for.
    pub customer: CustomerId,
    /// The stored file.
    pub document: NewDocument,
    /// Where it came from.
    pub source: AttachmentSource,
    /// What begins the review where this was the last thing missing.
    pub review_start: ReviewStart,
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Its id.
    pub id: DocumentId,
    /// Where its bytes are.
    pub blob_key: String,
    /// What is known of them.
    pub blob: store::blob::StoredBlob,
}

/// Why a file was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandInRefused {
    /// The customer is not there.
    NotFound,
    /// The customer's KYC does not ask for it.
    NotAskedFor,
    /// The customer's KYC is not pending.
    InvalidState(CustomerState),
    /// What it would replace has been accepted.
    AlreadyAccepted,
}

/// Where a file goes within a KYC file.
pub type Target = (RequirementKey, EvidenceKind, Slot);

/// Announces a file whose bytes are about to be written.
pub fn announce_file(tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp) -> Result<NewFile, StoreError> {
    let document: DocumentId = tx.new_id(now);
    let blob_key = format!("{tenant}/{}", document.uuid().as_simple());
    store::kyc::insert_intent(tx, tenant, &blob_key, now)?;
    let key = store::blob::BlobKey::of(tx, tenant)?;
    Ok(NewFile { document, blob_key, key, nonce: tx.random_bytes() })
}

/// An announced file.
pub struct NewFile {
    /// The id of the document it is to be.
    pub document: DocumentId,
    /// Where its bytes go.
    pub blob_key: String,
    /// What seals them.
    pub key: store::blob::BlobKey,
    /// The nonce of the sealing.
    pub nonce: [u8; 7],
}

/// Drops the announcement of a file that was deleted again.
pub fn forget_file(tx: &mut Tx<'_>, tenant: PartnerId, blob_key: &str) -> Result<(), StoreError> {
    store::kyc::forget_intent(tx, tenant, blob_key)
}

fn receivable(file: &CustomerFile) -> Result<(), HandInRefused> {
    match file.customer.state {
        CustomerState::PendingKyc => Ok(()),
        state @ (CustomerState::Creating
        | CustomerState::UnderReview
        | CustomerState::Active
        | CustomerState::Denied) => Err(HandInRefused::InvalidState(state)),
    }
}

/// Takes a stored file into a customer's KYC; `target` finds its place.
pub fn hand_in(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    command: &HandIn,
    target: impl Fn(&CustomerFile) -> Option<Target>,
) -> Result<CustomerFile, Failed<HandInRefused>> {
    let file = store::customers::find(tx, tenant, command.customer)?;
    let mut file = file.ok_or(Failed::Refused(HandInRefused::NotFound))?;
    receivable(&file).map_err(Failed::Refused)?;
    let (key, evidence, slot) = target(&file).ok_or(Failed::Refused(HandInRefused::NotAskedFor))?;
    let not_asked_for = || Failed::Refused(HandInRefused::NotAskedFor);
    let requirement = file.kyc.find_mut(key).ok_or_else(not_asked_for)?;
    let document = command.document.id;
    let attachment = Attachment { slot, source: command.source, document, uploaded_at: now, rejected: false };
    let accepted = |_illegal| Failed::Refused(HandInRefused::AlreadyAccepted);
    requirement.attach(evidence, attachment).map_err(accepted)?;
    store::kyc::insert_document(tx, &stored_document(tenant, now, command))?;
    let mut change = CustomerChange::of(&mut file);
    change.tell(CustomerEvent::KycUpdated);
    change.start_review_if_complete(command.review_start);
    change.save(tx, now)?;
    Ok(file)
}

fn stored_document(tenant: PartnerId, now: Timestamp, command: &HandIn) -> StoredDocument {
    let NewDocument { id, blob_key, blob } = command.document.clone();
    StoredDocument {
        id,
        partner: tenant,
        customer: command.customer,
        blob_key,
        media_type: blob.media_type,
        size: blob.size,
        sha256: blob.sha256,
        created_at: now,
    }
}

/// Why no hosted session was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenSessionRefused {
    /// The customer is not there.
    NotFound,
    /// One is open.
    AlreadyOpen,
    /// The customer's KYC is not pending.
    InvalidState(CustomerState),
}

/// A session with the code of its link, which is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedSession {
    /// The session.
    pub session: BiometricsSession,
    /// The single-use code.
    pub code: String,
}

/// Opens a hosted session in which the customer takes a selfie.
pub fn open_session(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
    review_start: ReviewStart,
    lifetime: Duration,
) -> Result<OpenedSession, Failed<OpenSessionRefused>> {
    let refused = |refusal| Err(Failed::Refused(refusal));
    let Some(mut file) = store::customers::find(tx, tenant, customer)? else {
        return refused(OpenSessionRefused::NotFound);
    };
    if receivable(&file).is_err() || wanted_selfie(&file).is_none() {
        return refused(OpenSessionRefused::InvalidState(file.customer.state));
    }
    let newest = store::kyc::newest_session(tx, tenant, customer)?;
    if newest.is_some_and(|session| session.is_open(now)) {
        return refused(OpenSessionRefused::AlreadyOpen);
    }
    let code = format!("dinie_bsc_{}", random_hex::<24>(tx));
    let session = BiometricsSession {
        id: tx.new_id(now),
        partner: tenant,
        version: 1,
        customer,
        state: SessionState::Open,
        review_start,
        expires_at: now.plus(lifetime),
        created_at: now,
    };
    store::kyc::insert_session(tx, &session, &code)?;
    let opened = Happening::BiometricsOpened(session.id, customer);
    store::outbox::append(tx, tenant, now, vec![opened])?;
    // The customer's version makes two sessions opened at once take turns.
    store::customers::update(tx, &mut file)?;
    Ok(OpenedSession { session, code })
}

/// Why a session's page cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionRefused {
    /// Nobody knows the code.
    Unknown,
    /// The link's time is over.
    Expired,
    /// The selfie has been taken.
    Completed,
    /// The customer's KYC is not pending any more.
    InvalidState,
}

/// The session of a code, noting that a person has opened its page.
pub fn visit_session(
    tx: &mut Tx<'_>,
    now: Timestamp,
    code: &str,
) -> Result<BiometricsSession, Failed<SessionRefused>> {
    let mut session = open_session_of(tx, now, code)?;
    if session.state == SessionState::Open {
        session.state = SessionState::Visited;
        store::kyc::update_session(tx, &session)?;
        session.version += 1;
    }
    Ok(session)
}

fn open_session_of(
    tx: &mut Tx<'_>,
    now: Timestamp,
    code: &str,
) -> Result<BiometricsSession, Failed<SessionRefused>> {
    let session = store::kyc::find_session_by_code(tx, code)?;
    let session = session.ok_or(Failed::Refused(SessionRefused::Unknown))?;
    match session.state {
        SessionState::Completed => Err(Failed::Refused(SessionRefused::Completed)),
        SessionState::Open | SessionState::Visited if !session.is_open(now) => {
            Err(Failed::Refused(SessionRefused::Expired))
        }
        SessionState::Open | SessionState::Visited => Ok(session),
    }
}

/// The session of this id, where a person has not opened its page and its link still works.
pub fn unvisited_session(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: BiometricsSessionId,
) -> Result<Option<BiometricsSession>, StoreError> {
    let session = store::kyc::find_session(tx, tenant, id)?;
    Ok(session.filter(|session| session.state == SessionState::Open && session.is_open(now)))
}

/// Takes the selfie of a session and ends it.
pub fn complete_session(
    tx: &mut Tx<'_>,
    now: Timestamp,
    session: &BiometricsSession,
    document: NewDocument,
) -> Result<CustomerFile, Failed<SessionRefused>> {
    let current = store::kyc::find_session(tx, session.partner, session.id)?;
    let mut current = current.ok_or(Failed::Refused(SessionRefused::Unknown))?;
    if !current.is_open(now) {
        let completed = current.state == SessionState::Completed;
        let refusal = if completed { SessionRefused::Completed } else { SessionRefused::Expired };
        return Err(Failed::Refused(refusal));
    }
    current.state = SessionState::Completed;
    store::kyc::update_session(tx, &current)?;
    let command = HandIn {
        customer: session.customer,
        document,
        source: AttachmentSource::HostedSession,
        review_start: session.review_start,
    };
    hand_in(tx, session.partner, now, &command, wanted_selfie)
        .map_err(|failed| failed.map_refused(|_| SessionRefused::InvalidState))
}

/// The first selfie that is still wanted, else the first that may be replaced: the applicant's, then each
/// co-owner's.
fn wanted_selfie(file: &CustomerFile) -> Option<Target> {
    let selfies = || file.kyc.requirements.iter().filter(|r| r.key.kind == RequirementKind::Selfie);
    let submitted = |r: &&Requirement| matches!(r.state, RequirementState::Submitted { .. });
    let requirement = selfies().find(|r| !r.state.is_in()).or_else(|| selfies().find(submitted))?;
    Some((requirement.key, EvidenceKind::Selfie, Slot::Photo))
}

/// The reviewer's word on one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is good.
    Accept,
    /// It is to be corrected.
    Reject {
        /// Why, in words for the customer.
        reason: String,
    },
}

/// Why a review was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewRefused {
    /// The customer is not there.
    NotFound,
    /// The customer is not under review.
    NotUnderReview,
    /// The requirement was not submitted.
    NotSubmitted(RequirementKey),
}

/// Records verdicts. One rejection sends the customer back to KYC; once every mandatory requirement is
/// accepted the customer is active, and offers that the analysis allows are made.
pub fn review(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
    verdicts: &[(RequirementKey, Verdict)],
    offer_lifetime: Duration,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let mut file = under_review(tx, tenant, customer)?;
    for (key, verdict) in verdicts {
        let input = match verdict {
            Verdict::Accept => RequirementInput::Accepted,
            Verdict::Reject { reason } => RequirementInput::Rejected { reason: reason.clone() },
        };
        let not_submitted = || Failed::Refused(ReviewRefused::NotSubmitted(*key));
        let requirement = file.kyc.find_mut(*key).ok_or_else(not_submitted)?;
        requirement.review(&input).map_err(|_illegal| not_submitted())?;
    }
    let mut change = CustomerChange::of(&mut file);
    conclude(&mut change).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?;
    change.save(tx, now)?;
    credit::make_allowed_offers(tx, tenant, now, &file, offer_lifetime)?;
    Ok(file)
}

/// Ends the review where the verdicts so far settle it. The way back to KYC has no event of its own, so the
/// change of the file is told after that step; an approval is told after the change.
fn conclude(change: &mut CustomerChange<'_>) -> Result<(), Illegal> {
    let rejected = |state: &RequirementState| matches!(state, RequirementState::Rejected { .. });
    if change.file.kyc.requirements.iter().any(|requirement| rejected(&requirement.state)) {
        change.file.kyc.corrections += 1;
        change.step(CustomerInput::CorrectionRequested)?;
        change.tell(CustomerEvent::KycUpdated);
        return Ok(());
    }
    change.tell(CustomerEvent::KycUpdated);
    if change.file.kyc.is_accepted() {
        change.step(CustomerInput::Approved)?;
    }
    Ok(())
}

/// Refuses a customer for good.
pub fn refuse(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let mut file = under_review(tx, tenant, customer)?;
    let mut change = CustomerChange::of(&mut file);
    change.step(CustomerInput::Refused).map_err(|_illegal| Failed::Refused(ReviewRefused::NotUnderReview))?;
    change.save(tx, now)?;
    Ok(file)
}

fn under_review(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    customer: CustomerId,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let file = store::customers::find(tx, tenant, customer)?;
    let file = file.ok_or(Failed::Refused(ReviewRefused::NotFound))?;
    if file.customer.state != CustomerState::UnderReview {
        return Err(Failed::Refused(ReviewRefused::NotUnderReview));
    }
    Ok(file)
}

/// Files announced before `cutoff` whose documents never came.
pub fn orphaned_files(tx: &mut Tx<'_>, cutoff: Timestamp) -> Result<Vec<(PartnerId, String)>, StoreError> {
    store::kyc::stale_intents(tx, cutoff)
}

/// Whether the customer is there, for operations on what belongs to it.
pub fn exists(tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId) -> Result<(), Failed<NotFound>> {
    super::customers::find(tx, tenant, customer).map(drop)
}
