//! The texts that explain problem types and codes. `/docs/errors` and `/errors/{name}` show them, and the OpenAPI
//! documents contain the English ones.

mod table;

use wire::problem::Code;

use self::table::{Bilingual, Row};
use super::texts::Language;

/// The texts of a code in one language, and its sample.
pub(crate) struct CodeTexts {
    /// The meaning of the code.
    pub(crate) meaning: &'static str,
    /// The caller's remedy.
    pub(crate) resolve: &'static str,
    /// Method and path of the sample.
    pub(crate) request: &'static str,
    /// The body of the sample's refusal, indented.
    pub(crate) sample: String,
}

/// The texts of a code.
pub(crate) fn texts_of(code: Code, language: Language) -> CodeTexts {
    let Row { meaning, resolve, sample } = table::row(code);
    CodeTexts {
        meaning: meaning.in_language(language),
        resolve: resolve.in_language(language),
        request: sample.request,
        sample: sample.body(code),
    }
}

impl Bilingual {
    fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Portuguese => self.portuguese,
            Language::English => self.english,
        }
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

/// The meaning of a problem type; `None` if there is no such type.
pub(crate) fn explanation(slug: &str, language: Language) -> Option<&'static str> {
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
    Some(Bilingual { portuguese, english }.in_language(language))
}
