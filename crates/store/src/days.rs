//! The rows of a business day. An id begins with the moment of its row, so the ids of a day are a range.

use domain::id::ResourceId;
use domain::time::{Date, Timestamp};

/// The first id of a day, and that of the next day.
pub(crate) fn ids_of_day<I: ResourceId>(day: Date) -> (I, I) {
    let first = |day| I::new(Timestamp::start_of_business_date(day), [0; 10]);
    // No day follows the last one of the calendar.
    (first(day), first(day.tomorrow().unwrap_or(day)))
}
