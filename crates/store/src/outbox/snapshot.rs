//! The resource of an event as it was at the event: the sealed column.

use domain::event::{DomainEvent, EventKind};
use domain::id::PartnerId;
use domain::loan::LoanEvent;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::document::{CustomerDoc, LoanSnapshotDoc, OfferDoc, PaymentDoc, corrupt, parsed};

/// The resource as it was at the event.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Snapshot {
    Customer(CustomerDoc),
    Offer { offer: OfferDoc, external_id: Option<String> },
    Loan { loan: Box<LoanSnapshotDoc>, payment: Option<PaymentDoc> },
    Session { id: String, customer: String },
}

impl Snapshot {
    pub(super) fn of(domain_event: &DomainEvent) -> Self {
        match domain_event {
            DomainEvent::Customer(_, file) => Self::Customer(CustomerDoc::of(file)),
            DomainEvent::Offer(_, offer) => {
                Self::Offer { offer: OfferDoc::of(offer), external_id: offer.external_id.clone() }
            }
            DomainEvent::Loan(event, loan) => {
                let payment = match event {
                    LoanEvent::PaymentReceived(payment) => Some(PaymentDoc::of(*payment)),
                    _other => None,
                };
                Self::Loan { loan: Box::new(LoanSnapshotDoc::of(loan)), payment }
            }
            DomainEvent::BiometricsOpened(id, customer) => {
                Self::Session { id: id.to_string(), customer: customer.to_string() }
            }
        }
    }

    pub(super) fn read(self, kind: &str, partner: PartnerId) -> Result<DomainEvent, StoreError> {
        let kind = parsed(kind)?;
        Ok(match (self, kind) {
            (Self::Customer(document), EventKind::Customer(event)) => {
                DomainEvent::Customer(event, Box::new(document.read(partner)?))
            }
            (Self::Offer { offer, external_id }, EventKind::Offer(event)) => {
                DomainEvent::Offer(event, Box::new(offer.read(partner, external_id)?))
            }
            (Self::Loan { loan, payment }, EventKind::Loan(event)) => {
                let event = event.event(payment.as_ref().map(PaymentDoc::read));
                let event = event.ok_or_else(|| corrupt("a payment's event without the payment"))?;
                DomainEvent::Loan(event, Box::new(loan.read(partner)?))
            }
            (Self::Session { id, customer }, EventKind::BiometricsOpened) => DomainEvent::BiometricsOpened(
                id.parse().map_err(corrupt)?,
                customer.parse().map_err(corrupt)?,
            ),
            (Self::Customer(_) | Self::Offer { .. } | Self::Loan { .. } | Self::Session { .. }, other) => {
                return Err(corrupt(format!("an event of another resource than its kind: {}", other.name())));
            }
        })
    }
}
