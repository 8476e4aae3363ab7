//! Credit decisions and the offers they make.

use domain::credit::{self, Outcome};
use domain::loan::iof::IofRegime;
use domain::loan::pricing::{Charges, Product};
use domain::money::{Cents, Rate};
use domain::offer::{self, OfferState, OfferTerms, Term};
use domain::time;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};
use crate::read::{self, Fields, Wrong, integer, text};
use crate::scalar::{Date, Percent, date, installment_count};
use crate::text_scalar::{Money, Timestamp, money};

/// A credit decision to record.
#[derive(Debug, Clone, ToSchema)]
pub struct DecideCredit {
    /// What is decided. `approved` needs an offer, `refused` takes none.
    pub outcome: CreditOutcome,
    /// Version of the credit policy that was followed.
    #[schema(
        example = "comite-2026-03",
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 100
    )]
    pub policy_version: String,
    /// Why it was decided so.
    #[schema(
        value_type = Vec<DecisionReason>,
        min_items = 1,
        max_items = 50,
        example = json!(["faturamento comprovado de R$ 20.000,00 por mês"])
    )]
    pub reasons: Vec<String>,
    /// What the decision was based on: up to 100 names with their values, as text.
    #[schema(
        value_type = Option<std::collections::BTreeMap<String, String>>,
        required = false,
        example = json!({"faturamento_mensal": "20000.00"})
    )]
    pub inputs: Vec<(String, String)>,
    /// How many days the offer is valid. Absent: as configured.
    #[schema(minimum = 1, maximum = 365, example = 30)]
    pub valid_days: Option<u16>,
    /// The offer to make. Required if `outcome` is `approved`, not allowed otherwise.
    #[schema(value_type = Option<NewOfferForm>)]
    pub offer: Option<NewOffer>,
}

/// One reason of a credit decision, in words.
#[derive(Debug, Clone, ToSchema)]
#[schema(
    value_type = String,
    pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
    min_length = 1,
    max_length = 500,
    example = "faturamento comprovado de R$ 20.000,00 por mês"
)]
pub struct DecisionReason(pub String);

/// What an operator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditOutcome {
    /// The customer gets an offer.
    Approved,
    /// The customer gets no offer.
    Refused,
}

/// What an operator or the credit policy decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RecordedOutcome {
    /// The customer gets an offer.
    Approved,
    /// The customer gets no offer.
    Refused,
    /// The policy leaves the decision to an operator.
    Referred,
}

/// An offer to make.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewOffer)]
#[serde(untagged)]
pub enum NewOfferForm {
    /// With a number of installments that is fixed.
    Fixed(NewFixedOffer),
    /// With a choice of the number of installments.
    Range(NewRangeOffer),
}

/// An offer to make, with a number of installments that is fixed.
#[derive(Debug, Clone, ToSchema)]
pub struct NewFixedOffer {
    /// The largest amount that may be requested; not less than `min_amount`.
    #[schema(value_type = String, pattern = r"^\d{1,9}\.\d{2}$", example = "50000.00")]
    pub approved_amount: Money,
    /// The smallest amount that may be requested; more than zero.
    #[schema(value_type = String, pattern = r"^\d{1,9}\.\d{2}$", example = "1000.00")]
    pub min_amount: Money,
    /// Monthly interest rate in percent, with at most six decimals.
    #[schema(value_type = f64, minimum = 0, maximum = 100, example = 3.5)]
    pub interest_rate: Percent,
    /// The number of installments.
    #[schema(minimum = 1, maximum = 1000, example = 12)]
    pub installments: u16,
    /// Service fee in percent of the requested amount, with at most six decimals. Absent: the product's.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100, example = 3.5)]
    pub service_fee: Option<Percent>,
    /// How the IOF and the fee are paid. Absent: `financed`.
    pub charges: Option<ChargesPaid>,
}

