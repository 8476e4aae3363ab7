//! The tools that call a server as any client does: `listen`, `trigger`, `demo` and `bench`.
//!
//! They see HTTP and what travels, and no use case and no row. What a bench needs in a database, and the demo's own
//! server, whoever starts them provides: [`bench::Workshop`], [`demo::Sandbox`].
//!
//! Reasons: docs/decisions/0019.

mod access;
pub mod bench;
pub mod client;
mod clock;
pub mod demo;
pub mod listen;
mod partner;
mod random;
pub mod trigger;

/// Says a line to whoever ran the command.
#[expect(clippy::print_stdout, reason = "commands speak on the standard output")]
pub fn say(line: &str) {
    println!("{line}");
}

/// Says why a command failed, or how far it is where its output is for programs.
#[expect(clippy::print_stderr, reason = "commands fail on the standard error stream")]
pub fn say_error(line: &str) {
    eprintln!("{line}");
}
