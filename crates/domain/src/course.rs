//! The ways of a sandbox to an event: the tags of a new customer, and the step that leads there.
//!
//! `dinie trigger` and the partner's page of the sandbox take these ways. An event without one is only sent as a sample.

use crate::customer::CustomerEvent;
use crate::event::EventKind;
use crate::loan::LoanEventKind;
use crate::offer::OfferEvent;

/// The way to an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Course {
    /// The event.
    pub event: EventKind,
    /// The tags in the customer's e-mail address, joined by `+`; empty without any.
    pub tags: &'static str,
    /// The last step.
    pub steps: Steps,
}

/// The last step of a course. It includes all steps before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// The customer is registered.
    Register,
    /// The customer submits its first document.
    SubmitFile,
    /// The customer submits all documents.
    SubmitFiles,
    /// The customer's offer expires.
    LetOfferLapse,
    /// The customer takes a loan.
    TakeLoan,
    /// The customer's loan is not signed in time.
    LetLoanLapse,
    /// The customer pays the first installment.
    PayFirst,
    /// The customer pays a loan of few installments in full.
    PayAll,
}

impl Steps {
    /// Whether the event happens only after the partner's clock has moved.
    pub const fn need_time(self) -> bool {
        match self {
            Self::LetOfferLapse | Self::LetLoanLapse | Self::PayFirst | Self::PayAll => true,
            Self::Register | Self::SubmitFile | Self::SubmitFiles | Self::TakeLoan => false,
        }
    }

    /// The tags of a customer for whom the sandbox takes the steps by itself.
    pub const fn own_tags(self) -> &'static [&'static str] {
        match self {
            Self::Register => &[],
            Self::SubmitFile | Self::SubmitFiles | Self::LetOfferLapse => &["sends_files"],
            Self::TakeLoan | Self::LetLoanLapse | Self::PayFirst | Self::PayAll => {
                &["sends_files", "takes_loan"]
            }
        }
    }
}

const fn course_of(event: EventKind, tags: &'static str, steps: Steps) -> Course {
    Course { event, tags, steps }
}

/// The events that a sandbox can make happen, in the order of a customer's life.
pub const COURSES: &[Course] = &[
    course_of(EventKind::Customer(CustomerEvent::Created), "", Steps::Register),
    course_of(EventKind::Customer(CustomerEvent::KycUpdated), "", Steps::SubmitFile),
    course_of(EventKind::Customer(CustomerEvent::UnderReview), "", Steps::SubmitFiles),
    course_of(EventKind::Customer(CustomerEvent::Active), "", Steps::SubmitFiles),
    course_of(EventKind::Customer(CustomerEvent::Denied), "denied", Steps::SubmitFiles),
    course_of(EventKind::Offer(OfferEvent::Available), "", Steps::SubmitFiles),
    course_of(EventKind::Offer(OfferEvent::Expired), "", Steps::LetOfferLapse),
    course_of(EventKind::Loan(LoanEventKind::Created), "", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::ContractGenerated), "", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::AwaitingSignatures), "", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::SignatureReceived), "", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::Signed), "", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::Disbursing), "", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::Active), "", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::Error), "disbursement_failed", Steps::TakeLoan),
    course_of(EventKind::Loan(LoanEventKind::PaymentReceived), "pays_on_time", Steps::PayFirst),
    course_of(EventKind::Loan(LoanEventKind::Finished), "pays_on_time+small_offer", Steps::PayAll),
    course_of(EventKind::Loan(LoanEventKind::Cancelled), "never_signs", Steps::LetLoanLapse),
];

/// The way to an event, if there is one.
pub fn course(event: EventKind) -> Option<&'static Course> {
    COURSES.iter().find(|course| course.event == event)
}
