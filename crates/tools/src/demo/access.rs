//! Which sandbox the demo calls.

/// Where the demo calls, and as whom.
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
