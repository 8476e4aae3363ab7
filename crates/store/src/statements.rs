//! Every statement that tests run, with its place in the source. The tests of plans read them.
//!
//! A statement counts under the line of this crate that hands it to [`Tx`](crate::Tx). Statements of the tests
//! themselves do not count. If the environment names a folder in `DINIE_STATEMENTS`, each process also writes its
//! statements there; `scripts/statements` compares them with `crates/store/statements.sql`.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::panic::Location;
use std::sync::{Mutex, OnceLock, PoisonError};

/// A statement of this crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Statement {
    /// The file and the line that run it, `customers.rs:120`.
    pub place: String,
    /// Its text.
    pub sql: String,
}

static RUN: Mutex<BTreeSet<Statement>> = Mutex::new(BTreeSet::new());

/// Notes a statement before it runs.
pub(crate) fn note(sql: &str, caller: &Location<'_>) {
    let Some((_, file)) = caller.file().split_once("store/src/") else { return };
    if sql.ends_with("savepoint part") {
        return;
    }
    let statement = Statement { place: format!("{file}:{}", caller.line()), sql: sql.to_owned() };
    let line = format!("{}\t{}\n", statement.place, statement.sql);
    if RUN.lock().unwrap_or_else(PoisonError::into_inner).insert(statement)
        && let Some(log) = log()
    {
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.write_all(line.as_bytes()).expect("the folder of DINIE_STATEMENTS is writable");
    }
}

/// The statements that this process has run so far.
pub fn run_so_far() -> BTreeSet<Statement> {
    RUN.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The file of this process, if statements are to be written.
#[expect(clippy::disallowed_methods, reason = "only tests have this code, and their script names the folder")]
fn log() -> Option<&'static Mutex<std::fs::File>> {
    static LOG: OnceLock<Option<Mutex<std::fs::File>>> = OnceLock::new();
    let open = || {
        let folder = std::env::var_os("DINIE_STATEMENTS")?;
        let file = std::path::Path::new(&folder).join(format!("{}.tsv", std::process::id()));
        let file = std::fs::File::options().create(true).append(true).open(file);
        Some(Mutex::new(file.expect("the folder of DINIE_STATEMENTS exists")))
    };
    LOG.get_or_init(open).as_ref()
}
