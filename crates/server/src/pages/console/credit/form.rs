//! The form of a credit decision. It becomes the body of the operator API's call, and is read by the same rules.

use app::credit::{CreditSheet, Decide, DecideRefused};
use domain::id::CustomerId;
use domain::money::{Cents, Rate};
use domain::offer::OfferTerms;
use domain::written;
use serde_json::{Value, json};
use wire::operator::credit::DecideCredit;

use crate::http::operator::decision_of;
use crate::http::problem::Rejection;
use crate::pages::form::Form;
use crate::pages::kit::shown::Money;

/// The version of a decision without a policy.
const BY_HAND: &str = "mesa";

/// A reason that makes a body complete whose price alone is asked.
const NO_REASON: &str = "-";

/// The button that was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Show the price.
    Price,
    /// Ask in words before the approval.
    Ask,
    /// Approve.
    Approve,
    /// Refuse.
    Refuse,
}

/// The fields of a form, as they were written.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) amount: String,
    pub(super) least: String,
    pub(super) rate: String,
    pub(super) fewest: String,
    pub(super) most: String,
    pub(super) fee: String,
    pub(super) charges: String,
    pub(super) valid_days: String,
    pub(super) simples_on: String,
    pub(super) reasons: String,
    pub(super) version: String,
    /// The number of decisions that the person saw.
    pub(super) seen: String,
}

/// The reason why a decision was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// An amount cannot be read.
    Amount,
    /// A rate cannot be read.
    Rate,
    /// The numbers of installments cannot be read.
    Installments,
    /// There is no reason, or one is too long.
    Reasons,
    /// The day of the declaration is wrong, or the customer cannot declare this.
    Declared,
    /// The terms contradict each other.
    Terms,
    /// The amount is above the person's limit.
    AboveLimit(Cents),
    /// Somebody else has decided meanwhile.
    Changed,
}

impl Problem {
    pub(super) fn of(refused: DecideRefused) -> Self {
        match refused {
            DecideRefused::AboveLimit(limit) => Self::AboveLimit(limit),
            DecideRefused::NotFound => Self::Terms,
            DecideRefused::NoCompany | DecideRefused::DeclaredLater => Self::Declared,
            DecideRefused::Changed => Self::Changed,
        }
    }

    /// The fault of a body that the operator API refuses.
    fn of_fields(problem: &wire::problem::Problem) -> Self {
        let params = problem.errors.iter().map(|error| error.param.as_str());
        let of = |param: &str| match param.strip_prefix("offer.") {
            Some("approved_amount" | "min_amount") => Self::Amount,
            Some("interest_rate" | "service_fee") => Self::Rate,
            Some("installments" | "min_installments" | "max_installments") => Self::Installments,
            Some("simples_declared_on") => Self::Declared,
            None if param.starts_with("reasons") => Self::Reasons,
            Some(_) | None => Self::Terms,
        };
        params.map(of).next().unwrap_or(Self::Terms)
    }
}

/// `2,49`.
fn rate(rate: Rate) -> String {
    rate.percent().normalize().to_string().replace('.', ",")
}

impl Pressed {
    fn of(outcome: &str) -> Self {
        match outcome {
            "approve" => Self::Ask,
            "approve_now" => Self::Approve,
            "refuse" => Self::Refuse,
            _price => Self::Price,
        }
    }
}

impl Given {
    pub(super) fn read(body: &[u8]) -> Result<(Self, Pressed), Rejection> {
        let form = Form::read(body)?;
        let text = |name: &str| form.text_or_empty(name);
        let given = Self {
            amount: text("amount"),
            least: text("least"),
            rate: text("rate"),
            fewest: text("fewest"),
            most: text("most"),
            fee: text("fee"),
            charges: text("charges"),
            valid_days: text("valid_days"),
            simples_on: text("simples_on"),
            reasons: text("reasons"),
            version: text("version"),
            seen: text("seen"),
        };
        Ok((given, Pressed::of(&text("outcome"))))
    }

    /// The form before anything is written: with the terms that the policy suggests.
    pub(super) fn first(sheet: &CreditSheet) -> Self {
        let terms = sheet.weighing.as_ref().and_then(|weighing| weighing.terms.as_ref());
        let days = sheet.weighing.as_ref().and_then(|weighing| weighing.verdict.valid_days);
        let version = sheet.weighing.as_ref().map_or(BY_HAND, |weighing| &weighing.version);
        Self {
            valid_days: days.map_or_else(String::new, |days| days.to_string()),
            version: version.to_owned(),
            seen: sheet.count.to_string(),
            ..terms.map_or_else(Self::empty, Self::of_terms)
        }
    }

    fn empty() -> Self {
        Self {
            amount: String::new(),
            least: String::new(),
            rate: String::new(),
            fewest: String::new(),
            most: String::new(),
            fee: String::new(),
            charges: "financed".to_owned(),
            valid_days: String::new(),
            simples_on: String::new(),
            reasons: String::new(),
            version: String::new(),
            seen: String::new(),
        }
    }

    fn of_terms(terms: &OfferTerms) -> Self {
        let (fewest, most) = terms.term.bounds();
        let charges = terms.product.charges.name();
        Self {
            amount: Money(terms.approved_amount).figure(),
            least: Money(terms.min_amount).figure(),
            rate: rate(terms.interest_rate),
            fewest: fewest.to_string(),
            most: most.to_string(),
            fee: rate(terms.product.fee),
            charges: charges.to_owned(),
            ..Self::empty()
        }
    }

