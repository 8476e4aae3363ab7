//! The look-up of an idempotency key: what it stands for, and when it is free again.

use app::{Failed, NotFound};
use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::page_of::page_of;
use super::requests::{only, tone};
use crate::http::key_use::{FoundKey, key_use};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Longest key, in characters.
const LONGEST: usize = 255;

#[derive(Template)]
#[template(path = "dashboard/idempotency.html")]
struct KeyPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    /// The key as it was asked for; empty without one.
    key: String,
    /// The list of the calls with the key.
    calls: String,
    found: Option<Found>,
}

/// The use of the key.
struct Found {
    status: u16,
    tone: &'static str,
    used: Moment,
    frees: Moment,
    /// The id and the page of the resource in the answer.
    resource: Vec<(String, String)>,
    /// The first call and its page.
    first: Vec<(String, String)>,
}

/// The part of the address with the key.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    key: String,
}

/// Shows the form, and the use of the key if the address has one.
pub(super) async fn show(visit: Visit, desk: Desk, Query(asked): Query<Asked>) -> Response {
    let key = asked.key.trim().to_owned();
    let is_key = (1..=LONGEST).contains(&key.len()) && key.bytes().all(|letter| letter.is_ascii_graphic());
    let used = if is_key {
        key_use(&visit.state, desk.partner.id, &key).await.map(Some)
    } else {
        Err(Failed::Refused(NotFound))
    };
    let used = match used {
        Ok(used) => used,
        Err(Failed::Refused(NotFound)) => None,
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let found = |used: FoundKey| Found {
        status: used.status,
        tone: tone(used.status),
        used: Moment::exactly(used.used_at.unmoved()),
        frees: Moment::until(used.frees_at, now, t),
        resource: used.resource.map(|id| (id.clone(), page_of(&id))).into_iter().collect(),
        first: used
            .first
            .map(|call| {
                (format!("{} {}", call.method, call.path), format!("/dashboard/requests/{}", call.id))
            })
            .into_iter()
            .collect(),
    };
    let page = KeyPage {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        calls: only("idempotency_key", &key),
        found: used.map(found),
        key,
    };
    framed(StatusCode::OK, &page)
}
