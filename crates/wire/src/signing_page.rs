//! The link of an answer to the page on which a signer signs a loan's contract.

use domain::loan::LinkToken;

/// The page on which signers sign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningPage {
    url: String,
}

impl SigningPage {
    /// Wraps the URL of every signing page, up to the link's token.
    pub fn new(url: String) -> Self {
        Self { url }
    }

    /// The page of a link.
    pub(crate) fn of(&self, token: &LinkToken) -> String {
        format!("{}{}", self.url, token.expose())
    }
}
