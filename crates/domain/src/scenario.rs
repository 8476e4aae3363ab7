//! The scenarios for a new customer, each with the tags that steer the sandbox.

use crate::spelled;

/// A scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scenario {
    /// All goes well, up to the money.
    Smooth,
    /// The first review rejects a file.
    FileRejected,
    /// The review refuses the customer.
    Denied,
    /// The analysis approves nothing.
    NoOffer,
    /// The offer is small.
    SmallOffer,
    /// The offer leaves the number of installments open.
    RangeOffer,
    /// The analysis refers the customer to an operator.
    Referred,
    /// Nobody signs the contract.
    NeverSigns,
    /// Nobody orders the disbursement of the signed loan.
    NeverDisbursed,
    /// The bank does not answer the order.
    DisbursementPending,
    /// The money comes back.
    DisbursementFailed,
    /// Each installment is paid on its due date.
    PaysOnTime,
    /// Each installment is paid ten days late.
    PaysLate,
    /// Three installments are paid, and no more.
    StopsPaying,
    /// People make every decision.
    ByHand,
}

spelled!(Scenario {
    Smooth = "smooth",
    FileRejected = "file_rejected",
    Denied = "denied",
    NoOffer = "no_offer",
    SmallOffer = "small_offer",
    RangeOffer = "range_offer",
    Referred = "referred",
    NeverSigns = "never_signs",
    NeverDisbursed = "never_disbursed",
    DisbursementPending = "disbursement_pending",
    DisbursementFailed = "disbursement_failed",
    PaysOnTime = "pays_on_time",
    PaysLate = "pays_late",
    StopsPaying = "stops_paying",
    ByHand = "by_hand",
});

impl Scenario {
    /// The tags of the customer's e-mail address.
    pub fn tags(self) -> &'static [&'static str] {
        match self {
            Self::Smooth => &["sends_files", "takes_loan"],
            Self::FileRejected => &["sends_files", "kyc_rejected"],
            Self::Denied => &["sends_files", "denied"],
            Self::NoOffer => &["sends_files", "no_offer"],
            Self::SmallOffer => &["sends_files", "small_offer"],
            Self::RangeOffer => &["sends_files", "range_offer"],
            Self::Referred => &["sends_files", "credit_referred"],
            Self::NeverSigns => &["sends_files", "takes_loan", "never_signs"],
            Self::NeverDisbursed => &["sends_files", "takes_loan", "never_disbursed"],
            Self::DisbursementPending => &["sends_files", "takes_loan", "disbursement_pending"],
            Self::DisbursementFailed => &["sends_files", "takes_loan", "disbursement_failed"],
            Self::PaysOnTime => &["sends_files", "takes_loan", "pays_on_time"],
            Self::PaysLate => &["sends_files", "takes_loan", "pays_late"],
            Self::StopsPaying => &["sends_files", "takes_loan", "stops_paying"],
            Self::ByHand => &["manual"],
        }
    }
}
