//! Limits on the rate of requests: per credential, per operator, per address at the token endpoint and for pages'
//! forms. Another limit counts wrong secrets.
//!
//! Every key has a fixed size, and every map has a bound. A caller's text is never a key.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use domain::credential::ClientId;
use domain::id::OperatorId;
use domain::time::RealTime;
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{NotUntil, Quota, RateLimiter};
use wire::problem::{Code, Problem};

use super::address::Network;
use super::problem::Rejection;
use crate::clock::Clock;
use crate::config::RateLimits;

/// Most callers in a limit at once. Beyond that the limit starts again. An attacker with so many networks gains the
/// tries of one minute.
const MOST_KEYS: usize = 100_000;
const TEN_SECONDS: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);

/// Most wrong codes of a person's authenticator in an hour, from all addresses. Only somebody who knows the password
/// can try codes. A million codes, three of which work at a time, are then guessed in one of a thousand hours at most. The
/// person is not locked out: recovery codes and passkeys have no such limit, because they cannot be guessed.
const CODES_IN_AN_HOUR: u32 = 30;

/// Most links for a new password that an address asks for in ten minutes. Each may send an e-mail.
const RESETS_IN_TEN_MINUTES: u32 = 10;

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The limits of one process.
pub struct Limits {
    configured: RwLock<RateLimits>,
    requests: Bounded<ClientId>,
    own_requests: OwnLimits,
    operators: Bounded<OperatorId>,
    tokens: Bounded<Network>,
    pages: Bounded<Network>,
    resets: Bounded<Network>,
    failures: Failures<(Claimed, Network)>,
    codes: Failures<OperatorId>,
    clock: Ticks,
}

/// The claimed owner of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claimed {
    /// This client.
    Client(ClientId),
    /// Any operator, because a wrong token names none.
    Operator,
    /// Whoever signs in with this e-mail address, known or not. The number is a part of the address's keyed hash.
    Address(u128),
    /// This person, who has given the right password.
    Person(OperatorId),
}

/// The remaining requests of a caller.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    limit: u32,
    remaining: u32,
    reset: i64,
}

impl Limits {
    /// Unused limits, which refill as `clock` runs.
    pub fn new(limits: RateLimits, clock: &Clock) -> Self {
        let clock = Ticks(clock.clone());
        Self {
            configured: RwLock::new(limits),
            requests: Bounded::new(quota(limits.requests_per_10s, TEN_SECONDS), &clock),
            own_requests: OwnLimits::default(),
            operators: Bounded::new(quota(limits.operator_requests_per_10s, TEN_SECONDS), &clock),
            tokens: Bounded::new(quota(limits.tokens_per_minute, MINUTE), &clock),
            pages: Bounded::new(quota(limits.page_posts_per_minute, MINUTE), &clock),
            resets: Bounded::new(quota(RESETS_IN_TEN_MINUTES, 10 * MINUTE), &clock),
            failures: Failures::new(limits.failures_per_minute, MINUTE),
            codes: Failures::new(CODES_IN_AN_HOUR, 60 * MINUTE),
            clock,
        }
    }

    /// The limits of the configuration.
    pub fn configured(&self) -> RateLimits {
        *self.configured.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes other limits. Callers under a limit that changes begin with a full allowance. Returns whether one differs.
    pub fn replace(&self, limits: RateLimits) -> bool {
        let RateLimits {
            requests_per_10s,
            tokens_per_minute,
            page_posts_per_minute,
            operator_requests_per_10s,
            failures_per_minute,
        } = limits;
        self.requests.replace(quota(requests_per_10s, TEN_SECONDS));
        self.operators.replace(quota(operator_requests_per_10s, TEN_SECONDS));
        self.tokens.replace(quota(tokens_per_minute, MINUTE));
        self.pages.replace(quota(page_posts_per_minute, MINUTE));
        self.failures.most.store(failures_per_minute, Ordering::Relaxed);
        let mut configured = self.configured.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *configured, limits) != limits
    }

