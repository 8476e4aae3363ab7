//! A partner's webhook endpoint and its state machine: active ⇄ disabled (by the partner, by failure, gone).

use std::time::Duration;

use super::pattern::Pattern;
use super::retry::{DISABLE_AFTER, WARN_AFTER};
use super::signature::Secret;
use crate::change::Change;
use crate::closed::{Changed, closed};
use crate::id::{EndpointId, PartnerId};
use crate::machine::{Illegal, Transition};
use crate::spelled;
use crate::time::{RealTime, Timestamp};

/// The generation of the API that an endpoint uses: the one that created it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Generation {
    /// The public reference, `/v3`.
    Reference,
    /// The client libraries, `/api/v3`.
    Sdk,
}

spelled!(Generation { Reference = "reference", Sdk = "sdk" });

closed! {
    /// A webhook endpoint. Only its commands change it.
    pub struct Endpoint(EndpointRecord);
}

/// The fields of a webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointRecord {
    /// The endpoint's id.
    pub id: EndpointId,
    /// The owner.
    pub partner: PartnerId,
    /// The generation that it uses.
    pub generation: Generation,
    /// The URL for deliveries.
    pub url: String,
    /// The events to which it subscribes.
    pub patterns: Vec<Pattern>,
    /// The partner's note.
    pub description: Option<String>,
    /// The state of its machine.
    pub state: EndpointState,
    /// The secrets that sign deliveries.
    pub secrets: Secrets,
    /// The beginning of the present series of failed attempts.
    pub failing_since: Option<RealTime>,
    /// When the partner's team was told of this series.
    pub warned_at: Option<RealTime>,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

/// The values of a new endpoint.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    /// The endpoint's id.
    pub id: EndpointId,
    /// The partner.
    pub partner: PartnerId,
    /// The generation that it uses.
    pub generation: Generation,
    /// The URL for deliveries.
    pub url: String,
    /// The events to which it subscribes.
    pub patterns: Vec<Pattern>,
    /// The partner's note.
    pub description: Option<String>,
    /// The secret that signs deliveries.
    pub secret: Secret,
}

/// A change of an endpoint; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct EndpointUpdate {
    /// A new URL, already checked.
    pub url: Option<String>,
    /// A new list of patterns.
    pub patterns: Option<Vec<Pattern>>,
    /// A new note, or its removal.
    pub description: Change<String>,
    /// An input that enables or disables it.
    pub switch: Option<EndpointInput>,
}

impl Endpoint {
    /// A new endpoint, active at once.
    pub fn create(new: NewEndpoint, now: Timestamp) -> Changed<Self> {
        let NewEndpoint { id, partner, generation, url, patterns, description, secret } = new;
        let endpoint = Self(EndpointRecord {
            id,
            partner,
            generation,
            url,
            patterns,
            description,
            state: EndpointState::Active,
            secrets: Secrets { current: secret, previous: None },
            failing_since: None,
            warned_at: None,
            created_at: now,
            updated_at: now,
        });
        Changed::silent(endpoint)
    }

    /// Changes the endpoint. An endpoint that is enabled again no longer counts as failing.
    pub fn update(mut self, update: &EndpointUpdate, now: Timestamp) -> Result<Changed<Self>, Illegal> {
        if let Some(url) = &update.url {
            self.0.url.clone_from(url);
        }
        if let Some(patterns) = &update.patterns {
            self.0.patterns.clone_from(patterns);
        }
        update.description.apply(&mut self.0.description);
        if let Some(input) = update.switch {
            let next = self.state.step(input)?.next;
            if next == EndpointState::Active && self.state != EndpointState::Active {
                self.0.failing_since = None;
                self.0.warned_at = None;
            }
            self.0.state = next;
        }
        self.0.updated_at = now;
        Ok(Changed::silent(self))
    }

    /// Gives the endpoint a new secret. The present one continues to sign for `grace`.
    pub fn rotate_secret(mut self, next: Secret, grace: Duration, real: RealTime) -> Changed<Self> {
        self.0.secrets.rotate(next, real.plus(grace));
        self.0.updated_at = real.unmoved();
        Changed::silent(self)
    }
}

/// The result of an attempt, for the health of its endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptOutcome {
    /// The endpoint accepted the delivery.
    Accepted,
    /// The attempt failed.
    Failed,
    /// The endpoint answered 410.
    Gone,
}

closed! {
    /// The health of an endpoint. Only the results of attempts change it.
    #[derive(Copy)]
    pub struct Health(HealthRecord);
}

/// The fields of an endpoint's health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthRecord {
    /// The endpoint's state.
    pub state: EndpointState,
    /// The beginning of the present series of failed attempts.
    pub failing_since: Option<RealTime>,
    /// When the partner's team was told of this series: at the first failed attempt [`WARN_AFTER`] its beginning.
    pub warned_at: Option<RealTime>,
}

impl Health {
    /// The health after the results of some attempts, in their order.
    pub fn after(self, outcomes: impl IntoIterator<Item = AttemptOutcome>, now: RealTime) -> Changed<Self> {
        let health = outcomes.into_iter().fold(self, |health, outcome| health.after_one(outcome, now));
        Changed::silent(health)
    }

