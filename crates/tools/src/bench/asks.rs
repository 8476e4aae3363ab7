//! The requests of loads that several benches make, and their numbers of connections.

use std::sync::Arc;

use hyper::Method;
use serde_json::json;

use super::load::Ask;

/// Connections of reads.
pub(super) const READERS: u64 = 32;
/// Connections of writes: enough for several writes to share one commit.
pub(super) const WRITERS: u64 = 128;

pub(super) fn get(path: String) -> Ask {
    Arc::new(move |_| (Method::GET, path.clone(), None))
}

pub(super) fn simulate(offer: &str) -> Ask {
    let path = format!("/v3/credit-offers/{offer}/simulations");
    let body = json!({"requested_amount": "10000.00", "installment_count": 12}).to_string();
    Arc::new(move |_| (Method::POST, path.clone(), Some(body.clone())))
}
