//! A template history: one customer from the registration to the present, made by the real use cases.

use domain::bank::BankAccount;
use domain::credit::Decision;
use domain::customer::CustomerFile;
use domain::event::Event;
use domain::kyc::EvidenceKind;
use domain::loan::contract::Contract;
use domain::loan::signing::Evidence;
use domain::loan::{Installment, Loan};
use domain::money::Cents;
use domain::offer::Offer;
use domain::person::Name;
use domain::simulation::Simulation;
use domain::time::Timestamp;
use store::blob::StoredBlob;
use store::contracts::Copy;
use store::jobs::Job;
use store::kyc::StoredDocument;
use store::ledger::JournalEntry;
use store::mails::Mail;
use store::payments::RecordedPayment;

use crate::autopilot::Rules;

/// The course of a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// No document was submitted.
    Registered,
    /// The documents wait for their review.
    UnderReview,
    /// KYC has refused the customer.
    Denied,
    /// The customer has an offer and accepts no loan.
    Offered,
    /// The loan waits for its signature, or has been cancelled since.
    Unsigned,
    /// An operator has to decide the credit.
    Referred,
    /// The signed loan waits for the order of its disbursement.
    Signed,
    /// The bank has not answered to the order.
    Disbursing,
    /// The disbursement failed.
    Failed,
    /// Each of this number of installments is paid when it is due.
    OnTime(u16),
    /// The same for a company with two owners, who both sign.
    Owners(u16),
    /// Each of this number of installments is paid ten days late.
    Late(u16),
    /// Three of this number of installments are paid, and no more.
    Stopped(u16),
    /// None of this number of installments is paid.
    Unpaid(u16),
}

impl Fate {
    /// The tags in the customer's address, which steer the sandbox.
    pub(super) const fn tags(self) -> &'static str {
        match self {
            Self::Registered | Self::UnderReview => "manual",
            Self::Denied => "denied+range_offer",
            Self::Offered | Self::Unpaid(_) => "range_offer",
            Self::Referred => "credit_referred",
            Self::Unsigned => "range_offer+never_signs",
            Self::Signed => "range_offer+never_disbursed",
            Self::Disbursing => "range_offer+disbursement_pending",
            Self::Failed => "range_offer+disbursement_failed",
            Self::OnTime(_) => "range_offer+pays_on_time",
            Self::Owners(_) => "range_offer+pays_on_time+ltda",
            Self::Late(_) => "range_offer+pays_late",
            Self::Stopped(_) => "range_offer+stops_paying",
        }
    }

    /// Number of installments of the loan, if there is one.
    pub const fn installments(self) -> Option<u16> {
        match self {
            Self::Registered | Self::UnderReview | Self::Denied | Self::Referred | Self::Offered => None,
            Self::Unsigned | Self::Signed | Self::Disbursing | Self::Failed => Some(12),
            Self::OnTime(count)
            | Self::Owners(count)
            | Self::Late(count)
            | Self::Stopped(count)
            | Self::Unpaid(count) => Some(count),
        }
    }
}

/// The environment of a history.
pub struct World<'a> {
    /// The inputs of the autopilot's decisions.
    pub rules: &'a Rules,
    /// The file that is submitted as evidence of a kind.
    pub file_of: &'a dyn Fn(EvidenceKind, &Who) -> StoredBlob,
    /// The present.
    pub until: Timestamp,
}

/// All rows of a history.
#[derive(Debug)]
pub struct History {
    /// The customer.
    pub file: CustomerFile,
    /// The submitted files.
    pub documents: Vec<StoredDocument>,
    /// The account.
    pub account: Option<BankAccount>,
    /// The decisions, each with its offer.
    pub decisions: Vec<(Decision, Option<Offer>)>,
    /// The simulation, if one was made.
    pub simulation: Option<Simulation>,
    /// The loan.
    pub loan: Option<LoanHistory>,
    /// The events, in order.
    pub events: Vec<Event>,
    /// The e-mails.
    pub mails: Vec<Mail>,
    /// The jobs that are still open.
    pub jobs: Vec<Job>,
}

/// All rows of a loan.
#[derive(Debug)]
pub struct LoanHistory {
    /// The loan.
    pub loan: Loan,
    /// The facts of its contract.
    pub contract: Contract,
    /// The contract's documents.
    pub pdfs: Vec<Pdf>,
    /// The signatures.
    pub evidence: Vec<Evidence>,
    /// The installments.
    pub installments: Vec<Installment>,
    /// The payments.
    pub payments: Vec<RecordedPayment>,
    /// The journal.
    pub entries: Vec<JournalEntry>,
}

/// A document of a contract.
#[derive(Debug, Clone)]
pub struct Pdf {
    /// The issued or the signed copy.
    pub copy: Copy,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in hex.
    pub sha256: String,
    /// Time at which it was ordered.
    pub created_at: Timestamp,
}

/// The values of a customer that do not follow from its fate.
#[derive(Debug, Clone)]
pub struct Who {
    /// The number from which CPF, CNPJ and telephone number follow.
    pub number: u32,
    /// The name of the person.
    pub name: Name,
    /// The name of the company.
    pub company: Name,
    /// The part of the e-mail address before the tags.
    pub mailbox: String,
    /// The amount of the loan.
    pub amount: Cents,
    /// The number of the bank account.
    pub account: u32,
}
