//! Answers of pages: HTML under a strict policy, files, and problems in words.

use askama::Template;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER,
};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use wire::problem::{Code, Problem};

use crate::http::extract::{FormRefused, form_of};
use crate::http::problem::{Rejection, status_of};

pub(super) const CSP: HeaderName = HeaderName::from_static("content-security-policy");

const REFERRER: HeaderName = HeaderName::from_static("referrer-policy");

const PERMISSIONS: HeaderName = HeaderName::from_static("permissions-policy");

pub(super) const SNIFF: HeaderName = HeaderName::from_static("x-content-type-options");

/// The policy of pages: only the server's own style sheet, script and forms.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
                      img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page with its security headers. Links contain secrets, so pages are not cached and send no referrer.
pub(super) fn page(status: StatusCode, template: &impl Template) -> Response {
    let body = match template.render() {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            let text = "O serviço falhou. Tente de novo. / The service failed. Please try again.";
            return (StatusCode::INTERNAL_SERVER_ERROR, [(CACHE_CONTROL, "no-store")], text).into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
        (CSP, POLICY),
        (REFERRER, "no-referrer"),
        (SNIFF, "nosniff"),
        (PERMISSIONS, "camera=(self), microphone=(), geolocation=()"),
    ];
    (status, headers, body).into_response()
}

/// The names and values of a page's form.
pub(super) fn fields_of(body: &[u8]) -> Result<Vec<(String, String)>, Rejection> {
    form_of(body).map_err(|refused| {
        let detail = match refused {
            FormRefused::NotUtf8 => "the form is not UTF-8",
            FormRefused::TooMany => "the form has too many fields",
        };
        Problem::new(Code::MalformedBody, detail).into()
    })
}

/// A file behind a secret link. It is shown, never run and never cached.
pub(super) fn file(kind: &'static str, name: Option<&str>, content: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, kind),
        (CACHE_CONTROL, "no-store"),
        (CSP, "default-src 'none'; style-src 'unsafe-inline'; sandbox"),
        (REFERRER, "no-referrer"),
        (SNIFF, "nosniff"),
    ];
    let mut response = (headers, content).into_response();
    if let Some(name) = name {
        let shown = HeaderValue::from_str(&format!("inline; filename=\"{name}\""));
        let shown = shown.expect("files are named after contracts, in plain letters and digits");
        response.headers_mut().insert(CONTENT_DISPOSITION, shown);
    }
    response
}

/// A file to be saved. `name` has only plain letters, digits, hyphens and points.
pub(super) fn attachment(kind: &'static str, name: &str, content: String) -> Response {
    let mut response = file(kind, None, content.into_bytes());
    let saved = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    response.headers_mut().insert(CONTENT_DISPOSITION, saved.expect("plain letters and digits"));
    response
}

/// A file in a frame of a page of ours. It is shown, never run and never cached.
pub(super) fn embedded(kind: &'static str, content: Vec<u8>) -> Response {
    let mut response = file(kind, None, content);
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";
    response.headers_mut().insert(CSP, HeaderValue::from_static(policy));
    response
}

/// Whether a program sent the request. It prefers the problem to a page.
pub(super) fn prefers_problem(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("json") && !accept.contains("html"))
}

/// A page with one message.
#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    title: &'a str,
    portuguese: &'a str,
    english: &'a str,
}

pub(super) fn message(status: StatusCode, title: &str, portuguese: &str, english: &str) -> Response {
    page(status, &Message { title, portuguese, english })
}

/// The page of a link that leads to nothing.
pub(super) fn invalid_link(portuguese: &str, english: &str) -> Response {
    message(StatusCode::NOT_FOUND, "Link inválido", portuguese, english)
}

/// The page for a person in place of the API's problem.
pub(super) fn failure(rejection: &Rejection) -> Response {
    let code = rejection.0.code.status();
    let status = status_of(rejection.0.code);
    if code >= 500 {
        return message(
            status,
            "Tente novamente",
            "O serviço está indisponível no momento. Aguarde um instante e tente de novo.",
            "The service is unavailable right now. Please try again in a moment.",
        );
    }
    if code == 429 {
        let mut response = message(
            status,
            "Muitas tentativas",
            "Muitas tentativas deste endereço. Aguarde um minuto e tente de novo.",
            "Too many tries from this address. Wait a minute and try again.",
        );
        if let Some(seconds) = rejection.0.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        return response;
    }
    message(
        status,
        "Não foi possível continuar",
        "Não foi possível receber o que você enviou. Volte e tente de novo.",
        "We could not receive your data. Please go back and try again.",
    )
}
