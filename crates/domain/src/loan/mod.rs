//! Loans: price, state machine, contract, signers, installments, debt and late charges.

mod aggregate;
mod between;
pub mod cet;
pub mod contract;
pub mod curve;
pub mod debt;
#[cfg(test)]
mod debt_tests;
mod discount;
mod exact;
mod factor;
pub mod installment;
pub mod iof;
pub mod late;
mod number;
pub mod pix;
mod position;
pub mod pricing;
mod questions;
pub mod rates;
pub mod schedule;
mod signer;
pub mod signing;
mod snapshot;
pub mod state;
mod summary;
mod write_off;

pub use aggregate::{Attempt, Loan, LoanRecord, Opening, Owed};
pub use installment::{Installment, InstallmentStatus, InstallmentSummary};
pub use number::{CcbNumber, InvalidCcbNumber};
pub use questions::SigningPhase;
pub use signer::{LinkToken, Signer};
pub use snapshot::{Figures, LoanSnapshot, SnapshotSigner};
pub use state::{
    DisbursementMethod, Failure, LoanEvent, LoanEventKind, LoanInput, LoanState, LoanStateKind,
    PaymentReceived, Signatures,
};
pub use summary::{LoanSummary, Price};
pub use write_off::{NotWrittenOff, WriteOff};
