//! The texts of the pages that show one language (docs/decisions/0023): a struct with a constant for each language.
//!
//! A missing text does not compile, and the compiler reports a text that no page uses.

mod asking;
mod audit;
mod catalogue;
mod clocks;
mod console;
mod credit;
mod customer;
mod customers;
mod dashboard;
mod english;
mod going_live;
mod history;
mod home;
mod ledger;
mod letter;
mod loan;
mod loan_english;
mod money;
mod partner;
mod passkey;
mod payments;
mod people;
mod policy;
mod portal;
mod portfolio;
mod portuguese;
mod proposal;
mod queue;
mod requests;
mod search;
mod settings;
mod sign_in;
mod testing;
mod webhooks;

pub(crate) use self::catalogue::{BadgeTexts, KitTexts, Texts};
pub(crate) use self::console::ConsoleTexts;
pub(crate) use self::credit::CreditTexts;
pub(crate) use self::customer::REASONS;
pub(crate) use self::proposal::ProposalTexts;
pub(crate) use self::queue::QueueTexts;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Portuguese,
    English,
}

impl Language {
    /// The language with this tag in forms and cookies.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        match tag {
            "pt" => Some(Self::Portuguese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The tag in forms and cookies.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt",
            Self::English => "en",
        }
    }

    /// The language that the switch offers.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Portuguese => Self::English,
            Self::English => Self::Portuguese,
        }
    }

    /// The texts in this language.
    pub(crate) fn texts(self) -> &'static Texts {
        match self {
            Self::Portuguese => &portuguese::TEXTS,
            Self::English => &english::TEXTS,
        }
    }
}
