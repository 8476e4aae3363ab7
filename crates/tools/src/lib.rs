//! The tools that call a server as any client does: `listen`, `trigger`, `demo` and `bench`.
//!
//! They see HTTP and what travels, and no use case and no row. What a bench needs in a database, and the demo's own
//! server, whoever starts them provides: [`bench::Workshop`], [`demo::Sandbox`].
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

/// Prints a line for the person who runs the command.
///
/// If the line cannot be written, the program ends: quietly with 0 if the reader has closed the pipe, else with an error and 1.
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

/// Says why a command failed, or how far it is where its output is for programs.
///
/// If the line cannot be written, there is nobody left to tell, and the program ends with 1.
pub fn say_error(line: &str) {
    if writeln!(io::stderr(), "{line}").is_err() {
        process::exit(1);
    }
}
