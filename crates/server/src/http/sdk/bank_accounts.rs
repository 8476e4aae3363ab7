//! Customers' bank accounts.

use std::sync::Arc;

use app::customers::bank_accounts::{self, Given};
use axum::response::Response;
use domain::id::CustomerId;
use wire::problem::Code;
use wire::sdk::bank_account::{BankAccount, GiveBankAccount};

use crate::http::auth::CustomerCaller;
use crate::http::call::{PartnerRead, WriteCall};
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::problem::Rejection;
use crate::http::refusals::{account_not_given, give_refused};

/// Get the bank account of a customer
///
/// The customer's loans are paid to this account. 404 if none was set.
#[utoipa::path(
    get, path = "/customers/{customer_id}/bank-account",
    operation_id = "getBankAccount", tag = "Bank accounts",
    responses((status = 200, description = "The customer's bank account.", body = BankAccount))
)]
pub(super) async fn show(call: PartnerRead<PathId<CustomerId>>) -> Result<Json<BankAccount>, Rejection> {
    let account = call.look_up(bank_accounts::find).await?;
    Ok(Json(BankAccount::from(&account)))
}

/// Set the bank account of a customer
///
/// It replaces the earlier account and keeps its id. For partner and session tokens.
#[utoipa::path(
    post, path = "/customers/{customer_id}/bank-account",
    operation_id = "setBankAccount", tag = "Bank accounts",
    extensions(("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = GiveBankAccount,
    responses(
        (status = 200, description = "The customer's bank account after the change.", body = BankAccount),
        (status = 202, description = "The borrower must first confirm this account by e-mail. Until then the present account remains.", body = BankAccount)
    )
)]
pub(super) async fn give(
    call: WriteCall<CustomerCaller, PathId<CustomerId>, JsonBody>,
) -> Result<Response, Rejection> {
    let (caller, customer) = (call.caller, call.id());
    caller.at(customer)?;
    let tenant = caller.tenant;
    let details = GiveBankAccount::read(&call.body.value);
    let lender = Arc::clone(&call.state.lender);
    let put = move |tx: &mut app::Tx<'_>, now, details: &_| {
        caller.still_holds(tx, now)?;
        match caller.session() {
            Some(session) => app::kyc::sessions::give_account(tx, tenant, now, session, details, &lender)
                .map_err(|failed| failed.map_refused(|_over| account_not_given())),
            None => bank_accounts::put(tx, tenant, now, customer, details, &lender)
                .map_err(|failed| failed.map_refused(|refused| give_refused(refused, now))),
        }
    };
    call.run(details, put, |given, _now| match given {
        Given::Applied(account) => Answer::ok(&BankAccount::from(account)),
        Given::ToConfirm(change) => Answer::accepted_with(&BankAccount::from(change)),
    })
    .await
}