/// An offer to make, with a choice of the number of installments.
#[derive(Debug, Clone, ToSchema)]
pub struct NewRangeOffer {
    /// The largest amount that may be requested; not less than `min_amount`.
    #[schema(value_type = String, pattern = r"^\d{1,9}\.\d{2}$", example = "50000.00")]
    pub approved_amount: Money,
    /// The smallest amount that may be requested; more than zero.
    #[schema(value_type = String, pattern = r"^\d{1,9}\.\d{2}$", example = "1000.00")]
    pub min_amount: Money,
    /// Monthly interest rate in percent, with at most six decimals.
    #[schema(value_type = f64, minimum = 0, maximum = 100, example = 3.5)]
    pub interest_rate: Percent,
    /// The smallest number of installments.
    #[schema(minimum = 1, maximum = 1000, example = 3)]
    pub min_installments: u16,
    /// The largest number of installments; not less than `min_installments`.
    #[schema(minimum = 1, maximum = 1000, example = 24)]
    pub max_installments: u16,
    /// Service fee in percent of the requested amount, with at most six decimals. Absent: the product's.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100, example = 3.5)]
    pub service_fee: Option<Percent>,
    /// How the IOF and the fee are paid. Absent: `financed`.
    pub charges: Option<ChargesPaid>,
    /// The day on which the company declared that it is in Simples Nacional or a MEI, not in the future. It brings the
    /// reduced rates of IOF, and only a customer with a CNPJ can have it. Absent: as the company registry knows it. In
    /// production no registry is connected, and the full rates apply.
    #[schema(example = "2026-01-12")]
    pub simples_declared_on: Option<Date>,
}

/// How a customer pays the IOF and the service fee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargesPaid {
    /// They are lent as well: the customer receives the requested amount.
    Financed,
    /// They are deducted: the customer receives the requested amount less both.
    Deducted,
}

/// An offer to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOffer {
    /// The largest amount that may be requested.
    pub approved_amount: Cents,
    /// The smallest amount that may be requested.
    pub min_amount: Cents,
    /// The monthly rate in percent, with at most six decimals.
    pub interest_rate: Rate,
    /// `installments`, or `min_installments` and `max_installments`.
    pub installments: Term,
    /// The service fee in percent of the requested amount; absent: the product's.
    pub service_fee: Option<Rate>,
    /// Whether the charges are lent as well.
    pub charges: Charges,
    /// The day on which the company declared that it is in Simples Nacional or a MEI.
    pub simples_declared_on: Option<time::Date>,
}

impl NewOffer {
    /// The offer's terms for a customer of a tax regime; what the company has declared comes before what is known.
    pub fn terms(&self, known: IofRegime) -> OfferTerms {
        let regime = if self.simples_declared_on.is_some() { IofRegime::Simples } else { known };
        OfferTerms {
            approved_amount: self.approved_amount,
            min_amount: self.min_amount,
            interest_rate: self.interest_rate,
            term: self.installments,
            product: Product {
                fee: self.service_fee.unwrap_or(Product::DEFAULT_FEE),
                regime,
                charges: self.charges,
            },
        }
    }

    fn read(value: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::within("offer", value)?;
        let approved_amount = fields.required("approved_amount", money);
        let min_amount = fields.required("min_amount", money);
        let interest_rate = fields.required("interest_rate", percent);
        let given = |name: &str| value.get(name).is_some_and(|given| !given.is_null());
        let term = if given("installments") {
            for other in ["min_installments", "max_installments"] {
                let refused = |_: &Value| Err::<(), _>(Wrong::format("cannot be given with installments"));
                fields.optional(other, refused);
            }
            fields.required("installments", installment_count).map(Term::Fixed)
        } else {
            let min = fields.required("min_installments", installment_count);
            let max = fields.required("max_installments", installment_count);
            min.zip(max).map(|(min, max)| Term::Range { min, max })
        };
        let service_fee = fields.optional("service_fee", percent);
        let charges = fields.optional("charges", |value| match value.as_str() {
            Some("financed") => Ok(Charges::Financed),
            Some("deducted") => Ok(Charges::Deducted),
            _other => Err(Wrong::format("must be financed or deducted")),
        });
        let simples_declared_on = fields.optional("simples_declared_on", date);
        fields.finish()?;
        let offer = Self {
            approved_amount: approved_amount.ok_or_else(read::unread)?,
            min_amount: min_amount.ok_or_else(read::unread)?,
            interest_rate: interest_rate.ok_or_else(read::unread)?,
            installments: term.ok_or_else(read::unread)?,
            service_fee,
            charges: charges.unwrap_or(Charges::Financed),
            simples_declared_on,
        };
        offer.check()
    }

