//! Corrections of customers.

use axum::response::Response;
use domain::customer::Correction;
use domain::id::CustomerId;
use domain::kyc::ReviewStart;
use wire::problem::Code;
use wire::sdk::customer::{Customer, UpdateCustomer};

use crate::http::call::PartnerWrite;
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::problem::Rejection;
use crate::http::registration;

/// Correct a customer
///
/// Only `email` and `phone` can be changed. A missing name can be added.
#[utoipa::path(
    patch, path = "/customers/{customer_id}", operation_id = "updateCustomer", tag = "Customers",
    extensions(("x-codes" = json!(codes(&[Code::ImmutableField, Code::InvalidState])))),
    request_body = UpdateCustomer,
    responses((status = 200, description = "The customer after the change.", body = Customer))
)]
pub(super) async fn update(call: PartnerWrite<PathId<CustomerId>, JsonBody>) -> Result<Response, Rejection> {
    let (tenant, id) = (call.caller.tenant, call.id());
    let find = move |tx: &mut app::Tx<'_>| app::customers::find(tx, tenant, id);
    let file = call.state.store.look_up(find).await?;
    let has_name = file.customer.registration.name.is_some();
    let command = UpdateCustomer::read(&call.body.value, has_name).map(|given| Correction {
        email: given.email,
        phone: given.phone,
        name: given.name,
        review_start: Some(ReviewStart::OnRequest),
        ..Correction::default()
    });
    registration::correct(call, command, |file| Answer::ok(&Customer::from(file))).await
}
