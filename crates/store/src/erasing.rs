//! Deletes what names the people of one customer. The rows that the books need remain, with their figures and ids.
//!
//! Logs are not in here, because they end by themselves: bodies and attempts of webhooks, e-mails under way, answers of
//! idempotency keys, the request log.

use domain::id::{CustomerId, LoanId, OfferId, PartnerId, ResourceId as _};
use domain::person::Email;
use domain::time::RealTime;

use crate::{StoreError, Tx, args, blob, kyc, payments};

/// Tables whose rows of a customer name its people.
const OF_CUSTOMER: &[&str] =
    &["customer_tags", "bank_account_changes", "bank_accounts", "biometrics_sessions", "kyc_documents"];

/// Tables whose rows of a loan name its people.
const OF_LOAN: &[&str] = &["signatures", "signing_invitations", "contracts"];

/// A customer whose people are forgotten.
#[derive(Debug, Clone, Copy)]
pub struct Forgotten<'a> {
    /// The partner.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// Its loans.
    pub loans: &'a [LoanId],
    /// Its offers.
    pub offers: &'a [OfferId],
    /// Its addresses.
    pub emails: &'a [Email],
}

/// Deletes the rows. Files without a row are deleted soon afterwards.
pub fn forget(tx: &mut Tx<'_>, of: Forgotten<'_>, now: RealTime) -> Result<(), StoreError> {
    let Forgotten { partner, customer, loans, offers, emails } = of;
    let files = "select blob_key from kyc_documents where partner_id = $1 and customer_id = $2";
    let mut files: Vec<String> = tx.fetch_all(files, args![partner, customer])?;
    for loan in loans {
        let contracts =
            "select blob_key from contracts where partner_id = $1 and loan_id = $2 and blob_key is not null";
        files.extend(tx.fetch_all::<String>(contracts, args![partner, *loan])?);
        for table in OF_LOAN {
            let sql = format!("delete from {table} where partner_id = $1 and loan_id = $2");
            tx.execute(&sql, args![partner, *loan])?;
        }
        payments::forget_references(tx, partner, *loan)?;
        about(tx, partner, &loan.to_string(), loan.bytes())?;
    }
    for offer in offers {
        events(tx, offer.bytes())?;
    }
    for name in files {
        blob::destroy(tx, partner, &name)?;
        kyc::announce_resealed(tx, partner, &name, now)?;
    }
    for table in OF_CUSTOMER {
        let sql = format!("delete from {table} where partner_id = $1 and customer_id = $2");
        tx.execute(&sql, args![partner, customer])?;
    }
    for email in emails {
        crate::mails::forget(tx, partner, email)?;
    }
    about(tx, partner, &customer.to_string(), customer.bytes())
}

/// Deletes the notes on a subject, the grounds of proposals about it, and its events.
fn about(tx: &mut Tx<'_>, partner: PartnerId, subject: &str, key: [u8; 16]) -> Result<(), StoreError> {
    tx.execute("delete from notes where partner_id = $1 and subject_id = $2", args![partner, *subject])?;
    let grounds = "delete from proposal_grounds where partner_id = $1 \
                   and id in (select id from proposals where subject_id = $2)";
    tx.execute(grounds, args![partner, *subject])?;
    events(tx, key)
}

fn events(tx: &mut Tx<'_>, key: [u8; 16]) -> Result<(), StoreError> {
    tx.execute("delete from events where subject = $1", args![key.to_vec()]).map(drop)
}
