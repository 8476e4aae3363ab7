//! Rows that the scripts of a transaction insert, collected so that rows of one table are sent in one statement.
//!
//! A message and its answer are most of the cost of a statement on both sides. Scripts that share a transaction insert
//! into the same tables, so rows sent together cost less. A script's rows keep their order: a row is never sent before
//! an earlier row of the same script, which it may refer to.

use crate::db::gathered::{Gathered, Group, Kind, Run};
use crate::db::rows::{LONGEST, tuples};

/// Unsent rows, grouped by the beginning of their statement: `insert into t (a, b)`.
#[derive(Default)]
pub(super) struct Inserts {
    rows: Gathered,
    /// Whether the present script has unsent rows.
    own: bool,
}

impl Inserts {
    /// Begins another script.
    pub(super) fn begin_script(&mut self) {
        self.rows.begin_part();
        self.own = false;
    }

    /// Whether the present script has unsent rows.
    pub(super) fn has_own(&self) -> bool {
        self.own
    }

    /// Adds a row of the present script.
    pub(super) fn add(&mut self, head: &str, row: Run) {
        self.rows.add(Kind::Rows, head, row);
        self.own = true;
    }

    /// Takes all rows, as statements with their arguments. Their row counts are powers of two, so that few texts are
    /// prepared.
    pub(super) fn take(&mut self) -> Vec<(String, Run)> {
        self.own = false;
        let mut statements = Vec::new();
        for Group { text: head, runs: mut rows, .. } in self.rows.take() {
            while !rows.is_empty() {
                let rest = rows.split_off((1 << rows.len().ilog2()).min(LONGEST));
                let chunk = std::mem::replace(&mut rows, rest);
                let width = chunk[0].len();
                let sql = format!("{head} values {}", tuples(chunk.len(), width, 1));
                statements.push((sql, chunk.into_iter().flatten().collect()));
            }
        }
        statements
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Arg;

    fn row(number: i64) -> Run {
        vec![Arg::Int(number), Arg::Null]
    }

    fn texts(inserts: &mut Inserts) -> Vec<(String, usize)> {
        inserts.take().into_iter().map(|(sql, args)| (sql, args.len())).collect()
    }

    #[test]
    fn rows_of_a_table_are_sent_together_and_a_script_keeps_its_order() {
        let mut inserts = Inserts::default();
        for script in 0..3 {
            inserts.begin_script();
            assert!(!inserts.has_own());
            inserts.add("insert into parents (a, b)", row(script));
            inserts.add("insert into children (a, b)", row(script));
            assert!(inserts.has_own());
        }
        // Its parent comes after the other scripts' children, so this child comes after the parent.
        inserts.begin_script();
        inserts.add("insert into children (a, b)", row(3));
        inserts.add("insert into parents (a, b)", row(4));
        inserts.add("insert into children (a, b)", row(4));
        let sent = texts(&mut inserts);
        let of = |table: &str, rows: usize| {
            (format!("insert into {table} (a, b) values {}", tuples(rows, 2, 1)), rows * 2)
        };
        let expected =
            [of("parents", 2), of("parents", 1), of("children", 4), of("parents", 1), of("children", 1)];
        assert_eq!(sent, expected);
        assert!(texts(&mut inserts).is_empty());
    }
}
