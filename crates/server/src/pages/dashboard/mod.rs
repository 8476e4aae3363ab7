//! The dashboard: where a partner's team works (docs/decisions/0039).
//!
//! Every page runs the use cases that the partner's API runs. The audit trail records every request.

mod choice;
mod connect;
mod customers;
mod events;
mod going_live;
mod home;
mod idempotency;
mod keys;
mod loans;
pub(super) mod navigation;
mod page_of;
mod requests;
mod sandbox;
mod search;
mod team;
mod timeline;
mod webhooks;

use axum::Router;
use axum::middleware::from_fn_with_state;
use domain::access::TeamRole;

use super::people::gate;
use super::people::routes::{Guard, Listed, Pages};
use crate::state::AppState;

/// Every route under `/dashboard`.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    pages()
        .into_router()
        .route_layer(from_fn_with_state(state.clone(), choice::at_desk))
        .route_layer(from_fn_with_state(state.clone(), gate::signed_in))
}

/// The pages. Each declares the least role in the team.
fn pages() -> Pages {
    sandbox(team(webhooks(keys(calls(portfolio(Pages::default()))))))
        .get("/dashboard", Guard::Team(TeamRole::Support), home::show)
        .post("/dashboard/partner", Guard::Team(TeamRole::Support), choice::choose)
}

/// The pages of customers and loans.
fn portfolio(pages: Pages) -> Pages {
    pages
        .get("/dashboard/customers", Guard::Team(TeamRole::Support), customers::list)
        .get("/dashboard/customers/{id}", Guard::Team(TeamRole::Support), customers::show)
        .get("/dashboard/customers/{id}/shown", Guard::Team(TeamRole::Support), customers::reveal)
        .post("/dashboard/customers/{id}/kyc-link", Guard::Team(TeamRole::Developer), customers::make_link)
        .get("/dashboard/loans", Guard::Team(TeamRole::Support), loans::list)
        .get("/dashboard/loans/{id}", Guard::Team(TeamRole::Support), loans::show)
        .get("/dashboard/loans/{id}/statement", Guard::Team(TeamRole::Support), loans::statement)
        .get("/dashboard/loans/{id}/statement.csv", Guard::Team(TeamRole::Support), loans::statement_csv)
        .get("/dashboard/loans/{id}/contract.pdf", Guard::Team(TeamRole::Support), loans::contract)
}

/// The pages of the search, of calls and of idempotency keys.
fn calls(pages: Pages) -> Pages {
    pages
        .get(search::SEARCH, Guard::Team(TeamRole::Support), search::show)
        .get("/dashboard/requests", Guard::Team(TeamRole::Support), requests::list)
        .get("/dashboard/requests/{id}", Guard::Team(TeamRole::Support), requests::show)
        .get("/dashboard/idempotency-keys", Guard::Team(TeamRole::Support), idempotency::show)
}

/// The pages of the keys, and of the programs that ask for one.
fn keys(pages: Pages) -> Pages {
    pages
        .get("/dashboard/connect", Guard::Team(TeamRole::Developer), connect::ask)
        .get("/dashboard/connect/{code}", Guard::TeamFresh(TeamRole::Developer), connect::show)
        .post("/dashboard/connect/{code}/confirm", Guard::TeamFresh(TeamRole::Developer), connect::confirm)
        .get("/dashboard/keys", Guard::Team(TeamRole::Support), keys::list)
        .get("/dashboard/keys/new", Guard::TeamFresh(TeamRole::Developer), keys::show_form)
        .post("/dashboard/keys/new", Guard::TeamFresh(TeamRole::Developer), keys::create)
        .get("/dashboard/keys/{client}", Guard::Team(TeamRole::Support), keys::show)
        .post("/dashboard/keys/{client}/replace", Guard::TeamFresh(TeamRole::Developer), keys::replace)
        .post("/dashboard/keys/{client}/revoke", Guard::TeamFresh(TeamRole::Developer), keys::revoke)
}

