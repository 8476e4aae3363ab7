//! The parameters of every list.

use app::Cursor;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::credential::Reach;
use domain::page::{Limit, Order};
use domain::time::{Span, Timestamp};
use serde_json::Value;
use wire::problem::{Code, Problem};

use super::extract::Query;
use super::problem::Rejection;
use crate::state::AppState;

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

/// The page that a request to a list without other parameters asks for.
pub struct Paged<I>(pub Cursor<I>);

impl<I: std::str::FromStr> FromRequestParts<AppState> for Paged<I> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let mut query = Query::from_request_parts(parts, state).await?;
        let cursor = cursor(&mut query);
        query.finish()?;
        Ok(Self(cursor))
    }
}

const NOT_OF_THIS_LIST: &str = "is not the id of an item of this list";

/// The problem of a cursor that is another partner's, or of another kind.
pub fn invalid_cursor() -> Problem {
    Problem::of_field("starting_after", Code::InvalidCursor, NOT_OF_THIS_LIST)
}

/// The stretch of time of a list, from the parameters `since` and `until`. `moment` reads a moment in the API's form,
/// or says what is wrong with it.
pub fn span<T>(query: &mut Query, moment: impl Fn(&str) -> Result<T, String>) -> Span<T> {
    Span { since: query.checked("since", &moment), until: query.checked("until", &moment) }
}

/// Reads a moment such as `2026-04-01T23:59:59Z`, or says what is wrong with it.
pub fn written_moment(text: &str) -> Result<Timestamp, String> {
    wire::text_scalar::timestamp(&Value::from(text)).map_err(|wrong| wrong.detail().to_owned())
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
