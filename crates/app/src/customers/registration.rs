//! Customers: register, correct and list them.

use domain::closed::Changed;
use domain::customer::{Correction, CustomerFile, NewCustomer, Registration};
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{RegistrationField, Subject, SubjectRole};
use domain::machine::Illegal;
use domain::page::Page;
use domain::time::Timestamp;
use store::Failed;
use store::customers::CustomerFilter;
use store::{Cursor, Sealer, StoreError, Stored, Tx};

use super::registry::{CompanyFacts, CompanyRegistry};
use crate::refused::{ListRefused, NotFound, page_or_refused};

/// A registration.
#[derive(Debug, Clone)]
pub struct RegisterCustomer {
    /// The data that the partner gives of the customer.
    pub registration: Registration,
    /// The partner's own identifier.
    pub external_id: Option<String>,
}

/// The result of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Registered {
    /// The customer is new.
    New(CustomerFile),
    /// The same registration was made before.
    Existing(CustomerFile),
}

/// The CPF is registered with another CNPJ or external id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlreadyExists;

/// A registration with everything that can be made without the database. Only the writing remains.
#[derive(Clone)]
pub struct DraftCustomer {
    new: store::customers::NewCustomer,
}

impl DraftCustomer {
    /// The customer, if the registration makes one.
    pub fn file(&self) -> &CustomerFile {
        &self.new.file
    }
}

/// Makes and seals the customer of a registration, outside any transaction.
pub fn draft(
    sealer: &mut impl Sealer, tenant: PartnerId, now: Timestamp, registry: CompanyRegistry,
    command: &RegisterCustomer,
) -> Result<DraftCustomer, StoreError> {
    let facts = registry.look_up(&command.registration);
    let file = opened(sealer, tenant, now, command, &facts)?;
    Ok(DraftCustomer { new: store::customers::NewCustomer::of(sealer, file)? })
}

/// Registers a customer, or finds the one that the same registration made.
pub fn register(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, registry: CompanyRegistry, command: &RegisterCustomer,
) -> Result<Registered, Failed<AlreadyExists>> {
    let draft = draft(tx, tenant, now, registry, command)?;
    Ok(match register_draft(tx, &draft)? {
        Some(existing) => Registered::Existing(existing),
        None => Registered::New(draft.new.file),
    })
}

/// Writes a draft, or finds the customer that the same registration made.
pub fn register_draft(
    tx: &mut Tx<'_>, draft: &DraftCustomer,
) -> Result<Option<CustomerFile>, Failed<AlreadyExists>> {
    let DraftCustomer { new } = draft;
    if let Some(existing) = store::customers::find_same_cpf(tx, new)? {
        let (ours, theirs) = (&new.file.customer, &existing.customer);
        let same =
            theirs.registration.cnpj == ours.registration.cnpj && theirs.external_id == ours.external_id;
        return if same { Ok(Some(existing.into_value())) } else { Err(Failed::Refused(AlreadyExists)) };
    }
    // Another registration of the same CPF may commit first. Then this script runs again and finds it.
    store::customers::insert(tx, new)?;
    Ok(None)
}

fn opened(
    sealer: &mut impl Sealer, tenant: PartnerId, now: Timestamp, command: &RegisterCustomer,
    facts: &CompanyFacts,
) -> Result<Changed<CustomerFile>, Illegal> {
    let mut registration = command.registration.clone();
    // The partner's data overrides the registry's.
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
    let new = NewCustomer {
        id: sealer.id(now),
        partner: tenant,
        registration,
        external_id: command.external_id.clone(),
        legal_nature: facts.legal_nature,
        subjects,
    };
    CustomerFile::open(new, now)
}

/// The partner's customer.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId) -> Result<CustomerFile, Failed<NotFound>> {
    let file = store::customers::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))?;
    Ok(file.into_value())
}

/// A page of a partner's customers, or of all partners'.
pub fn list(
    tx: &mut Tx<'_>, tenant: Option<PartnerId>, filter: &CustomerFilter, cursor: &Cursor<CustomerId>,
) -> Result<Page<CustomerFile>, Failed<ListRefused>> {
    page_or_refused(store::customers::list(tx, tenant, filter, cursor)?)
}

/// The reason why a customer was not corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRefused {
    /// There is no such customer.
    NotFound,
    /// The field can be changed only while KYC is pending.
    InvalidState(RegistrationField),
}

/// Corrects a customer's registration. If KYC requires the corrected field, this also submits it.
pub fn update(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, correction: &Correction,
) -> Result<CustomerFile, Failed<UpdateRefused>> {
    let file = store::customers::find(tx, tenant, id)?.ok_or(Failed::Refused(UpdateRefused::NotFound))?;
    if correction.is_empty() {
        return Ok(file.into_value());
    }
    let before = file.customer.clone();
    let corrected = file
        .change(|file| file.correct(correction, now))
        .map_err(|field| Failed::Refused(UpdateRefused::InvalidState(field)))?;
    let file = store::customers::save(tx, corrected)?.into_value();
    store::search::changed(tx, &before, &file.customer)?;
    Ok(file)
}

/// Checks that the customer exists, for operations on its resources.
pub fn exists(tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId) -> Result<(), Failed<NotFound>> {
    let exists = store::customers::exists(tx, tenant, customer)?;
    if exists { Ok(()) } else { Err(Failed::Refused(NotFound)) }
}

/// Saves a customer unchanged. Its new version serializes this transaction with all changes of the customer.
pub(crate) fn hold(tx: &mut Tx<'_>, file: Stored<CustomerFile>) -> Result<Stored<CustomerFile>, StoreError> {
    let held = file.changed(CustomerFile::hold);
    store::customers::save(tx, held)
}
