//! Files for KYC, and the hosted sessions in which customers upload them.

use std::collections::BTreeSet;

use domain::closed::Changed;
use domain::id::{BiometricsSessionId, CustomerId, DocumentId, PartnerId};
use domain::kyc::{BiometricsSession, MediaType, ReviewStart, SessionRecord, SessionState, StoredFiles};
use domain::time::{RealTime, Timestamp};

use crate::db::among;
use crate::seal::sha256_hex;
use crate::table::table;
use crate::{StoreError, Stored, Tx, args, outbox};

table! {
    /// A document as it is stored. `replaced_at` is set if a newer document has replaced it before a review.
    struct DocumentRow in "kyc_documents" by (partner_id, id) {
        partner_id: PartnerId,
        id: DocumentId,
        customer_id: CustomerId,
        blob_key: String,
        media_type: MediaType,
        size: i64,
        sha256: String,
        created_at: Timestamp,
        replaced_at: Option<RealTime>,
    }
}

impl DocumentRow {
    fn read(self) -> StoredDocument {
        StoredDocument {
            id: self.id,
            partner: self.partner_id,
            customer: self.customer_id,
            blob_key: self.blob_key,
            media_type: self.media_type,
            size: self.size,
            sha256: self.sha256,
            created_at: self.created_at,
        }
    }
}

table! {
    /// An announced file. An intent that was given up has no customer.
    struct IntentRow in "blob_intents" by (partner_id, blob_key) {
        partner_id: PartnerId,
        blob_key: String,
        created_at: RealTime,
        customer_id: Option<CustomerId>,
    }
}

table! {
    /// A hosted session as it is stored. Its secrets are kept as hashes only.
    struct SessionRow in "biometrics_sessions" by (partner_id, id) {
        partner_id: PartnerId,
        id: BiometricsSessionId,
        version: i64,
        customer_id: CustomerId,
        state: SessionState,
        review_start: ReviewStart,
        code_hash: String,
        page_hash: Option<String>,
        expires_at: Timestamp,
        created_at: Timestamp,
    }
}

impl SessionRow {
    fn read(self) -> Stored<BiometricsSession> {
        let record = SessionRecord {
            partner: self.partner_id,
            id: self.id,
            customer: self.customer_id,
            state: self.state,
            review_start: self.review_start,
            expires_at: self.expires_at,
            created_at: self.created_at,
        };
        Stored::new(self.version, BiometricsSession::restored(record))
    }
}

/// An uploaded file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// The document's id.
    pub id: DocumentId,
    /// The partner of the customer.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// The name of its file in the file store.
    pub blob_key: String,
    /// The media type of its content.
    pub media_type: MediaType,
    /// Its size in bytes.
    pub size: i64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// The time of its upload.
    pub created_at: Timestamp,
}

/// Adds a document's row and removes the intent under which its file was written. `Conflict` if there is no intent, or
/// if it was given up meanwhile: its file may be deleted at any moment.
pub fn insert_document(tx: &mut Tx<'_>, document: &StoredDocument) -> Result<(), StoreError> {
    insert_document_of_no_intent(tx, document)?;
    let sql = "delete from blob_intents where partner_id = $1 and blob_key = $2 and customer_id = $3";
    tx.execute_one(sql, args![document.partner, document.blob_key, document.customer])
}

/// Adds the row of a document without an intent, whose file already exists.
pub fn insert_document_of_no_intent(tx: &mut Tx<'_>, document: &StoredDocument) -> Result<(), StoreError> {
    tx.insert(&DocumentRow {
        partner_id: document.partner,
        id: document.id,
        customer_id: document.customer,
        blob_key: document.blob_key.clone(),
        media_type: document.media_type,
        size: document.size,
        sha256: document.sha256.clone(),
        created_at: document.created_at,
        replaced_at: None,
    })
}

/// The partner's document with this id.
pub fn find_document(
    tx: &mut Tx<'_>, partner: PartnerId, id: DocumentId,
) -> Result<Option<StoredDocument>, StoreError> {
    let row = tx.find::<DocumentRow>("where partner_id = $1 and id = $2", args![partner, id])?;
    Ok(row.map(DocumentRow::read))
}

