//! The partner's webhook endpoints: their list, one of them with its deliveries, one delivery with its attempts, and the
//! forms that make, test and change endpoints.

mod acts;
mod create;
mod day;
mod delivery;
mod list;
mod one;
mod replay;

pub(super) use self::acts::{delete, recover, retry, rotate, switch, test};
pub(super) use self::create::{create, show as show_form};
pub(super) use self::delivery::show as delivery;
pub(super) use self::list::show as list;
pub(super) use self::one::show;
pub(super) use self::replay::{replay, show as show_replay};
pub(super) use crate::pages::attempts::host_of;
