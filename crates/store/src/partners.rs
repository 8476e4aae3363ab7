//! Partners and their data keys.

use std::collections::HashMap;
use std::time::Duration;

use domain::clock::{ClockName, SandboxClock};
use domain::id::{ClockId, PartnerId};
use domain::page::Page;
use domain::time::RealTime;

use crate::db::{LONGEST, among};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::table::{row, table};
use crate::{StoreError, Tx, args, data_keys};

table! {
    /// A partner as it is stored.
    struct PartnerRow in "partners" by (id) {
        id: PartnerId,
        name: String,
        version: i64,
        created_at: RealTime,
        clock_offset: Duration,
        requests_per_10s: Option<u32>,
        limits_version: i64,
        clock_of: Option<PartnerId>,
        advancing_until: Option<RealTime>,
    }
}

row! {
    /// A partner without its key.
    struct PartnerAnswer of PartnerRow {
        id: PartnerId,
        name: String,
        created_at: RealTime,
        requests_per_10s: Option<u32>,
        limits_version: i64,
    }
}

impl From<PartnerAnswer> for Partner {
    fn from(row: PartnerAnswer) -> Self {
        let limits = OwnLimits { requests_per_10s: row.requests_per_10s, version: row.limits_version };
        Self { id: row.id, name: row.name, created_at: row.created_at, limits }
    }
}

/// The limits that operators have set for a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnLimits {
    /// Most requests of each credential in ten seconds; `None` for the configuration's.
    pub requests_per_10s: Option<u32>,
    /// The version of the limits.
    pub version: i64,
}

impl OwnLimits {
    /// The limits of a new partner.
    const NEW: Self = Self { requests_per_10s: None, version: 1 };
}

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// The partner's id.
    pub id: PartnerId,
    /// The partner's name, for people.
    pub name: String,
    /// The time of its creation.
    pub created_at: RealTime,
    /// Its own limits.
    pub limits: OwnLimits,
}

/// Adds a partner with a new data key.
pub fn insert(tx: &mut Tx<'_>, name: &str, now: RealTime) -> Result<Partner, StoreError> {
    let id: PartnerId = tx.new_id(now);
    insert_row(tx, &PartnerRow { name: name.to_owned(), ..PartnerRow::new(id, now) })?;
    Ok(Partner { id, name: name.to_owned(), created_at: now, limits: OwnLimits::NEW })
}

/// Adds a clock of a partner, `ahead` of the real time, with a data key of its own.
pub fn insert_clock(
    tx: &mut Tx<'_>, owner: PartnerId, name: &ClockName, now: RealTime, ahead: Duration,
) -> Result<SandboxClock, StoreError> {
    let id: ClockId = tx.new_id(now);
    let row = PartnerRow {
        name: name.to_string(),
        clock_offset: ahead,
        clock_of: Some(owner),
        ..PartnerRow::new(id.tenant(), now)
    };
    insert_row(tx, &row)?;
    Ok(SandboxClock { id, owner, name: name.to_string(), created_at: now, ahead, advancing_until: None })
}

impl PartnerRow {
    /// A new row, without its name.
    fn new(id: PartnerId, now: RealTime) -> Self {
        Self {
            id,
            name: String::new(),
            version: 1,
            created_at: now,
            clock_offset: Duration::ZERO,
            requests_per_10s: OwnLimits::NEW.requests_per_10s,
            limits_version: OwnLimits::NEW.version,
            clock_of: None,
            advancing_until: None,
        }
    }
}

/// Writes a row, makes its first data key, and begins its feed.
fn insert_row(tx: &mut Tx<'_>, row: &PartnerRow) -> Result<(), StoreError> {
    tx.insert_now(row)?;
    data_keys::insert(tx, row.id.into(), data_keys::FIRST, row.created_at)?;
    crate::outbox::open_feed(tx, row.id)
}