/// The pages of events and of their deliveries.
fn webhooks(pages: Pages) -> Pages {
    pages
        .get("/dashboard/events", Guard::Team(TeamRole::Support), events::list)
        .get("/dashboard/events/{id}", Guard::Team(TeamRole::Support), events::show)
        .get("/dashboard/webhooks", Guard::Team(TeamRole::Support), webhooks::list)
        .get("/dashboard/webhooks/new", Guard::Team(TeamRole::Developer), webhooks::show_form)
        .post("/dashboard/webhooks/new", Guard::TeamFresh(TeamRole::Developer), webhooks::create)
        .get("/dashboard/webhooks/{id}", Guard::Team(TeamRole::Support), webhooks::show)
        .post("/dashboard/webhooks/{id}/test", Guard::Team(TeamRole::Developer), webhooks::test)
        .post("/dashboard/webhooks/{id}/recover", Guard::Team(TeamRole::Developer), webhooks::recover)
        .get("/dashboard/webhooks/{id}/replay", Guard::Team(TeamRole::Developer), webhooks::show_replay)
        .post("/dashboard/webhooks/{id}/replay", Guard::Team(TeamRole::Developer), webhooks::replay)
        .post("/dashboard/webhooks/{id}/rotate", Guard::TeamFresh(TeamRole::Developer), webhooks::rotate)
        .post("/dashboard/webhooks/{id}/switch", Guard::Team(TeamRole::Developer), webhooks::switch)
        .post("/dashboard/webhooks/{id}/delete", Guard::TeamFresh(TeamRole::Developer), webhooks::delete)
        .get(
            "/dashboard/webhooks/{id}/deliveries/{delivery}",
            Guard::Team(TeamRole::Support),
            webhooks::delivery,
        )
        .post(
            "/dashboard/webhooks/{id}/deliveries/{delivery}/retry",
            Guard::Team(TeamRole::Developer),
            webhooks::retry,
        )
}

/// The pages of the team.
fn team(pages: Pages) -> Pages {
    pages
        .get("/dashboard/team", Guard::Team(TeamRole::Support), team::list)
        .get("/dashboard/team/invite", Guard::TeamFresh(TeamRole::Admin), team::show_invite)
        .post("/dashboard/team/invite", Guard::TeamFresh(TeamRole::Admin), team::invite)
        .get("/dashboard/team/{id}", Guard::TeamFresh(TeamRole::Admin), team::show)
        .post("/dashboard/team/{id}/role", Guard::TeamFresh(TeamRole::Admin), team::change_role)
        .post("/dashboard/team/{id}/remove", Guard::TeamFresh(TeamRole::Admin), team::remove)
}

/// The pages of the sandbox. In production they do not exist.
fn sandbox(pages: Pages) -> Pages {
    pages
        .get("/dashboard/sandbox", Guard::Team(TeamRole::Support), sandbox::show)
        .get("/dashboard/sandbox/mailbox", Guard::Team(TeamRole::Support), sandbox::mailbox)
        .get("/dashboard/live/sandbox", Guard::Team(TeamRole::Support), sandbox::live)
        .post("/dashboard/sandbox/advance", Guard::Team(TeamRole::Developer), sandbox::advance)
        .post("/dashboard/sandbox/clocks", Guard::Team(TeamRole::Developer), sandbox::make_clock)
        .post("/dashboard/sandbox/clocks/delete", Guard::Team(TeamRole::Developer), sandbox::delete_clock)
        .post("/dashboard/sandbox/reset", Guard::Team(TeamRole::Developer), sandbox::reset_all)
        .post("/dashboard/sandbox/customers", Guard::Team(TeamRole::Developer), sandbox::start)
        .post("/dashboard/sandbox/trigger", Guard::Team(TeamRole::Developer), sandbox::trigger)
}

/// Every page of the dashboard, for the tests of roles.
pub(super) fn listed() -> Vec<Listed> {
    pages().listed()
}
