//! Attempts and the states that follow from them.
//!
//! A result counts only if the row still has the version that was read with the lease. So a late result of a lost lease
//! changes nothing.

use std::collections::HashSet;

use domain::id::DeliveryId;
use domain::machine::Transition;
use domain::time::RealTime;
use domain::webhook::delivery::{Attempt, DeliveryEvent, DeliveryState};

use super::lanes::LeasedDelivery;
use super::rows::AttemptRow;
use crate::db::{ToArg as _, in_chunks, tuples};
use crate::document::versioned;
use crate::{StoreError, Tx};

/// An attempt and the state that follows from it.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// The delivery, as it was leased.
    pub delivery: &'a LeasedDelivery,
    /// The step that follows from the attempt.
    pub step: &'a Transition<DeliveryState, DeliveryEvent>,
    /// The attempt.
    pub attempt: &'a Attempt,
}

/// Records attempts. Returns those whose lease was still valid; the others change nothing.
pub fn record_all(
    tx: &mut Tx<'_>, results: &[Recorded<'_>], now: RealTime,
) -> Result<HashSet<DeliveryId>, StoreError> {
    let mut valid = HashSet::with_capacity(results.len());
    for chunk in in_chunks(results) {
        valid.extend(settle(tx, chunk, now)?);
    }
    let mut rows = Vec::with_capacity(valid.len());
    for result in results.iter().filter(|result| valid.contains(&result.delivery.id)) {
        let LeasedDelivery { partner, id, .. } = *result.delivery;
        let number = result.step.next().made();
        let sealed = sealed_answer(tx, result, number)?;
        rows.push(AttemptRow::of(partner, id, number, result.attempt, sealed));
    }
    tx.insert_all(&rows)?;
    Ok(valid)
}

/// Sets the states that follow from attempts whose lease is still valid. Returns the ids of their deliveries.
fn settle(tx: &mut Tx<'_>, results: &[Recorded<'_>], now: RealTime) -> Result<Vec<DeliveryId>, StoreError> {
    // The first row names the types of all rows. With an expression on the result's side, the planner can only look up
    // each delivery by its key. Otherwise it might read all deliveries against an index of a long list.
    let first = "(cast($2 as text), cast($3 as text), cast($4 as text), cast($5 as bigint), cast($6 as text), \
                 cast($7 as bigint), cast($8 as bigint))";
    let rest = match results.len() {
        1 => String::new(),
        more => format!(", {}", tuples(more - 1, 7, 9)),
    };
    let sql = format!(
        "with result (of_partner, of_endpoint, of_delivery, of_version, next_state, made, next_due) \
         as (values {first}{rest}) \
         update deliveries set version = version + 1, state = next_state, attempts = made, due_at = next_due, \
         leased_until = 0, updated_at = $1 from result \
         where partner_id = of_partner || '' and endpoint_id = of_endpoint || '' and id = of_delivery || '' \
         and version = of_version \
         returning id"
    );
    let due = |state| match state {
        DeliveryState::Pending { due, .. } => due,
        DeliveryState::Delivered { .. } | DeliveryState::Failed { .. } => now,
    };
    let derived = results.iter().map(|result| {
        let next = *result.step.next();
        (next.name(), next.made(), due(next))
    });
    let derived: Vec<_> = derived.collect();
    let mut args = vec![now.to_arg()];
    for (Recorded { delivery, .. }, (state, made, due)) in results.iter().zip(&derived) {
        args.extend([
            delivery.partner.to_arg(),
            delivery.endpoint.to_arg(),
            delivery.id.to_arg(),
            delivery.version.to_arg(),
            state.to_arg(),
            made.to_arg(),
            due.to_arg(),
        ]);
    }
    tx.fetch_written(&sql, &args)
}

/// The beginning of an answer, sealed. An empty one, which is usual, stays empty.
fn sealed_answer(tx: &mut Tx<'_>, result: &Recorded<'_>, number: u16) -> Result<Vec<u8>, StoreError> {
    if result.attempt.answer.is_empty() {
        return Ok(Vec::new());
    }
    let answer = versioned("delivery_attempts", result.delivery.id, i64::from(number));
    tx.seal(result.delivery.partner, &answer, result.attempt.answer.as_bytes())
}
