//! The request log: the calls of the partner's programs with their answers.
//!
//! The filters have the names and values of the API, so that an address of the page says what a call to the API says.

mod filters;
mod list;
mod one;
mod words;

pub(super) use self::filters::only;
pub(super) use self::list::show as list;
pub(super) use self::one::show;
pub(super) use self::words::{tone, took};
