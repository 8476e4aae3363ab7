//! The cookie with which a browser continues its session.

use axum::http::header::{CACHE_CONTROL, COOKIE, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::state::AppState;

/// The address of the session's page.
pub(super) const HOME: &str = "/biometrics";

/// Browsers accept this name only over TLS (or from this machine), for this host and every path. No other host and no
/// plain connection can set it.
const COOKIE_NAME: &str = "__Host-dinie_session";
/// The name for a sandbox without TLS, in browsers that refuse its secure cookie.
const PLAIN_COOKIE_NAME: &str = "dinie_session";

/// Sends the browser the secret of its session.
pub(super) fn with_cookie(state: &AppState, secret: &str, mut response: Response) -> Response {
    // The cookie outlives the session, so that the page can show the outcome afterwards.
    let mut cookies =
        vec![format!("{COOKIE_NAME}={secret}; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax; Secure")];
    if !state.lender.links.is_https() {
        cookies.push(format!(
            "{PLAIN_COOKIE_NAME}={secret}; Path={HOME}; Max-Age=86400; HttpOnly; SameSite=Lax"
        ));
    }
    for cookie in cookies {
        let cookie = HeaderValue::from_str(&cookie).expect("a secret is hexadecimal, and the rest is ours");
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// Sends the browser to another page after a form.
pub(super) fn see_other(place: &'static str) -> Response {
    (StatusCode::SEE_OTHER, [(LOCATION, place), (CACHE_CONTROL, "no-store")]).into_response()
}

/// The browser's secret. Without TLS, the plain cookie is used if there is no secure one.
pub(super) fn secret_of(state: &AppState, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs: Vec<(&str, &str)> =
        cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('=')).collect();
    // The server makes no shorter secret, and a shorter one could be guessed.
    let named = |wanted: &str| pairs.iter().find(|(name, value)| *name == wanted && value.len() == 64);
    let plain = || named(PLAIN_COOKIE_NAME).filter(|_| !state.lender.links.is_https());
    named(COOKIE_NAME).or_else(plain).map(|(_, value)| (*value).to_owned())
}

/// Whether another site's page caused the browser to send this request.
pub(super) fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match (text("origin").and_then(|origin| origin.split_once("://")), text("host")) {
        (Some((_, origin)), Some(host)) => origin != host,
        (None, _) | (_, None) => headers.contains_key("origin"),
    }
}
