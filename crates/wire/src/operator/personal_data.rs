//! Everything that the lender has about a person, as the person receives it: the file `person.json` of an archive.

use domain::bank;
use serde::Serialize;

use super::credit::Decision;
use super::customer::Customer;
use super::customer_timeline::CustomerMoment;
use super::installment::Installment;
use super::list::Unreadable;
use super::loan::Loan;
use super::mail::Mail;
use super::note::Note;
use super::offer::Offer;
use super::payment::PaymentShown;
use super::signature::Signature;
use crate::text_scalar::Timestamp;

/// Everything about a person.
#[derive(Debug, Serialize)]
pub struct PersonalData {
    /// The lender, who answers for the data (controlador).
    pub controller: String,
    /// Real time of the export.
    pub exported_at: Timestamp,
    /// The person's CPF.
    pub cpf: String,
    /// The person's registrations with partners, newest first.
    pub registrations: Vec<Registration>,
    /// Files that exist and could not be read.
    pub missing_files: Vec<String>,
}

/// A registration with a partner, with everything that belongs to it.
#[derive(Debug, Serialize)]
pub struct Registration {
    /// The partner, with whom the data is shared.
    pub partner: SharedWith,
    /// The registration with its KYC.
    pub customer: Customer,
    /// The submitted documents.
    pub documents: Vec<File>,
    /// The account that receives loans; null without one.
    pub bank_account: Option<BankAccount>,
    /// The newest hundred decisions on the credit, with their reasons.
    pub credit_decisions: Vec<Decision>,
    /// The offers.
    pub offers: Vec<Offer>,
    /// The loans.
    pub loans: Vec<Borrowed>,
    /// The e-mails.
    pub mails: Vec<Mail>,
    /// The notes of the lender's operators.
    pub notes: Vec<Note>,
    /// The history, newest first.
    pub history: Vec<CustomerMoment>,
    /// Data that exists and could not be read.
    pub unreadable: Vec<Unreadable>,
}

/// A partner.
#[derive(Debug, Serialize)]
pub struct SharedWith {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

/// A bank account.
#[derive(Debug, Serialize)]
pub struct BankAccount {
    bank_id: String,
    bank_name: String,
    branch: String,
    number: String,
    digit: String,
    kind: &'static str,
    updated_at: Timestamp,
}

impl From<&bank::BankAccount> for BankAccount {
    fn from(account: &bank::BankAccount) -> Self {
        let details = account.details.clone();
        Self {
            bank_id: details.bank_id,
            bank_name: details.bank_name,
            branch: details.branch,
            number: details.number,
            digit: details.digit,
            kind: details.kind.name(),
            updated_at: Timestamp(account.updated_at),
        }
    }
}

/// A loan.
#[derive(Debug, Serialize)]
pub struct Borrowed {
    /// The loan.
    pub loan: Loan,
    /// Its installments, with late charges as of the export.
    pub installments: Vec<Installment>,
    /// Its payments.
    pub payments: Vec<PaymentShown>,
    /// The evidence of its signatures.
    pub signatures: Vec<Signature>,
    /// The copies of its contract.
    pub contracts: Vec<String>,
}

/// A file of the archive.
#[derive(Debug, Serialize)]
pub struct File {
    /// Id of the document.
    pub id: String,
    /// Name in the archive.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Time of its upload.
    pub uploaded_at: Timestamp,
}
