//! Deletes everything of a tenant's customers: for a clock that is deleted, and for a sandbox that is reset. [`some`] deletes
//! the many rows, some customers at a time, and [`of_customers`] the rest in one transaction. A customer's loans and their
//! journal are deleted together, so the books balance after each step. Parents are deleted after their children.
//!
//! Deliveries, the request log and the audit trail are not in these lists: they are logs and end with their retention.

use domain::id::{ClockId, CustomerId, LoanId, PartnerId};
use domain::time::RealTime;

use crate::db::{Arg, ToArg, among, in_chunks};
use crate::{StoreError, Tx, args, customers, journal_sums, search};

/// Tables of a tenant whose rows are of no single customer or loan. They are deleted first.
const OF_TENANT: &[&str] =
    &["jobs", "mails", "cases", "case_ends", "notes", "proposal_grounds", "journal_waiting", "journal_sums"];

/// The tables of customers, each with its rows under the tenant: children before their parents.
fn of_all_customers() -> impl Iterator<Item = &'static str> {
    let parts = [
        OF_TENANT,
        OF_LOANS,
        &["loans", "simulations"],
        OF_CUSTOMER,
        &["file_secrets", "customers", "search_feeds"],
    ];
    parts.into_iter().flatten().copied()
}

/// Most customers that are deleted at once.
const CUSTOMERS_AT_ONCE: i64 = 32;
/// Most rows of another table that are deleted at once.
const ROWS_AT_ONCE: i64 = 2_000;

/// The tables of a loan's rows, each with its `loan_id`.
const OF_LOANS: &[&str] = &[
    "journal_postings",
    "journal_entries",
    "payments",
    "installments",
    "signatures",
    "signing_invitations",
    "bank_orders",
    "contracts",
];

/// The tables of a customer's rows, each with its `customer_id`.
const OF_CUSTOMER: &[&str] = &[
    "erasures",
    "offers",
    "credit_decisions",
    "bank_account_changes",
    "bank_accounts",
    "biometrics_sessions",
    "kyc_documents",
    "customer_tags",
];

/// The events of a tenant's customers.
#[derive(Debug, Clone, Copy)]
pub enum EventsOf {
    /// Of a clock. Its owner has them.
    Clock(PartnerId, ClockId),
    /// Of a partner with its main clock.
    Partner(PartnerId),
}

/// Deletes some of a tenant's rows, and announces the files of documents and contracts among them. Returns the number of
/// rows; 0 if few are left, which [`of_customers`] deletes. Planned decisions come first, so that nothing new is made.
pub fn some(tx: &mut Tx<'_>, tenant: PartnerId, events: EventsOf, now: RealTime) -> Result<u64, StoreError> {
    let mut rows = some_rows(tx, ("jobs", "id"), tenant)?;
    if rows == 0 {
        rows = some_customers(tx, tenant, now)?;
    }
    for (table, key) in
        [("mails", "id"), ("notes", "id"), ("proposal_grounds", "id"), ("file_secrets", "file")]
    {
        if rows == 0 {
            rows = some_rows(tx, (table, key), tenant)?;
        }
    }
    if rows == 0 { some_events(tx, events) } else { Ok(rows) }
}

fn some_rows(tx: &mut Tx<'_>, (table, key): (&str, &str), tenant: PartnerId) -> Result<u64, StoreError> {
    let sql = format!(
        "delete from {table} where partner_id = $1 and {key} in \
         (select {key} from {table} where partner_id = $1 order by {key} limit {ROWS_AT_ONCE})"
    );
    tx.execute(&sql, args![tenant])
}

fn some_events(tx: &mut Tx<'_>, events: EventsOf) -> Result<u64, StoreError> {
    match events {
        EventsOf::Clock(owner, clock) => {
            let sql = format!(
                "delete from events where partner_id = $1 and id in (select id from events \
                 where partner_id = $1 and clock_id = $2 and clock_id is not null limit {ROWS_AT_ONCE})"
            );
            tx.execute(&sql, args![owner, clock])
        }
        EventsOf::Partner(partner) => some_rows(tx, ("events", "id"), partner),
    }
}

