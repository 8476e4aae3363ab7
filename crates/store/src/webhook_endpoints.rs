//! Webhook endpoints; their secrets and descriptions are sealed.

use domain::closed::Changed;
use domain::id::{EndpointId, PartnerId};
use domain::page::Page;
use domain::time::{RealTime, Timestamp};
use domain::webhook::endpoint::{
    Endpoint, EndpointRecord, EndpointState, Generation, Health, HealthRecord, Secrets,
};
use domain::webhook::pattern::Pattern;
use domain::webhook::signature::Secret;
use serde::{Deserialize, Serialize};

use crate::db::Row;
use crate::document::{self, versioned};
use crate::listing::{Cursor, Gone, Listing, UnknownCursor};
use crate::{StoreError, Stored, Tx, args};

const COLUMNS: &str =
    "id, version, generation, url, patterns, state, sealed, failing_since, created_at, updated_at";

/// Adds an endpoint.
pub fn insert(tx: &mut Tx<'_>, endpoint: Changed<Endpoint>) -> Result<Stored<Endpoint>, StoreError> {
    let endpoint = endpoint.into_value();
    let version = Stored::<Endpoint>::FIRST;
    let sealed = sealed(tx, &endpoint, version)?;
    let sql = "insert into webhook_endpoints (partner_id, id, version, generation, url, patterns, state, sealed, \
               failing_since, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    tx.execute(
        sql,
        args![
            endpoint.partner,
            endpoint.id,
            version,
            endpoint.generation.name(),
            endpoint.url,
            patterns_to_json(&endpoint.patterns),
            endpoint.state.name(),
            sealed,
            endpoint.failing_since,
            endpoint.created_at,
            endpoint.updated_at,
        ],
    )?;
    Ok(Stored::new(version, endpoint))
}

/// Writes a changed endpoint, if nobody else has changed it since it was read.
pub fn save(tx: &mut Tx<'_>, endpoint: Stored<Changed<Endpoint>>) -> Result<Stored<Endpoint>, StoreError> {
    let (version, changed) = endpoint.into_parts();
    let endpoint = changed.into_value();
    let sealed = sealed(tx, &endpoint, version + 1)?;
    let sql = "update webhook_endpoints set version = version + 1, url = $4, patterns = $5, state = $6, \
               sealed = $7, failing_since = $8, updated_at = $9 \
               where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(
        sql,
        args![
            endpoint.partner,
            endpoint.id,
            version,
            endpoint.url,
            patterns_to_json(&endpoint.patterns),
            endpoint.state.name(),
            sealed,
            endpoint.failing_since,
            endpoint.updated_at,
        ],
    )?;
    Ok(Stored::new(version + 1, endpoint))
}

/// Removes an endpoint.
pub fn delete(tx: &mut Tx<'_>, endpoint: &Stored<Endpoint>) -> Result<(), StoreError> {
    let sql = "delete from webhook_endpoints where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(sql, args![endpoint.partner, endpoint.id, endpoint.version()])
}

/// Whether the partner has this endpoint, readable or not.
pub fn exists(tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId) -> Result<bool, StoreError> {
    let sql = "select version from webhook_endpoints where partner_id = $1 and id = $2";
    Ok(tx.query_opt(sql, args![partner, id], |_row| Ok(()))?.is_some())
}

/// The partner's endpoint with this id.
pub fn find(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: EndpointId,
) -> Result<Option<Stored<Endpoint>>, StoreError> {
    let sql = format!("select {COLUMNS} from webhook_endpoints where partner_id = $1 and id = $2");
    let row = tx.query_opt(&sql, args![partner, id], StoredEndpoint::read)?;
    row.map(|row| row.open(tx, partner)).transpose()
}

/// A page of the partner's endpoints. A deleted endpoint's id is still a valid cursor; another partner's is not.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    cursor: &Cursor<EndpointId>,
) -> Result<Result<Page<Endpoint>, UnknownCursor>, StoreError> {
    let foreign = match cursor.after {
        Some(after) => is_anothers(tx, partner, after)?,
        None => false,
    };
    let gone = Gone::of(cursor, |_id| !foreign);
    let listing = Listing::of("webhook_endpoints", COLUMNS, &partner).whose_cursor_may_be(gone);
    listing.page(tx, cursor, StoredEndpoint::read, |row, tx| Ok(row.open(tx, partner)?.into_value()))
}

fn is_anothers(tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId) -> Result<bool, StoreError> {
    let sql = "select id from webhook_endpoints where id = $1 and partner_id <> $2";
    let found = tx.query_opt(sql, args![id, partner], |row| row.get::<EndpointId>(0))?;
    Ok(found.is_some())
}

/// An endpoint as far as the fan-out needs it: what it hears, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The endpoint's id.
    pub id: EndpointId,
    /// Its version.
    pub version: i64,
    /// The generation it speaks.
    pub generation: Generation,
    /// Which events it hears.
    pub patterns: Vec<Pattern>,
    /// Whether deliveries go out.
    pub active: bool,
}

/// All of a partner's endpoints without their secrets; there are at most fifty. One whose row is damaged is told in the
/// log and hears nothing: it must not keep the others from hearing.
pub fn listeners(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<Listener>, StoreError> {
    let sql = "select id, version, generation, patterns, state from webhook_endpoints where partner_id = $1 \
               order by id";
    let listener = |row: &Row<'_>| {
        Ok(Listener {
            id: row.get(0)?,
            version: row.get(1)?,
            generation: row.with_text(2, generation)?,
            patterns: row.with_text(3, patterns_of_json)?,
            active: row.with_text(4, endpoint_state)? == EndpointState::Active,
        })
    };
    let rows = tx.query(sql, args![partner], |row| match listener(row) {
        Err(StoreError::Corrupt(reason)) => {
            let id = row.get::<String>(0)?;
            tracing::error!(webhook.endpoint = id, reason, "an endpoint cannot be read; it hears nothing");
            Ok(None)
        }
        listener => listener.map(Some),
    })?;
    Ok(rows.into_iter().flatten().collect())
}

