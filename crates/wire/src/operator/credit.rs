//! Credit decisions and the offers they make.

use domain::credit::{self, Outcome};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::new_offer::{NewOffer, NewOfferForm};
use crate::problem::{Code, Problem};
use crate::read::{self, Fields, Wrong, integer, text};
use crate::text_scalar::Timestamp;

/// A credit decision to record.
#[derive(Debug, Clone, ToSchema)]
pub struct DecideCredit {
    /// Outcome of the decision. `approved` needs an offer; `refused` must have none.
    pub outcome: CreditOutcome,
    /// Version of the credit policy that was followed.
    #[schema(example = "comite-2026-03", max_length = 100)]
    pub policy_version: String,
    /// Reasons of the decision.
    #[schema(
        value_type = Vec<DecisionReason>,
        min_items = 1,
        max_items = 50,
        example = json!(["faturamento comprovado de R$ 20.000,00 por mês"])
    )]
    pub reasons: Vec<String>,
    /// Facts behind the decision: up to 100 names with their values, as text.
    #[schema(
        value_type = Option<std::collections::BTreeMap<String, String>>,
        required = false,
        example = json!({"faturamento_mensal": "20000.00"})
    )]
    pub inputs: Vec<(String, String)>,
    /// Validity of the offer in days. Absent: the configured validity.
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

/// Outcome of an operator's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CreditOutcome {
    /// The customer gets an offer.
    Approved,
    /// The customer gets no offer.
    Refused,
}

/// Outcome of a decision by an operator or by the credit policy.
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
            // Absent inputs are an empty list.
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
    /// The customer of the decision.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: String,
    /// Outcome of the decision.
    outcome: RecordedOutcome,
    /// Version of the credit policy that was followed.
    #[schema(example = "comite-2026-03")]
    policy_version: String,
    /// Reasons of the decision.
    #[schema(example = json!(["faturamento comprovado de R$ 20.000,00 por mês"]))]
    reasons: Vec<String>,
    /// The decision in Portuguese, as the customer may read it (LGPD, art. 20): the reasons, the data that was used,
    /// and the right to a review. One paragraph a line.
    #[schema(
        example = "Em 27/03/2026, o seu pedido de crédito foi aprovado até R$ 50.000,00.\nMotivos: faturamento comprovado."
    )]
    explanation: String,
    /// Facts behind the decision: names with their values, as text.
    #[schema(example = json!({"faturamento_mensal": "20000.00"}))]
    inputs: std::collections::BTreeMap<String, String>,
    /// Maker of the decision: the id of an operator, `policy` for the credit policy, or `sandbox` for the sandbox
    /// itself.
    #[schema(
        pattern = "^(op_[0-9a-f]{32}|policy|sandbox)$",
        example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    decided_by: String,
    /// Time of the decision.
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
            explanation: credit::explanation::explanation(decision),
            inputs: decision.inputs.iter().cloned().collect(),
            decided_by: decision.decided_by.to_string(),
            decided_at: Timestamp(decision.decided_at),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Rate;
    use domain::offer::Term;
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
    fn a_problem_names_the_wrong_field_of_a_decision() {
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
