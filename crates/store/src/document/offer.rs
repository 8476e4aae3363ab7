//! Offers and their terms.

use domain::id::{LoanId, PartnerId};
use domain::loan::pricing::Product;
use domain::money::{Cents, Rate};
use domain::offer::{Offer, OfferRecord, OfferState, OfferStateKind, OfferTerms, Term};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::json::{corrupt, parsed};
use crate::db::error::StoreError;

/// An offer's terms.
#[derive(Serialize, Deserialize)]
pub(crate) struct TermsDoc {
    approved: i64,
    min: i64,
    rate: i64,
    term: TermDoc,
    fee: i64,
    regime: String,
    charges: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TermDoc {
    Fixed(u16),
    Range { min: u16, max: u16 },
}

impl TermsDoc {
    pub(crate) fn of(terms: &OfferTerms) -> Self {
        Self {
            approved: terms.approved_amount.get(),
            min: terms.min_amount.get(),
            rate: terms.interest_rate.scaled(),
            term: match terms.term {
                Term::Fixed(count) => TermDoc::Fixed(count),
                Term::Range { min, max } => TermDoc::Range { min, max },
            },
            fee: terms.product.fee.scaled(),
            regime: terms.product.regime.name().to_owned(),
            charges: terms.product.charges.name().to_owned(),
        }
    }

    pub(crate) fn read(&self) -> Result<OfferTerms, StoreError> {
        Ok(OfferTerms {
            approved_amount: Cents::new(self.approved),
            min_amount: Cents::new(self.min),
            interest_rate: Rate::from_scaled(self.rate),
            term: match self.term {
                TermDoc::Fixed(count) => Term::Fixed(count),
                TermDoc::Range { min, max } => Term::Range { min, max },
            },
            product: Product {
                fee: Rate::from_scaled(self.fee),
                regime: parsed(&self.regime)?,
                charges: parsed(&self.charges)?,
            },
        })
    }
}

/// An offer, as events store it.
#[derive(Serialize, Deserialize)]
pub(crate) struct OfferDoc {
    id: String,
    customer: String,
    state: String,
    loan: Option<String>,
    terms: TermsDoc,
    valid_until: i64,
    created_at: i64,
    updated_at: i64,
}

impl OfferDoc {
    pub(crate) fn of(offer: &Offer) -> Self {
        let (state, loan) = offer_state_parts(offer.state);
        Self {
            id: offer.id.to_string(),
            customer: offer.customer.to_string(),
            state: state.name().to_owned(),
            loan: loan.map(|id| id.to_string()),
            terms: TermsDoc::of(&offer.terms),
            valid_until: offer.valid_until.micros(),
            created_at: offer.created_at.micros(),
            updated_at: offer.updated_at.micros(),
        }
    }

    pub(crate) fn read(&self, partner: PartnerId, external_id: Option<String>) -> Result<Offer, StoreError> {
        let loan = self.loan.as_deref().map(parsed).transpose()?;
        Ok(Offer::restored(OfferRecord {
            id: parsed(&self.id)?,
            partner,
            customer: parsed(&self.customer)?,
            external_id,
            state: offer_state(parsed(&self.state)?, loan)?,
            terms: self.terms.read()?,
            valid_until: Timestamp::from_micros(self.valid_until),
            created_at: Timestamp::from_micros(self.created_at),
            updated_at: Timestamp::from_micros(self.updated_at),
        }))
    }
}

/// An offer's state, and the loan of an accepted offer.
pub(crate) fn offer_state_parts(state: OfferState) -> (OfferStateKind, Option<LoanId>) {
    match state {
        OfferState::Available | OfferState::Expired => (state.kind(), None),
        OfferState::Accepted { loan } => (state.kind(), Some(loan)),
    }
}

pub(crate) fn offer_state(kind: OfferStateKind, loan: Option<LoanId>) -> Result<OfferState, StoreError> {
    match (kind, loan) {
        (OfferStateKind::Available, _) => Ok(OfferState::Available),
        (OfferStateKind::Accepted, Some(loan)) => Ok(OfferState::Accepted { loan }),
        (OfferStateKind::Accepted, None) => Err(corrupt("an accepted offer without a loan")),
        (OfferStateKind::Expired, _) => Ok(OfferState::Expired),
    }
}
