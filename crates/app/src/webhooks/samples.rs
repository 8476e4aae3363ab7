//! A sample event of each kind, on invented resources, and its delivery to an endpoint on request.
//!
//! The same state machines and prices make samples and real events, so a sample's body has every field of a real one. A
//! sample is only a delivery: it makes no resource, no event, and no other row.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::bank::Destination;
use domain::closed::Changed;
use domain::customer::{
    Customer, CustomerEvent, CustomerFile, CustomerRecord, CustomerState, LegalNature, Registration,
};
use domain::event::{DomainEvent, Event, EventKind};
use domain::id::{DeliveryId, EndpointId, PartnerId, ResourceId};
use domain::kyc::{
    Attachment, AttachmentSource, Content, EvidenceKind, KycFile, RequirementKind, Slot, Subject, SubjectRole,
};
use domain::loan::iof::IofRegime;
use domain::loan::pricing::{Charges, Product};
use domain::loan::rates::RateBook;
use domain::loan::{CcbNumber, Failure, LinkToken, Loan, LoanEventKind, Opening, Owed, PaymentReceived};
use domain::machine::Illegal;
use domain::money::{Cents, Rate};
use domain::offer::{Offer, OfferEvent, OfferRecord, OfferState, OfferTerms, Term};
use domain::person::{Email, Name, Phone};
use domain::simulation::simulate;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::{RealTime, Timestamp};
use domain::webhook::endpoint::{EndpointState, Generation};
use store::Failed;
use store::deliveries::NewDelivery;
use store::{StoreError, Tx, Wake};

use super::endpoints::{self, DeliveryFile};
use super::fan_out::Rendered;
use crate::lender::Lender;
use crate::refused::NotFound;

/// The reason why a sample was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleRefused {
    /// There is no such endpoint.
    NotFound,
    /// The endpoint is disabled.
    Disabled,
    /// The endpoint's generation does not send such an event.
    UnknownEvent,
}

/// A sample to send, with the functions that find its kind and render it in a generation.
pub struct Sample<'a> {
    /// The endpoint.
    pub to: EndpointId,
    /// The kind of the requested name in a generation; `None` if the generation does not know the name.
    pub kind: &'a dyn Fn(Generation) -> Option<EventKind>,
    /// Renders an event for a generation; `None` if the generation does not send it.
    pub render: &'a dyn Fn(Generation, &Event, DeliveryId) -> Option<Rendered>,
}

/// Sends a sample to an endpoint in its generation, also if its patterns do not match. The sample's time is the
/// partner's `now`; its attempts use the `real` time.
pub fn send(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, real: RealTime, sample: &Sample<'_>, lender: &Lender,
) -> Result<DeliveryFile, Failed<SampleRefused>> {
    let to = sample.to;
    let endpoint = endpoints::find(tx, tenant, to);
    let endpoint = endpoint.map_err(|failed| failed.map_refused(|NotFound| SampleRefused::NotFound))?;
    let kind = (sample.kind)(endpoint.generation).ok_or(Failed::Refused(SampleRefused::UnknownEvent))?;
    if endpoint.state != EndpointState::Active {
        return Err(Failed::Refused(SampleRefused::Disabled));
    }
    let mut random = || tx.random_bytes();
    let mut source = Source { tenant, now, random: &mut random, book: &lender.book.in_force() };
    let unmade = || StoreError::Defect(format!("there is no sample of {}", kind.name()));
    let domain_event = source.domain_event(kind).ok_or_else(unmade)?;
    let id = source.id(now);
    let cause = tx.cause().clone();
    let event = Event { id, partner: tenant, occurred_at: now, domain_event, cause };
    let mut feed = store::outbox::feed(tx, tenant)?.ok_or(StoreError::Conflict)?;
    let made_at = feed.making(real);
    let id = store::deliveries::ordered_id(tx, made_at, 0);
    let rendered = (sample.render)(endpoint.generation, &event, id).ok_or_else(unmade)?;
    let delivery = NewDelivery {
        id,
        endpoint: to,
        event: event.id,
        event_type: rendered.name,
        body: Some(rendered.body),
        leased_until: None,
        cause: event.cause,
    };
    store::deliveries::insert_all(tx, tenant, &[delivery], made_at, real)?;
    store::outbox::end(tx, feed)?;
    tx.wake(Wake::Deliveries);
    let delivery = store::deliveries::find(tx, tenant, to, id)?.ok_or(StoreError::NotFound)?;
    Ok(DeliveryFile { delivery: delivery.into_value(), attempts: Vec::new() })
}

