//! Registering, correcting and listing customers.

use domain::change::Change;
use domain::customer::{Customer, CustomerEvent, CustomerFile, CustomerInput, CustomerState, Registration};
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{KycFile, RegistrationField, ReviewStart, Subject, SubjectRole};
use domain::page::Page;
use domain::person::{Email, Name, Phone};
use domain::tax_id::Cnpj;
use domain::time::Timestamp;
use store::Failed;
use store::customers::{CustomerFilter, NewCustomer};
use store::outbox::NewEvents;
use store::{Cursor, Sealer, StoreError, Tx};

use super::change::CustomerChange;
use super::registry::{CompanyFacts, CompanyRegistry};
use crate::refused::{ListRefused, NotFound, page_or_refused};

/// A registration.
#[derive(Debug, Clone)]
pub struct RegisterCustomer {
    /// What the partner says of the customer.
    pub registration: Registration,
    /// The partner's own identifier.
    pub external_id: Option<String>,
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The customer is new.
    New(CustomerFile),
    /// The same registration had been made before.
    Existing(CustomerFile),
}

/// The CPF is registered with another CNPJ or external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyExists;

/// A registration with everything made that needs no row: what is left is to write it.
#[derive(Clone)]
pub struct DraftCustomer {
    new: NewCustomer,
    events: NewEvents,
}

impl DraftCustomer {
    /// The customer, if the registration makes one.
    pub fn file(&self) -> &CustomerFile {
        &self.new.file
    }
}

/// Makes and seals the customer of a registration, outside any transaction.
pub fn draft(
    sealer: &mut impl Sealer,
    tenant: PartnerId,
    now: Timestamp,
    registry: CompanyRegistry,
    command: &RegisterCustomer,
) -> Result<DraftCustomer, StoreError> {
    let facts = registry.look_up(&command.registration);
    let mut file = opened(sealer, tenant, now, command, &facts);
    let mut change = CustomerChange::of(&mut file);
    // With a local registry the moment of creation is over before anyone can see it.
    change
        .step(CustomerInput::RegistryAnswered)
        .map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?;
    let events = NewEvents::of(sealer, tenant, now, change.told)?;
    Ok(DraftCustomer { new: NewCustomer::of(sealer, file)?, events })
}

/// Registers a customer, or finds the one that the same registration made.
pub fn register(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    registry: CompanyRegistry,
    command: &RegisterCustomer,
) -> Result<Registered, Failed<AlreadyExists>> {
    let draft = draft(tx, tenant, now, registry, command)?;
    Ok(match register_draft(tx, &draft)? {
        Some(existing) => Registered::Existing(existing),
        None => Registered::New(draft.new.file),
    })
}

/// Writes what was made before the transaction, or finds the customer that the same registration made.
pub fn register_draft(
    tx: &mut Tx<'_>,
    draft: &DraftCustomer,
) -> Result<Option<CustomerFile>, Failed<AlreadyExists>> {
    let DraftCustomer { new, events } = draft;
    if let Some(existing) = store::customers::find_same_cpf(tx, new)? {
        let (ours, theirs) = (&new.file.customer, &existing.customer);
        let same =
            theirs.registration.cnpj == ours.registration.cnpj && theirs.external_id == ours.external_id;
        return if same { Ok(Some(existing)) } else { Err(Failed::Refused(AlreadyExists)) };
    }
    // Another registration of the same CPF may commit first: this one then runs again and finds it.
    store::customers::insert_new(tx, new)?;
    store::outbox::append_new(tx, events)?;
    Ok(None)
}

fn opened(
    sealer: &mut impl Sealer,
    tenant: PartnerId,
    now: Timestamp,
    command: &RegisterCustomer,
    facts: &CompanyFacts,
) -> CustomerFile {
    let mut registration = command.registration.clone();
    // What the partner says comes before what the registry knows.
    registration.name = registration.name.or_else(|| facts.responsible.clone());
    registration.trading_name = registration.trading_name.or_else(|| facts.trading_name.clone());
    let applicant = Subject {
        id: sealer.id(now),
        name: registration.name.clone(),
        cpf: registration.cpf,
        role: SubjectRole::Applicant,
        email: None,
    };
    let mut subjects = vec![applicant];
    for owner in &facts.co_owners {
        let (id, name) = (sealer.id(now), owner.name.clone());
        subjects.push(Subject { id, name, cpf: owner.cpf, role: SubjectRole::CoOwner, email: None });
    }
    let kyc = KycFile::opened(facts.legal_nature, &subjects, &registration);
    let customer = Customer {
        id: sealer.id(now),
        partner: tenant,
        version: 1,
        state: CustomerState::Creating,
        registration,
        external_id: command.external_id.clone(),
        legal_nature: facts.legal_nature,
        subjects,
        created_at: now,
        updated_at: now,
    };
    CustomerFile { customer, kyc }
}

