//! Reads only whether a column is null.

use tokio_postgres::types::{FromSql, Type};

/// Whether a value of any type is null.
pub(in crate::db) struct Absent(pub(in crate::db) bool);

impl<'a> FromSql<'a> for Absent {
    fn from_sql(_ty: &Type, _raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(false))
    }

    fn from_sql_null(_ty: &Type) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(true))
    }

    fn accepts(_ty: &Type) -> bool {
        true
    }
}
