//! The installments of active loans.

use domain::id::{InstallmentId, LoanId, PartnerId};
use domain::loan::Installment;
use domain::loan::debt::{Paid, Position};
use domain::loan::late::{LateCurve, Step};
use domain::money::Cents;
use domain::page::{Limit, Page};

use crate::db::{Arg, Row};
use crate::document::corrupt;
use crate::listing::{UnknownCursor, listed, opened};
use crate::{StoreError, Tx, args};

const COLUMNS: &str = "partner_id, id, loan_id, number, due, principal, interest, paid_charges, paid_interest, \
                       paid_principal, discount, charges_due, charged_to, paid_at, monthly_rate, created_at, \
                       updated_at, late_curve";

/// Adds a loan's installments in one statement.
pub fn insert_all(tx: &mut Tx<'_>, installments: &[Installment]) -> Result<(), StoreError> {
    let rows: Vec<_> = installments.iter().map(row).collect();
    tx.insert_rows(&format!("insert into installments ({COLUMNS})"), &rows)
}

fn row(t: &Installment) -> Vec<Arg<'_>> {
    let position = &t.position;
    let mut row = args![
        t.partner,
        t.id,
        t.loan,
        position.number,
        position.due,
        position.principal,
        position.interest,
        position.paid.charges,
        position.paid.interest,
        position.paid.principal,
        position.paid.discount,
        position.charges_due,
        position.charged_to,
        position.settled_at,
        t.monthly_rate,
        t.created_at,
        t.updated_at,
    ]
    .to_vec();
    row.push(kept_curve(position).map_or(Arg::Null, |curve| Arg::Text(curve.into())));
    row
}

/// The steps of a late installment's curve, `2026-02-18:97487 2026-03-02:50000`: days and cents.
fn kept_curve(position: &Position) -> Option<String> {
    let steps = position.late.steps().iter().map(|step| format!("{}:{}", step.since, step.unpaid.get()));
    let steps: Vec<String> = steps.collect();
    (!steps.is_empty()).then(|| steps.join(" "))
}

/// Reads [`kept_curve`].
fn read_curve(kept: Option<&str>, mut position: Position) -> Result<Position, StoreError> {
    let step = |text: &str| {
        let (since, unpaid) = text.split_once(':').ok_or_else(|| corrupt("a step without an amount"))?;
        let unpaid = Cents::new(unpaid.parse().map_err(corrupt)?);
        Ok::<_, StoreError>(Step { since: since.parse().map_err(corrupt)?, unpaid })
    };
    if let Some(steps) = kept {
        position.late = LateCurve::of_steps(steps.split(' ').map(step).collect::<Result<_, _>>()?);
    }
    Ok(position)
}

/// Writes where an installment stands. The loan's version guards all of its installments.
pub fn update(tx: &mut Tx<'_>, installment: &Installment) -> Result<(), StoreError> {
    let position = &installment.position;
    let sql = "update installments set paid_charges = $3, paid_interest = $4, paid_principal = $5, discount = $6, \
               charges_due = $7, charged_to = $8, paid_at = $9, updated_at = $10, late_curve = $11 \
               where partner_id = $1 and id = $2";
    tx.execute_one(
        sql,
        args![
            installment.partner,
            installment.id,
            position.paid.charges,
            position.paid.interest,
            position.paid.principal,
            position.paid.discount,
            position.charges_due,
            position.charged_to,
            position.settled_at,
            installment.updated_at,
            kept_curve(position),
        ],
    )
}

/// The installment with this id.
pub fn find(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: InstallmentId,
) -> Result<Option<Installment>, StoreError> {
    let sql = format!("select {COLUMNS} from installments where partner_id = $1 and id = $2");
    tx.query_opt(&sql, args![partner, id], installment)
}

/// All of a loan's installments in due-date order. Whoever changes one writes the loan by the version that it had before.
pub fn all(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<Vec<Installment>, StoreError> {
    let sql =
        format!("select {COLUMNS} from installments where partner_id = $1 and loan_id = $2 order by number");
    tx.beside(|tx| tx.query(&sql, args![partner, loan], installment))
}

/// A page of a loan's installments in due-date order.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
    after: Option<InstallmentId>,
    limit: Limit,
) -> Result<Result<Page<Installment>, UnknownCursor>, StoreError> {
    let mut number = 0;
    if let Some(after) = after {
        let sql = "select number from installments where partner_id = $1 and loan_id = $2 and id = $3";
        match tx.query_opt(sql, args![partner, loan, after], |row| row.get::<i64>(0))? {
            Some(found) => number = found,
            None => return Ok(Err(UnknownCursor)),
        }
    }
    let sql = format!(
        "select {COLUMNS}, id from installments where partner_id = $1 and loan_id = $2 and number > $3 \
         order by number limit {}",
        limit.get() + 1
    );
    let mut rows = tx.query(&sql, args![partner, loan, number], |row| Ok(listed(row, installment)))?;
    let has_more = rows.len() > limit.get();
    rows.truncate(limit.get());
    opened(tx, "installments", rows, has_more, |installment, _tx| Ok(installment)).map(Ok)
}

fn installment(row: &Row<'_>) -> Result<Installment, StoreError> {
    let position = Position {
        number: row.get(3)?,
        due: row.get(4)?,
        principal: row.get(5)?,
        interest: row.get(6)?,
        paid: Paid {
            charges: row.get(7)?,
            interest: row.get(8)?,
            principal: row.get(9)?,
            discount: row.get(10)?,
        },
        late: LateCurve::default(),
        charges_due: row.get(11)?,
        charged_to: row.get(12)?,
        settled_at: row.get(13)?,
    };
    let kept: Option<String> = row.get(17)?;
    Ok(Installment {
        partner: row.get(0)?,
        id: row.get(1)?,
        loan: row.get(2)?,
        position: read_curve(kept.as_deref(), position)?,
        monthly_rate: row.get(14)?,
        created_at: row.get(15)?,
        updated_at: row.get(16)?,
    })
}
