//! The subject of a case: the resource on which an operator decides.

use std::fmt;
use std::str::FromStr;

use crate::id::{CustomerId, InvalidId, LoanId, MailId, ProposalId};
use crate::spelled;

/// The subject of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CaseSubject {
    /// A customer.
    Customer(CustomerId),
    /// A loan.
    Loan(LoanId),
    /// A proposal.
    Proposal(ProposalId),
    /// An e-mail.
    Mail(MailId),
}

spelled!(CaseKind of CaseSubject {
    Customer = "customer",
    Loan = "loan",
    Proposal = "proposal",
    Mail = "mail",
});

impl CaseSubject {
    /// The loan, if it is one.
    pub const fn loan(self) -> Option<LoanId> {
        match self {
            Self::Loan(id) => Some(id),
            Self::Customer(_) | Self::Proposal(_) | Self::Mail(_) => None,
        }
    }
}

impl fmt::Display for CaseSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => id.fmt(f),
            Self::Loan(id) => id.fmt(f),
            Self::Proposal(id) => id.fmt(f),
            Self::Mail(id) => id.fmt(f),
        }
    }
}

/// The prefix of an id names its kind, so an id alone names its subject.
impl FromStr for CaseSubject {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let customer = || text.parse().map(Self::Customer);
        let loan = || text.parse().map(Self::Loan);
        let proposal = || text.parse().map(Self::Proposal);
        customer().or_else(|_| loan()).or_else(|_| proposal()).or_else(|_| text.parse().map(Self::Mail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_subject() {
        for (prefix, kind) in [
            ("cust", CaseKind::Customer),
            ("ln", CaseKind::Loan),
            ("prop", CaseKind::Proposal),
            ("ml", CaseKind::Mail),
        ] {
            let text = format!("{prefix}_0190f3b4c5d67e8f90a1b2c3d4e5f607");
            let subject: CaseSubject = text.parse().unwrap();
            assert_eq!((subject.kind(), subject.to_string()), (kind, text));
        }
        assert_eq!("ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607".parse::<CaseSubject>(), Err(InvalidId));
    }
}
