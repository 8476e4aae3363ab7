//! Bank account changes, which borrowers have to confirm. The account and the borrower's address are sealed.

use domain::bank_account_change::{BankAccountChange, BankAccountChangeRecord, ChangeState};
use domain::closed::Changed;
use domain::id::{BankAccountId, CustomerId, PartnerId};
use domain::person::Email;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::document::{self, AccountDoc, corrupt, versioned};
use crate::seal::sha256_hex;
use crate::signing::{mailed_code, sent_code};
use crate::table::{set, table};
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A bank account change as it is stored. The link and the code are kept as hashes only.
    struct BankAccountChangeRow in "bank_account_changes" by (partner_id, customer_id) {
        partner_id: PartnerId,
        customer_id: CustomerId,
        version: i64,
        state: ChangeState,
        account_id: BankAccountId,
        link_hash: String,
        sealed: Vec<u8>,
        asked_at: Timestamp,
        code_hash: Option<String>,
        code_sent_at: Option<Timestamp>,
        wrong: u16,
        wrong_in_all: u16,
        locked_until: Option<Timestamp>,
        sent: u16,
        counted_from: Option<Timestamp>,
    }
}

impl BankAccountChangeRow {
    /// The row of a change at a version, without its link.
    fn of(tx: &mut Tx<'_>, change: &BankAccountChange, version: i64) -> Result<Self, StoreError> {
        let doc = ChangeDoc { account: AccountDoc::of(&change.details), to: change.to.to_string() };
        let context = versioned(TABLE, change.customer, version);
        let (code_hash, code_sent_at) = sent_code(&change.mailed);
        Ok(Self {
            partner_id: change.partner,
            customer_id: change.customer,
            version,
            state: change.state,
            account_id: change.account,
            link_hash: String::new(),
            sealed: tx.seal(change.partner, &context, document::to_json(&doc).as_bytes())?,
            asked_at: change.requested_at,
            code_hash,
            code_sent_at,
            wrong: change.mailed.wrong,
            wrong_in_all: change.mailed.wrong_in_all,
            locked_until: change.mailed.locked_until,
            sent: change.mailed.sent,
            counted_from: change.mailed.counted_from,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Stored<BankAccountChange>, StoreError> {
        let context = versioned(TABLE, self.customer_id, self.version);
        let opened = tx.unseal(self.partner_id, &context, &self.sealed)?;
        let ChangeDoc { account, to } = document::from_json(&opened)?;
        let record = BankAccountChangeRecord {
            partner: self.partner_id,
            customer: self.customer_id,
            state: self.state,
            account: self.account_id,
            details: account.read()?,
            to: Email::parse(&to).map_err(corrupt)?,
            requested_at: self.asked_at,
            mailed: mailed_code!(self),
        };
        Ok(Stored::new(self.version, BankAccountChange::restored(record)))
    }
}

/// Prefix of the sealing contexts of changes.
const TABLE: &str = "bank_account_changes";

/// The sealed part of a change.
#[derive(Serialize, Deserialize)]
struct ChangeDoc {
    account: AccountDoc,
    to: String,
}

/// The keyed hash of a code. The same code of another customer or of an earlier change has another hash.
pub fn code_hash(tx: &Tx<'_>, customer: CustomerId, requested_at: Timestamp, code: &str) -> String {
    tx.keyring().lookup("account_code", &format!("{customer}\n{}\n{code}", requested_at.micros()))
}

/// Adds the customer's first change. `Duplicate` if the customer already has one.
pub fn insert(
    tx: &mut Tx<'_>, change: Changed<BankAccountChange>, link: &str,
) -> Result<BankAccountChange, StoreError> {
    let change = change.into_value();
    let row = BankAccountChangeRow::of(tx, &change, Stored::<BankAccountChange>::FIRST)?;
    tx.insert_now(&BankAccountChangeRow { link_hash: sha256_hex(link.as_bytes()), ..row })?;
    Ok(change)
}

/// Saves a change, if nobody else has changed its row since it was read.
pub fn save(
    tx: &mut Tx<'_>, change: Stored<Changed<BankAccountChange>>,
) -> Result<Stored<BankAccountChange>, StoreError> {
    change.save(|change, before| {
        let row = BankAccountChangeRow::of(tx, change, before + 1)?;
        let changes = set!(BankAccountChangeRow of row: state, account_id, sealed, asked_at, code_hash, code_sent_at,
                           wrong, wrong_in_all, locked_until, sent, counted_from);
        tx.update(args![change.partner, change.customer], before, changes)
    })
}

/// [`save`] under a new link. The old link no longer works.
pub fn save_with_link(
    tx: &mut Tx<'_>, change: Stored<Changed<BankAccountChange>>, link: &str,
) -> Result<Stored<BankAccountChange>, StoreError> {
    let change = save(tx, change)?;
    let sql = "update bank_account_changes set link_hash = $3 where partner_id = $1 and customer_id = $2";
    tx.execute_one(sql, args![change.partner, change.customer, sha256_hex(link.as_bytes())])?;
    Ok(change)
}

/// The customer's change, in any state.
pub fn of_customer(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Option<Stored<BankAccountChange>>, StoreError> {
    let own = args![partner, customer];
    tx.find_opened("where partner_id = $1 and customer_id = $2", own, BankAccountChangeRow::open)
}

/// The change of a link, of any partner: the link itself is the proof.
pub fn of_link(tx: &mut Tx<'_>, link: &str) -> Result<Option<Stored<BankAccountChange>>, StoreError> {
    tx.find_opened("where link_hash = $1", args![sha256_hex(link.as_bytes())], BankAccountChangeRow::open)
}
