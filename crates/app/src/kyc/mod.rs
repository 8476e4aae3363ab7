//! KYC: the evidence of customers, its review, and the hosted sessions.

mod documents;
mod ending;

pub mod review;
pub mod sessions;

pub use documents::{
    NewDocument, NewEvidence, NewFile, NoRoom, Room, SubmitEvidence, SubmitEvidenceRefused, Target,
    announce_file, document, drop_replaced, forget_file, give_up_files, submit_evidence,
};
