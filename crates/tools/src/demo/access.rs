//! The sandbox that the demo calls.

/// A server and a credential.
pub struct Access {
    /// The server's URL.
    pub url: String,
    /// The credential's client id.
    pub client_id: String,
    /// The credential's secret.
    pub client_secret: String,
    /// An operator's token, for the calls of operators.
    pub operator_token: Option<String>,
}
