//! Copies the history of a template to one more customer, with other ids, names, numbers, tokens and times.

mod feed;
mod lending;

use std::collections::HashMap;
use std::time::Duration;

use domain::bank::{AccountDetails, BankAccount, BankAccountRecord};
use domain::credit::Decision;
use domain::customer::CustomerFile;
use domain::event::Event;
use domain::id::{DeliveryId, EndpointId, PartnerId, ResourceId};
use domain::kyc::{Content, Requirement, RequirementState, Subject};
use domain::loan::{CcbNumber, LinkToken};
use domain::offer::{Offer, OfferRecord, OfferState};
use domain::person::{Email, Name, Phone};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::{RealTime, Timestamp};
use store::contracts::Copy;
use store::kyc::StoredDocument;
use store::search::Code;
use store::{StoreError, Tx};

use super::history::History;
use crate::random;
use crate::webhooks::fan_out::Rendered;

/// The partner of a customer, with its endpoint.
pub struct Owner<'a> {
    /// The partner.
    pub partner: PartnerId,
    /// The partner's endpoint, which has received every event.
    pub endpoint: EndpointId,
    /// Renders an event for the endpoint.
    pub render: &'a (dyn Fn(&Event, DeliveryId) -> Option<Rendered> + Sync),
    /// The files that its customers share.
    pub files: &'a Files,
}

/// Files that all filled customers of a partner share. A file for each of millions of rows would fill any disk.
#[derive(Debug, Clone, Default)]
pub struct Files {
    /// The file that was submitted for every requirement.
    pub attachment: String,
    /// A contract as it was issued.
    pub issued: SharedPdf,
    /// The signed contract.
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
    /// The customer's number, unique in its database.
    pub number: u32,
    /// The customer's CPF.
    pub cpf: Cpf,
    /// The company's CNPJ.
    pub cnpj: Cnpj,
    /// The customer's name.
    pub name: Name,
    /// Time by which everything happened earlier than in the template.
    pub earlier: Duration,
    /// The number of the contract.
    pub ccb_number: Option<CcbNumber>,
    /// Events, deliveries and e-mails are kept from this time on.
    pub kept_since: RealTime,
    /// Idempotency keys are kept from this time on.
    pub keys_since: Timestamp,
    /// Jobs are planned from this time on.
    pub planned_from: Timestamp,
}

/// Writes one more customer with the history of a template. Returns its codes for the index of searches.
pub fn copy(
    tx: &mut Tx<'_>, history: &History, owner: &Owner<'_>, person: &Person,
) -> Result<Vec<Code>, StoreError> {
    let applicant = &history.file.customer.registration;
    let mut copier = Copier {
        owner,
        person,
        old_cpf: applicant.cpf,
        email: email(applicant.email.as_ref(), person.number)?,
        company: Name::kept(&format!("Loja {}", person.name)),
        ids: HashMap::new(),
        links: HashMap::new(),
    };
    let codes = copier.customer(tx, history)?;
    if let (Some(simulation), Some(loan)) = (&history.simulation, &history.loan) {
        copier.loan(tx, simulation, loan)?;
    }
    copier.events_and_mails(tx, history)?;
    copier.keys(tx, history)?;
    Ok(codes)
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
    /// The new ids by the template's ids.
    ids: HashMap<String, String>,
    links: HashMap<String, String>,
}

impl Copier<'_> {
    fn at(&self, moment: Timestamp) -> Timestamp {
        moment.minus(self.person.earlier)
    }

    /// The new id for an id of the template, made on first use.
    fn id<I: ResourceId>(&mut self, tx: &mut Tx<'_>, old: I) -> Result<I, StoreError> {
        let known = self.ids.entry(old.to_string());
        let earlier = self.person.earlier;
        let new = known.or_insert_with(|| tx.new_id::<I>(old.moment().minus(earlier)).to_string());
        new.parse().map_err(|fault: domain::id::InvalidId| StoreError::Defect(fault.to_string()))
    }

    /// A CPF with its name. The applicant's are new; a co-owner's remain.
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

    fn customer(&mut self, tx: &mut Tx<'_>, history: &History) -> Result<Vec<Code>, StoreError> {
        let file = self.file(tx, &history.file)?;
        store::customers::insert_without_events(tx, &file)?;
        let mut codes = store::search::codes_of(tx, &file.customer);
        for document in &history.documents {
            let document = self.document(tx, document)?;
            store::kyc::insert_document_of_no_intent(tx, &document)?;
        }
        if let Some(account) = &history.account {
            let account = BankAccount::restored(BankAccountRecord {
                id: self.id(tx, account.id)?,
                partner: self.owner.partner,
                customer: file.customer.id,
                created_at: self.at(account.created_at),
                updated_at: self.at(account.updated_at),
                details: self.account(&account.details),
            });
            codes.push(store::search::code_of_account(tx, file.customer.id, &account.details));
            store::bank_accounts::insert_without_events(tx, &account)?;
        }
        for (decision, offer) in &history.decisions {
            let decision = Decision {
                id: self.id(tx, decision.id)?,
                customer: file.customer.id,
                decided_at: self.at(decision.decided_at),
                ..decision.clone()
            };
            store::credit::insert_decision(tx, self.owner.partner, &decision)?;
            if let Some(offer) = offer {
                let offer = self.offer(tx, offer)?;
                store::offers::insert_without_events(tx, &offer, decision.id)?;
            }
        }
        Ok(codes)
    }

    /// The customer's own account: the template's with another number.
    fn account(&self, old: &AccountDetails) -> AccountDetails {
        AccountDetails { number: (1_000_000 + self.person.number).to_string(), ..old.clone() }
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
        registration.phone = Phone::parse(&format!("+55119{:08}", self.person.number)).ok();
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
            blob_key: self.owner.files.attachment.clone(),
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
}
