//! The address of a loan's payment page.

use domain::id::LoanId;
use domain::tagged::Tagged;
use store::Tx;

/// The token of a loan's payment page.
pub fn page_token(tx: &Tx<'_>, loan: LoanId) -> Tagged {
    Tagged::new(loan, store::tags::tag(tx, "payment_page", &loan.to_string()))
}
