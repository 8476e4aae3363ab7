//! The schema's versions: one tree of migrations for both engines, and the versions that a program can serve.
//!
//! A migration expands or contracts. An expansion adds tables and columns for the next program, and programs without it
//! go on serving. A contraction removes parts that only older programs need, in a later release than its expansion.
//! Therefore nodes of two releases can serve one database while it is migrated
//! ([decision 0012](../../../../docs/decisions/0012-migrations-beside-running-nodes.md)).

mod locks;
mod run;
mod tree;
pub(crate) mod unserved;

pub use self::run::{Contracting, Report, distribute, migrate, status};
pub(crate) use self::run::{Opening, prepare};
pub(crate) use self::tree::REQUEST_LOG;
pub use self::tree::{Backfill, Migration, Phase, Range, Schema, Step, TREE, Tree, schema};
pub use self::unserved::Unserved;
