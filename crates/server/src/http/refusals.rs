//! What each use case's refusals are to a caller: one exhaustive match per area.

use domain::customer::CustomerState;
use domain::loan::pricing::PricingError;
use domain::simulation::SimulationRefused;
use domain::time::Timestamp;
use wire::problem::{Code, Problem};

use crate::app::bank_accounts::GiveRefused;
use crate::app::credentials::{CreateCredentialRefused, RevokeRefused};
use crate::app::customers::{AlreadyExists, UpdateRefused};
use crate::app::kyc::HandInRefused;
use crate::app::loans::CreateLoanRefused;
use crate::app::offers::SimulateRefused;
use crate::app::samples::SampleRefused;
use crate::app::sessions::OpenSessionRefused;
use crate::app::webhooks::{MOST_ENDPOINTS, TooMany};
use crate::app::{ListRefused, NotFound, credentials};
use crate::http::upload;

impl From<NotFound> for Problem {
    fn from(_: NotFound) -> Self {
        Self::not_found()
    }
}

impl From<ListRefused> for Problem {
    fn from(refused: ListRefused) -> Self {
        match refused {
            ListRefused::NotFound => Self::not_found(),
            ListRefused::InvalidCursor => super::page::invalid_cursor(),
        }
    }
}

impl From<AlreadyExists> for Problem {
    fn from(_: AlreadyExists) -> Self {
        let detail = "a customer with this CPF exists with another CNPJ or external_id";
        Self::new(Code::CustomerAlreadyExists, detail)
    }
}

impl From<UpdateRefused> for Problem {
    fn from(refused: UpdateRefused) -> Self {
        match refused {
            UpdateRefused::NotFound => Self::not_found(),
            UpdateRefused::InvalidState(field) => {
                let detail = "can be changed only while the customer is pending_kyc";
                Self::of_field(field.name(), Code::InvalidState, detail)
            }
        }
    }
}

fn kyc_not_pending(state: CustomerState) -> Problem {
    let detail = match state {
        CustomerState::PendingKyc => "every file of the customer has been accepted".to_owned(),
        other => format!("the customer is {}, and its KYC takes files only while pending_kyc", other.name()),
    };
    Problem::new(Code::InvalidState, detail)
}

impl From<HandInRefused> for Problem {
    fn from(refused: HandInRefused) -> Self {
        match refused {
            HandInRefused::NotFound => Self::not_found(),
            HandInRefused::NotAskedFor => {
                let detail = "is not among the documents in the customer's kyc";
                Self::of_field("type", Code::InvalidDocumentType, detail)
            }
            HandInRefused::InvalidState(state) => kyc_not_pending(state),
            HandInRefused::NoRoom(limits) => upload::no_room(limits),
            HandInRefused::AlreadyAccepted => {
                Self::of_field("type", Code::InvalidState, "has been accepted and is not replaced")
            }
        }
    }
}

impl From<OpenSessionRefused> for Problem {
    fn from(refused: OpenSessionRefused) -> Self {
        match refused {
            OpenSessionRefused::NotFound => Self::not_found(),
            OpenSessionRefused::AlreadyOpen => {
                Self::new(Code::SessionAlreadyActive, "a biometrics session of this customer is open")
            }
            OpenSessionRefused::InvalidState(state) => kyc_not_pending(state),
        }
    }
}

impl From<SimulateRefused> for Problem {
    fn from(refused: SimulateRefused) -> Self {
        let refused = match refused {
            SimulateRefused::NotFound => return Self::not_found(),
            SimulateRefused::Simulation(refused) => refused,
        };
        match refused {
            SimulationRefused::OfferExpired => Self::new(Code::OfferExpired, "the offer has expired"),
            SimulationRefused::OfferAccepted => {
                Self::new(Code::OfferAlreadyAccepted, "a loan has taken the offer")
            }
            SimulationRefused::AmountOutOfRange => {
                let detail = "must be between the offer's min_amount and its approved_amount";
                Self::of_field("requested_amount", Code::AmountOutOfRange, detail)
            }
            SimulationRefused::InstallmentsOutOfRange => {
                let detail = "is not a number of installments that the offer allows";
                Self::of_field("installment_count", Code::InstallmentsOutOfRange, detail)
            }
            SimulationRefused::Pricing(error) => unpriced(error),
        }
    }
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

impl From<CreateLoanRefused> for Problem {
    fn from(refused: CreateLoanRefused) -> Self {
        match refused {
            CreateLoanRefused::NotFound => Self::not_found(),
            CreateLoanRefused::KycIncomplete => Self::new(Code::KycIncomplete, "the customer is not active"),
            CreateLoanRefused::OfferExpired => Self::new(Code::OfferExpired, "the offer has expired"),
            CreateLoanRefused::OfferAccepted => {
                Self::new(Code::OfferAlreadyAccepted, "a loan has taken the offer")
            }
            CreateLoanRefused::SimulationMismatch => {
                let detail = "the figures must be those of the offer's newest simulation";
                Self::new(Code::SimulationMismatch, detail)
            }
            CreateLoanRefused::SimulationExpired => {
                Self::new(Code::SimulationExpired, "the simulation has expired; make a new one")
            }
        }
    }
}

impl From<CreateCredentialRefused> for Problem {
    fn from(refused: CreateCredentialRefused) -> Self {
        match refused {
            CreateCredentialRefused::NotFound => Self::not_found(),
            CreateCredentialRefused::TooMany => {
                let most = credentials::MOST_ACTIVE;
                Self::new(Code::InvalidState, format!("a partner has at most {most} active credentials"))
            }
            CreateCredentialRefused::MakerEnded => {
                Self::new(Code::InvalidToken, "the credential of this token has ended")
            }
            CreateCredentialRefused::AlreadyOver => {
                Self::of_field("expires_at", Code::InvalidFormat, "must be in the future")
            }
        }
    }
}

impl From<RevokeRefused> for Problem {
    fn from(refused: RevokeRefused) -> Self {
        match refused {
            RevokeRefused::NotFound => Self::not_found(),
            RevokeRefused::AlreadyRevoked => {
                Self::new(Code::CredentialAlreadyRevoked, "the credential has been revoked or has expired")
            }
        }
    }
}

impl From<TooMany> for Problem {
    fn from(_: TooMany) -> Self {
        let detail = format!("a partner has at most {MOST_ENDPOINTS} webhook endpoints");
        Self::new(Code::InvalidState, detail)
    }
}

impl From<SampleRefused> for Problem {
    fn from(refused: SampleRefused) -> Self {
        match refused {
            SampleRefused::NotFound => Self::not_found(),
            SampleRefused::Disabled => {
                Self::new(Code::InvalidState, "the endpoint is disabled and receives nothing")
            }
            SampleRefused::UnknownEvent => {
                let detail = "is not the name of an event that this endpoint can hear";
                Self::of_field("type", Code::InvalidEvent, detail)
            }
        }
    }
}

/// A bank account that a session's token could not give: the review began while the request was under way.
pub fn account_not_given() -> Problem {
    Problem::new(
        Code::InvalidState,
        "the review has begun, and the session cannot change the account any more",
    )
}

/// A bank account that was not taken. A wait depends on the moment, so it comes with `now`.
pub fn give_refused(refused: GiveRefused, now: Timestamp) -> Problem {
    match refused {
        GiveRefused::NotFound => Problem::not_found(),
        GiveRefused::NoAddress => Problem::new(
            Code::InvalidState,
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
