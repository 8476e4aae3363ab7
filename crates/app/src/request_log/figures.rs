//! The figures of a partner's calls of a day, and what its programs are seen to do in a week.

use std::time::Duration;

use domain::id::PartnerId;
use domain::time::RealTime;
use store::request_log::{Brief, MOST_RECENT, recent};
use store::{StoreError, Tx};

use crate::percentile::percentile;

/// The time of the figures.
const DAY: Duration = Duration::from_hours(24);
/// The time of the habits.
const WEEK: Duration = Duration::from_hours(168);
/// Fewest calls for each token of a program that uses its tokens again.
const CALLS_OF_TOKEN: usize = 10;

/// The figures of a day, and the habits of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figures {
    /// The number of calls of the day.
    pub calls: usize,
    /// Whether there were more, of which only the newest are counted.
    pub has_more: bool,
    /// The number of calls that were refused or failed.
    pub refused: usize,
    /// The time in which 95 of 100 calls were answered; `None` without calls.
    pub p95: Option<Duration>,
    /// The habits of the partner's programs.
    pub habits: Vec<Habit>,
}

/// A habit of a partner's programs, as their calls of a week show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Each token was used for at least ten calls.
    ReusesTokens,
    /// Each write had an idempotency key.
    SendsKeys,
    /// A write was repeated with its key.
    RepeatsWrites,
    /// Deliveries were recovered, or the list of events was read.
    RecoversEvents,
}

/// The figures of a partner at the moment `now`.
pub fn figures(tx: &mut Tx<'_>, partner: PartnerId, now: RealTime) -> Result<Figures, StoreError> {
    let week = recent(tx, partner, now.minus(WEEK))?;
    Ok(of(&week, now.minus(DAY)))
}

fn of(week: &[Brief], day: RealTime) -> Figures {
    let today: Vec<&Brief> = week.iter().filter(|call| call.at >= day).collect();
    let mut times: Vec<Duration> = today.iter().map(|call| call.took).collect();
    times.sort_unstable();
    Figures {
        calls: today.len(),
        has_more: today.len() >= MOST_RECENT,
        refused: today.iter().filter(|call| call.status >= 400).count(),
        p95: percentile(&times, 95),
        habits: habits(week),
    }
}

fn habits(week: &[Brief]) -> Vec<Habit> {
    let is_token = |call: &&Brief| call.route.ends_with("/auth/token");
    let tokens = week.iter().filter(is_token).count();
    let is_write = |call: &&Brief| {
        !is_token(call) && call.status < 400 && matches!(call.method.as_str(), "POST" | "PATCH")
    };
    let mut writes = week.iter().filter(is_write).peekable();
    let is_recovery = |call: &Brief| {
        let is_list = call.method == "GET" && call.route.ends_with("/events");
        call.status < 400 && (is_list || call.route.ends_with("/recover"))
    };
    let seen = [
        (Habit::ReusesTokens, tokens > 0 && week.len() - tokens >= tokens * CALLS_OF_TOKEN),
        (Habit::SendsKeys, writes.peek().is_some() && writes.all(|call| call.has_key)),
        (Habit::RepeatsWrites, week.iter().any(|call| call.is_replayed)),
        (Habit::RecoversEvents, week.iter().any(is_recovery)),
    ];
    seen.into_iter().filter(|(_, is_seen)| *is_seen).map(|(habit, _)| habit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(route: &str, millis: u64) -> Brief {
        Brief {
            at: RealTime::from_seconds(1_790_000_000),
            method: "POST".to_owned(),
            route: route.to_owned(),
            status: 201,
            took: Duration::from_millis(millis),
            has_key: true,
            is_replayed: false,
        }
    }

    #[test]
    fn ninety_five_of_a_hundred_calls_are_not_slower_than_the_figure() {
        let day = RealTime::from_seconds(1_789_990_000);
        let hundred: Vec<Brief> = (1..=100).map(|millis| call("/v3/loans", millis)).collect();
        assert_eq!(of(&hundred, day).p95, Some(Duration::from_millis(95)));
        assert_eq!(of(&hundred[..1], day).p95, Some(Duration::from_millis(1)));
        assert_eq!(of(&[], day).p95, None);
        let later = RealTime::from_seconds(1_790_000_001);
        assert_eq!((of(&hundred, later).calls, of(&hundred, day).calls), (0, 100));
    }

    #[test]
    fn habits_are_seen_in_the_calls() {
        let token = Brief { has_key: false, ..call("/v3/auth/token", 1) };
        let mut calls = vec![token.clone()];
        calls.extend((0..9).map(|_| call("/v3/loans", 1)));
        assert_eq!(habits(&calls), [Habit::SendsKeys]);
        calls.push(Brief { method: "GET".to_owned(), has_key: false, ..call("/v3/events", 1) });
        calls.push(Brief { is_replayed: true, ..call("/v3/loans", 1) });
        let all = [Habit::ReusesTokens, Habit::SendsKeys, Habit::RepeatsWrites, Habit::RecoversEvents];
        assert_eq!(habits(&calls), all);
        calls.push(Brief { has_key: false, ..call("/v3/customers", 1) });
        assert!(!habits(&calls).contains(&Habit::SendsKeys));
        assert_eq!(habits(&[]), []);
    }
}
