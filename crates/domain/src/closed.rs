//! Aggregates that only their own commands change.
//!
//! An aggregate wraps a record of public fields. Everybody can read the fields, through `Deref`. Only the aggregate's
//! module can assign one: a state changes only by a command that takes a step of the machine. A command returns a
//! [`Changed`], and the store writes nothing else.
//!
//! ```compile_fail
//! fn pay_out(mut loan: domain::loan::Loan) {
//!     loan.state = domain::loan::LoanState::Disbursing;
//! }
//! ```

use std::convert::Infallible;

/// An aggregate whose commands make domain events.
pub trait Source {
    /// A domain event with the aggregate as it was then.
    type Event;
}

/// An aggregate after a command, with the command's domain events in their order.
///
/// Only commands of the domain make one, so the store never writes a row before its transition was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a change that is not saved is lost"]
pub struct Changed<T: Source> {
    pub(crate) value: T,
    pub(crate) events: Vec<T::Event>,
}

impl<T: Source> Changed<T> {
    pub(crate) fn new(value: T, events: Vec<T::Event>) -> Self {
        Self { value, events }
    }

    /// A change without events.
    pub(crate) fn silent(value: T) -> Self {
        Self::new(value, Vec::new())
    }

    /// The aggregate after the command.
    pub fn value(&self) -> &T {
        &self.value
    }

    /// Runs another command in the same change. Its events follow the earlier ones.
    pub fn then<E>(self, command: impl FnOnce(T) -> Result<Self, E>) -> Result<Self, E> {
        let Self { value, mut events } = self;
        let next = command(value)?;
        events.extend(next.events);
        Ok(Self { value: next.value, events })
    }
}

impl<T: Source<Event = Infallible>> Changed<T> {
    /// The aggregate, to be written. It has no events.
    pub fn into_value(self) -> T {
        self.value
    }
}

/// Declares an aggregate. Everybody reads its record, but only its own module can change the record.
///
/// `sends` names a domain event of its commands with what the event shows. An aggregate without it has no events.
macro_rules! closed {
    ($(#[$attribute:meta])* pub struct $aggregate:ident($record:ident);) => {
        closed! { $(#[$attribute])* pub struct $aggregate($record) sends std::convert::Infallible; }
    };
    ($(#[$attribute:meta])* pub struct $aggregate:ident($record:ident) sends $event:ty;) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $aggregate($record);

        impl $crate::closed::Source for $aggregate {
            type Event = $event;
        }

        impl std::ops::Deref for $aggregate {
            type Target = $record;

            fn deref(&self) -> &$record {
                &self.0
            }
        }

        impl $aggregate {
            /// The aggregate of a stored record. Only the store calls this.
            pub fn restored(record: $record) -> Self {
                Self(record)
            }

            /// The record, to be written or copied.
            pub fn record(&self) -> &$record {
                &self.0
            }
        }
    };
}

pub(crate) use closed;
