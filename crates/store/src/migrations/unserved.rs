//! Why a program cannot serve a database.

/// Why a program cannot serve a database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unserved {
    /// It has no tables.
    #[error("the database has no tables yet; run `dinie migrate`")]
    Empty,
    /// It lacks what this program uses.
    #[error(
        "the database has schema version {version}, and this program needs version {needs}; run `dinie migrate` of \
         this program"
    )]
    Behind {
        /// The database's version.
        version: i64,
        /// The lowest that the program serves.
        needs: i64,
    },
    /// A migration that this program needs was begun and is not complete.
    #[error(
        "migration {version} of the database is not complete; run `dinie migrate` again, which goes on where it was"
    )]
    Unfinished {
        /// The migration's version.
        version: i64,
    },
    /// It lost what this program uses.
    #[error(
        "the database needs programs that know schema version {needs}, and this one knows version {knows}; use a newer \
         program"
    )]
    Ahead {
        /// The version that programs have to know.
        needs: i64,
        /// The newest that this one knows.
        knows: i64,
    },
    /// Its tables were made by other migrations than this program's.
    #[error(
        "the database has tables of another version of dinie, which this one cannot bring up to date; start with a \
         new database, or use the version that made this one"
    )]
    Foreign,
}