/// Deletes some customers with everything of them.
fn some_customers(tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime) -> Result<u64, StoreError> {
    let page = customers::following(tx, tenant, "", CUSTOMERS_AT_ONCE)?;
    let ids: Vec<CustomerId> = page.customers.iter().map(|customer| customer.id).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    search::forget_these(tx, tenant, &page.customers)?;
    let (these, _) = among(&ids, 2);
    let sql = format!("select id from loans where partner_id = $1 and customer_id {these}");
    let loans: Vec<LoanId> = tx.fetch_all(&sql, &under(tenant, &ids))?;
    // The console lists the waiting cases of customers.
    let mut rows = tx.execute("delete from cases where partner_id = $1", args![tenant])?;
    for chunk in in_chunks(&loans) {
        rows += some_loans(tx, tenant, chunk, now)?;
    }
    announce(tx, ("kyc_documents", "customer_id"), tenant, &ids, now)?;
    let simulations = format!(
        "delete from simulations where partner_id = $1 and offer_id in \
         (select id from offers where partner_id = $1 and customer_id {these})"
    );
    rows += tx.execute(&simulations, &under(tenant, &ids))?;
    for table in OF_CUSTOMER {
        let sql = format!("delete from {table} where partner_id = $1 and customer_id {these}");
        rows += tx.execute(&sql, &under(tenant, &ids))?;
    }
    let sql = format!("delete from customers where partner_id = $1 and id {these}");
    Ok(rows + tx.execute(&sql, &under(tenant, &ids))?)
}

/// Deletes loans with their contracts, payments and journal.
fn some_loans(
    tx: &mut Tx<'_>, tenant: PartnerId, loans: &[LoanId], now: RealTime,
) -> Result<u64, StoreError> {
    journal_sums::forget(tx, tenant, loans)?;
    announce(tx, ("contracts", "loan_id"), tenant, loans, now)?;
    let (these, _) = among(loans, 2);
    let mut rows = 0;
    for table in OF_LOANS {
        let sql = format!("delete from {table} where partner_id = $1 and loan_id {these}");
        rows += tx.execute(&sql, &under(tenant, loans))?;
    }
    let sql = format!("delete from loans where partner_id = $1 and id {these}");
    Ok(rows + tx.execute(&sql, &under(tenant, loans))?)
}

/// The tenant and the ids, as the arguments of a statement.
fn under<T: ToArg>(tenant: PartnerId, ids: &[T]) -> Vec<Arg<'_>> {
    let (_, of) = among(ids, 2);
    [tenant.to_arg().kept()].into_iter().chain(of).collect()
}

/// Announces the files of some rows as files without a row.
fn announce<T: ToArg>(
    tx: &mut Tx<'_>, (table, column): (&str, &str), tenant: PartnerId, ids: &[T], now: RealTime,
) -> Result<(), StoreError> {
    let (these, of) = among(ids, 3);
    let sql = format!(
        "insert into blob_intents (partner_id, blob_key, created_at) select partner_id, blob_key, $2 from {table} \
         where partner_id = $1 and blob_key is not null and {column} {these} on conflict do nothing"
    );
    let args: Vec<Arg<'_>> = [tenant.to_arg(), now.to_arg()].into_iter().chain(of).collect();
    tx.execute(&sql, &args).map(drop)
}

/// Deletes everything of the tenant's customers but for files, terms of searches, and events with a place.
pub fn of_customers(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<(), StoreError> {
    tx.execute("delete from proposals where of_partner = $1 and of_partner is not null", args![tenant])?;
    tx.execute("delete from events where partner_id = $1 and place is null", args![tenant])?;
    for table in of_all_customers() {
        tx.execute(&format!("delete from {table} where partner_id = $1"), args![tenant])?;
    }
    Ok(())
}

/// Deletes the events of a clock, which are stored under its owner.
pub fn events_of_clock(tx: &mut Tx<'_>, owner: PartnerId, clock: ClockId) -> Result<(), StoreError> {
    let sql = "delete from events where partner_id = $1 and clock_id = $2 and clock_id is not null";
    tx.execute(sql, args![owner, clock]).map(drop)
}

/// Deletes the events and the idempotency keys of a partner.
pub fn of_partner_alone(tx: &mut Tx<'_>, partner: PartnerId) -> Result<(), StoreError> {
    tx.execute("delete from events where partner_id = $1", args![partner])?;
    tx.execute("delete from idempotency_keys where partner_id = $1", args![partner]).map(drop)
}

/// Announces the files of the tenant's documents and contracts as files without a row, so that they are deleted after
/// their rows.
pub fn announce_files(tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime) -> Result<(), StoreError> {
    for table in ["kyc_documents", "contracts"] {
        let sql = format!(
            "insert into blob_intents (partner_id, blob_key, created_at) \
             select partner_id, blob_key, $2 from {table} where partner_id = $1 and blob_key is not null \
             on conflict do nothing"
        );
        tx.execute(&sql, args![tenant, now])?;
    }
    Ok(())
}
