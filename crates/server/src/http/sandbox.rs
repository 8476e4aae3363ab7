//! The sandbox's own routes, which no published API has: the partner's clocks and the e-mails to its customers.

mod clocks;
mod upcoming;

use app::sandbox::AdvanceRefused;
use axum::Json;
use axum::extract::State;
use axum::middleware::from_fn_with_state;
use domain::id::PartnerId;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::problem::Problem;
use wire::reference::List;
use wire::sandbox::{AdvanceClock, Clock, KeptMail, Upcoming};
use wire::text_scalar::Timestamp;

use super::auth::{PartnerCaller, authenticated};
use super::documented::About;
use super::extract::{JsonBody, Query};
use super::omitted;
use super::on_clock::{NamedIn, tenant_of_clock};
use super::problem::{Refusal, Rejection, of_store};
use crate::state::AppState;
use crate::workers::advance;

/// Every route under `/sandbox`.
pub fn routes(state: &AppState) -> OpenApiRouter<AppState> {
    let routes = OpenApiRouter::new()
        .routes(routes!(clock))
        .routes(routes!(upcoming))
        .routes(routes!(advance_clock))
        .routes(routes!(clocks::create, clocks::list))
        .routes(routes!(clocks::show, clocks::delete))
        .routes(routes!(clocks::upcoming))
        .routes(routes!(clocks::advance))
        .routes(routes!(clocks::reset_sandbox))
        .routes(routes!(mails))
        .route_layer(from_fn_with_state(state.clone(), authenticated));
    OpenApiRouter::with_openapi(ABOUT.document()).nest("/sandbox", routes)
}

const ABOUT: About = About {
    title: "Dinie sandbox",
    version: "1",
    description: "The sandbox's own operations: the clocks of each partner, and the e-mails that it keeps instead of \
                       sending them. It accepts the access tokens of the API.",
    tags: &[
        ("Clock", "The partner's main clock. Customers follow it unless they are on another clock."),
        (
            "Clocks",
            "Further clocks, each with customers of its own. Time that passes on one passes on no other.",
        ),
        ("E-mails", "The e-mails that the partner's customers would receive."),
    ],
};

/// Get the partner's clock
///
/// The time that decides when offers and loans expire and installments fall due. It starts as the real time.
#[utoipa::path(get, path = "/clock",
    operation_id = "getClock", tag = "Clock",
    responses((status = 200, description = "The partner's clock.", body = Clock))
)]
async fn clock(State(state): State<AppState>, caller: PartnerCaller) -> Json<Clock> {
    shown(&state, caller.partner)
}

/// List what will happen next
///
/// At most 100 entries, the earliest first: what falls due after the clock's present time and until `until`, if nobody
/// does anything. Offers and signing links that expire, installments that fall due or become overdue, decisions of the
/// sandbox that are planned, and payments of customers who pay. A decision may cause further ones, which are not
/// listed.
#[utoipa::path(get, path = "/clock/upcoming",
    operation_id = "listUpcoming", tag = "Clock",
    params(("until" = Option<String>, Query,
        description = "The last moment of the list, such as 2026-04-01T23:59:59Z, or a day, which ends in São Paulo. \
                       Without it, the list has no last moment.")),
    responses((status = 200, description = "What will happen next, at most 100 entries.", body = List<Upcoming>))
)]
async fn upcoming(
    State(state): State<AppState>, caller: PartnerCaller, query: Query,
) -> Result<Json<List<Upcoming>>, Rejection> {
    upcoming::coming(&state, caller.partner, query).await
}

/// Let time pass
///
/// Time passes only for the partner's own resources and never goes back. Before it answers, the server does
/// everything that falls due: offers and links expire, installments become overdue, and paying customers pay.
/// Webhooks have the moved time in their bodies and the real time in their headers. The answer does not wait for
/// them. If a call was cut off, send it again with the same `until`.
#[utoipa::path(
    post, path = "/clock/advance", operation_id = "advanceClock", tag = "Clock",
    request_body = AdvanceClock,
    responses((status = 200, description = "The clock after the time has passed.", body = Clock))
)]
async fn advance_clock(
    State(state): State<AppState>, caller: PartnerCaller, body: JsonBody,
) -> Result<Json<Clock>, Rejection> {
    let real = state.clock.now();
    let goal = AdvanceClock::read(&body.value, state.partner_clocks.at(caller.partner, real), real)?;
    advance::run(&state, caller.partner, goal).await?;
    Ok(shown(&state, caller.partner))
}

impl Refusal for AdvanceRefused {
    fn problem(self) -> Problem {
        match self {
            Self::Deleted => Problem::invalid_state("the clock was deleted meanwhile"),
        }
    }
}

/// List the newest e-mails to the partner's customers
///
/// At most 100, newest first: e-mails with links to sign, codes and links to pay. The sandbox keeps them instead of
/// sending them.
#[utoipa::path(get, path = "/mails",
    operation_id = "listKeptMails", tag = "E-mails",
    params(("clock_id" = Option<String>, Query,
        description = "The clock of the customers. Without it, customers of the main clock.")),
    responses((status = 200, description = "The newest e-mails, at most 100.", body = List<KeptMail>))
)]
async fn mails(
    State(state): State<AppState>, caller: PartnerCaller, mut query: Query,
) -> Result<Json<List<KeptMail>>, Rejection> {
    let clock = query.id("clock_id");
    query.finish()?;
    let tenant = tenant_of_clock(&state, caller.partner, clock, NamedIn::Query).await?;
    let mails = state.store.read(move |tx| app::mails::of_partner(tx, tenant)).await.map_err(of_store)?;
    omitted::note(mails.unreadable.iter().map(|mark| mark.id.clone()));
    let mail = |mail: app::mails::Mail| KeptMail {
        id: mail.id.to_string(),
        to: mail.to.to_string(),
        subject: mail.subject,
        text: mail.text,
        created_at: Timestamp(mail.created_at),
    };
    Ok(Json(List::of(mails, mail)))
}

fn shown(state: &AppState, tenant: PartnerId) -> Json<Clock> {
    let real = state.clock.now();
    Json(Clock::of(state.partner_clocks.at(tenant, real), real))
}
