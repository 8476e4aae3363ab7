//! The parameters of every list.

use app::Cursor;
use domain::credential::Reach;
use domain::page::{Limit, Order};
use wire::problem::{Code, Problem};

use super::extract::Query;

/// The page that a query requests: newest first, unless `order=asc`.
pub fn cursor<I: std::str::FromStr>(query: &mut Query) -> Cursor<I> {
    let limit = query
        .read("limit", "must be a whole number from 1 to 100", |text| text.parse().ok().and_then(Limit::new));
    let order = query.read("order", "must be asc or desc", |text| match text {
        "asc" => Some(Order::Ascending),
        "desc" => Some(Order::Descending),
        _other => None,
    });
    let text = query.text("starting_after");
    let after = text.as_ref().and_then(|text| text.parse().ok());
    if text.is_some() && after.is_none() {
        query.fault("starting_after", Code::InvalidCursor, NOT_OF_THIS_LIST);
    }
    Cursor { after, limit: limit.unwrap_or(Limit::DEFAULT), order: order.unwrap_or(Order::Descending) }
}

const NOT_OF_THIS_LIST: &str = "is not the id of an item of this list";

/// The problem of a cursor that is another partner's, or of another kind.
pub fn invalid_cursor() -> Problem {
    Problem::of_field("starting_after", Code::InvalidCursor, NOT_OF_THIS_LIST)
}

/// The reach of a revocation, from the parameter `revoke_created`.
pub fn reach(query: &mut Query) -> Reach {
    let reach = query.read("revoke_created", "must be true or false", |text| match text {
        "true" => Some(Reach::WithCreated),
        "false" => Some(Reach::Alone),
        _other => None,
    });
    reach.unwrap_or(Reach::Alone)
}
