//! Partners: their list, one of them with its credentials and the health of its deliveries, and the forms that make
//! partners and credentials and revoke credentials.

mod create;
mod credentials;
mod limits;
mod list;
mod one;
mod rows;

pub(super) use self::create::{create, show as show_create};
pub(super) use self::credentials::{
    create as create_credential, replace, revoke, show as credential, show_form as show_new_credential,
};
pub(super) use self::limits::set as set_limits;
pub(super) use self::list::show as list;
pub(super) use self::one::show;
