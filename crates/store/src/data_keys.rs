//! The stored keys that seal the data of a partner or an operator. An owner has several while its key is replaced.
//!
//! Keys in memory seal for [`FRESH`](crate::seal::FRESH) at most. A command that made a new key therefore knows when every process uses it.
//! They open for as long as the process runs, and an unknown number is read from the database.
//!
//! Reasons: docs/decisions/0045.

use domain::id::PartnerId;
use domain::time::RealTime;

use crate::args;
use crate::db::error::StoreError;
use crate::db::tx::Tx;
use crate::holder::Holder;
use crate::master_keys::{self, Wrapped};
use crate::seal::{DataKey, DataKeys, Keyring};
use crate::table::table;

table! {
    /// A key as it is stored. The owner may be a partner or an operator.
    struct DataKeyRow in "data_keys" by (partner_id, number) {
        partner_id: String,
        number: u16,
        master_key: String,
        material: Vec<u8>,
        created_at: RealTime,
    }
}

/// The number of an owner's first key.
pub(crate) const FIRST: u16 = 1;
/// Most keys of an owner. An owner with that many gets no further one.
pub const MOST: u16 = 100;

/// A partner's keys, to seal: from memory if they were read lately.
pub(crate) fn to_seal(tx: &mut Tx<'_>, partner: PartnerId) -> Result<DataKeys, StoreError> {
    match tx.keyring().data_keys(partner) {
        // A draft cannot read. It is for synthetic histories alone.
        Some(keys) if keys.are_fresh() || tx.is_draft() => Ok(keys),
        _old => read_again(tx, partner),
    }
}

/// A partner's keys, to open a value: from memory if its key is there.
pub(crate) fn to_open(tx: &mut Tx<'_>, partner: PartnerId, sealed: &[u8]) -> Result<DataKeys, StoreError> {
    match tx.keyring().data_keys(partner) {
        Some(keys) if keys.can_open(sealed) => Ok(keys),
        _other => read_again(tx, partner),
    }
}

/// A partner's keys, with the key of this number if it exists.
pub(crate) fn with_number(tx: &mut Tx<'_>, partner: PartnerId, number: u16) -> Result<DataKeys, StoreError> {
    match tx.keyring().data_keys(partner) {
        Some(keys) if keys.are_fresh() && keys.find(number).is_some() => Ok(keys),
        _other => read_again(tx, partner),
    }
}

/// An owner's keys, to seal.
pub(crate) fn of_owner(tx: &mut Tx<'_>, owner: Holder) -> Result<DataKeys, StoreError> {
    match owner {
        Holder::Partner(partner) => to_seal(tx, partner),
        Holder::Operator(_) => read(tx, owner),
    }
}

/// An owner's keys, to open a value.
pub(crate) fn of_value(tx: &mut Tx<'_>, owner: Holder, sealed: &[u8]) -> Result<DataKeys, StoreError> {
    match owner {
        Holder::Partner(partner) => to_open(tx, partner, sealed),
        Holder::Operator(_) => read(tx, owner),
    }
}

fn read_again(tx: &mut Tx<'_>, partner: PartnerId) -> Result<DataKeys, StoreError> {
    let keys = read(tx, partner.into())?;
    tx.keyring().remember(partner, keys.clone());
    Ok(keys)
}

/// The partner's keys if they are in memory and fresh.
pub(crate) fn at_hand(keyring: &Keyring, partner: PartnerId) -> Option<DataKeys> {
    keyring.data_keys(partner).filter(DataKeys::are_fresh)
}

/// The keys of an owner as the database has them; `NotFound` without one.
pub(crate) fn read(tx: &mut Tx<'_>, owner: Holder) -> Result<DataKeys, StoreError> {
    let sql = "select number, master_key, material from data_keys where partner_id = $1 \
               order by number desc limit 100";
    let rows: Vec<(u16, String, Vec<u8>)> = tx.fetch_all(sql, args![owner])?;
    let key = |(number, master_key, material)| {
        let wrapped = Wrapped { master_key, material };
        let bytes = master_keys::unwrap(tx.keyring(), &name(owner, number), &wrapped)?;
        Ok::<_, StoreError>((number, DataKey::new(bytes)))
    };
    DataKeys::of(rows.into_iter().map(key).collect::<Result<_, _>>()?)
}

/// The name under which a key is wrapped, so that no key can take another one's place.
pub(crate) fn name(owner: Holder, number: u16) -> String {
    name_of(&owner.to_string(), number)
}

/// [`name`] for an owner as it is stored.
pub(crate) fn name_of(owner: &str, number: u16) -> String {
    format!("{owner}#{number}")
}

/// Gives an owner a key with this number. `Conflict` if it has one.
pub(crate) fn insert(tx: &mut Tx<'_>, owner: Holder, number: u16, now: RealTime) -> Result<(), StoreError> {
    let key = tx.random_bytes();
    let Wrapped { master_key, material } = master_keys::wrap(tx, &name(owner, number), &key)?;
    let row = DataKeyRow { partner_id: owner.to_string(), number, master_key, material, created_at: now };
    tx.insert_now(&row).map_err(StoreError::duplicate_as_conflict)
}
