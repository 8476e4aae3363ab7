//! Customers' bank accounts; where an account is stands sealed.

use domain::bank::{BankAccount, BankAccountRecord};
use domain::closed::Changed;
use domain::id::{BankAccountId, CustomerId, PartnerId};
use domain::time::Timestamp;

use crate::db::Row;
use crate::document::{self, AccountDoc, versioned};
use crate::{StoreError, Stored, Tx, args};

/// Adds an account. The script runs again where the customer has one meanwhile.
pub fn insert(tx: &mut Tx<'_>, account: Changed<BankAccount>) -> Result<BankAccount, StoreError> {
    let account = account.into_value();
    insert_past(tx, &account)?;
    Ok(account)
}

/// Adds an account that was given long ago, to a database that is filled.
pub fn insert_past(tx: &mut Tx<'_>, account: &BankAccount) -> Result<(), StoreError> {
    let version = Stored::<BankAccount>::FIRST;
    let sealed = sealed(tx, account, version)?;
    let sql = "insert into bank_accounts (partner_id, id, version, customer_id, sealed, created_at, updated_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute_later(
        sql,
        args![
            account.partner,
            account.id,
            version,
            account.customer,
            sealed,
            account.created_at,
            account.updated_at,
        ],
    )
}

/// Writes a changed account, if nobody else has changed it since it was read.
pub fn save(
    tx: &mut Tx<'_>,
    account: Stored<Changed<BankAccount>>,
) -> Result<Stored<BankAccount>, StoreError> {
    let (version, changed) = account.into_parts();
    let account = changed.into_value();
    let sealed = sealed(tx, &account, version + 1)?;
    let sql = "update bank_accounts set version = version + 1, sealed = $4, updated_at = $5 \
               where partner_id = $1 and id = $2 and version = $3";
    tx.execute_one(sql, args![account.partner, account.id, version, sealed, account.updated_at])?;
    Ok(Stored::new(version + 1, account))
}

fn sealed(tx: &mut Tx<'_>, account: &BankAccount, version: i64) -> Result<Vec<u8>, StoreError> {
    let details = document::to_json(&AccountDoc::of(&account.details));
    tx.seal(account.partner, &versioned("bank_accounts", account.id, version), details.as_bytes())
}

/// The customer's account.
pub fn of_customer(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Option<Stored<BankAccount>>, StoreError> {
    let sql = "select partner_id, id, version, customer_id, sealed, created_at, updated_at \
               from bank_accounts where partner_id = $1 and customer_id = $2";
    let row = tx.query_opt(sql, args![partner, customer], StoredAccount::read)?;
    row.map(|row| row.open(tx)).transpose()
}

/// A row as it is stored.
struct StoredAccount {
    partner: PartnerId,
    id: BankAccountId,
    version: i64,
    customer: CustomerId,
    sealed: Vec<u8>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl StoredAccount {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            partner: row.get(0)?,
            id: row.get(1)?,
            version: row.get(2)?,
            customer: row.get(3)?,
            sealed: row.get(4)?,
            created_at: row.get(5)?,
            updated_at: row.get(6)?,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<BankAccount>, StoreError> {
        let Self { partner, id, version, customer, sealed, created_at, updated_at } = self;
        let details = tx.unseal(partner, &versioned("bank_accounts", id, version), &sealed)?;
        let details = document::from_json::<AccountDoc>(&details)?.read()?;
        let record = BankAccountRecord { id, partner, customer, details, created_at, updated_at };
        Ok(Stored::new(version, BankAccount::restored(record)))
    }
}
