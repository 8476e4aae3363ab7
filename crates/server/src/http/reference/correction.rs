//! Corrections of customers.

use axum::response::Response;
use domain::customer::Correction;
use domain::id::CustomerId;
use domain::kyc::ReviewStart;
use wire::problem::Code;
use wire::reference::customer::{Customer, UpdateCustomer};

use crate::http::call::PartnerWrite;
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::problem::Rejection;
use crate::http::registration;

/// Correct a customer
///
/// `name`, `cnpj` and `trading_name` can be changed only while `pending_kyc`.
#[utoipa::path(
    patch, path = "/customers/{customer_id}", operation_id = "updateCustomer", tag = "Customers",
    extensions(("x-codes" = json!(codes(&[Code::ImmutableField, Code::InvalidState, Code::InvalidCnpj])))),
    request_body = UpdateCustomer,
    responses((status = 200, description = "The customer after the change.", body = Customer))
)]
pub(super) async fn update(call: PartnerWrite<PathId<CustomerId>, JsonBody>) -> Result<Response, Rejection> {
    let command = UpdateCustomer::read(&call.body.value).map(|given| Correction {
        email: given.email,
        phone: given.phone,
        name: given.name,
        cnpj: given.cnpj,
        trading_name: given.trading_name,
        review_start: Some(ReviewStart::Automatic),
    });
    registration::correct(call, command, |file| Answer::ok(&Customer::from(file))).await
}
