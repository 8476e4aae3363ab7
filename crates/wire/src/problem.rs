//! Problems (RFC 9457): one table of code, status, slug and title, and the body that every error has.

use serde::Serialize;
use utoipa::ToSchema;

use crate::SERIALIZES;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $slug:literal, $title:literal;)*) => {
        /// Code of the error, for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the table's order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as text, in bodies.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// The last part of the problem's type URI.
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            /// The problem's title.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }
        }
    };
}

codes! {
    /// The body is not what its content type says.
    MalformedBody = "malformed_body", 400, "invalid-request", "Invalid Request";
    /// The operation does not accept this content type.
    InvalidContentType = "invalid_content_type", 400, "invalid-request", "Invalid Request";
    /// The upload has no file.
    MissingFile = "missing_file", 400, "invalid-request", "Invalid Request";
    /// A query parameter is wrong.
    InvalidParameter = "invalid_parameter", 400, "invalid-request", "Invalid Request";
    /// `starting_after` names no resource of this kind that belongs to the caller.
    InvalidCursor = "invalid_cursor", 400, "invalid-request", "Invalid Request";
    /// The idempotency key is not well-formed.
    InvalidIdempotencyKey = "invalid_idempotency_key", 400, "invalid-request", "Invalid Request";
    /// The request is wrong as a whole.
    InvalidRequest = "invalid_request", 400, "invalid-request", "Invalid Request";
    /// The token endpoint knows only `client_credentials`.
    UnsupportedGrantType = "unsupported_grant_type", 400, "invalid-request", "Invalid Request";
    /// The credential does not have the requested scope.
    InvalidScope = "invalid_scope", 400, "invalid-request", "Invalid Request";
    /// There is no bearer token.
    MissingToken = "missing_token", 401, "authentication-failed", "Authentication Failed";
    /// The token is malformed, unknown or revoked.
    InvalidToken = "invalid_token", 401, "authentication-failed", "Authentication Failed";
    /// The token has expired.
    TokenExpired = "token_expired", 401, "authentication-failed", "Authentication Failed";
    /// The client id or its secret is wrong.
    InvalidClient = "invalid_client", 401, "authentication-failed", "Authentication Failed";
    /// The single-use code is unknown, used or expired.
    InvalidCode = "invalid_code", 401, "authentication-failed", "Authentication Failed";
    /// The token may not do this.
    Forbidden = "forbidden", 403, "forbidden", "Forbidden";
    /// The caller has no such resource.
    ResourceNotFound = "resource_not_found", 404, "not-found", "Not Found";
    /// No such path.
    RouteNotFound = "route_not_found", 404, "not-found", "Not Found";
    /// The path does not accept this method.
    MethodNotAllowed = "method_not_allowed", 405, "invalid-request", "Method Not Allowed";
    /// The CPF is registered with other identifiers.
    CustomerAlreadyExists = "customer_already_exists", 409, "conflict", "Conflict";
    /// A loan has already accepted the offer.
    OfferAlreadyAccepted = "offer_already_accepted", 409, "conflict", "Conflict";
    /// A hosted session is open.
    SessionAlreadyActive = "session_already_active", 409, "conflict", "Conflict";
    /// The credential is already revoked.
    CredentialAlreadyRevoked = "credential_already_revoked", 409, "conflict", "Conflict";
    /// The first request with this key is still running.
    IdempotencyInProgress = "idempotency_in_progress", 409, "conflict", "Conflict";
    /// The resource's state does not allow it.
    InvalidState = "invalid_state", 409, "conflict", "Conflict";
    /// The credential is already revoked: the code for the client libraries.
    CredentialRevoked = "credential_revoked", 410, "conflict", "Gone";
    /// The body is too large.
    PayloadTooLarge = "payload_too_large", 413, "invalid-request", "Content Too Large";
    /// The body is compressed.
    UnsupportedContentEncoding = "unsupported_content_encoding", 415, "invalid-request", "Unsupported Media Type";
    /// A required field is missing.
    MissingRequiredField = "missing_required_field", 422, "validation-failed", "Validation Failed";
    /// A field has the wrong type or form.
    InvalidFormat = "invalid_format", 422, "validation-failed", "Validation Failed";
    /// The value is not a CPF.
    InvalidCpf = "invalid_cpf", 422, "validation-failed", "Validation Failed";
    /// The value is not a CNPJ.
    InvalidCnpj = "invalid_cnpj", 422, "validation-failed", "Validation Failed";
    /// The field cannot be changed.
    ImmutableField = "immutable_field", 422, "validation-failed", "Validation Failed";
    /// The customer has not passed KYC.
    KycIncomplete = "kyc_incomplete", 422, "validation-failed", "Validation Failed";
    /// The offer's validity has passed.
    OfferExpired = "offer_expired", 422, "validation-failed", "Validation Failed";
    /// The figures are not those of the offer's newest simulation.
    SimulationMismatch = "simulation_mismatch", 422, "validation-failed", "Validation Failed";
    /// The simulation's validity has passed.
    SimulationExpired = "simulation_expired", 422, "validation-failed", "Validation Failed";
    /// The amount is outside the offer.
    AmountOutOfRange = "amount_out_of_range", 422, "validation-failed", "Validation Failed";
    /// The number of installments is outside the offer.
    InstallmentsOutOfRange = "installments_out_of_range", 422, "validation-failed", "Validation Failed";
    /// No contract can state the price: the total effective cost is more than 100,000 % a year.
    Unpriceable = "unpriceable", 422, "validation-failed", "Validation Failed";
    /// The payment exceeds the amount owed by more than the limit, and nobody has confirmed it.
    OverpaymentNotConfirmed = "overpayment_not_confirmed", 422, "validation-failed", "Validation Failed";
    /// The customer's KYC does not require this document.
    InvalidDocumentType = "invalid_document_type", 422, "validation-failed", "Validation Failed";
    /// `biometrics` is done in a hosted session and cannot be uploaded.
    DoneInSession = "done_in_session", 422, "validation-failed", "Validation Failed";
    /// The file is neither PDF nor JPEG nor PNG.
    UnsupportedFileType = "unsupported_file_type", 422, "validation-failed", "Validation Failed";
    /// The evidence does not fit the requirement.
    InvalidEvidence = "invalid_evidence", 422, "validation-failed", "Validation Failed";
    /// The value is neither an event nor a pattern.
    InvalidEvent = "invalid_event", 422, "validation-failed", "Validation Failed";
    /// The URL may not be called.
    InvalidUrl = "invalid_url", 422, "validation-failed", "Validation Failed";
    /// The key was used for another request.
    IdempotencyKeyMismatch = "idempotency_key_mismatch", 422, "validation-failed", "Validation Failed";
    /// Too many requests.
    RateLimitExceeded = "rate_limit_exceeded", 429, "rate-limit-exceeded", "Too Many Requests";
    /// The server failed.
    InternalError = "internal_error", 500, "internal", "Internal Server Error";
    /// The server cannot serve now.
    Unavailable = "unavailable", 503, "internal", "Service Unavailable";
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field's path: `bank_account.number`.
    pub param: String,
    /// Description of the fault, for people.
    pub detail: String,
    /// Code of the fault, for programs.
    pub code: Code,
}

