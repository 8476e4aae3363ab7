//! The one place of the tools that reads the system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::time::RealTime;

/// The real time.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
pub(crate) fn real_now() -> RealTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    RealTime::from_micros(0).plus(since.expect("the machine's clock is later than 1970"))
}
