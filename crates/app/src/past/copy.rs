//! One more customer with the life of a template: other ids, names, numbers, tokens and moments.

use std::collections::HashMap;
use std::time::Duration;

use domain::bank::{BankAccount, BankAccountRecord, Destination};
use domain::credit::Decision;
use domain::customer::CustomerFile;
use domain::event::{DomainEvent, Event};
use domain::id::{CustomerId, DeliveryId, EndpointId, LoanId, PartnerId, PaymentId, ResourceId};
use domain::kyc::{Content, Requirement, RequirementState, Subject};
use domain::loan::contract::{Contract, Party};
use domain::loan::debt::Payment;
use domain::loan::signing::Evidence;
use domain::loan::{
    CcbNumber, Installment, LinkToken, Loan, LoanEvent, LoanRecord, LoanSnapshot, LoanState, PaymentReceived,
    Signer, SnapshotSigner,
};
use domain::offer::{Offer, OfferRecord, OfferState};
use domain::person::{Email, Name};
use domain::simulation::Simulation;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::{RealTime, Timestamp};
use domain::webhook::delivery::{Attempt, DeliveryState};
use store::contracts::{Copy, PastDocument};
use store::deliveries::{NewDelivery, PastDelivery};
use store::idempotency::{Holder, StoredAnswer};
use store::jobs::NewJob;
use store::kyc::StoredDocument;
use store::ledger::JournalEntry;
use store::mails::{Mail, MailMode};
use store::payments::RecordedPayment;
use store::{StoreError, Tx};

use super::life::{Life, LoanLife};
use crate::random;
use crate::webhooks::fan_out::Rendered;

/// The partner of a customer, with its endpoint.
pub struct Owner<'a> {
    /// The partner.
    pub partner: PartnerId,
    /// Its endpoint, which has heard everything.
    pub endpoint: EndpointId,
    /// Renders an event for the endpoint.
    pub render: &'a (dyn Fn(&Event, DeliveryId) -> Option<Rendered> + Sync),
    /// The files that its customers share.
    pub files: &'a Files,
}

/// Files of a partner that its filled customers share: a file for each of millions of rows would fill any disk.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The file that was handed in for every requirement.
    pub handed_in: String,
    /// A contract as it was issued.
    pub issued: SharedPdf,
    /// The same, signed.
    pub signed: SharedPdf,
}

/// A document of a contract that many loans share.
#[derive(Debug, Clone, Default)]
pub struct SharedPdf {
    /// The name of its file.
    pub blob_key: String,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// Its size.
    pub size: usize,
}

impl Files {
    fn of(&self, copy: Copy) -> &SharedPdf {
        match copy {
            Copy::Issued => &self.issued,
            Copy::Signed => &self.signed,
        }
    }
}

/// The values of a customer that differ from those of its template.
#[derive(Debug, Clone)]
pub struct Person {
    /// The number of the customer in its database.
    pub number: u32,
    /// The customer's CPF.
    pub cpf: Cpf,
    /// The company's CNPJ.
    pub cnpj: Cnpj,
    /// The customer's name.
    pub name: Name,
    /// How much earlier everything happened than in the template.
    pub earlier: Duration,
    /// The number of the contract.
    pub ccb_number: Option<CcbNumber>,
    /// Since when events, deliveries and letters are kept.
    pub kept_since: RealTime,
    /// Since when keys are kept.
    pub keys_since: Timestamp,
    /// From when on work is planned.
    pub planned_from: Timestamp,
}

/// Writes one more customer with the life of a template.
pub fn copy(tx: &mut Tx<'_>, life: &Life, owner: &Owner<'_>, person: &Person) -> Result<(), StoreError> {
    let applicant = &life.file.customer.registration;
    let mut copier = Copier {
        owner,
        person,
        old_cpf: applicant.cpf,
        email: email(applicant.email.as_ref(), person.number)?,
        company: Name::kept(&format!("Loja {}", person.name)),
        ids: HashMap::new(),
        links: HashMap::new(),
    };
    copier.customer(tx, life)?;
    if let (Some(simulation), Some(loan)) = (&life.simulation, &life.loan) {
        copier.loan(tx, simulation, loan)?;
    }
    copier.told(tx, life)?;
    copier.keys(tx, life)
}