    fn check(self) -> Result<Self, Problem> {
        let wrong = |param: &str, detail: &str| {
            Err(Problem::of_field(format!("offer.{param}"), Code::InvalidFormat, detail))
        };
        if self.min_amount <= Cents::ZERO {
            return wrong("min_amount", "must be more than zero");
        }
        if self.approved_amount < self.min_amount {
            return wrong("approved_amount", "must not be less than min_amount");
        }
        match self.installments {
            Term::Range { min, max } if max < min => {
                wrong("max_installments", "must not be less than min_installments")
            }
            Term::Range { .. } | Term::Fixed(_) => Ok(self),
        }
    }
}

/// Reads a percentage of 0 to 100 with at most six decimals.
fn percent(value: &Value) -> Result<Rate, Wrong> {
    let wrong = || Wrong::format("must be a number of percent from 0 to 100, with at most six decimals");
    let number = value.as_number().ok_or_else(wrong)?;
    let percent: Decimal = number.to_string().parse().map_err(|_| wrong())?;
    let rate = Rate::from_percent(percent).ok_or_else(wrong)?;
    if (Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent) { Ok(rate) } else { Err(wrong()) }
}

impl DecideCredit {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let outcome = fields.required("outcome", |value| match value.as_str() {
            Some("approved") => Ok(CreditOutcome::Approved),
            Some("refused") => Ok(CreditOutcome::Refused),
            _other => Err(Wrong::format("must be approved or refused")),
        });
        let policy_version = fields.required("policy_version", text(100));
        let reasons = fields.required("reasons", |value| {
            let given = value.as_array().is_some_and(|list| !list.is_empty());
            if given { Ok(()) } else { Err(Wrong::format("must be a list of at least one reason")) }
        });
        let reasons = match reasons {
            Some(()) => fields.list("reasons", 50, text(500)),
            None => None,
        };
        let inputs = fields.optional("inputs", inputs);
        let valid_days = fields.optional("valid_days", integer(1, 365));
        let offer = body.get("offer").filter(|offer| !offer.is_null());
        let fields = fields.finish();
        let offer = match (offer, outcome) {
            (Some(offer), Some(CreditOutcome::Approved)) => NewOffer::read(offer).map(Some),
            (None, Some(CreditOutcome::Approved)) => Err(Problem::of_field(
                "offer",
                Code::MissingRequiredField,
                "an approval needs the offer that it makes",
            )),
            (Some(_), Some(CreditOutcome::Refused)) => {
                Err(Problem::of_field("offer", Code::InvalidFormat, "only an approval makes an offer"))
            }
            (None, Some(CreditOutcome::Refused)) | (_, None) => Ok(None),
        };
        let offer = match (fields, offer) {
            (Ok(()), Ok(offer)) => offer,
            (Err(one), Err(other)) => {
                return Err(Problem::of_fields(one.errors.into_iter().chain(other.errors).collect()));
            }
            (Err(problem), Ok(_)) | (Ok(()), Err(problem)) => return Err(problem),
        };
        Ok(Self {
            outcome: outcome.ok_or_else(read::unread)?,
            policy_version: policy_version.ok_or_else(read::unread)?,
            reasons: reasons.ok_or_else(read::unread)?,
            // Absent inputs are none.
            inputs: inputs.into_iter().flatten().collect(),
            valid_days,
            offer,
        })
    }
}

