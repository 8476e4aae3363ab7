//! Files handed in for KYC and the hosted sessions in which customers take their own.

use domain::closed::Changed;
use domain::id::{BiometricsSessionId, CustomerId, DocumentId, PartnerId};
use domain::kyc::{BiometricsSession, Kept, MediaType, SessionRecord};
use domain::time::{RealTime, Timestamp};

use crate::db::Row;
use crate::document;
use crate::seal::sha256_hex;
use crate::{StoreError, Stored, Tx, args, outbox};

/// A file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument {
    /// Its id.
    pub id: DocumentId,
    /// The partner.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// Where its bytes are.
    pub blob_key: String,
    /// What its content is.
    pub media_type: MediaType,
    /// Its size in bytes.
    pub size: i64,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// When it was handed in.
    pub created_at: Timestamp,
}

/// Adds a document's row and fulfils the intent under which its bytes were written. A conflict if there is none, or if it
/// was given up meanwhile: its file may be deleted at any moment.
pub fn insert_document(tx: &mut Tx<'_>, document: &StoredDocument) -> Result<(), StoreError> {
    insert_document_of_no_intent(tx, document)?;
    let sql = "delete from blob_intents where partner_id = $1 and blob_key = $2 and customer_id = $3";
    tx.execute_one(sql, args![document.partner, document.blob_key, document.customer])
}

/// Adds the row of a document whose file was there before.
pub fn insert_document_of_no_intent(tx: &mut Tx<'_>, document: &StoredDocument) -> Result<(), StoreError> {
    let sql = "insert into kyc_documents \
               (partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute_later(
        sql,
        args![
            document.partner,
            document.id,
            document.customer,
            document.blob_key,
            document.media_type.name(),
            document.size,
            document.sha256,
            document.created_at,
        ],
    )
    .map(drop)
}

/// The partner's document with this id.
pub fn find_document(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: DocumentId,
) -> Result<Option<StoredDocument>, StoreError> {
    let sql = "select customer_id, blob_key, media_type, size, sha256, created_at from kyc_documents \
               where partner_id = $1 and id = $2";
    tx.query_opt(sql, args![partner, id], |row| {
        let media_type: String = row.get(2)?;
        Ok(StoredDocument {
            id,
            partner,
            customer: row.get(0)?,
            blob_key: row.get(1)?,
            media_type: document::parsed(&media_type)?,
            size: row.get(3)?,
            sha256: row.get(4)?,
            created_at: row.get(5)?,
        })
    })
}

