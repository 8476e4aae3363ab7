//! A credit offer: terms that the lender keeps open until a date.
//!
//! Its state machine: available → accepted; accepted → available again if the loan is cancelled in time; available →
//! expired.

use crate::closed::{Changed, closed};
use crate::id::{CustomerId, LoanId, OfferId, PartnerId};
use crate::loan::iof::IofRegime;
use crate::loan::pricing::Product;
use crate::machine::{Illegal, Transition};
use crate::money::{Cents, Rate};
use crate::spelled;
use crate::time::Timestamp;

/// The number of monthly installments that the customer may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Term {
    /// Exactly this many.
    Fixed(u16),
    /// Any number from `min` to `max`.
    Range {
        /// The fewest.
        min: u16,
        /// The most.
        max: u16,
    },
}

impl Term {
    /// Whether `installments` may be chosen.
    pub fn allows(self, installments: u16) -> bool {
        match self {
            Self::Fixed(count) => installments == count,
            Self::Range { min, max } => (min..=max).contains(&installments),
        }
    }

    /// The fewest and the most installments.
    pub const fn bounds(self) -> (u16, u16) {
        match self {
            Self::Fixed(count) => (count, count),
            Self::Range { min, max } => (min, max),
        }
    }
}

/// The terms of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferTerms {
    /// The largest amount that may be requested.
    pub approved_amount: Cents,
    /// The smallest amount that may be requested.
    pub min_amount: Cents,
    /// The monthly rate.
    pub interest_rate: Rate,
    /// The choice of installments.
    pub term: Term,
    /// The rules of pricing for a loan of this offer.
    pub product: Product,
}

closed! {
    /// An offer. Only its commands change it.
    pub struct Offer(OfferRecord) sends (OfferEvent, Box<Offer>);
}

/// The fields of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferRecord {
    /// The offer's id.
    pub id: OfferId,
    /// The partner whose customer it is for.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// The partner's own identifier of the customer. It never changes.
    pub external_id: Option<String>,
    /// The state of its machine.
    pub state: OfferState,
    /// The terms.
    pub terms: OfferTerms,
    /// The last moment at which a loan can take it.
    pub valid_until: Timestamp,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

/// The values of a new offer.
#[derive(Debug, Clone)]
pub struct NewOffer {
    /// The offer's id.
    pub id: OfferId,
    /// The customer.
    pub customer: CustomerId,
    /// The partner.
    pub partner: PartnerId,
    /// The partner's own identifier of the customer.
    pub external_id: Option<String>,
    /// The terms.
    pub terms: OfferTerms,
    /// The last moment at which a loan can take it.
    pub valid_until: Timestamp,
}

/// The state of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfferState {
    /// Open.
    Available,
    /// A loan has taken it.
    Accepted {
        /// The loan.
        loan: LoanId,
    },
    /// Past its validity, or withdrawn.
    Expired,
}

/// The inputs of an offer's state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfferInput {
    /// A loan takes it.
    Accept {
        /// The loan.
        loan: LoanId,
    },
    /// The loan that took it was cancelled.
    LoanCancelled {
        /// Whether the offer's validity has passed.
        lapsed: Lapsed,
    },
    /// Its validity passed.
    Lapse,
    /// The lender withdrew it.
    Withdraw,
}

/// Whether an offer's validity has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lapsed {
    /// It has.
    Yes,
    /// It has not.
    No,
}

/// The domain events of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfferEvent {
    /// The offer was made.
    Available,
    /// The offer expired or was withdrawn.
    Expired,
}

impl Offer {
    /// A new offer, available at once.
    pub fn open(new: NewOffer, now: Timestamp) -> Changed<Self> {
        let NewOffer { id, customer, partner, external_id, terms, valid_until } = new;
        let offer = Self(OfferRecord {
            id,
            partner,
            customer,
            external_id,
            state: OfferState::Available,
            terms,
            valid_until,
            created_at: now,
            updated_at: now,
        });
        offer.sending(vec![OfferEvent::Available])
    }

