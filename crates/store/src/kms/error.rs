//! The reasons why a key in a service cannot be used.

use std::path::PathBuf;
use std::time::Duration;

/// The reason why a key in a token cannot be used. It never has a PIN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KmsError {
    /// The library cannot be loaded or does not start.
    #[error("the module {0} cannot be used: {1}")]
    Module(PathBuf, String),
    /// No token has the name.
    #[error("there is no token {token:?}; the module {module} shows {shown}")]
    NoToken {
        /// The name that was looked for.
        token: String,
        /// The library.
        module: PathBuf,
        /// The tokens that are there.
        shown: String,
    },
    /// Several tokens have the name, so nobody can tell which one is meant.
    #[error("several tokens are named {0:?}; give each a name of its own")]
    SeveralTokens(String),
    /// The PIN is wrong. A token may lock itself after a few of those, so a process tries each PIN once.
    #[error("the token {0:?} refuses the PIN; this process does not try it again")]
    Pin(String),
    /// The token takes no PIN any more.
    #[error("the PIN of the token {0:?} is locked; its security officer can set a new one")]
    Locked(String),
    /// No key has the name.
    #[error("the token {token:?} has no key {key:?}; `dinie keys make-token-key` makes it")]
    NoKey {
        /// The name that was looked for.
        key: String,
        /// The token.
        token: String,
    },
    /// Several keys have the name.
    #[error("several secret keys are named {0:?}; give each a name of its own")]
    SeveralKeys(String),
    /// A key to be made is there.
    #[error("the token has a key {0:?} already; choose another name")]
    Exists(String),
    /// The key cannot serve as a master key.
    #[error("the key {0:?} cannot be a master key: {1}")]
    Unfit(String, &'static str),
    /// Another key has taken the name since this process opened it.
    #[error("the key {0:?} is another one than when this process began")]
    OtherKey(String),
    /// The module is at work and does not answer.
    #[error("the key's token does not answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// The token works, but refuses these bytes: they were encrypted by another key or under another name, or changed.
    #[error("the token refuses: {0}")]
    Refused(String),
    /// The module reports a failure.
    #[error("the key's token cannot be used now: {0}")]
    Failed(String),
}
