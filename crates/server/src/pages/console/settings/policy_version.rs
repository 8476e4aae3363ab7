//! One uploaded version of the policy: its rules in words, what it would have decided, and its adoption.

use std::collections::HashMap;

use app::credit::policies::{self, AdoptRefused};
use app::people::proposals::{Outcome, ProposeRefused, adopt_policy};
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{FourEyes, Permission};
use domain::credit::policy::comparison::Differing;
use domain::credit::policy::version::{NotAdopted, PolicyVersion};
use domain::id::{CustomerId, OperatorId, PolicyVersionId, ProposalId};

use super::super::proposals;
use super::policy::RulesInWords;
use crate::config::policy;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/settings/policy_version.html")]
struct VersionPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    badge: Badge,
    sha256: String,
    uploaded: Moment,
    uploaded_by: String,
    adopted: Option<(Moment, String)>,
    summary: String,
    more: Vec<String>,
    changes: Vec<ChangeRow>,
    rules: Option<RulesInWords>,
    may_adopt: bool,
    /// Why the person cannot bring it into force; empty if there is nothing to say.
    reason: &'static str,
    /// The page of the proposal that waits for a second person; empty if none does.
    proposal: String,
    /// The consequence of the button.
    about: &'static str,
    button: &'static str,
}

/// An application on which the policies differ.
struct ChangeRow {
    href: String,
    name: String,
    before: &'static str,
    after: &'static str,
    reason: String,
}

impl ChangeRow {
    fn of(change: &Differing, names: &HashMap<CustomerId, String>, t: &'static Texts) -> Self {
        Self {
            href: format!("/console/customers/{}", change.customer),
            name: names.get(&change.customer).cloned().unwrap_or_else(|| t.customer.unnamed.to_owned()),
            before: (t.policy.verdict)(change.before),
            after: (t.policy.verdict)(change.after),
            reason: change.reason.clone(),
        }
    }
}

/// The rows of the page.
struct Found {
    version: PolicyVersion,
    customers: HashMap<CustomerId, String>,
    people: HashMap<OperatorId, String>,
    last: i64,
    proposal: Option<ProposalId>,
}

/// Shows a version.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    page(visit, &id, &headers, StatusCode::OK).await
}

async fn page(visit: Visit, id: &str, headers: &HeaderMap, status: StatusCode) -> Response {
    let Ok(id) = id.parse::<PolicyVersionId>() else { return unknown(headers) };
    let now = visit.state.clock.now();
    let read = move |tx: &mut Tx<'_>| {
        let version = policies::find(tx, id)?;
        Ok::<_, Failed<NotFound>>(Found {
            customers: policies::names(tx, &version.comparison)?,
            people: policies::people(tx, std::slice::from_ref(&version))?,
            last: policies::last_adopted(tx)?,
            proposal: policies::waiting(tx, id, now)?,
            version,
        })
    };
    match visit.state.store.read(read).await {
        Ok(found) => framed(status, &version_page(visit, &found)),
        Err(failed) => refused(headers, failed),
    }
}

fn version_page(visit: Visit, found: &Found) -> VersionPage {
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let Found { version, customers, people, last, proposal } = found;
    let name_of = |id: OperatorId| people.get(&id).cloned().unwrap_or_else(|| id.to_string());
    let reason = blocked(&visit, found, t);
    let in_force = version.adoption.filter(|adoption| adoption.number == *last).map(|_| version.id);
    let comparison = &version.comparison;
    let counts = [
        (t.policy.approved_fewer, comparison.approved_fewer),
        (t.policy.refused_fewer, comparison.refused_fewer),
        (t.policy.other_terms, comparison.other_terms),
    ];
    let mut more: Vec<String> =
        counts.into_iter().filter(|(_, count)| *count > 0).map(|(words, count)| words(count)).collect();
    if comparison.is_cut {
        more.push(t.policy.is_cut.to_owned());
    }
    let (about, button) = match visit.state.config.four_eyes {
        FourEyes::Required => (t.policy.propose_about, t.policy.propose),
        FourEyes::Off => (t.policy.adopt_about, t.policy.adopt),
    };
    VersionPage {
        id: version.id.to_string(),
        name: version.name.clone(),
        badge: Badge::of_policy(version, in_force, t),
        sha256: version.sha256.clone(),
        uploaded: Moment::ago(version.uploaded_at, now, t),
        uploaded_by: name_of(version.uploaded_by),
        adopted: version.adoption.map(|adoption| (Moment::ago(adoption.at, now, t), name_of(adoption.by))),
        summary: (t.policy.summary)(comparison),
        more,
        changes: comparison.changes.iter().map(|change| ChangeRow::of(change, customers, t)).collect(),
        rules: policy::parse(&version.content).ok().map(|policy| RulesInWords::of(&policy, t)),
        may_adopt: reason.is_empty() && version.adoption.is_none() && proposal.is_none(),
        reason,
        proposal: proposal.map_or_else(String::new, proposals::address),
        about,
        button,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

/// Why the person cannot bring a version into force; empty if they can, or if nobody can any more.
fn blocked(visit: &Visit, found: &Found, t: &'static Texts) -> &'static str {
    match found.version.is_adoptable(found.last) {
        Err(NotAdopted::Stale) => t.policy.stale,
        Ok(()) if !visit.visitor.grants.allows(Permission::AdoptPolicy) => t.policy.not_allowed,
        Ok(()) | Err(NotAdopted::Before) => "",
    }
}

/// Brings a version into force, or proposes it.
pub(in crate::pages::console) async fn adopt(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(version) = id.parse::<PolicyVersionId>() else { return unknown(&headers) };
    let by = visit.proposer();
    match visit.change(b"", move |tx: &mut Tx<'_>| adopt_policy(tx, version, &by)).await {
        Ok(Outcome::Proposed(proposal)) => see_other(&proposals::address(proposal.id)),
        Err(Failed::Refused(ProposeRefused::Proposed(waiting))) => see_other(&proposals::address(waiting)),
        Ok(Outcome::Done(_)) => see_other(&format!("/console/settings/policy/{version}")),
        Err(Failed::Refused(ProposeRefused::UseCase(AdoptRefused::NotFound))) => unknown(&headers),
        // The page says why.
        Err(Failed::Refused(ProposeRefused::UseCase(
            AdoptRefused::NotAdopted(_) | AdoptRefused::NameUsed,
        ))) => page(visit, &id, &headers, StatusCode::CONFLICT).await,
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
