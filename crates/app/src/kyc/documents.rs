//! The submission of evidence.

use domain::customer::{CustomerFile, CustomerState, Submission, SubmissionRefused};
use domain::id::{CustomerId, DocumentId, PartnerId, ResourceId};
use domain::kyc::{
    Attachment, AttachmentSource, Content, EvidenceKind, FileLimits, Requirement, RequirementKey,
    ReviewStart, Slot,
};
use domain::person::Email;
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::blob::BlobKey;
use store::kyc::StoredDocument;
use store::{StoreError, Tx};

use crate::clock;
use crate::refused::NotFound;

/// A piece of evidence to submit.
#[derive(Debug, Clone)]
pub struct SubmitEvidence {
    /// The customer of the KYC.
    pub customer: CustomerId,
    /// The submitted evidence.
    pub evidence: NewEvidence,
    /// The source: an upload or a hosted session.
    pub source: AttachmentSource,
    /// The step that begins the review, if nothing is missing after this submission.
    pub review_start: ReviewStart,
    /// The limits on the customer's files.
    pub limits: FileLimits,
}

/// The submitted evidence.
#[derive(Debug, Clone)]
pub enum NewEvidence {
    /// A file whose bytes are stored.
    File(NewDocument),
    /// A file whose bytes are not stored, because there was no room. It is always refused.
    FileWithoutRoom,
    /// A person's e-mail address.
    Address(Email),
}

/// A stored file.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// Id of the document.
    pub id: DocumentId,
    /// Name of the stored file.
    pub blob_key: String,
    /// Media type, size and hash of the file.
    pub blob: store::blob::StoredBlob,
}

/// The reason why evidence was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmitEvidenceRefused {
    /// There is no such customer.
    NotFound,
    /// The customer's KYC does not require it.
    NotRequired,
    /// The customer's KYC is not pending.
    InvalidState(CustomerState),
    /// It would replace evidence that was accepted.
    AlreadyAccepted,
    /// The customer's files have reached these limits.
    NoRoom(FileLimits),
}

/// The place of a file in a customer's KYC.
pub type Target = (RequirementKey, EvidenceKind, Slot);

/// No file may be written: the customer's files, together with those being written, have reached the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoRoom;

/// The room that a file may take.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Largest size of the file, in bytes.
    pub largest: i64,
    /// The limits on the customer's files.
    pub limits: FileLimits,
}

/// Announces a file whose bytes are about to be written.
pub fn announce_file(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, customer: CustomerId, room: Room,
) -> Result<NewFile, Failed<NoRoom>> {
    let stored = store::kyc::stored_files(tx, tenant, customer)?;
    let writing = store::kyc::being_written(tx, tenant, customer)?;
    if !stored.may_begin(writing, room.largest, room.limits) {
        return Err(Failed::Refused(NoRoom));
    }
    let document: DocumentId = tx.new_id(real);
    let (key, blob_key) = BlobKey::make(tx, tenant, &format!("{tenant}/{}", document.uuid().as_simple()))?;
    store::kyc::insert_intent(tx, tenant, customer, &blob_key, real)?;
    Ok(NewFile { document, blob_key, key, nonce: tx.random_bytes() })
}

/// An announced file.
pub struct NewFile {
    /// Id of the future document.
    pub document: DocumentId,
    /// Name of the file to write.
    pub blob_key: String,
    /// The key that seals the file.
    pub key: store::blob::BlobKey,
    /// The nonce of the sealing.
    pub nonce: [u8; 7],
}

/// Drops the announcement of a file that was deleted again.
pub fn forget_file(tx: &mut Tx<'_>, tenant: PartnerId, blob_key: &str) -> Result<(), StoreError> {
    store::kyc::forget_intent(tx, tenant, blob_key)
}

/// A submitted document, with the key of its file.
pub fn document(
    tx: &mut Tx<'_>, tenant: PartnerId, id: DocumentId,
) -> Result<(StoredDocument, BlobKey), Failed<NotFound>> {
    let document = store::kyc::find_document(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))?;
    let key = BlobKey::of_file(tx, tenant, &document.blob_key)?;
    Ok((document, key))
}