/// The address of a customer; its tags are those of the template.
fn email(template: Option<&Email>, number: u32) -> Result<Email, StoreError> {
    let tags = template.and_then(|email| email.as_str().split_once('+')).map(|(_, tags)| tags);
    let tags = tags.ok_or_else(|| StoreError::Defect("a template without tags".into()))?;
    Email::parse(&format!("c{number}+{tags}")).map_err(|fault| StoreError::Defect(fault.to_string()))
}

struct Copier<'a> {
    owner: &'a Owner<'a>,
    person: &'a Person,
    old_cpf: Cpf,
    email: Email,
    company: Name,
    /// The new id of each of the template's.
    ids: HashMap<String, String>,
    links: HashMap<String, String>,
}

impl Copier<'_> {
    fn at(&self, moment: Timestamp) -> Timestamp {
        moment.minus(self.person.earlier)
    }

    /// The new id of one of the template's, made on first use.
    fn id<I: ResourceId>(&mut self, tx: &mut Tx<'_>, old: I) -> Result<I, StoreError> {
        let known = self.ids.entry(old.to_string());
        let earlier = self.person.earlier;
        let new = known.or_insert_with(|| tx.new_id::<I>(old.moment().minus(earlier)).to_string());
        new.parse().map_err(|fault: domain::id::InvalidId| StoreError::Defect(fault.to_string()))
    }

    /// A CPF and the name to it: the applicant's are new, a co-owner's stay.
    fn who(&self, cpf: Cpf, name: Option<&Name>) -> (Cpf, Option<Name>) {
        if cpf == self.old_cpf {
            (self.person.cpf, Some(self.person.name.clone()))
        } else {
            (cpf, name.cloned())
        }
    }

    fn link(&mut self, tx: &mut Tx<'_>, old: Option<&LinkToken>) -> Option<LinkToken> {
        old.map(|old| {
            let new = self.links.entry(old.expose().to_owned()).or_insert_with(|| random::text::<32>(tx));
            LinkToken::new(new.clone())
        })
    }

    fn customer(&mut self, tx: &mut Tx<'_>, life: &Life) -> Result<(), StoreError> {
        let file = self.file(tx, &life.file)?;
        store::customers::insert_past(tx, &file)?;
        for document in &life.documents {
            let document = self.document(tx, document)?;
            store::kyc::insert_document_of_no_intent(tx, &document)?;
        }
        if let Some(account) = &life.account {
            let account = BankAccount::restored(BankAccountRecord {
                id: self.id(tx, account.id)?,
                partner: self.owner.partner,
                customer: file.customer.id,
                created_at: self.at(account.created_at),
                updated_at: self.at(account.updated_at),
                ..account.record().clone()
            });
            store::bank_accounts::insert_past(tx, &account)?;
        }
        for (decision, offer) in &life.decisions {
            let decision = Decision {
                id: self.id(tx, decision.id)?,
                customer: file.customer.id,
                decided_at: self.at(decision.decided_at),
                ..decision.clone()
            };
            store::credit::insert_decision(tx, self.owner.partner, &decision)?;
            if let Some(offer) = offer {
                let offer = self.offer(tx, offer)?;
                store::offers::insert_past(tx, &offer, decision.id)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, tx: &mut Tx<'_>, old: &CustomerFile) -> Result<CustomerFile, StoreError> {
        let mut file = old.record().clone();
        let customer = &mut file.customer;
        customer.id = self.id(tx, customer.id)?;
        customer.partner = self.owner.partner;
        customer.external_id = Some(format!("loja-{}", self.person.number));
        customer.created_at = self.at(customer.created_at);
        customer.updated_at = self.at(customer.updated_at);
        let registration = &mut customer.registration;
        registration.cpf = self.person.cpf;
        registration.cnpj = Some(self.person.cnpj);
        registration.name = Some(self.person.name.clone());
        registration.email = Some(self.email.clone());
        registration.trading_name = Some(self.company.clone());
        for subject in &mut customer.subjects {
            let (cpf, name) = self.who(subject.cpf, subject.name.as_ref());
            *subject = Subject { id: self.id(tx, subject.id)?, cpf, name, ..subject.clone() };
        }
        for requirement in &mut file.kyc.requirements {
            self.requirement(tx, requirement)?;
        }
        Ok(CustomerFile::restored(file))
    }

    fn requirement(&mut self, tx: &mut Tx<'_>, requirement: &mut Requirement) -> Result<(), StoreError> {
        if let Some(subject) = &mut requirement.key.subject {
            *subject = self.id(tx, *subject)?;
        }
        match &mut requirement.state {
            RequirementState::Missing => {}
            RequirementState::Submitted { at }
            | RequirementState::Accepted { at }
            | RequirementState::Rejected { at, .. } => *at = self.at(*at),
        }
        for attachment in requirement.evidence.iter_mut().flat_map(|evidence| &mut evidence.attachments) {
            attachment.uploaded_at = self.at(attachment.uploaded_at);
            if let Content::File(document) = &mut attachment.content {
                *document = self.id(tx, *document)?;
            }
        }
        Ok(())
    }

    fn document(&mut self, tx: &mut Tx<'_>, old: &StoredDocument) -> Result<StoredDocument, StoreError> {
        Ok(StoredDocument {
            id: self.id(tx, old.id)?,
            partner: self.owner.partner,
            customer: self.id(tx, old.customer)?,
            blob_key: self.owner.files.handed_in.clone(),
            created_at: self.at(old.created_at),
            ..old.clone()
        })
    }

    fn offer(&mut self, tx: &mut Tx<'_>, old: &Offer) -> Result<Offer, StoreError> {
        Ok(Offer::restored(OfferRecord {
            id: self.id(tx, old.id)?,
            partner: self.owner.partner,
            customer: self.id(tx, old.customer)?,
            external_id: Some(format!("loja-{}", self.person.number)),
            state: match old.state {
                OfferState::Accepted { loan } => OfferState::Accepted { loan: self.id(tx, loan)? },
                state @ (OfferState::Available | OfferState::Expired) => state,
            },
            valid_until: self.at(old.valid_until),
            created_at: self.at(old.created_at),
            updated_at: self.at(old.updated_at),
            ..old.record().clone()
        }))
    }

    fn loan(&mut self, tx: &mut Tx<'_>, simulation: &Simulation, old: &LoanLife) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let simulation = Simulation {
            id: self.id(tx, simulation.id)?,
            partner,
            offer: self.id(tx, simulation.offer)?,
            valid_until: self.at(simulation.valid_until),
            created_at: self.at(simulation.created_at),
            quote: simulation.quote.clone(),
        };
        match &old.loan.state {
            LoanState::Cancelled => store::simulations::insert(tx, &simulation)?,
            _taken => store::simulations::insert_taken(tx, &simulation)?,
        }
        let loan = self.loan_itself(tx, &old.loan)?;
        store::loans::insert_past(tx, &loan)?;
        let contract = self.contract(&old.contract)?;
        for pdf in &old.pdfs {
            let SharedPdf { blob_key, sha256, size } = self.owner.files.of(pdf.copy).clone();
            let past =
                PastDocument { copy: pdf.copy, sha256, size, blob_key, created_at: self.at(pdf.created_at) };
            store::contracts::insert_past(tx, &loan, &contract, &past)?;
        }
        store::signing::invite(tx, &loan)?;
        for evidence in &old.evidence {
            let (cpf, name) = self.who(evidence.cpf, evidence.name.as_ref());
            let (subject, signed_at) = (self.id(tx, evidence.subject)?, self.at(evidence.signed_at));
            let document_sha256 = self.owner.files.issued.sha256.clone();
            let evidence = Evidence { subject, cpf, name, signed_at, document_sha256, ..evidence.clone() };
            store::signing::insert_evidence(tx, &loan, &evidence)?;
        }
        self.money(tx, old, loan.id)
    }

    fn loan_itself(&mut self, tx: &mut Tx<'_>, old: &Loan) -> Result<Loan, StoreError> {
        let mut signers = Vec::with_capacity(old.signers.len());
        for signer in &old.signers {
            let (cpf, name) = self.who(signer.cpf, signer.name.as_ref());
            signers.push(Signer {
                subject: self.id(tx, signer.subject)?,
                cpf,
                name,
                email: Some(self.email.clone()),
                link: self.link(tx, signer.link.as_ref()),
                signed_at: signer.signed_at.map(|at| self.at(at)),
                role: signer.role,
            });
        }
        Ok(Loan::restored(LoanRecord {
            id: self.id(tx, old.id)?,
            partner: self.owner.partner,
            customer: self.id(tx, old.customer)?,
            offer: self.id(tx, old.offer)?,
            simulation: self.id(tx, old.simulation)?,
            state: self.state(&old.state),
            ccb_number: self.person.ccb_number,
            destination: old.destination.as_ref().map(|destination| match destination {
                Destination::CompanyKey(_) => Destination::CompanyKey(self.person.cnpj),
                Destination::PersonKey(_) => Destination::PersonKey(self.person.cpf),
                Destination::Account(account) => Destination::Account(account.clone()),
            }),
            signers,
            sign_by: self.at(old.sign_by),
            created_at: self.at(old.created_at),
            updated_at: self.at(old.updated_at),
            ..old.record().clone()
        }))
    }

    fn state(&self, old: &LoanState) -> LoanState {
        match old {
            LoanState::Active { since } => LoanState::Active { since: self.at(*since) },
            LoanState::Finished { since } => LoanState::Finished { since: self.at(*since) },
            LoanState::Processing
            | LoanState::ContractGenerated
            | LoanState::AwaitingSignatures(_)
            | LoanState::Signed
            | LoanState::Disbursing
            | LoanState::Cancelled
            | LoanState::Error(_) => old.clone(),
        }
    }

    fn contract(&self, old: &Contract) -> Result<Contract, StoreError> {
        let party = |party: &Party| {
            let (cpf, name) = self.who(party.cpf, party.name.as_ref());
            Party { name, cpf, role: party.role }
        };
        let number = self.person.ccb_number;
        Ok(Contract {
            number: number.ok_or_else(|| StoreError::Defect("a contract without a number".into()))?,
            company: Some(self.company.clone()),
            cnpj: Some(self.person.cnpj),
            signers: old.signers.iter().map(party).collect(),
            ..old.clone()
        })
    }

    /// Installments, payments and journal.
    fn money(&mut self, tx: &mut Tx<'_>, old: &LoanLife, loan: LoanId) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let mut installments = Vec::with_capacity(old.installments.len());
        for installment in &old.installments {
            let mut position = installment.position.clone();
            position.settled_at = position.settled_at.map(|at| self.at(at));
            installments.push(Installment {
                id: self.id(tx, installment.id)?,
                partner,
                loan,
                position,
                created_at: self.at(installment.created_at),
                updated_at: self.at(installment.updated_at),
                monthly_rate: installment.monthly_rate,
            });
        }
        store::installments::insert_all(tx, &installments)?;
        for payment in &old.payments {
            let id = self.id(tx, payment.payment.id)?;
            let recorded = RecordedPayment {
                payment: Payment { id, paid_at: self.at(payment.payment.paid_at), ..payment.payment },
                partner,
                loan,
                reference: format!("filled-{id}"),
                recorded_at: self.at(payment.recorded_at),
                reversed_at: payment.reversed_at.map(|at| self.at(at)),
                recorded_by: payment.recorded_by,
            };
            store::payments::insert(tx, &recorded)?;
        }
        for entry in &old.entries {
            let subject = match entry.subject.parse::<PaymentId>() {
                Ok(payment) => self.id(tx, payment)?.to_string(),
                Err(_the_loan) => loan.to_string(),
            };
            let entry = JournalEntry {
                id: self.id(tx, entry.id)?,
                partner,
                loan,
                subject,
                entered_at: self.at(entry.entered_at),
                ..entry.clone()
            };
            store::ledger::append(tx, &entry)?;
        }
        Ok(())
    }

    /// Events with their deliveries, letters, and what is planned.
    fn told(&mut self, tx: &mut Tx<'_>, life: &Life) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let kept = |at: Timestamp| at.unmoved() >= self.person.kept_since.plus(self.person.earlier);
        let events: Vec<&Event> = life.events.iter().filter(|event| kept(event.occurred_at)).collect();
        let mails: Vec<&Mail> = life.mails.iter().filter(|mail| kept(mail.created_at)).collect();
        for together in events.chunk_by(|one, next| one.occurred_at == next.occurred_at) {
            let at = self.at(together[0].occurred_at);
            let mut domain_events = Vec::with_capacity(together.len());
            for event in together {
                domain_events.push(self.domain_event(tx, &event.domain_event)?);
            }
            let ids = store::outbox::append_past(tx, partner, at, domain_events.clone())?;
            let mut deliveries = Vec::with_capacity(ids.len());
            for (place, (id, domain_event)) in ids.into_iter().zip(domain_events).enumerate() {
                let event = Event { id, partner, occurred_at: at, domain_event };
                deliveries.extend(self.delivery(tx, &event, place));
            }
            store::deliveries::insert_past(tx, partner, &deliveries)?;
        }
        for mail in mails {
            let mail = Mail {
                id: self.id(tx, mail.id)?,
                partner,
                to: self.email.clone(),
                created_at: self.at(mail.created_at),
                ..mail.clone()
            };
            store::mails::insert(tx, &mail, MailMode::Keep)?;
        }
        self.planned(tx, life)
    }

    fn planned(&mut self, tx: &mut Tx<'_>, life: &Life) -> Result<(), StoreError> {
        let mut jobs = Vec::new();
        for job in life.jobs.iter().filter(|job| job.due_at >= self.person.planned_from) {
            // The other jobs of a life are done by the present.
            if let ("pay_installment", Ok(loan)) = (&*job.kind, job.subject.parse::<LoanId>()) {
                let subject = self.id(tx, loan)?.to_string();
                let (partner, planned_at) = (self.owner.partner, self.at(job.id.moment()));
                jobs.push(NewJob {
                    partner,
                    planned_at,
                    kind: "pay_installment",
                    subject,
                    due_at: self.at(job.due_at),
                });
            }
        }
        store::jobs::insert_all(tx, &jobs)
    }

    fn delivery(&self, tx: &mut Tx<'_>, event: &Event, place: usize) -> Option<PastDelivery> {
        let id = store::deliveries::ordered_id(tx, event.occurred_at.unmoved(), place);
        let Rendered { name, body, .. } = (self.owner.render)(event, id)?;
        // One in fifty was answered with an error until it was given up.
        let (state, status, outcome) = match self.person.number / 2 % 50 {
            7 => (DeliveryState::Failed { made: 10 }, 500, "status_500"),
            _ => (DeliveryState::Delivered { made: 1 }, 204, "delivered"),
        };
        Some(PastDelivery {
            delivery: NewDelivery {
                id,
                endpoint: self.owner.endpoint,
                event: event.id,
                event_type: name,
                body: Some(body),
                leased_until: None,
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
            state: self.state(&old.state),
            ccb_number: old.ccb_number.and(self.person.ccb_number),
            signers,
            open_link: self.link(tx, old.open_link.as_ref()),
            figures: old.figures,
        })
    }

    /// The keys of the registration, the simulation and the loan, if they are still kept.
    fn keys(&mut self, tx: &mut Tx<'_>, life: &Life) -> Result<(), StoreError> {
        let partner = self.owner.partner;
        let simulated = life.simulation.as_ref().map(|simulation| simulation.created_at);
        let lent = life.loan.as_ref().map(|life| life.loan.created_at);
        let moments = [Some(life.file.customer.created_at), simulated, lent];
        for at in moments.into_iter().flatten().map(|at| self.at(at)) {
            if at < self.person.keys_since {
                continue;
            }
            let (key, fingerprint) = (random::text::<24>(tx), random::text::<32>(tx));
            // The answer to a registration is about as long as its event.
            let event = life.events.first().and_then(|event| (self.owner.render)(event, tx.new_id(at)));
            let body = event.map(|rendered| rendered.body.to_vec());
            let body = body.ok_or_else(|| StoreError::Defect("a life without an event".into()))?;
            let holder = Holder::Partner(partner);
            store::idempotency::claim(tx, holder, &key, &fingerprint, at.unmoved(), at.unmoved())?;
            let answer = StoredAnswer { status: 201, location: None, body };
            store::idempotency::store_answer(tx, holder, at.unmoved(), &key, &answer)?;
        }
        Ok(())
    }
}
