//! Sessions of people in the console. A session's secret is kept as a hash only.

use domain::access::{Origin, Proof, Session, SessionRecord};
use domain::closed::Changed;
use domain::id::{OperatorId, SessionId};
use domain::time::RealTime;
use serde::{Deserialize, Serialize};

use crate::document::{self, context};
use crate::operators::data_keys;
use crate::seal::sha256_hex;
use crate::table::{set, table};
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A session as it is stored.
    struct SessionRow in "sessions" by (operator_id, id) {
        operator_id: OperatorId,
        id: SessionId,
        version: i64,
        secret_hash: String,
        proof: Proof,
        sealed: Vec<u8>,
        created_at: RealTime,
        proved_at: RealTime,
        seen_at: RealTime,
        expires_at: RealTime,
        ended_at: Option<RealTime>,
    }
}

const TABLE: &str = "sessions";

#[derive(Serialize, Deserialize)]
struct OriginDoc {
    address: String,
    agent: String,
}

/// Where a session was opened or a call came from, as a document to be sealed.
pub(crate) fn origin_text(origin: &Origin) -> String {
    let Origin { address, agent } = origin.clone();
    document::to_json(&OriginDoc { address, agent })
}

/// Reads an opened document.
pub(crate) fn origin_read(doc: &[u8]) -> Result<Origin, StoreError> {
    let OriginDoc { address, agent } = document::from_json(doc)?;
    Ok(Origin { address, agent })
}

impl SessionRow {
    fn of(tx: &mut Tx<'_>, session: &Session, secret: &str) -> Result<Self, StoreError> {
        let SessionRecord { id, operator, proof, origin, .. } = session.record().clone();
        let doc = origin_text(&origin);
        let nonce = tx.random_bytes();
        Ok(Self {
            operator_id: operator,
            id,
            version: Stored::<Session>::FIRST,
            secret_hash: sha256_hex(secret.as_bytes()),
            proof,
            sealed: data_keys(tx, operator)?.seal(nonce, &context(TABLE, id), doc.as_bytes()),
            created_at: session.created_at,
            proved_at: session.proved_at,
            seen_at: session.seen_at,
            expires_at: session.expires_at,
            ended_at: session.ended_at,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<Session>, StoreError> {
        let doc = data_keys(tx, self.operator_id)?.open(&context(TABLE, self.id), &self.sealed)?;
        let record = SessionRecord {
            id: self.id,
            operator: self.operator_id,
            proof: self.proof,
            origin: origin_read(&doc)?,
            created_at: self.created_at,
            proved_at: self.proved_at,
            seen_at: self.seen_at,
            expires_at: self.expires_at,
            ended_at: self.ended_at,
        };
        Ok(Stored::new(self.version, Session::restored(record)))
    }
}

/// Adds a session with its secret.
pub fn insert(tx: &mut Tx<'_>, session: Changed<Session>, secret: &str) -> Result<Session, StoreError> {
    let session = session.into_value();
    let row = SessionRow::of(tx, &session, secret)?;
    tx.insert_now(&row)?;
    Ok(session)
}

/// Saves a session, if nobody else has changed the row since it was read.
pub fn save(tx: &mut Tx<'_>, session: Stored<Changed<Session>>) -> Result<Stored<Session>, StoreError> {
    session.save(|session, before| {
        let changes = set!(SessionRow of session: seen_at, ended_at);
        tx.update(args![session.operator, session.id], before, changes)
    })
}

/// The session with this secret, ended or not.
pub fn find_by_secret(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Stored<Session>>, StoreError> {
    let hash = sha256_hex(secret.as_bytes());
    tx.find_opened("where secret_hash = $1", args![hash], SessionRow::open)
}

/// A session of a person.
pub fn find(
    tx: &mut Tx<'_>, operator: OperatorId, id: SessionId,
) -> Result<Option<Stored<Session>>, StoreError> {
    tx.find_opened("where operator_id = $1 and id = $2", args![operator, id], SessionRow::open)
}

/// The sessions of a person that have not ended and not expired, newest first, at most 100.
pub fn list_open(
    tx: &mut Tx<'_>, operator: OperatorId, now: RealTime,
) -> Result<Vec<Stored<Session>>, StoreError> {
    let open = "where operator_id = $1 and ended_at is null and expires_at > $2 order by id desc limit 100";
    let rows: Vec<SessionRow> = tx.find_all(open, args![operator, now])?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// Drops up to `rows` sessions that expired before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "delete from sessions where id in \
               (select id from sessions where expires_at < $1 order by expires_at limit $2)";
    tx.execute(sql, args![cutoff, rows])
}