    /// Counts a request of a credential. `own` is the limit of its partner, if operators have set one.
    pub fn request(
        &self, client: ClientId, own: Option<u32>, now: RealTime,
    ) -> Result<Allowance, (Allowance, Rejection)> {
        match own.and_then(NonZeroU32::new) {
            Some(most) => self.own_requests.of(most, &self.clock).allowance(&client, now),
            None => self.requests.allowance(&client, now),
        }
    }

    /// Counts a request of an operator.
    pub fn operator(&self, operator: OperatorId, now: RealTime) -> Result<Allowance, (Allowance, Rejection)> {
        self.operators.allowance(&operator, now)
    }

    /// Counts a request for a token.
    pub fn token(&self, address: Option<IpAddr>) -> Result<(), Rejection> {
        address.map_or(Ok(()), |address| self.tokens.count(&address.into()))
    }

    /// Counts a form that a page sends to request or try a code.
    pub fn page(&self, address: Option<IpAddr>) -> Result<(), Rejection> {
        address.map_or(Ok(()), |address| self.pages.count(&address.into()))
    }

    /// Counts a request for a new password.
    pub fn reset(&self, address: Option<IpAddr>) -> Result<(), Rejection> {
        address.map_or(Ok(()), |address| self.resets.count(&address.into()))
    }

    /// Refuses a caller that has sent too many wrong secrets. Other callers with the same client are not affected, so
    /// nobody can lock out another caller.
    pub fn may_try(&self, claimed: Claimed, address: Option<IpAddr>) -> Result<(), Rejection> {
        address.map_or(Ok(()), |address| self.failures.check(&(claimed, address.into()), self.clock.now()))
    }

    /// Counts a wrong secret.
    pub fn failed(&self, claimed: Claimed, address: Option<IpAddr>) {
        if let Some(address) = address {
            self.failures.count((claimed, address.into()), self.clock.now());
        }
    }

    /// Refuses a code of an authenticator after too many wrong ones, from this address or from all.
    pub fn may_give_code(&self, person: OperatorId, address: Option<IpAddr>) -> Result<(), Rejection> {
        self.codes.check(&person, self.clock.now())?;
        self.may_try(Claimed::Person(person), address)
    }

    /// Counts a wrong code of an authenticator.
    pub fn wrong_code(&self, person: OperatorId, address: Option<IpAddr>) {
        self.codes.count(person, self.clock.now());
        self.failed(Claimed::Person(person), address);
    }

    /// Removes callers with a full allowance.
    pub fn forget_idle(&self) {
        self.requests.forget_idle();
        self.own_requests.forget_idle();
        self.operators.forget_idle();
        self.tokens.forget_idle();
        self.pages.forget_idle();
        self.resets.forget_idle();
        self.failures.forget_old(self.clock.now());
        self.codes.forget_old(self.clock.now());
    }
}

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, Ticks, StateInformationMiddleware>;

/// A limit per key, for at most [`MOST_KEYS`] keys.
struct Bounded<K: Hash + Eq + Clone> {
    counted: RwLock<Counted<K>>,
    clock: Ticks,
}

struct Counted<K: Hash + Eq + Clone> {
    quota: Quota,
    keyed: Keyed<K>,
}

impl<K: Hash + Eq + Clone> Bounded<K> {
    fn new(quota: Quota, clock: &Ticks) -> Self {
        let counted = RwLock::new(Counted { quota, keyed: keyed(quota, clock) });
        Self { counted, clock: clock.clone() }
    }

    fn counted(&self) -> RwLockReadGuard<'_, Counted<K>> {
        self.counted.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins again with another quota.
    fn replace(&self, quota: Quota) {
        if self.counted().quota != quota {
            let keyed = keyed(quota, &self.clock);
            *self.counted.write().unwrap_or_else(PoisonError::into_inner) = Counted { quota, keyed };
        }
    }

