//! Refusals on a session's page, and the answer to each form.

use app::Failed;
use app::kyc::SubmitEvidenceRefused;
use app::kyc::sessions::{PageRefused, SessionRefused};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use domain::kyc::BiometricsSession;

use super::cookie::HOME;
use super::messages::{
    ACCEPTED, ACCOUNT_KEPT, INCOMPLETE, NO_DOCUMENT, NO_FILE, NO_ROOM, NOT_REQUIRED, TOO_LARGE, Wrong,
    no_session,
};
use super::steps::{StepMessages, steps};
use crate::http::problem::{Rejection, of_store};
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::state::AppState;

/// The reason for refusing a form on the page.
pub(super) enum StepRefusal {
    /// The person can correct it.
    Wrong(StepMessages),
    /// The session is over.
    Session(SessionRefused),
    /// The server failed.
    Failed(Rejection),
}

impl StepRefusal {
    pub(super) fn wrong(wrong: Wrong) -> Self {
        Self::Wrong(StepMessages { wrong: vec![wrong], account: Form::default() })
    }

    pub(super) fn of_upload(rejection: &Rejection) -> Self {
        match rejection.0.code.status() {
            413 => Self::wrong(TOO_LARGE),
            422 => Self::wrong(NO_DOCUMENT),
            400 => Self::wrong(NO_FILE),
            _other => Self::Failed(rejection.clone()),
        }
    }
}

impl From<PageRefused> for StepRefusal {
    fn from(refused: PageRefused) -> Self {
        match refused {
            PageRefused::Session(refused) => Self::Session(refused),
            PageRefused::Evidence(SubmitEvidenceRefused::AlreadyAccepted) => Self::wrong(ACCEPTED),
            PageRefused::Evidence(SubmitEvidenceRefused::NoRoom(_)) => Self::wrong(NO_ROOM),
            PageRefused::Evidence(SubmitEvidenceRefused::NotRequired) => Self::wrong(NOT_REQUIRED),
            PageRefused::Evidence(SubmitEvidenceRefused::NotFound) => Self::Session(SessionRefused::Unknown),
            PageRefused::Evidence(SubmitEvidenceRefused::InvalidState(_)) => {
                Self::Session(SessionRefused::InvalidState)
            }
            PageRefused::AccountKept => Self::wrong(ACCOUNT_KEPT),
            PageRefused::Incomplete(_) => Self::wrong(INCOMPLETE),
        }
    }
}

impl From<SessionRefused> for StepRefusal {
    fn from(refused: SessionRefused) -> Self {
        Self::Session(refused)
    }
}

impl<R: Into<StepRefusal>> From<Failed<R>> for StepRefusal {
    fn from(failed: Failed<R>) -> Self {
        match failed {
            Failed::Refused(refused) => refused.into(),
            Failed::Store(error) => Self::Failed(of_store(error)),
        }
    }
}

/// Sends a script a status and a sentence, and a browser the page again.
pub(super) async fn answer(
    state: &AppState, session: &BiometricsSession, headers: &HeaderMap, outcome: Result<(), StepRefusal>,
) -> Response {
    let to_script = headers.get("x-requested-with").is_some();
    match outcome {
        Ok(()) if to_script => StatusCode::NO_CONTENT.into_response(),
        Ok(()) => see_other(HOME),
        Err(StepRefusal::Wrong(messages)) if to_script => {
            let sentence = |wrong: &Wrong| format!("{} / {}", wrong.portuguese, wrong.english);
            let sentence = messages.wrong.iter().map(sentence).collect::<Vec<_>>().join(" ");
            (StatusCode::UNPROCESSABLE_ENTITY, [(CONTENT_TYPE, "text/plain; charset=utf-8")], sentence)
                .into_response()
        }
        Err(StepRefusal::Wrong(messages)) => steps(state, session, messages).await,
        Err(StepRefusal::Session(refused)) => no_session(refused),
        Err(StepRefusal::Failed(rejection)) => failure(&rejection),
    }
}
