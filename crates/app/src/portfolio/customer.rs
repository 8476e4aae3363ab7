//! Everything about one customer that its partner may know. The number of statements is the same for every customer.

use domain::customer::CustomerFile;
use domain::id::{CustomerId, PartnerId};
use domain::kyc::BiometricsSession;
use domain::loan::Loan;
use domain::offer::Offer;
use domain::page::{Limit, Page};
use domain::time::{RealTime, Timestamp};
use store::loans::LoanFilter;
use store::offers::OfferFilter;
use store::{Cursor, Failed, Tx};

use crate::clock;
use crate::refused::NotFound;

/// A customer with its offers and loans.
#[derive(Debug, Clone)]
pub struct CustomerSheet {
    /// The customer with its KYC.
    pub file: CustomerFile,
    /// The present time of the partner.
    pub now: Timestamp,
    /// The newest hosted session of its KYC.
    pub session: Option<BiometricsSession>,
    /// The newest offers.
    pub offers: Page<Offer>,
    /// The newest loans.
    pub loans: Page<Loan>,
}

/// The sheet of a partner's customer, at the real time `real`.
pub fn customer(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, id: CustomerId,
) -> Result<CustomerSheet, Failed<NotFound>> {
    let file = crate::customers::find(tx, tenant, id)?;
    let offers = OfferFilter { customer: Some(id), state: None };
    let loans = LoanFilter { partner: Some(tenant), customer: Some(id), state: None };
    // A first page has no cursor that could be unknown.
    Ok(CustomerSheet {
        now: clock::at(tx, tenant, real)?,
        session: store::kyc::newest_session(tx, tenant, id)?.map(store::Stored::into_value),
        offers: store::offers::list(tx, Some(tenant), &offers, &Cursor::first(Limit::MOST))?
            .unwrap_or_else(|_unknown| Page::empty(false)),
        loans: store::loans::list(tx, &loans, &Cursor::first(Limit::MOST))?
            .unwrap_or_else(|_unknown| Page::empty(false)),
        file,
    })
}
