//! The problems for refused calls: one exhaustive match per area.

use app::credit::offers::SimulateRefused;
use app::customers::bank_accounts::GiveRefused;
use app::customers::{AlreadyExists, UpdateRefused};
use app::kyc::SubmitEvidenceRefused;
use app::kyc::sessions::OpenSessionRefused;
use app::loans::{CreateLoanRefused, Mismatch};
use app::partners::credentials;
use app::partners::credentials::{CreateCredentialRefused, RevokeRefused};
use app::webhooks::replay::ReplayRefused;
use app::webhooks::samples::SampleRefused;
use app::webhooks::{MOST_ENDPOINTS, TooMany};
use app::{ListRefused, NotFound};
use domain::customer::CustomerState;
use domain::id::LoanId;
use domain::loan::pricing::PricingError;
use domain::simulation::SimulationRefused;
use domain::time::Timestamp;
use wire::problem::{Code, Problem};

use crate::http::problem::Refusal;
use crate::http::upload;

impl Refusal for NotFound {
    fn problem(self) -> Problem {
        Problem::not_found()
    }
}

impl Refusal for ListRefused {
    fn problem(self) -> Problem {
        match self {
            ListRefused::NotFound => Problem::not_found(),
            ListRefused::InvalidCursor => super::page::invalid_cursor(),
        }
    }
}

impl Refusal for AlreadyExists {
    fn problem(self) -> Problem {
        let detail = "a customer with this CPF exists with another CNPJ or external_id";
        Problem::new(Code::CustomerAlreadyExists, detail)
    }
}

impl Refusal for UpdateRefused {
    fn problem(self) -> Problem {
        match self {
            UpdateRefused::NotFound => Problem::not_found(),
            UpdateRefused::InvalidState(field) => {
                let detail = "can be changed only while the customer is pending_kyc";
                Problem::of_field(field.name(), Code::InvalidState, detail)
            }
        }
    }
}

fn kyc_not_pending(state: CustomerState) -> Problem {
    let detail = match state {
        CustomerState::PendingKyc => "every file of the customer has been accepted".to_owned(),
        other => format!("the customer is {}, and its KYC takes files only while pending_kyc", other.name()),
    };
    Problem::invalid_state(detail)
}

impl Refusal for SubmitEvidenceRefused {
    fn problem(self) -> Problem {
        match self {
            SubmitEvidenceRefused::NotFound => Problem::not_found(),
            SubmitEvidenceRefused::NotRequired => {
                let detail = "is not among the documents in the customer's kyc";
                Problem::of_field("type", Code::InvalidDocumentType, detail)
            }
            SubmitEvidenceRefused::InvalidState(state) => kyc_not_pending(state),
            SubmitEvidenceRefused::NoRoom(limits) => upload::no_room(limits),
            SubmitEvidenceRefused::AlreadyAccepted => {
                Problem::of_field("type", Code::InvalidState, "has been accepted and is not replaced")
            }
        }
    }
}

impl Refusal for OpenSessionRefused {
    fn problem(self) -> Problem {
        match self {
            OpenSessionRefused::NotFound => Problem::not_found(),
            OpenSessionRefused::AlreadyOpen => {
                Problem::new(Code::SessionAlreadyActive, "a biometrics session of this customer is open")
            }
            OpenSessionRefused::InvalidState(state) => kyc_not_pending(state),
        }
    }
}

impl Refusal for SimulateRefused {
    fn problem(self) -> Problem {
        let refused = match self {
            SimulateRefused::NotFound => return Problem::not_found(),
            SimulateRefused::Simulation(refused) => refused,
        };
        match refused {
            SimulationRefused::OfferExpired => Problem::new(Code::OfferExpired, "the offer has expired"),
            SimulationRefused::OfferAccepted { loan } => taken(loan),
            SimulationRefused::AmountOutOfRange => {
                let detail = "must be between the offer's min_amount and its approved_amount";
                Problem::of_field("requested_amount", Code::AmountOutOfRange, detail)
            }
            SimulationRefused::InstallmentsOutOfRange => {
                let detail = "is not a number of installments that the offer allows";
                Problem::of_field("installment_count", Code::InstallmentsOutOfRange, detail)
            }
            SimulationRefused::Pricing(error) => unpriced(error),
        }
    }
}

/// The problem of an offer that a loan has taken.
pub(super) fn taken(loan: LoanId) -> Problem {
    Problem::new(Code::OfferAlreadyAccepted, format!("the loan {loan} has taken the offer"))
}

fn unpriced(error: PricingError) -> Problem {
    let detail = error.to_string();
    match error {
        PricingError::TooSmall | PricingError::TooLarge | PricingError::NothingLeft => {
            Problem::of_field("requested_amount", Code::AmountOutOfRange, detail)
        }
        PricingError::TooLong => Problem::of_field("installment_count", Code::InstallmentsOutOfRange, detail),
        PricingError::TooDear | PricingError::NoRates | PricingError::NothingToPrice => {
            Problem::of_field("requested_amount", Code::Unpriceable, detail)
        }
    }
}

