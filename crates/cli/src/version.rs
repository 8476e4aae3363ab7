//! `dinie version` and `dinie --version`: the version, the commit and the schema versions of this program.

use store::migrations::TREE;

use super::migrate::program_line;

/// The version and the commit. A program for development names no commit.
const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), "\ncommit ", env!("DINIE_COMMIT"));

/// Everything that distinguishes this program from another build, without its name.
pub(crate) fn whole() -> String {
    format!("{PROGRAM}\n{}", program_line(TREE))
}
