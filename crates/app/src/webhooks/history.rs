//! The events that were recorded for a partner about a customer or a loan, with what became of their deliveries.

use domain::access::{Permission, Permissions};
use domain::customer::CustomerFile;
use domain::event::EventKind;
use domain::id::{LoanId, OfferId, ResourceId as _};
use domain::loan::Loan;
use store::deliveries::MOST_OF_EVENT;
pub use store::deliveries::{LastAnswer, Sent};
pub use store::outbox::{Recorded, deliveries_of};
use store::{StoreError, Tx};

use super::MOST_ENDPOINTS;

// An event has at most one delivery for each endpoint, and the store finds so many.
const _: () = assert!(MOST_ENDPOINTS <= MOST_OF_EVENT as i64, "deliveries of an event would be missing");

/// The newest 100 events of a loan, newest first: those that these permissions open.
pub fn of_loan(tx: &mut Tx<'_>, loan: &Loan, may: Permissions) -> Result<Vec<Recorded>, StoreError> {
    let recorded = store::outbox::of_subjects(tx, loan.partner, &[loan.id.bytes()])?;
    Ok(permitted(recorded, may))
}

/// The newest 100 events of a customer and of these offers and loans of it, newest first: those that these permissions
/// open.
pub fn of_customer(
    tx: &mut Tx<'_>, file: &CustomerFile, offers: impl Iterator<Item = OfferId>,
    loans: impl Iterator<Item = LoanId>, may: Permissions,
) -> Result<Vec<Recorded>, StoreError> {
    let customer = &file.customer;
    let subjects = offers.map(OfferId::bytes).chain(loans.map(LoanId::bytes));
    let subjects: Vec<[u8; 16]> = std::iter::once(customer.id.bytes()).chain(subjects).collect();
    Ok(permitted(store::outbox::of_subjects(tx, customer.partner, &subjects)?, may))
}

/// The events for the partner need the permission that also shows its endpoints. Partners do not receive a visit of a
/// hosted page, so it needs no other permission than the history.
fn permitted(mut recorded: Vec<Recorded>, may: Permissions) -> Vec<Recorded> {
    let open = may.contains(Permission::ReadPartners);
    recorded.retain(|event| open || event.kind == EventKind::BiometricsOpened);
    recorded
}

/// A URL for deliveries without its query, in which partners put secrets.
pub fn address(url: &str) -> String {
    url.split(['?', '#']).next().map_or_else(String::new, str::to_owned)
}
