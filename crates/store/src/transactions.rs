//! The installments of active loans.

use domain::id::{LoanId, PartnerId, TransactionId};
use domain::loan::Transaction;
use domain::page::{Limit, Page};

use crate::db::{Arg, Row};
use crate::listing::UnknownCursor;
use crate::{StoreError, Tx, args};

const COLUMNS: &str = "partner_id, id, loan_id, number, due, principal, interest, paid, paid_at, monthly_rate, \
                       created_at, updated_at";

/// Adds a loan's installments in one statement.
pub fn insert_all(tx: &mut Tx<'_>, transactions: &[Transaction]) -> Result<(), StoreError> {
    let rows: Vec<_> = transactions.iter().map(row).collect();
    tx.insert_rows(&format!("insert into transactions ({COLUMNS})"), &rows)
}

fn row(t: &Transaction) -> Vec<Arg<'_>> {
    args![
        t.partner,
        t.id,
        t.loan,
        t.number,
        t.due,
        t.principal,
        t.interest,
        t.paid,
        t.paid_at,
        t.monthly_rate,
        t.created_at,
        t.updated_at,
    ]
    .to_vec()
}

/// A page of a loan's installments in due-date order.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
    after: Option<TransactionId>,
    limit: Limit,
) -> Result<Result<Page<Transaction>, UnknownCursor>, StoreError> {
    let mut number = 0;
    if let Some(after) = after {
        let sql = "select number from transactions where partner_id = $1 and loan_id = $2 and id = $3";
        match tx.query_opt(sql, args![partner, loan, after], |row| row.get::<i64>(0))? {
            Some(found) => number = found,
            None => return Ok(Err(UnknownCursor)),
        }
    }
    let sql = format!(
        "select {COLUMNS} from transactions where partner_id = $1 and loan_id = $2 and number > $3 \
         order by number limit {}",
        limit.get() + 1
    );
    let items = tx.query(&sql, args![partner, loan, number], transaction)?;
    Ok(Ok(Page::from_overfull(items, limit)))
}

fn transaction(row: &Row<'_>) -> Result<Transaction, StoreError> {
    Ok(Transaction {
        partner: row.get(0)?,
        id: row.get(1)?,
        loan: row.get(2)?,
        number: row.get(3)?,
        due: row.get(4)?,
        principal: row.get(5)?,
        interest: row.get(6)?,
        paid: row.get(7)?,
        paid_at: row.get(8)?,
        monthly_rate: row.get(9)?,
        created_at: row.get(10)?,
        updated_at: row.get(11)?,
    })
}
