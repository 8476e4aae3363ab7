//! Permissions, named by the use cases that they open.

use crate::spelled;

/// The right to run one use case, or several that only read the same things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Permission {
    /// Read partners and their credentials.
    ReadPartners,
    /// Make a partner.
    CreatePartner,
    /// Set the limits of a partner.
    LimitPartner,
    /// Make a credential of a partner.
    CreateCredential,
    /// Revoke a credential of a partner.
    RevokeCredential,
    /// Invite people to the teams of partners, change their roles and remove them.
    ManageTeams,
    /// Read customers and their KYC.
    ReadCustomers,
    /// Read the documents that customers sent.
    ReadDocuments,
    /// Accept or reject what a customer sent for KYC.
    DecideKyc,
    /// Refuse a customer.
    RefuseCustomer,
    /// Export everything that the lender has about a person.
    ExportPersonalData,
    /// Erase the data of a person.
    ErasePersonalData,
    /// Add tags to customers, and remove them.
    TagCustomers,
    /// Read credit decisions and offers.
    ReadCredit,
    /// Decide on credit, which makes an offer or refuses one.
    DecideCredit,
    /// Withdraw an offer.
    WithdrawOffer,
    /// Read loans, installments and payments.
    ReadLoans,
    /// Read contracts and the evidence of their signatures.
    ReadContracts,
    /// Send the invitations to sign again.
    InviteSigners,
    /// Cancel a loan before its disbursement.
    CancelLoan,
    /// Order the disbursement of a loan.
    OrderDisbursement,
    /// Record that the bank sent a disbursement, or returned it.
    SettleDisbursement,
    /// Read the ledger.
    ReadLedger,
    /// Record a payment.
    RecordPayment,
    /// Reverse a payment.
    ReversePayment,
    /// Write a loan off.
    WriteOffLoan,
    /// Read e-mails to customers.
    ReadMails,
    /// Send an e-mail again.
    SendMail,
    /// Read the audit trail.
    ReadAudit,
    /// Read operators, their roles and the limits of the roles.
    ReadOperators,
    /// Make and revoke operators and their tokens.
    ManageOperators,
    /// Read proposals, and withdraw one's own.
    ReadProposals,
    /// Search. It finds only what the operator may read.
    Search,
    /// See the queues of cases. Each queue also needs the permission to read its subjects.
    ReadQueues,
    /// Take cases, give them to other operators, and release them.
    AssignCases,
    /// Read the notes of operators.
    ReadNotes,
    /// Write notes, and strike out one's own.
    WriteNotes,
    /// Read the lender's settings: rates, creditor, e-mails and the credit policy.
    ReadSettings,
    /// Read the log of partners' requests.
    ReadRequests,
    /// Upload a version of the credit policy, and bring one into force.
    AdoptPolicy,
}

// The words in role files, in the operator API's documents and in refusals.
spelled!(Permission {
    ReadPartners = "partners.read",
    CreatePartner = "partners.create",
    LimitPartner = "partners.limit",
    CreateCredential = "credentials.create",
    RevokeCredential = "credentials.revoke",
    ManageTeams = "teams.manage",
    ReadCustomers = "customers.read",
    ReadDocuments = "documents.read",
    DecideKyc = "kyc.decide",
    RefuseCustomer = "customers.refuse",
    ExportPersonalData = "personal_data.export",
    ErasePersonalData = "personal_data.erase",
    TagCustomers = "customers.tag",
    ReadCredit = "credit.read",
    DecideCredit = "credit.decide",
    WithdrawOffer = "offers.withdraw",
    ReadLoans = "loans.read",
    ReadContracts = "contracts.read",
    InviteSigners = "signers.invite",
    CancelLoan = "loans.cancel",
    OrderDisbursement = "disbursements.order",
    SettleDisbursement = "disbursements.settle",
    ReadLedger = "ledger.read",
    RecordPayment = "payments.record",
    ReversePayment = "payments.reverse",
    WriteOffLoan = "loans.write_off",
    ReadMails = "mails.read",
    SendMail = "mails.send",
    ReadAudit = "audit.read",
    ReadOperators = "operators.read",
    ManageOperators = "operators.manage",
    ReadProposals = "proposals.read",
    Search = "search.read",
    ReadQueues = "queues.read",
    AssignCases = "cases.assign",
    ReadNotes = "notes.read",
    WriteNotes = "notes.write",
    ReadSettings = "settings.read",
    ReadRequests = "requests.read",
    AdoptPolicy = "policy.adopt",
});

impl Permission {
    /// Whether its use cases change nothing. An auditor may hold only such permissions.
    pub fn only_reads(self) -> bool {
        self.name().rsplit_once('.').is_some_and(|(_, verb)| verb == "read")
    }

    const fn bit(self) -> u64 {
        1 << self as u64
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u64);

// Each permission has a bit of its own.
const _: () = assert!(Permission::ALL.len() <= 64, "a set has 64 bits");

impl Permissions {
    /// Every permission.
    pub fn all() -> Self {
        Permission::ALL.into_iter().collect()
    }

    /// Every permission that changes nothing.
    pub fn reading() -> Self {
        Permission::ALL.into_iter().filter(|permission| permission.only_reads()).collect()
    }

    /// Whether the permission is in the set.
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// The permissions of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The permissions, in the order of their declaration.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |permission| self.contains(*permission))
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        Self(permissions.into_iter().fold(0, |bits, permission| bits | permission.bit()))
    }
}

impl std::fmt::Debug for Permissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter().map(Permission::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_into_it_and_nothing_else() {
        for permission in Permission::ALL {
            let alone: Permissions = [permission].into_iter().collect();
            assert_eq!(alone.iter().collect::<Vec<_>>(), [permission]);
        }
        assert_eq!(Permissions::all().iter().count(), Permission::ALL.len());
        assert_eq!(Permissions::default().iter().count(), 0);
    }

    #[test]
    fn reading_permissions_are_those_of_the_auditor() {
        assert!(Permissions::reading().contains(Permission::ReadAudit));
        assert!(!Permissions::reading().contains(Permission::DecideKyc));
    }
}
