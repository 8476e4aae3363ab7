//! What falls due for one partner within a stretch of its time, for the sandbox's list of what will happen next.
//!
//! Each list is bounded and reads an index that begins with the partner. Nothing is locked or changed.

use domain::id::{CustomerId, LoanId, OfferId, PartnerId};
use domain::money::Cents;
use domain::time::{Date, Timestamp};

use crate::{StoreError, Tx, args};

/// An open offer that ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndingOffer {
    /// The offer.
    pub offer: OfferId,
    /// Its customer.
    pub customer: CustomerId,
    /// The last moment at which it can be accepted.
    pub at: Timestamp,
}

/// An unsigned loan whose signing links end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndingLinks {
    /// The loan.
    pub loan: LoanId,
    /// The last moment of the links.
    pub at: Timestamp,
}

/// An unpaid installment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnpaidInstallment {
    /// The loan.
    pub loan: LoanId,
    /// Its number within the loan, from 1 on.
    pub number: u16,
    /// The due date, which may be no business day.
    pub due: Date,
    /// The unpaid principal and interest, without late charges.
    pub unpaid: Cents,
}

/// The open offers that end after `since` and until `until`, the earliest first.
pub fn ending_offers(
    tx: &mut Tx<'_>, partner: PartnerId, since: Timestamp, until: Timestamp, limit: i64,
) -> Result<Vec<EndingOffer>, StoreError> {
    let sql = "select id, customer_id, valid_until from offers \
               where partner_id = $1 and state = 'available' and valid_until > $2 and valid_until <= $3 \
               order by valid_until limit $4";
    let found: Vec<(OfferId, CustomerId, Timestamp)> =
        tx.fetch_all(sql, args![partner, since, until, limit])?;
    Ok(found.into_iter().map(|(offer, customer, at)| EndingOffer { offer, customer, at }).collect())
}

/// The unsigned loans whose links end after `since` and until `until`, the earliest first.
pub fn ending_links(
    tx: &mut Tx<'_>, partner: PartnerId, since: Timestamp, until: Timestamp, limit: i64,
) -> Result<Vec<EndingLinks>, StoreError> {
    let sql = format!(
        "select id, sign_by from loans where partner_id = $1 and state in {} and sign_by > $2 and sign_by <= $3 \
         order by sign_by limit $4",
        crate::loans::unsigned()
    );
    let found: Vec<(LoanId, Timestamp)> = tx.fetch_all(&sql, args![partner, since, until, limit])?;
    Ok(found.into_iter().map(|(loan, at)| EndingLinks { loan, at }).collect())
}

/// The unpaid installments with due dates from `first` to `last`, the earliest first.
pub fn unpaid_installments(
    tx: &mut Tx<'_>, partner: PartnerId, first: Date, last: Date, limit: i64,
) -> Result<Vec<UnpaidInstallment>, StoreError> {
    let sql = "select loan_id, number, due, interest + principal - paid_interest - paid_principal \
               from installments where partner_id = $1 and paid_at is null and due >= $2 and due <= $3 \
               order by due, loan_id limit $4";
    let found: Vec<(LoanId, u16, Date, Cents)> = tx.fetch_all(sql, args![partner, first, last, limit])?;
    let unpaid = |(loan, number, due, unpaid)| UnpaidInstallment { loan, number, due, unpaid };
    Ok(found.into_iter().map(unpaid).collect())
}
