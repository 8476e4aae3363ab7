//! Codes about callers: tokens, credentials and permissions.

use super::row::{CUSTOMERS, Row, TOKEN, bilingual, whole};

pub(super) const INVALID_SCOPE: Row = Row {
    meaning: bilingual(
        "O scope pedido não é um que a credencial tenha.",
        "The credential does not have the requested scope.",
    ),
    resolve: bilingual(
        "Peça o token sem scope, ou com o da credencial.",
        "Request the token without a scope, or with the credential's scope.",
    ),
    sample: whole(TOKEN, "the credential holds the scope partner"),
};

pub(super) const UNSUPPORTED_GRANT_TYPE: Row = Row {
    meaning: bilingual(
        "O endpoint de token aceita apenas grant_type=client_credentials.",
        "The token endpoint accepts only grant_type=client_credentials.",
    ),
    resolve: bilingual(
        "Envie grant_type=client_credentials com o client_id e o client_secret.",
        "Send grant_type=client_credentials with the client_id and the client_secret.",
    ),
    sample: whole(TOKEN, "grant_type must be client_credentials"),
};

pub(super) const MISSING_TOKEN: Row = Row {
    meaning: bilingual("A requisição não tem token de acesso.", "The request has no access token."),
    resolve: bilingual(
        "Peça um token em POST /v3/auth/token e envie Authorization: Bearer dinie_at_…",
        "Get a token from POST /v3/auth/token and send Authorization: Bearer dinie_at_…",
    ),
    sample: whole(CUSTOMERS, "send an access token: Authorization: Bearer dinie_at_…"),
};

pub(super) const INVALID_TOKEN: Row = Row {
    meaning: bilingual(
        "O token está malformado, é desconhecido, ou a credencial dele foi revogada.",
        "The token is malformed or unknown, or its credential was revoked.",
    ),
    resolve: bilingual(
        "Peça um novo token com uma credencial ativa.",
        "Get a new token with an active credential.",
    ),
    sample: whole(CUSTOMERS, "the access token is malformed, unknown or revoked"),
};

pub(super) const TOKEN_EXPIRED: Row = Row {
    meaning: bilingual(
        "O prazo do token acabou. Um token vale uma hora.",
        "The token has expired. A token is valid for one hour.",
    ),
    resolve: bilingual(
        "Peça um novo token e repita a requisição.",
        "Get a new token and repeat the request.",
    ),
    sample: whole(CUSTOMERS, "the access token's time is over"),
};

pub(super) const INVALID_CLIENT: Row = Row {
    meaning: bilingual(
        "O client_id ou o client_secret está errado, ou a credencial foi revogada ou expirou.",
        "The client_id or the client_secret is wrong, or the credential was revoked or has expired.",
    ),
    resolve: bilingual(
        "Confira a credencial. O segredo só aparece quando ela é criada: se ele se perdeu, crie outra.",
        "Check the credential. Its secret is shown only when it is created: if it is lost, create another one.",
    ),
    sample: whole(TOKEN, "the client id or its secret is wrong, or the credential has ended"),
};

pub(super) const INVALID_CODE: Row = Row {
    meaning: bilingual(
        "O código de uso único é desconhecido, já foi usado, ou o prazo dele acabou.",
        "The single-use code is unknown, already used, or expired.",
    ),
    resolve: bilingual(
        "Abra uma nova sessão, ou peça um novo código na página de assinatura.",
        "Open a new session, or request a new code on the signing page.",
    ),
    sample: whole(
        "POST /api/v3/biometrics/session-exchange",
        "the code is unknown, has been used, or its time is over",
    ),
};

pub(super) const FORBIDDEN: Row = Row {
    meaning: bilingual(
        "O token é válido, mas não permite esta operação, ou pertence ao outro ambiente.",
        "The token is valid, but it does not allow this operation or belongs to the other environment.",
    ),
    resolve: bilingual(
        "Use uma credencial com o escopo necessário, criada neste ambiente (test na sandbox, live em produção).",
        "Use a credential that has the scope and was created in this environment (test in the sandbox, live in production).",
    ),
    sample: whole(CUSTOMERS, "this token may not do this"),
};

pub(super) const CREDENTIAL_ALREADY_REVOKED: Row = Row {
    meaning: bilingual(
        "A credencial já foi revogada ou expirou.",
        "The credential is already revoked or has expired.",
    ),
    resolve: bilingual("Nada a fazer: ela não funciona mais.", "There is nothing to do: it no longer works."),
    sample: whole(
        "DELETE /v3/auth/credentials/dinie_ci_test_019bc1a1b0c07a33c4d5e6f708192a3b",
        "the credential has been revoked or has expired",
    ),
};

pub(super) const CREDENTIAL_REVOKED: Row = Row {
    meaning: bilingual(
        "A credencial já foi revogada ou expirou. É o nome deste erro em /api/v3.",
        "The credential is already revoked or has expired. This is the error's name at /api/v3.",
    ),
    resolve: bilingual("Nada a fazer: ela não funciona mais.", "There is nothing to do: it no longer works."),
    sample: whole(
        "DELETE /api/v3/auth/credentials/dinie_ci_test_019bc1a1b0c07a33c4d5e6f708192a3b",
        "the credential has been revoked or has expired",
    ),
};
