//! The audit trail of operators' calls.

use std::collections::HashMap;

use domain::id::{OperatorId, PartnerId};
use domain::page::{Limit, Page};
use domain::search::Query;
pub use store::audit::{AuditEntry, AuditFilter, AuditedCall, CallsOf, Head, StateChange, Trail};
use store::{StoreError, Tx};

/// Stores a call in the commit of its changes. The call enters the audit trail soon after.
pub fn note(tx: &mut Tx<'_>, call: &AuditedCall) -> Result<(), StoreError> {
    store::audit::note(tx, call)
}

/// The state of the subject of an operation: the resource whose id its path has first. `None` without one.
pub fn state_of(tx: &mut Tx<'_>, operation: &str) -> Result<Option<String>, StoreError> {
    let Some(id) =
        operation.split('/').find_map(|part| Query::parse(part).filter(|id| id.id_prefix().is_some()))
    else {
        return Ok(None);
    };
    // A partner has no state. Operators change its limits.
    if let Ok(partner) = id.text().parse::<PartnerId>() {
        return crate::partners::limits::in_words(tx, partner);
    }
    let place = match id.id_prefix() {
        Some(prefix) => store::search::exact::by_id(tx, prefix, id.text(), |_kind| true)?,
        None => None,
    };
    Ok(place.and_then(|place| place.state))
}

/// [`note`] with the change of the subject's state. `before` is its state before the call ([`state_of`]).
pub fn note_change(tx: &mut Tx<'_>, call: &AuditedCall, before: Option<String>) -> Result<(), StoreError> {
    let Some(before) = before else { return note(tx, call) };
    let after = state_of(tx, &call.operation)?.filter(|after| *after != before);
    let change = after.map(|after| StateChange { before, after });
    note(tx, &AuditedCall { change, ..call.clone() })
}

/// Writes calls that changed nothing into the audit trail.
pub fn enter(tx: &mut Tx<'_>, calls: &[AuditedCall]) -> Result<(), StoreError> {
    store::audit::enter(tx, calls).map(drop)
}

/// Moves some waiting calls into the audit trail. Returns their number; 0 if none waits.
pub fn settle(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    store::audit::settle(tx)
}

/// A page of the trail's entries before a number, newest first.
pub fn trail(
    tx: &mut Tx<'_>, filter: &AuditFilter, before: i64, limit: Limit,
) -> Result<Page<AuditEntry>, StoreError> {
    store::audit::list(tx, filter, before, limit)
}

/// The names of the operators of some entries.
pub fn names(tx: &mut Tx<'_>, entries: &[AuditEntry]) -> Result<HashMap<OperatorId, String>, StoreError> {
    let mut operators: Vec<OperatorId> = entries.iter().filter_map(|entry| entry.call.operator).collect();
    operators.sort_unstable();
    operators.dedup();
    if operators.is_empty() { Ok(HashMap::new()) } else { store::operators::names(tx, &operators) }
}

/// Checks the whole trail by itself. Only a published head can show that the trail's end is missing.
pub fn check_trail(tx: &mut Tx<'_>) -> Result<Trail, StoreError> {
    store::audit::check(tx, None)
}

/// Checks the whole trail, also against a published head.
pub fn check_trail_against(tx: &mut Tx<'_>, published: &Head) -> Result<Trail, StoreError> {
    store::audit::check(tx, Some(published))
}

/// The head of the trail.
pub fn trail_head(tx: &mut Tx<'_>) -> Result<Head, StoreError> {
    store::audit::head(tx)
}

/// The head of the trail, and whether the trail still contains the head that was published last.
pub fn next_head(tx: &mut Tx<'_>, last: Option<&Head>) -> Result<(Head, bool), StoreError> {
    let held = last.map_or(Ok(true), |last| store::audit::holds(tx, last))?;
    Ok((store::audit::head(tx)?, held))
}
