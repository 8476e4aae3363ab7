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
    /// A clock for tests, in microseconds. It does not move until a test moves it, however slow the machine is. Each
    /// reading adds one microsecond: otherwise two changes would share a moment, and lists would have no order.
    Still(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `start` until it is moved.
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
    #[expect(clippy::expect_used, reason = "a test that asks for this is wrong")]
    pub fn advance(&self, by: Duration) {
        if let Self::Still(micros) = self {
            let by = i64::try_from(by.as_micros()).expect("a test moves its clock by years at the most");
            micros.fetch_add(by, Ordering::SeqCst);
        }
    }
}

/// The moment from which this process counts [`Clock::running`].
fn began() -> Instant {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    *BEGAN.get_or_init(Instant::now)
}

/// The real time, for webhook headers: they carry it even if the clock was moved.
#[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
pub fn real_now() -> RealTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    RealTime::from_micros(0).plus(since.expect("the machine's clock stands after 1970"))
}

/// How far the partners' clocks are ahead, as it was read a moment ago; another node may have moved one since.
#[derive(Debug, Default)]
pub struct PartnerClocks(RwLock<Ahead>);

#[derive(Debug, Default)]
struct Ahead {
    offsets: HashMap<PartnerId, Duration>,
    /// [`Clock::running`] when the offsets were read.
    read_at: Option<Duration>,
}

impl PartnerClocks {
    /// A moved clock shows on every node within a second.
    const FRESH: Duration = Duration::from_millis(800);

    /// Whether what was read may be out of date at `running`.
    pub fn is_stale(&self, running: Duration) -> bool {
        let read_at = self.0.read().unwrap_or_else(PoisonError::into_inner).read_at;
        read_at.is_none_or(|read_at| running.saturating_sub(read_at) >= Self::FRESH)
    }

    /// Takes what was read at `running`.
    pub fn take(&self, offsets: HashMap<PartnerId, Duration>, running: Duration) {
        let ahead = Ahead { offsets, read_at: Some(running) };
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = ahead;
    }

    /// The partner's time at the real moment `real`.
    pub fn at(&self, partner: PartnerId, real: RealTime) -> Timestamp {
        let ahead = self.0.read().unwrap_or_else(PoisonError::into_inner);
        ahead.offsets.get(&partner).map_or(real.unmoved(), |offset| real.on_clock(*offset))
    }
}