    /// Counts a request. Returns the remaining requests, or the time until the next one is allowed.
    fn check(&self, key: &K) -> Result<(Quota, u32), (Quota, Duration)> {
        let refused =
            |not_until: NotUntil<_>| (not_until.quota(), not_until.wait_time_from(self.clock.now()));
        let state = {
            let counted = self.counted();
            (counted.keyed.len() < MOST_KEYS).then(|| counted.keyed.check_key(key))
        };
        let state = state.unwrap_or_else(|| self.with_room().keyed.check_key(key)).map_err(refused)?;
        Ok((state.quota(), state.remaining_burst_capacity()))
    }

    /// The limit with room for another key. It removes idle keys, and if that is not enough, it starts again.
    fn with_room(&self) -> RwLockWriteGuard<'_, Counted<K>> {
        let mut room = self.counted.write().unwrap_or_else(PoisonError::into_inner);
        if room.keyed.len() >= MOST_KEYS {
            room.keyed.retain_recent();
        }
        if room.keyed.len() >= MOST_KEYS {
            room.keyed = keyed(room.quota, &self.clock);
        }
        room
    }

    fn count(&self, key: &K) -> Result<(), Rejection> {
        self.check(key).map(drop).map_err(|(_, wait)| too_many(wait))
    }

    fn allowance(&self, key: &K, now: RealTime) -> Result<Allowance, (Allowance, Rejection)> {
        match self.check(key) {
            Ok((quota, remaining)) => Ok(Allowance::of(quota, remaining, now)),
            Err((quota, wait)) => Err((Allowance::of(quota, 0, now), too_many(wait))),
        }
    }

    fn forget_idle(&self) {
        self.counted().keyed.retain_recent();
    }
}

/// The limits on requests that operators have set for partners, by the number of requests in ten seconds. A credential
/// whose limit changes begins with a full allowance.
#[derive(Default)]
struct OwnLimits(RwLock<HashMap<NonZeroU32, Arc<Bounded<ClientId>>>>);

impl OwnLimits {
    fn of(&self, most: NonZeroU32, clock: &Ticks) -> Arc<Bounded<ClientId>> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&most) {
            return Arc::clone(known);
        }
        let mut limits = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Bounded::new(quota(most.get(), TEN_SECONDS), clock));
        Arc::clone(limits.entry(most).or_insert_with(new))
    }

    /// Removes callers with a full allowance, and limits without callers.
    fn forget_idle(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).retain(|_, limit| {
            limit.forget_idle();
            !limit.counted().keyed.is_empty()
        });
    }
}

/// The server's clock for the rate limiter. A test's limits refill only when the test moves its clock.
#[derive(Debug, Clone)]
struct Ticks(Clock);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.running()
    }
}

/// Wrong secrets of a span of time, by key. Unlike the other limits, it counts only wrong secrets. It is checked before
/// the secret is read.
struct Failures<K> {
    most: AtomicU32,
    span: Duration,
    counts: Mutex<HashMap<K, Count>>,
}

struct Count {
    since: Duration,
    failures: u32,
}

impl<K: Hash + Eq> Failures<K> {
    fn new(most: u32, span: Duration) -> Self {
        Self { most: AtomicU32::new(most), span, counts: Mutex::default() }
    }

    fn check(&self, key: &K, now: Duration) -> Result<(), Rejection> {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let most = self.most.load(Ordering::Relaxed);
        let Some(count) = counts.get(key).filter(|count| count.failures >= most) else { return Ok(()) };
        match self.span.checked_sub(now.saturating_sub(count.since)) {
            Some(wait) if !wait.is_zero() => Err(too_many(wait)),
            Some(_) | None => Ok(()),
        }
    }

    fn count(&self, key: K, now: Duration) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST_KEYS && !counts.contains_key(&key) {
            counts.retain(|_, count| self.is_recent(count, now));
            if counts.len() >= MOST_KEYS {
                counts.clear();
            }
        }
        let count = counts.entry(key).or_insert(Count { since: now, failures: 0 });
        if !self.is_recent(count, now) {
            *count = Count { since: now, failures: 0 };
        }
        count.failures = count.failures.saturating_add(1);
    }

    fn forget_old(&self, now: Duration) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.retain(|_, count| self.is_recent(count, now));
    }

    fn is_recent(&self, count: &Count, now: Duration) -> bool {
        now.saturating_sub(count.since) < self.span
    }
}

