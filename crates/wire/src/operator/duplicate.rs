//! Customers that may be the same as another one.

use domain::customer::CustomerFile;
use domain::likeness::Likeness;
use serde::Serialize;
use utoipa::ToSchema;

use super::customer::CustomerStatus;
use super::word::word;

word!(
    /// A value that two customers have in common.
    pub InCommon of Likeness
);

/// A customer that may be the same. Tax numbers are masked; reading the customer itself shows them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Duplicate {
    /// Identifier of the other customer.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner that registered it.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Status of the other customer.
    status: CustomerStatus,
    /// Trading name of the company, or the person's name if there is none. Null if neither is known.
    #[schema(required, example = "Doces da Ana")]
    name: Option<String>,
    /// Masked CNPJ of the company, or the person's masked CPF if there is none.
    #[schema(example = "••.345.678/0001-••")]
    tax_id: String,
    /// The values that both customers have in common, the strongest sign first. `document`: a file that both sent, byte for byte.
    #[schema(min_items = 1, example = json!(["bank_account"]))]
    in_common: Vec<InCommon>,
}

impl Duplicate {
    /// Renders a customer with what it has in common with another one.
    pub fn of(file: &CustomerFile, alike: &[Likeness]) -> Self {
        let (customer, registration) = (&file.customer, &file.customer.registration);
        Self {
            id: customer.id.to_string(),
            partner_id: customer.partner.to_string(),
            status: customer.state.into(),
            name: registration.known_as().map(ToString::to_string),
            tax_id: registration.masked_tax_id(),
            in_common: alike.iter().map(|likeness| InCommon::from(*likeness)).collect(),
        }
    }
}
