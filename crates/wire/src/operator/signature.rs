//! Evidence of signatures, and what a customer is asked to pay with.

use domain::loan::signing::{Authentication, Evidence, Mailbox};
use domain::loan::{Standing, Transaction};
use serde::Serialize;
use utoipa::ToSchema;

use super::loan::status_name;
use crate::scalar::Date;
use crate::text_scalar::{Money, Timestamp};

/// What is kept of a signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct Signature {
    /// Who signed.
    subject_id: String,
    /// The person's name.
    #[schema(required)]
    name: Option<String>,
    /// The person's tax number.
    cpf: String,
    /// When.
    signed_at: Timestamp,
    /// The SHA-256 of the document that was shown.
    document_sha256: String,
    /// How they showed who they are: `code_by_mail`, `code_by_company_mail` where the signer has no address but the
    /// registered one, or `sandbox` where nobody did.
    #[schema(example = "code_by_mail")]
    authentication: &'static str,
    /// Where the code was sent.
    #[schema(required)]
    code_sent_to: Option<String>,
    /// From which address of the network.
    #[schema(required, example = "198.51.100.7")]
    address: Option<String>,
    /// With which program, as it names itself.
    #[schema(required)]
    user_agent: Option<String>,
    /// The words agreed to.
    consent: String,
}

impl From<&Evidence> for Signature {
    fn from(evidence: &Evidence) -> Self {
        let (authentication, code_sent_to) = match &evidence.authentication {
            Authentication::CodeByMail { address, of } => {
                let how = match of {
                    Mailbox::Signer => "code_by_mail",
                    Mailbox::Company => "code_by_company_mail",
                };
                (how, address.as_ref().map(ToString::to_string))
            }
            Authentication::Sandbox => ("sandbox", None),
        };
        Self {
            subject_id: evidence.subject.to_string(),
            name: evidence.name.as_ref().map(ToString::to_string),
            cpf: evidence.cpf.to_string(),
            signed_at: Timestamp(evidence.signed_at),
            document_sha256: evidence.document_sha256.clone(),
            authentication,
            code_sent_to,
            address: evidence.address.map(|address| address.to_string()),
            user_agent: evidence.user_agent.clone(),
            consent: evidence.consent.clone(),
        }
    }
}

/// Where a loan is paid, and with which codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Collection {
    /// The customer's page.
    pub payment_url: String,
    /// The installments in due-date order.
    pub installments: Vec<DueInstallment>,
}

/// An installment with the code it is paid with.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueInstallment {
    /// Counted from 1.
    number: u16,
    /// The nominal due date.
    due_date: Date,
    /// How it stands.
    #[schema(example = "overdue")]
    status: &'static str,
    /// What is left to pay today, late charges included.
    amount_remaining: Money,
    /// The Pix code of that amount; another amount has another code.
    #[schema(required)]
    pix_code: Option<String>,
}

impl DueInstallment {
    /// An installment as it stands, with its code.
    pub fn of(installment: &Transaction, standing: &Standing, pix_code: Option<String>) -> Self {
        Self {
            number: installment.position.number,
            due_date: Date(installment.position.due),
            status: status_name(standing.status),
            amount_remaining: Money(standing.amount_remaining),
            pix_code,
        }
    }
}
