//! Whether the components of this server work, and when they did not. `/status` shows both.
//!
//! A node knows only what it has seen itself since its start.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::database::Schema;
use app::{Store, StoreError};
use domain::time::RealTime;

use crate::clock::Clock;

/// A component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// The database takes writes.
    Database,
    /// No damage of the database is known.
    Integrity,
    /// Events leave without waiting.
    Webhooks,
}

/// A time in which a component did not work, as far as this node saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// The component.
    pub component: Component,
    /// The first look that found it.
    pub began: RealTime,
    /// The first look that found it over.
    pub ended: Option<RealTime>,
}

/// Most incidents that a node remembers.
const MOST_INCIDENTS: usize = 20;
/// More waiting events than this are a delay. The fan-out takes them in steps of some hundreds.
const MANY_EVENTS: i64 = 1_000;

/// The components of a node, as it has seen them.
#[derive(Default)]
pub struct Components {
    readiness: Readiness,
    /// The newest is first.
    incidents: Mutex<VecDeque<Incident>>,
}

impl Components {
    fn known(&self) -> MutexGuard<'_, VecDeque<Incident>> {
        self.incidents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks whether the database takes writes, and whether it is whole. Returns its schema; an error if it accepts no
    /// write.
    pub async fn look(&self, store: &Store, clock: &Clock) -> Result<Schema, StoreError> {
        let schema = self.readiness.schema(store, clock).await;
        let is_whole = store.damage().is_none();
        let takes_writes =
            is_whole && schema.as_ref().is_ok_and(|schema| store.tree().serves(*schema).is_ok());
        self.note(clock.now(), Component::Database, takes_writes);
        self.note(clock.now(), Component::Integrity, is_whole);
        schema
    }

    /// Notes the events that wait for the fan-out.
    pub fn note_waiting(&self, now: RealTime, waiting: i64) {
        self.note(now, Component::Webhooks, waiting <= MANY_EVENTS);
    }

    /// Notes whether a component works. An incident begins with the first look that says no, and ends with the first
    /// that says yes.
    pub fn note(&self, now: RealTime, component: Component, works: bool) {
        let mut incidents = self.known();
        let open = incidents.iter_mut().find(|one| one.component == component && one.ended.is_none());
        match (open, works) {
            (Some(open), true) => open.ended = Some(now),
            (None, false) => {
                incidents.truncate(MOST_INCIDENTS - 1);
                incidents.push_front(Incident { component, began: now, ended: None });
            }
            (Some(_), false) | (None, true) => {}
        }
    }

    /// Whether a component works, by the last look.
    pub fn works(&self, component: Component) -> bool {
        !self.known().iter().any(|one| one.component == component && one.ended.is_none())
    }

    /// The incidents since the start, the newest first.
    pub fn incidents(&self) -> Vec<Incident> {
        self.known().iter().copied().collect()
    }
}

/// Whether the database accepts writes, at most [`Readiness::FRESH`] ago.
#[derive(Default)]
struct Readiness {
    /// The last outcome, and [`Clock::running`] at that time. Probes that arrive meanwhile wait for it.
    known: tokio::sync::Mutex<Option<(Result<Schema, StoreError>, Duration)>>,
}

impl Readiness {
    /// Callers without a token can probe, so not every probe queries the database.
    const FRESH: Duration = Duration::from_secs(1);

    /// The database's schema; an error if the database accepts no write.
    async fn schema(&self, store: &Store, clock: &Clock) -> Result<Schema, StoreError> {
        let mut known = self.known.lock().await;
        if let Some((outcome, at)) = &*known
            && clock.running().saturating_sub(*at) < Self::FRESH
        {
            return outcome.clone();
        }
        let now = clock.now();
        let outcome = store.write(move |tx| app::database::prove_write(tx, now)).await;
        *known = Some((outcome.clone(), clock.running()));
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incident_lasts_from_the_first_bad_look_to_the_first_good_one() {
        let at = |seconds: i64| RealTime::from_micros(seconds * 1_000_000);
        let components = Components::default();
        for (second, works) in [(0, true), (5, false), (10, false), (15, true), (20, true), (25, false)] {
            components.note(at(second), Component::Database, works);
        }
        let incident = |began, ended: Option<i64>| Incident {
            component: Component::Database,
            began: at(began),
            ended: ended.map(at),
        };
        assert_eq!(components.incidents(), [incident(25, None), incident(5, Some(15))]);
        assert!(!components.works(Component::Database) && components.works(Component::Webhooks));
        components.note_waiting(at(30), 1_001);
        assert!(!components.works(Component::Webhooks));
        components.note_waiting(at(35), 1_000);
        assert!(components.works(Component::Webhooks));
        for second in 0..100 {
            components.note(at(100 + second), Component::Integrity, second % 2 == 1);
        }
        assert_eq!(components.incidents().len(), MOST_INCIDENTS);
    }
}
