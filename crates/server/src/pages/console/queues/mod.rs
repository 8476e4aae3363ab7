//! The queues: the cases that wait, who has them and who looks at them, and giving them to people.
//!
//! The filters and the place in a list are in the address. The form of the list leads to a preview, whose form changes
//! the cases. Each row of it names the operator whom the person saw, so of two who take a case the second learns it.

mod assign;
mod live;
mod page;
mod permitted;
mod preview;
mod rows;
mod shown;
mod views;

use app::queues;
use axum::extract::{Path, Query};
use axum::http::HeaderMap;
use axum::response::Response;

pub(super) use self::assign::assign;
pub(super) use self::live::{case, list};
use self::permitted::seen;
pub(super) use self::preview::preview;
pub(super) use self::views::{delete as delete_view, save as save_view};
use super::filter::{Asked, FilterAddress as _};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::people::visit::Visit;

/// Shows a page of a queue.
pub(super) async fn show(
    visit: Visit, Path(name): Path<String>, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    match seen(&visit, &name, &headers) {
        Ok(queue) => page::page(visit, queue, &asked, &headers).await,
        Err(refused) => *refused,
    }
}

/// Leads to the next case of a queue that nobody else has taken or looks at.
pub(super) async fn next(
    visit: Visit, Path(name): Path<String>, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let queue = match seen(&visit, &name, &headers) {
        Ok(queue) => queue,
        Err(refused) => return *refused,
    };
    let (filter, now) = (asked.filter(), visit.state.clock.now());
    let (wanted, at) = (filter.wanted(queue, visit.visitor.operator.id), asked.at());
    match visit.state.store.list(move |tx: &mut app::Tx<'_>| queues::next(tx, now, &wanted, at)).await {
        Ok(Some(view)) => see_other(&shown::address(&view, queue, filter)),
        Ok(None) => see_other(&filter.address(queue)),
        Err(error) => failure(&of_store(error)),
    }
}
