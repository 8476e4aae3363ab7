//! Receives files and the bank account from a customer on the page, and ends the session.

use std::sync::Arc;

use app::Failed;
use app::customers::bank_accounts::Given;
use app::kyc::sessions::{SessionRefused, is_file};
use app::kyc::{NewDocument, Target};
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::bank::{AccountDetails, AccountFault, AccountKind};
use domain::customer::CustomerFile;
use domain::kyc::{BiometricsSession, MediaType, Slot};

use super::cookie::COOKIE;
use super::messages::{
    NO_BANK, NO_BRANCH, NO_DIGIT, NO_FILE, NO_KIND, NO_NUMBER, NO_PHOTO, NO_ROOM, NOT_REQUIRED, TO_CONFIRM,
    Wrong, no_session,
};
use super::refusal::{StepRefusal, answer};
use super::requirements::choices;
use super::steps::StepMessages;
use crate::http::extract::Query;
use crate::http::problem::{Rejection, of_store};
use crate::http::upload::{self, ReceivedFile};
use crate::pages::answer::failure;
use crate::pages::cookie::is_foreign;
use crate::pages::form::Form;
use crate::state::AppState;

/// Receives a file for the part in the address.
pub(in crate::pages) async fn upload(
    State(state): State<AppState>, headers: HeaderMap, query: Result<Query, Rejection>, request: Request,
) -> Response {
    let session = match session_of(&state, &headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let place = match query {
        Ok(mut query) => query.text("place"),
        Err(rejection) => return failure(&rejection),
    };
    let outcome = match upload::receive(&state, session.partner, session.customer, request).await {
        Ok(form) => match form.file {
            Some(ReceivedFile::Stored(file)) => take(&state, &session, place.as_deref(), file).await,
            Some(ReceivedFile::WithoutRoom { .. }) => Err(StepRefusal::wrong(NO_ROOM)),
            None => Err(StepRefusal::wrong(NO_FILE)),
        },
        Err(rejection) => Err(StepRefusal::of_upload(&rejection)),
    };
    answer(&state, &session, &headers, outcome).await
}

async fn take(
    state: &AppState, session: &BiometricsSession, place: Option<&str>, file: NewDocument,
) -> Result<(), StepRefusal> {
    let (now, tenant, customer) = (state.now_of(session.partner), session.partner, session.customer);
    let found = state.store.read(move |tx| app::customers::find(tx, tenant, customer)).await;
    let target = match found.map(|customer| place.and_then(|place| target(&customer, place))) {
        Ok(Some((_, _, Slot::Photo))) if file.blob.media_type == MediaType::Pdf => {
            Err(StepRefusal::wrong(NO_PHOTO))
        }
        Ok(Some(target)) => Ok(target),
        Ok(None) => Err(StepRefusal::wrong(NOT_REQUIRED)),
        Err(Failed::Refused(app::NotFound)) => Err(StepRefusal::Session(SessionRefused::Unknown)),
        Err(Failed::Store(error)) => Err(StepRefusal::Failed(of_store(error))),
    };
    let target = match target {
        Ok(target) => target,
        Err(refusal) => {
            upload::discard(state, tenant, Some(ReceivedFile::Stored(file))).await;
            return Err(refusal);
        }
    };
    let (session, inside, limits) = (session.clone(), file.clone(), state.config.files);
    let store_file = move |tx: &mut app::Tx<'_>| {
        app::kyc::sessions::submit_file(tx, now, &session, inside.clone(), target, limits)
    };
    match state.store.write(store_file).await {
        Ok(_customer) => Ok(()),
        Err(Failed::Refused(refused)) => {
            upload::discard(state, tenant, Some(ReceivedFile::Stored(file))).await;
            Err(refused.into())
        }
        // The change may have been committed. Only the purge worker, which checks that, may delete the file.
        Err(Failed::Store(error)) => Err(StepRefusal::Failed(of_store(error))),
    }
}

/// The target of `requirement.choice.part`: three indices into the customer's file.
fn target(file: &CustomerFile, place: &str) -> Option<Target> {
    let mut indices = place.split('.').map(|index| index.parse::<usize>().ok());
    let (requirement, choice, part) = (indices.next()??, indices.next()??, indices.next()??);
    let requirement = file.kyc.requirements.get(requirement).filter(|r| is_file(r.key.kind))?;
    let (kind, slots) = choices(requirement).nth(choice)?;
    Some((requirement.key, kind, *slots.get(part)?))
}

/// Receives the bank account.
pub(in crate::pages) async fn give_account(
    State(state): State<AppState>, headers: HeaderMap, body: Bytes,
) -> Response {
    let session = match session_of(&state, &headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let outcome = match details(&form) {
        Ok(details) => {
            let (tenant, id, now) = (session.partner, session.id, state.now_of(session.partner));
            let lender = Arc::clone(&state.lender);
            let give = move |tx: &mut app::Tx<'_>| {
                app::kyc::sessions::give_account(tx, tenant, now, id, &details, &lender)
            };
            match state.store.write(give).await {
                Ok(Given::Applied(_)) => Ok(()),
                Ok(Given::ToConfirm(_)) => Err(StepRefusal::wrong(TO_CONFIRM)),
                Err(failed) => Err(StepRefusal::from(failed)),
            }
        }
        Err(wrong) => Err(StepRefusal::Wrong(StepMessages { wrong, account: form })),
    };
    answer(&state, &session, &headers, outcome).await
}

/// The account of a form, or every fault in it.
fn details(form: &Form) -> Result<AccountDetails, Vec<Wrong>> {
    let text = |name| form.text_or_empty(name);
    let Ok(kind) = text("kind").parse::<AccountKind>() else { return Err(vec![NO_KIND]) };
    // People type the dots and dashes that are printed on their cards.
    let plain = |name| text(name).replace(['.', '-', ' '], "");
    let wrong = |(_, fault): (&str, AccountFault)| match fault {
        AccountFault::UnknownBank => NO_BANK,
        AccountFault::Branch => NO_BRANCH,
        AccountFault::Number(_) => NO_NUMBER,
        AccountFault::Digit(_) => NO_DIGIT,
    };
    AccountDetails::new(kind, &text("bank"), &plain("branch"), &plain("number"), &text("digit"))
        .map_err(|faults| faults.into_iter().map(wrong).collect())
}

/// Ends the session and begins the review.
pub(in crate::pages) async fn submit(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let session = match session_of(&state, &headers).await {
        Ok(session) => session,
        Err(response) => return response,
    };
    let (now, inside) = (state.now_of(session.partner), session.clone());
    match state.store.write(move |tx| app::kyc::sessions::submit(tx, now, &inside)).await {
        Ok(()) => no_session(SessionRefused::Completed),
        Err(failed) => answer(&state, &session, &headers, Err(StepRefusal::from(failed))).await,
    }
}

/// The session of a request that makes a change.
async fn session_of(state: &AppState, headers: &HeaderMap) -> Result<BiometricsSession, Response> {
    let secret = COOKIE.secret_of(state, headers).filter(|_| !is_foreign(headers));
    let Some(secret) = secret else { return Err(no_session(SessionRefused::Unknown)) };
    let real = state.clock.now();
    let session = state.store.read(move |tx| app::kyc::sessions::of_page(tx, real, &secret)).await;
    session.map_err(|failed| match failed {
        Failed::Refused(refused) => no_session(refused),
        Failed::Store(error) => failure(&of_store(error)),
    })
}
