//! The trial balance of a day, and the entries behind each account.

use app::Tx;
use app::books::{self, DayFilter, Entered};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::id::PartnerId;
use domain::ledger::LedgerAccount;
use domain::time::Date;
use wire::operator::List;
use wire::operator::ledger::AccountAmount;
use wire::operator::trial_balance::{EntryOfDay, TrialBalance};
use wire::text_scalar::Timestamp;

use super::place::{OfPartner, Read};
use super::plain::csv;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::Query;
use crate::http::page::cursor;
use crate::http::problem::{Rejection, of_store};
use crate::state::AppState;

/// The business date of a request; today without one.
fn day(query: &mut Query, state: &AppState) -> Date {
    let day = query.read("date", "must be a date such as 2026-05-01", |text| text.parse().ok());
    day.unwrap_or_else(|| state.clock.now().unmoved().business_date())
}

fn balance_of(call: &Read, mut query: Query) -> Result<(Date, Option<PartnerId>), Rejection> {
    let (day, partner) = (day(&mut query, &call.state), query.id("partner_id"));
    query.finish()?;
    Ok((day, partner))
}

fn filter(query: &mut Query, state: &AppState) -> DayFilter {
    DayFilter {
        day: day(query, state),
        account: query
            .read("account", "is no account of the ledger", |text| text.parse::<LedgerAccount>().ok()),
        partner: query.id("partner_id"),
    }
}

/// Get the trial balance of a day
///
/// Each account with its balance before the day, its movements on the day, and its balance after it.
#[utoipa::path(
    get, path = "/trial-balance", operation_id = "getTrialBalance", tag = "Ledger",
    extensions(("x-permission" = json!(Permission::ReadLedger.name()))),
    params(
        ("date" = Option<String>, Query, description = "The business date; today without it.", format = Date, example = "2026-11-27"),
        OfPartner,
    ),
    responses((status = 200, description = "The trial balance.", body = TrialBalance))
)]
pub(super) async fn balance(call: Read, query: Query) -> Result<Json<TrialBalance>, Rejection> {
    let (day, partner) = balance_of(&call, query)?;
    let read = move |tx: &mut Tx<'_>| books::trial_balance(tx, day, partner);
    let balance = call.state.store.list(read).await.map_err(of_store)?;
    Ok(Json(TrialBalance::from(&balance)))
}

/// Export the trial balance of a day
///
/// A line for each account.
#[utoipa::path(
    get, path = "/trial-balance/export", operation_id = "exportTrialBalance", tag = "Ledger",
    extensions(("x-permission" = json!(Permission::ReadLedger.name()))),
    params(
        ("date" = Option<String>, Query, description = "The business date; today without it.", format = Date, example = "2026-11-27"),
        OfPartner,
    ),
    responses((status = 200, description = "The trial balance as CSV.", content_type = "text/csv", body = String,
        example = json!("date,account,opening,debit,credit,closing,debits,credits\n2026-11-27,cash,-940.00,1200.00,260.00,0.00,3,1\n")))
)]
pub(super) async fn export_balance(call: Read, query: Query) -> Result<Response, Rejection> {
    let (day, partner) = balance_of(&call, query)?;
    let read = move |tx: &mut Tx<'_>| books::trial_balance(tx, day, partner);
    let balance = call.state.store.list(read).await.map_err(of_store)?;
    Ok(csv(books::balance_csv(&balance)))
}

/// List the entries of a day
///
/// The entries of the journal on a business date, newest first. With an account, only those that move it.
#[utoipa::path(
    get, path = "/journal-entries", operation_id = "listJournalEntries", tag = "Ledger",
    extensions(("x-permission" = json!(Permission::ReadLedger.name()))),
    params(
        ("date" = Option<String>, Query, description = "The business date; today without it.", format = Date, example = "2026-11-27"),
        ("account" = Option<wire::operator::ledger::LedgerAccount>, Query, description = "Lists only the entries that move this account.", example = "cash"),
        OfPartner,
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of entries.", body = List<EntryOfDay>))
)]
pub(super) async fn entries(call: Read, mut query: Query) -> Result<Json<List<EntryOfDay>>, Rejection> {
    let (cursor, filter) = (cursor(&mut query), filter(&mut query, &call.state));
    query.finish()?;
    let page = call.state.store.list(move |tx| books::entries_of_day(tx, &filter, &cursor)).await?;
    Ok(Json(List::of(page, shown)))
}

/// Export the entries of a day
///
/// A line for each posting, the newest first, of at most 20,000 entries. With an account, only its postings.
#[utoipa::path(
    get, path = "/journal-entries/export", operation_id = "exportJournalEntries", tag = "Ledger",
    extensions(("x-permission" = json!(Permission::ReadLedger.name()))),
    params(
        ("date" = Option<String>, Query, description = "The business date; today without it.", format = Date, example = "2026-11-27"),
        ("account" = Option<wire::operator::ledger::LedgerAccount>, Query, description = "Only the postings of this account.", example = "cash"),
        OfPartner,
    ),
    responses((status = 200, description = "The postings as CSV.", content_type = "text/csv", body = String,
        example = json!("entered_at,entry_id,cause,subject_id,loan_id,contract,account,debit,credit\n")))
)]
pub(super) async fn export_entries(call: Read, mut query: Query) -> Result<Response, Rejection> {
    let filter = filter(&mut query, &call.state);
    query.finish()?;
    Ok(csv(books::entries_csv(&call.state.store, filter).await.map_err(of_store)?))
}

fn shown(entered: Entered) -> EntryOfDay {
    let Entered { entry, contract, customer } = entered;
    EntryOfDay {
        id: entry.id.to_string(),
        partner_id: entry.partner.to_string(),
        loan_id: entry.loan.to_string(),
        ccb_number: contract.map(|number| number.to_string()),
        customer_name: customer,
        postings: entry.postings.iter().map(AccountAmount::from).collect(),
        cause: entry.cause,
        subject_id: entry.subject,
        actor: entry.actor.to_string(),
        entered_at: Timestamp(entry.entered_at),
    }
}
