//! Statements made before the transaction that runs them.
//!
//! A filler of databases makes millions of rows. Sealing and JSON are most of that work, and SQLite has one writing
//! thread. So the functions that write run on a [`Tx`] that only notes their statements, and the script runs the notes.

use std::cell::RefCell;

use super::value::Kept;
use super::{Arg, StoreError};
use crate::random::Random;

thread_local! {
    pub(super) static RANDOM: RefCell<Random> = RefCell::new(Random::open());
}

/// Statements with their arguments, in order.
#[derive(Debug, Clone, Default)]
pub struct Draft(pub(super) Vec<Noted>);

/// A statement that is not run yet.
#[derive(Debug, Clone)]
pub(super) struct Noted {
    pub(super) sql: String,
    args: Vec<Kept>,
}

impl Noted {
    pub(super) fn args(&self) -> Vec<Arg<'_>> {
        self.args.iter().map(Kept::as_arg).collect()
    }
}

impl Draft {
    pub(super) fn note(&mut self, sql: &str, args: &[Arg<'_>]) {
        self.0.push(Noted { sql: sql.to_owned(), args: args.iter().map(Kept::of).collect() });
    }
}

/// The refusal of what needs a row or a transaction.
pub(super) fn no_rows() -> StoreError {
    StoreError::Unavailable("a draft holds statements that write, and has no rows to read".into())
}
