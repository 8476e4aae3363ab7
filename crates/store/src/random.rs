//! The only place that opens the system's random generator.

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// A cryptographic generator seeded by the operating system. Each thread has a separate one.
pub struct Random(StdRng);

impl Random {
    /// Seeds a generator from the operating system.
    ///
    /// # Panics
    ///
    /// If the system has no randomness, because then no secret can be made.
    #[expect(clippy::expect_used, reason = "a system without randomness cannot run this program at all")]
    pub fn open() -> Self {
        Self(StdRng::try_from_rng(&mut rand::rngs::SysRng).expect("the system has randomness"))
    }

    /// The generator, for a library that takes one.
    pub(crate) fn generator(&mut self) -> &mut StdRng {
        &mut self.0
    }

    /// Random bytes fit for secrets.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes[..]);
        bytes
    }
}