/// The health of the partner's endpoint.
pub fn health(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: EndpointId,
) -> Result<Option<Stored<Health>>, StoreError> {
    let sql = "select version, state, failing_since from webhook_endpoints where partner_id = $1 and id = $2";
    tx.query_opt(sql, args![partner, id], |row| {
        let record = HealthRecord { state: row.with_text(1, endpoint_state)?, failing_since: row.get(2)? };
        Ok(Stored::new(row.get(0)?, Health::restored(record)))
    })
}

/// Writes an endpoint's health, if nobody else has changed the endpoint since it was read.
pub fn save_health(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: EndpointId,
    health: Stored<Changed<Health>>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let (version, changed) = health.into_parts();
    let health = changed.into_value();
    let sealed = resealed(tx, partner, id, version)?;
    let sql = "update webhook_endpoints set version = version + 1, state = $4, failing_since = $5, updated_at = $6, \
               sealed = $7 where partner_id = $1 and id = $2 and version = $3";
    let args = args![partner, id, version, *health.state.name(), health.failing_since, now, sealed];
    tx.execute_one(sql, args)
}

/// The value sealed at `version`, sealed for the next version. A value that does not open stays as it is, because the
/// endpoint's health must be written even so.
fn resealed(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: EndpointId,
    version: i64,
) -> Result<Vec<u8>, StoreError> {
    let sql = "select sealed from webhook_endpoints where partner_id = $1 and id = $2 and version = $3";
    let sealed: Option<Vec<u8>> = tx.query_opt(sql, args![partner, id, version], |row| row.get(0))?;
    let sealed = sealed.ok_or(StoreError::Conflict)?;
    match tx.unseal(partner, &versioned(TABLE, id, version), &sealed) {
        Ok(plain) => tx.seal(partner, &versioned(TABLE, id, version + 1), &plain),
        Err(StoreError::Corrupt(_)) => Ok(sealed),
        Err(error) => Err(error),
    }
}

/// How many endpoints the partner has.
pub fn count(tx: &mut Tx<'_>, partner: PartnerId) -> Result<i64, StoreError> {
    tx.query_one("select count(*) from webhook_endpoints where partner_id = $1", args![partner], |row| {
        row.get(0)
    })
}

fn patterns_to_json(patterns: &[Pattern]) -> String {
    document::to_json(&patterns.iter().map(ToString::to_string).collect::<Vec<_>>())
}

fn patterns_of_json(json: &str) -> Result<Vec<Pattern>, StoreError> {
    let patterns: Vec<String> = document::from_json(json.as_bytes())?;
    Ok(patterns.into_iter().map(Pattern::stored).collect())
}

fn generation(name: &str) -> Result<Generation, StoreError> {
    document::parsed(name)
}

#[derive(Serialize, Deserialize)]
struct SecretsDoc {
    current: [u8; 32],
    previous: Option<([u8; 32], i64)>,
    description: Option<String>,
}

const TABLE: &str = "webhook_endpoints";

fn sealed(tx: &mut Tx<'_>, endpoint: &Endpoint, version: i64) -> Result<Vec<u8>, StoreError> {
    let secrets = &endpoint.secrets;
    let previous = secrets.previous.as_ref().map(|(secret, end)| (*secret.bytes(), end.micros()));
    let (current, description) = (*secrets.current.bytes(), endpoint.description.clone());
    let json = document::to_json(&SecretsDoc { current, previous, description });
    tx.seal(endpoint.partner, &versioned(TABLE, endpoint.id, version), json.as_bytes())
}

/// A row as it is stored.
struct StoredEndpoint {
    id: EndpointId,
    version: i64,
    generation: String,
    url: String,
    patterns: String,
    state: String,
    sealed: Vec<u8>,
    failing_since: Option<RealTime>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl StoredEndpoint {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.get(0)?,
            version: row.get(1)?,
            generation: row.get(2)?,
            url: row.get(3)?,
            patterns: row.get(4)?,
            state: row.get(5)?,
            sealed: row.get(6)?,
            failing_since: row.get(7)?,
            created_at: row.get(8)?,
            updated_at: row.get(9)?,
        })
    }

    fn open(self, tx: &mut Tx<'_>, partner: PartnerId) -> Result<Stored<Endpoint>, StoreError> {
        let json = tx.unseal(partner, &versioned(TABLE, self.id, self.version), &self.sealed)?;
        let secrets: SecretsDoc = document::from_json(&json)?;
        let previous = secrets.previous.map(|(bytes, end)| (Secret::new(bytes), RealTime::from_micros(end)));
        let record = EndpointRecord {
            id: self.id,
            partner,
            generation: generation(&self.generation)?,
            url: self.url,
            patterns: patterns_of_json(&self.patterns)?,
            description: secrets.description,
            state: endpoint_state(&self.state)?,
            secrets: Secrets { current: Secret::new(secrets.current), previous },
            failing_since: self.failing_since,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok(Stored::new(self.version, Endpoint::restored(record)))
    }
}

fn endpoint_state(name: &str) -> Result<EndpointState, StoreError> {
    document::parsed(name)
}
