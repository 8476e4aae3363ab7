//! The hits of a search over everything.

use domain::search::{Kind, Match};
use serde::Serialize;
use utoipa::ToSchema;

use super::word::word;

word!(
    /// The kind of a found resource.
    pub FoundKind of Kind
);

word!(
    /// The value by which a resource was found.
    pub MatchedBy of Match
);

/// A found resource. Tax numbers are masked; reading the resource itself shows them.
#[derive(Debug, Serialize, ToSchema)]
pub struct SearchHit {
    /// The kind of the resource.
    #[serde(rename = "type")]
    pub kind: FoundKind,
    /// Identifier of the resource. The `number` of an entry of the audit trail.
    #[schema(example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// The partner of the resource; null if it belongs to no partner.
    #[schema(required, pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub partner_id: Option<String>,
    /// The customer of the resource; null if it belongs to no customer.
    #[schema(required, pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub customer_id: Option<String>,
    /// Trading name of the customer's company, or the person's name if there is none. Null without a customer, and for
    /// operators who may not read customers.
    #[schema(required, example = "Doces da Ana")]
    pub title: Option<String>,
    /// Masked CNPJ of the customer's company, or the person's masked CPF if there is none. Null as `title` is.
    #[schema(required, example = "••.345.678/0001-••")]
    pub tax_id: Option<String>,
    /// The name of a partner or an operator, the number of a contract, the type of an event or the operation of an entry
    /// of the audit trail. Null for other resources.
    #[schema(required, example = "CCB-2030-001234")]
    pub label: Option<String>,
    /// State of the resource; null if it has none.
    #[schema(required, example = "active")]
    pub state: Option<String>,
    /// The value by which the resource was found.
    pub matched_by: MatchedBy,
}
