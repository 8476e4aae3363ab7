//! The credit decision: the facts, what the policy says of them, the terms with their price, and the decision.
//!
//! The price comes from the code that prices simulations. The form is read by the rules of the operator API.

mod form;
mod page;
mod price;
mod rows;
mod sheet;
mod shown;

use app::credit::{self, Authority, Decide, DecideRefused};
use app::people::proposals::{Outcome, ProposeRefused, decide_credit};
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::actor::Actor;
use domain::id::CustomerId;

use self::form::{Given, Pressed, Problem};
use self::page::page;
pub(super) use self::price::show as price;
use self::shown::Shown;
use super::proposals;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Shows what is known of a customer's credit, with the form that decides.
pub(super) async fn show(visit: Visit, Path(id): Path<String>, headers: HeaderMap) -> Response {
    page(visit, &headers, &id, Shown::new(None), StatusCode::OK).await
}

/// Prices the form, asks before an approval, or records the decision.
pub(super) async fn decide(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(customer) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let (given, pressed) = match Given::read(&body) {
        Ok(read) => read,
        Err(rejection) => return failure(&rejection),
    };
    let command = match (pressed, given.decision(customer, pressed)) {
        (Pressed::Price, _) => {
            return page(visit, &headers, &id, Shown::new(Some(given)), StatusCode::OK).await;
        }
        (Pressed::Ask, Ok(_complete)) => {
            let shown = Shown { asks: true, ..Shown::new(Some(given)) };
            return page(visit, &headers, &id, shown, StatusCode::OK).await;
        }
        (Pressed::Approve | Pressed::Refuse, Ok(command)) => command,
        (Pressed::Ask | Pressed::Approve | Pressed::Refuse, Err(problem)) => {
            let shown = Shown { problem: Some(problem), ..Shown::new(Some(given)) };
            return page(visit, &headers, &id, shown, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    recorded(visit, &headers, (&body, given), command).await
}

/// Records the decision, if nobody else has decided since the page was read.
async fn recorded(
    visit: Visit, headers: &HeaderMap, (body, given): (&[u8], Given), command: Decide,
) -> Response {
    let customer = command.customer;
    let id = customer.to_string();
    let again = |given, problem| Shown { problem: Some(problem), ..Shown::new(Some(given)) };
    let by = visit.proposer();
    let authority = Authority {
        actor: Actor::Operator(visit.visitor.operator.id),
        limits: visit.visitor.grants.limits,
        registry: visit.state.registry,
        offer_lifetime: visit.state.config.lifetimes.offer,
    };
    let run = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, by.now, &customer)?;
        let inputs = credit::known_inputs(tx, partner, now, customer, authority.registry);
        let inputs = inputs.map_err(|failed| failed.map_refused(ProposeRefused::from))?;
        decide_credit(tx, partner, now, &Decide { inputs, ..command.clone() }, (&by, &authority))
    };
    match visit.change(body, run).await {
        Ok(Outcome::Done(_)) => see_other(&visit.kept(&format!("/console/customers/{customer}/credit"))),
        Ok(Outcome::Proposed(proposal)) => see_other(&visit.kept(&proposals::address(proposal.id))),
        Err(Failed::Refused(ProposeRefused::Proposed(id))) => see_other(&visit.kept(&proposals::address(id))),
        Err(Failed::Refused(ProposeRefused::UseCase(DecideRefused::NotFound))) => unknown(headers),
        Err(Failed::Refused(ProposeRefused::UseCase(DecideRefused::Changed))) => {
            page(visit, headers, &id, again(given, Problem::Changed), StatusCode::CONFLICT).await
        }
        Err(Failed::Refused(ProposeRefused::UseCase(refused))) => {
            let shown = again(given, Problem::of(refused));
            page(visit, headers, &id, shown, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