impl FieldError {
    /// A wrong field.
    pub fn new(param: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self { param: param.into(), detail: detail.into(), code }
    }
}

/// An error to answer with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Code of the error, for programs.
    pub code: Code,
    /// Description of the error, for people.
    pub detail: String,
    /// Every wrong field.
    pub errors: Vec<FieldError>,
    /// Seconds to wait before a retry.
    pub retry_after_s: Option<u64>,
    /// Whether the token endpoint answers with it. Then the body also has the fields of RFC 6749.
    pub oauth: bool,
}

impl Problem {
    /// A problem without fields.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new(), retry_after_s: None, oauth: false }
    }

    /// A refusal because of the state of a resource.
    pub fn invalid_state(detail: impl Into<String>) -> Self {
        Self::new(Code::InvalidState, detail)
    }

    /// A problem with one field.
    pub fn of_field(param: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self::of_fields(vec![FieldError::new(param, code, detail)])
    }

    /// A problem with the wrong fields. It takes the code of the first one.
    pub fn of_fields(errors: Vec<FieldError>) -> Self {
        let code = errors.first().map_or(Code::InvalidFormat, |error| error.code);
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", only.param, only.detail),
            several => format!("{} fields are wrong; see errors", several.len()),
        };
        Self { errors, ..Self::new(code, detail) }
    }

    /// The caller has no such resource.
    pub fn not_found() -> Self {
        Self::new(Code::ResourceNotFound, "no such resource, or it is not yours")
    }

    /// Adds the seconds to wait before a retry.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// Marks the problem as an answer of the token endpoint.
    #[must_use]
    pub fn as_oauth(self) -> Self {
        Self { oauth: true, ..self }
    }

    /// The body's bytes for one request.
    pub fn body(&self, place: &ProblemPlace<'_>) -> Vec<u8> {
        serde_json::to_vec(&self.at(place)).expect(SERIALIZES)
    }

    /// The body for one request.
    pub fn at(&self, place: &ProblemPlace<'_>) -> ProblemBody {
        let param = match self.errors.as_slice() {
            [only] => Some(only.param.clone()),
            _none_or_several => None,
        };
        let field = |error: &FieldError| ProblemField {
            param: error.param.clone(),
            detail: error.detail.clone(),
            code: error.code.name(),
        };
        ProblemBody {
            r#type: format!("{}/{}", place.type_base, self.code.slug()),
            title: self.code.title(),
            status: self.code.status(),
            detail: self.detail.clone(),
            instance: place.instance.to_owned(),
            code: self.code.name(),
            request_id: place.request_id.to_owned(),
            param,
            errors: self.errors.iter().map(field).collect(),
            error: self.oauth.then(|| self.code.name()),
            error_description: self.oauth.then(|| self.detail.clone()),
        }
    }
}

