//! The operator API: all routes of `/operator/v1` on one screen, and its OpenAPI document from the same registration.

mod audit;
mod bank_files;
mod caller;
mod contracts;
mod credit;
mod customer_timeline;
mod customers;
mod documents;
mod duplicates;
mod erasures;
mod known;
mod ledger;
mod loans;
mod mails;
mod notes;
mod operators;
mod overview;
mod partners;
mod payments;
mod personal_data;
mod place;
mod plain;
mod policies;
mod proposals;
mod queues;
mod refusals;
mod refused;
mod requests;
mod saved_views;
mod search;
mod settings;
mod tags;
mod teams;
mod timeline;

use axum::middleware::from_fn_with_state;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) use self::caller::{bears_token, counted};
pub(crate) use self::credit::decision_of;
use self::known::Known;
pub(crate) use self::personal_data::archive;
use super::documented::About;
use crate::state::AppState;

/// Every route under `/operator/v1`.
pub fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let known = Known::of(operations().into_openapi());
    let routes = operations()
        .route_layer(from_fn_with_state(known, known::checked))
        .route_layer(from_fn_with_state(state.clone(), caller::authenticated));
    OpenApiRouter::with_openapi(ABOUT.document()).nest("/operator/v1", routes)
}

fn operations() -> OpenApiRouter<AppState> {
    lender(customers_of_partners(people(OpenApiRouter::new())))
        .routes(routes!(credit::decide, credit::decisions))
        .routes(routes!(credit::offers))
        .routes(routes!(credit::offer))
        .routes(routes!(credit::withdraw))
        .routes(routes!(loans::list))
        .routes(routes!(loans::show))
        .routes(routes!(loans::installments))
        .routes(routes!(loans::order_disbursement))
        .routes(routes!(loans::repeat_disbursement))
        .routes(routes!(loans::confirm_disbursement))
        .routes(routes!(loans::fail_disbursement))
        .routes(routes!(loans::cancel))
        .routes(routes!(loans::write_off))
        .routes(routes!(loans::invite_again))
        .routes(routes!(loans::ledger))
        .routes(routes!(timeline::of_loan))
        .routes(routes!(contracts::document))
        .routes(routes!(contracts::signatures))
        .routes(routes!(contracts::collection))
        .routes(routes!(payments::record, payments::list))
        .routes(routes!(payments::find))
        .routes(routes!(payments::export))
        .routes(routes!(payments::show))
        .routes(routes!(payments::reverse))
        .routes(routes!(payments::payoff_quote))
        .routes(routes!(bank_files::create, bank_files::list))
        .routes(routes!(bank_files::content))
        .routes(routes!(bank_files::preview))
        .routes(routes!(bank_files::apply))
        .routes(routes!(ledger::balance))
        .routes(routes!(ledger::export_balance))
        .routes(routes!(ledger::entries))
        .routes(routes!(ledger::export_entries))
        .routes(routes!(mails::list))
        .routes(routes!(mails::show))
        .routes(routes!(mails::send_again))
        .routes(routes!(mails::close))
        .routes(routes!(audit::list))
        .routes(routes!(audit::prove))
        .routes(routes!(search::search))
        .routes(routes!(proposals::list))
        .routes(routes!(proposals::show))
        .routes(routes!(proposals::approve))
        .routes(routes!(proposals::reject))
        .routes(routes!(proposals::withdraw))
        .routes(routes!(overview::show))
        .routes(routes!(queues::figures))
        .routes(routes!(queues::cases))
        .routes(routes!(queues::assign))
        .routes(routes!(queues::look))
        .routes(routes!(saved_views::list, saved_views::save))
        .routes(routes!(saved_views::delete))
        .routes(routes!(notes::write, notes::list))
        .routes(routes!(notes::strike))
        .routes(routes!(requests::list))
        .routes(routes!(requests::show))
}

/// Partners and their customers.
fn customers_of_partners(router: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    router
        .routes(routes!(partners::create, partners::list))
        .routes(routes!(partners::show))
        .routes(routes!(partners::overview))
        .routes(routes!(partners::set_limits))
        .routes(routes!(partners::create_credential, partners::list_credentials))
        .routes(routes!(partners::revoke_credential))
        .routes(routes!(teams::invite, teams::list))
        .routes(routes!(teams::change_role))
        .routes(routes!(teams::remove))
        .routes(routes!(customers::list))
        .routes(routes!(customers::show))
        .routes(routes!(customer_timeline::of_customer))
        .routes(routes!(duplicates::of_customer))
        .routes(routes!(tags::add))
        .routes(routes!(tags::remove))
        .routes(routes!(customers::decide_kyc))
        .routes(routes!(customers::refuse))
        .routes(routes!(personal_data::export))
        .routes(routes!(erasures::erase))
        .routes(routes!(erasures::show))
        .routes(routes!(documents::show))
        .routes(routes!(documents::page))
}

/// The lender's settings and its credit policy.
fn lender(router: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    router
        .routes(routes!(settings::lender))
        .routes(routes!(settings::rates))
        .routes(routes!(settings::letter_samples))
        .routes(routes!(policies::in_force))
        .routes(routes!(policies::upload, policies::list))
        .routes(routes!(policies::show))
        .routes(routes!(policies::adopt))
}

/// The operators themselves.
fn people(router: OpenApiRouter<AppState>) -> OpenApiRouter<AppState> {
    router
        .routes(routes!(operators::create, operators::list))
        .routes(routes!(operators::show))
        .routes(routes!(operators::change_roles))
        .routes(routes!(operators::revoke))
        .routes(routes!(operators::invite))
        .routes(routes!(operators::reset))
        .routes(routes!(operators::roles))
}

const ABOUT: About = About {
    title: "Dinie operator API",
    version: "1",
    description: "The decisions that people make for the lender. The audit trail records every call. Money is a \
                       string with two decimals in BRL, moments are ISO 8601 in UTC, percentages are numbers in percent.",
    tags: &[
        ("Partners", "Partners and their credentials."),
        ("Customers", "Customers, their documents and the review of their KYC."),
        ("Credit", "Credit decisions and the offers that they make."),
        ("Loans", "Contracts, disbursement, installments and the ledger."),
        ("Payments", "Payments, reversals and early payoffs."),
        ("Ledger", "The trial balance of a day, and the entries behind it."),
        ("Mails", "E-mails to customers, also those that were not delivered."),
        ("Audit", "The calls of operators."),
        ("Search", "One search over everything."),
        ("Queues", "What waits for operators, and who has taken it."),
        ("Requests", "The requests of partners and their answers, for 30 days."),
        ("Notes", "What operators write on customers and loans for each other."),
        ("Proposals", "Decisions that wait for a second person."),
        (
            "Settings",
            "The lender, the rates and the e-mails, as the files of the configuration give them, and the credit policy.",
        ),
        ("Operators", "People and programs that decide for the lender, and their roles."),
    ],
};
