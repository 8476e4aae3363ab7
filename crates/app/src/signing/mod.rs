//! Signing: a link and a one-time code for each signer, explicit consent, and evidence of both.

mod invite;
mod page;

pub use invite::invite_again;
pub(crate) use page::sign_in_sandbox;
pub use page::{
    GiveSignature, Opened, Showing, SignRefused, document, evidence, listed_evidence, open, send_code,
    showing, sign, time_of, unset_of_link,
};