/// The number and size of a customer's stored files, with the replaced ones that are not deleted yet.
pub fn kept(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<Kept, StoreError> {
    let sql = "select count(*), cast(coalesce(sum(size), 0) as bigint) from kyc_documents \
               where partner_id = $1 and customer_id = $2";
    tx.query_one(sql, args![partner, customer], |row| Ok(Kept { files: row.get(0)?, bytes: row.get(1)? }))
}

/// How many files of a customer are being written.
pub fn being_written(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<i64, StoreError> {
    let sql = "select count(*) from blob_intents where partner_id = $1 and customer_id = $2";
    tx.query_one(sql, args![partner, customer], |row| row.get(0))
}

/// Marks documents as replaced before anybody had reviewed them.
pub fn mark_replaced(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    documents: &[DocumentId],
    real: RealTime,
) -> Result<(), StoreError> {
    let sql = "update kyc_documents set replaced_at = $3 where partner_id = $1 and id = $2";
    documents.iter().try_for_each(|document| tx.execute_one(sql, args![partner, *document, real]))
}

/// Drops the rows of some documents that were replaced before `cutoff` and announces their files for deletion; returns
/// how many.
pub fn drop_replaced(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<usize, StoreError> {
    let sql = "select partner_id, id, blob_key, replaced_at from kyc_documents where replaced_at < $1 \
               order by replaced_at limit 100";
    let replaced = tx.query(sql, args![cutoff], |row| -> Result<ReplacedDocument, StoreError> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    })?;
    for (partner, document, blob_key, replaced_at) in &replaced {
        let sql = "delete from kyc_documents where partner_id = $1 and id = $2";
        // Another node may have been quicker; then it has announced the file as well.
        if tx.execute(sql, args![*partner, *document])? == 1 {
            let sql = "insert into blob_intents (partner_id, blob_key, created_at) values ($1, $2, $3)";
            tx.execute_later(sql, args![*partner, blob_key, *replaced_at])?;
        }
    }
    Ok(replaced.len())
}

/// Whose, which, where its bytes are, and when it was replaced.
type ReplacedDocument = (PartnerId, DocumentId, String, Timestamp);

/// Announces a file that is about to be written, so that it can be deleted if its row never comes.
pub fn insert_intent(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
    blob_key: &str,
    real: RealTime,
) -> Result<(), StoreError> {
    let sql =
        "insert into blob_intents (partner_id, blob_key, created_at, customer_id) values ($1, $2, $3, $4)";
    tx.execute(sql, args![partner, blob_key, real, customer]).map(drop)
}

/// Drops an intent whose file was deleted.
pub fn forget_intent(tx: &mut Tx<'_>, partner: PartnerId, blob_key: &str) -> Result<(), StoreError> {
    let sql = "delete from blob_intents where partner_id = $1 and blob_key = $2";
    tx.execute_later(sql, args![partner, blob_key])
}

/// Gives up files announced before `cutoff` whose rows never came, some at a time. They count no longer among the
/// customer's, and no row can take them, so they may be deleted; then [`forget_intent`].
pub fn give_up_intents(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<Vec<(PartnerId, String)>, StoreError> {
    let sql =
        "select partner_id, blob_key from blob_intents where created_at < $1 order by created_at limit 100";
    let old: Vec<(PartnerId, String)> = tx.query(sql, args![cutoff], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (partner, blob_key) in &old {
        let sql = "update blob_intents set customer_id = null where partner_id = $1 and blob_key = $2";
        tx.execute_later(sql, args![*partner, blob_key])?;
    }
    Ok(old)
}

const SESSION: &str = "partner_id, id, version, customer_id, state, review_start, expires_at, created_at";

/// Adds a hosted session with its events; of its code only a hash is kept.
pub fn insert_session(
    tx: &mut Tx<'_>,
    session: Changed<BiometricsSession>,
    code: &str,
) -> Result<BiometricsSession, StoreError> {
    let (session, events) = session.into_parts();
    let sql = "insert into biometrics_sessions \
               (partner_id, id, version, customer_id, state, review_start, code_hash, expires_at, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    tx.execute_later(
        sql,
        args![
            session.partner,
            session.id,
            Stored::<BiometricsSession>::FIRST,
            session.customer,
            session.state.name(),
            session.review_start.name(),
            sha256_hex(code.as_bytes()),
            session.expires_at,
            session.created_at,
        ],
    )?;
    outbox::append(tx, session.partner, session.created_at, events)?;
    Ok(session)
}

/// Writes a changed session, if nobody else has changed it since it was read.
pub fn save_session(
    tx: &mut Tx<'_>,
    session: Stored<Changed<BiometricsSession>>,
) -> Result<Stored<BiometricsSession>, StoreError> {
    let (version, changed) = session.into_parts();
    // Only the opening of a session has an event.
    let (session, _no_events) = changed.into_parts();
    let sql = "update biometrics_sessions set version = version + 1, state = $4, expires_at = $5 \
               where partner_id = $1 and id = $2 and version = $3";
    let (state, expires_at) = (session.state.name(), session.expires_at);
    tx.execute_one(sql, args![session.partner, session.id, version, state, expires_at])?;
    Ok(Stored::new(version + 1, session))
}

/// The customer's newest session.
pub fn newest_session(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    let sql = format!(
        "select {SESSION} from biometrics_sessions where partner_id = $1 and customer_id = $2 \
         order by created_at desc limit 1"
    );
    tx.query_opt(&sql, args![partner, customer], session)
}

/// The session that a browser goes on with under this secret, whoever's it is: the secret is the proof.
pub fn find_session_by_page(
    tx: &mut Tx<'_>,
    secret: &str,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    let sql = format!("select {SESSION} from biometrics_sessions where page_hash = $1");
    tx.query_opt(&sql, args![sha256_hex(secret.as_bytes())], session)
}

/// A keyed hash of the random half of a browser's secret. It shows that the server issued the secret for this session.
pub fn page_mark(tx: &Tx<'_>, session: BiometricsSessionId, random: &str) -> String {
    tx.keyring().lookup("page_secret", &format!("{session}\n{random}"))
}

/// Keeps a hash of the secret under which a browser goes on with a session.
pub fn keep_page_secret(
    tx: &mut Tx<'_>,
    session: &BiometricsSession,
    secret: &str,
) -> Result<(), StoreError> {
    let sql = "update biometrics_sessions set page_hash = $3 where partner_id = $1 and id = $2";
    tx.execute_one(sql, args![session.partner, session.id, sha256_hex(secret.as_bytes())])
}

/// The session with this id.
pub fn find_session(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: BiometricsSessionId,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    let sql = format!("select {SESSION} from biometrics_sessions where partner_id = $1 and id = $2");
    tx.query_opt(&sql, args![partner, id], session)
}

/// The session of this code, whoever's it is: the code itself is the proof.
pub fn find_session_by_code(
    tx: &mut Tx<'_>,
    code: &str,
) -> Result<Option<Stored<BiometricsSession>>, StoreError> {
    let sql = format!("select {SESSION} from biometrics_sessions where code_hash = $1");
    tx.query_opt(&sql, args![sha256_hex(code.as_bytes())], session)
}

fn session(row: &Row<'_>) -> Result<Stored<BiometricsSession>, StoreError> {
    let state: String = row.get(4)?;
    let review_start: String = row.get(5)?;
    let record = SessionRecord {
        partner: row.get(0)?,
        id: row.get(1)?,
        customer: row.get(3)?,
        state: document::parsed(&state)?,
        review_start: document::parsed(&review_start)?,
        expires_at: row.get(6)?,
        created_at: row.get(7)?,
    };
    Ok(Stored::new(row.get(2)?, BiometricsSession::restored(record)))
}
