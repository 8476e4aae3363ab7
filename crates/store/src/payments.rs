//! Money that came in for loans.

use domain::actor::Actor;
use domain::id::{LoanId, PartnerId, PaymentId};
use domain::loan::debt::Payment;
use domain::page::Page;
use domain::time::Timestamp;

use crate::db::Row;
use crate::document::{self, context, corrupt};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::{StoreError, Tx, args};

/// A payment as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPayment {
    /// The payment.
    pub payment: Payment,
    /// The partner.
    pub partner: PartnerId,
    /// The loan it is for.
    pub loan: LoanId,
    /// What names it outside: the same reference is the same payment.
    pub reference: String,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// When it was taken back.
    pub reversed_at: Option<Timestamp>,
    /// Who recorded it.
    pub recorded_by: Actor,
}

const COLUMNS: &str =
    "partner_id, id, loan_id, sealed, amount, paid_at, kind, recorded_at, reversed_at, recorded_by";

/// Adds a payment. The script runs again where the partner has one with the reference meanwhile.
pub fn insert(tx: &mut Tx<'_>, recorded: &RecordedPayment) -> Result<(), StoreError> {
    let sql = format!(
        "insert into payments ({COLUMNS}, reference_hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    );
    let (partner, id) = (recorded.partner, recorded.payment.id);
    let sealed = reference_sealed(tx, partner, id, &recorded.reference)?;
    let hash = reference_hash(tx, partner, &recorded.reference);
    tx.execute_later(
        &sql,
        args![
            recorded.partner,
            recorded.payment.id,
            recorded.loan,
            sealed,
            recorded.payment.amount,
            recorded.payment.paid_at,
            recorded.payment.kind.name(),
            recorded.recorded_at,
            recorded.reversed_at,
            recorded.recorded_by,
            hash,
        ],
    )
}

/// Seals a reference, which may name the payer. It never changes, so it is sealed for the payment's id.
fn reference_sealed(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: PaymentId,
    reference: &str,
) -> Result<Vec<u8>, StoreError> {
    tx.seal(partner, &context("payments", id), reference.as_bytes())
}

/// The keyed hash by which a partner's payment is found. The same reference at another partner has another hash.
fn reference_hash(tx: &Tx<'_>, partner: PartnerId, reference: &str) -> String {
    tx.keyring().lookup("payment_reference", &format!("{partner}\n{reference}"))
}

/// Notes that a payment was taken back, if nobody has before.
pub fn mark_reversed(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: PaymentId,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update payments set reversed_at = $3 \
               where partner_id = $1 and id = $2 and reversed_at is null";
    tx.execute_one(sql, args![partner, id, at])
}

/// The payment with this id.
pub fn find(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: PaymentId,
) -> Result<Option<RecordedPayment>, StoreError> {
    let sql = format!("select {COLUMNS} from payments where partner_id = $1 and id = $2");
    let row = tx.query_opt(&sql, args![partner, id], StoredPayment::read)?;
    row.map(|row| row.open(tx)).transpose()
}

/// The payment with this reference.
pub fn find_by_reference(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    reference: &str,
) -> Result<Option<RecordedPayment>, StoreError> {
    let sql = format!("select {COLUMNS} from payments where partner_id = $1 and reference_hash = $2");
    let hash = reference_hash(tx, partner, reference);
    // If another script of the transaction records the same, the unique key makes both run again.
    let row = tx.beside(|tx| tx.query_opt(&sql, args![partner, hash], StoredPayment::read))?;
    row.map(|row| row.open(tx)).transpose()
}

/// A loan's payments that stand, in the order in which they were paid. Whoever records another one writes the loan by the
/// version that it had before.
pub fn standing(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<Vec<Payment>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from payments where partner_id = $1 and loan_id = $2 and reversed_at is null \
         order by paid_at, id"
    );
    tx.beside(|tx| tx.query(&sql, args![partner, loan], |row| Ok(StoredPayment::read(row)?.recorded.payment)))
}

/// How many payments of a loan were ever recorded, those taken back too.
pub fn count(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<i64, StoreError> {
    let sql = "select count(*) from payments where partner_id = $1 and loan_id = $2";
    tx.query_one(sql, args![partner, loan], |row| row.get(0))
}

/// A page of a loan's payments, taken back or not, by when they were recorded.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
    cursor: &Cursor<PaymentId>,
) -> Result<Result<Page<RecordedPayment>, UnknownCursor>, StoreError> {
    Listing::of("payments", COLUMNS, &partner).sorted_by("recorded_at").having("loan_id", Some(&loan)).page(
        tx,
        cursor,
        StoredPayment::read,
        StoredPayment::open,
    )
}

/// A row as it is stored.
struct StoredPayment {
    recorded: RecordedPayment,
    sealed: Vec<u8>,
}

impl StoredPayment {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { recorded: recorded(row)?, sealed: row.get(3)? })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<RecordedPayment, StoreError> {
        let Self { recorded, sealed } = self;
        let reference = tx.unseal(recorded.partner, &context("payments", recorded.payment.id), &sealed)?;
        let reference = String::from_utf8(reference).map_err(|_| corrupt("a reference is no text"))?;
        Ok(RecordedPayment { reference, ..recorded })
    }
}

/// The payment without its reference, which is sealed.
fn recorded(row: &Row<'_>) -> Result<RecordedPayment, StoreError> {
    let kind: String = row.get(6)?;
    Ok(RecordedPayment {
        partner: row.get(0)?,
        payment: Payment {
            id: row.get(1)?,
            amount: row.get(4)?,
            paid_at: row.get(5)?,
            kind: document::parsed(&kind)?,
        },
        loan: row.get(2)?,
        reference: String::new(),
        recorded_at: row.get(7)?,
        reversed_at: row.get(8)?,
        recorded_by: row.get(9)?,
    })
}
