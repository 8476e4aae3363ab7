//! Runs of statements, grouped by their texts.
//!
//! Many rows of one text are faster together than alone. Runs of independent parts share groups. Within a part the
//! order stays: a run never comes before an earlier run of the same part.

use crate::db::value::Arg;

/// The arguments of one run.
pub(super) type Run = Vec<Arg<'static>>;

/// All gathered runs of a text.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) runs: Vec<Run>,
}

/// The kind of a group's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The beginning of an insert, `insert into t (a, b)`. The runs are its rows.
    Rows,
    /// A whole statement.
    Whole,
}

/// Runs of all parts, in groups.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered {
    groups: Vec<Group>,
    /// The first group that the next run of the present part may join: the group of the part's last run.
    from: usize,
}

impl Gathered {
    /// Begins a part that depends on no run added so far.
    pub(super) fn begin_part(&mut self) {
        self.from = 0;
    }

    /// Adds a run of the present part to the first group with its text that is not before the part's last run.
    pub(super) fn add(&mut self, kind: Kind, text: &str, run: Run) {
        let is_of = |group: &Group| group.kind == kind && group.text == text;
        let found = self.groups.iter().skip(self.from).position(is_of);
        self.from = found.map_or(self.groups.len(), |at| self.from + at);
        match self.groups.get_mut(self.from) {
            Some(group) => group.runs.push(run),
            None => self.groups.push(Group { kind, text: text.to_owned(), runs: vec![run] }),
        }
    }

    /// The groups in their order.
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Takes all groups. Later runs belong to another part.
    pub(super) fn take(&mut self) -> Vec<Group> {
        self.begin_part();
        std::mem::take(&mut self.groups)
    }
}
