//! The values by which operators search: ids, tax numbers, contacts, numbers of contracts and payments, and names.
//!
//! [`Query`] reads the text of a search. [`terms`] are the values by which a customer is found although its data is
//! sealed: the parts of names, the contacts, and the tax numbers of its co-owners. [`words`] says how names are compared.
//!
//! Reasons: docs/decisions/0026.

mod kind;
pub mod query;
mod terms;
pub mod words;

pub use self::kind::{Kind, Match};
pub use self::query::{NameQuery, Query};
pub use self::terms::{Term, terms};
