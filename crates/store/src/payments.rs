//! Received payments of loans.

use domain::actor::Actor;
use domain::id::{CustomerId, LoanId, PartnerId, PaymentId};
use domain::loan::debt::{Payment, PaymentKind};
use domain::money::Cents;
use domain::page::Page;
use domain::time::{Date, Timestamp};

use crate::days::ids_of_day;
use crate::db::{LONGEST, ToArg as _, padded_tuples};
use crate::document::{context, corrupt};
use crate::listing::{Cursor, Listing, Marked, UnknownCursor, opened};
use crate::table::{Projection as _, Selected, table};
use crate::{StoreError, Tx, args};

/// A payment as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedPayment {
    /// The payment.
    pub payment: Payment,
    /// The partner of the loan.
    pub partner: PartnerId,
    /// The loan of the payment.
    pub loan: LoanId,
    /// Its reference outside. The same reference means the same payment.
    pub reference: String,
    /// The time of the record.
    pub recorded_at: Timestamp,
    /// The time of its reversal.
    pub reversed_at: Option<Timestamp>,
    /// The actor who recorded it.
    pub recorded_by: Actor,
}

table! {
    /// A payment as it is stored.
    struct PaymentRow in "payments" by (partner_id, id) {
        partner_id: PartnerId,
        id: PaymentId,
        loan_id: LoanId,
        reference_hash: String,
        sealed: Vec<u8>,
        amount: Cents,
        paid_at: Timestamp,
        kind: PaymentKind,
        recorded_at: Timestamp,
        recorded_by: Actor,
        reversed_at: Option<Timestamp>,
    }
}

impl PaymentRow {
    fn of(tx: &mut Tx<'_>, recorded: &RecordedPayment) -> Result<Self, StoreError> {
        let RecordedPayment { payment, partner, loan, reference, recorded_at, reversed_at, recorded_by } =
            recorded;
        Ok(Self {
            partner_id: *partner,
            id: payment.id,
            loan_id: *loan,
            reference_hash: reference_hash(tx, *partner, reference),
            sealed: reference_sealed(tx, *partner, payment.id, reference)?,
            amount: payment.amount,
            paid_at: payment.paid_at,
            kind: payment.kind,
            recorded_at: *recorded_at,
            recorded_by: *recorded_by,
            reversed_at: *reversed_at,
        })
    }

