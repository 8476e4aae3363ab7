//! Makes new values before a script is queued: ids, sealed values and keyed hashes.
//!
//! An engine may have only one writing thread. Values that need no row are made here, on the caller's thread, and the
//! script only writes them.

use std::cell::RefCell;
use std::sync::Arc;

use domain::cause::Cause;
use domain::id::{PartnerId, ResourceId};
use domain::time::Moment;

use crate::db::error::StoreError;
use crate::db::shared::Shared;
use crate::db::tx::Tx;
use crate::random::Random;
use crate::seal::{DataKeys, Keyring};

/// Makes new values. A transaction makes them for any partner, a desk only for its own partner.
pub trait Sealer {
    /// Random bytes fit for secrets.
    fn random<const N: usize>(&mut self) -> [u8; N];

    /// The keyed hashes for the look-up of personal data.
    fn keys(&self) -> &Keyring;

    /// The keys that seal a partner's data; `NotFound` if the desk belongs to another partner.
    fn keys_of(&mut self, partner: PartnerId) -> Result<DataKeys, StoreError>;

    /// The number of the next event of the transaction.
    fn next_place(&mut self) -> u16;

    /// What causes the change.
    fn cause(&self) -> &Cause;

    /// A new id.
    fn id<I: ResourceId>(&mut self, now: impl Moment) -> I {
        I::new(now, self.random())
    }

    /// Seals a partner's personal data. `context` names the row, so a sealed value cannot be moved to another row.
    fn sealed(&mut self, partner: PartnerId, context: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let keys = self.keys_of(partner)?;
        Ok(keys.seal(self.random(), context, plain))
    }
}

impl Sealer for Tx<'_> {
    fn random<const N: usize>(&mut self) -> [u8; N] {
        self.random_bytes()
    }

    fn keys(&self) -> &Keyring {
        self.keyring()
    }

    fn keys_of(&mut self, partner: PartnerId) -> Result<DataKeys, StoreError> {
        crate::data_keys::to_seal(self, partner)
    }

    fn next_place(&mut self) -> u16 {
        self.next_event_place()
    }

    fn cause(&self) -> &Cause {
        self.cause()
    }
}

/// Makes new values of one partner without a transaction. One script writes all of them, or none.
pub struct Desk {
    shared: Arc<Shared>,
    partner: PartnerId,
    sealing: DataKeys,
    places: u16,
    cause: Cause,
}

impl Desk {
    pub(crate) fn new(shared: Arc<Shared>, partner: PartnerId, sealing: DataKeys) -> Self {
        Self { shared, partner, sealing, places: 0, cause: crate::db::cause::present() }
    }
}

impl Sealer for Desk {
    fn random<const N: usize>(&mut self) -> [u8; N] {
        thread_local! {
            static RANDOM: RefCell<Random> = RefCell::new(Random::open());
        }
        RANDOM.with_borrow_mut(Random::bytes)
    }

    fn keys(&self) -> &Keyring {
        &self.shared.keyring
    }

    fn keys_of(&mut self, partner: PartnerId) -> Result<DataKeys, StoreError> {
        if partner == self.partner { Ok(self.sealing.clone()) } else { Err(StoreError::NotFound) }
    }

    fn next_place(&mut self) -> u16 {
        let place = self.places;
        self.places = (place + 1).min(crate::db::tx::MOST_ORDERED);
        place
    }

    fn cause(&self) -> &Cause {
        &self.cause
    }
}
