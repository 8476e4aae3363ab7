//! The items that a partner's list omits because they are unreadable. A header of the answer names them.
//!
//! The client libraries expect complete items in a list. A mark among them would break the partner's program. A
//! header breaks nothing, and the partner finds the id of a missing item there.

use std::cell::RefCell;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;

/// The ids of the omitted items, separated by commas.
pub const HEADER: HeaderName = HeaderName::from_static("unreadable-items");
/// Most ids in the header.
const MOST: usize = 100;

tokio::task_local! {
    static OMITTED: RefCell<Vec<String>>;
}

/// Notes omitted ids for the header of the present request's answer.
pub fn note(ids: impl Iterator<Item = String>) {
    // Outside of a request there is no answer for the ids. The log has them already.
    let _outside = OMITTED.try_with(|omitted| omitted.borrow_mut().extend(ids));
}

/// Answers a request and names the omitted items in the answer's header.
pub async fn with_header(answering: impl Future<Output = Response>) -> Response {
    let noted = async {
        let response = answering.await;
        (response, OMITTED.with(RefCell::take))
    };
    let (mut response, ids) = OMITTED.scope(RefCell::default(), noted).await;
    let well_formed =
        |id: &&String| !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let named: Vec<&str> = ids.iter().filter(well_formed).take(MOST).map(String::as_str).collect();
    if !ids.is_empty() {
        // The id itself may be damaged. Then the header says only that an item is missing.
        let value = if named.is_empty() { "unknown".to_owned() } else { named.join(", ") };
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HEADER, value);
        }
    }
    response
}
