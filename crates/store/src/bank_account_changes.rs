//! Changes of account that borrowers have to confirm. The account and the borrower's address are sealed.

use domain::bank_account_change::{BankAccountChange, BankAccountChangeRecord, ChangeState};
use domain::closed::Changed;
use domain::id::{CustomerId, PartnerId};
use domain::mailed_code::MailedCode;
use domain::person::Email;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::Row;
use crate::document::{self, AccountDoc, corrupt, versioned};
use crate::seal::sha256_hex;
use crate::signing::mailed_code;
use crate::{StoreError, Stored, Tx, args};

/// The sealed part of a change.
#[derive(Serialize, Deserialize)]
struct ChangeDoc {
    account: AccountDoc,
    to: String,
}

/// The keyed hash of a code. The same code of another customer or of an earlier change has another hash.
pub fn code_hash(tx: &Tx<'_>, customer: CustomerId, asked_at: Timestamp, code: &str) -> String {
    tx.keyring().lookup("account_code", &format!("{customer}\n{}\n{code}", asked_at.micros()))
}

/// Adds the customer's first change. `Duplicate` where there has been one.
pub fn insert(
    tx: &mut Tx<'_>,
    change: Changed<BankAccountChange>,
    link: &str,
) -> Result<BankAccountChange, StoreError> {
    let change = change.into_value();
    let version = Stored::<BankAccountChange>::FIRST;
    let sealed = sealed(tx, &change, version)?;
    let sql = "insert into bank_account_changes (partner_id, customer_id, version, state, account_id, link_hash, sealed, \
               asked_at, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    let MailedCode { code, wrong, wrong_in_all, locked_until, sent, counted_from } = &change.mailed;
    let (hash, sent_at) = (code.as_ref().map(|code| &code.hash), code.as_ref().map(|code| code.sent_at));
    tx.execute(
        sql,
        args![
            change.partner,
            change.customer,
            version,
            change.state.name(),
            change.account,
            sha256_hex(link.as_bytes()),
            sealed,
            change.asked_at,
            hash,
            sent_at,
            *wrong,
            *wrong_in_all,
            *locked_until,
            *sent,
            *counted_from
        ],
    )?;
    Ok(change)
}

/// Writes a changed change of account, if nobody else has changed it since it was read.
pub fn save(
    tx: &mut Tx<'_>,
    change: Stored<Changed<BankAccountChange>>,
) -> Result<Stored<BankAccountChange>, StoreError> {
    let (version, changed) = change.into_parts();
    let change = changed.into_value();
    let sealed = sealed(tx, &change, version + 1)?;
    let sql = "update bank_account_changes set version = version + 1, state = $4, account_id = $5, sealed = $6, \
               asked_at = $7, code_hash = $8, code_sent_at = $9, wrong = $10, wrong_in_all = $11, \
               locked_until = $12, sent = $13, counted_from = $14 \
               where partner_id = $1 and customer_id = $2 and version = $3";
    let MailedCode { code, wrong, wrong_in_all, locked_until, sent, counted_from } = &change.mailed;
    let (hash, sent_at) = (code.as_ref().map(|code| &code.hash), code.as_ref().map(|code| code.sent_at));
    tx.execute_one(
        sql,
        args![
            change.partner,
            change.customer,
            version,
            change.state.name(),
            change.account,
            sealed,
            change.asked_at,
            hash,
            sent_at,
            *wrong,
            *wrong_in_all,
            *locked_until,
            *sent,
            *counted_from
        ],
    )?;
    Ok(Stored::new(version + 1, change))
}

/// [`save`] under a new link; the old one opens nothing any more.
pub fn save_with_link(
    tx: &mut Tx<'_>,
    change: Stored<Changed<BankAccountChange>>,
    link: &str,
) -> Result<Stored<BankAccountChange>, StoreError> {
    let change = save(tx, change)?;
    let sql = "update bank_account_changes set link_hash = $3 where partner_id = $1 and customer_id = $2";
    tx.execute_one(sql, args![change.partner, change.customer, sha256_hex(link.as_bytes())])?;
    Ok(change)
}

fn sealed(tx: &mut Tx<'_>, change: &BankAccountChange, version: i64) -> Result<Vec<u8>, StoreError> {
    let doc = ChangeDoc { account: AccountDoc::of(&change.details), to: change.to.to_string() };
    let context = versioned("bank_account_changes", change.customer, version);
    tx.seal(change.partner, &context, document::to_json(&doc).as_bytes())
}

const COLUMNS: &str = "partner_id, customer_id, version, state, account_id, sealed, asked_at, code_hash, \
                       code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from";

/// The customer's change, in any state.
pub fn of_customer(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Option<Stored<BankAccountChange>>, StoreError> {
    let sql =
        format!("select {COLUMNS} from bank_account_changes where partner_id = $1 and customer_id = $2");
    let row = tx.query_opt(&sql, args![partner, customer], StoredChange::read)?;
    row.map(|row| row.open(tx)).transpose()
}

/// The change that a link opens, whoever's it is: the link itself is the proof.
pub fn of_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<Stored<BankAccountChange>>, StoreError> {
    let sql = format!("select {COLUMNS} from bank_account_changes where link_hash = $1");
    let row = tx.query_opt(&sql, args![sha256_hex(link.as_bytes())], StoredChange::read)?;
    row.map(|row| row.open(tx)).transpose()
}

/// A row as it is stored.
struct StoredChange {
    partner: PartnerId,
    customer: CustomerId,
    version: i64,
    state: ChangeState,
    account: domain::id::BankAccountId,
    sealed: Vec<u8>,
    asked_at: Timestamp,
    mailed: MailedCode,
}

impl StoredChange {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let state: String = row.get(3)?;
        Ok(Self {
            partner: row.get(0)?,
            customer: row.get(1)?,
            version: row.get(2)?,
            state: document::parsed(&state)?,
            account: row.get(4)?,
            sealed: row.get(5)?,
            asked_at: row.get(6)?,
            mailed: mailed_code(row, 7)?,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<BankAccountChange>, StoreError> {
        let Self { partner, customer, version, state, account, sealed, asked_at, mailed } = self;
        let opened = tx.unseal(partner, &versioned("bank_account_changes", customer, version), &sealed)?;
        let ChangeDoc { account: details, to } = document::from_json(&opened)?;
        let (details, to) = (details.read()?, Email::parse(&to).map_err(corrupt)?);
        let record =
            BankAccountChangeRecord { partner, customer, state, account, details, to, asked_at, mailed };
        Ok(Stored::new(version, BankAccountChange::restored(record)))
    }
}
