//! The signers of a contract and their signing links.

use crate::id::SubjectId;
use crate::kyc::{Subject, SubjectRole};
use crate::person::{Email, Name};
use crate::tax_id::Cpf;
use crate::time::Timestamp;
use std::fmt;

/// A person who must sign, with the signature's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The person.
    pub subject: SubjectId,
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// The person's role in the company.
    pub role: SubjectRole,
    /// The address for their codes: their own, or else the company's registered one.
    pub email: Option<Email>,
    /// The secret of their signing link, once it exists.
    pub link: Option<LinkToken>,
    /// Time of the signature.
    pub signed_at: Option<Timestamp>,
}

impl Signer {
    /// A signer who has not signed. A co-owner without an address gets e-mails at the registered one.
    pub fn of(subject: &Subject, registered_email: Option<&Email>) -> Self {
        Self {
            subject: subject.id,
            name: subject.name.clone(),
            cpf: subject.cpf,
            role: subject.role,
            email: match subject.role {
                SubjectRole::Applicant => registered_email.cloned(),
                SubjectRole::CoOwner => subject.email.as_ref().or(registered_email).cloned(),
            },
            link: None,
            signed_at: None,
        }
    }
}

/// The secret in a signing link.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// Wraps the text of a token.
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// The token, only for making a link.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
