//! The kinds of resources that a search finds, and the values by which it finds them.

use crate::access::Permission;
use crate::spelled;

/// The kind of a found resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A partner.
    Partner,
    /// A credential of a partner.
    Credential,
    /// A customer.
    Customer,
    /// A KYC document.
    Document,
    /// A customer's bank account.
    BankAccount,
    /// A hosted KYC session.
    KycSession,
    /// A credit decision.
    CreditDecision,
    /// An offer.
    CreditOffer,
    /// A simulation.
    Simulation,
    /// A loan.
    Loan,
    /// An installment.
    Installment,
    /// A payment.
    Payment,
    /// An e-mail to a customer.
    Mail,
    /// A webhook endpoint.
    WebhookEndpoint,
    /// An event.
    Event,
    /// A webhook delivery.
    WebhookDelivery,
    /// An operator.
    Operator,
    /// A proposal.
    Proposal,
    /// An entry of the audit trail.
    AuditEntry,
}

spelled!(Kind {
    Partner = "partner",
    Credential = "credential",
    Customer = "customer",
    Document = "document",
    BankAccount = "bank_account",
    KycSession = "kyc_session",
    CreditDecision = "credit_decision",
    CreditOffer = "credit_offer",
    Simulation = "simulation",
    Loan = "loan",
    Installment = "installment",
    Payment = "payment",
    Mail = "mail",
    WebhookEndpoint = "webhook_endpoint",
    Event = "event",
    WebhookDelivery = "webhook_delivery",
    Operator = "operator",
    Proposal = "proposal",
    AuditEntry = "audit_entry",
});

impl Kind {
    /// The permission to read resources of this kind. A search finds no others.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Customer | Self::Document | Self::BankAccount | Self::KycSession => {
                Permission::ReadCustomers
            }
            Self::CreditDecision | Self::CreditOffer | Self::Simulation => Permission::ReadCredit,
            Self::Loan | Self::Installment | Self::Payment => Permission::ReadLoans,
            Self::Mail => Permission::ReadMails,
            Self::Partner
            | Self::Credential
            | Self::WebhookEndpoint
            | Self::Event
            | Self::WebhookDelivery => Permission::ReadPartners,
            Self::Operator => Permission::ReadOperators,
            Self::Proposal => Permission::ReadProposals,
            Self::AuditEntry => Permission::ReadAudit,
        }
    }
}

/// The value by which a resource was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Match {
    /// Its id.
    Id,
    /// The CPF of the person responsible for the company, or of a co-owner.
    Cpf,
    /// The CNPJ.
    Cnpj,
    /// An e-mail address.
    Email,
    /// The telephone number.
    Phone,
    /// The partner's own id of the customer.
    ExternalId,
    /// The number of the contract.
    CcbNumber,
    /// The txid of a Pix charge.
    PixTxid,
    /// The reference of the payment.
    PaymentReference,
    /// The id of the request.
    RequestId,
    /// A name of the company or of one of its people.
    Name,
}

spelled!(Match {
    Id = "id",
    Cpf = "cpf",
    Cnpj = "cnpj",
    Email = "email",
    Phone = "phone",
    ExternalId = "external_id",
    CcbNumber = "ccb_number",
    PixTxid = "pix_txid",
    PaymentReference = "payment_reference",
    RequestId = "request_id",
    Name = "name",
});
