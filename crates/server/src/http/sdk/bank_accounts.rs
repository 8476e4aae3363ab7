//! Customers' bank accounts.

use std::sync::Arc;

use app::customers::bank_accounts::Given;
use axum::extract::State;
use axum::response::Response;
use domain::id::CustomerId;
use wire::sdk::bank_account::{BankAccount, GiveBankAccount};

use crate::http::auth::{CustomerCaller, PartnerCaller};
use crate::http::extract::{JsonBody, PathId, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::json::Json;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::http::refusals::{account_not_given, give_refused};
use crate::state::AppState;

/// Get the bank account of a customer
///
/// Loans of the customer are paid out to it. 404 where none was set.
#[utoipa::path(
    get,
    path = "/customers/{customer_id}/bank-account",
    operation_id = "getBankAccount",
    tag = "Bank accounts",
    params(("customer_id" = String, Path)),
    responses((status = 200, description = "The customer's bank account.", body = BankAccount))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(customer): PathId<CustomerId>,
) -> Result<Json<BankAccount>, Rejection> {
    let find = move |tx: &mut app::Tx<'_>| app::customers::bank_accounts::find(tx, caller.tenant, customer);
    let account = reading::look_up(&state, find).await?;
    Ok(Json(BankAccount::from(&account)))
}

/// Set the bank account of a customer
///
/// It replaces the account that was set before and keeps its id. Partner and session tokens.
#[utoipa::path(
    post,
    path = "/customers/{customer_id}/bank-account",
    operation_id = "setBankAccount",
    tag = "Bank accounts",
    params(("customer_id" = String, Path)),
    request_body = GiveBankAccount,
    responses(
        (status = 200, description = "The customer's bank account after the change.", body = BankAccount),
        (status = 202, description = "The borrower has to confirm this account by e-mail first; the one that stands stays.", body = BankAccount)
    )
)]
pub(super) async fn give(
    State(state): State<AppState>,
    caller: CustomerCaller,
    PathId(customer): PathId<CustomerId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    caller.at(customer)?;
    let tenant = caller.tenant;
    let details = GiveBankAccount::read(&body.value);
    let lender = Arc::clone(&state.lender);
    let put = move |tx: &mut app::Tx<'_>, now, details: &_| {
        caller.still_holds(tx, now)?;
        match caller.session() {
            Some(session) => app::kyc::sessions::give_account(tx, tenant, now, session, details, &lender)
                .map_err(|failed| failed.map_refused(|_over| account_not_given())),
            None => app::customers::bank_accounts::put(tx, tenant, now, customer, details, &lender)
                .map_err(|failed| failed.map_refused(|refused| give_refused(refused, now))),
        }
    };
    idempotency::run(&state, tenant, request, &body.bytes, details, put, |given, _now| match given {
        Given::Stands(account) => Answer::ok(&BankAccount::from(account)),
        Given::ToConfirm(change) => Answer::accepted_with(&BankAccount::from(change)),
    })
    .await
}
