//! The links that answers carry to the server's own pages.

use crate::loan::LinkToken;
use crate::tagged::Tagged;

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

    /// The page on which a loan is paid back.
    pub fn payment(&self, token: Tagged) -> String {
        format!("{}/pay/{token}", self.public_url)
    }

    /// Where a Pix charge waits, without the scheme: so a code has it.
    pub fn pix_location(&self, charge: Tagged) -> String {
        let host = self.public_url.split_once("://").map_or(&*self.public_url, |(_, host)| host);
        format!("{host}/pix/{charge}")
    }

    /// The page on which a borrower confirms another account.
    pub fn account_change(&self, token: &str) -> String {
        format!("{}/account/{token}", self.public_url)
    }

    /// The sandbox's mailbox.
    pub fn mailbox(&self) -> String {
        format!("{}/sandbox/mailbox", self.public_url)
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
