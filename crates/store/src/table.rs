//! Tables: each is declared once, and its statements are made from the declaration.
//!
//! [`table!`] declares the columns of a table with their types. This list defines the row's struct, the list of a
//! `select`, the insert, its arguments and the reading of a row. So names and places cannot disagree, and reading a row
//! looks up no names. [`row!`] declares an answer that is no whole row in the same way. [`set!`] names the columns that
//! an update writes.
//!
//! A column's type decides how its value is written and read ([`ToArg`], [`Column`]).
//!
//! Reasons: docs/decisions/0021.

use std::marker::PhantomData;

pub(crate) use crate::db::error::StoreError;
use crate::db::rows::push_whole;
pub(crate) use crate::db::rows::tuples;
use crate::db::tx::Tx;
pub(crate) use crate::db::value::{Arg, Column, Row, ToArg};

/// Values that are read together from columns of a row, beginning at one place.
pub trait Selected: Sized {
    /// The number of columns.
    const WIDTH: usize;

    /// Reads the values, beginning at place `at`.
    fn read_at(row: &Row<'_>, at: usize) -> Result<Self, StoreError>;
}

/// A `select` list over one table.
pub(crate) trait Projection: Selected {
    /// The table.
    type Of: Table;

    /// The list, as SQL.
    fn list() -> &'static str;
}

/// A table's row.
pub(crate) trait Table: Projection<Of = Self> {
    /// The table's name.
    const NAME: &'static str;
    /// The columns of the primary key.
    const KEY: &'static [&'static str];
    /// All columns, in the order of the arguments.
    const COLUMNS: &'static [&'static str];
    /// The beginning of an insert, up to its values.
    const INSERT: &'static str;

    /// The insert of one row.
    fn insert_one() -> &'static str;

    /// The values of all columns.
    fn args(&self) -> Vec<Arg<'_>>;

    /// A row of generated values.
    #[cfg(feature = "test-support")]
    fn sample(samples: &mut crate::samples::Samples) -> Self;
}

/// A column of the table of `R`, with values of type `T`.
pub(crate) struct Col<R, T> {
    name: &'static str,
    of: PhantomData<fn() -> (R, T)>,
}

impl<R, T> Clone for Col<R, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R, T> Copy for Col<R, T> {}

impl<R, T> Col<R, T> {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self { name, of: PhantomData }
    }

    /// The column's name.
    pub(crate) const fn name(self) -> &'static str {
        self.name
    }

    /// The column with a value that an update writes.
    pub(crate) fn to(self, value: &T) -> Set<'_, R>
    where
        T: ToArg,
    {
        Set { name: self.name, value: value.to_arg(), of: PhantomData }
    }
}

/// Columns whose values can be compared with a `V`: those of type `V`, nullable or not.
pub(crate) trait Holds<V: ?Sized> {}

impl<T> Holds<T> for T {}
impl<T> Holds<T> for Option<T> {}

/// A column of the table of `R` with the value that an update writes.
pub(crate) struct Set<'a, R> {
    name: &'static str,
    value: Arg<'a>,
    of: PhantomData<fn() -> R>,
}

/// Reads the columns of a row one after another.
pub(crate) struct Columns<'r, 'a> {
    row: &'r Row<'a>,
    at: usize,
}

impl<'r, 'a> Columns<'r, 'a> {
    pub(crate) fn from(row: &'r Row<'a>, at: usize) -> Self {
        Self { row, at }
    }

    /// Reads the next columns.
    pub(crate) fn take<T: Selected>(&mut self) -> Result<T, StoreError> {
        let at = self.at;
        self.at += T::WIDTH;
        T::read_at(self.row, at)
    }
}

impl<T: Column> Selected for T {
    const WIDTH: usize = 1;

    fn read_at(row: &Row<'_>, at: usize) -> Result<Self, StoreError> {
        row.get(at)
    }
}

/// Values of a row. A damaged one keeps its error, so that it does not end the reading of other rows.
impl<T: Selected> Selected for Result<T, StoreError> {
    const WIDTH: usize = T::WIDTH;

    fn read_at(row: &Row<'_>, at: usize) -> Result<Self, StoreError> {
        Ok(T::read_at(row, at))
    }
}

macro_rules! selected_tuples {
    ($(($($part:ident),+);)+) => {$(
        impl<$($part: Selected),+> Selected for ($($part,)+) {
            const WIDTH: usize = 0 $(+ $part::WIDTH)+;

            fn read_at(row: &Row<'_>, at: usize) -> Result<Self, StoreError> {
                let mut columns = Columns::from(row, at);
                Ok(($(columns.take::<$part>()?,)+))
            }
        }
    )+};
}

selected_tuples! {
    (A, B);
    (A, B, C);
    (A, B, C, D);
    (A, B, C, D, E);
}

