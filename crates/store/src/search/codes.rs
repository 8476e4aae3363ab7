//! The codes of customers: a keyed hash of each of their terms.
//!
//! A term is a part of a name, an e-mail address, a telephone number, a co-owner's CPF or a bank account. Its hash has
//! 48 bits, so a found customer is opened and compared.

use std::collections::BTreeSet;

use domain::bank::{AccountDetails, BankAccount};
use domain::customer::Customer;
use domain::id::{CustomerId, PartnerId, ResourceId as _};
use domain::search::{Term, terms};

use crate::db::{Arg, in_chunks, tuples};
use crate::table::table;
use crate::{StoreError, Tx, args, bank_accounts, customers};

table! {
    /// A term of a customer, as it is stored. `customer`: the sixteen bytes of its id.
    struct CodeRow in "search_codes" by (code, customer) {
        code: i64,
        customer: Vec<u8>,
    }
}

/// A keyed hash of a term, and the customer who has the term: the sixteen bytes of its id.
pub type Code = (i64, [u8; 16]);

/// The codes of a customer.
pub fn codes_of(tx: &Tx<'_>, customer: &Customer) -> Vec<Code> {
    let key = customer.id.bytes();
    terms(customer).iter().map(|term| (tx.keyring().search_code(term), key)).collect()
}

/// The code of a customer's account.
pub fn code_of_account(tx: &Tx<'_>, customer: CustomerId, account: &AccountDetails) -> Code {
    (tx.keyring().search_code(&Term::account(account)), customer.bytes())
}

/// Adds the terms of customers and of their accounts. Terms that are there stay.
pub(super) fn add(
    tx: &mut Tx<'_>, customers: &[Customer], accounts: &[BankAccount],
) -> Result<(), StoreError> {
    // In the order of the key, so that neighbours are written together and two nodes do not wait for each other.
    let mut rows: BTreeSet<Code> = customers.iter().flat_map(|customer| codes_of(tx, customer)).collect();
    rows.extend(accounts.iter().map(|account| code_of_account(tx, account.customer, &account.details)));
    insert(tx, &rows.into_iter().collect::<Vec<_>>())
}

/// Adds codes. Those that are there stay.
pub fn insert(tx: &mut Tx<'_>, rows: &[Code]) -> Result<(), StoreError> {
    for chunk in in_chunks(rows) {
        let values = tuples(chunk.len(), 2, 1);
        let sql = format!("insert into search_codes (code, customer) values {values} on conflict do nothing");
        let row = |(code, key): &Code| [Arg::Int(*code), Arg::Bytes(key.to_vec().into())];
        let args: Vec<Arg<'_>> = chunk.iter().flat_map(row).collect();
        tx.execute_later(&sql, &args)?;
    }
    Ok(())
}

/// Most customers whose codes are removed together.
const FORGOTTEN_AT_ONCE: i64 = 256;

/// Removes the terms of all customers of a tenant. The codes of an unreadable customer stay: nothing finds it by them.
pub fn forget(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<(), StoreError> {
    let mut after = Some(String::new());
    while let Some(last) = after {
        let page = customers::following(tx, tenant, &last, FORGOTTEN_AT_ONCE)?;
        forget_these(tx, tenant, &page.customers)?;
        after = page.last;
    }
    Ok(())
}

/// Removes the terms of some customers of a tenant.
pub fn forget_these(tx: &mut Tx<'_>, tenant: PartnerId, customers: &[Customer]) -> Result<(), StoreError> {
    let ids: Vec<CustomerId> = customers.iter().map(|customer| customer.id).collect();
    for account in bank_accounts::of_customers(tx, &[tenant], &ids)? {
        let term = BTreeSet::from([Term::account(&account.details)]);
        replace(tx, account.customer, &term, &BTreeSet::new())?;
    }
    for customer in customers {
        replace(tx, customer.id, &terms(customer), &BTreeSet::new())?;
    }
    Ok(())
}

/// Replaces the terms of a customer that was corrected.
pub fn changed(tx: &mut Tx<'_>, before: &Customer, after: &Customer) -> Result<(), StoreError> {
    replace(tx, after.id, &terms(before), &terms(after))
}

/// Replaces the term of a customer's account.
pub fn account_changed(
    tx: &mut Tx<'_>, customer: CustomerId, before: Option<&AccountDetails>, after: &AccountDetails,
) -> Result<(), StoreError> {
    let old = before.map(Term::account).into_iter().collect();
    replace(tx, customer, &old, &BTreeSet::from([Term::account(after)]))
}

fn replace(
    tx: &mut Tx<'_>, customer: CustomerId, old: &BTreeSet<Term>, new: &BTreeSet<Term>,
) -> Result<(), StoreError> {
    let key = customer.bytes();
    for term in old.difference(new) {
        let sql = "delete from search_codes where code = $1 and customer = $2";
        let code = tx.keyring().search_code(term);
        tx.execute_later(sql, &[Arg::Int(code), Arg::Bytes(key.to_vec().into())])?;
    }
    let added = new.difference(old).map(|term| (tx.keyring().search_code(term), key));
    let added: Vec<Code> = added.collect();
    insert(tx, &added)
}

/// Most customers that are counted for a term, to find its rarest one.
const COUNTED: i64 = 4_096;

/// Customers that have all of these terms, newest first, before the customer `before`.
///
/// The search begins with the term that the fewest customers have.
pub fn customers_with(
    tx: &mut Tx<'_>, terms: &[Term], before: Option<CustomerId>, limit: i64,
) -> Result<Vec<CustomerId>, StoreError> {
    let mut codes: Vec<(i64, i64)> = Vec::with_capacity(terms.len());
    for term in terms {
        let code = tx.keyring().search_code(term);
        codes.push((if terms.len() == 1 { 0 } else { count(tx, code)? }, code));
    }
    codes.sort_unstable();
    // One engine keeps the order of a cross join. The other one orders by its statistics.
    let others = 1..codes.len();
    let table = |at| format!(" cross join search_codes s{at}");
    let joins = others.clone().map(table).collect::<Vec<_>>().concat();
    let both = |at| format!(" and s{at}.code = ${} and s{at}.customer = s.customer", at + 3);
    let conditions = others.map(both).collect::<Vec<_>>().concat();
    let sql = format!(
        "select s.customer from search_codes s{joins} where s.code = $1 and s.customer < $2{conditions} \
         order by s.customer desc limit $3"
    );
    let Some(((_, first), others)) = codes.split_first() else { return Ok(Vec::new()) };
    // No id has seventeen bytes, so this is behind all of them.
    let before = before.map_or_else(|| vec![u8::MAX; 17], |id| id.bytes().to_vec());
    let mut args = args![*first, before, limit].to_vec();
    args.extend(others.iter().map(|(_, code)| Arg::Int(*code)));
    let keys: Vec<Vec<u8>> = tx.fetch_all(&sql, &args)?;
    keys.into_iter().map(|key| id_of(&key)).collect()
}

fn count(tx: &mut Tx<'_>, code: i64) -> Result<i64, StoreError> {
    let sql = "select count(*) from (select 1 from search_codes where code = $1 limit $2) as counted";
    tx.fetch_one(sql, args![code, COUNTED])
}

fn id_of(key: &[u8]) -> Result<CustomerId, StoreError> {
    let bytes = key.try_into().map_err(|_| StoreError::Corrupt("a key of the search is no id".into()))?;
    Ok(CustomerId::of_bytes(bytes))
}
