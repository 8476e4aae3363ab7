//! The one place that reads the system's clock. Everything else takes `now` as an argument.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::id::PartnerId;
use domain::time::Timestamp;

/// Where `now` comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's clock.
    System,
    /// The system's clock and an offset that only grows, so that tests can let months pass.
    Moved(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that can be moved and now shows `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        Self::Moved(Arc::new(AtomicI64::new(start.micros() - real_now().micros())))
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        let real = real_now();
        match self {
            Self::System => real,
            Self::Moved(offset) => Timestamp::from_micros(real.micros() + offset.load(Ordering::SeqCst)),
        }
    }

    /// Moves a movable clock ahead; the system's stays where it is.
    pub fn advance(&self, by: Duration) {
        if let Self::Moved(offset) = self {
            offset.fetch_add(i64::try_from(by.as_micros()).unwrap_or(0), Ordering::SeqCst);
        }
    }
}

/// The real time, for what leaves the machine: webhook headers carry it whatever the clock says.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
pub fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// How far the partners' clocks are ahead, as it was read a moment ago; another node may have moved one since.
#[derive(Debug, Default)]
pub struct PartnerClocks(RwLock<Ahead>);

#[derive(Debug, Default)]
struct Ahead {
    offsets: HashMap<PartnerId, Duration>,
    read_at: Option<Instant>,
}

impl PartnerClocks {
    /// A moved clock shows on every node within a second.
    const FRESH: Duration = Duration::from_millis(800);

    /// Whether what was read may be out of date.
    pub fn is_stale(&self) -> bool {
        let read_at = self.0.read().unwrap_or_else(PoisonError::into_inner).read_at;
        read_at.is_none_or(|read_at| read_at.elapsed() >= Self::FRESH)
    }

    /// Takes what was read.
    pub fn take(&self, offsets: HashMap<PartnerId, Duration>) {
        let ahead = Ahead { offsets, read_at: Some(Instant::now()) };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = ahead;
    }

    /// The partner's time at the real moment `real`.
    pub fn at(&self, partner: PartnerId, real: Timestamp) -> Timestamp {
        let ahead = self.0.read().unwrap_or_else(PoisonError::into_inner);
        ahead.offsets.get(&partner).map_or(real, |offset| real.plus(*offset))
    }
}
