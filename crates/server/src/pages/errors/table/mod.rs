//! The meaning, the remedy and a sample of each code. A new code needs a row here.

mod callers;
mod fields;
mod requests;
mod row;
mod states;

use wire::problem::Code;

pub(super) use self::row::{Bilingual, Row};

/// The row of a code.
pub(super) const fn row(code: Code) -> Row {
    match code {
        Code::MalformedBody => requests::MALFORMED_BODY,
        Code::InvalidContentType => requests::INVALID_CONTENT_TYPE,
        Code::InvalidScope => callers::INVALID_SCOPE,
        Code::UnsupportedContentEncoding => requests::UNSUPPORTED_CONTENT_ENCODING,
        Code::MissingFile => fields::MISSING_FILE,
        Code::InvalidParameter => requests::INVALID_PARAMETER,
        Code::InvalidCursor => requests::INVALID_CURSOR,
        Code::InvalidIdempotencyKey => requests::INVALID_IDEMPOTENCY_KEY,
        Code::InvalidRequest => requests::INVALID_REQUEST,
        Code::UnsupportedGrantType => callers::UNSUPPORTED_GRANT_TYPE,
        Code::MissingToken => callers::MISSING_TOKEN,
        Code::InvalidToken => callers::INVALID_TOKEN,
        Code::TokenExpired => callers::TOKEN_EXPIRED,
        Code::InvalidClient => callers::INVALID_CLIENT,
        Code::InvalidCode => callers::INVALID_CODE,
        Code::Forbidden => callers::FORBIDDEN,
        Code::ResourceNotFound => states::RESOURCE_NOT_FOUND,
        Code::RouteNotFound => requests::ROUTE_NOT_FOUND,
        Code::MethodNotAllowed => requests::METHOD_NOT_ALLOWED,
        Code::CustomerAlreadyExists => states::CUSTOMER_ALREADY_EXISTS,
        Code::OfferAlreadyAccepted => states::OFFER_ALREADY_ACCEPTED,
        Code::SessionAlreadyActive => states::SESSION_ALREADY_ACTIVE,
        Code::CredentialAlreadyRevoked => callers::CREDENTIAL_ALREADY_REVOKED,
        Code::IdempotencyInProgress => requests::IDEMPOTENCY_IN_PROGRESS,
        Code::InvalidState => states::INVALID_STATE,
        Code::CredentialRevoked => callers::CREDENTIAL_REVOKED,
        Code::PayloadTooLarge => requests::PAYLOAD_TOO_LARGE,
        Code::MissingRequiredField => fields::MISSING_REQUIRED_FIELD,
        Code::InvalidFormat => fields::INVALID_FORMAT,
        Code::InvalidCpf => fields::INVALID_CPF,
        Code::InvalidCnpj => fields::INVALID_CNPJ,
        Code::ImmutableField => states::IMMUTABLE_FIELD,
        Code::KycIncomplete => states::KYC_INCOMPLETE,
        Code::OfferExpired => states::OFFER_EXPIRED,
        Code::SimulationMismatch => states::SIMULATION_MISMATCH,
        Code::SimulationExpired => states::SIMULATION_EXPIRED,
        Code::AmountOutOfRange => fields::AMOUNT_OUT_OF_RANGE,
        Code::InstallmentsOutOfRange => fields::INSTALLMENTS_OUT_OF_RANGE,
        Code::Unpriceable => fields::UNPRICEABLE,
        Code::OverpaymentNotConfirmed => fields::OVERPAYMENT_NOT_CONFIRMED,
        Code::InvalidDocumentType => fields::INVALID_DOCUMENT_TYPE,
        Code::DoneInSession => fields::DONE_IN_SESSION,
        Code::UnsupportedFileType => fields::UNSUPPORTED_FILE_TYPE,
        Code::InvalidEvidence => fields::INVALID_EVIDENCE,
        Code::InvalidEvent => fields::INVALID_EVENT,
        Code::InvalidUrl => fields::INVALID_URL,
        Code::IdempotencyKeyMismatch => requests::IDEMPOTENCY_KEY_MISMATCH,
        Code::RateLimitExceeded => requests::RATE_LIMIT_EXCEEDED,
        Code::InternalError => requests::INTERNAL_ERROR,
        Code::Unavailable => requests::UNAVAILABLE,
    }
}
