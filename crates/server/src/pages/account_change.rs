//! The page on which a borrower confirms another account, with the code from the e-mail that has the link.

use std::sync::Arc;

use app::Failed;
use app::customers::bank_accounts::{ConfirmRefused, OpenedChange};
use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::bank_account_change::ChangeState;
use domain::mailed_code::Checked;
use domain::time::{RealTime, Timestamp};
use domain::written;
use wire::problem::Problem;

use super::answer::{failure, fields_of, invalid_link, message, page, prefers_problem};
use super::notice::{Notice, Refused};
use super::signing::{closed, code_refused, locked, mailbox, masked, too_often, too_soon};
use crate::http::address::origin_of;
use crate::http::extract::body_up_to;
use crate::http::problem::{Rejection, of_store};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "account_change.html")]
struct ChangePage {
    token: String,
    present: String,
    asked: String,
    sent_to: String,
    mailbox: Option<String>,
    wrong: Option<String>,
    sent_now: bool,
}

/// Shows the change behind a link.
pub(super) async fn show(State(state): State<AppState>, Path(token): Path<String>) -> Response {
    shown(&state, token, Notice::None).await
}

async fn shown(state: &AppState, token: String, notice: Notice) -> Response {
    let key = token.clone();
    match state.store.read(move |tx| app::customers::bank_accounts::open(tx, &key)).await {
        Ok(Some(opened)) => opened_page(state, &opened, token, notice),
        Ok(None) => unknown(),
        Err(error) => failure(&of_store(error)),
    }
}

fn opened_page(state: &AppState, opened: &OpenedChange, token: String, notice: Notice) -> Response {
    let OpenedChange { change, present } = opened;
    match change.state {
        ChangeState::Pending if change.is_open(state.now_of(change.partner)) => {}
        ChangeState::Confirmed => return confirmed(),
        ChangeState::Pending | ChangeState::Withdrawn => return over(),
    }
    let status = notice.status();
    let shown = ChangePage {
        token,
        present: written::destination(present),
        asked: written::account(&change.details),
        sent_to: masked(&change.to),
        mailbox: mailbox(state, Some(&change.to)),
        sent_now: notice.sent_now(),
        wrong: notice.wrong(),
    };
    page(status, &shown)
}

/// Sends the borrower another code.
pub(super) async fn send_code(
    State(state): State<AppState>, Path(token): Path<String>, request: Request,
) -> Response {
    let headers = request.headers().clone();
    if let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
        return refusal_response(&state, token, too_often(limited), &headers).await;
    }
    let (key, real, lender) = (token.clone(), state.clock.now(), Arc::clone(&state.lender));
    let send = move |tx: &mut app::Tx<'_>| app::customers::bank_accounts::send_code(tx, real, &key, &lender);
    match state.store.write(send).await {
        Ok(()) => shown(&state, token, Notice::Sent).await,
        Err(error) => refused(&state, token, error, &headers).await,
    }
}

/// Checks the borrower's code.
pub(super) async fn confirm(
    State(state): State<AppState>, Path(token): Path<String>, request: Request,
) -> Response {
    let headers = request.headers().clone();
    if let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
        return refusal_response(&state, token, too_often(limited), &headers).await;
    }
    let code = match body_up_to(request, 4_096).await.and_then(|bytes| code_of(&bytes)) {
        Ok(code) => code,
        Err(rejection) => return failure(&rejection),
    };
    let (key, real, lender) = (token.clone(), state.clock.now(), Arc::clone(&state.lender));
    let confirm =
        move |tx: &mut app::Tx<'_>| app::customers::bank_accounts::confirm(tx, real, &key, &code, &lender);
    match state.store.write(confirm).await {
        Ok(Checked::Right) => shown(&state, token, Notice::None).await,
        Ok(refused) => {
            let now = time_of(&state, &token, real).await;
            refusal_response(&state, token, code_refused(refused, now), &headers).await
        }
        Err(error) => refused(&state, token, error, &headers).await,
    }
}

/// The digits of the form's code. People type spaces and hyphens into codes.
fn code_of(bytes: &[u8]) -> Result<String, Rejection> {
    let code =
        fields_of(bytes)?.into_iter().filter(|(name, _)| name == "code").map(|(_, code)| code).next_back();
    Ok(code
        .into_iter()
        .flat_map(|code| code.chars().collect::<Vec<_>>())
        .filter(char::is_ascii_digit)
        .collect())
}

/// The partner's time for a link's change, which decides the end of a lock.
async fn time_of(state: &AppState, token: &str, real: RealTime) -> Timestamp {
    let key = token.to_owned();
    match state.store.read(move |tx| app::customers::bank_accounts::open(tx, &key)).await {
        Ok(Some(opened)) => state.now_of(opened.change.partner),
        Ok(None) | Err(_) => real.unmoved(),
    }
}

async fn refused(
    state: &AppState, token: String, error: Failed<ConfirmRefused>, headers: &HeaderMap,
) -> Response {
    let refusal = match error {
        Failed::Store(error) => return failure(&of_store(error)),
        Failed::Refused(refusal) => refusal,
    };
    let now = time_of(state, &token, state.clock.now()).await;
    let refused = match refusal {
        ConfirmRefused::NotFound => Refused::new(Problem::not_found(), String::new()),
        ConfirmRefused::NotOpen => Refused::new(
            Problem::invalid_state("the change is confirmed, withdrawn, or its time is over"),
            String::new(),
        ),
        ConfirmRefused::TooSoon(next) => too_soon(next, now),
        ConfirmRefused::Locked(until) => locked(until, now),
        ConfirmRefused::Closed => closed(),
    };
    refusal_response(state, token, refused, headers).await
}

/// Answers with the problem if the request prefers it, otherwise with the page and the words.
async fn refusal_response(
    state: &AppState, token: String, refused: Refused, headers: &HeaderMap,
) -> Response {
    if prefers_problem(headers) {
        return Rejection::from(refused.problem).into_response();
    }
    shown(state, token, Notice::Refused(refused)).await
}

fn unknown() -> Response {
    invalid_link(
        "Este link não existe, ou outro o substituiu. Confira se ele foi copiado por inteiro.",
        "This link does not exist, or another one has replaced it. Check that you copied the whole link.",
    )
}

fn confirmed() -> Response {
    message(
        StatusCode::OK,
        "Conta trocada",
        "Pronto! Daqui em diante o seu dinheiro vai para a conta que você confirmou.",
        "Done. From now on your money goes to the account that you confirmed.",
    )
}

fn over() -> Response {
    message(
        StatusCode::GONE,
        "Troca encerrada",
        "O prazo para confirmar esta troca acabou, ou ela foi desfeita. Nada mudou.",
        "The time to confirm this change is over, or the change was withdrawn. Nothing has changed.",
    )
}
