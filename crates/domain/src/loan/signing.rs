//! Signing by link and one-time code: the signer's code, and the evidence of a signature.
//!
//! A code allows one signature of one person under one contract, once. [`MailedCode`] counts wrong codes and locks.

use std::net::IpAddr;

use crate::id::{LoanId, PartnerId, SubjectId};
use crate::mailed_code::MailedCode;
use crate::person::{Email, Name};
use crate::tax_id::Cpf;
use crate::time::Timestamp;

/// A signer's invitation: the link with its code.
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
    /// The newest code and the count of wrong ones.
    pub mailed: MailedCode,
}

impl Invitation {
    /// An invitation without a code.
    pub fn new(partner: PartnerId, loan: LoanId, subject: SubjectId) -> Self {
        Self { partner, loan, subject, version: 1, mailed: MailedCode::default() }
    }
}

/// The owner of the address for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// The signer.
    Signer,
    /// The company, because the signer has no address.
    Company,
}

/// The way in which a signer was authenticated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// By a code that was sent by e-mail.
    CodeByMail {
        /// The address.
        address: Option<Email>,
        /// The owner of the address.
        of: Mailbox,
    },
    /// Nobody was authenticated: the sandbox signed automatically.
    Sandbox,
}

/// The evidence of a signature (MP 2.200-2/2001 art. 10 § 2): signer, time, network address, document and consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// The signer.
    pub subject: SubjectId,
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// Time of the signature.
    pub signed_at: Timestamp,
    /// The SHA-256 of the shown document, in hex.
    pub document_sha256: String,
    /// The way in which the signer was authenticated.
    pub authentication: Authentication,
    /// The signer's network address.
    pub address: Option<IpAddr>,
    /// The signer's program, as it names itself.
    pub user_agent: Option<String>,
    /// The words of the consent.
    pub consent: String,
}
