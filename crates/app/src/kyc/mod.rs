//! KYC: the evidence of customers, its review, and the hosted sessions.

mod documents;
mod ending;

pub mod review;
pub mod sessions;

pub use documents::{
    HandIn, HandInRefused, NewDocument, NewEvidence, NewFile, NoRoom, Room, Target, announce_file, document,
    drop_replaced, forget_file, give_up_files, hand_in,
};