fn inputs(value: &Value) -> Result<Vec<(String, String)>, Wrong> {
    let wrong = || Wrong::format("must be an object of at most 100 texts");
    let object = value.as_object().filter(|object| object.len() <= 100).ok_or_else(wrong)?;
    let pair = |(name, value): (&String, &Value)| {
        value.as_str().map(|text| (name.clone(), text.to_owned())).ok_or_else(wrong)
    };
    object.iter().map(pair).collect()
}

/// A recorded credit decision.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decision {
    /// Identifier of the decision.
    #[schema(pattern = "^cd_[0-9a-f]{32}$", example = "cd_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The customer about whom it was decided.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: String,
    /// What was decided.
    outcome: RecordedOutcome,
    /// Version of the credit policy that was followed.
    #[schema(example = "comite-2026-03")]
    policy_version: String,
    /// Why it was decided so.
    #[schema(example = json!(["faturamento comprovado de R$ 20.000,00 por mês"]))]
    reasons: Vec<String>,
    /// What the decision was based on: names with their values, as text.
    #[schema(example = json!({"faturamento_mensal": "20000.00"}))]
    inputs: std::collections::BTreeMap<String, String>,
    /// Who decided: the id of an operator, `policy` for the credit policy, or `sandbox` for the sandbox itself.
    #[schema(
        pattern = "^(op_[0-9a-f]{32}|policy|sandbox)$",
        example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    decided_by: String,
    /// When it was decided.
    decided_at: Timestamp,
}

impl From<&credit::Decision> for Decision {
    fn from(decision: &credit::Decision) -> Self {
        Self {
            id: decision.id.to_string(),
            customer_id: decision.customer.to_string(),
            outcome: match decision.outcome {
                Outcome::Approved(_) => RecordedOutcome::Approved,
                Outcome::Refused => RecordedOutcome::Refused,
                Outcome::Referred => RecordedOutcome::Referred,
            },
            policy_version: decision.policy_version.clone(),
            reasons: decision.reasons.clone(),
            inputs: decision.inputs.iter().cloned().collect(),
            decided_by: decision.decided_by.to_string(),
            decided_at: Timestamp(decision.decided_at),
        }
    }
}

/// The status of a credit offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    /// A loan can accept it.
    Available,
    /// A loan has accepted it.
    Accepted,
    /// Its time is over, or it was withdrawn.
    Expired,
}

impl From<&OfferState> for OfferStatus {
    fn from(state: &OfferState) -> Self {
        match state {
            OfferState::Available => Self::Available,
            OfferState::Accepted { .. } => Self::Accepted,
            OfferState::Expired => Self::Expired,
        }
    }
}

/// A credit offer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CreditOffer)]
pub struct Offer {
    /// Identifier of the offer.
    #[schema(pattern = "^co_[0-9a-f]{32}$", example = "co_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner of the customer.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// The customer who may accept it.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: String,
    /// Status of the offer.
    status: OfferStatus,
    /// The largest amount that may be requested.
    #[schema(example = "50000.00")]
    approved_amount: Money,
    /// The smallest amount that may be requested.
    #[schema(example = "1000.00")]
    min_amount: Money,
    /// Monthly interest rate in percent.
    #[schema(example = 3.5)]
    interest_rate: Percent,
    /// The smallest number of installments.
    #[schema(minimum = 1, maximum = 1000, example = 3)]
    min_installments: u16,
    /// The largest number of installments; the same as the smallest if there is no choice.
    #[schema(minimum = 1, maximum = 1000, example = 24)]
    max_installments: u16,
    /// Service fee in percent of the requested amount.
    #[schema(example = 3.5)]
    service_fee: Percent,
    /// The last moment at which a loan can accept it.
    valid_until: Timestamp,
    /// When the offer was made.
    created_at: Timestamp,
    /// When the offer last changed.
    updated_at: Timestamp,
}

