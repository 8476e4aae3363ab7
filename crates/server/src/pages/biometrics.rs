//! The page of a hosted session: takes a selfie as a file.

use askama::Template;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::kyc::MediaType;
use store::Failed;

use super::{failure, message, page};
use crate::app;
use crate::app::kyc::SessionRefused;
use crate::http::extract::Query;
use crate::http::problem::{Rejection, of_store};
use crate::http::upload;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "selfie.html")]
struct Selfie<'a> {
    code: &'a str,
    expires: &'a str,
    wrong: Option<&'a str>,
}

/// Shows the form.
pub(super) async fn show(State(state): State<AppState>, method: Method, mut query: Query) -> Response {
    // What looks at a link's headers (a chat's preview) is not a person.
    if method == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    match query.text("code") {
        Some(code) => form(&state, &code, None).await,
        None => no_session(SessionRefused::Unknown),
    }
}

async fn form(state: &AppState, code: &str, wrong: Option<&str>) -> Response {
    let (now, asked) = (state.clock.now(), code.to_owned());
    match state.store.write(move |tx| app::kyc::visit_session(tx, now, &asked)).await {
        Ok(session) => {
            let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            let left = session.expires_at.since(now).as_secs().div_ceil(60);
            page(status, &Selfie { code, expires: &left.to_string(), wrong })
        }
        Err(Failed::Refused(refused)) => no_session(refused),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Takes the file and ends the session.
pub(super) async fn submit(State(state): State<AppState>, mut query: Query, request: Request) -> Response {
    let Some(code) = query.text("code") else { return no_session(SessionRefused::Unknown) };
    let (now, asked) = (state.clock.now(), code.clone());
    let session = match state.store.write(move |tx| app::kyc::visit_session(tx, now, &asked)).await {
        Ok(session) => session,
        Err(Failed::Refused(refused)) => return no_session(refused),
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let file = match upload::receive(&state, session.partner, request).await {
        Ok(form) => form.file,
        Err(rejection) => return refused_file(&state, &code, &rejection).await,
    };
    let Some(file) = file else {
        return form(&state, &code, Some("Escolha uma foto. / Choose a photo.")).await;
    };
    if file.blob.media_type == MediaType::Pdf {
        upload::discard(&state, session.partner, Some(file)).await;
        return form(&state, &code, Some("Envie uma foto JPEG ou PNG. / Send a JPEG or PNG photo.")).await;
    }
    let (tenant, inside) = (session.partner, file.clone());
    let complete =
        move |tx: &mut store::Tx<'_>| app::kyc::complete_session(tx, now, &session, inside.clone());
    match state.store.write(complete).await {
        Ok(_customer) => thanks(),
        Err(Failed::Refused(refused)) => {
            upload::discard(&state, tenant, Some(file)).await;
            no_session(refused)
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// A file that cannot be taken brings the form back with a reason.
async fn refused_file(state: &AppState, code: &str, rejection: &Rejection) -> Response {
    match rejection.0.code.status() {
        413 => form(state, code, Some("A foto passa de 10 MB. / The photo is over 10 MB.")).await,
        422 => form(state, code, Some("Envie uma foto JPEG ou PNG. / Send a JPEG or PNG photo.")).await,
        400 => form(state, code, Some("Escolha uma foto. / Choose a photo.")).await,
        _other => failure(rejection),
    }
}

fn thanks() -> Response {
    message(
        StatusCode::OK,
        "Selfie recebida",
        "Pronto! Você já pode fechar esta página.",
        "Done. You may close this page.",
    )
}

fn no_session(refused: SessionRefused) -> Response {
    let (title, portuguese, english) = match refused {
        SessionRefused::Unknown => (
            "Link inválido",
            "Este link não existe. Confira se ele foi copiado por inteiro.",
            "This link does not exist. Check that it was copied whole.",
        ),
        SessionRefused::Expired => (
            "Link expirado",
            "O prazo deste link acabou. Peça um novo a quem o enviou.",
            "This link has expired. Ask whoever sent it for a new one.",
        ),
        SessionRefused::Completed => (
            "Selfie já recebida",
            "Sua selfie já foi recebida. Você pode fechar esta página.",
            "Your selfie has been received. You may close this page.",
        ),
        SessionRefused::InvalidState => (
            "Cadastro em análise",
            "Seu cadastro já está em análise e não precisa de nova selfie.",
            "Your registration is under review and needs no further selfie.",
        ),
    };
    let status = match refused {
        SessionRefused::Unknown => StatusCode::NOT_FOUND,
        SessionRefused::Expired => StatusCode::GONE,
        SessionRefused::Completed => StatusCode::OK,
        SessionRefused::InvalidState => StatusCode::CONFLICT,
    };
    message(status, title, portuguese, english)
}