    fn payment(&self) -> Payment {
        Payment { id: self.id, amount: self.amount, paid_at: self.paid_at, kind: self.kind }
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<RecordedPayment, StoreError> {
        let reference = tx.unseal(self.partner_id, &context("payments", self.id), &self.sealed)?;
        Ok(RecordedPayment {
            payment: self.payment(),
            partner: self.partner_id,
            loan: self.loan_id,
            reference: String::from_utf8(reference).map_err(|_| corrupt("a reference is no text"))?,
            recorded_at: self.recorded_at,
            reversed_at: self.reversed_at,
            recorded_by: self.recorded_by,
        })
    }
}

/// Adds a payment. If the partner got one with the reference meanwhile, the script runs again.
pub fn insert(tx: &mut Tx<'_>, recorded: &RecordedPayment) -> Result<(), StoreError> {
    let row = PaymentRow::of(tx, recorded)?;
    tx.insert(&row)
}

/// Seals a reference, which may name the payer. It never changes, so it is sealed for the payment's id.
fn reference_sealed(
    tx: &mut Tx<'_>, partner: PartnerId, id: PaymentId, reference: &str,
) -> Result<Vec<u8>, StoreError> {
    tx.seal(partner, &context("payments", id), reference.as_bytes())
}

/// The keyed hash by which a partner's payment is found. The same reference at another partner has another hash.
fn reference_hash(tx: &Tx<'_>, partner: PartnerId, reference: &str) -> String {
    tx.keyring().lookup("payment_reference", &format!("{partner}\n{reference}"))
}

/// The word in the place of a reference that was erased.
const ERASED: &str = "apagado";

/// Erases the references of a loan's payments, which may name the payer. The amounts and times remain.
pub(crate) fn forget_references(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<(), StoreError> {
    let ids = "select id from payments where partner_id = $1 and loan_id = $2";
    let ids: Vec<PaymentId> = tx.fetch_all(ids, args![partner, loan])?;
    for id in ids {
        let sealed = reference_sealed(tx, partner, id, ERASED)?;
        // No reference has this hash, and no two payments have the same.
        let hash = tx.keyring().lookup("erased_payment_reference", &id.to_string());
        let sql = "update payments set sealed = $3, reference_hash = $4 where partner_id = $1 and id = $2";
        tx.execute_one(sql, args![partner, id, sealed, hash])?;
    }
    Ok(())
}

/// Notes that a payment was reversed, if nobody has noted it before.
pub fn mark_reversed(
    tx: &mut Tx<'_>, partner: PartnerId, id: PaymentId, at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "update payments set reversed_at = $3 \
               where partner_id = $1 and id = $2 and reversed_at is null";
    tx.execute_one(sql, args![partner, id, at])
}

/// The payment with this id.
pub fn find(
    tx: &mut Tx<'_>, partner: PartnerId, id: PaymentId,
) -> Result<Option<RecordedPayment>, StoreError> {
    tx.find_opened("where partner_id = $1 and id = $2", args![partner, id], PaymentRow::open)
}

/// The payment with this reference.
pub fn find_by_reference(
    tx: &mut Tx<'_>, partner: PartnerId, reference: &str,
) -> Result<Option<RecordedPayment>, StoreError> {
    let hash = reference_hash(tx, partner, reference);
    // If another script of the transaction records the same payment, the unique key makes both run again.
    let known = args![partner, hash];
    let row =
        tx.beside(|tx| tx.find::<PaymentRow>("where partner_id = $1 and reference_hash = $2", known))?;
    row.map(|row| row.open(tx)).transpose()
}

/// A loan's payments that were not reversed, in the order of their times of payment. A new payment is written together
/// with its loan, by the loan's version.
pub fn not_reversed(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<Vec<Payment>, StoreError> {
    let filter = "where partner_id = $1 and loan_id = $2 and reversed_at is null order by paid_at, id";
    let rows = tx.beside(|tx| tx.find_all(filter, args![partner, loan]))?;
    Ok(rows.iter().map(PaymentRow::payment).collect())
}

/// The number of payments that were ever recorded for a loan, including reversed ones.
pub fn count(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<i64, StoreError> {
    let sql = "select count(*) from payments where partner_id = $1 and loan_id = $2";
    tx.fetch_one(sql, args![partner, loan])
}

/// A page of a loan's payments, reversed or not, by the time of their record.
pub fn list(
    tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId, cursor: &Cursor<PaymentId>,
) -> Result<Result<Page<RecordedPayment>, UnknownCursor>, StoreError> {
    Listing::by(PaymentRow::recorded_at, PaymentRow::id)
        .within(PaymentRow::partner_id, Some(&partner))
        .having(PaymentRow::loan_id, Some(&loan))
        .page(tx, cursor, PaymentRow::open)
}

/// The filter of a list of payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaymentFilter {
    /// Only those that were recorded on this business date.
    pub day: Option<Date>,
    /// Only those of this partner.
    pub partner: Option<PartnerId>,
}

/// A page of the payments of all loans, by the time of their record.
pub fn of_all(
    tx: &mut Tx<'_>, filter: &PaymentFilter, cursor: &Cursor<PaymentId>,
) -> Result<Result<Page<RecordedPayment>, UnknownCursor>, StoreError> {
    let day: Option<(PaymentId, PaymentId)> = filter.day.map(ids_of_day);
    Listing::by_id(PaymentRow::id)
        .within(PaymentRow::partner_id, filter.partner.as_ref())
        .from(PaymentRow::id, day.as_ref().map(|(first, _)| first))
        .before(PaymentRow::id, day.as_ref().map(|(_, next)| next))
        .page(tx, cursor, PaymentRow::open)
}

/// The payments with this reference, at most one of each partner.
pub fn with_reference(tx: &mut Tx<'_>, reference: &str) -> Result<Vec<RecordedPayment>, StoreError> {
    let columns = PaymentRow::list();
    let rows: Vec<Marked<PaymentRow>> = joined_by_reference(tx, reference, |given| {
        format!(
            "with given (of_partner, of_hash) as (values {given}) select {columns}, id from given \
             join payments on partner_id = of_partner and reference_hash = of_hash"
        )
    })?;
    Ok(opened(tx, rows, false, PaymentRow::open)?.items)
}

/// The payments with this reference and the borrowers of their loans. Nothing is opened.
pub(crate) fn borrowers_by_reference(
    tx: &mut Tx<'_>, reference: &str,
) -> Result<Vec<(PartnerId, PaymentId, CustomerId)>, StoreError> {
    joined_by_reference(tx, reference, |given| {
        format!(
            "with given (of_partner, of_hash) as (values {given}) select x.partner_id, x.id, l.customer_id from given \
             join payments x on x.partner_id = of_partner and x.reference_hash = of_hash \
             join loans l on l.partner_id = x.partner_id and l.id = x.loan_id"
        )
    })
}

/// The rows of a statement that joins the keyed hash of a reference for each partner.
fn joined_by_reference<R: Selected>(
    tx: &mut Tx<'_>, reference: &str, sql: impl Fn(&str) -> String,
) -> Result<Vec<R>, StoreError> {
    let partners: Vec<PartnerId> = tx.fetch_all("select id from partners order by id", &[])?;
    let mut found = Vec::new();
    for chunk in partners.chunks(LONGEST) {
        let hashes: Vec<String> =
            chunk.iter().map(|partner| reference_hash(tx, *partner, reference)).collect();
        let mut args: Vec<_> =
            chunk.iter().zip(&hashes).flat_map(|(p, hash)| [p.to_arg(), hash.to_arg()]).collect();
        let given = padded_tuples(chunk.len(), 2, &mut args);
        found.extend(tx.fetch_all::<R>(&sql(&given), &args)?);
    }
    Ok(found)
}