fn keyed<K: Hash + Eq + Clone>(quota: Quota, clock: &Ticks) -> Keyed<K> {
    RateLimiter::dashmap_with_clock(quota, clock.clone()).with_middleware()
}

/// `count` requests at once, refilled over `period`.
fn quota(count: u32, period: Duration) -> Quota {
    let burst = NonZeroU32::new(count).expect("the configuration refuses a limit of 0");
    let each = period / burst.get();
    let steady = Quota::with_period(each.max(Duration::from_nanos(1)));
    steady.expect("a nanosecond is a period").allow_burst(burst)
}

fn too_many(wait: Duration) -> Rejection {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Problem::new(Code::RateLimitExceeded, "too many requests; see Retry-After")
        .retry_after(seconds.max(1))
        .into()
}

/// The remaining requests of the caller, once they are known. The edge writes them on every answer, also without a
/// handler.
#[derive(Debug, Clone, Default)]
pub struct NotedAllowance(Arc<OnceLock<Allowance>>);

impl NotedAllowance {
    /// Notes the remaining requests.
    pub fn note(&self, allowance: Allowance) {
        // A request is counted once. If it were counted again, the first count would remain.
        let _first_stays = self.0.set(allowance);
    }

    /// Writes the remaining requests on the answer, if the caller is known.
    pub fn write_on(&self, response: &mut Response) {
        let Some(allowance) = self.0.get() else { return };
        let headers = response.headers_mut();
        // Room for these headers, the request's id, the date, the length and the security headers, in one allocation.
        headers.reserve(12);
        headers.insert(LIMIT, HeaderValue::from(allowance.limit));
        headers.insert(REMAINING, HeaderValue::from(allowance.remaining));
        headers.insert(RESET, HeaderValue::from(allowance.reset));
    }
}

impl Allowance {
    fn of(quota: Quota, remaining: u32, now: RealTime) -> Self {
        let limit = quota.burst_size().get();
        let until_whole = quota.replenish_interval() * (limit - remaining.min(limit));
        let reset = now.plus(until_whole).seconds() + i64::from(until_whole.subsec_nanos() > 0);
        Self { limit, remaining, reset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(number: usize) -> Network {
        let number = u128::try_from(number).unwrap();
        Network::from(IpAddr::V6((number << 64).into()))
    }

    #[test]
    fn more_callers_than_the_limit_use_no_more_memory() {
        let clock = Ticks(Clock::starting_at(RealTime::from_seconds(0)));
        let bounded = Bounded::new(quota(1, MINUTE), &clock);
        for number in 0..MOST_KEYS + 1_000 {
            assert!(bounded.check(&network(number)).is_ok());
        }
        assert!(bounded.counted().keyed.len() <= MOST_KEYS);
        assert!(bounded.check(&network(MOST_KEYS + 999)).is_err(), "the newest callers are still counted");
        let failures = Failures::new(1, MINUTE);
        let now = Duration::ZERO;
        for number in 0..MOST_KEYS + 1_000 {
            failures.count((Claimed::Operator, network(number)), now);
        }
        assert!(failures.counts.lock().unwrap().len() <= MOST_KEYS);
        assert!(failures.check(&(Claimed::Operator, network(MOST_KEYS + 999)), now).is_err());
    }

    #[test]
    fn failures_are_forgotten_after_a_minute() {
        let failures = Failures::new(2, MINUTE);
        let (key, other, now) =
            ((Claimed::Operator, network(1)), (Claimed::Operator, network(2)), Duration::ZERO);
        failures.count(key, now);
        assert!(failures.check(&key, now).is_ok());
        failures.count(key, now);
        assert!(failures.check(&key, now).is_err() && failures.check(&other, now).is_ok());
        let later = now + MINUTE;
        assert!(failures.check(&key, later).is_ok());
        failures.count(key, later);
        assert!(failures.check(&key, later).is_ok(), "a new minute begins");
        failures.forget_old(later + MINUTE);
        assert!(failures.counts.lock().unwrap().is_empty());
    }
}
