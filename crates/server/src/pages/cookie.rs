//! Cookies that hold the secret of a session, and the defence against other sites' forms.

use axum::http::header::{CACHE_CONTROL, COOKIE, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::state::AppState;

/// A cookie with a session's secret, which scripts cannot read.
///
/// Its name has the prefix `__Host-`: browsers accept it only over TLS (or from this machine), for this host and every
/// path. No other host and no plain connection can set it.
pub(super) struct SecretCookie {
    /// The name, with its prefix.
    pub(super) name: &'static str,
    /// The name for a sandbox without TLS, in browsers that refuse its secure cookie.
    pub(super) plain_name: &'static str,
    /// The path of the plain cookie.
    pub(super) plain_path: &'static str,
    /// The life of the cookie. The session itself may end before.
    pub(super) seconds: u32,
}

impl SecretCookie {
    /// Sends the browser the secret of its session.
    pub(super) fn set(&self, state: &AppState, secret: &str, response: Response) -> Response {
        self.written(state, secret, self.seconds, response)
    }

    /// Makes the browser forget the secret.
    pub(super) fn forget(&self, state: &AppState, response: Response) -> Response {
        self.written(state, "", 0, response)
    }

    fn written(&self, state: &AppState, secret: &str, seconds: u32, mut response: Response) -> Response {
        let Self { name, plain_name, plain_path, .. } = self;
        let mut cookies =
            vec![format!("{name}={secret}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax; Secure")];
        if !state.lender.links.is_https() {
            cookies.push(format!(
                "{plain_name}={secret}; Path={plain_path}; Max-Age={seconds}; HttpOnly; SameSite=Lax"
            ));
        }
        for cookie in cookies {
            let cookie =
                HeaderValue::from_str(&cookie).expect("a secret is hexadecimal, and the rest is ours");
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    /// The browser's secret. Without TLS, the plain cookie is used if there is no secure one.
    pub(super) fn secret_of(&self, state: &AppState, headers: &HeaderMap) -> Option<String> {
        // The server makes no shorter secret, and a shorter one could be guessed.
        let named = |wanted| values(headers, wanted).find(|value| value.len() == 64);
        let plain = || named(self.plain_name).filter(|_| !state.lender.links.is_https());
        named(self.name).or_else(plain).map(str::to_owned)
    }
}

/// The values of the cookies with this name, in the order in which the browser sent them.
pub(super) fn values<'a>(headers: &'a HeaderMap, wanted: &str) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(move |(name, _)| *name == wanted).map(|(_, value)| value)
}

/// Sends the browser to another page after a form. `place` is a path of ours.
pub(super) fn see_other(place: &str) -> Response {
    let place = HeaderValue::from_str(place).unwrap_or(HeaderValue::from_static("/"));
    let headers = [(LOCATION, place), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
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
