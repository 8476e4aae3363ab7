//! The queue of an address, for a person who may see it.

use std::str::FromStr as _;

use axum::http::HeaderMap;
use axum::response::Response;
use domain::queue::Queue;

use crate::pages::people::notice::{forbidden, unknown};
use crate::pages::people::visit::Visit;

/// The queue of an address, if the person may see its subjects.
pub(super) fn seen(visit: &Visit, name: &str, headers: &HeaderMap) -> Result<Queue, Box<Response>> {
    let Ok(queue) = Queue::from_str(name) else {
        return Err(Box::new(unknown(headers)));
    };
    if visit.visitor.grants.allows(queue.permission()) {
        Ok(queue)
    } else {
        Err(Box::new(forbidden(headers)))
    }
}
