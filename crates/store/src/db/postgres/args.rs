//! Arguments on the wire.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::db::value::Arg;

impl ToSql for Arg<'_> {
    fn to_sql(
        &self, ty: &Type, out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Arg::Null => Ok(IsNull::Yes),
            Arg::Int(int) => int.to_sql(ty, out),
            Arg::Text(text) => text.as_ref().to_sql(ty, out),
            Arg::Bool(bool) => bool.to_sql(ty, out),
            Arg::Bytes(bytes) => bytes.as_ref().to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BOOL, Type::BYTEA, Type::UNKNOWN].contains(ty)
    }

    to_sql_checked!();
}

impl Arg<'_> {
    /// The argument's type for a statement that is not prepared. The server infers the type of a null.
    pub(super) fn wire_type(&self) -> Type {
        match self {
            Arg::Null => Type::UNKNOWN,
            Arg::Int(_) => Type::INT8,
            Arg::Text(_) => Type::TEXT,
            Arg::Bool(_) => Type::BOOL,
            Arg::Bytes(_) => Type::BYTEA,
        }
    }
}
