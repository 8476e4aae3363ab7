//! The parameters that every list has.

use domain::page::{Limit, Order};
use store::Cursor;
use wire::problem::{Code, Problem};

use super::extract::Query;
use super::problem::Rejection;

/// The page a query asks for, newest first unless it says `order=asc`.
pub fn cursor<I: std::str::FromStr>(query: &Query) -> Result<Cursor<I>, Rejection> {
    let limit = query.read("limit", "must be a whole number from 1 to 100", |text| {
        text.parse().ok().and_then(Limit::new)
    })?;
    let after = match query.get("starting_after")? {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| invalid_cursor())?),
    };
    Ok(Cursor { after, limit: limit.unwrap_or(Limit::DEFAULT), order: order(query)? })
}

/// Which way a list runs.
fn order(query: &Query) -> Result<Order, Rejection> {
    let order = query.read("order", "must be asc or desc", |text| match text {
        "asc" => Some(Order::Ascending),
        "desc" => Some(Order::Descending),
        _other => None,
    })?;
    Ok(order.unwrap_or(Order::Descending))
}

/// A cursor that is not the caller's, or not of this kind.
pub fn invalid_cursor() -> Rejection {
    Problem::of_field("starting_after", Code::InvalidCursor, "is not the id of an item of this list").into()
}
