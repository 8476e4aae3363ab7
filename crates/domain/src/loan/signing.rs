//! Signing by link and one-time code: what a signer's code does, and the evidence that a signature leaves.
//!
//! A code opens one signature of one person under one contract, once. [`MailedCode`] counts and locks.

use std::net::IpAddr;

use crate::id::{LoanId, PartnerId, SubjectId};
use crate::mailed_code::MailedCode;
use crate::person::{Email, Name};
use crate::tax_id::Cpf;
use crate::time::Timestamp;

/// A signer's invitation: their link, with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The partner.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The signer.
    pub subject: SubjectId,
    /// The row's version, for compare-and-set.
    pub version: i64,
    /// The code that was last sent, and the wrong ones.
    pub mailed: MailedCode,
}

impl Invitation {
    /// An invitation without a code.
    pub fn new(partner: PartnerId, loan: LoanId, subject: SubjectId) -> Self {
        Self { partner, loan, subject, version: 1, mailed: MailedCode::default() }
    }
}

/// The owner of the address to which a code was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// The signer's own.
    Signer,
    /// The company's registered one, as the signer has none.
    Company,
}

/// How a signer showed who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// By a code sent to this address.
    CodeByMail {
        /// Where it was sent.
        address: Option<Email>,
        /// The owner of that address.
        of: Mailbox,
    },
    /// Nobody did: the sandbox signed by itself.
    Sandbox,
}

/// The evidence of a signature (MP 2.200-2/2001 art. 10 § 2): signer, time, address, document and consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The signer.
    pub subject: SubjectId,
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// When.
    pub signed_at: Timestamp,
    /// The SHA-256 of the document that was shown, in hex.
    pub document_sha256: String,
    /// How they showed who they are.
    pub authentication: Authentication,
    /// From which address of the network.
    pub address: Option<IpAddr>,
    /// With which program, as it names itself.
    pub user_agent: Option<String>,
    /// The words agreed to.
    pub consent: String,
}
