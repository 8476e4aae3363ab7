//! The seam: scripts, arguments, rows and the differences between engines.
//!
//! A script is a synchronous `Fn(&mut Tx) -> Result<T, E>`. It runs in one transaction and may run more than once:
//! PostgreSQL runs it again after a serialization failure, a deadlock or a lost compare-and-set. So a script changes
//! nothing outside its transaction. One SQL text, with `$1` parameters, serves both engines. If they differ,
//! [`Dialect`] names the fragment.
//!
//! Reasons: docs/decisions/0001.

mod caller;
pub(crate) mod cause;
mod claim;
mod dialect;
mod draft;
pub(crate) mod error;
mod failed;
mod gathered;
mod lineage;
pub(crate) mod link;
mod look;
mod measure;
mod mode;
mod part;
mod postgres;
pub(crate) mod rows;
mod script;
mod sealing;
pub(crate) mod shared;
mod sqlite;
mod store;
mod told;
pub(crate) mod tx;
mod unreadable;
pub(crate) mod url;
pub(crate) mod value;
pub(crate) mod wakes;

pub use self::claim::Claim;
pub use self::dialect::Dialect;
pub use self::draft::Draft;
pub use self::error::{OpenError, StoreError};
pub use self::failed::{Failed, Retry};
pub use self::look::{Looked, copy_sqlite};
pub use self::mode::Lane;
pub use self::postgres::{Distribution, drop_database, make_empty_database};
pub use self::rows::row_count;
pub(crate) use self::rows::{LONGEST, among, in_chunks, owned_by, padded_tuples, tuples};
pub use self::sqlite::LogSize;
pub use self::store::Store;
pub use self::tx::Tx;
pub(crate) use self::tx::{Deletable, delete_listed};
pub use self::unreadable::UnreadableRow;
pub use self::url::{DatabaseUrl, Deadlines, discard_request_log, request_log_file};
pub use self::value::{Arg, Column, Row, ToArg};
pub use self::wakes::{Wake, Wakes};

/// Builds the argument list of a statement.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::db::ToArg::to_arg(&$value)),*][..] };
}
