//! The links that answers carry to the server's own pages.

use domain::loan::LinkToken;

/// Where this server is reached by people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    public_url: String,
}

impl Links {
    /// Wraps the server's public URL, without a slash at its end.
    pub fn new(public_url: &str) -> Self {
        Self { public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The page on which a loan is signed.
    pub fn signing(&self, token: &LinkToken) -> String {
        format!("{}/sign/{}", self.public_url, token.expose())
    }

    /// Whether people reach the server over TLS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The page of a customer's hosted session.
    pub fn biometrics(&self, code: &str) -> String {
        format!("{}/biometrics?code={code}", self.public_url)
    }
}