/// A loan that was not made, and the names of the fields that repeat its simulation, which differ by generation.
pub(super) struct LoanRefused {
    pub(super) refused: CreateLoanRefused,
    pub(super) repeated: [&'static str; 4],
}

impl Refusal for LoanRefused {
    fn problem(self) -> Problem {
        match self.refused {
            CreateLoanRefused::NotFound => Problem::not_found(),
            CreateLoanRefused::KycIncomplete => {
                Problem::new(Code::KycIncomplete, "the customer is not active")
            }
            CreateLoanRefused::OfferExpired => Problem::new(Code::OfferExpired, "the offer has expired"),
            CreateLoanRefused::OfferAccepted { loan } => taken(loan),
            CreateLoanRefused::SimulationMismatch(mismatch) => {
                let [simulation, count, amount, due] = self.repeated;
                let (param, detail) = match mismatch {
                    Mismatch::Simulation => (simulation, "must be the offer's newest simulation"),
                    Mismatch::Installments => (count, "must be that of the simulation"),
                    Mismatch::Installment => (amount, "must be that of the simulation"),
                    Mismatch::FirstDue => (due, "must be that of the simulation"),
                };
                Problem::of_field(param, Code::SimulationMismatch, detail)
            }
            CreateLoanRefused::SimulationExpired => {
                Problem::new(Code::SimulationExpired, "the simulation has expired; make a new one")
            }
        }
    }
}

impl Refusal for CreateCredentialRefused {
    fn problem(self) -> Problem {
        match self {
            CreateCredentialRefused::NotFound => Problem::not_found(),
            CreateCredentialRefused::TooMany => {
                let most = credentials::MOST_ACTIVE;
                Problem::invalid_state(format!("a partner has at most {most} active credentials"))
            }
            CreateCredentialRefused::MakerEnded => {
                Problem::new(Code::InvalidToken, "the credential of this token has ended")
            }
            CreateCredentialRefused::AlreadyOver => {
                Problem::of_field("expires_at", Code::InvalidFormat, "must be in the future")
            }
        }
    }
}

impl Refusal for RevokeRefused {
    fn problem(self) -> Problem {
        match self {
            RevokeRefused::NotFound => Problem::not_found(),
            RevokeRefused::AlreadyRevoked => {
                Problem::new(Code::CredentialAlreadyRevoked, "the credential has been revoked or has expired")
            }
        }
    }
}

impl Refusal for TooMany {
    fn problem(self) -> Problem {
        let detail = format!("a partner has at most {MOST_ENDPOINTS} webhook endpoints");
        Problem::invalid_state(detail)
    }
}

impl Refusal for SampleRefused {
    fn problem(self) -> Problem {
        match self {
            SampleRefused::NotFound => Problem::not_found(),
            SampleRefused::Disabled => {
                Problem::invalid_state("the endpoint is disabled and receives nothing")
            }
            SampleRefused::UnknownEvent => {
                let detail = "is not the name of an event that this endpoint can hear";
                Problem::of_field("type", Code::InvalidEvent, detail)
            }
        }
    }
}

impl Refusal for ReplayRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::UnknownTarget => of_target("no such endpoint, or it is not yours"),
            Self::SameEndpoint => {
                of_target("is the endpoint whose deliveries are replayed; retry them instead")
            }
            Self::Disabled => Problem::invalid_state(
                "the target endpoint is disabled and receives nothing; enable it first",
            ),
            Self::Reversed => Problem::of_field("until", Code::InvalidFormat, "must be later than `since`"),
            Self::TooLong => {
                let detail = "is more than 31 days after `since`; replay a shorter range";
                Problem::of_field("until", Code::InvalidFormat, detail)
            }
        }
    }
}

fn of_target(detail: &str) -> Problem {
    Problem::of_field("target_endpoint_id", Code::InvalidFormat, detail)
}

/// The problem of a bank account from a session's token, if the review began during the request.
pub fn account_not_given() -> Problem {
    Problem::invalid_state("the review has begun, and the session cannot change the account any more")
}

/// The problem of a refused bank account. `now` gives the seconds to wait.
pub fn give_refused(refused: GiveRefused, now: Timestamp) -> Problem {
    match refused {
        GiveRefused::NotFound => Problem::not_found(),
        GiveRefused::NoAddress => Problem::invalid_state(
            "a contract is signed, so the borrower has to confirm another account by e-mail, and has no address",
        ),
        GiveRefused::TooSoon(next) => {
            let wait = next.since(now);
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let detail = "the borrower has just been asked to confirm another account";
            Problem::new(Code::RateLimitExceeded, detail).retry_after(seconds.max(1))
        }
    }
}
