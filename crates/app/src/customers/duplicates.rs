//! Customers of any partner that may be the same as one: they have a tax number, an account, a file or a contact in common.
//!
//! Codes and hashes only propose customers. Each proposed one is opened and compared, so a collision finds nothing wrong.

use std::collections::{BTreeSet, HashMap};

use domain::bank::AccountDetails;
use domain::customer::CustomerFile;
use domain::id::{CustomerId, PartnerId};
use domain::likeness::Likeness;
use domain::page::{Limit, Page};
use domain::search::Term;
use store::customers::CustomerFilter;
use store::kyc::StoredDocument;
use store::{Cursor, Failed, StoreError, Tx};

use crate::refused::NotFound;

/// Most duplicates of a customer.
const MOST: usize = 20;

/// Most customers that are compared because of one value. One more than are shown shows that there are more, and the
/// customer itself has the value too.
const COMPARED: i64 = 22;

/// A customer that may be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The other customer.
    pub file: CustomerFile,
    /// The values that both have in common, the strongest sign first.
    pub alike: Vec<Likeness>,
}

/// The customers that may be the same as a customer.
pub fn list(tx: &mut Tx<'_>, tenant: PartnerId, id: CustomerId) -> Result<Page<Duplicate>, Failed<NotFound>> {
    let file = super::registration::find(tx, tenant, id)?;
    let account = store::bank_accounts::of_customer(tx, tenant, id)?;
    let documents = store::kyc::documents_of(tx, tenant, id)?;
    let account = account.as_ref().map(|account| &account.details);
    Ok(of(tx, &Known { file: &file, account, documents: &documents })?)
}

/// A customer with what was read of it.
pub(super) struct Known<'a> {
    pub(super) file: &'a CustomerFile,
    pub(super) account: Option<&'a AccountDetails>,
    pub(super) documents: &'a [StoredDocument],
}

/// The customers that may be the same, the strongest sign first, then the newest.
pub(super) fn of(tx: &mut Tx<'_>, known: &Known<'_>) -> Result<Page<Duplicate>, StoreError> {
    let own = &known.file.customer;
    let hashes: BTreeSet<&str> = known.documents.iter().map(|document| document.sha256.as_str()).collect();
    let hashes: Vec<&str> = hashes.into_iter().collect();
    let senders = store::kyc::senders_of(tx, own.id, &hashes, COMPARED)?;
    let mut files = with_tax_numbers(tx, known.file)?;
    let mut proposed = with_terms(tx, known)?;
    proposed.extend(&senders);
    proposed.retain(|id| *id != own.id && files.iter().all(|file| file.customer.id != *id));
    files.extend(store::customers::find_all(tx, None, &proposed.into_iter().collect::<Vec<_>>())?);
    let accounts = accounts_of(tx, &files)?;
    let alike = |file: &CustomerFile| {
        let id = file.customer.id;
        let mut alike = Likeness::between(own, &file.customer);
        let theirs = accounts.get(&id).map(AccountDetails::identity);
        if theirs.is_some() && theirs == known.account.map(AccountDetails::identity) {
            alike.push(Likeness::BankAccount);
        }
        if senders.contains(&id) {
            alike.push(Likeness::Document);
        }
        alike.sort_unstable();
        alike
    };
    let found = files.into_iter().map(|file| Duplicate { alike: alike(&file), file });
    let mut found: Vec<Duplicate> = found.filter(|duplicate| !duplicate.alike.is_empty()).collect();
    // The ids are in the order of time.
    found.sort_by_key(|found| (found.alike.first().copied(), std::cmp::Reverse(found.file.customer.id)));
    let has_more = found.len() > MOST;
    found.truncate(MOST);
    Ok(Page { has_more, ..Page::whole(found) })
}

/// Other customers with the same CNPJ or CPF.
fn with_tax_numbers(tx: &mut Tx<'_>, file: &CustomerFile) -> Result<Vec<CustomerFile>, StoreError> {
    let registration = &file.customer.registration;
    let by_company =
        registration.cnpj.map(|cnpj| CustomerFilter { cnpj: Some(cnpj), ..CustomerFilter::default() });
    let by_person = CustomerFilter { cpf: Some(registration.cpf), ..CustomerFilter::default() };
    let mut found: Vec<CustomerFile> = Vec::new();
    for filter in by_company.into_iter().chain([by_person]) {
        // A first page has no cursor that could be unknown.
        let page = store::customers::list(tx, None, &filter, &Cursor::first(Limit::DEFAULT))?;
        for other in page.map_or_else(|_unknown| Vec::new(), |page| page.items) {
            let id = other.customer.id;
            if id != file.customer.id && found.iter().all(|known| known.customer.id != id) {
                found.push(other);
            }
        }
    }
    Ok(found)
}

/// Customers with the code of the same account, telephone or e-mail address: one statement for each of these values.
fn with_terms(tx: &mut Tx<'_>, known: &Known<'_>) -> Result<BTreeSet<CustomerId>, StoreError> {
    let customer = &known.file.customer;
    let contacts =
        customer.emails().map(Term::email).chain(customer.registration.phone.as_ref().map(Term::phone));
    let terms: BTreeSet<Term> = contacts.chain(known.account.map(Term::account)).collect();
    let mut found = BTreeSet::new();
    for term in terms {
        found.extend(store::search::customers_with(tx, &[term], None, COMPARED)?);
    }
    Ok(found)
}

fn accounts_of(
    tx: &mut Tx<'_>, files: &[CustomerFile],
) -> Result<HashMap<CustomerId, AccountDetails>, StoreError> {
    let partners: BTreeSet<PartnerId> = files.iter().map(|file| file.customer.partner).collect();
    let ids: Vec<CustomerId> = files.iter().map(|file| file.customer.id).collect();
    let accounts = store::bank_accounts::of_customers(tx, &partners.into_iter().collect::<Vec<_>>(), &ids)?;
    Ok(accounts.into_iter().map(|account| (account.customer, account.details.clone())).collect())
}
