//! Deletes everything of a tenant's customers in one transaction: for a clock that is deleted, and for a sandbox that is
//! reset. Parents are deleted after their children.
//!
//! Deliveries, the request log and the audit trail are not in these lists: they are logs and end with their retention.

use domain::id::{ClockId, PartnerId};
use domain::time::RealTime;

use crate::{StoreError, Tx, args};

/// The tables of customers, each with its rows under the tenant.
const OF_CUSTOMERS: &[&str] = &[
    "erasures",
    "jobs",
    "mails",
    "cases",
    "case_ends",
    "notes",
    "proposal_grounds",
    "journal_waiting",
    "journal_sums",
    "journal_postings",
    "journal_entries",
    "payments",
    "installments",
    "signatures",
    "signing_invitations",
    "bank_orders",
    "contracts",
    "loans",
    "simulations",
    "offers",
    "credit_decisions",
    "bank_account_changes",
    "bank_accounts",
    "biometrics_sessions",
    "kyc_documents",
    "file_secrets",
    "customer_tags",
    "customers",
    "search_feeds",
];

/// Deletes everything of the tenant's customers but for files, terms of searches, and events with a place.
pub fn of_customers(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<(), StoreError> {
    tx.execute("delete from proposals where of_partner = $1 and of_partner is not null", args![tenant])?;
    tx.execute("delete from events where partner_id = $1 and place is null", args![tenant])?;
    for table in OF_CUSTOMERS {
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
