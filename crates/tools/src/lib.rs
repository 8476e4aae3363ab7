//! The tools that call a server as any client does: `listen`, `trigger`, `demo` and `bench`.
//!
//! They know HTTP and the wire formats, but no use case and no row. A bench also needs work in a database, and the
//! demo can need its own server. The program that starts them provides both: [`bench::DatabaseAccess`], [`demo::Sandbox`].
//!
//! Reasons: docs/decisions/0019.

mod access;
pub mod bench;
pub mod client;
mod clock;
pub mod demo;
pub mod failure;
mod hint;
pub mod listen;
pub mod output;
mod partner;
mod profile;
mod random;
pub mod trigger;

pub use self::output::{say, say_error};
