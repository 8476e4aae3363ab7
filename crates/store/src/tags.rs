//! Tags that prove the origin of an id: the beginning of a keyed hash.

use crate::Tx;

/// The tag of a value; `kind` keeps equal values of different uses apart.
pub fn tag(tx: &Tx<'_>, kind: &str, value: &str) -> u64 {
    let hash = tx.keyring().lookup(kind, value);
    u64::from_str_radix(&hash[..16], 16).expect("a keyed hash is 64 hex digits")
}
