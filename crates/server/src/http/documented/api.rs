//! The APIs that have a document.

/// The APIs that have a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    /// The reference generation at `/v3`.
    Reference,
    /// The generation of the client libraries at `/api/v3`.
    Sdk,
    /// The operators' API.
    Operator,
    /// The sandbox's own API.
    Sandbox,
}
