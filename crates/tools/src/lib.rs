//! The tools that call a server as any client does: `login`, the commands of resources, `listen`, `trigger`, `logs`, `demo`
//! and `bench`.
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
pub mod health;
mod hint;
pub mod listen;
pub mod login;
pub mod logs;
mod ordered;
pub mod output;
mod overrides;
mod partner;
mod profile;
mod random;
mod resend;
pub mod reset;
pub mod resources;
mod signed;
pub mod trigger;

pub use self::output::{say, say_error};
pub use self::partner::ApiGeneration;
