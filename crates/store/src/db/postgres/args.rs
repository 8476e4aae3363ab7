//! Arguments on the wire.

use bytes::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use crate::db::Arg;

impl ToSql for Arg<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Arg::Null => Ok(IsNull::Yes),
            Arg::Int(int) => int.to_sql(ty, out),
            Arg::Text(text) => text.as_ref().to_sql(ty, out),
            Arg::Bool(bool) => bool.to_sql(ty, out),
            Arg::Bytes(bytes) => bytes.to_sql(ty, out),
        }
    }

    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BOOL, Type::BYTEA, Type::UNKNOWN].contains(ty)
    }

    to_sql_checked!();
}

impl Arg<'_> {
    /// The type of a statement that is not prepared. The server infers that of a null.
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

/// An argument that outlives its script's borrow, for a statement whose answer comes later.
#[derive(Debug)]
pub(super) enum Kept {
    Null,
    Int(i64),
    Text(String),
    Bool(bool),
    Bytes(Vec<u8>),
}

impl Kept {
    pub(super) fn of(arg: &Arg<'_>) -> Self {
        match arg {
            Arg::Null => Self::Null,
            Arg::Int(int) => Self::Int(*int),
            Arg::Text(text) => Self::Text(text.as_ref().to_owned()),
            Arg::Bool(bool) => Self::Bool(*bool),
            Arg::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }

    pub(super) fn wire_type(&self) -> Type {
        self.as_arg().wire_type()
    }

    pub(super) fn as_arg(&self) -> Arg<'_> {
        match self {
            Self::Null => Arg::Null,
            Self::Int(int) => Arg::Int(*int),
            Self::Text(text) => Arg::Text(text.as_str().into()),
            Self::Bool(bool) => Arg::Bool(*bool),
            Self::Bytes(bytes) => Arg::Bytes(bytes),
        }
    }
}

impl ToSql for Kept {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.as_arg().to_sql(ty, out)
    }

    fn accepts(ty: &Type) -> bool {
        <Arg<'_> as ToSql>::accepts(ty)
    }

    to_sql_checked!();
}
