//! One loan of a partner with its figures.

use domain::access::Permissions;
use domain::id::{LoanId, PartnerId};
use domain::time::RealTime;
use store::{Failed, Tx};

use crate::contracts::{Copy, Document};
use crate::lender::Lender;
use crate::loan_sheet::{self, Asked, Part, Sheet};
use crate::refused::ListRefused;

/// A loan with its figures.
#[derive(Debug, Clone)]
pub struct LoanSheet {
    /// The figures with the schedule.
    pub figures: Sheet,
    /// Whether there is a signed copy of its contract.
    pub has_signed_copy: bool,
}

/// The sheet of a partner's loan, at the real time `real`.
pub fn loan(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, id: LoanId, lender: &Lender,
) -> Result<LoanSheet, Failed<ListRefused>> {
    if !store::loans::exists(tx, tenant, id)? {
        return Err(Failed::Refused(ListRefused::NotFound));
    }
    let asked = Asked { part: Part::Schedule, after: None, may: Permissions::default() };
    let signed = Document { partner: tenant, loan: id, copy: Copy::Signed };
    Ok(LoanSheet {
        figures: loan_sheet::sheet(tx, real, id, &asked, lender)?,
        has_signed_copy: store::contracts::kept(tx, signed)?.is_some(),
    })
}
