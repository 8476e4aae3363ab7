//! What the types of problems mean, for a person who follows one.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use wire::problem::Code;

use super::{message, page};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    environment: &'static str,
    slugs: Vec<&'static str>,
}

/// Says where one is.
pub(super) async fn home(State(state): State<AppState>) -> Response {
    let mut slugs: Vec<&str> = Code::ALL.iter().map(|code| code.slug()).collect();
    slugs.sort_unstable();
    slugs.dedup();
    page(StatusCode::OK, &Home { environment: state.config.environment.name(), slugs })
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    slug: &'a str,
    portuguese: &'static str,
    english: &'static str,
    codes: Vec<Code>,
}

/// Explains a type of problem.
pub(super) async fn show(Path(slug): Path<String>) -> Response {
    let codes: Vec<Code> = Code::ALL.iter().copied().filter(|code| code.slug() == slug).collect();
    let Some((portuguese, english)) = explanation(&slug) else {
        return message(
            StatusCode::NOT_FOUND,
            "Página inexistente",
            "Não há um tipo de erro com este nome.",
            "There is no type of error of this name.",
        );
    };
    page(StatusCode::OK, &ErrorPage { slug: &slug, portuguese, english, codes })
}

fn explanation(slug: &str) -> Option<(&'static str, &'static str)> {
    match slug {
        "invalid-request" => Some((
            "A requisição não está bem formada: corpo, cabeçalho ou parâmetro fora do formato. Corrija e envie de novo.",
            "The request is not well-formed: a body, header or parameter has the wrong form. Correct it and send it again.",
        )),
        "authentication-failed" => Some((
            "Falta um token de acesso válido. Peça um em POST /v3/auth/token e envie-o em Authorization: Bearer.",
            "A valid access token is missing. Ask for one at POST /v3/auth/token and send it as Authorization: Bearer.",
        )),
        "forbidden" => Some((
            "O token é válido, mas não permite esta operação ou pertence ao outro ambiente.",
            "The token is valid, but it does not allow this operation or belongs to the other environment.",
        )),
        "not-found" => Some((
            "O recurso não existe ou é de outro parceiro, ou o caminho não faz parte da API.",
            "The resource does not exist or is another partner's, or the path is not part of the API.",
        )),
        "conflict" => Some((
            "O estado atual do recurso não permite a operação. O campo code diz o que impede.",
            "The resource's present state does not allow the operation. The field code says what stands in the way.",
        )),
        "validation-failed" => Some((
            "Há campos ausentes ou incorretos, ou uma regra de negócio recusou os valores. Veja errors e code.",
            "Fields are missing or wrong, or a rule of business refused the values. See errors and code.",
        )),
        "rate-limit-exceeded" => Some((
            "Foram feitas requisições demais. Espere os segundos indicados em Retry-After.",
            "Too many requests were made. Wait for the seconds that Retry-After names.",
        )),
        "internal" => Some((
            "O servidor falhou ou está indisponível. Tente de novo; com uma chave de idempotência, repetir é seguro.",
            "The server failed or is unavailable. Try again; with an idempotency key, repeating is safe.",
        )),
        _unknown => None,
    }
}
