//! Which sandbox the demo calls.

/// The server that the demo calls, and its credential.
pub struct Access {
    /// The server's URL.
    pub url: String,
    /// The credential's client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// An operator's token, for what operators do.
    pub operator_token: Option<String>,
}
