//! Overdue loans: the active loans with an installment past its effective due date.
//!
//! No row says that a loan is overdue. A range of unpaid due dates in an index does, so this queue needs no nightly job.
//! In the sandbox partners have different dates, so every partner with a moved clock is read for itself.

use domain::id::{CustomerId, LoanId, OperatorId, PartnerId};
use domain::money::Cents;
use domain::page::Page;
use domain::queue::Bucket;
use domain::time::Date;

use crate::cases::Taken;
use crate::db::{Arg, Column, Row, ToArg, among};
use crate::listing::Cursor;
use crate::{StoreError, Tx};

/// The partners whose loans are read, and their date.
#[derive(Debug, Clone, Copy)]
pub enum Debtors {
    /// All partners with unmoved clocks.
    OfUnmoved(Date),
    /// One partner.
    Of(PartnerId, Date),
}

impl Debtors {
    /// The date.
    pub fn today(self) -> Date {
        match self {
            Self::OfUnmoved(today) | Self::Of(_, today) => today,
        }
    }

    /// The condition on an installment, whose last value is its partner.
    fn condition(self, args: &mut Vec<Arg<'static>>) -> String {
        match self {
            Self::OfUnmoved(_) => {
                " and i.partner_id not in (select id from partners where clock_offset > 0)".to_owned()
            }
            Self::Of(partner, _) => {
                args.push(partner.to_arg().kept());
                format!(" and i.partner_id = ${}", args.len())
            }
        }
    }
}

/// An overdue loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overdue {
    /// The partner.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The borrower.
    pub customer: CustomerId,
    /// The due date of the oldest unpaid installment.
    pub due: Date,
    /// The unpaid principal and interest of all overdue installments, without late charges.
    pub unpaid: Cents,
    /// The operator who has taken it.
    pub assignee: Option<OperatorId>,
}

/// The overdue loans of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrears {
    /// The bucket.
    pub bucket: Bucket,
    /// The number of loans.
    pub loans: i64,
    /// Their unpaid principal and interest that is due, without late charges.
    pub unpaid: Cents,
    /// The due date of the oldest unpaid installment.
    pub oldest: Date,
}

impl Column for Bucket {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        row.with_text(index, crate::document::parsed)
    }
}

const UNPAID: &str = "interest + principal - paid_interest - paid_principal";

/// The overdue loans of some partners by bucket.
pub fn arrears(tx: &mut Tx<'_>, debtors: Debtors) -> Result<Vec<Arrears>, StoreError> {
    let due = |bucket: Bucket| bucket.latest_due(debtors.today());
    let (mut args, mut buckets) = (vec![due(Bucket::UpTo15).to_arg().kept()], Vec::new());
    for bucket in Bucket::ALL.into_iter().rev().filter(|bucket| *bucket != Bucket::UpTo15) {
        args.push(due(bucket).to_arg().kept());
        buckets.push(format!("when oldest <= ${} then '{}'", args.len(), bucket.name()));
    }
    let of = debtors.condition(&mut args);
    let first = Bucket::UpTo15.name();
    let sql = format!(
        "select case {} else '{first}' end as bucket, count(*), cast(sum(unpaid) as bigint), min(oldest) from ( \
             select min(i.due) as oldest, sum({UNPAID}) as unpaid from installments i \
             where i.paid_at is null and i.due <= $1{of} group by i.partner_id, i.loan_id \
         ) as debtors group by bucket",
        buckets.join(" ")
    );
    let found: Vec<(Bucket, i64, Cents, Date)> = tx.fetch_all(&sql, &args)?;
    let found = found.into_iter();
    Ok(found.map(|(bucket, loans, unpaid, oldest)| Arrears { bucket, loans, unpaid, oldest }).collect())
}

/// The unpaid principal and interest that are due on a day, of all partners.
pub fn due_on(tx: &mut Tx<'_>, day: Date) -> Result<Cents, StoreError> {
    let sql = format!(
        "select cast(coalesce(sum({UNPAID}), 0) as bigint) from installments where paid_at is null and due = $1"
    );
    tx.fetch_one(&sql, &[day.to_arg()])
}

/// A place in the queue: the due date of the oldest unpaid installment, and the loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OverduePlace {
    /// The due date.
    pub due: Date,
    /// The loan.
    pub loan: LoanId,
}

/// The filter of a list of overdue loans.
#[derive(Debug, Clone, Copy)]
pub struct OverdueFilter {
    /// The latest due date of the oldest unpaid installment.
    pub due_by: Date,
    /// Only loans that somebody or nobody has taken.
    pub taken: Taken,
    /// Only loans that owe at least this amount.
    pub least: Option<Cents>,
}

