//! Arguments and columns: the types that both engines share.
//!
//! `BIGINT` for cents, counts, microseconds and scaled rates; `TEXT` for ids, states and documents;
//! `BOOLEAN`; one type of bytes.

use std::borrow::Cow;

use domain::credential::ClientId;
use domain::money::{Cents, Rate};
use domain::time::{Date, RealTime, Timestamp};

use crate::db::error::StoreError;
use crate::db::postgres::absent::Absent;

/// An argument of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arg<'a> {
    /// SQL null.
    Null,
    /// A `BIGINT`.
    Int(i64),
    /// A `TEXT`.
    Text(Cow<'a, str>),
    /// A `BOOLEAN`.
    Bool(bool),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
}

impl Arg<'_> {
    /// The same argument without a copy of its text or bytes.
    pub(crate) fn borrowed(&self) -> Arg<'_> {
        match self {
            Self::Null => Arg::Null,
            Self::Int(int) => Arg::Int(*int),
            Self::Text(text) => Arg::Text(Cow::Borrowed(text)),
            Self::Bool(bool) => Arg::Bool(*bool),
            Self::Bytes(bytes) => Arg::Bytes(Cow::Borrowed(bytes)),
        }
    }

    /// The same argument with its value, for a statement that runs after the borrow has ended.
    pub(crate) fn kept(&self) -> Arg<'static> {
        match self {
            Self::Null => Arg::Null,
            Self::Int(int) => Arg::Int(*int),
            Self::Text(text) => Arg::Text(Cow::Owned(text.as_ref().to_owned())),
            Self::Bool(bool) => Arg::Bool(*bool),
            Self::Bytes(bytes) => Arg::Bytes(Cow::Owned(bytes.to_vec())),
        }
    }
}

/// A value that can be an argument.
pub trait ToArg {
    /// The argument.
    fn to_arg(&self) -> Arg<'_>;
}

/// A value that can be read from a column.
pub trait Column: Sized {
    /// Reads the value of a column.
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError>;
}

/// One row of an answer.
pub enum Row<'a> {
    #[doc(hidden)]
    Sqlite(&'a rusqlite::Row<'a>),
    #[doc(hidden)]
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// Reads a column by its position.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, StoreError> {
        T::read(self, index)
    }

    /// The number of columns.
    pub(crate) fn columns(&self) -> usize {
        match self {
            Row::Sqlite(row) => row.as_ref().column_count(),
            Row::Postgres(row) => row.len(),
        }
    }

    /// Whether a column is null.
    fn is_null(&self, index: usize) -> Result<bool, StoreError> {
        match self {
            Row::Sqlite(row) => Ok(row.get_ref(index).map_err(corrupt)? == rusqlite::types::ValueRef::Null),
            Row::Postgres(row) => Ok(row.try_get::<_, Absent>(index).map_err(corrupt)?.0),
        }
    }

    /// Reads a `TEXT` column in place, without a copy.
    pub fn with_text<T>(
        &self, index: usize, read: impl FnOnce(&str) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match self {
            Row::Sqlite(row) => read(row.get_ref(index).map_err(corrupt)?.as_str().map_err(corrupt)?),
            Row::Postgres(row) => read(row.try_get(index).map_err(corrupt)?),
        }
    }
}

fn corrupt(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

macro_rules! engine_columns {
    ($($type:ty),*) => {$(
        impl Column for $type {
            fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
                match row {
                    Row::Sqlite(row) => row.get(index).map_err(corrupt),
                    Row::Postgres(row) => row.try_get(index).map_err(corrupt),
                }
            }
        }
    )*};
}

engine_columns!(i64, String, bool, Vec<u8>);

/// A column that may be null.
impl<T: Column> Column for Option<T> {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        if row.is_null(index)? { Ok(None) } else { T::read(row, index).map(Some) }
    }
}

impl ToArg for i64 {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Int(*self)
    }
}

