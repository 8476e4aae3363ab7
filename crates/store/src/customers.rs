//! Customers. Each row is an aggregate: state, sealed registration and KYC file under one version.

use domain::closed::Changed;
use domain::customer::{Customer, CustomerFile, CustomerRecord, CustomerState, LegalNature, Tag};
use domain::id::{CustomerId, PartnerId};
use domain::page::{Order, Page};
use domain::queue::{CaseSubject, Queue};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;

use crate::case_ends::Moment;
use crate::cases::{self, Entering};
use crate::db::{Arg, LONGEST, ToArg, among, row_count};
use crate::document::{self, PersonalDoc, versioned};
use crate::listing::{Cursor, Listing, Marked, UnknownCursor, opened, opened_page};
use crate::outbox::{self, NewEvents};
use crate::seal::Keyring;
use crate::table::{set, table};
use crate::{Sealer, StoreError, Stored, Tx, args, customer_tags, directory};

table! {
    /// A customer as it is stored.
    struct CustomerRow in "customers" by (partner_id, id) {
        partner_id: PartnerId,
        id: CustomerId,
        version: i64,
        state: CustomerState,
        legal_nature: LegalNature,
        cpf_hash: String,
        cnpj_hash: Option<String>,
        external_id: Option<String>,
        name_code: String,
        sealed: Vec<u8>,
        kyc: Vec<u8>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl CustomerRow {
    /// The row of a customer at a version.
    fn of(sealer: &mut impl Sealer, file: &CustomerFile, version: i64) -> Result<Self, StoreError> {
        let customer = &file.customer;
        let personal = document::to_json(&PersonalDoc::of(customer));
        let context = versioned("customers", customer.id, version);
        let name = customer.registration.name.as_ref().map_or("", |name| name.as_str());
        Ok(Self {
            partner_id: customer.partner,
            id: customer.id,
            version,
            state: customer.state,
            legal_nature: customer.legal_nature,
            cpf_hash: cpf_hash(sealer.keys(), customer.registration.cpf),
            cnpj_hash: customer.registration.cnpj.map(|cnpj| cnpj_hash(sealer.keys(), cnpj)),
            external_id: customer.external_id.clone(),
            name_code: sealer.keys().sort_code(customer.partner, name),
            sealed: sealer.sealed(customer.partner, &context, personal.as_bytes())?,
            kyc: document::pack_kyc(&file.kyc),
            created_at: customer.created_at,
            updated_at: customer.updated_at,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<CustomerFile>, StoreError> {
        let partner = self.partner_id;
        let personal = tx.unseal(partner, &versioned("customers", self.id, self.version), &self.sealed)?;
        let (registration, subjects) = document::from_json::<PersonalDoc>(&personal)?.read()?;
        let customer = Customer {
            id: self.id,
            partner,
            state: self.state,
            registration,
            external_id: self.external_id,
            legal_nature: self.legal_nature,
            subjects,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        let kyc = document::unpack_kyc(&self.kyc)?;
        Ok(Stored::new(self.version, CustomerFile::restored(CustomerRecord { customer, kyc })))
    }
}

/// The filter of a list of customers.
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
    /// The sort key of the list.
    pub sort: CustomerSort,
}

/// A sort key of a list of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CustomerSort {
    /// Time of registration.
    #[default]
    CreatedAt,
    /// Time of the last change.
    UpdatedAt,
    /// Name, without case and accents. Customers without a name come first.
    Name,
}

/// A new customer, sealed together with its registration events.
#[derive(Clone)]
pub struct NewCustomer {
    /// The customer.
    pub file: CustomerFile,
    row: CustomerRow,
    events: NewEvents,
}

impl NewCustomer {
    /// Seals a customer.
    pub fn of(sealer: &mut impl Sealer, new: Changed<CustomerFile>) -> Result<Self, StoreError> {
        let (file, events) = new.into_parts();
        let events = NewEvents::of(sealer, file.customer.partner, file.customer.updated_at, events)?;
        let row = CustomerRow::of(sealer, &file, Stored::<CustomerFile>::FIRST)?;
        Ok(Self { file, row, events })
    }
}

/// Adds a customer with its events. If the partner already has one with the CPF, the script runs again and finds it.
pub fn insert(tx: &mut Tx<'_>, new: &NewCustomer) -> Result<(), StoreError> {
    tx.insert(&new.row)?;
    if Queue::of_customer(new.file.customer.state).is_some() {
        requeue(tx, &new.file)?;
    }
    outbox::append_new(tx, &new.events)
}

/// Adds a customer of a synthetic history, without events.
pub fn insert_without_events(tx: &mut Tx<'_>, file: &CustomerFile) -> Result<(), StoreError> {
    let new = NewCustomer::of(tx, file.clone().hold())?;
    insert(tx, &new)
}

/// Saves a customer and its new events, if nobody else has changed its row since it was read.
pub fn save(
    tx: &mut Tx<'_>, file: Stored<Changed<CustomerFile>>,
) -> Result<Stored<CustomerFile>, StoreError> {
    let (version, changed) = file.into_parts();
    let (file, events) = changed.into_parts();
    let row = CustomerRow::of(tx, &file, version + 1)?;
    let changes = set!(CustomerRow of row: state, cnpj_hash, name_code, sealed, kyc, updated_at);
    tx.update(args![row.partner_id, row.id], version, changes)?;
    requeue(tx, &file)?;
    outbox::append(tx, row.partner_id, row.updated_at, events)?;
    Ok(Stored::new(version + 1, file))
}

/// Saves a customer whose people were erased: nothing finds it by a tax number, a name or the partner's own id any more.
pub fn save_erased(
    tx: &mut Tx<'_>, file: Stored<Changed<CustomerFile>>,
) -> Result<Stored<CustomerFile>, StoreError> {
    let (version, changed) = file.into_parts();
    let (file, events) = changed.into_parts();
    let mut row = CustomerRow::of(tx, &file, version + 1)?;
    // A partner may have several erased customers, and each has a hash of its own.
    row.cpf_hash = tx.keyring().lookup("erased", &row.id.to_string());
    let changes = set!(
        CustomerRow of row: state, cpf_hash, cnpj_hash, external_id, name_code, sealed, kyc, updated_at
    );
    tx.update(args![row.partner_id, row.id], version, changes)?;
    requeue(tx, &file)?;
    outbox::append(tx, row.partner_id, row.updated_at, events)?;
    Ok(Stored::new(version + 1, file))
}

/// Puts the customer into the queue of its state, or takes it out.
fn requeue(tx: &mut Tx<'_>, file: &CustomerFile) -> Result<(), StoreError> {
    let customer = &file.customer;
    if let Some(queue) = Queue::of_customer(customer.state) {
        let case = Entering::of_customer(customer.partner, customer.id, queue, customer.updated_at);
        return cases::enter(tx, &case);
    }
    let (subject, at) = (CaseSubject::Customer(customer.id), Moment::OnClock(customer.updated_at));
    match customer.state {
        CustomerState::Denied => cases::leave_all(tx, &customer.partner, &subject, at),
        // A customer without a correction was never under review.
        CustomerState::PendingKyc if file.kyc.corrections == 0 => Ok(()),
        CustomerState::Creating
        | CustomerState::PendingKyc
        | CustomerState::UnderReview
        | CustomerState::Active => cases::leave(tx, customer.partner, subject, Queue::KycToReview, at),
    }
}

fn cpf_hash(keys: &Keyring, cpf: Cpf) -> String {
    keys.lookup("cpf", cpf.digits())
}

fn cnpj_hash(keys: &Keyring, cnpj: Cnpj) -> String {
    keys.lookup("cnpj", cnpj.characters())
}

/// Whether the partner has this customer, also if its row is unreadable.
pub fn exists(tx: &mut Tx<'_>, partner: PartnerId, id: CustomerId) -> Result<bool, StoreError> {
    tx.has::<CustomerRow>("where partner_id = $1 and id = $2", args![partner, id])
}

/// The partner's customer with this id.
pub fn find(
    tx: &mut Tx<'_>, partner: PartnerId, id: CustomerId,
) -> Result<Option<Stored<CustomerFile>>, StoreError> {
    let own = args![partner, id];
    let row = tx.beside(|tx| tx.find::<CustomerRow>("where partner_id = $1 and id = $2", own))?;
    row.map(|row| row.open(tx)).transpose()
}

/// The partner's customer with the same CPF as a new one.
pub fn find_same_cpf(tx: &mut Tx<'_>, new: &NewCustomer) -> Result<Option<Stored<CustomerFile>>, StoreError> {
    let key = args![new.row.partner_id, new.row.cpf_hash];
    // If another script of the transaction registers the same CPF, the unique key makes both run again.
    let row = tx.beside(|tx| tx.find::<CustomerRow>("where partner_id = $1 and cpf_hash = $2", key))?;
    row.map(|row| row.open(tx)).transpose()
}

/// The customers with these ids, of one partner or of any, in no order. Unreadable ones are logged and missing.
pub fn find_all(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, ids: &[CustomerId],
) -> Result<Vec<CustomerFile>, StoreError> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(LONGEST) {
        let mut args: Vec<Arg<'_>> = partner.iter().map(ToArg::to_arg).collect();
        let (these, mut of_chunk) = among(chunk, 1 + args.len());
        let rest = match partner {
            Some(_) => format!("where partner_id = $1 and id {these}"),
            None => format!("where id {these}"),
        };
        args.append(&mut of_chunk);
        let rows = tx.find_marked(CustomerRow::id, &rest, &args)?;
        found.extend(opened(tx, rows, false, |row: CustomerRow, tx| Ok(row.open(tx)?.into_value()))?.items);
    }
    Ok(found)
}

/// Some customers in the order of their ids.
pub(crate) struct Following {
    /// The customers. Unreadable ones are missing.
    pub(crate) customers: Vec<Customer>,
    /// The number of customers that were read, or were unreadable.
    pub(crate) taken: u64,
    /// The id of the last one; `None` if no customer follows.
    pub(crate) last: Option<String>,
}

/// At most `limit` customers of a partner, after the id `after`.
pub(crate) fn following(
    tx: &mut Tx<'_>, partner: PartnerId, after: &str, limit: i64,
) -> Result<Following, StoreError> {
    let rest = "where partner_id = $1 and id > $2 order by id limit $3";
    let rows = tx.find_marked(CustomerRow::id, rest, args![partner, *after, limit])?;
    let taken = row_count(rows.len());
    let last = rows.last().map(|(_, id)| id.as_str().to_owned());
    let page = opened(tx, rows, false, |row: CustomerRow, tx| Ok(row.open(tx)?.into_value()))?;
    let customers = page.items.into_iter().map(|file| file.customer.clone()).collect();
    let last = last.filter(|_| taken == limit);
    Ok(Following { customers, taken: taken.unsigned_abs(), last })
}

/// A page of a partner's customers, or of all partners'.
pub fn list(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, filter: &CustomerFilter, cursor: &Cursor<CustomerId>,
) -> Result<Result<Page<CustomerFile>, UnknownCursor>, StoreError> {
    let cpf = filter.cpf.map(|cpf| cpf_hash(tx.keyring(), cpf));
    let cnpj = filter.cnpj.map(|cnpj| cnpj_hash(tx.keyring(), cnpj));
    let by = |sort| Listing::<CustomerRow>::by(sort, CustomerRow::id);
    let listing = match filter.sort {
        CustomerSort::CreatedAt => by(CustomerRow::created_at),
        CustomerSort::UpdatedAt => by(CustomerRow::updated_at),
        CustomerSort::Name => Listing::by(CustomerRow::name_code, CustomerRow::id),
    };
    let listing = listing.within(CustomerRow::partner_id, partner.as_ref());
    let found = [cpf.is_some(), cnpj.is_some(), filter.external_id.is_some()].contains(&true);
    let listing = match (filter.state, filter.sort) {
        // Only a partner's customers by age have an index without the state.
        (None, CustomerSort::CreatedAt) if partner.is_some() => listing,
        (None, _) if !found => listing.in_parts_of(CustomerRow::state),
        _ => listing,
    };
    let listing = listing
        .found_by(CustomerRow::cpf_hash, cpf.as_ref())
        .found_by(CustomerRow::cnpj_hash, cnpj.as_ref())
        .found_by(CustomerRow::external_id, filter.external_id.as_ref())
        .having(CustomerRow::state, filter.state.as_ref());
    listing.page(tx, cursor, |row, tx| Ok(row.open(tx)?.into_value()))
}

/// A page of the customers with a tag, of one partner or of all, in the order of their registration.
pub fn tagged(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, state: Option<CustomerState>, tag: &Tag,
    cursor: &Cursor<CustomerId>,
) -> Result<Result<Page<CustomerFile>, UnknownCursor>, StoreError> {
    if let Some(after) = &cursor.after {
        let owner = directory::owner(tx, after)?;
        if owner.is_none() || (partner.is_some() && owner != partner) {
            return Ok(Err(UnknownCursor));
        }
    }
    let ids = customer_tags::tagged(tx, tag, partner, state, cursor)?;
    let (these, args) = among(&ids, 1);
    let mut rows: Vec<Marked<CustomerRow>> =
        tx.find_marked(CustomerRow::id, &format!("where id {these}"), &args)?;
    rows.sort_by(|(_, one), (_, other)| match cursor.order {
        Order::Ascending => one.as_str().cmp(other.as_str()),
        Order::Descending => other.as_str().cmp(one.as_str()),
    });
    opened_page(tx, rows, cursor.limit.get(), |row: CustomerRow, tx| Ok(row.open(tx)?.into_value())).map(Ok)
}
