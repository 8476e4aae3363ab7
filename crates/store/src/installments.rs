//! The installments of active loans.

use domain::id::{InstallmentId, LoanId, PartnerId};
use domain::loan::Installment;
use domain::loan::debt::{Paid, Position};
use domain::loan::late::{LateCurve, Step};
use domain::money::{Cents, Rate};
use domain::page::{Limit, Page};
use domain::time::{Date, Timestamp};

use crate::db::{Arg, Column, Row, ToArg};
use crate::document::corrupt;
use crate::listing::{UnknownCursor, opened_page};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// An installment as it is stored.
    struct InstallmentRow in "installments" by (partner_id, id) {
        partner_id: PartnerId,
        id: InstallmentId,
        loan_id: LoanId,
        number: u16,
        due: Date,
        principal: Cents,
        interest: Cents,
        paid_charges: Cents,
        paid_interest: Cents,
        paid_principal: Cents,
        discount: Cents,
        charges_due: Cents,
        charged_to: Option<Date>,
        late_curve: Option<LateCurve>,
        paid_at: Option<Timestamp>,
        monthly_rate: Rate,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl InstallmentRow {
    fn of(installment: &Installment) -> Self {
        let position = &installment.position;
        Self {
            partner_id: installment.partner,
            id: installment.id,
            loan_id: installment.loan,
            number: position.number,
            due: position.due,
            principal: position.principal,
            interest: position.interest,
            paid_charges: position.paid.charges,
            paid_interest: position.paid.interest,
            paid_principal: position.paid.principal,
            discount: position.paid.discount,
            charges_due: position.charges_due,
            charged_to: position.charged_to,
            late_curve: Some(position.late.clone()).filter(|curve| !curve.steps().is_empty()),
            paid_at: position.settled_at,
            monthly_rate: installment.monthly_rate,
            created_at: installment.created_at,
            updated_at: installment.updated_at,
        }
    }

    fn read(self) -> Installment {
        Installment {
            partner: self.partner_id,
            id: self.id,
            loan: self.loan_id,
            position: Position {
                number: self.number,
                due: self.due,
                principal: self.principal,
                interest: self.interest,
                paid: Paid {
                    charges: self.paid_charges,
                    interest: self.paid_interest,
                    principal: self.paid_principal,
                    discount: self.discount,
                },
                late: self.late_curve.unwrap_or_else(|| LateCurve::of_steps(Vec::new())),
                charges_due: self.charges_due,
                charged_to: self.charged_to,
                settled_at: self.paid_at,
            },
            monthly_rate: self.monthly_rate,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

/// The steps of a late installment's curve, `2026-02-18:97487 2026-03-02:50000`: days and cents.
impl ToArg for LateCurve {
    fn to_arg(&self) -> Arg<'_> {
        let steps = self.steps().iter().map(|step| format!("{}:{}", step.since, step.unpaid.get()));
        Arg::Text(steps.collect::<Vec<_>>().join(" ").into())
    }
}

impl Column for LateCurve {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        let step = |text: &str| {
            let (since, unpaid) = text.split_once(':').ok_or_else(|| corrupt("a step without an amount"))?;
            let unpaid = Cents::new(unpaid.parse().map_err(corrupt)?);
            Ok(Step { since: since.parse().map_err(corrupt)?, unpaid })
        };
        row.with_text(index, |steps| {
            Ok(Self::of_steps(steps.split(' ').map(step).collect::<Result<_, StoreError>>()?))
        })
    }
}

/// Adds a loan's installments in one statement.
pub fn insert_all(tx: &mut Tx<'_>, installments: &[Installment]) -> Result<(), StoreError> {
    tx.insert_all(&installments.iter().map(InstallmentRow::of).collect::<Vec<_>>())
}

/// Writes the position of an installment. The loan's version guards all of its installments.
pub fn update(tx: &mut Tx<'_>, installment: &Installment) -> Result<(), StoreError> {
    let row = InstallmentRow::of(installment);
    let sql = "update installments set paid_charges = $3, paid_interest = $4, paid_principal = $5, discount = $6, \
               charges_due = $7, charged_to = $8, paid_at = $9, updated_at = $10, late_curve = $11 \
               where partner_id = $1 and id = $2";
    tx.execute_one(
        sql,
        args![
            row.partner_id,
            row.id,
            row.paid_charges,
            row.paid_interest,
            row.paid_principal,
            row.discount,
            row.charges_due,
            row.charged_to,
            row.paid_at,
            row.updated_at,
            row.late_curve,
        ],
    )
}

/// The installment with this id.
pub fn find(
    tx: &mut Tx<'_>, partner: PartnerId, id: InstallmentId,
) -> Result<Option<Installment>, StoreError> {
    let row = tx.find("where partner_id = $1 and id = $2", args![partner, id])?;
    Ok(row.map(InstallmentRow::read))
}

/// All of a loan's installments in due-date order. A change of one also saves the loan, by the loan's version from
/// before.
pub fn all(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<Vec<Installment>, StoreError> {
    let of_loan = "where partner_id = $1 and loan_id = $2 order by number";
    let rows = tx.beside(|tx| tx.find_all(of_loan, args![partner, loan]))?;
    Ok(rows.into_iter().map(InstallmentRow::read).collect())
}

/// A page of a loan's installments in due-date order.
pub fn list(
    tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId, after: Option<InstallmentId>, limit: Limit,
) -> Result<Result<Page<Installment>, UnknownCursor>, StoreError> {
    let mut number = 0_u16;
    if let Some(after) = after {
        let sql = "select number from installments where partner_id = $1 and loan_id = $2 and id = $3";
        match tx.fetch_opt(sql, args![partner, loan, after])? {
            Some(found) => number = found,
            None => return Ok(Err(UnknownCursor)),
        }
    }
    let limit = limit.get();
    let rest =
        format!("where partner_id = $1 and loan_id = $2 and number > $3 order by number limit {}", limit + 1);
    let rows = tx.find_marked(InstallmentRow::id, &rest, args![partner, loan, number])?;
    opened_page(tx, rows, limit, |row: InstallmentRow, _tx| Ok(row.read())).map(Ok)
}
