//! Problems as answers: a handler rejects with a problem, and the edge writes its body.

use app::{Failed, StoreError};
use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use wire::problem::{Code, Problem, ProblemPlace};

/// An error answer whose body the edge still has to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection(pub Box<Problem>);

impl From<Problem> for Rejection {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

/// A use case's refusal, which becomes the caller's problem.
pub trait Refusal {
    /// The problem.
    fn problem(self) -> Problem;
}

impl Refusal for Problem {
    fn problem(self) -> Problem {
        self
    }
}

impl<R: Refusal> From<Failed<R>> for Rejection {
    fn from(failed: Failed<R>) -> Self {
        match failed {
            Failed::Refused(refusal) => Self::from(refusal.problem()),
            Failed::Store(error) => of_store(error),
        }
    }
}

/// The caller's problem for a failure of the store. Details are logged and not shown.
#[expect(clippy::needless_pass_by_value, reason = "`map_err` passes the error by value")]
pub fn of_store(error: StoreError) -> Rejection {
    let unavailable =
        || Problem::new(Code::Unavailable, "the server cannot answer now; try again").retry_after(1);
    let problem = match &error {
        StoreError::NotFound => Problem::not_found(),
        StoreError::Unavailable(_) | StoreError::Conflict => {
            tracing::warn!(%error, "the store could not serve a request");
            unavailable()
        }
        StoreError::Duplicate | StoreError::Corrupt(_) | StoreError::Defect(_) | StoreError::Damaged(_) => {
            tracing::error!(%error, "the store failed a request");
            Problem::new(Code::InternalError, "the server failed; the request id helps to find out why")
        }
    };
    problem.into()
}

/// The HTTP status of a problem.
pub fn status_of(code: Code) -> StatusCode {
    StatusCode::from_u16(code.status()).expect("the table of problems holds HTTP statuses")
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status_of(self.0.code);
        let headers = response.headers_mut();
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(challenge) = challenge(self.0.code) {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if self.0.code == Code::UnsupportedContentEncoding {
            // RFC 9110 §15.5.16: the encodings that the server reads.
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// The way for an unidentified caller to authenticate.
fn challenge(code: Code) -> Option<&'static str> {
    match code {
        Code::InvalidClient => Some(r#"Basic realm="dinie""#),
        Code::MissingToken => Some(r#"Bearer realm="dinie""#),
        Code::InvalidToken | Code::TokenExpired => Some(r#"Bearer realm="dinie", error="invalid_token""#),
        _not_about_identity => None,
    }
}

/// Writes the body of a rejection.
pub fn render(mut response: Response, place: &ProblemPlace<'_>) -> Response {
    let Some(Rejection(problem)) = response.extensions_mut().remove::<Rejection>() else { return response };
    let content_type = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    *response.body_mut() = Body::from(problem.body(place));
    response
}
