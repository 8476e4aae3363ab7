//! The parts of the page of a customer's credit.

use app::credit::CreditSheet;
use domain::loan::pricing::Quote;

use super::form::{Given, Problem};

/// The way in which the page is shown.
#[derive(Debug)]
pub(super) struct Shown {
    /// The form before; `None` for the terms that the policy suggests.
    pub(super) given: Option<Given>,
    /// Whether it asks before the approval.
    pub(super) asks: bool,
    /// The reason why the form before was not recorded.
    pub(super) problem: Option<Problem>,
}

impl Shown {
    pub(super) fn new(given: Option<Given>) -> Self {
        Self { given, asks: false, problem: None }
    }
}

/// What the page shows.
pub(super) struct Seen {
    pub(super) sheet: CreditSheet,
    pub(super) given: Given,
    pub(super) priced: Option<Quote>,
}
