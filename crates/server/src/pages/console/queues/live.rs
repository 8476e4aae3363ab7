//! What an open page asks by itself: how its case is now, and whether its list has changed. Asking about a case marks
//! that the person looks at it.

use app::queues;
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::queue::Queue;
use serde::Deserialize;

use super::super::case_bar::CaseBar;
use super::super::filter::Asked;
use super::super::viewer::viewer;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::framed;
use crate::pages::people::gate::Unrecorded;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The present state of a case.
#[derive(Template)]
#[template(path = "console/case_now.html")]
struct Now {
    t: &'static Texts,
    bar: CaseBar,
}

/// Renews the mark that the person looks at a case, and says how the case is now.
pub(in crate::pages::console) async fn case(visit: Visit, Query(asked): Query<Asked>) -> Response {
    let (Some(bar), Some(opened)) = (visit.case.clone(), asked.opened()) else {
        return unchanged(&visit);
    };
    let (now, me) = (visit.state.clock.now(), visit.visitor.operator.id);
    let look = move |tx: &mut Tx<'_>| queues::look(tx, now, me, opened.queue, opened.subject());
    match visit.state.store.write(look).await {
        // A case that has left the queue cannot be marked. The bar says so.
        Ok(_) | Err(Failed::Refused(NotFound)) => unrecorded(StatusCode::OK, &Now { t: visit.texts(), bar }),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Says that a list has changed.
#[derive(Template)]
#[template(path = "console/changed.html")]
struct Changed {
    t: &'static Texts,
}

/// The list that is open, as its page saw it.
#[derive(Debug, Deserialize)]
pub(in crate::pages::console) struct Seen {
    #[serde(default)]
    queue: String,
    /// The number of waiting cases and of late ones.
    #[serde(default)]
    seen: String,
}

/// Says whether the numbers of a queue have changed since its page was read. The rows stay in their places, and the
/// reader decides when to read them anew.
pub(in crate::pages::console) async fn list(visit: Visit, Query(seen): Query<Seen>) -> Response {
    let queue = seen.queue.parse::<Queue>().ok();
    let Some(queue) = queue.filter(|queue| visit.visitor.grants.allows(queue.permission())) else {
        return unchanged(&visit);
    };
    let now = visit.state.clock.now();
    let viewer = match viewer(&visit.state, &visit.visitor, now).await {
        Ok(viewer) => viewer,
        Err(error) => return failure(&of_store(error)),
    };
    let read = move |tx: &mut Tx<'_>| queues::figures_of(tx, now, queue, &viewer);
    match visit.state.store.list(read).await {
        Ok(now) if format!("{}-{}", now.waiting, now.late) != seen.seen => {
            unrecorded(StatusCode::OK, &Changed { t: visit.texts() })
        }
        Ok(_unchanged) => unchanged(&visit),
        Err(error) => failure(&of_store(error)),
    }
}

/// htmx leaves the page as it is.
fn unchanged(visit: &Visit) -> Response {
    unrecorded(StatusCode::NO_CONTENT, &Changed { t: visit.texts() })
}

/// An answer that names operators at most.
fn unrecorded(status: StatusCode, template: &impl Template) -> Response {
    let mut response = framed(status, template);
    response.extensions_mut().insert(Unrecorded);
    response
}
