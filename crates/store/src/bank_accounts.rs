//! Customers' bank accounts, each sealed.

use domain::bank::{BankAccount, BankAccountRecord};
use domain::closed::Changed;
use domain::id::{BankAccountId, CustomerId, PartnerId};
use domain::time::Timestamp;

use crate::db::{LONGEST, owned_by};
use crate::document::{self, AccountDoc, versioned};
use crate::listing::opened;
use crate::table::{set, table};
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A bank account as it is stored.
    struct BankAccountRow in "bank_accounts" by (partner_id, id) {
        partner_id: PartnerId,
        id: BankAccountId,
        version: i64,
        customer_id: CustomerId,
        sealed: Vec<u8>,
        created_at: Timestamp,
        updated_at: Timestamp,
    }
}

impl BankAccountRow {
    /// The row of an account at a version.
    fn of(tx: &mut Tx<'_>, account: &BankAccount, version: i64) -> Result<Self, StoreError> {
        let details = document::to_json(&AccountDoc::of(&account.details));
        let context = versioned(TABLE, account.id, version);
        Ok(Self {
            partner_id: account.partner,
            id: account.id,
            version,
            customer_id: account.customer,
            sealed: tx.seal(account.partner, &context, details.as_bytes())?,
            created_at: account.created_at,
            updated_at: account.updated_at,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<BankAccount>, StoreError> {
        let context = versioned(TABLE, self.id, self.version);
        let details = tx.unseal(self.partner_id, &context, &self.sealed)?;
        let record = BankAccountRecord {
            id: self.id,
            partner: self.partner_id,
            customer: self.customer_id,
            details: document::from_json::<AccountDoc>(&details)?.read()?,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Ok(Stored::new(self.version, BankAccount::restored(record)))
    }
}

/// Prefix of the sealing contexts of accounts.
const TABLE: &str = "bank_accounts";

/// Adds an account. If the customer got one meanwhile, the script runs again.
pub fn insert(tx: &mut Tx<'_>, account: Changed<BankAccount>) -> Result<BankAccount, StoreError> {
    let account = account.into_value();
    insert_without_events(tx, &account)?;
    Ok(account)
}

/// Adds an account of a synthetic history.
pub fn insert_without_events(tx: &mut Tx<'_>, account: &BankAccount) -> Result<(), StoreError> {
    let row = BankAccountRow::of(tx, account, Stored::<BankAccount>::FIRST)?;
    tx.insert(&row)
}

/// Saves an account, if nobody else has changed its row since it was read.
pub fn save(
    tx: &mut Tx<'_>, account: Stored<Changed<BankAccount>>,
) -> Result<Stored<BankAccount>, StoreError> {
    account.save(|account, before| {
        let row = BankAccountRow::of(tx, account, before + 1)?;
        tx.update(args![account.partner, account.id], before, set!(BankAccountRow of row: sealed, updated_at))
    })
}

/// The customer's account.
pub fn of_customer(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Option<Stored<BankAccount>>, StoreError> {
    let own = args![partner, customer];
    tx.find_opened("where partner_id = $1 and customer_id = $2", own, BankAccountRow::open)
}

/// The accounts of these customers of these partners, in no order. Unreadable ones are logged and missing.
pub fn of_customers(
    tx: &mut Tx<'_>, partners: &[PartnerId], customers: &[CustomerId],
) -> Result<Vec<BankAccount>, StoreError> {
    let mut found = Vec::new();
    for chunk in customers.chunks(LONGEST) {
        let (rest, args) = owned_by(partners, chunk);
        let rows = tx.find_marked(BankAccountRow::id, &rest, &args)?;
        let open = |row: BankAccountRow, tx: &mut Tx<'_>| Ok(row.open(tx)?.into_value());
        found.extend(opened(tx, rows, false, open)?.items);
    }
    Ok(found)
}
