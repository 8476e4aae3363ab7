//! The queued rows of a copied history: events with deliveries, e-mails, planned work and idempotency keys.

use domain::cause::Cause;
use domain::event::{DomainEvent, Event};
use domain::id::{CustomerId, LoanId, ResourceId as _};
use domain::loan::{LoanEvent, LoanSnapshot, PaymentReceived, SnapshotSigner};
use domain::time::Timestamp;
use domain::webhook::delivery::{Attempt, DeliveryState};
use store::deliveries::{NewDelivery, SyntheticDelivery};
use store::idempotency::{Holder, StoredAnswer};
use store::jobs::NewJob;
use store::mails::{Mail, MailMode};
use store::{StoreError, Tx};

use super::super::history::History;
use super::Copier;
use crate::random;
use crate::webhooks::fan_out::Rendered;

impl Copier<'_> {
    /// Writes events with their deliveries, e-mails, and planned work.
    pub(super) fn events_and_mails(&mut self, tx: &mut Tx<'_>, history: &History) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let kept = |at: Timestamp| at.unmoved() >= self.person.kept_since.plus(self.person.earlier);
        let events: Vec<&Event> = history.events.iter().filter(|event| kept(event.occurred_at)).collect();
        let mails: Vec<&Mail> = history.mails.iter().filter(|mail| kept(mail.created_at)).collect();
        for together in events.chunk_by(|one, next| one.occurred_at == next.occurred_at) {
            let at = self.at(together[0].occurred_at);
            let mut domain_events = Vec::with_capacity(together.len());
            for event in together {
                domain_events.push(self.domain_event(tx, &event.domain_event)?);
            }
            let ids = store::outbox::append_synthetic(tx, partner, at, domain_events.clone())?;
            let mut deliveries = Vec::with_capacity(ids.len());
            for (place, (id, domain_event)) in ids.into_iter().zip(domain_events).enumerate() {
                let event = Event { id, partner, occurred_at: at, domain_event, cause: Cause::default() };
                deliveries.extend(self.delivery(tx, &event, place));
            }
            store::deliveries::insert_synthetic(tx, partner, &deliveries)?;
        }
        for mail in mails {
            let mail = Mail {
                id: self.id(tx, mail.id)?,
                partner,
                to: self.email.clone(),
                created_at: self.at(mail.created_at),
                cause: Cause::default(),
                ..mail.clone()
            };
            store::mails::insert(tx, &mail, MailMode::Keep)?;
        }
        self.planned(tx, history)
    }

    fn planned(&mut self, tx: &mut Tx<'_>, history: &History) -> Result<(), StoreError> {
        let mut jobs = Vec::new();
        for job in history.jobs.iter().filter(|job| job.due_at >= self.person.planned_from) {
            // The other jobs of a history are already done at the present.
            if let ("pay_installment", Ok(loan)) = (&*job.kind, job.subject.parse::<LoanId>()) {
                let subject = self.id(tx, loan)?.to_string();
                let (partner, planned_at) = (self.owner.partner, self.at(job.id.moment()));
                jobs.push(NewJob {
                    partner,
                    planned_at,
                    kind: "pay_installment",
                    subject,
                    due_at: self.at(job.due_at),
                    cause: Cause::default(),
                });
            }
        }
        store::jobs::insert_all(tx, &jobs)
    }

    fn delivery(&self, tx: &mut Tx<'_>, event: &Event, place: usize) -> Option<SyntheticDelivery> {
        let id = store::deliveries::ordered_id(tx, event.occurred_at.unmoved(), place);
        let Rendered { name, body, .. } = (self.owner.render)(event, id)?;
        // One delivery in fifty failed at every attempt and was given up.
        let (state, status, outcome) = match self.person.number / 2 % 50 {
            7 => (DeliveryState::Failed { made: 10 }, 500, "status_500"),
            _ => (DeliveryState::Delivered { made: 1 }, 204, "delivered"),
        };
        Some(SyntheticDelivery {
            delivery: NewDelivery {
                id,
                endpoint: self.owner.endpoint,
                event: event.id,
                event_type: name,
                body: Some(body),
                leased_until: None,
                cause: Cause::default(),
            },
            state,
            attempt: Attempt {
                started_at: event.occurred_at.unmoved(),
                duration_ms: 3,
                status: Some(status),
                outcome: outcome.to_owned(),
                answer: String::new(),
            },
        })
    }

    fn domain_event(&mut self, tx: &mut Tx<'_>, old: &DomainEvent) -> Result<DomainEvent, StoreError> {
        Ok(match old {
            DomainEvent::Customer(event, file) => {
                DomainEvent::Customer(*event, Box::new(self.file(tx, file)?))
            }
            DomainEvent::Offer(event, offer) => DomainEvent::Offer(*event, Box::new(self.offer(tx, offer)?)),
            DomainEvent::Loan(event, loan) => {
                let event = match event {
                    LoanEvent::PaymentReceived(paid) => LoanEvent::PaymentReceived(PaymentReceived {
                        paid_at: self.at(paid.paid_at),
                        ..*paid
                    }),
                    other => other.clone(),
                };
                DomainEvent::Loan(event, Box::new(self.snapshot(tx, loan)?))
            }
            DomainEvent::BiometricsOpened(session, customer) => {
                let customer: CustomerId = self.id(tx, *customer)?;
                DomainEvent::BiometricsOpened(self.id(tx, *session)?, customer)
            }
        })
    }

    fn snapshot(&mut self, tx: &mut Tx<'_>, old: &LoanSnapshot) -> Result<LoanSnapshot, StoreError> {
        let signer = |signer: &SnapshotSigner| {
            let (cpf, name) = self.who(signer.cpf, signer.name.as_ref());
            SnapshotSigner { name, cpf, signed_at: signer.signed_at.map(|at| self.at(at)) }
        };
        let signers = old.signers.iter().map(signer).collect();
        Ok(LoanSnapshot {
            id: self.id(tx, old.id)?,
            partner: self.owner.partner,
            customer: self.id(tx, old.customer)?,
            offer: self.id(tx, old.offer)?,
            state: old.state.moved(|moment| self.at(moment)),
            ccb_number: old.ccb_number.and(self.person.ccb_number),
            signers,
            open_link: self.link(tx, old.open_link.as_ref()),
            figures: old.figures,
        })
    }

    /// Writes the idempotency keys of the registration, the simulation and the loan, if they are still retained.
    pub(super) fn keys(&mut self, tx: &mut Tx<'_>, history: &History) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let simulated = history.simulation.as_ref().map(|simulation| simulation.created_at);
        let lent = history.loan.as_ref().map(|history| history.loan.created_at);
        let moments = [Some(history.file.customer.created_at), simulated, lent];
        for at in moments.into_iter().flatten().map(|at| self.at(at)) {
            if at < self.person.keys_since {
                continue;
            }
            let (key, fingerprint) = (random::text::<24>(tx), random::text::<32>(tx));
            // The answer to a registration is about as long as its event.
            let event = history.events.first().and_then(|event| (self.owner.render)(event, tx.new_id(at)));
            let body = event.map(|rendered| rendered.body.to_vec());
            let body = body.ok_or_else(|| StoreError::Defect("a history without an event".into()))?;
            let holder = Holder::Partner(partner);
            store::idempotency::claim(tx, holder, &key, &fingerprint, at.unmoved(), at.unmoved())?;
            let answer = StoredAnswer { status: 201, location: None, body };
            store::idempotency::store_answer(tx, holder, at.unmoved(), &key, &answer)?;
        }
        Ok(())
    }
}
