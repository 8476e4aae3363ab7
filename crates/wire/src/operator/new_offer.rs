//! The offer that an approval makes.

use domain::loan::iof::IofRegime;
use domain::loan::pricing::{Charges, Product};
use domain::money::{Cents, Rate};
use domain::offer::{OfferTerms, Term};
use domain::time;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};
use crate::read::{Fields, Wrong};
use crate::scalar::{Date, Percent, date, installment_count};
use crate::text_scalar::{Money, money};

/// An offer to make.
#[derive(Debug, Clone, ToSchema)]
#[schema(as = NewOffer)]
#[serde(untagged)]
pub enum NewOfferForm {
    /// With a fixed number of installments.
    Fixed(NewFixedOffer),
    /// With a choice of the number of installments.
    Range(NewRangeOffer),
}

/// An offer to make, with a fixed number of installments.
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
    /// Service fee in percent of the requested amount, with at most six decimals. Absent: the product's fee.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100, example = 3.5)]
    pub service_fee: Option<Percent>,
    /// Payment of the IOF and the fee. Absent: `financed`.
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
    /// Service fee in percent of the requested amount, with at most six decimals. Absent: the product's fee.
    #[schema(value_type = Option<f64>, minimum = 0, maximum = 100, example = 3.5)]
    pub service_fee: Option<Percent>,
    /// Payment of the IOF and the fee. Absent: `financed`.
    pub charges: Option<ChargesPaid>,
    /// Day of the company's declaration that it is in Simples Nacional or a MEI; not in the future. The declaration
    /// brings the reduced rates of IOF, and only a customer with a CNPJ can have it. Absent: the company registry
    /// decides. In production no registry is connected, so the full rates apply.
    #[schema(example = "2026-01-12")]
    pub simples_declared_on: Option<Date>,
}

/// Payment of the IOF and the service fee by the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChargesPaid {
    /// They are lent as well: the customer receives the requested amount.
    Financed,
    /// They are deducted: the customer receives the requested amount less both.
    Deducted,
}

impl From<Charges> for ChargesPaid {
    fn from(charges: Charges) -> Self {
        match charges {
            Charges::Financed => Self::Financed,
            Charges::Deducted => Self::Deducted,
        }
    }
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
    /// The service fee in percent of the requested amount. Absent: the product's fee.
    pub service_fee: Option<Rate>,
    /// Payment of the IOF and the fee: lent as well, or deducted.
    pub charges: Charges,
    /// Day of the company's declaration that it is in Simples Nacional or a MEI.
    pub simples_declared_on: Option<time::Date>,
}

impl NewOffer {
    /// The offer's terms for a customer of a tax regime. The company's declaration overrides the `known` regime.
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

    pub(super) fn read(value: &Value) -> Result<Self, Problem> {
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
        let (approved_amount, min_amount, interest_rate, installments) =
            fields.all((approved_amount, min_amount, interest_rate, term))?;
        let offer = Self {
            approved_amount,
            min_amount,
            interest_rate,
            installments,
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
