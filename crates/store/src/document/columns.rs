//! The domain's values in columns: documents, and the words of closed sets.

use domain::access::{Action, EntryPurpose, OperatorKind, Proof, ProposalState, TeamRole};
use domain::bank_account_change::ChangeState;
use domain::bank_file::FileFormat;
use domain::credential::{CredentialState, Scope};
use domain::customer::{CustomerState, LegalNature};
use domain::kyc::{MediaType, ReviewStart, SessionState};
use domain::ledger::LedgerAccount;
use domain::loan::LoanStateKind;
use domain::loan::debt::PaymentKind;
use domain::mail::MailState;
use domain::offer::{OfferStateKind, OfferTerms};
use domain::queue::Queue;
use domain::trial_balance::Period;
use domain::webhook::delivery::DeliveryStateKind;
use domain::webhook::endpoint::{EndpointState, Generation};

pub(crate) use super::json::parsed;
use super::json::{from_json, to_json};
use super::loan::LoanStateDoc;
use super::offer::TermsDoc;
use crate::db::error::StoreError;
use crate::db::value::{Arg, Column, Row, ToArg};

/// A value of a closed set, with the word for it.
pub(crate) trait Word: Copy + 'static {
    /// Every value.
    const ALL: &'static [Self];

    /// The word.
    fn word(self) -> &'static str;
}

/// `('a', 'b')`: the words of a set of values, for a statement. The set is an exhaustive match, so a new value does not
/// compile before each set has decided.
pub(crate) fn set_of<W: Word>(belongs: impl Fn(W) -> bool) -> String {
    let words = W::ALL.iter().filter(|value| belongs(**value)).map(|value| format!("'{}'", value.word()));
    format!("({})", words.collect::<Vec<_>>().join(", "))
}

/// Implements columns that hold the word of a value from a closed set.
macro_rules! named_columns {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::table::ToArg for $type {
            fn to_arg(&self) -> $crate::table::Arg<'_> {
                $crate::table::Arg::Text(self.name().into())
            }
        }

        impl $crate::table::Column for $type {
            fn read(row: &$crate::table::Row<'_>, index: usize) -> Result<Self, $crate::table::StoreError> {
                row.with_text(index, $crate::document::columns::parsed)
            }
        }

        impl $crate::document::columns::Word for $type {
            const ALL: &'static [Self] = &Self::ALL;

            fn word(self) -> &'static str {
                self.name()
            }
        }

        #[cfg(feature = "test-support")]
        impl $crate::samples::Sample for $type {
            fn sample(samples: &mut $crate::samples::Samples) -> Self {
                samples.one_of(&Self::ALL)
            }
        }
    )+};
}

pub(crate) use named_columns;

named_columns! {
    Action,
    ChangeState,
    CredentialState,
    CustomerState,
    DeliveryStateKind,
    EndpointState,
    FileFormat,
    EntryPurpose,
    Generation,
    LedgerAccount,
    LegalNature,
    MailState,
    LoanStateKind,
    MediaType,
    OfferStateKind,
    OperatorKind,
    PaymentKind,
    Period,
    Proof,
    ProposalState,
    Queue,
    ReviewStart,
    Scope,
    SessionState,
    TeamRole,
}

impl ToArg for LoanStateDoc {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(to_json(self).into())
    }
}

impl Column for LoanStateDoc {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        row.with_text(index, |text| from_json(text.as_bytes()))
    }
}

impl ToArg for OfferTerms {
    fn to_arg(&self) -> Arg<'_> {
        Arg::Text(to_json(&TermsDoc::of(self)).into())
    }
}

impl Column for OfferTerms {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        row.with_text(index, |text| from_json::<TermsDoc>(text.as_bytes())?.read())
    }
}

#[cfg(feature = "test-support")]
impl crate::samples::Sample for LoanStateDoc {
    fn sample(samples: &mut crate::samples::Samples) -> Self {
        let received = samples.next();
        Self::of(&domain::loan::LoanState::AwaitingSignatures(domain::loan::Signatures {
            received,
            required: received,
        }))
    }
}