/// The partner with this id.
pub fn find(tx: &mut Tx<'_>, id: PartnerId) -> Result<Option<Partner>, StoreError> {
    Ok(tx.find::<PartnerAnswer>("where id = $1", args![id])?.map(Partner::from))
}

/// The names of these partners. The name of a clock's tenant is that of its partner and of the clock.
pub fn names(tx: &mut Tx<'_>, ids: &[PartnerId]) -> Result<HashMap<PartnerId, String>, StoreError> {
    let mut names: HashMap<PartnerId, String> = HashMap::new();
    let clocks: Vec<PartnerId> = ids.iter().copied().filter(|id| id.clock().is_some()).collect();
    let mut owners: HashMap<PartnerId, PartnerId> = HashMap::new();
    for chunk in clocks.chunks(LONGEST) {
        let (these, args) = among(chunk, 1);
        let sql = format!("select id, clock_of from partners where id {these} and clock_of is not null");
        owners.extend(tx.fetch_all::<(PartnerId, PartnerId)>(&sql, &args)?);
    }
    let all: Vec<PartnerId> = ids.iter().copied().chain(owners.values().copied()).collect();
    for chunk in all.chunks(LONGEST) {
        let (these, args) = among(chunk, 1);
        names.extend(tx.fetch_all::<(PartnerId, String)>(
            &format!("select id, name from partners where id {these}"),
            &args,
        )?);
    }
    for (clock, owner) in owners {
        let of_owner = names.get(&owner).cloned();
        if let (Some(name), Some(of_owner)) = (names.get_mut(&clock), of_owner) {
            *name = format!("{of_owner} · {name}");
        }
    }
    Ok(names)
}

/// A page of the partners, without their clocks.
pub fn list(
    tx: &mut Tx<'_>, cursor: &Cursor<PartnerId>,
) -> Result<Result<Page<Partner>, UnknownCursor>, StoreError> {
    Listing::by(PartnerRow::created_at, PartnerRow::id).meeting("clock_of is null").page(
        tx,
        cursor,
        |row: PartnerAnswer, _tx| Ok(row.into()),
    )
}

/// A page of all tenants: the partners and their clocks, for checks and maintenance.
pub fn list_tenants(
    tx: &mut Tx<'_>, cursor: &Cursor<PartnerId>,
) -> Result<Result<Page<Partner>, UnknownCursor>, StoreError> {
    Listing::by(PartnerRow::created_at, PartnerRow::id)
        .page(tx, cursor, |row: PartnerAnswer, _tx| Ok(row.into()))
}

/// Whether there is any partner at all.
pub fn any(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(tx.fetch_opt::<PartnerId>("select id from partners limit 1", &[])?.is_some())
}

/// Makes transactions that count a partner's resources take turns: the script that commits second runs again.
pub fn touch(tx: &mut Tx<'_>, id: PartnerId) -> Result<(), StoreError> {
    tx.execute_one("update partners set version = version + 1 where id = $1", args![id])
}

/// The limits of a partner; `None` if there is no such partner.
pub fn limits(tx: &mut Tx<'_>, id: PartnerId) -> Result<Option<OwnLimits>, StoreError> {
    let sql = "select requests_per_10s, limits_version from partners where id = $1";
    let row: Option<(Option<u32>, i64)> = tx.fetch_opt(sql, args![id])?;
    Ok(row.map(|(requests_per_10s, version)| OwnLimits { requests_per_10s, version }))
}

/// Sets a partner's limits. `Conflict` if somebody has changed them since this version.
pub fn set_limits(
    tx: &mut Tx<'_>, id: PartnerId, version: i64, requests_per_10s: Option<u32>,
) -> Result<(), StoreError> {
    let sql = "update partners set version = version + 1, limits_version = limits_version + 1, requests_per_10s = $3 \
               where id = $1 and limits_version = $2";
    tx.execute_one(sql, args![id, version, requests_per_10s])
}
