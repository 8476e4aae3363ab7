//! Customers, each row an aggregate: state, sealed registration and KYC file under one version.

use domain::closed::Changed;
use domain::customer::{Customer, CustomerFile, CustomerRecord, CustomerState};
use domain::id::{CustomerId, PartnerId};
use domain::page::Page;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;

use crate::db::Row;
use crate::document::{self, PersonalDoc, versioned};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::outbox::{self, NewEvents};
use crate::seal::Keyring;
use crate::{Sealer, StoreError, Stored, Tx, args};

const COLUMNS: &str =
    "partner_id, id, version, state, legal_nature, external_id, sealed, kyc, created_at, updated_at";

/// What a list of customers is filtered by.
#[derive(Debug, Clone, Default)]
pub struct CustomerFilter {
    /// Only the customer with this CPF.
    pub cpf: Option<Cpf>,
    /// Only customers with this CNPJ.
    pub cnpj: Option<Cnpj>,
    /// Only customers with this identifier of the partner's.
    pub external_id: Option<String>,
    /// Only customers in this state.
    pub state: Option<CustomerState>,
    /// What the list is sorted by.
    pub sort: CustomerSort,
}

/// What a list of customers can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerSort {
    /// When they were registered.
    #[default]
    CreatedAt,
    /// When they last changed.
    UpdatedAt,
    /// Their names, without regard to case and accents; those without one first.
    Name,
}

/// A customer that is not written yet, sealed with the events of its registration.
#[derive(Clone)]
pub struct NewCustomer {
    /// The customer.
    pub file: CustomerFile,
    cpf_hash: String,
    row: SealedRow,
    events: NewEvents,
}

impl NewCustomer {
    /// Seals a customer.
    pub fn of(sealer: &mut impl Sealer, new: Changed<CustomerFile>) -> Result<Self, StoreError> {
        let (file, events) = new.into_parts();
        let events = NewEvents::of(sealer, file.customer.partner, file.customer.updated_at, events)?;
        let row = SealedRow::of(sealer, &file, Stored::<CustomerFile>::FIRST)?;
        let cpf_hash = cpf_hash(sealer.keys(), file.customer.registration.cpf);
        Ok(Self { file, cpf_hash, row, events })
    }
}

/// Adds a customer with its events. If the partner has one with the CPF, the script runs again and finds it.
pub fn insert(tx: &mut Tx<'_>, new: &NewCustomer) -> Result<(), StoreError> {
    let NewCustomer { file, cpf_hash, row, events } = new;
    let customer = &file.customer;
    let sql = "insert into customers (partner_id, id, version, state, legal_nature, cpf_hash, cnpj_hash, \
               external_id, name_code, sealed, kyc, created_at, updated_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    tx.execute_later(
        sql,
        args![
            customer.partner,
            customer.id,
            Stored::<CustomerFile>::FIRST,
            customer.state.name(),
            customer.legal_nature.name(),
            cpf_hash,
            row.cnpj_hash,
            customer.external_id,
            row.name_code,
            row.sealed,
            row.kyc,
            customer.created_at,
            customer.updated_at,
        ],
    )?;
    outbox::append_new(tx, events)
}

/// Adds a customer whose events were sent long ago, to a database that is filled.
pub fn insert_past(tx: &mut Tx<'_>, file: &CustomerFile) -> Result<(), StoreError> {
    let new = NewCustomer::of(tx, file.clone().hold())?;
    insert(tx, &new)
}

/// Writes a changed customer and its events, if nobody else has changed it since it was read.
pub fn save(
    tx: &mut Tx<'_>,
    file: Stored<Changed<CustomerFile>>,
) -> Result<Stored<CustomerFile>, StoreError> {
    let (version, changed) = file.into_parts();
    let (file, events) = changed.into_parts();
    let row = SealedRow::of(tx, &file, version + 1)?;
    let customer = &file.customer;
    let sql = "update customers set version = version + 1, state = $4, cnpj_hash = $5, name_code = $6, \
               sealed = $7, kyc = $8, updated_at = $9 where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(
        sql,
        args![
            customer.partner,
            customer.id,
            version,
            customer.state.name(),
            row.cnpj_hash,
            row.name_code,
            row.sealed,
            row.kyc,
            customer.updated_at,
        ],
    )?;
    outbox::append(tx, customer.partner, customer.updated_at, events)?;
    Ok(Stored::new(version + 1, file))
}

/// The parts of a row that are made from the aggregate.
#[derive(Clone)]
struct SealedRow {
    cnpj_hash: Option<String>,
    name_code: String,
    sealed: Vec<u8>,
    kyc: Vec<u8>,
}

