//! The design system's parts in Rust, and `/kit`, the page with every component in every state (docs/decisions/0023).
//!
//! The macros are in `templates/kit/parts.html`. `/kit` is in the sandbox only.

pub(crate) mod badge;
pub(crate) mod frame;
mod samples;
pub(crate) mod shown;
pub(in crate::pages) mod tab;

use askama::Template;
use axum::extract::Query;
use axum::http::header::HeaderValue;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::money::Cents;

pub(super) use self::frame::choose_language;
use self::frame::{Frame, FrameQuery};
use self::samples::{BadgeRow, Row, Section};
use self::shown::{Change, Moment, Money, Step};
use super::answer::{CSP, page};
use super::assets;
use super::texts::Texts;

/// The policy of pages of the design system: only the server's own files, forms and events.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "kit.html")]
struct Kit {
    t: &'static Texts,
    frame: Frame,
    path: String,
    sections: Vec<Section>,
    badges: Vec<BadgeRow>,
    rows: Vec<Row>,
    total: Money,
    amounts: [Money; 5],
    now: Moment,
    line: Vec<Step>,
    failed: Vec<Step>,
    changes: Vec<Change>,
    tape: [(&'static str, &'static str); 2],
}

/// Shows every component in every state.
pub(super) async fn show(query: Query<FrameQuery>, headers: HeaderMap) -> Response {
    let frame = Frame::of(&headers, &query);
    let t = frame.texts();
    let rows = samples::rows(t);
    let kit = Kit {
        t,
        frame,
        path: "/kit".to_owned(),
        sections: samples::sections(&t.kit),
        badges: samples::badges(t),
        total: Money(Cents::new(rows.iter().map(|row| row.amount.0.get()).sum())),
        rows,
        amounts: samples::AMOUNTS.map(|cents| Money(Cents::new(cents))),
        now: samples::now(t),
        line: samples::line(t),
        failed: samples::failed(t),
        changes: samples::changes(&t.kit),
        tape: [("9:41", t.kit.tape_1), ("9:38", t.kit.tape_2)],
    };
    assets::fewer_bytes(&headers, framed(StatusCode::OK, &kit)).await
}

/// A page that shows a document in a frame: a contract, or what a customer sent.
pub(super) fn framing(status: StatusCode, template: &impl Template) -> Response {
    let policy = format!("{POLICY}; frame-src 'self'");
    let policy = HeaderValue::from_str(&policy).expect("a policy is plain text");
    let mut response = page(status, template);
    response.headers_mut().insert(CSP, policy);
    response
}

/// A page of the design system with its security headers.
pub(super) fn framed(status: StatusCode, template: &impl Template) -> Response {
    let mut response = page(status, template);
    response.headers_mut().insert(CSP, HeaderValue::from_static(POLICY));
    response
}
