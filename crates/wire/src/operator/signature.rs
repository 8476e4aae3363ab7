//! Evidence of signatures, and the payment page of a loan with its Pix codes.

use domain::loan::signing::{Authentication, Evidence, Mailbox};
use domain::loan::{self, InstallmentSummary};
use serde::Serialize;
use utoipa::ToSchema;

use super::installment::InstallmentStatus;
use crate::scalar::Date;
use crate::text_scalar::{Money, Timestamp};

/// A copy of a contract.
#[derive(Debug, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContractCopy {
    /// As the signers saw it.
    Issued,
    /// With the page of signatures.
    Signed,
}

/// Authentication of a signer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SignatureAuthentication {
    /// With a code that was sent to the signer's e-mail address.
    CodeByMail,
    /// With a code that was sent to the registered address, because the signer has none.
    CodeByCompanyMail,
    /// None: the sandbox signed.
    Sandbox,
}

/// The evidence of one signature.
#[derive(Debug, Serialize, ToSchema)]
pub struct Signature {
    /// The person who signed.
    #[schema(pattern = "^sub_[0-9a-f]{32}$", example = "sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    subject_id: String,
    /// Name of the person; null if it is not known.
    #[schema(required, example = "Ana Souza")]
    name: Option<String>,
    /// CPF of the person.
    #[schema(pattern = r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", example = "123.456.789-09")]
    cpf: String,
    /// Time of the signature.
    signed_at: Timestamp,
    /// SHA-256 of the document that the person saw, in hexadecimal.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    document_sha256: String,
    /// Authentication of the person.
    authentication: SignatureAuthentication,
    /// E-mail address that received the code; null if no code was sent.
    #[schema(required, example = "ana@example.com")]
    code_sent_to: Option<String>,
    /// IP address from which the person signed; null if the sandbox signed, or if the proxy sent no readable address.
    #[schema(required, example = "198.51.100.7")]
    address: Option<String>,
    /// Name that the browser sent (`user-agent`); null if it sent none.
    #[schema(required, example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    user_agent: Option<String>,
    /// The words to which the person agreed, in Portuguese.
    #[schema(example = "Li o contrato e concordo com ele.")]
    consent: String,
}

impl From<&Evidence> for Signature {
    fn from(evidence: &Evidence) -> Self {
        let (authentication, code_sent_to) = match &evidence.authentication {
            Authentication::CodeByMail { address, of } => {
                let how = match of {
                    Mailbox::Signer => SignatureAuthentication::CodeByMail,
                    Mailbox::Company => SignatureAuthentication::CodeByCompanyMail,
                };
                (how, address.as_ref().map(ToString::to_string))
            }
            Authentication::Sandbox => (SignatureAuthentication::Sandbox, None),
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

/// The payment page of a loan with the Pix codes of its installments.
#[derive(Debug, Serialize, ToSchema)]
pub struct Collection {
    /// The page on which the customer sees the installments and their Pix codes.
    #[schema(format = "uri", example = "https://credit.example.com/pay/0123456789abcdef0123456789abcdef")]
    pub payment_url: String,
    /// Every installment, in the order of due dates.
    pub installments: Vec<DueInstallment>,
}

/// An installment with the code that pays it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DueInstallment {
    /// Number of the installment, counted from 1.
    #[schema(minimum = 1, example = 1)]
    number: u16,
    /// The due date that the contract names.
    due_date: Date,
    /// Status of the installment.
    status: InstallmentStatus,
    /// The amount left to pay today, late charges included.
    #[schema(example = "987.65")]
    amount_remaining: Money,
    /// The Pix code of that amount, to copy and paste; null if nothing is left to pay.
    #[schema(
        required,
        example = "00020101021126580014br.gov.bcb.pix2536credit.example.com/pix/0123456789abcdef5204000053039865406987.655802BR5913CREDOR TESTE6009SAO PAULO62070503***6304ABCD"
    )]
    pix_code: Option<String>,
}

impl DueInstallment {
    /// Renders an installment as of now, with its code.
    pub fn of(
        installment: &loan::Installment, summary: &InstallmentSummary, pix_code: Option<String>,
    ) -> Self {
        Self {
            number: installment.position.number,
            due_date: Date(installment.position.due),
            status: summary.status.into(),
            amount_remaining: Money(summary.amount_remaining),
            pix_code,
        }
    }
}