impl SealedRow {
    /// The row as it is at `version`.
    fn of(sealer: &mut impl Sealer, file: &CustomerFile, version: i64) -> Result<Self, StoreError> {
        let customer = &file.customer;
        let personal = document::to_json(&PersonalDoc::of(customer));
        let context = versioned("customers", customer.id, version);
        let name = customer.registration.name.as_ref().map_or("", |name| name.as_str());
        Ok(Self {
            cnpj_hash: customer.registration.cnpj.map(|cnpj| cnpj_hash(sealer.keys(), cnpj)),
            name_code: sealer.keys().sort_code(customer.partner, name),
            sealed: sealer.sealed(customer.partner, &context, personal.as_bytes())?,
            kyc: document::pack_kyc(&file.kyc),
        })
    }
}

fn cpf_hash(keys: &Keyring, cpf: Cpf) -> String {
    keys.lookup("cpf", cpf.digits())
}

fn cnpj_hash(keys: &Keyring, cnpj: Cnpj) -> String {
    keys.lookup("cnpj", cnpj.characters())
}

/// Whether the partner has this customer, readable or not.
pub fn exists(tx: &mut Tx<'_>, partner: PartnerId, id: CustomerId) -> Result<bool, StoreError> {
    let sql = "select version from customers where partner_id = $1 and id = $2";
    Ok(tx.query_opt(sql, args![partner, id], |_row| Ok(()))?.is_some())
}

/// The partner's customer with this id.
pub fn find(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: CustomerId,
) -> Result<Option<Stored<CustomerFile>>, StoreError> {
    let sql = format!("select {COLUMNS} from customers where partner_id = $1 and id = $2");
    let row = tx.beside(|tx| tx.query_opt(&sql, args![partner, id], StoredCustomer::read))?;
    row.map(|row| row.open(tx)).transpose()
}

/// The partner's customer with the CPF of one that is not written yet.
pub fn find_same_cpf(tx: &mut Tx<'_>, new: &NewCustomer) -> Result<Option<Stored<CustomerFile>>, StoreError> {
    let sql = format!("select {COLUMNS} from customers where partner_id = $1 and cpf_hash = $2");
    let key = args![new.file.customer.partner, new.cpf_hash].to_vec();
    // If another registration of the transaction has the CPF, the unique key makes both run again.
    let row = tx.beside(|tx| tx.query_opt(&sql, &key, StoredCustomer::read))?;
    row.map(|row| row.open(tx)).transpose()
}

/// A page of a partner's customers, or of all partners'.
pub fn list(
    tx: &mut Tx<'_>,
    partner: Option<PartnerId>,
    filter: &CustomerFilter,
    cursor: &Cursor<CustomerId>,
) -> Result<Result<Page<CustomerFile>, UnknownCursor>, StoreError> {
    let cpf = filter.cpf.map(|cpf| cpf_hash(tx.keyring(), cpf));
    let cnpj = filter.cnpj.map(|cnpj| cnpj_hash(tx.keyring(), cnpj));
    let state = filter.state.map(CustomerState::name);
    let sort = match filter.sort {
        CustomerSort::CreatedAt => "created_at",
        CustomerSort::UpdatedAt => "updated_at",
        CustomerSort::Name => "name_code",
    };
    let listing =
        Listing::across("customers", COLUMNS).within("partner_id", partner.as_ref()).sorted_by(sort);
    let found = [cpf.is_some(), cnpj.is_some(), filter.external_id.is_some()].contains(&true);
    let listing = match (state, filter.sort) {
        // Only a partner's customers by age have an index without the state.
        (None, CustomerSort::CreatedAt) if partner.is_some() => listing,
        (None, _) if !found => listing.in_parts_of("state"),
        _ => listing,
    };
    let listing = listing
        .found_by("cpf_hash", cpf.as_ref())
        .found_by("cnpj_hash", cnpj.as_ref())
        .found_by("external_id", filter.external_id.as_ref())
        .having("state", state.as_ref());
    listing.page(tx, cursor, StoredCustomer::read, |row, tx| Ok(row.open(tx)?.into_value()))
}

/// A row as it is stored.
struct StoredCustomer {
    partner: PartnerId,
    id: CustomerId,
    version: i64,
    state: String,
    legal_nature: String,
    external_id: Option<String>,
    sealed: Vec<u8>,
    kyc: Vec<u8>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl StoredCustomer {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            partner: row.get(0)?,
            id: row.get(1)?,
            version: row.get(2)?,
            state: row.get(3)?,
            legal_nature: row.get(4)?,
            external_id: row.get(5)?,
            sealed: row.get(6)?,
            kyc: row.get(7)?,
            created_at: row.get(8)?,
            updated_at: row.get(9)?,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<CustomerFile>, StoreError> {
        let partner = self.partner;
        let personal = tx.unseal(partner, &versioned("customers", self.id, self.version), &self.sealed)?;
        let (registration, subjects) = document::from_json::<PersonalDoc>(&personal)?.read()?;
        let customer = Customer {
            id: self.id,
            partner,
            state: document::parsed(&self.state)?,
            registration,
            external_id: self.external_id,
            legal_nature: document::parsed(&self.legal_nature)?,
            subjects,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        let kyc = document::unpack_kyc(&self.kyc)?;
        Ok(Stored::new(self.version, CustomerFile::restored(CustomerRecord { customer, kyc })))
    }
}