/// The request that a problem answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemPlace<'a> {
    /// Prefix of the generation's type URIs.
    pub type_base: &'a str,
    /// The request's path.
    pub instance: &'a str,
    /// The request's id.
    pub request_id: &'a str,
}

/// A problem (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// The kind of problem; the server's own `/errors/<slug>` page explains it.
    #[schema(example = "https://api.dinie.com.br/errors/validation-failed")]
    r#type: String,
    /// The kind of problem in words.
    #[schema(example = "Validation Failed")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    status: u16,
    /// Description of this error, for people.
    detail: String,
    /// The request's path.
    instance: String,
    /// Code of the error, for programs.
    #[schema(example = "invalid_cpf")]
    code: &'static str,
    /// The request's id, also in `x-request-id`.
    request_id: String,
    /// The wrong field, if there is exactly one.
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<String>,
    /// Every wrong field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ProblemField>,
    /// RFC 6749's error code, at the token endpoint only.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// RFC 6749's error description, at the token endpoint only.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_description: Option<String>,
}

/// One wrong field.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemField {
    /// The field's path.
    #[schema(example = "cpf")]
    param: String,
    /// Description of the fault, for people.
    detail: String,
    /// Code of the fault, for programs.
    #[schema(example = "invalid_cpf")]
    code: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_this() {
        let row = |c: &Code| format!("{} {} {} ({})", c.status(), c.slug(), c.name(), c.title());
        insta::assert_snapshot!(Code::ALL.iter().map(row).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn a_problem_names_its_fields() {
        let place =
            ProblemPlace { type_base: "https://x/errors", instance: "/v3/customers", request_id: "r" };
        let body = |problem: Problem| String::from_utf8(problem.body(&place)).unwrap();
        let one = body(Problem::of_field("cpf", Code::InvalidCpf, "not a CPF"));
        assert!(one.contains(r#""param":"cpf""#) && one.contains(r#""code":"invalid_cpf""#), "{one}");
        let none = body(Problem::not_found());
        assert!(
            !none.contains("param") && !none.contains("errors\"") && !none.contains("error_desc"),
            "{none}"
        );
        let oauth = body(Problem::new(Code::InvalidClient, "no").as_oauth());
        assert!(oauth.contains(r#""error":"invalid_client""#), "{oauth}");
    }
}
