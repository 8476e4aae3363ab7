//! The answers with the page of a customer's credit.

use std::sync::Arc;

use app::credit::Rules;
use app::{Failed, NotFound, Tx, credit};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::CustomerId;

use super::form::{Given, Problem};
use super::price::priced;
use super::sheet::CreditPage;
use super::shown::{Seen, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::framed;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;

/// The page of a customer's credit.
pub(super) async fn page(
    visit: Visit, headers: &HeaderMap, id: &str, shown: Shown, status: StatusCode,
) -> Response {
    let Ok(id) = id.parse::<CustomerId>() else { return unknown(headers) };
    let real = visit.state.clock.now();
    let (registry, lender) = (visit.state.registry, Arc::clone(&visit.state.lender));
    let policy = match visit.state.policies.in_force(&visit.state.store).await {
        Ok(in_force) => in_force.policy,
        Err(error) => return failure(&of_store(error)),
    };
    let asked = shown.given.clone();
    let read = move |tx: &mut Tx<'_>| {
        let sheet = credit::sheet(tx, real, id, Rules { registry, policy: policy.as_deref() })?;
        let given = asked.clone().unwrap_or_else(|| Given::first(&sheet));
        let place = (sheet.file.customer.partner, sheet.now);
        let priced = priced(tx, place, &given.approval(id), (registry, &lender.book.in_force()))?;
        Ok::<_, Failed<NotFound>>(Seen { sheet, given, priced })
    };
    match visit.state.store.read(read).await {
        Ok(seen) => answered(visit, seen, shown, status),
        Err(failed) => refused(headers, failed),
    }
}

/// The page. If somebody has decided since the form was read, the page says so, and the form is about what it shows.
fn answered(visit: Visit, mut seen: Seen, mut shown: Shown, mut status: StatusCode) -> Response {
    let count = seen.sheet.count.to_string();
    if seen.given.seen != count {
        shown = Shown { asks: false, problem: Some(Problem::Changed), ..shown };
        status = StatusCode::CONFLICT;
        seen.given.seen = count;
    }
    framed(status, &CreditPage::of(visit, &seen, &shown))
}
