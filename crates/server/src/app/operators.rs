//! Operators: who decides for the lender, and the trail of what they did.

use domain::credential::Environment;
use domain::id::OperatorId;
use domain::page::Page;
use domain::time::Timestamp;
use store::audit::{AuditEntry, AuditedCall, Trail};
use store::operators::Operator;
use store::{Cursor, StoreError, Tx};

use super::{Failed, ListRefused, page_or_refused, random_hex};

/// What every operator's token begins with, in an environment.
pub fn token_prefix(environment: Environment) -> String {
    format!("dinie_op_{}_", environment.marker())
}

/// Makes an operator with a token, which is not kept.
pub fn create(
    tx: &mut Tx<'_>,
    environment: Environment,
    now: Timestamp,
    name: &str,
) -> Result<(Operator, String), StoreError> {
    let token = format!("{}{}", token_prefix(environment), random_hex::<32>(tx));
    Ok((store::operators::insert(tx, name, &token, now)?, token))
}

/// The operator who shows a token that works.
pub fn of_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Operator>, StoreError> {
    Ok(store::operators::find_by_token(tx, token)?.filter(|operator| operator.revoked_at.is_none()))
}

/// A page of the operators.
pub fn list(tx: &mut Tx<'_>, cursor: &Cursor<OperatorId>) -> Result<Page<Operator>, Failed<ListRefused>> {
    page_or_refused(store::operators::list(tx, cursor)?)
}

/// Ends an operator's token; `false` where it had ended, or never was.
pub fn revoke(tx: &mut Tx<'_>, now: Timestamp, id: OperatorId) -> Result<bool, StoreError> {
    store::operators::revoke(tx, id, now)
}

/// Writes a call into the audit trail.
pub fn note(tx: &mut Tx<'_>, call: AuditedCall) -> Result<(), StoreError> {
    store::audit::append(tx, call).map(drop)
}

/// Up to `limit` entries of the trail before a number, newest first.
pub fn trail(tx: &mut Tx<'_>, before: i64, limit: i64) -> Result<Vec<AuditEntry>, StoreError> {
    store::audit::list(tx, before, limit)
}

/// Checks the whole trail.
pub fn check_trail(tx: &mut Tx<'_>) -> Result<Trail, StoreError> {
    store::audit::check(tx)
}
