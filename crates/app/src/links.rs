//! Links to the server's own pages.

use domain::id::EndpointId;
use domain::loan::LinkToken;
use domain::tagged::Tagged;

/// The address at which people reach this server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    public_url: String,
}

impl Links {
    /// Wraps the server's public URL, without a slash at its end.
    pub fn new(public_url: &str) -> Self {
        Self { public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The server's public URL, without a slash at its end.
    pub fn base(&self) -> &str {
        &self.public_url
    }

    /// The page on which a signer signs a loan's contract.
    pub fn signing(&self, token: &LinkToken) -> String {
        format!("{}{}", self.signing_page(), token.expose())
    }

    /// The URL of every signing page, up to the token.
    pub fn signing_page(&self) -> String {
        format!("{}/sign/", self.public_url)
    }

    /// The page on which a borrower pays.
    pub fn payment(&self, token: Tagged) -> String {
        format!("{}/pay/{token}", self.public_url)
    }

    /// The location of a Pix charge, without the scheme, as a BR Code needs it.
    pub fn pix_location(&self, charge: Tagged) -> String {
        let host = self.public_url.split_once("://").map_or(&*self.public_url, |(_, host)| host);
        format!("{host}/pix/{charge}")
    }

    /// The page on which a borrower confirms another account.
    pub fn account_change(&self, token: &str) -> String {
        format!("{}/account/{token}", self.public_url)
    }

    /// The page that signs a person in to the console once.
    pub fn console_entry(&self, secret: &str) -> String {
        format!("{}/sign-in/link/{secret}", self.public_url)
    }

    /// The dashboard's page of a webhook endpoint.
    pub fn endpoint_page(&self, endpoint: EndpointId) -> String {
        format!("{}/dashboard/webhooks/{endpoint}", self.public_url)
    }

    /// The page on which a person confirms the login of a program.
    pub fn program_login(&self, code: &str) -> String {
        format!("{}/dashboard/connect/{code}", self.public_url)
    }

    /// The page to which the lender's provider answers.
    pub fn provider_return(&self) -> String {
        format!("{}/sign-in/sso/return", self.public_url)
    }

    /// The sandbox's page of e-mails.
    pub fn mailbox(&self) -> String {
        format!("{}/sandbox/mailbox", self.public_url)
    }

    /// Whether people reach the server over HTTPS.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The page of a customer's hosted session.
    pub fn biometrics(&self, code: &str) -> String {
        format!("{}/biometrics?code={code}", self.public_url)
    }
}
