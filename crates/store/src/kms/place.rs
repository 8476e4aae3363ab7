//! Where a key in a token is.

use std::fmt;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// A key in a token: the library that reaches the token, the names of both, and the PIN of the token's user.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPlace {
    /// The PKCS#11 library.
    pub module: PathBuf,
    /// The label of the token.
    pub token: String,
    /// The label of the key.
    pub key: String,
    /// The PIN.
    pub pin: Zeroizing<String>,
}

impl fmt::Debug for TokenPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { module, token, key, pin: _ } = self;
        f.debug_struct("TokenPlace")
            .field("module", module)
            .field("token", token)
            .field("key", key)
            .finish_non_exhaustive()
    }
}