    /// The offer as the operator API reads it.
    fn offer(&self) -> Result<Value, Problem> {
        let amount = |text: &str| written::amount(text).ok_or(Problem::Amount);
        let count = |text: &str| text.parse::<u16>().map_err(|_no_number| Problem::Installments);
        let rate = |text: &str| text.replace(',', ".").parse::<f64>().map_err(|_no_number| Problem::Rate);
        let (fewest, most) = (count(&self.fewest)?, count(&self.most)?);
        let mut offer = json!({
            "approved_amount": amount(&self.amount)?.to_string(),
            "min_amount": amount(&self.least)?.to_string(),
            "interest_rate": rate(&self.rate)?,
            "service_fee": rate(&self.fee)?,
            "charges": self.charges,
        });
        if fewest == most {
            offer["installments"] = json!(most);
        } else {
            offer["min_installments"] = json!(fewest);
            offer["max_installments"] = json!(most);
        }
        if !self.simples_on.is_empty() {
            offer["simples_declared_on"] = json!(self.simples_on);
        }
        Ok(offer)
    }

    /// The body of the operator API's call: one reason a line.
    fn body(&self, approves: bool, reasons: &str) -> Result<Value, Problem> {
        let lines = reasons.lines().map(str::trim).filter(|line| !line.is_empty());
        let reasons: Vec<&str> = lines.collect();
        let mut body = json!({ "outcome": "refused", "policy_version": self.version, "reasons": reasons });
        if approves {
            body["outcome"] = json!("approved");
            body["offer"] = self.offer()?;
            if !self.valid_days.is_empty() {
                let days = self.valid_days.parse::<u16>().map_err(|_no_number| Problem::Terms)?;
                body["valid_days"] = json!(days);
            }
        }
        Ok(body)
    }

    /// The decision; that of an approval, or that of a refusal, which needs no terms.
    pub(super) fn decision(&self, customer: CustomerId, pressed: Pressed) -> Result<Decide, Problem> {
        let decision = self.read_as(customer, pressed != Pressed::Refuse, &self.reasons)?;
        let seen = self.seen.parse().map_err(|_no_number| Problem::Changed)?;
        Ok(Decide { seen: Some(seen), ..decision })
    }

    /// The approval whose price is shown while the person still writes the reasons.
    pub(super) fn approval(&self, customer: CustomerId) -> Result<Decide, Problem> {
        self.read_as(customer, true, NO_REASON)
    }

    fn read_as(&self, customer: CustomerId, approves: bool, reasons: &str) -> Result<Decide, Problem> {
        let body = self.body(approves, reasons)?;
        let read = DecideCredit::read(&body).map_err(|problem| Problem::of_fields(&problem))?;
        Ok(decision_of(customer, &read))
    }
}

#[cfg(test)]
mod tests {
    use domain::id::ResourceId as _;
    use domain::time::RealTime;

    use domain::offer::Term;

    use super::*;

    fn given() -> Given {
        Given {
            amount: "35.000,00".to_owned(),
            least: "R$ 3.000".to_owned(),
            rate: "2,49".to_owned(),
            fewest: "6".to_owned(),
            most: "18".to_owned(),
            fee: "1".to_owned(),
            reasons: "Paga em dia.\n\n Fatura bem. \n".to_owned(),
            version: "1".to_owned(),
            seen: "1".to_owned(),
            ..Given::empty()
        }
    }

    #[test]
    fn a_form_becomes_a_decision_and_names_its_first_fault() {
        let customer = CustomerId::new(RealTime::from_seconds(1_790_000_000), [1; 10]);
        let decide = |given: &Given| given.decision(customer, Pressed::Approve);
        let decision = decide(&given()).unwrap();
        assert_eq!(decision.seen, Some(1));
        assert_eq!(decision.reasons, ["Paga em dia.", "Fatura bem."]);
        let terms = decision.offer.unwrap().terms;
        assert_eq!((terms.approved_amount, terms.min_amount), (Cents::new(3_500_000), Cents::new(300_000)));
        assert_eq!(terms.term, Term::Range { min: 6, max: 18 });
        assert_eq!(terms.product.fee, Rate::from_scaled(1_000_000));
        let wrong = |change: fn(&mut Given)| {
            let mut given = given();
            change(&mut given);
            decide(&given).unwrap_err()
        };
        assert_eq!(wrong(|given| given.amount = "trinta".to_owned()), Problem::Amount);
        assert_eq!(wrong(|given| given.least = "40.000,00".to_owned()), Problem::Amount);
        assert_eq!(wrong(|given| given.rate = "-1".to_owned()), Problem::Rate);
        assert_eq!(wrong(|given| given.fee = String::new()), Problem::Rate);
        assert_eq!(wrong(|given| given.most = "3".to_owned()), Problem::Installments);
        assert_eq!(wrong(|given| given.reasons = " \n".to_owned()), Problem::Reasons);
        assert_eq!(wrong(|given| given.reasons = "a".repeat(501)), Problem::Reasons);
        assert_eq!(wrong(|given| given.simples_on = "ontem".to_owned()), Problem::Declared);
        let refusal = Given { reasons: "Renda.".to_owned(), ..Given::empty() };
        let refusal = Given { version: "1".to_owned(), seen: "0".to_owned(), ..refusal };
        assert_eq!(refusal.decision(customer, Pressed::Refuse).unwrap().offer, None);
    }
}
