//! The one place that reads the system's clock. Everything else takes `now` as an argument.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::id::PartnerId;
use domain::time::{RealTime, Timestamp};

/// The source of `now`.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock for tests, in microseconds. It changes only when a test moves it, even on a slow machine. Each reading
    /// adds one microsecond, so that two changes never have the same time and lists have an order.
    Still(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stays at `start` until it is moved.
    pub fn starting_at(start: RealTime) -> Self {
        Self::Still(Arc::new(AtomicI64::new(start.micros())))
    }

    /// The present moment.
    pub fn now(&self) -> RealTime {
        match self {
            Self::System => real_now(),
            Self::Still(micros) => RealTime::from_micros(micros.fetch_add(1, Ordering::SeqCst)),
        }
    }

    /// Time that never goes back, for the age of caches and for rate limits. Only differences have a meaning.
    pub fn running(&self) -> Duration {
        match self {
            Self::System => began().elapsed(),
            Self::Still(micros) => Duration::from_micros(micros.load(Ordering::SeqCst).unsigned_abs()),
        }
    }

    /// Moves a test's clock ahead; the system's clock cannot be moved.
    ///
    /// # Panics
    ///
    /// If `by` is longer than 292,000 years.
    #[expect(clippy::expect_used, reason = "a test with such a duration is wrong")]
    pub fn advance(&self, by: Duration) {
        if let Self::Still(micros) = self {
            let by = i64::try_from(by.as_micros()).expect("a test moves its clock by years at the most");
            micros.fetch_add(by, Ordering::SeqCst);
        }
    }
}

/// The start of [`Clock::running`].
fn began() -> Instant {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    *BEGAN.get_or_init(Instant::now)
}

/// The real time, for everything that leaves the machine. Webhook headers carry it even if a sandbox's clock was
/// moved.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
pub fn real_now() -> RealTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    RealTime::from_micros(0).plus(since.expect("the machine's clock is after 1970"))
}

/// The time by which the partners' clocks are ahead, as it was last read. Another node may have moved a clock since.
#[derive(Debug, Default)]
pub struct PartnerClocks(RwLock<Ahead>);

#[derive(Debug, Default)]
struct Ahead {
    offsets: HashMap<PartnerId, Duration>,
    /// [`Clock::running`] when the offsets were read.
    read_at: Option<Duration>,
}

impl PartnerClocks {
    /// Every node sees a moved clock within a second.
    const FRESH: Duration = Duration::from_millis(800);

    /// Whether the offsets may be out of date at `running`.
    pub fn is_stale(&self, running: Duration) -> bool {
        let read_at = self.0.read().unwrap_or_else(PoisonError::into_inner).read_at;
        read_at.is_none_or(|read_at| running.saturating_sub(read_at) >= Self::FRESH)
    }

    /// Stores the offsets that were read at `running`.
    pub fn take(&self, offsets: HashMap<PartnerId, Duration>, running: Duration) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let noted = std::mem::take(&mut known.offsets);
        *known = Ahead { offsets, read_at: Some(running) };
        // A clock beside a main clock may have been noted after the read. It never goes back.
        for (tenant, offset) in noted.into_iter().filter(|(tenant, _)| tenant.clock().is_some()) {
            let read = known.offsets.entry(tenant).or_default();
            *read = offset.max(*read);
        }
    }

    /// Stores the offset of one clock that was just read. A clock never goes back, so an older offset counts less.
    pub fn note(&self, tenant: PartnerId, offset: Duration) {
        let mut ahead = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let known = ahead.offsets.entry(tenant).or_default();
        *known = offset.max(*known);
    }

    /// Forgets a clock that was deleted.
    pub fn forget(&self, tenant: PartnerId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).offsets.remove(&tenant);
    }

    /// The partner's time at the real moment `real`.
    pub fn at(&self, partner: PartnerId, real: RealTime) -> Timestamp {
        let ahead = self.0.read().unwrap_or_else(PoisonError::into_inner);
        ahead.offsets.get(&partner).map_or(real.unmoved(), |offset| real.on_clock(*offset))
    }
}
