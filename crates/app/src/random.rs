//! Random text, made of the random bytes of a transaction.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::Tx;

/// Text of random characters that is safe in a link: base64url of `N` bytes.
pub(crate) fn text<const N: usize>(tx: &mut Tx<'_>) -> String {
    URL_SAFE_NO_PAD.encode(tx.random_bytes::<N>())
}

/// Text of random letters and digits: hex of `N` bytes.
pub(crate) fn hex<const N: usize>(tx: &mut Tx<'_>) -> String {
    store::seal::hex(&tx.random_bytes::<N>())
}

/// A code of six digits.
pub(crate) fn code(tx: &mut Tx<'_>) -> String {
    // The remainder of a number below 2³² favours some of the million codes by one part in four thousand.
    format!("{:06}", u32::from_be_bytes(tx.random_bytes()) % 1_000_000)
}
