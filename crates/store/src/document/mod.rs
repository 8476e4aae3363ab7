//! The form of aggregates in JSON columns and sealed values: private mirrors of the domain's types.
//!
//! The domain has no serde; these are the only definitions of the stored form. A field that is added later needs a
//! default, so that old rows can still be read.

pub(crate) mod columns;
mod contract;
mod customer;
mod json;
mod loan;
mod offer;
mod packed;
mod quote;

pub(crate) use self::columns::{named_columns, set_of};
pub(crate) use self::contract::{ContractDoc, EvidenceDoc};
pub(crate) use self::customer::{CustomerDoc, PersonalDoc, pack_kyc, unpack_kyc};
pub(crate) use self::json::{context, corrupt, from_json, parsed, to_json, versioned};
pub(crate) use self::loan::{
    AccountDoc, DestinationDoc, LoanSecretsDoc, LoanSnapshotDoc, LoanStateDoc, PaymentDoc,
};
pub(crate) use self::offer::{OfferDoc, TermsDoc, offer_state, offer_state_parts};
pub(crate) use self::packed::{pack, unpack};
pub(crate) use self::quote::QuoteText;
