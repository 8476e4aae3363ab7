//! The audit trail.

use app::people::trail::{self, AuditFilter, CallsOf, Trail};
use app::{Failed, NotFound, Tx};
use axum::Json;
use domain::access::Permission;
use domain::page::Limit;
use wire::operator::List;
use wire::operator::audit::{AuditEntry, AuditProof, AuditedChange};
use wire::text_scalar::Timestamp;

use super::place::Read;
use crate::http::extract::Query;
use crate::http::headers::LONGEST_REQUEST_ID;
use crate::http::problem::{Rejection, of_store};

/// A number above every entry's.
const AFTER_ALL: i64 = i64::MAX;

/// Read the audit trail
///
/// Every call of an operator, newest first. `dinie audit check` proves that no entry was changed or left out. With a
/// published head it also proves that none is missing at the end.
#[utoipa::path(
    get, path = "/audit", operation_id = "listAuditEntries", tag = "Audit",
    extensions(("x-permission" = json!(Permission::ReadAudit.name()))),
    params(
        ("limit" = Option<u8>, Query, description = "1 to 100, default 25"),
        (
            "starting_after" = Option<i64>, Query,
            description = "The `number` of the last entry of the previous page. Without it the list begins at the \
                           newest entry.",
            minimum = 1,
            example = 4711
        ),
        (
            "operator_id" = Option<String>, Query,
            description = "Lists only the calls of this operator.",
            pattern = "^op_[0-9a-f]{32}$",
            example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        (
            "request_id" = Option<String>, Query,
            description = "Lists only the calls of this request, also if `operator_id` is given.",
            max_length = 128,
            example = "req_4eda7559c0de0ea58a7a4a14"
        ),
        (
            "date" = Option<String>, Query,
            description = "Lists only the calls of this business date.",
            format = Date,
            example = "2026-11-27"
        ),
    ),
    responses((status = 200, description = "A page of the audit trail.", body = List<AuditEntry>))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<List<AuditEntry>>, Rejection> {
    let limit = query
        .read("limit", "must be a whole number from 1 to 100", |text| text.parse().ok().and_then(Limit::new))
        .unwrap_or(Limit::DEFAULT);
    let before = query.read("starting_after", "must be the number of an entry", |text| {
        text.parse().ok().filter(|number: &i64| *number > 0)
    });
    let operator = query.id("operator_id");
    let request = query.read("request_id", "must have at most 128 characters", |text| {
        (text.chars().count() <= LONGEST_REQUEST_ID).then(|| text.to_owned())
    });
    let day = query.read("date", "must be a date such as 2026-05-01", |text| text.parse().ok());
    query.finish()?;
    let of = match (request, operator) {
        (Some(request), _) => CallsOf::Request(request),
        (None, Some(operator)) => CallsOf::Operator(operator),
        (None, None) => CallsOf::All,
    };
    let filter = AuditFilter { of, day };
    // Waits until every earlier committed call is in the list.
    crate::workers::audit::settle(&call.state.store).await.map_err(of_store)?;
    let read = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        Ok(app::people::trail::trail(tx, &filter, before.unwrap_or(AFTER_ALL), limit)?)
    };
    let page = call.state.store.read(read).await?;
    Ok(Json(List::of(page, shown)))
}

fn shown(entry: trail::AuditEntry) -> AuditEntry {
    let call = entry.call;
    let known = |text: String| (!text.is_empty()).then_some(text);
    AuditEntry {
        number: entry.number,
        at: Timestamp::real(call.at),
        operator_id: call.operator.map(|operator| operator.to_string()),
        operation: call.operation,
        status: call.status,
        request_id: call.request_id,
        address: known(call.origin.address),
        user_agent: known(call.origin.agent),
        change: call.change.map(|change| AuditedChange { before: change.before, after: change.after }),
        fingerprint: call.fingerprint,
        hash: entry.hash,
    }
}

/// Prove the audit trail
///
/// Reads the whole trail and checks that every entry follows from the one before. With a published head, `dinie audit
/// check` also proves that none is missing at the end.
#[utoipa::path(
    get, path = "/audit/proof", operation_id = "proveAudit", tag = "Audit",
    extensions(("x-permission" = json!(Permission::ReadAudit.name()))),
    responses((status = 200, description = "Whether the trail is whole.", body = AuditProof))
)]
pub(super) async fn prove(call: Read) -> Result<Json<AuditProof>, Rejection> {
    crate::workers::audit::settle(&call.state.store).await.map_err(of_store)?;
    let check = |tx: &mut Tx<'_>| {
        Ok::<_, app::StoreError>((app::people::trail::check_trail(tx)?, app::people::trail::trail_head(tx)?))
    };
    let (found, head) = call.state.store.read_long(check).await.map_err(of_store)?;
    let broken_at = match found {
        Trail::Whole { .. } => None,
        Trail::BrokenAt(number) | Trail::NotAsPublished(number) => Some(number),
    };
    Ok(Json(AuditProof {
        whole: broken_at.is_none(),
        broken_at,
        entries: head.number,
        head: head.to_string(),
    }))
}
