//! Customers: register, list and show.

use app::customers::{CustomerFilter, CustomerSort, RegisterCustomer, Registered};
use axum::response::Response;
use domain::id::CustomerId;
use domain::tax_id::Cpf;
use wire::problem::Code;

use super::dialect::customer::{CreateCustomer, Customer, CustomerStatus};
use super::dialect::{self, BASE, List, SORT};
use crate::http::call::{PartnerRead, PartnerWrite, ReadCall};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::on_clock;
use crate::http::page;
use crate::http::problem::Rejection;
use crate::http::registration;

/// Register a customer
#[utoipa::path(
    post, path = "/customers",
    operation_id = "createCustomer", description = dialect::REGISTRATION, tag = "Customers",
    extensions(("x-codes" = json!(codes(&[
        Code::CustomerAlreadyExists,
        Code::InvalidCpf,
        Code::InvalidCnpj,
    ])))),
    request_body = CreateCustomer,
    responses(
        (status = 201, description = "The new customer.", body = Customer),
        (
            status = 200,
            description = "The customer that was registered before with the same CPF, CNPJ and external_id.",
            body = Customer,
        ),
    )
)]
pub(super) async fn create(call: PartnerWrite<(), JsonBody>) -> Result<Response, Rejection> {
    let given = CreateCustomer::read(&call.body.value);
    let clock = given.as_ref().ok().and_then(|given| given.clock_id);
    let command = given
        .map(|given| RegisterCustomer { registration: given.registration(), external_id: given.external_id });
    registration::register(call, clock, command, |registered| match registered {
        Registered::New(file) => {
            Answer::created(format!("{BASE}/customers/{}", file.customer.id), &Customer::from(file))
        }
        Registered::Existing(file) => Answer::ok(&Customer::from(file)),
    })
    .await
}

/// List customers
///
/// Newest first. The filters can be combined. In the sandbox, customers of the main clock, unless `clock_id` names
/// another clock.
#[utoipa::path(
    get, path = "/customers", operation_id = "listCustomers", tag = "Customers",
    params(
        ("cpf" = Option<String>, Query, description = "Only the customer with this CPF"),
        ("external_id" = Option<String>, Query, description = "Only customers with this identifier"),
        ("status" = Option<CustomerStatus>, Query, description = "Only customers in this status"),
        ("clock_id" = Option<String>, Query, description = on_clock::PARAMETER),
        ("sort" = Option<String>, Query, description = SORT),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of customers.", body = List<Customer>))
)]
pub(super) async fn list(call: PartnerRead, mut query: Query) -> Result<Json<List<Customer>>, Rejection> {
    let sort = |text: &str| dialect::SORTS.iter().find(|(name, _)| *name == text).map(|(_, sort)| *sort);
    let filter = CustomerFilter {
        cnpj: None,
        cpf: query.read("cpf", "is not a valid CPF", |text| Cpf::parse(text).ok()),
        external_id: query.text("external_id"),
        state: query.word("status", &CustomerStatus::NAMES, CustomerStatus::parse),
        sort: query.read("sort", dialect::NO_SORT, sort).unwrap_or(CustomerSort::CreatedAt),
    };
    let (cursor, clock) = (page::cursor(&mut query), query.id("clock_id"));
    query.finish()?;
    let call = call.on_clock(clock).await?;
    let list =
        move |tx: &mut app::Tx<'_>, tenant, at: &_| app::customers::list(tx, Some(tenant), &filter, at);
    let page = call.page(cursor, list).await?;
    Ok(Json(List::of(page, |file| Customer::from(&file))))
}

/// Get a customer
#[utoipa::path(
    get, path = "/customers/{customer_id}",
    operation_id = "getCustomer", description = dialect::CUSTOMER, tag = "Customers",
    responses((status = 200, description = "The customer.", body = Customer))
)]
pub(super) async fn show(
    call: ReadCall<dialect::CustomerReader, PathId<CustomerId>>,
) -> Result<Json<Customer>, Rejection> {
    let (id, caller) = (call.id(), call.caller);
    caller.at(id)?;
    let find = move |tx: &mut app::Tx<'_>| app::customers::find(tx, caller.tenant, id);
    let file = call.state.store.look_up(find).await?;
    Ok(Json(Customer::from(&file)))
}
