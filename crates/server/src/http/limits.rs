//! How often callers may call: per credential, per client id and address at the token endpoint, and per address on
//! pages that change something.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use domain::credential::ClientId;
use domain::time::Timestamp;
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use wire::problem::{Code, Problem};

use super::problem::Rejection;
use crate::clock::Clock;
use crate::config::RateLimits;

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, Ticks, StateInformationMiddleware>;

/// The limits of one process.
pub struct Limits {
    requests: Keyed<ClientId>,
    token_clients: Keyed<String>,
    token_addresses: Keyed<IpAddr>,
    page_addresses: Keyed<IpAddr>,
    clock: Ticks,
}

/// What a caller has left.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    limit: u32,
    remaining: u32,
    reset: i64,
}

impl Limits {
    /// Limits that are all unused, which fill up again as `clock` runs.
    pub fn new(limits: RateLimits, clock: &Clock) -> Self {
        let clock = Ticks(clock.clone());
        let tokens = quota(limits.tokens_per_minute, Duration::from_secs(60));
        Self {
            requests: keyed(quota(limits.requests_per_10s, Duration::from_secs(10)), &clock),
            token_clients: keyed(tokens, &clock),
            token_addresses: keyed(tokens, &clock),
            page_addresses: keyed(quota(limits.page_posts_per_minute, Duration::from_secs(60)), &clock),
            clock,
        }
    }

    /// Counts a request of a credential.
    pub fn request(&self, client: ClientId, now: Timestamp) -> Result<Allowance, (Allowance, Rejection)> {
        match self.requests.check_key(&client) {
            Ok(state) => Ok(Allowance::of(state.quota(), state.remaining_burst_capacity(), now)),
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Err((Allowance::of(not_until.quota(), 0, now), too_many(wait)))
            }
        }
    }

    /// Counts a request for a token.
    pub fn token(&self, client: Option<&str>, address: Option<IpAddr>) -> Result<(), Rejection> {
        if let Some(address) = address
            && let Err(not_until) = self.token_addresses.check_key(&address)
        {
            return Err(too_many(not_until.wait_time_from(self.clock.now())));
        }
        if let Some(client) = client
            && let Err(not_until) = self.token_clients.check_key(&client.to_owned())
        {
            return Err(too_many(not_until.wait_time_from(self.clock.now())));
        }
        Ok(())
    }

    /// Counts a form that a page sends: a code asked for or tried.
    pub fn page(&self, address: Option<IpAddr>) -> Result<(), Rejection> {
        let Some(address) = address else { return Ok(()) };
        let checked = self.page_addresses.check_key(&address);
        checked.map(drop).map_err(|not_until| too_many(not_until.wait_time_from(self.clock.now())))
    }

    /// Forgets callers whose allowance is whole again.
    pub fn forget_idle(&self) {
        self.requests.retain_recent();
        self.token_clients.retain_recent();
        self.token_addresses.retain_recent();
        self.page_addresses.retain_recent();
    }
}

/// The server's clock as the rate limiter reads it, so that a test's limits fill up only as the test moves its clock.
#[derive(Debug, Clone)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.running()
    }
}

fn keyed<K: std::hash::Hash + Eq + Clone>(quota: Quota, clock: &Ticks) -> Keyed<K> {
    RateLimiter::dashmap_with_clock(quota, clock.clone()).with_middleware()
}

/// `count` at once, and as many again over `period`.
fn quota(count: u32, period: Duration) -> Quota {
    let burst = NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN);
    let each = period / burst.get();
    let steady = Quota::with_period(each.max(Duration::from_nanos(1)));
    steady.unwrap_or(Quota::per_second(NonZeroU32::MIN)).allow_burst(burst)
}

fn too_many(wait: Duration) -> Rejection {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Problem::new(Code::RateLimitExceeded, "too many requests; see Retry-After")
        .retry_after(seconds.max(1))
        .into()
}

impl Allowance {
    fn of(quota: Quota, remaining: u32, now: Timestamp) -> Self {
        let limit = quota.burst_size().get();
        let until_whole = quota.replenish_interval() * (limit - remaining.min(limit));
        let reset = now.plus(until_whole).seconds() + i64::from(until_whole.subsec_nanos() > 0);
        Self { limit, remaining, reset }
    }

    /// Writes the allowance on an answer.
    pub fn told_on(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        // With the request's id, the date and the length: one allocation for all of them.
        headers.reserve(8);
        for (name, value) in [
            ("x-ratelimit-limit", HeaderValue::from(self.limit)),
            ("x-ratelimit-remaining", HeaderValue::from(self.remaining)),
            ("x-ratelimit-reset", HeaderValue::from(self.reset)),
        ] {
            headers.insert(HeaderName::from_static(name), value);
        }
        response
    }
}
