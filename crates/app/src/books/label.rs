//! The contracts and the names of loans, for lists of what belongs to loans.

use std::collections::HashMap;

use domain::id::{CustomerId, LoanId};
use domain::loan::CcbNumber;
use store::{StoreError, Tx};

use crate::customers::names;

/// The contract and the name by which people know a loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    /// The number of the contract; `None` if the loan has none or its row is damaged.
    pub(super) contract: Option<CcbNumber>,
    /// The name under which the customer does business; `None` if it has none or a row is damaged.
    pub(super) customer: Option<String>,
}

/// The labels of some loans, in as many statements as for one loan.
pub(super) fn labels(
    tx: &mut Tx<'_>, loans: impl Iterator<Item = LoanId>,
) -> Result<HashMap<LoanId, Label>, StoreError> {
    let mut ids: Vec<LoanId> = loans.collect();
    ids.sort_unstable();
    ids.dedup();
    let loans = store::loans::these(tx, &ids)?;
    let customers: Vec<CustomerId> = loans.iter().map(|loan| loan.customer).collect();
    let names = names(tx, None, &customers)?;
    let labelled = |loan: &domain::loan::Loan| {
        let customer = names.get(&loan.customer).cloned();
        (loan.id, Label { contract: loan.ccb_number, customer })
    };
    Ok(loans.iter().map(labelled).collect())
}

/// The label of a loan; an empty one if the loan's row is damaged.
pub(super) fn label(labels: &HashMap<LoanId, Label>, loan: LoanId) -> Label {
    labels.get(&loan).cloned().unwrap_or(Label { contract: None, customer: None })
}