/// The partner's customer.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId) -> Result<CustomerFile, Failed<NotFound>> {
    store::customers::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}

/// A page of a partner's customers, or of all partners'.
pub fn list(
    tx: &mut Tx<'_>,
    tenant: Option<PartnerId>,
    filter: &CustomerFilter,
    cursor: &Cursor<CustomerId>,
) -> Result<Page<CustomerFile>, Failed<ListRefused>> {
    page_or_refused(store::customers::list(tx, tenant, filter, cursor)?)
}

/// What is to be corrected; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateCustomer {
    /// A new e-mail address.
    pub email: Option<Email>,
    /// A new telephone.
    pub phone: Option<Phone>,
    /// A new name.
    pub name: Option<Name>,
    /// A new CNPJ, or none any more.
    pub cnpj: Change<Cnpj>,
    /// A new trading name, or none any more.
    pub trading_name: Change<Name>,
    /// What begins the review where this was the last thing missing.
    pub review_start: Option<ReviewStart>,
}

/// Why a customer could not be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRefused {
    /// It is not there.
    NotFound,
    /// The field can be changed only while KYC is pending.
    InvalidState(RegistrationField),
}

/// Corrects a customer's registration; a correction that KYC asked for is handed in with it.
pub fn update(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: CustomerId,
    command: &UpdateCustomer,
) -> Result<CustomerFile, Failed<UpdateRefused>> {
    let mut file = store::customers::find(tx, tenant, id)?.ok_or(Failed::Refused(UpdateRefused::NotFound))?;
    if file.customer.state != CustomerState::PendingKyc
        && let Some(field) = command.bound_to_kyc()
    {
        return Err(Failed::Refused(UpdateRefused::InvalidState(field)));
    }
    let mut change = CustomerChange::of(&mut file);
    let given = command.apply(&mut change.file.customer);
    let asked_for: Vec<bool> = given.iter().map(|field| change.file.kyc.field_given(*field, now)).collect();
    if given.is_empty() {
        return Ok(file);
    }
    if asked_for.contains(&true) {
        change.tell(CustomerEvent::KycUpdated);
        change.start_review_if_complete(command.review_start.unwrap_or(ReviewStart::Automatic));
    }
    change.save(tx, now)?;
    Ok(file)
}

impl UpdateCustomer {
    /// The first named field that may be changed only while KYC is pending.
    fn bound_to_kyc(&self) -> Option<RegistrationField> {
        let named = [
            (self.name.is_some(), RegistrationField::Name),
            (self.cnpj.is_said(), RegistrationField::Cnpj),
            (self.trading_name.is_said(), RegistrationField::TradingName),
        ];
        named.into_iter().find(|(named, _)| *named).map(|(_, field)| field)
    }

    /// Writes the named fields and returns those that were named with a value.
    fn apply(&self, customer: &mut Customer) -> Vec<RegistrationField> {
        let registration = &mut customer.registration;
        let mut given = Vec::new();
        if let Some(email) = &self.email {
            registration.email = Some(email.clone());
            given.push(RegistrationField::Email);
        }
        if let Some(phone) = &self.phone {
            registration.phone = Some(phone.clone());
            given.push(RegistrationField::Phone);
        }
        if self.cnpj.apply(&mut registration.cnpj) {
            given.push(RegistrationField::Cnpj);
        }
        if self.trading_name.apply(&mut registration.trading_name) {
            given.push(RegistrationField::TradingName);
        }
        if let Some(name) = &self.name {
            registration.name = Some(name.clone());
            let applicant = customer.subjects.iter_mut().find(|s| s.role == SubjectRole::Applicant);
            if let Some(applicant) = applicant {
                applicant.name = Some(name.clone());
            }
            given.push(RegistrationField::Name);
        }
        given
    }
}

/// Whether the customer is there, for operations on what belongs to it.
pub fn exists(tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId) -> Result<(), Failed<NotFound>> {
    let exists = store::customers::exists(tx, tenant, customer)?;
    if exists { Ok(()) } else { Err(Failed::Refused(NotFound)) }
}
