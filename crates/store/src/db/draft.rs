//! Statements made before the transaction that runs them.
//!
//! A synthetic history has millions of rows. Sealing and JSON are most of that work, and SQLite has one writing thread. So
//! functions that write run on a [`Tx`](super::Tx) that only notes their statements. Later the script runs each noted
//! text for all of its rows, because many rows of one table are faster together than alone.

use std::cell::RefCell;

use super::gathered::{Gathered, Kind};
use crate::db::error::StoreError;
use crate::db::value::Arg;
use crate::random::Random;

thread_local! {
    pub(super) static RANDOM: RefCell<Random> = RefCell::new(Random::open());
}

/// Statements with their arguments. Statements of one text are together, also if several unrelated parts noted them.
#[derive(Debug, Clone, Default)]
pub struct Draft(pub(super) Gathered);

impl Draft {
    /// Notes a statement after the last one of the present part.
    pub(super) fn note(&mut self, sql: &str, args: &[Arg<'_>]) {
        self.0.add(Kind::Whole, sql, args.iter().map(Arg::kept).collect());
    }

    /// Notes rows to insert, each one separately.
    pub(super) fn note_rows<'v>(&mut self, head: &str, rows: &[impl AsRef<[Arg<'v>]>]) {
        for row in rows {
            self.0.add(Kind::Rows, head, row.as_ref().iter().map(Arg::kept).collect());
        }
    }
}

/// The error of a call that needs a row or a transaction.
pub(super) fn no_rows() -> StoreError {
    StoreError::Unavailable("a draft only notes statements that write, and has no rows to read".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_of_one_text_run_together_and_a_part_keeps_its_order() {
        let mut draft = Draft::default();
        for part in 0..3_i64 {
            draft.0.begin_part();
            draft.note_rows("insert into parents (a)", &[vec![Arg::Int(part)]]);
            draft.note_rows("insert into children (a)", &[vec![Arg::Int(part)], vec![Arg::Int(part)]]);
        }
        // Its parent comes after the children of the other parts, so this child comes after the parent.
        draft.0.begin_part();
        draft.note_rows("insert into children (a)", &[vec![Arg::Int(3)]]);
        draft.note_rows("insert into parents (a)", &[vec![Arg::Int(4)]]);
        draft.note_rows("insert into children (a)", &[vec![Arg::Int(4)]]);
        let seen: Vec<(&str, usize)> =
            draft.0.groups().iter().map(|noted| (noted.text.as_str(), noted.runs.len())).collect();
        let [parents, children] = ["insert into parents (a)", "insert into children (a)"];
        assert_eq!(seen, [(parents, 3), (children, 7), (parents, 1), (children, 1)]);
    }
}