impl ToArg for bool {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Bool(*self)
    }
}

impl ToArg for str {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(Cow::Borrowed(self))
    }
}

impl ToArg for String {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(Cow::Borrowed(self))
    }
}

impl ToArg for [u8] {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Bytes(Cow::Borrowed(self))
    }
}

impl ToArg for Vec<u8> {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Bytes(Cow::Borrowed(self))
    }
}

impl<T: ToArg + ?Sized> ToArg for &T {
    fn to_arg(&self) -> Arg<'_> {
        (**self).to_arg()
    }
}

impl<T: ToArg> ToArg for Option<T> {
    fn to_arg(&self) -> Arg<'_> {
        self.as_ref().map_or(Arg::Null, ToArg::to_arg)
    }
}

macro_rules! integers {
    ($($type:ty, $into:expr, $from:expr;)*) => {$(
        impl ToArg for $type {
            fn to_arg(&self) -> Arg<'_> {
                Arg::Int($into(*self))
            }
        }

        impl Column for $type {
            fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
                row.get(index).map($from)
            }
        }
    )*};
}

integers! {
    Timestamp, Timestamp::micros, Timestamp::from_micros;
    RealTime, RealTime::micros, RealTime::from_micros;
    Cents, Cents::get, Cents::new;
    Rate, Rate::scaled, Rate::from_scaled;
}

macro_rules! small_integers {
    ($($type:ty),*) => {$(
        impl ToArg for $type {
            fn to_arg(&self) -> Arg<'_> {
                Arg::Int(i64::from(*self))
            }
        }

        impl Column for $type {
            fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
                Self::try_from(row.get::<i64>(index)?).map_err(corrupt)
            }
        }
    )*};
}

small_integers!(u16, i16, u32);

/// A span in microseconds.
impl Column for std::time::Duration {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        u64::try_from(row.get::<i64>(index)?).map(Self::from_micros).map_err(corrupt)
    }
}

/// A span in microseconds.
impl ToArg for std::time::Duration {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Int(i64::try_from(self.as_micros()).expect("no span of 290,000 years is stored"))
    }
}

/// A name that the program knows, or one that was read from a row.
impl Column for Cow<'static, str> {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        row.get(index).map(Cow::Owned)
    }
}

impl ToArg for Cow<'_, str> {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(Cow::Borrowed(self))
    }
}

macro_rules! texts {
    ($($type:ty),*) => {$(
        impl ToArg for $type {
            fn to_arg(&self) -> Arg<'_> {
                Arg::Text(Cow::Owned(self.to_string()))
            }
        }

        impl Column for $type {
            fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
                row.with_text(index, |text| text.parse().map_err(corrupt))
            }
        }
    )*};
}

texts!(
    domain::access::RoleNames,
    domain::id::ProposalId,
    domain::id::BankFileId,
    domain::id::PolicyVersionId,
    domain::id::ClockId,
    domain::id::SavedViewId,
    domain::id::NoteId,
    domain::id::PartnerId,
    domain::id::CustomerId,
    domain::id::SubjectId,
    domain::id::DocumentId,
    domain::id::BankAccountId,
    domain::id::JournalEntryId,
    domain::id::PaymentId,
    domain::id::BiometricsSessionId,
    domain::id::DecisionId,
    domain::id::OfferId,
    domain::id::SimulationId,
    domain::id::LoanId,
    domain::id::InstallmentId,
    domain::id::EndpointId,
    domain::id::EventId,
    domain::id::DeliveryId,
    domain::id::JobId,
    domain::id::SigningKeyId,
    domain::id::OperatorId,
    domain::id::SessionId,
    domain::id::MailId,
    domain::id::LoggedRequestId,
    domain::queue::CaseSubject,
    domain::queue::Who,
    domain::actor::Actor,
    domain::cause::SpanPlace,
    domain::credential::Maker,
    ClientId,
    Date
);