/// The source of samples.
pub struct Source<'a> {
    /// The partner of the sample resources.
    pub tenant: PartnerId,
    /// The time of the sample events.
    pub now: Timestamp,
    /// Random bytes for their ids and links.
    pub random: &'a mut dyn FnMut() -> [u8; 10],
    /// The rate table.
    pub book: &'a RateBook,
}

impl Source<'_> {
    /// A sample of a kind; `None` if partners do not receive the kind, or if no rates are in force.
    pub fn domain_event(&mut self, kind: EventKind) -> Option<DomainEvent> {
        match kind {
            EventKind::Customer(event) => self.of_customer(event),
            EventKind::Offer(event) => self.of_offer(event),
            EventKind::Loan(event) => self.of_loan(event),
            EventKind::BiometricsOpened => None,
        }
    }

    fn id<I: ResourceId>(&mut self, at: Timestamp) -> I {
        I::new(at, (self.random)())
    }

    fn days_ago(&self, days: u64) -> Timestamp {
        self.now.minus(Duration::from_secs(days * 86_400))
    }

    fn of_customer(&mut self, event: CustomerEvent) -> Option<DomainEvent> {
        let (state, created_at) = match event {
            CustomerEvent::Created => (CustomerState::PendingKyc, self.now),
            CustomerEvent::KycUpdated => (CustomerState::PendingKyc, self.days_ago(1)),
            CustomerEvent::UnderReview => (CustomerState::UnderReview, self.days_ago(1)),
            CustomerEvent::Active => (CustomerState::Active, self.days_ago(2)),
            CustomerEvent::Denied => (CustomerState::Denied, self.days_ago(2)),
        };
        let mut file = self.customer(state, created_at)?;
        match event {
            CustomerEvent::Created => {}
            CustomerEvent::KycUpdated
            | CustomerEvent::UnderReview
            | CustomerEvent::Active
            | CustomerEvent::Denied => self.submit_identity(&mut file)?,
        }
        Some(DomainEvent::Customer(event, Box::new(CustomerFile::restored(file))))
    }

    /// A confectionery with two owners.
    fn customer(&mut self, state: CustomerState, created_at: Timestamp) -> Option<CustomerRecord> {
        let registration = Registration {
            cpf: Cpf::of_number(529_982_247)?,
            cnpj: Some(Cnpj::parse("12.345.678/0001-95").ok()?),
            name: Some(Name::parse("Mariana Alves Ferreira").ok()?),
            email: Some(Email::parse("mariana@confeitariaalves.example.com").ok()?),
            phone: Some(Phone::parse("+5581987654321").ok()?),
            trading_name: Some(Name::parse("Confeitaria Alves").ok()?),
        };
        let applicant = Subject {
            id: self.id(created_at),
            name: registration.name.clone(),
            cpf: registration.cpf,
            role: SubjectRole::Applicant,
            email: None,
        };
        let co_owner = Subject {
            id: self.id(created_at),
            name: Some(Name::parse("Paulo Roberto Alves").ok()?),
            cpf: Cpf::of_number(111_444_777)?,
            role: SubjectRole::CoOwner,
            email: None,
        };
        let subjects = vec![applicant, co_owner];
        let kyc = KycFile::opened(LegalNature::Ltda, &subjects, &registration);
        let customer = Customer {
            id: self.id(created_at),
            partner: self.tenant,
            state,
            registration,
            external_id: Some("loja-4821".to_owned()),
            legal_nature: LegalNature::Ltda,
            subjects,
            created_at,
            updated_at: self.now,
        };
        Some(CustomerRecord { customer, kyc })
    }

    /// Submits the applicant's driving licence.
    fn submit_identity(&mut self, file: &mut CustomerRecord) -> Option<()> {
        let mut requirements = file.kyc.requirements.iter_mut();
        let identity = requirements.find(|requirement| requirement.key.kind == RequirementKind::Identity)?;
        let attachment = Attachment {
            slot: Slot::File,
            source: AttachmentSource::Upload,
            content: Content::File(self.id(self.now)),
            uploaded_at: self.now,
            rejected: false,
        };
        identity.attach(EvidenceKind::Cnh, attachment).ok()
    }

    fn of_offer(&mut self, event: OfferEvent) -> Option<DomainEvent> {
        let month = Duration::from_secs(30 * 86_400);
        let (state, created_at) = match event {
            OfferEvent::Available => (OfferState::Available, self.now),
            OfferEvent::Expired => (OfferState::Expired, self.now.minus(month)),
        };
        let customer = self.customer(CustomerState::Active, created_at)?.customer;
        let offer = self.offer(&customer, state, created_at, created_at.plus(month));
        Some(DomainEvent::Offer(event, Box::new(offer)))
    }

    fn offer(
        &mut self, customer: &Customer, state: OfferState, created_at: Timestamp, valid_until: Timestamp,
    ) -> Offer {
        let regime = IofRegime::of(customer.registration.cnpj, customer.legal_nature);
        let terms = OfferTerms {
            approved_amount: Cents::new(5_000_000),
            min_amount: Cents::new(100_000),
            interest_rate: Rate::from_scaled(3_500_000),
            term: Term::Range { min: 3, max: 24 },
            product: Product { fee: Product::DEFAULT_FEE, regime, charges: Charges::Financed },
        };
        Offer::restored(OfferRecord {
            id: self.id(created_at),
            partner: self.tenant,
            customer: customer.id,
            external_id: customer.external_id.clone(),
            state,
            terms,
            valid_until,
            created_at,
            updated_at: created_at,
        })
    }

    /// The first event of a kind in the life of a sample loan.
    fn of_loan(&mut self, kind: LoanEventKind) -> Option<DomainEvent> {
        let (_, events) = self.life_of_loan(kind)?.into_parts();
        events.into_iter().find(|event| event.kind() == EventKind::Loan(kind))
    }

    /// A sample loan that is paid back in part; `None` if no rates are in force.
    pub fn loan(&mut self) -> Option<Loan> {
        self.life_of_loan(LoanEventKind::Active).map(|changed| changed.into_parts().0)
    }

    fn life_of_loan(&mut self, kind: LoanEventKind) -> Option<Changed<Loan>> {
        let requested_at = self.now.minus(Duration::from_secs(3_600));
        let file = self.customer(CustomerState::Active, self.days_ago(2))?;
        let customer = &file.customer;
        let valid_until = self.now.plus(Duration::from_secs(30 * 86_400));
        let offer = self.offer(customer, OfferState::Available, self.days_ago(1), valid_until);
        let simulation =
            simulate(&offer, self.id(requested_at), requested_at, Cents::new(1_000_000), 12, self.book)
                .ok()?;
        let sign_by = requested_at.plus(Duration::from_secs(7 * 86_400));
        let opening = Opening::of(self.id(requested_at), customer, &simulation, sign_by);
        let destination = Destination::of(None, customer.registration.cnpj, customer.registration.cpf);
        self.lifecycle(kind, &opening, requested_at, &destination).ok()
    }

    /// A loan's life up to an event.
    fn lifecycle(
        &mut self, kind: LoanEventKind, opening: &Opening<'_>, requested_at: Timestamp,
        destination: &Destination,
    ) -> Result<Changed<Loan>, Illegal> {
        let now = self.now;
        let [high, low, ..] = (self.random)();
        let number = u32::from(u16::from_be_bytes([high, low])) + 1;
        let number = CcbNumber { year: now.business_date().year(), number };
        let issued = Loan::open(opening, requested_at)
            .then(|loan| loan.issue(number, || LinkToken::new(self.link()), now))?;
        if kind == LoanEventKind::Cancelled {
            return issued.then(|loan| loan.cancel(now));
        }
        let signed = opening.signers.iter().try_fold(issued, |loan, signer| {
            loan.then(|loan| loan.sign(signer.id, destination.clone(), now))
        })?;
        let ordered = signed.then(|loan| loan.start_disbursement(destination.clone(), now))?;
        if kind == LoanEventKind::Error {
            let failure = Failure {
                code: "disbursement_failed".to_owned(),
                message: "O Pix foi devolvido pelo banco do cliente.".to_owned(),
            };
            return ordered.then(|loan| loan.fail(failure, destination.clone(), now));
        }
        let active = ordered.then(|loan| loan.confirm_disbursement(now))?;
        let owed = if kind == LoanEventKind::Finished { Owed::Nothing } else { Owed::Something };
        let amount = opening.simulation.quote.installment;
        let payment = PaymentReceived { amount, paid_at: now, installment_number: 1 };
        active.then(|loan| loan.receive(payment, owed, now))
    }

    /// A link secret of the real length that opens nothing.
    fn link(&mut self) -> String {
        let bytes: Vec<u8> = (0..4).flat_map(|_| (self.random)()).take(32).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }
}