impl Tx<'_> {
    /// Runs a query and reads each row as a whole. A wrong number of columns is a defect on both engines.
    #[track_caller]
    pub fn fetch_all<T: Selected>(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<T>, StoreError> {
        self.query(sql, args, whole)
    }

    /// [`fetch_all`](Self::fetch_all) of a statement that writes and returns the written rows.
    #[track_caller]
    pub fn fetch_written<T: Selected>(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Vec<T>, StoreError> {
        self.begin_writing_query();
        let written = self.fetch_all(sql, args);
        self.end_writing_query();
        written
    }

    /// [`fetch_all`](Self::fetch_all) of at most one row.
    #[track_caller]
    pub fn fetch_opt<T: Selected>(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<Option<T>, StoreError> {
        self.query_opt(sql, args, whole)
    }

    /// [`fetch_all`](Self::fetch_all) of exactly one row.
    #[track_caller]
    pub fn fetch_one<T: Selected>(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<T, StoreError> {
        self.query_one(sql, args, whole)
    }

    /// The rows of a table that match `rest`, such as `where id = $1`.
    #[track_caller]
    pub(crate) fn find_all<P: Projection>(
        &mut self, rest: &str, args: &[Arg<'_>],
    ) -> Result<Vec<P>, StoreError> {
        self.fetch_all(&select::<P>(rest), args)
    }

    /// [`find_all`](Self::find_all) of at most one row.
    #[track_caller]
    pub(crate) fn find<P: Projection>(
        &mut self, rest: &str, args: &[Arg<'_>],
    ) -> Result<Option<P>, StoreError> {
        self.fetch_opt(&select::<P>(rest), args)
    }

    /// [`find`](Self::find) of a row that `open` turns into a value.
    #[track_caller]
    pub(crate) fn find_opened<P: Projection, T>(
        &mut self, rest: &str, args: &[Arg<'_>], open: impl FnOnce(P, &mut Self) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.find(rest, args)?.map(|row| open(row, self)).transpose()
    }

    /// Whether a table has a row that matches `rest`, also if the row is unreadable.
    #[track_caller]
    pub(crate) fn has<R: Table>(&mut self, rest: &str, args: &[Arg<'_>]) -> Result<bool, StoreError> {
        let sql = format!("select version from {} {rest}", R::NAME);
        Ok(self.query_opt(&sql, args, |_row| Ok(()))?.is_some())
    }

    /// Adds a row, without waiting for the answer ([`execute_later`](Self::execute_later)).
    #[track_caller]
    pub(crate) fn insert<R: Table>(&mut self, row: &R) -> Result<(), StoreError> {
        self.insert_row(R::INSERT, R::insert_one(), &row.args())
    }

    /// Adds a row and waits for the answer: `Duplicate` if one of its keys is taken.
    #[track_caller]
    pub(crate) fn insert_now<R: Table>(&mut self, row: &R) -> Result<(), StoreError> {
        self.execute(R::insert_one(), &row.args()).map(drop)
    }

    /// Adds rows in few statements, without waiting for an answer.
    #[track_caller]
    pub(crate) fn insert_all<R: Table>(&mut self, rows: &[R]) -> Result<(), StoreError> {
        let rows: Vec<_> = rows.iter().map(Table::args).collect();
        self.insert_rows(R::INSERT, &rows)
    }

    /// Writes some columns of the row with this primary key, if its version is still `before`: compare and set.
    /// Otherwise `Conflict`.
    #[track_caller]
    pub(crate) fn update<'a, R: Table>(
        &mut self, key: &[Arg<'a>], before: i64, changes: &[Set<'a, R>],
    ) -> Result<(), StoreError> {
        let (sql, args) = update(key, before, changes);
        self.execute_one(&sql, &args)
    }
}

/// `select a, b from t where …`
pub(crate) fn select<P: Projection>(rest: &str) -> String {
    format!("select {} from {} {rest}", P::list(), P::Of::NAME)
}

/// `update t set version = version + 1, a = $4 where partner_id = $1 and id = $2 and version = $3`
fn update<'a, R: Table>(key: &[Arg<'a>], before: i64, changes: &[Set<'a, R>]) -> (String, Vec<Arg<'a>>) {
    let mut sql = format!("update {} set version = version + 1", R::NAME);
    let mut args = key.to_vec();
    args.push(Arg::Int(before));
    for Set { name, value, .. } in changes {
        args.push(value.clone());
        sql.extend([", ", name, " = $"]);
        push_whole(&mut sql, args.len());
    }
    for (place, column) in (1..).zip(R::KEY) {
        sql.extend([if place == 1 { " where " } else { " and " }, column, " = $"]);
        push_whole(&mut sql, place);
    }
    sql.push_str(" and version = $");
    push_whole(&mut sql, R::KEY.len() + 1);
    (sql, args)
}

fn whole<T: Selected>(row: &Row<'_>) -> Result<T, StoreError> {
    if row.columns() != T::WIDTH {
        let (read, given) = (T::WIDTH, row.columns());
        return Err(StoreError::Defect(format!("a statement returns {given} columns, but {read} are read")));
    }
    T::read_at(row, 0)
}

/// `a, b, c` of names.
macro_rules! listed {
    ($first:ident $(, $rest:ident)*) => { concat!(stringify!($first) $(, ", ", stringify!($rest))*) };
}

/// Declares a table: the struct of its rows, its name, its primary key and its columns.
macro_rules! table {
    (
        $(#[$meta:meta])*
        struct $Row:ident in $table:literal by ($($key:ident),+ $(,)?) {
            $($(#[$column_meta:meta])* $column:ident: $type:ty,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone)]
        pub(crate) struct $Row {
            $($(#[$column_meta])* pub(crate) $column: $type,)+
        }

        #[expect(non_upper_case_globals, reason = "columns have the names of the schema")]
        impl $Row {
            $(pub(crate) const $column: $crate::table::Col<Self, $type> =
                $crate::table::Col::new(stringify!($column));)+
        }

        impl $crate::table::Selected for $Row {
            const WIDTH: usize = <Self as $crate::table::Table>::COLUMNS.len();

            fn read_at(row: &$crate::table::Row<'_>, at: usize) -> Result<Self, $crate::table::StoreError> {
                let mut columns = $crate::table::Columns::from(row, at);
                Ok(Self { $($column: columns.take()?),+ })
            }
        }

        impl $crate::table::Projection for $Row {
            type Of = Self;

            fn list() -> &'static str {
                $crate::table::listed!($($column),+)
            }
        }

        impl $crate::table::Table for $Row {
            const NAME: &'static str = $table;
            const KEY: &'static [&'static str] = &[$(Self::$key.name()),+];
            const COLUMNS: &'static [&'static str] = &[$(Self::$column.name()),+];
            const INSERT: &'static str =
                concat!("insert into ", $table, " (", $crate::table::listed!($($column),+), ")");

            fn insert_one() -> &'static str {
                static TEXT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    let places = $crate::table::tuples(1, <$Row as $crate::table::Table>::COLUMNS.len(), 1);
                    format!("{} values {places}", <$Row as $crate::table::Table>::INSERT)
                });
                &TEXT
            }

            fn args(&self) -> Vec<$crate::table::Arg<'_>> {
                vec![$($crate::table::ToArg::to_arg(&self.$column)),+]
            }

            #[cfg(feature = "test-support")]
            fn sample(samples: &mut $crate::samples::Samples) -> Self {
                Self { $($column: $crate::samples::Sample::sample(samples)),+ }
            }
        }
    };
}

/// Declares an answer over one table: columns by their names, or values of an SQL expression (`name: Type = "sql"`). With
/// `..row: Row` first, it has all columns of the table as well.
macro_rules! row {
    (
        $(#[$meta:meta])*
        struct $Row:ident of $Table:ident {
            $(..$all:ident: $All:ty,)?
            $($column:ident: $type:ty $(= $sql:literal)?,)*
        }
    ) => {
        $(#[$meta])*
        pub(crate) struct $Row {
            $($all: $All,)?
            $($column: $type,)*
        }

        impl $crate::table::Selected for $Row {
            const WIDTH: usize = 0
                $(+ <$All as $crate::table::Selected>::WIDTH)?
                $(+ <$type as $crate::table::Selected>::WIDTH)*;

            fn read_at(row: &$crate::table::Row<'_>, at: usize) -> Result<Self, $crate::table::StoreError> {
                let mut columns = $crate::table::Columns::from(row, at);
                Ok(Self { $($all: columns.take()?,)? $($column: columns.take()?,)* })
            }
        }

        impl $crate::table::Projection for $Row {
            type Of = $Table;

            fn list() -> &'static str {
                static LIST: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    [
                        $(<$All as $crate::table::Projection>::list(),)?
                        $($crate::table::expression!($Table $column $($sql)?),)*
                    ]
                    .join(", ")
                });
                &LIST
            }
        }
    };
}

/// The SQL of a value of [`row!`].
macro_rules! expression {
    ($Table:ident $column:ident) => {
        $Table::$column.name()
    };
    ($Table:ident $column:ident $sql:literal) => {
        $sql
    };
}

/// Columns of a row with their values, for [`Tx::update`].
macro_rules! set {
    ($Row:ident of $row:ident: $($column:ident),+ $(,)?) => {
        &[$($Row::$column.to(&$row.$column)),+]
    };
}

pub(crate) use {expression, listed, row, set, table};

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