impl From<&offer::Offer> for Offer {
    fn from(offer: &offer::Offer) -> Self {
        let (min_installments, max_installments) = match offer.terms.term {
            Term::Fixed(count) => (count, count),
            Term::Range { min, max } => (min, max),
        };
        Self {
            id: offer.id.to_string(),
            partner_id: offer.partner.to_string(),
            customer_id: offer.customer.to_string(),
            status: (&offer.state).into(),
            approved_amount: Money(offer.terms.approved_amount),
            min_amount: Money(offer.terms.min_amount),
            interest_rate: Percent(offer.terms.interest_rate),
            min_installments,
            max_installments,
            service_fee: Percent(offer.terms.product.fee),
            valid_until: Timestamp(offer.valid_until),
            created_at: Timestamp(offer.created_at),
            updated_at: Timestamp(offer.updated_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn approval() -> Value {
        json!({
            "outcome": "approved", "policy_version": "1", "reasons": ["a"], "inputs": {"revenue": "10"},
            "offer": {"approved_amount": "50000.00", "min_amount": "1000.00", "interest_rate": 3.5,
                      "min_installments": 3, "max_installments": 24}
        })
    }

    #[test]
    fn an_approval_makes_a_fixed_or_a_range_offer() {
        let offer = DecideCredit::read(&approval()).unwrap().offer.unwrap();
        assert_eq!(offer.installments, Term::Range { min: 3, max: 24 });
        assert_eq!(offer.interest_rate, Rate::from_scaled(3_500_000));
        let mut fixed = approval();
        fixed["offer"]["min_installments"] = json!(null);
        fixed["offer"].as_object_mut().unwrap().remove("max_installments");
        fixed["offer"]["installments"] = json!(12);
        let offer = DecideCredit::read(&fixed).unwrap().offer.unwrap();
        assert_eq!(offer.installments, Term::Fixed(12));
        let refused = json!({"outcome": "refused", "policy_version": "1", "reasons": ["b"]});
        assert_eq!(DecideCredit::read(&refused).unwrap().offer, None);
    }

    #[test]
    fn what_is_wrong_with_a_decision_is_told_with_its_place() {
        let wrong = |at: &[&str], value: Value| {
            let mut body = approval();
            let mut place = &mut body;
            for step in at {
                place = &mut place[*step];
            }
            *place = value;
            DecideCredit::read(&body).unwrap_err().errors[0].param.clone()
        };
        assert_eq!(wrong(&["outcome"], json!("maybe")), "outcome");
        assert_eq!(wrong(&["outcome"], json!("referred")), "outcome");
        assert_eq!(wrong(&["reasons"], json!([])), "reasons");
        assert_eq!(wrong(&["inputs"], json!({"a": 1})), "inputs");
        assert_eq!(wrong(&["valid_days"], json!(0)), "valid_days");
        assert_eq!(wrong(&["offer"], Value::Null), "offer");
        assert_eq!(wrong(&["offer", "interest_rate"], json!("3.5")), "offer.interest_rate");
        assert_eq!(wrong(&["offer", "interest_rate"], json!(-1)), "offer.interest_rate");
        assert_eq!(wrong(&["offer", "min_amount"], json!("0.00")), "offer.min_amount");
        assert_eq!(wrong(&["offer", "approved_amount"], json!("1.00")), "offer.approved_amount");
        assert_eq!(wrong(&["offer", "approved_amount"], json!("1.000")), "offer.approved_amount");
        assert_eq!(wrong(&["offer", "max_installments"], json!(2)), "offer.max_installments");
        assert_eq!(wrong(&["offer", "installments"], json!(12)), "offer.min_installments");
        assert_eq!(wrong(&["outcome"], json!("refused")), "offer");
    }
}
