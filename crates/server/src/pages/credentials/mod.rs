//! A partner's credentials: the form that makes one, and one of them with the forms that replace and revoke it. The
//! console shows them below the partner, and the dashboard as its keys.

mod form;
mod one;
mod shelf;

pub(super) use self::form::{create, show as show_form};
pub(super) use self::one::{replace, revoke, show};
pub(super) use self::shelf::{CredentialRow, Shelf};
