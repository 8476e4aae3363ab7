//! Customers.

use app::customers::{CustomerFilter, CustomerSort, RegisterCustomer, Registered};
use axum::extract::State;
use axum::response::Response;
use domain::customer::Correction;
use domain::id::CustomerId;
use domain::kyc::ReviewStart;
use domain::tax_id::Cpf;
use wire::sdk::List;
use wire::sdk::customer::{CreateCustomer, Customer, CustomerStatus, UpdateCustomer};

use crate::http::auth::{CustomerCaller, PartnerCaller};
use crate::http::documented::{OrderParam, PageParams};
use crate::http::extract::{JsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::json::Json;
use crate::http::page;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::http::registration;
use crate::http::steering::warned;
use crate::state::AppState;

/// Register a customer
///
/// Idempotent on the CPF: the same registration again gives the existing customer with 200. What is not given
/// of the names comes from the company registry.
#[utoipa::path(
    post,
    path = "/customers",
    operation_id = "createCustomer",
    tag = "Customers",
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
pub(super) async fn create(
    State(state): State<AppState>,
    caller: PartnerCaller,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let command = CreateCustomer::read(&body.value)
        .map(|given| RegisterCustomer { registration: given.registration(), external_id: given.external_id });
    let render = |registered: &Registered| match registered {
        Registered::New(file) => {
            Answer::created(format!("/api/v3/customers/{}", file.customer.id), &Customer::from(file))
        }
        Registered::Existing(file) => Answer::ok(&Customer::from(file)),
    };
    registration::register(&state, caller.tenant, request, &body, command, render).await
}

/// List customers
///
/// Newest first. The filters can be combined.
#[utoipa::path(
    get,
    path = "/customers",
    operation_id = "listCustomers",
    tag = "Customers",
    params(
        ("cpf" = Option<String>, Query, description = "Only the customer with this CPF"),
        ("external_id" = Option<String>, Query, description = "Only customers with this identifier"),
        ("status" = Option<CustomerStatus>, Query, description = "Only customers in this status"),
        ("sort" = Option<String>, Query, description = "created_at (default) or updated_at"),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of customers.", body = List<Customer>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: PartnerCaller,
    mut query: Query,
) -> Result<Json<List<Customer>>, Rejection> {
    let filter = CustomerFilter {
        cnpj: None,
        cpf: query.read("cpf", "is not a valid CPF", |text| Cpf::parse(text).ok()),
        external_id: query.text("external_id"),
        state: query.read("status", "is not a status of customers", CustomerStatus::parse),
        sort: query.read("sort", "must be created_at or updated_at", sort).unwrap_or(CustomerSort::CreatedAt),
    };
    let cursor = page::cursor(&mut query);
    query.finish()?;
    let page = reading::page(&state, cursor, move |tx, at| {
        app::customers::list(tx, Some(caller.tenant), &filter, at)
    })
    .await?;
    Ok(Json(List::of(page, |file| Customer::from(&file))))
}

fn sort(text: &str) -> Option<CustomerSort> {
    match text {
        "created_at" => Some(CustomerSort::CreatedAt),
        "updated_at" => Some(CustomerSort::UpdatedAt),
        _other => None,
    }
}

/// Get a customer
///
/// With its status and everything that the review asks for. Partner tokens, and the token of the customer's own
/// session.
#[utoipa::path(
    get,
    path = "/customers/{customer_id}",
    operation_id = "getCustomer",
    tag = "Customers",
    params(("customer_id" = String, Path)),
    responses((status = 200, description = "The customer.", body = Customer))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: CustomerCaller,
    PathId(id): PathId<CustomerId>,
) -> Result<Json<Customer>, Rejection> {
    caller.at(id)?;
    let file = reading::look_up(&state, move |tx| app::customers::find(tx, caller.tenant, id)).await?;
    Ok(Json(Customer::from(&file)))
}

/// Correct a customer
///
/// Everything but `email` and `phone` is read-only; a name that is missing can be given.
#[utoipa::path(
    patch,
    path = "/customers/{customer_id}",
    operation_id = "updateCustomer",
    tag = "Customers",
    params(("customer_id" = String, Path)),
    request_body = UpdateCustomer,
    responses((status = 200, description = "The customer after the change.", body = Customer))
)]
pub(super) async fn update(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<CustomerId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let file = reading::look_up(&state, move |tx| app::customers::find(tx, caller.tenant, id)).await?;
    let has_name = file.customer.registration.name.is_some();
    let command = UpdateCustomer::read(&body.value, has_name).map(|given| Correction {
        email: given.email,
        phone: given.phone,
        name: given.name,
        review_start: Some(ReviewStart::OnRequest),
        ..Correction::default()
    });
    let update = move |tx: &mut app::Tx<'_>, now, command: &_| {
        app::customers::update(tx, caller.tenant, now, id, command)
    };
    let email = command.as_ref().ok().and_then(|command| command.email.clone());
    let answer =
        idempotency::run(&state, caller.tenant, request, &body.bytes, command, update, |file, _now| {
            Answer::ok(&Customer::from(file))
        });
    warned(&state, email.as_ref(), answer.await)
}
