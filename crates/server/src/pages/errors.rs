//! Explains problem types and codes to a person who follows a problem's link.

mod table;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use wire::problem::Code;

use self::table::{Bilingual, Row};
use super::answer::{message, page};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    environment: &'static str,
    slugs: Vec<&'static str>,
}

/// Shows the environment and the types of problems.
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
    about: Bilingual,
    codes: Vec<Explained>,
}

/// A code with its row of the table.
struct Explained {
    code: Code,
    row: Row,
    sample: String,
}

impl Explained {
    fn new(code: Code) -> Self {
        let row = table::row(code);
        Self { code, sample: row.sample.body(code), row }
    }
}

/// The English texts of a code: its meaning, its remedy, and the field and the detail of its sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InEnglish {
    /// The meaning of the code.
    pub(crate) meaning: &'static str,
    /// The caller's remedy.
    pub(crate) resolve: &'static str,
    /// The field at fault, if there is one.
    pub(crate) param: Option<&'static str>,
    /// The detail of the server's answer.
    pub(crate) detail: &'static str,
}

/// A code's row of the table, for the OpenAPI documents.
pub(crate) fn in_english(code: Code) -> InEnglish {
    let Row { meaning, resolve, sample } = table::row(code);
    InEnglish {
        meaning: meaning.english,
        resolve: resolve.english,
        param: sample.param,
        detail: sample.detail,
    }
}

/// Shows a problem type with its codes. The address of a code redirects to its place on the page of its type.
pub(super) async fn show(Path(name): Path<String>) -> Response {
    if let Some(about) = explanation(&name) {
        let codes = Code::ALL.iter().filter(|code| code.slug() == name).map(|code| Explained::new(*code));
        return page(StatusCode::OK, &ErrorPage { slug: &name, about, codes: codes.collect() });
    }
    if let Some(code) = Code::ALL.iter().find(|code| code.name() == name) {
        return Redirect::temporary(&format!("/errors/{}#{}", code.slug(), code.name())).into_response();
    }
    message(
        StatusCode::NOT_FOUND,
        "Página inexistente",
        "Não há um tipo nem um código de erro com este nome.",
        "There is no error type and no error code with this name.",
    )
}

/// The meaning of a problem type.
fn explanation(slug: &str) -> Option<Bilingual> {
    let (portuguese, english) = match slug {
        "invalid-request" => (
            "A requisição não está bem formada: corpo, cabeçalho ou parâmetro fora do formato. Corrija e envie de novo.",
            "The request is not well-formed: a body, header or parameter has the wrong form. Correct it and send it again.",
        ),
        "authentication-failed" => (
            "Falta um token de acesso válido. Peça um em POST /v3/auth/token e envie-o em Authorization: Bearer.",
            "A valid access token is missing. Request one at POST /v3/auth/token and send it as Authorization: Bearer.",
        ),
        "forbidden" => (
            "O token é válido, mas não permite esta operação ou pertence ao outro ambiente.",
            "The token is valid, but it does not allow this operation or belongs to the other environment.",
        ),
        "not-found" => (
            "O recurso não existe ou é de outro parceiro, ou o caminho não faz parte da API.",
            "The resource does not exist or belongs to another partner, or the path is not part of the API.",
        ),
        "conflict" => (
            "O estado atual do recurso não permite a operação. O campo code diz o que impede.",
            "The resource's present state does not allow the operation. The field code gives the reason.",
        ),
        "validation-failed" => (
            "Há campos ausentes ou incorretos, ou uma regra de negócio recusou os valores. Veja errors e code.",
            "Fields are missing or wrong, or a business rule refused the values. See errors and code.",
        ),
        "rate-limit-exceeded" => (
            "Foram feitas requisições demais. Espere os segundos indicados em Retry-After.",
            "Too many requests were made. Wait for the seconds that Retry-After names.",
        ),
        "internal" => (
            "O servidor falhou ou está indisponível. Tente de novo; com uma chave de idempotência, repetir é seguro.",
            "The server failed or is unavailable. Try again; with an idempotency key, repeating is safe.",
        ),
        _unknown => return None,
    };
    Some(Bilingual { portuguese, english })
}
