//! The faults that wait for a person: returned disbursements, failed e-mails, partners who receive no events, and rows
//! that cannot be read.

use domain::access::{Permission, Permissions};
use domain::id::{LoanId, OperatorId, PartnerId};
use domain::money::Cents;
use domain::page::{Limit, Order};
use domain::queue::{CaseSubject, Queue};
use domain::time::RealTime;
use store::cases::Taken;
use store::{Cursor, StoreError, Tx, UnreadableRow};

use crate::queues::{self, CaseView, Wanted};
use crate::refused::first_page;

/// Most returned disbursements that are named one by one.
const RETURNED: u64 = 3;

/// The faults that wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trouble {
    /// The returned disbursements that wait the longest.
    pub returned: Vec<Returned>,
    /// Their number.
    pub returned_count: i64,
    /// The e-mails that were given up.
    pub mails: i64,
    /// The partners whose webhook endpoints fail.
    pub failing: Vec<FailingPartner>,
    /// The rows that lists of this server could not read within the last day.
    pub unreadable: Vec<UnreadableRow>,
}

/// A disbursement that the bank returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// The loan.
    pub loan: LoanId,
    /// The name under which the customer does business; `None` without a name.
    pub customer_name: Option<String>,
    /// The amount.
    pub amount: Option<Cents>,
    /// The time since which it waits.
    pub since: RealTime,
}

/// A partner whose webhook endpoints fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingPartner {
    /// The partner.
    pub partner: PartnerId,
    /// Its name.
    pub name: String,
    /// The number of its failing endpoints.
    pub endpoints: i64,
    /// The time since which the first of them fails.
    pub since: RealTime,
}

/// The faults that an operator may see.
pub(super) fn now(
    tx: &mut Tx<'_>, now: RealTime, me: OperatorId, may: Permissions,
) -> Result<Trouble, StoreError> {
    let mut trouble = Trouble { unreadable: tx.unreadable_lately(), ..Trouble::default() };
    if may.contains(Permission::ReadLoans) {
        trouble.returned = returned(tx, now, me)?;
        trouble.returned_count = store::cases::total(tx, Queue::DisbursementsReturned)?.0;
    }
    if may.contains(Permission::ReadMails) {
        trouble.mails = store::cases::total(tx, Queue::MailsFailed)?.0;
    }
    if may.contains(Permission::ReadPartners) {
        trouble.failing = failing(tx)?;
    }
    Ok(trouble)
}

fn returned(tx: &mut Tx<'_>, now: RealTime, me: OperatorId) -> Result<Vec<Returned>, StoreError> {
    let wanted = Wanted {
        queue: Queue::DisbursementsReturned,
        me,
        partner: None,
        taken: Taken::ByAnybody,
        older_than: None,
        least: None,
    };
    let limit = Limit::new(RETURNED).expect("it is a page's length");
    let cursor = Cursor { after: None, limit, order: Order::Ascending };
    let page = first_page(queues::list(tx, now, &wanted, &cursor))?;
    let one = |view: CaseView| match view.case.subject {
        CaseSubject::Loan(loan) => Some(Returned {
            loan,
            customer_name: view.customer_name,
            amount: view.case.amount,
            since: view.case.since,
        }),
        CaseSubject::Customer(_) | CaseSubject::Proposal(_) | CaseSubject::Mail(_) => None,
    };
    Ok(page.items.into_iter().filter_map(one).collect())
}

fn failing(tx: &mut Tx<'_>) -> Result<Vec<FailingPartner>, StoreError> {
    let failing = store::webhook_endpoints::failing(tx)?;
    let partners: Vec<PartnerId> = failing.iter().map(|one| one.partner).collect();
    let names = store::partners::names(tx, &partners)?;
    let named = |one: store::webhook_endpoints::Failing| FailingPartner {
        partner: one.partner,
        name: names.get(&one.partner).cloned().unwrap_or_else(|| one.partner.to_string()),
        endpoints: one.endpoints,
        since: one.since,
    };
    Ok(failing.into_iter().map(named).collect())
}
