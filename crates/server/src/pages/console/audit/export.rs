//! The export of the trail as CSV, with the result of a check in its first line.

use app::people::trail::{self, AuditEntry, AuditFilter};
use app::{StoreError, Tx};
use axum::extract::Query;
use axum::response::Response;
use domain::page::Limit;

use super::page::{Asked, proof};
use crate::http::problem::of_store;
use crate::pages::answer::{attachment, failure};
use crate::pages::people::visit::Visit;

/// Most entries of one export. `/operator/v1/audit` lists all of them.
const MOST: usize = 20_000;

/// Downloads the newest entries of a filter.
pub(in crate::pages::console) async fn export(visit: Visit, Query(asked): Query<Asked>) -> Response {
    match content(&visit, asked.filter()).await {
        Ok(content) => attachment("text/csv; charset=utf-8", "dinie-audit.csv", content),
        Err(error) => failure(&of_store(error)),
    }
}

async fn content(visit: &Visit, filter: AuditFilter) -> Result<String, StoreError> {
    crate::workers::audit::settle(&visit.state.store).await?;
    let proof = proof(visit).await?;
    let cell = app::spreadsheet::cell;
    let mut text = format!("# {} {}\r\n", cell(&proof.words), cell(&proof.head));
    text.push_str("number,at,operator_id,operation,status,request_id,address,user_agent,before,after,fingerprint,hash\r\n");
    let (mut before, mut count) = (i64::MAX, 0);
    while count < MOST {
        let filter = filter.clone();
        let read = move |tx: &mut Tx<'_>| trail::trail(tx, &filter, before, Limit::MOST);
        let page = visit.state.store.read(read).await?;
        page.items.iter().for_each(|entry| text.push_str(&line(entry)));
        count += page.items.len();
        match page.items.last().filter(|_| page.has_more) {
            Some(last) => before = last.number,
            None => break,
        }
    }
    Ok(text)
}

fn line(entry: &AuditEntry) -> String {
    let call = &entry.call;
    let operator = call.operator.map_or_else(String::new, |id| id.to_string());
    let (number, at, status) = (
        entry.number.to_string(),
        call.at.unmoved().business_datetime().to_string(),
        call.status.to_string(),
    );
    let (before, after) =
        call.change.as_ref().map_or(("", ""), |change| (change.before.as_str(), change.after.as_str()));
    let cells = [
        &number,
        &at,
        &operator,
        &call.operation,
        &status,
        &call.request_id,
        &call.origin.address,
        &call.origin.agent,
        before,
        after,
        &call.fingerprint,
        &entry.hash,
    ];
    let cells: Vec<String> = cells.into_iter().map(app::spreadsheet::cell).collect();
    format!("{}\r\n", cells.join(","))
}