    /// The offer under another tax regime, for a simulation. It is never saved.
    #[must_use]
    pub fn taxed(mut self, regime: IofRegime) -> Self {
        self.0.terms.product.regime = regime;
        self
    }

    /// Takes the offer for a loan.
    pub fn accept(self, loan: LoanId, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        self.take(OfferInput::Accept { loan }, now)
    }

    /// Makes the offer available again after its loan was cancelled. If its validity has passed, it expires.
    pub fn release(self, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        let lapsed = self.lapsed(now);
        self.take(OfferInput::LoanCancelled { lapsed }, now)
    }

    /// Expires an offer whose validity has passed.
    pub fn lapse(self, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        self.take(OfferInput::Lapse, now)
    }

    /// Withdraws an open offer.
    pub fn withdraw(self, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        self.take(OfferInput::Withdraw, now)
    }

    /// Takes one step of the machine.
    fn take(mut self, input: OfferInput, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        let transition = self.state.step(input)?;
        self.0.state = transition.next;
        self.0.updated_at = now;
        Ok(self.sending(transition.events))
    }

    /// The offer with its events, each with a copy of the offer as it is now.
    fn sending(self, events: Vec<OfferEvent>) -> Changed<Self> {
        let happened = |event| (event, Box::new(self.clone()));
        let events = events.into_iter().map(happened).collect();
        Changed::new(self, events)
    }

    /// Whether the validity has passed at `now`, even if no job has stored this yet.
    pub fn lapsed(&self, now: Timestamp) -> Lapsed {
        if now > self.valid_until { Lapsed::Yes } else { Lapsed::No }
    }
}

spelled!(OfferEvent { Available = "offer_available", Expired = "offer_expired" });

spelled!(OfferStateKind of OfferState { Available = "available", Accepted = "accepted", Expired = "expired" });

impl OfferState {
    /// Takes one step of the machine.
    pub fn step(self, input: OfferInput) -> Result<Transition<Self, OfferEvent>, Illegal> {
        use OfferInput as Input;
        let refused = Err(Illegal { machine: "offer", state: self.name(), input: input.name() });
        match self {
            Self::Available => match input {
                Input::Accept { loan } => Ok(Transition::silent(Self::Accepted { loan })),
                Input::Lapse | Input::Withdraw => Ok(Transition::sending(Self::Expired, OfferEvent::Expired)),
                Input::LoanCancelled { .. } => refused,
            },
            Self::Accepted { .. } => match input {
                Input::LoanCancelled { lapsed: Lapsed::No } => Ok(Transition::silent(Self::Available)),
                Input::LoanCancelled { lapsed: Lapsed::Yes } => {
                    Ok(Transition::sending(Self::Expired, OfferEvent::Expired))
                }
                Input::Accept { .. } | Input::Lapse | Input::Withdraw => refused,
            },
            Self::Expired => match input {
                Input::Accept { .. } | Input::LoanCancelled { .. } | Input::Lapse | Input::Withdraw => {
                    refused
                }
            },
        }
    }
}

impl OfferInput {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept { .. } => "accept",
            Self::LoanCancelled { .. } => "loan_cancelled",
            Self::Lapse => "lapse",
            Self::Withdraw => "withdraw",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ResourceId;

    #[test]
    fn the_offer_machine_is_this_matrix() {
        use {OfferInput as I, OfferState as S};
        let loan = LoanId::new(Timestamp::from_seconds(1_700_000_000), [7; 10]);
        let states = [S::Available, S::Accepted { loan }, S::Expired];
        let inputs = [
            I::Accept { loan },
            I::LoanCancelled { lapsed: Lapsed::No },
            I::LoanCancelled { lapsed: Lapsed::Yes },
            I::Lapse,
            I::Withdraw,
        ];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, |s, i| s.step(*i)));
    }

    #[test]
    fn a_range_allows_both_its_ends_and_a_fixed_term_only_its_number() {
        let range = Term::Range { min: 3, max: 24 };
        assert!(range.allows(3) && range.allows(24) && !range.allows(2) && !range.allows(25));
        assert!(Term::Fixed(12).allows(12) && !Term::Fixed(12).allows(11));
    }
}
