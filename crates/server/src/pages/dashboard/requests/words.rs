//! The figures of a call, as both pages show them.

use std::time::Duration;

/// The class of a status.
pub(in crate::pages::dashboard) fn tone(status: u16) -> &'static str {
    match status {
        0..=399 => "tone-ok",
        400..=499 => "tone-warn",
        500.. => "tone-bad",
    }
}

/// The time until an answer, such as `38 ms`.
pub(in crate::pages::dashboard) fn took(took: Duration) -> String {
    match took.as_millis() {
        0 => "< 1 ms".to_owned(),
        more => format!("{more} ms"),
    }
}
