//! The audit trail.

use serde::Serialize;
use utoipa::ToSchema;

use crate::text_scalar::Timestamp;

/// One call that an operator made, or a call whose operator token was refused. Entries are never changed or removed.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Position in the trail, counted from 1 without gaps. Pass the last one you have seen as `starting_after`.
    #[schema(minimum = 1, example = 4711)]
    pub number: i64,
    /// Time of the server's answer.
    pub at: Timestamp,
    /// The operator whose token made the call. Null if a refused token belongs to nobody.
    #[schema(required, pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub operator_id: Option<String>,
    /// HTTP method and path of the call, without the query.
    #[schema(example = "POST /operator/v1/loans/ln_0190f3b4c5d67e8f90a1b2c3d4e5f607/payments")]
    pub operation: String,
    /// HTTP status of the answer.
    #[schema(minimum = 200, maximum = 599, example = 201)]
    pub status: u16,
    /// Id of the request, as in its `x-request-id` header.
    #[schema(min_length = 1, max_length = 128, example = "req_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub request_id: String,
    /// The address that the call came from; null if it is not known.
    #[schema(required, example = "203.0.113.7")]
    pub address: Option<String>,
    /// The name of the browser or program that made the call, at most 200 characters; null without one.
    #[schema(required, max_length = 200, example = "Mozilla/5.0 (X11; Linux x86_64)")]
    pub user_agent: Option<String>,
    /// The change of the state of the resource in the operation's path; null if it did not change.
    #[schema(required)]
    pub change: Option<AuditedChange>,
    /// SHA-256 of the operation and its body, in hexadecimal, if the call changed something. If a token was refused, a
    /// keyed hash of the token. Otherwise empty.
    #[schema(
        pattern = "^([0-9a-f]{64})?$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    pub fingerprint: String,
    /// HMAC-SHA-256 over the previous entry's hash and this entry, in hexadecimal. It chains the trail together.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        example = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"
    )]
    pub hash: String,
}

/// The state of a resource before and after a call.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditedChange {
    /// The state before.
    #[schema(example = "signed")]
    pub before: String,
    /// The state after.
    #[schema(example = "disbursing")]
    pub after: String,
}

/// The result of a check of the whole trail.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditProof {
    /// Whether every entry follows from the one before.
    #[schema(example = true)]
    pub whole: bool,
    /// Number of the first entry that is missing or was changed; null if there is none.
    #[schema(required, example = 4711)]
    pub broken_at: Option<i64>,
    /// Number of entries that the head names.
    #[schema(example = 184_233)]
    pub entries: i64,
    /// The head of the trail, as `dinie audit head` prints it.
    #[schema(example = "184233:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub head: String,
}