/// The customer's documents, also replaced ones.
pub fn documents_of(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Vec<StoredDocument>, StoreError> {
    let own = args![partner, customer];
    let rows = tx.find_all("where partner_id = $1 and customer_id = $2", own)?;
    Ok(rows.into_iter().map(DocumentRow::read).collect())
}

/// Customers of any partner, other than this one, who sent a file with one of these hashes: at most `limit` of their
/// files.
pub fn senders_of(
    tx: &mut Tx<'_>, customer: CustomerId, hashes: &[&str], limit: i64,
) -> Result<BTreeSet<CustomerId>, StoreError> {
    let (these, mut args) = among(hashes, 1);
    let (not, most) = (args.len() + 1, args.len() + 2);
    args.extend(args![customer, limit].iter().cloned());
    let sql = format!(
        "select customer_id from kyc_documents where sha256 {these} and customer_id <> ${not} limit ${most}"
    );
    Ok(tx.fetch_all::<CustomerId>(&sql, &args)?.into_iter().collect())
}

/// The number and size of a customer's stored files, including replaced ones that are not deleted yet.
pub fn stored_files(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<StoredFiles, StoreError> {
    let sql = "select count(*), cast(coalesce(sum(size), 0) as bigint) from kyc_documents \
               where partner_id = $1 and customer_id = $2";
    let (files, bytes) = tx.fetch_one(sql, args![partner, customer])?;
    Ok(StoredFiles { files, bytes })
}

/// The number of a customer's files that are being written.
pub fn being_written(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<i64, StoreError> {
    let sql = "select count(*) from blob_intents where partner_id = $1 and customer_id = $2";
    tx.fetch_one(sql, args![partner, customer])
}

/// Marks documents as replaced before a review.
pub fn mark_replaced(
    tx: &mut Tx<'_>, partner: PartnerId, documents: &[DocumentId], real: RealTime,
) -> Result<(), StoreError> {
    let sql = "update kyc_documents set replaced_at = $3 where partner_id = $1 and id = $2";
    documents.iter().try_for_each(|document| tx.execute_one(sql, args![partner, *document, real]))
}

/// Drops the rows of some documents that were replaced before `cutoff` and announces their files for deletion. Returns
/// their number.
pub fn drop_replaced(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<usize, StoreError> {
    let sql = "select partner_id, id, blob_key, replaced_at from kyc_documents where replaced_at < $1 \
               order by replaced_at limit 100";
    let replaced = tx.fetch_all::<(PartnerId, DocumentId, String, RealTime)>(sql, args![cutoff])?;
    let count = replaced.len();
    for (partner_id, document, blob_key, created_at) in replaced {
        let sql = "delete from kyc_documents where partner_id = $1 and id = $2";
        // If another node was faster, it has announced the file as well.
        if tx.execute(sql, args![partner_id, document])? == 1 {
            crate::blob::destroy(tx, partner_id, &blob_key)?;
            tx.insert(&IntentRow { partner_id, blob_key, created_at, customer_id: None })?;
        }
    }
    Ok(count)
}

/// Announces a file that is about to be written, so that it can be deleted if its row never comes.
pub fn insert_intent(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId, blob_key: &str, real: RealTime,
) -> Result<(), StoreError> {
    tx.insert_now(&IntentRow {
        partner_id: partner,
        blob_key: blob_key.to_owned(),
        created_at: real,
        customer_id: Some(customer),
    })
}

/// Announces a file that is sealed again under a new name: it is deleted after `at` if no row has got its name by then.
pub(crate) fn announce_resealed(
    tx: &mut Tx<'_>, partner: PartnerId, blob_key: &str, at: RealTime,
) -> Result<(), StoreError> {
    let sql = "insert into blob_intents (partner_id, blob_key, created_at) values ($1, $2, $3) \
               on conflict (partner_id, blob_key) do update set created_at = excluded.created_at";
    tx.execute(sql, args![partner, *blob_key, at]).map(drop)
}

/// Takes an announcement back, because a row names the file. `Conflict` if it was given up meanwhile.
pub(crate) fn keep_resealed(
    tx: &mut Tx<'_>, partner: PartnerId, blob_key: &str, at: RealTime,
) -> Result<(), StoreError> {
    // The key finds the row. The sum keeps the engines from the index by age.
    let sql = "delete from blob_intents where partner_id = $1 and blob_key = $2 and created_at + 0 = $3";
    tx.execute_one(sql, args![partner, *blob_key, at])
}

/// Drops an intent whose file was deleted.
pub fn forget_intent(tx: &mut Tx<'_>, partner: PartnerId, blob_key: &str) -> Result<(), StoreError> {
    let sql = "delete from blob_intents where partner_id = $1 and blob_key = $2";
    tx.execute_later(sql, args![partner, blob_key])
}

/// Gives up files announced before `cutoff` whose rows never came, some at a time. They no longer count among the
/// customer's files, and no row can use them, so they may be deleted. Then call [`forget_intent`].
pub fn give_up_intents(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<Vec<(PartnerId, String)>, StoreError> {
    let sql =
        "select partner_id, blob_key from blob_intents where created_at < $1 order by created_at limit 100";
    let old: Vec<(PartnerId, String)> = tx.fetch_all(sql, args![cutoff])?;
    for (partner, blob_key) in &old {
        let sql = "update blob_intents set customer_id = null where partner_id = $1 and blob_key = $2";
        tx.execute_later(sql, args![*partner, blob_key])?;
    }
    Ok(old)
}

/// Adds a hosted session with its events. Its code is kept as a hash only.
pub fn insert_session(
    tx: &mut Tx<'_>, session: Changed<BiometricsSession>, code: &str,
) -> Result<BiometricsSession, StoreError> {
    let (session, events) = session.into_parts();
    tx.insert(&SessionRow {
        partner_id: session.partner,
        id: session.id,
        version: Stored::<BiometricsSession>::FIRST,
        customer_id: session.customer,
        state: session.state,
        review_start: session.review_start,
        code_hash: sha256_hex(code.as_bytes()),
        page_hash: None,
        expires_at: session.expires_at,
        created_at: session.created_at,
    })?;
    outbox::append(tx, session.partner, session.created_at, events)?;
    Ok(session)
}

/// Saves a session, if nobody else has changed its row since it was read.
pub fn save_session(
    tx: &mut Tx<'_>, session: Stored<Changed<BiometricsSession>>,
) -> Result<Stored<BiometricsSession>, StoreError> {
    let (version, changed) = session.into_parts();
    // Only the opening of a session has an event.
    let (session, _no_events) = changed.into_parts();
    let changes = [SessionRow::state.to(&session.state), SessionRow::expires_at.to(&session.expires_at)];
    tx.update(args![session.partner, session.id], version, &changes)?;
    Ok(Stored::new(version + 1, session))
}

/// The customer's newest session.
pub fn newest_session(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    let newest = "where partner_id = $1 and customer_id = $2 order by created_at desc limit 1";
    Ok(tx.find(newest, args![partner, customer])?.map(SessionRow::read))
}

/// The session that a browser continues with this secret, of any partner: the secret is the proof.
pub fn find_session_by_page(
    tx: &mut Tx<'_>, secret: &str,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    let row = tx.find("where page_hash = $1", args![sha256_hex(secret.as_bytes())])?;
    Ok(row.map(SessionRow::read))
}

/// A keyed hash of the random half of a browser's secret. It shows that the server issued the secret for this session.
pub fn page_mark(tx: &Tx<'_>, session: BiometricsSessionId, random: &str) -> String {
    tx.keyring().lookup("page_secret", &format!("{session}\n{random}"))
}

/// The customer's hosted sessions, newest first, at most a hundred.
pub fn sessions_of(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Vec<BiometricsSession>, StoreError> {
    let newest = "where partner_id = $1 and customer_id = $2 order by created_at desc limit 100";
    let rows = tx.find_all::<SessionRow>(newest, args![partner, customer])?;
    Ok(rows.into_iter().map(|row| row.read().into_value()).collect())
}

/// Stores a hash of the secret with which a browser continues a session.
pub fn keep_page_secret(
    tx: &mut Tx<'_>, session: &BiometricsSession, secret: &str,
) -> Result<(), StoreError> {
    let sql = "update biometrics_sessions set page_hash = $3 where partner_id = $1 and id = $2";
    tx.execute_one(sql, args![session.partner, session.id, sha256_hex(secret.as_bytes())])
}

/// The session with this id.
pub fn find_session(
    tx: &mut Tx<'_>, partner: PartnerId, id: BiometricsSessionId,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    Ok(tx.find("where partner_id = $1 and id = $2", args![partner, id])?.map(SessionRow::read))
}

/// The session of this code, of any partner: the code itself is the proof.
pub fn find_session_by_code(
    tx: &mut Tx<'_>, code: &str,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    Ok(tx.find("where code_hash = $1", args![sha256_hex(code.as_bytes())])?.map(SessionRow::read))
}
