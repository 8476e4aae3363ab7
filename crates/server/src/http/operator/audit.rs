//! The audit trail.

use app::{Failed, NotFound, Tx};
use axum::Json;
use domain::access::Permission;
use domain::page::Limit;
use wire::operator::List;
use wire::operator::audit::AuditEntry;
use wire::text_scalar::Timestamp;

use super::place::Read;
use crate::http::extract::Query;
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
    query.finish()?;
    // Waits until every earlier committed call is in the list.
    crate::workers::audit::settle(&call.state.store).await.map_err(of_store)?;
    let read = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        Ok(app::people::trail::trail(tx, before.unwrap_or(AFTER_ALL), limit)?)
    };
    let page = call.state.store.read(read).await?;
    Ok(Json(List::of(page, |entry| AuditEntry {
        number: entry.number,
        at: Timestamp::real(entry.call.at),
        operator_id: entry.call.operator.map(|operator| operator.to_string()),
        operation: entry.call.operation,
        status: entry.call.status,
        request_id: entry.call.request_id,
        fingerprint: entry.call.fingerprint,
        hash: entry.hash,
    })))
}
