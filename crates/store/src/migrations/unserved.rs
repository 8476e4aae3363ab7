//! The reasons why a program cannot serve a database.

/// The reason why a program cannot serve a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// It has no tables.
    #[error("the database has no tables yet; run `dinie migrate`")]
    Empty,
    /// It lacks parts that this program uses.
    #[error(
        "the database has schema version {version}, and this program needs version {needs}; run `dinie migrate` of \
         this program"
    )]
    Behind {
        /// The database's version.
        version: i64,
        /// The lowest version that the program serves.
        needs: i64,
    },
    /// A migration that this program needs has begun and is not complete.
    #[error(
        "migration {version} of the database is not complete; run `dinie migrate` again, which continues at the next step"
    )]
    Unfinished {
        /// The migration's version.
        version: i64,
    },
    /// It no longer has parts that this program uses.
    #[error(
        "the database needs programs that know schema version {needs}, and this one knows version {supports}; use a newer \
         program"
    )]
    Ahead {
        /// The version that programs must know.
        needs: i64,
        /// The newest version that this program knows.
        supports: i64,
    },
    /// Other migrations than this program's made its tables.
    #[error(
        "the database has tables of another version of dinie, which this one cannot bring up to date; start with a \
         new database, or use the version that made this one"
    )]
    Foreign,
}
