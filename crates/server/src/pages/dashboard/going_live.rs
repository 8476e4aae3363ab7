//! The list "going to production": the checks of its guide that the dashboard has seen done.
//!
//! The guide has further items that nobody but the team can judge. Its file names each check that can be seen.

use app::partners::EndpointHealth;
use app::production::{self, OverdueLoans};
use app::request_log::Habit;
use app::webhooks;
use app::webhooks::deliveries::DeliveryFilter;
use app::webhooks::events::{self, EventFilter};
use app::{Cursor, Failed, ListRefused, Tx};
use domain::credential::{Credential, CredentialState};
use domain::customer::CustomerEvent;
use domain::event::EventKind;
use domain::id::{EndpointId, PartnerId};
use domain::loan::LoanEventKind;
use domain::offer::OfferEvent;
use domain::page::Limit;
use domain::time::{RealTime, Span, Timestamp};
use domain::webhook::delivery::DeliveryStateKind;
use domain::webhook::endpoint::EndpointState;

use crate::pages::texts::Texts;

/// Most endpoints whose deliveries are looked at.
const MOST_ENDPOINTS: usize = 5;

/// The events of which every integration needs a screen.
const UNHAPPY: [EventKind; 4] = [
    EventKind::Customer(CustomerEvent::Denied),
    EventKind::Offer(OfferEvent::Expired),
    EventKind::Loan(LoanEventKind::Cancelled),
    EventKind::Loan(LoanEventKind::Error),
];

/// An item of the list.
pub(super) struct Check {
    pub(super) label: &'static str,
    pub(super) is_done: bool,
}

/// A check that is done, as the database shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    RotatedSecret,
    Delivered,
    AnsweredFast,
    CorrectedKyc,
    MetUnhappyPaths,
}

/// What the database says about the checks.
pub(super) struct Seen {
    done: Vec<Done>,
    /// The overdue loans, of which the request log says whether a program has read them.
    pub(super) overdue: OverdueLoans,
}

/// What the request log says about the checks.
pub(super) struct Called {
    pub(super) habits: Vec<Habit>,
    /// Whether a program has read an overdue loan.
    pub(super) has_read_overdue: bool,
}

/// Reads what the checks need beside the facts of the first page.
pub(super) fn read(
    tx: &mut Tx<'_>, partner: PartnerId, real: RealTime, now: Timestamp, kept_since: RealTime,
) -> Result<Seen, Failed<ListRefused>> {
    let endpoints = webhooks::list(tx, partner, &Cursor::first(Limit::MOST))?;
    let (mut has_delivered, mut is_fast) = (false, false);
    for endpoint in endpoints.items.iter().take(MOST_ENDPOINTS) {
        has_delivered = has_delivered || delivered(tx, partner, endpoint.id, kept_since)?;
        is_fast = is_fast || production::is_fast(tx, partner, endpoint.id, real)?;
    }
    let mut has_unhappy = true;
    for kind in UNHAPPY {
        has_unhappy = has_unhappy && happened(tx, partner, kind, kept_since)?;
    }
    let has_rotated_secret = endpoints.items.iter().any(|endpoint| endpoint.secrets.previous.is_some());
    let seen = [
        (Done::RotatedSecret, has_rotated_secret),
        (Done::Delivered, has_delivered),
        (Done::AnsweredFast, is_fast),
        (Done::CorrectedKyc, production::has_corrected_kyc(tx, partner, kept_since)?),
        (Done::MetUnhappyPaths, has_unhappy),
    ];
    let done = seen.into_iter().filter(|(_, is_done)| *is_done).map(|(done, _)| done).collect();
    Ok(Seen { done, overdue: production::overdue_loans(tx, partner, now, kept_since)? })
}

fn delivered(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, kept_since: RealTime,
) -> Result<bool, Failed<ListRefused>> {
    let state = Some(DeliveryStateKind::Delivered);
    let filter = DeliveryFilter { state, event_type: None, made: Span::default() };
    let page = webhooks::deliveries(tx, partner, endpoint, &filter, &Cursor::first(Limit::ONE), kept_since)?;
    Ok(!page.items.is_empty())
}

fn happened(
    tx: &mut Tx<'_>, partner: PartnerId, kind: EventKind, kept_since: RealTime,
) -> Result<bool, Failed<ListRefused>> {
    let filter = EventFilter { kind: Some(kind), excluded_kinds: Vec::new(), happened: Span::default() };
    let page = events::list(tx, partner, &filter, &Cursor::first(Limit::ONE), kept_since)?;
    Ok(!page.items.is_empty())
}

/// The list, in the order of the guide.
pub(super) fn checks(
    keys: &[Credential], endpoints: &[EndpointHealth], called: &Called, seen: &Seen, now: RealTime,
    t: &'static Texts,
) -> Vec<Check> {
    let habits = &called.habits;
    let is_done = |done: Done| seen.done.contains(&done);
    let g = &t.going_live;
    let is_used = |key: &&Credential| key.last_used_at.is_some();
    let is_active = |key: &&Credential| key.state_at(now) == CredentialState::Active;
    let ended_after_use = keys.iter().any(|key| is_used(&key) && !is_active(&key));
    let active_in_use = keys.iter().any(|key| is_used(&key) && is_active(&key));
    let is_https = |endpoint: &EndpointHealth| {
        endpoint.state == EndpointState::Active && endpoint.address.starts_with("https://")
    };
    let all = [
        (g.credential_used, keys.iter().any(|key| is_used(&key))),
        (g.credential_rotated, ended_after_use && active_in_use),
        (g.token_reused, habits.contains(&Habit::ReusesTokens)),
        (g.idempotency_key_used, habits.contains(&Habit::SendsKeys)),
        (g.idempotent_replay_seen, habits.contains(&Habit::RepeatsWrites)),
        (g.webhook_endpoint_https, endpoints.iter().any(is_https)),
        (g.webhook_delivered, is_done(Done::Delivered)),
        (g.webhook_fast, is_done(Done::AnsweredFast)),
        (g.webhook_secret_rotated, is_done(Done::RotatedSecret)),
        (g.webhook_recovered, habits.contains(&Habit::RecoversEvents)),
        (g.kyc_corrected, is_done(Done::CorrectedKyc)),
        (g.unhappy_paths_seen, is_done(Done::MetUnhappyPaths)),
        (g.overdue_seen, seen.overdue.has_late_payment || called.has_read_overdue),
    ];
    all.into_iter().map(|(label, is_done)| Check { label, is_done }).collect()
}
