//! The one place of the tools that draws randomness, and hex text of bytes.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

/// A cryptographic generator, seeded by the operating system.
pub(crate) struct Random(StdRng);

impl Random {
    /// Seeds a generator.
    pub(crate) fn open() -> Self {
        Self(
            StdRng::try_from_rng(&mut rand::rngs::SysRng)
                .expect("a system without randomness runs no program"),
        )
    }

    /// Random bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes[..]);
        bytes
    }
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).expect("half a byte is one digit");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// SHA-256 in lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}
