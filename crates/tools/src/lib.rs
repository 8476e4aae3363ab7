//! The tools that call a server as any client does: `listen`, `trigger`, `demo` and `bench`.
//!
//! They know HTTP and the wire formats, but no use case and no row. A bench also needs work in a database, and the
//! demo can need its own server. The program that starts them provides both: [`bench::DatabaseAccess`], [`demo::Sandbox`].
//!
//! Reasons: docs/decisions/0019.

use std::io::{self, Write as _};
use std::process;

mod access;
pub mod bench;
pub mod client;
mod clock;
pub mod demo;
pub mod listen;
mod partner;
mod random;
pub mod trigger;

/// Prints a line for the command's user. If it cannot be written, the program ends: quietly with 0 if the reader has closed
/// the pipe, otherwise with an error and 1.
pub fn say(line: &str) {
    match writeln!(io::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            say_error(&format!("the standard output takes nothing: {error}"));
            process::exit(1);
        }
    }
}

/// Prints an error or, if the output is for programs, the progress. If it cannot be written, the program ends with 1.
pub fn say_error(line: &str) {
    if writeln!(io::stderr(), "{line}").is_err() {
        process::exit(1);
    }
}