/// Checks that the customer's KYC accepts evidence now.
pub(super) fn receivable(file: &CustomerFile) -> Result<(), SubmitEvidenceRefused> {
    match file.customer.state {
        CustomerState::PendingKyc => Ok(()),
        state @ (CustomerState::Creating
        | CustomerState::UnderReview
        | CustomerState::Active
        | CustomerState::Denied) => Err(SubmitEvidenceRefused::InvalidState(state)),
    }
}

/// Adds evidence to a customer's KYC; `target` finds its place.
pub fn submit_evidence(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &SubmitEvidence,
    target: impl Fn(&CustomerFile) -> Option<Target>,
) -> Result<CustomerFile, Failed<SubmitEvidenceRefused>> {
    let file = store::customers::find(tx, tenant, command.customer)?;
    let file = file.ok_or(Failed::Refused(SubmitEvidenceRefused::NotFound))?;
    receivable(&file).map_err(Failed::Refused)?;
    let (key, kind, slot) = target(&file).ok_or(Failed::Refused(SubmitEvidenceRefused::NotRequired))?;
    let no_room = || Failed::Refused(SubmitEvidenceRefused::NoRoom(command.limits));
    let content = match &command.evidence {
        NewEvidence::File(document) => {
            let stored = store::kyc::stored_files(tx, tenant, command.customer)?;
            if !stored.has_room_for(document.blob.size, command.limits) {
                return Err(no_room());
            }
            Content::File(document.id)
        }
        NewEvidence::FileWithoutRoom => return Err(no_room()),
        NewEvidence::Address(_) => Content::Address,
    };
    let email = match &command.evidence {
        NewEvidence::Address(email) => Some(email.clone()),
        NewEvidence::File(_) | NewEvidence::FileWithoutRoom => None,
    };
    let submission = Submission {
        key,
        kind,
        attachment: Attachment { slot, source: command.source, content, uploaded_at: now, rejected: false },
        email,
        review_start: command.review_start,
    };
    let before = file.customer.clone();
    let mut replaced = file.kyc.find(key).map_or_else(Vec::new, Requirement::unreviewed_documents);
    let submitted = file.change(|file| file.submit(submission, now)).map_err(|refused| {
        Failed::Refused(match refused {
            SubmissionRefused::NotRequired => SubmitEvidenceRefused::NotRequired,
            SubmissionRefused::AlreadyAccepted => SubmitEvidenceRefused::AlreadyAccepted,
        })
    })?;
    let documents = submitted.value().kyc.find(key).map_or_else(Vec::new, Requirement::documents);
    replaced.retain(|document| !documents.contains(document));
    // Files use the real time, because the purge worker deletes for all partners at once.
    let real = clock::real(tx, tenant, now)?;
    store::kyc::mark_replaced(tx, tenant, &replaced, real)?;
    if let NewEvidence::File(document) = &command.evidence {
        store::kyc::insert_document(tx, &stored_document(tenant, now, command.customer, document))?;
    }
    let file = store::customers::save(tx, submitted)?.into_value();
    if let NewEvidence::Address(_) = &command.evidence {
        store::search::changed(tx, &before, &file.customer)?;
    }
    Ok(file)
}

fn stored_document(
    tenant: PartnerId, now: Timestamp, customer: CustomerId, document: &NewDocument,
) -> StoredDocument {
    let NewDocument { id, blob_key, blob } = document.clone();
    StoredDocument {
        id,
        partner: tenant,
        customer,
        blob_key,
        media_type: blob.media_type,
        size: blob.size,
        sha256: blob.sha256,
        created_at: now,
    }
}

/// Drops some documents that were replaced before `cutoff` without a review. Their files become orphans.
pub fn drop_replaced(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<usize, StoreError> {
    store::kyc::drop_replaced(tx, cutoff)
}

/// Gives up some files that were announced before `cutoff` and have no document. The caller must delete them.
pub fn give_up_files(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<Vec<(PartnerId, String)>, StoreError> {
    store::kyc::give_up_intents(tx, cutoff)
}
