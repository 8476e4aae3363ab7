//! The query of a list of deliveries, in both generations.

use app::Cursor;
use app::webhooks::deliveries::DeliveryFilter;
use domain::id::DeliveryId;
use domain::time::Timestamp;
use domain::webhook::delivery::DeliveryStateKind;

use super::extract::Query;
use super::page::{cursor, span};

/// Filter and page of a query. `moment` reads a moment in the generation's form.
pub fn read(
    query: &mut Query, moment: impl Fn(&str) -> Result<Timestamp, String>,
) -> (DeliveryFilter, Cursor<DeliveryId>) {
    let cursor = cursor(query);
    let real = |text: &str| moment(text).map(Timestamp::unmoved);
    let filter = DeliveryFilter {
        state: query.word("status", &DeliveryStateKind::NAMES, |text| text.parse().ok()),
        event_type: query.text("event_type"),
        made: span(query, real),
    };
    (filter, cursor)
}
