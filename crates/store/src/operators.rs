//! Operators: the people and programs that decide for the lender.

use std::collections::HashMap;

use domain::access::{Membership, Operator, OperatorKind, OperatorRecord, RoleNames, TeamRole};
use domain::closed::Changed;
use domain::credential::Maker;
use domain::id::{OperatorId, PartnerId};
use domain::page::Page;
use domain::time::RealTime;

use crate::db::among;
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::seal::{DataKeys, sha256_hex};
use crate::table::{row, table};
use crate::{StoreError, Stored, Tx, args, data_keys};

table! {
    /// An operator as it is stored. The token is kept as a hash only; a person has none.
    struct OperatorRow in "operators" by (id) {
        id: OperatorId,
        version: i64,
        kind: OperatorKind,
        name: String,
        roles: RoleNames,
        team_of: Option<PartnerId>,
        team_role: Option<TeamRole>,
        token_hash: String,
        created_by: Maker,
        created_at: RealTime,
        expires_at: Option<RealTime>,
        last_used_at: Option<RealTime>,
        revoked_at: Option<RealTime>,
    }
}

row! {
    /// An operator without its secrets.
    struct OperatorAnswer of OperatorRow {
        id: OperatorId,
        version: i64,
        kind: OperatorKind,
        name: String,
        roles: RoleNames,
        team_of: Option<PartnerId>,
        team_role: Option<TeamRole>,
        created_by: Maker,
        created_at: RealTime,
        expires_at: Option<RealTime>,
        last_used_at: Option<RealTime>,
        revoked_at: Option<RealTime>,
    }
}

impl OperatorAnswer {
    fn read(self) -> Stored<Operator> {
        let Self {
            id,
            version,
            kind,
            name,
            roles,
            team_of,
            team_role,
            created_by,
            created_at,
            expires_at,
            last_used_at,
            revoked_at,
        } = self;
        let team = team_of.zip(team_role).map(|(partner, role)| Membership { partner, role });
        let record = OperatorRecord {
            id,
            kind,
            name,
            roles,
            team,
            created_by,
            created_at,
            expires_at,
            last_used_at,
            revoked_at,
        };
        Stored::new(version, Operator::restored(record))
    }
}

/// Adds an operator. A program comes with its token.
pub fn insert(
    tx: &mut Tx<'_>, operator: Changed<Operator>, token: Option<&str>,
) -> Result<Operator, StoreError> {
    let operator = operator.into_value();
    let OperatorRecord {
        id,
        kind,
        name,
        roles,
        team,
        created_by,
        created_at,
        expires_at,
        last_used_at,
        revoked_at,
    } = operator.record().clone();
    // No token has this text as its hash.
    let token_hash = token.map_or_else(|| format!("none of {id}"), |token| sha256_hex(token.as_bytes()));
    tx.insert_now(&OperatorRow {
        id,
        version: Stored::<Operator>::FIRST,
        kind,
        name,
        roles,
        team_of: team.map(|team| team.partner),
        team_role: team.map(|team| team.role),
        token_hash,
        created_by,
        created_at,
        expires_at,
        last_used_at,
        revoked_at,
    })?;
    data_keys::insert(tx, id.into(), data_keys::FIRST, created_at)?;
    Ok(operator)
}

/// Saves an operator's roles, the role in a team, and its revocation, if nobody else has changed its row since it was read.
pub fn save(tx: &mut Tx<'_>, operator: Stored<Changed<Operator>>) -> Result<Stored<Operator>, StoreError> {
    let (version, changed) = operator.into_parts();
    let operator = changed.into_value();
    let team_role = operator.team.map(|team| team.role);
    let changes = [
        OperatorRow::roles.to(&operator.roles),
        OperatorRow::team_role.to(&team_role),
        OperatorRow::revoked_at.to(&operator.revoked_at),
    ];
    tx.update(args![operator.id], version, &changes)?;
    Ok(Stored::new(version + 1, operator))
}

/// Notes the time of an operator's call. The version stays, because no decision depends on this time.
pub fn mark_used(tx: &mut Tx<'_>, id: OperatorId, now: RealTime) -> Result<(), StoreError> {
    tx.execute("update operators set last_used_at = $2 where id = $1", args![id, now]).map(drop)
}

/// The operator with this id.
pub fn find(tx: &mut Tx<'_>, id: OperatorId) -> Result<Option<Stored<Operator>>, StoreError> {
    Ok(tx.find("where id = $1", args![id])?.map(OperatorAnswer::read))
}

/// The operator with this token, revoked or not.
pub fn find_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Operator>, StoreError> {
    let row = tx.find::<OperatorAnswer>("where token_hash = $1", args![sha256_hex(token.as_bytes())])?;
    Ok(row.map(|row| row.read().into_value()))
}

/// The names of these operators.
pub fn names(tx: &mut Tx<'_>, ids: &[OperatorId]) -> Result<HashMap<OperatorId, String>, StoreError> {
    let (these, args) = among(ids, 1);
    let names: Vec<(OperatorId, String)> =
        tx.fetch_all(&format!("select id, name from operators where id {these}"), &args)?;
    Ok(names.into_iter().collect())
}

/// A page of the operators of one kind; without a kind, of the lender's own ones, people and programs.
pub fn list(
    tx: &mut Tx<'_>, kind: Option<OperatorKind>, cursor: &Cursor<OperatorId>,
) -> Result<Result<Page<Operator>, UnknownCursor>, StoreError> {
    Listing::by(OperatorRow::created_at, OperatorRow::id)
        .meeting(if kind == Some(OperatorKind::Member) { "team_of is not null" } else { "team_of is null" })
        .having(OperatorRow::kind, kind.as_ref())
        .page(tx, cursor, |row: OperatorAnswer, _tx| Ok(row.read().into_value()))
}

/// Most members that a team has.
pub const MOST_MEMBERS: usize = 100;

/// The members of a partner's team who have not lost their access, the oldest first. There are at most
/// [`MOST_MEMBERS`].
pub fn members(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<Operator>, StoreError> {
    let condition =
        format!("where team_of = $1 and revoked_at is null order by created_at, id limit {MOST_MEMBERS}");
    let rows: Vec<OperatorAnswer> = tx.find_all(&condition, args![partner])?;
    Ok(rows.into_iter().map(|row| row.read().into_value()).collect())
}

/// The keys under which the operator's data is sealed.
pub(crate) fn data_keys(tx: &mut Tx<'_>, id: OperatorId) -> Result<DataKeys, StoreError> {
    data_keys::read(tx, id.into())
}