/// A page of overdue loans, the longest overdue ones first.
pub fn list(
    tx: &mut Tx<'_>, debtors: Debtors, filter: &OverdueFilter, cursor: &Cursor<OverduePlace>,
) -> Result<Page<Overdue>, StoreError> {
    let mut args = vec![filter.due_by.to_arg().kept()];
    let mut conditions = String::new();
    if let Some(OverduePlace { due, loan }) = &cursor.after {
        args.extend([due.to_arg().kept(), loan.to_arg().kept()]);
        conditions += " and (i.due, i.loan_id) > ($2, $3)";
    }
    match filter.taken {
        Taken::ByAnybody => {}
        Taken::ByNobody => {
            conditions += " and not exists (select 1 from cases c where c.partner_id = i.partner_id \
                           and c.subject_id = i.loan_id and c.queue = 'overdue')";
        }
        Taken::By(operator) => {
            args.push(operator.to_arg().kept());
            let of = "select c.subject_id from cases c where c.queue = 'overdue' and c.assignee =";
            conditions = format!("{conditions} and i.loan_id in ({of} ${})", args.len());
        }
    }
    if let Some(least) = filter.least {
        args.extend([least.to_arg().kept(), Bucket::UpTo15.latest_due(debtors.today()).to_arg().kept()]);
        let (least, due) = (args.len() - 1, args.len());
        conditions = format!(
            "{conditions} and (select cast(sum({UNPAID}) as bigint) from installments o where o.partner_id = i.partner_id \
             and o.loan_id = i.loan_id and o.paid_at is null and o.due <= ${due}) >= ${least}"
        );
    }
    Ok(Page::from_overfull(found(tx, debtors, &conditions, args, cursor.limit.get() + 1)?, cursor.limit))
}

/// An overdue loan; `None` if nothing of it is overdue.
pub fn find(tx: &mut Tx<'_>, debtors: Debtors, loan: LoanId) -> Result<Option<Overdue>, StoreError> {
    let due_by = Bucket::UpTo15.latest_due(debtors.today());
    let args = vec![due_by.to_arg().kept(), loan.to_arg().kept()];
    Ok(found(tx, debtors, " and i.loan_id = $2", args, 1)?.pop())
}

/// Those of these loans that are overdue.
pub fn these(tx: &mut Tx<'_>, debtors: Debtors, loans: &[LoanId]) -> Result<Vec<Overdue>, StoreError> {
    let (these, of) = among(loans, 2);
    let due_by = Bucket::UpTo15.latest_due(debtors.today());
    let mut args = vec![due_by.to_arg().kept()];
    args.extend(of.iter().map(Arg::kept));
    found(tx, debtors, &format!(" and i.loan_id {these}"), args, loans.len().max(1))
}

/// Up to `most` overdue loans that meet some conditions. The first argument is the latest due date of their oldest
/// unpaid installments. A loan is found by this installment.
fn found(
    tx: &mut Tx<'_>, debtors: Debtors, conditions: &str, mut args: Vec<Arg<'static>>, most: usize,
) -> Result<Vec<Overdue>, StoreError> {
    let of = debtors.condition(&mut args);
    args.push(Bucket::UpTo15.latest_due(debtors.today()).to_arg().kept());
    let sql = format!(
        "select i.partner_id, i.loan_id, \
         (select l.customer_id from loans l where l.partner_id = i.partner_id and l.id = i.loan_id), i.due, \
         (select cast(sum({UNPAID}) as bigint) from installments s where s.partner_id = i.partner_id \
          and s.loan_id = i.loan_id and s.paid_at is null and s.due <= ${}), \
         (select c.assignee from cases c where c.partner_id = i.partner_id \
          and c.subject_id = i.loan_id and c.queue = 'overdue') \
         from installments i where i.paid_at is null and i.due <= $1{conditions}{of} \
         and not exists (select 1 from installments e where e.partner_id = i.partner_id and e.loan_id = i.loan_id \
          and e.number < i.number and e.paid_at is null) \
         order by i.due, i.loan_id limit {most}",
        args.len()
    );
    tx.query(&sql, &args, |row| {
        Ok(Overdue {
            partner: row.get(0)?,
            loan: row.get(1)?,
            customer: row.get(2)?,
            due: row.get(3)?,
            unpaid: row.get(4)?,
            assignee: row.get(5)?,
        })
    })
}
