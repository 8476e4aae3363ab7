//! Whoever must sign, and the link that leads there.

use crate::id::SubjectId;
use crate::kyc::{Subject, SubjectRole};
use crate::person::{Email, Name};
use crate::tax_id::Cpf;
use crate::time::Timestamp;
use std::fmt;

/// Someone who must sign, and whether they have.
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
    /// Where their codes are sent: their own address or, where they have none, the company's registered one.
    pub email: Option<Email>,
    /// The secret of their own signing link, once there is one.
    pub link: Option<LinkToken>,
    /// When they signed.
    pub signed_at: Option<Timestamp>,
}

impl Signer {
    /// A signer who has not signed. A co-owner without an address is written to at the registered one.
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

    /// The token, for a link and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
