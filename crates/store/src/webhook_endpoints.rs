//! Webhook endpoints. Their secrets and descriptions are sealed.

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

use crate::db::{Arg, Column, Row, ToArg, among};
use crate::document::{self, versioned};
use crate::listing::{Cursor, Gone, Listing, UnknownCursor};
use crate::table::{row, set, table};
use crate::{StoreError, Stored, Tx, args};

table! {
    /// An endpoint as it is stored.
    struct EndpointRow in "webhook_endpoints" by (partner_id, id) {
        partner_id: PartnerId,
        id: EndpointId,
        version: i64,
        generation: Generation,
        url: String,
        patterns: Patterns,
        state: EndpointState,
        sealed: Vec<u8>,
        failing_since: Option<RealTime>,
        warned_at: Option<RealTime>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl EndpointRow {
    /// The row of an endpoint at a version.
    fn of(tx: &mut Tx<'_>, endpoint: &Endpoint, version: i64) -> Result<Self, StoreError> {
        let secrets = &endpoint.secrets;
        let previous = secrets.previous.as_ref().map(|(secret, end)| (*secret.bytes(), end.micros()));
        let (current, description) = (*secrets.current.bytes(), endpoint.description.clone());
        let json = document::to_json(&SecretsDoc { current, previous, description });
        let context = versioned(TABLE, endpoint.id, version);
        Ok(Self {
            partner_id: endpoint.partner,
            id: endpoint.id,
            version,
            generation: endpoint.generation,
            url: endpoint.url.clone(),
            patterns: Patterns(endpoint.patterns.clone()),
            state: endpoint.state,
            sealed: tx.seal(endpoint.partner, &context, json.as_bytes())?,
            failing_since: endpoint.failing_since,
            warned_at: endpoint.warned_at,
            created_at: endpoint.created_at,
            updated_at: endpoint.updated_at,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<Endpoint>, StoreError> {
        let json = tx.unseal(self.partner_id, &versioned(TABLE, self.id, self.version), &self.sealed)?;
        let secrets: SecretsDoc = document::from_json(&json)?;
        let previous = secrets.previous.map(|(bytes, end)| (Secret::new(bytes), RealTime::from_micros(end)));
        let record = EndpointRecord {
            id: self.id,
            partner: self.partner_id,
            generation: self.generation,
            url: self.url,
            patterns: self.patterns.0,
            description: secrets.description,
            state: self.state,
            secrets: Secrets { current: Secret::new(secrets.current), previous },
            failing_since: self.failing_since,
            warned_at: self.warned_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok(Stored::new(self.version, Endpoint::restored(record)))
    }
}

row! {
    /// The columns of an endpoint that the fan-out needs.
    struct ListenerAnswer of EndpointRow {
        version: i64,
        generation: Generation,
        patterns: Patterns,
        state: EndpointState,
    }
}

row! {
    /// The columns of an endpoint's health.
    struct HealthAnswer of EndpointRow {
        version: i64,
        state: EndpointState,
        failing_since: Option<RealTime>,
        warned_at: Option<RealTime>,
    }
}

/// The patterns of an endpoint, as a JSON list of texts.
#[derive(Debug, Clone)]
pub(crate) struct Patterns(Vec<Pattern>);

#[cfg(feature = "test-support")]
impl crate::samples::Sample for Patterns {
    fn sample(_samples: &mut crate::samples::Samples) -> Self {
        Self(vec![Pattern::stored("loan.*".to_owned())])
    }
}

impl ToArg for Patterns {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(document::to_json(&self.0.iter().map(ToString::to_string).collect::<Vec<_>>()).into())
    }
}

impl Column for Patterns {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        let patterns: Vec<String> = row.with_text(index, |json| document::from_json(json.as_bytes()))?;
        Ok(Self(patterns.into_iter().map(Pattern::stored).collect()))
    }
}

#[derive(Serialize, Deserialize)]
struct SecretsDoc {
    current: [u8; 32],
    previous: Option<([u8; 32], i64)>,
    description: Option<String>,
}

/// Prefix of the sealing contexts of endpoints.
const TABLE: &str = "webhook_endpoints";

/// Adds an endpoint.
pub fn insert(tx: &mut Tx<'_>, endpoint: Changed<Endpoint>) -> Result<Stored<Endpoint>, StoreError> {
    let endpoint = endpoint.into_value();
    let version = Stored::<Endpoint>::FIRST;
    let row = EndpointRow::of(tx, &endpoint, version)?;
    tx.insert_now(&row)?;
    Ok(Stored::new(version, endpoint))
}

/// Saves an endpoint, if nobody else has changed its row since it was read.
pub fn save(tx: &mut Tx<'_>, endpoint: Stored<Changed<Endpoint>>) -> Result<Stored<Endpoint>, StoreError> {
    endpoint.save(|endpoint, before| {
        let row = EndpointRow::of(tx, endpoint, before + 1)?;
        let changes =
            set!(EndpointRow of row: url, patterns, state, sealed, failing_since, warned_at, updated_at);
        tx.update(args![endpoint.partner, endpoint.id], before, changes)
    })
}

/// Removes an endpoint.
pub fn delete(tx: &mut Tx<'_>, endpoint: &Stored<Endpoint>) -> Result<(), StoreError> {
    let sql = "delete from webhook_endpoints where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(sql, args![endpoint.partner, endpoint.id, endpoint.version()])
}

/// Whether the partner has this endpoint, also if its row is unreadable.
pub fn exists(tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId) -> Result<bool, StoreError> {
    tx.has::<EndpointRow>("where partner_id = $1 and id = $2", args![partner, id])
}

/// The partner's endpoint with this id.
pub fn find(
    tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId,
) -> Result<Option<Stored<Endpoint>>, StoreError> {
    tx.find_opened("where partner_id = $1 and id = $2", args![partner, id], EndpointRow::open)
}

/// A page of the partner's endpoints. A deleted endpoint's id is still a valid cursor; another partner's is not.
pub fn list(
    tx: &mut Tx<'_>, partner: PartnerId, cursor: &Cursor<EndpointId>,
) -> Result<Result<Page<Endpoint>, UnknownCursor>, StoreError> {
    let foreign = match cursor.after {
        Some(after) => is_anothers(tx, partner, after)?,
        None => false,
    };
    let gone = Gone::of(cursor, |_id| !foreign);
    Listing::by(EndpointRow::created_at, EndpointRow::id)
        .whose_cursor_may_be(gone)
        .within(EndpointRow::partner_id, Some(&partner))
        .page(tx, cursor, |row: EndpointRow, tx| Ok(row.open(tx)?.into_value()))
}

fn is_anothers(tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId) -> Result<bool, StoreError> {
    let sql = "select id from webhook_endpoints where id = $1 and partner_id <> $2";
    Ok(tx.fetch_opt::<EndpointId>(sql, args![id, partner])?.is_some())
}

/// The part of an endpoint that the fan-out needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// The endpoint's id.
    pub id: EndpointId,
    /// The version of its row.
    pub version: i64,
    /// The generation of its events.
    pub generation: Generation,
    /// The patterns of its events.
    pub patterns: Vec<Pattern>,
    /// Whether deliveries are sent.
    pub active: bool,
}

/// All of a partner's endpoints without their secrets; there are at most fifty. A damaged endpoint is logged and
/// receives no events, so that the others still receive theirs.
pub fn listeners(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<Listener>, StoreError> {
    let rows = tx.find_marked::<ListenerAnswer, _>(
        EndpointRow::id,
        "where partner_id = $1 order by id",
        args![partner],
    )?;
    let mut listeners = Vec::with_capacity(rows.len());
    for (row, id) in rows {
        match row.and_then(|row| Ok((row, id.parse::<EndpointId>()?))) {
            Ok((row, id)) => listeners.push(Listener {
                id,
                version: row.version,
                generation: row.generation,
                patterns: row.patterns.0,
                active: row.state == EndpointState::Active,
            }),
            Err(StoreError::Corrupt(reason)) => {
                let id = id.as_str();
                tracing::error!(
                    webhook.endpoint = id,
                    reason,
                    "an endpoint cannot be read; it receives no events"
                );
            }
            Err(error) => return Err(error),
        }
    }
    Ok(listeners)
}

/// The health of the partner's endpoint.
pub fn health(
    tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId,
) -> Result<Option<Stored<Health>>, StoreError> {
    let row = tx.find::<HealthAnswer>("where partner_id = $1 and id = $2", args![partner, id])?;
    Ok(row.map(|HealthAnswer { version, state, failing_since, warned_at }| {
        Stored::new(version, Health::restored(HealthRecord { state, failing_since, warned_at }))
    }))
}

/// Writes an endpoint's health, if nobody else has changed the endpoint since it was read.
pub fn save_health(
    tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId, health: Stored<Changed<Health>>, now: Timestamp,
) -> Result<(), StoreError> {
    let saved = health.save(|health, before| {
        let sealed = resealed(tx, partner, id, before)?;
        let changes = [
            EndpointRow::state.to(&health.state),
            EndpointRow::failing_since.to(&health.failing_since),
            EndpointRow::warned_at.to(&health.warned_at),
            EndpointRow::updated_at.to(&now),
            EndpointRow::sealed.to(&sealed),
        ];
        tx.update(args![partner, id], before, &changes)
    });
    saved.map(drop)
}

/// A value sealed at `version`, sealed again for the next version. A value that does not open stays as it is, because
/// the endpoint's health must be written anyway.
fn resealed(
    tx: &mut Tx<'_>, partner: PartnerId, id: EndpointId, version: i64,
) -> Result<Vec<u8>, StoreError> {
    let sql = "select sealed from webhook_endpoints where partner_id = $1 and id = $2 and version = $3";
    let sealed: Option<Vec<u8>> = tx.fetch_opt(sql, args![partner, id, version])?;
    let sealed = sealed.ok_or(StoreError::Conflict)?;
    match tx.unseal(partner, &versioned(TABLE, id, version), &sealed) {
        Ok(plain) => tx.seal(partner, &versioned(TABLE, id, version + 1), &plain),
        Err(StoreError::Corrupt(_)) => Ok(sealed),
        Err(error) => Err(error),
    }
}

/// Number of the partner's endpoints.
pub fn count(tx: &mut Tx<'_>, partner: PartnerId) -> Result<i64, StoreError> {
    tx.fetch_one("select count(*) from webhook_endpoints where partner_id = $1", args![partner])
}

/// The endpoints of a partner that fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failing {
    /// The partner.
    pub partner: PartnerId,
    /// The number of its failing endpoints.
    pub endpoints: i64,
    /// The time since which the first of them fails.
    pub since: RealTime,
}

/// The partners whose endpoints fail, the longest failing one first.
pub fn failing(tx: &mut Tx<'_>) -> Result<Vec<Failing>, StoreError> {
    let sql = "select partner_id, count(*), min(failing_since) from webhook_endpoints \
               where failing_since is not null group by partner_id order by min(failing_since), partner_id limit 20";
    fetch_failing(tx, sql, &[])
}

/// Those of these partners whose endpoints fail.
pub fn failing_of(tx: &mut Tx<'_>, partners: &[PartnerId]) -> Result<Vec<Failing>, StoreError> {
    let (these, args) = among(partners, 1);
    let sql = format!(
        "select partner_id, count(*), min(failing_since) from webhook_endpoints \
         where partner_id {these} and failing_since is not null group by partner_id"
    );
    fetch_failing(tx, &sql, &args)
}

fn fetch_failing(tx: &mut Tx<'_>, sql: &str, args: &[Arg<'_>]) -> Result<Vec<Failing>, StoreError> {
    let failing: Vec<(PartnerId, i64, RealTime)> = tx.fetch_all(sql, args)?;
    Ok(failing.into_iter().map(|(partner, endpoints, since)| Failing { partner, endpoints, since }).collect())
}

/// The most waiting deliveries of an endpoint that are counted.
pub const MOST_COUNTED: i64 = 1_000;

/// An endpoint and the deliveries that wait for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The URL for deliveries.
    pub url: String,
    /// The state of its machine.
    pub state: EndpointState,
    /// The beginning of the present series of failed attempts.
    pub failing_since: Option<RealTime>,
    /// The number of waiting deliveries, counted up to [`MOST_COUNTED`].
    pub deliveries: i64,
    /// The creation of the oldest of the hundred that are due next.
    pub oldest: Option<RealTime>,
}

/// All of a partner's endpoints with their waiting deliveries, oldest endpoint first; there are at most fifty.
pub fn waiting(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<Waiting>, StoreError> {
    type Row = ((EndpointId, String, EndpointState, Option<RealTime>), (i64, Option<RealTime>));
    let pending = |column: &str, most: i64| {
        format!(
            "(select d.{column} from deliveries d where d.partner_id = e.partner_id \
             and d.endpoint_id = e.id and d.state = 'pending' order by d.due_at limit {most}) as next"
        )
    };
    let sql = format!(
        "select e.id, e.url, e.state, e.failing_since, (select count(*) from {}), \
         (select min(created_at) from {}) \
         from webhook_endpoints e where e.partner_id = $1 order by e.created_at, e.id",
        pending("due_at", MOST_COUNTED),
        pending("created_at", 100)
    );
    let one = |((endpoint, url, state, failing_since), (deliveries, oldest)): Row| Waiting {
        endpoint,
        url,
        state,
        failing_since,
        deliveries,
        oldest,
    };
    Ok(tx.fetch_all::<Row>(&sql, args![partner])?.into_iter().map(one).collect())
}