    fn after_one(mut self, outcome: AttemptOutcome, now: RealTime) -> Self {
        let input = match (outcome, self.failing_since) {
            (AttemptOutcome::Accepted, _) => {
                self.0.failing_since = None;
                self.0.warned_at = None;
                return self;
            }
            (AttemptOutcome::Failed, None) => {
                self.0.failing_since = Some(now);
                return self;
            }
            (AttemptOutcome::Failed, Some(since)) if now.since(since) < DISABLE_AFTER => {
                if self.warned_at.is_none() && now.since(since) >= WARN_AFTER {
                    self.0.warned_at = Some(now);
                }
                return self;
            }
            (AttemptOutcome::Failed, Some(_)) => EndpointInput::KeptFailing,
            (AttemptOutcome::Gone, _) => EndpointInput::WentAway,
        };
        // If the endpoint is disabled already, it stays as it is.
        if let Ok(disabled) = self.state.step(input) {
            self.0.state = disabled.next;
        }
        self
    }
}

/// The present secret and, during its grace period, the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// The secret with which receivers verify new deliveries.
    pub current: Secret,
    /// The replaced secret and the end of its grace period.
    pub previous: Option<(Secret, RealTime)>,
}

impl Secrets {
    /// The secrets that sign at `now`, the current one first.
    pub fn live(&self, now: RealTime) -> Vec<&Secret> {
        let previous = self.previous.as_ref().filter(|(_, end)| now < *end).map(|(secret, _)| secret);
        std::iter::once(&self.current).chain(previous).collect()
    }

    /// Replaces the present secret by `next`; it continues to sign until `expires`. An older secret is dropped even
    /// within its grace period, so at most two secrets sign.
    pub fn rotate(&mut self, next: Secret, expires: RealTime) {
        let old = std::mem::replace(&mut self.current, next);
        self.previous = Some((old, expires));
    }
}

/// The state of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointState {
    /// Deliveries are sent.
    Active,
    /// Deliveries wait.
    Disabled(DisabledBy),
}

/// The reason why an endpoint is disabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisabledBy {
    /// The partner asked for it.
    Partner,
    /// Every attempt failed for five days.
    Failure,
    /// The endpoint answered 410.
    Gone,
}

/// The inputs of an endpoint's state machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointInput {
    /// The partner enables it.
    Enable,
    /// The partner disables it.
    Disable,
    /// Every attempt failed for five days.
    KeptFailing,
    /// The endpoint answered 410.
    WentAway,
}

/// Endpoints have no domain events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EndpointEvent {}

spelled!(EndpointState {
    Active = "active",
    Disabled(DisabledBy::Partner) = "disabled_by_partner",
    Disabled(DisabledBy::Failure) = "disabled_by_failure",
    Disabled(DisabledBy::Gone) = "disabled_gone",
});

impl EndpointState {
    /// Takes one step of the machine. The partner may enable an active endpoint or disable a disabled one, because a
    /// repeated PATCH must have the same result.
    pub fn step(self, input: EndpointInput) -> Result<Transition<Self, EndpointEvent>, Illegal> {
        use EndpointInput as Input;
        let disabled = |by| Ok(Transition::silent(Self::Disabled(by)));
        match self {
            Self::Active => match input {
                Input::Enable => Ok(Transition::silent(Self::Active)),
                Input::Disable => disabled(DisabledBy::Partner),
                Input::KeptFailing => disabled(DisabledBy::Failure),
                Input::WentAway => disabled(DisabledBy::Gone),
            },
            Self::Disabled(_) => match input {
                Input::Enable => Ok(Transition::silent(Self::Active)),
                Input::Disable => disabled(DisabledBy::Partner),
                Input::KeptFailing => {
                    Err(Illegal { machine: "webhook endpoint", state: self.name(), input: "kept_failing" })
                }
                Input::WentAway => {
                    Err(Illegal { machine: "webhook endpoint", state: self.name(), input: "went_away" })
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_endpoint_machine_is_this_matrix() {
        use {EndpointInput as I, EndpointState as S};
        let disabled = [DisabledBy::Partner, DisabledBy::Failure, DisabledBy::Gone].map(S::Disabled);
        let states: Vec<S> = std::iter::once(S::Active).chain(disabled).collect();
        let inputs = [I::Enable, I::Disable, I::KeptFailing, I::WentAway];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, |s, i| s.step(*i)));
    }

    #[test]
    fn a_team_is_told_once_of_a_series_of_failures_that_lasts_a_quarter_of_an_hour() {
        let at = |minutes: i64| RealTime::from_micros(minutes * 60_000_000);
        let new = HealthRecord { state: EndpointState::Active, failing_since: None, warned_at: None };
        let after = |health: Health, outcome, minutes| health.after([outcome], at(minutes)).into_value();
        let mut health = Health::restored(new);
        for (outcome, minutes, warned) in [
            (AttemptOutcome::Failed, 0, None),
            (AttemptOutcome::Failed, 14, None),
            (AttemptOutcome::Failed, 15, Some(15)),
            (AttemptOutcome::Failed, 40, Some(15)),
            (AttemptOutcome::Accepted, 41, None),
            (AttemptOutcome::Failed, 42, None),
            (AttemptOutcome::Failed, 57, Some(57)),
        ] {
            health = after(health, outcome, minutes);
            assert_eq!(health.warned_at, warned.map(at), "after {minutes} minutes");
        }
    }

    #[test]
    fn two_secrets_sign_during_the_grace_period_and_never_three() {
        let at = RealTime::from_seconds;
        let mut secrets = Secrets { current: Secret::new([1; 32]), previous: None };
        secrets.rotate(Secret::new([2; 32]), at(100));
        assert_eq!(secrets.live(at(99)), [&Secret::new([2; 32]), &Secret::new([1; 32])]);
        assert_eq!(secrets.live(at(100)), [&Secret::new([2; 32])]);
        secrets.rotate(Secret::new([3; 32]), at(200));
        assert_eq!(secrets.live(at(99)), [&Secret::new([3; 32]), &Secret::new([2; 32])]);
    }
}
