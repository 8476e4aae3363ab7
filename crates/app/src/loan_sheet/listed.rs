//! The list of loans with the names of their customers and partners. The number of statements does not depend on the
//! number of loans.

use domain::id::{CustomerId, LoanId, PartnerId};
use domain::loan::Loan;
use domain::page::Page;
use store::{Cursor, Failed, Tx};

use crate::customers::names;
use crate::loans::LoanFilter;
use crate::refused::{ListRefused, page_or_refused};

/// A loan in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The loan.
    pub loan: Loan,
    /// The name under which the customer does business; `None` if it has none or its row is damaged.
    pub customer: Option<String>,
    /// The name of the partner.
    pub partner: Option<String>,
}

/// A page of loans with names.
pub fn list(
    tx: &mut Tx<'_>, filter: &LoanFilter, cursor: &Cursor<LoanId>,
) -> Result<Page<Listed>, Failed<ListRefused>> {
    let page = page_or_refused(store::loans::list(tx, filter, cursor)?)?;
    let customers: Vec<CustomerId> = page.items.iter().map(|loan| loan.customer).collect();
    let mut partners: Vec<PartnerId> = page.items.iter().map(|loan| loan.partner).collect();
    partners.sort_unstable();
    partners.dedup();
    let customers = names(tx, filter.partner, &customers)?;
    let partners = store::partners::names(tx, &partners)?;
    Ok(page.filter_map(|loan| {
        let customer = customers.get(&loan.customer).cloned();
        let partner = partners.get(&loan.partner).cloned();
        Some(Listed { loan, customer, partner })
    }))
}
