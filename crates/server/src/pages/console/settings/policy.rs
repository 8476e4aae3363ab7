//! The credit policy in words, its uploaded versions, and the form that uploads another one.

use std::collections::HashMap;

use app::credit::policies;
use app::{Cursor, Failed, Tx, first_page};
use askama::Template;
use axum::extract::{FromRequest as _, Multipart, Request};
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use domain::access::Permission;
use domain::credit::policy::version::PolicyVersion;
use domain::credit::policy::{Approval, Policy};
use domain::id::{OperatorId, PolicyVersionId};
use domain::page::Limit;
use domain::time::RealTime;

use super::tab::{Page, Tab, tabs};
use crate::config::policy::Fault;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;
use crate::policies::NotChecked;

/// Longest file, in bytes.
const LONGEST: usize = 400_000;

#[derive(Template)]
#[template(path = "console/settings/policy.html")]
struct PolicyPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    rules: Option<RulesInWords>,
    versions: Vec<VersionRow>,
    may_adopt: bool,
    /// The text that was not accepted, and its faults.
    content: String,
    faults: Vec<FaultRow>,
    problem: String,
}

/// A policy in words. The rules are in Portuguese, as the reasons of decisions are.
pub(super) struct RulesInWords {
    pub(super) version: String,
    pub(super) approval: &'static str,
    pub(super) refusals: Vec<(String, String, String)>,
    pub(super) rows: Vec<(String, String, String)>,
}

impl RulesInWords {
    pub(super) fn of(policy: &Policy, t: &'static Texts) -> Self {
        let refusals = policy.refusals.iter();
        let rows = policy.rows.iter();
        Self {
            version: policy.version.clone(),
            approval: match policy.approval {
                Approval::Automatic => t.policy.automatic,
                Approval::ByOperator => t.policy.by_operator,
            },
            refusals: refusals
                .map(|rule| (rule.name.clone(), rule.when.to_string(), rule.reason.clone()))
                .collect(),
            rows: rows.map(|row| (row.name.clone(), row.when.to_string(), row.terms_in_words())).collect(),
        }
    }
}

/// A version in the list.
struct VersionRow {
    href: String,
    name: String,
    badge: Badge,
    uploaded: Moment,
    by: String,
}

impl VersionRow {
    fn of(
        version: &PolicyVersion, in_force: Option<PolicyVersionId>, names: &HashMap<OperatorId, String>,
        now: RealTime, t: &Texts,
    ) -> Self {
        let by = version.uploaded_by;
        Self {
            href: format!("/console/settings/policy/{}", version.id),
            name: version.name.clone(),
            badge: Badge::of_policy(version, in_force, t),
            uploaded: Moment::ago(version.uploaded_at, now, t),
            by: names.get(&by).cloned().unwrap_or_else(|| by.to_string()),
        }
    }
}

/// A fault of an uploaded text.
struct FaultRow {
    line: String,
    rule: String,
    text: String,
}

impl FaultRow {
    fn of(fault: &Fault) -> Self {
        Self {
            line: fault.line.map_or_else(String::new, |line| line.to_string()),
            rule: fault.rule.clone().into_iter().collect(),
            text: fault.text.clone(),
        }
    }
}

/// The reason why an upload was not kept.
#[derive(Default)]
struct NotKept {
    content: String,
    faults: Vec<Fault>,
    problem: String,
}

/// Shows the policy in force and the versions.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    page(visit, NotKept::default()).await
}

async fn page(visit: Visit, not_kept: NotKept) -> Response {
    let read = |tx: &mut Tx<'_>| {
        let page = first_page::<PolicyVersion>(policies::list(tx, &Cursor::first(Limit::DEFAULT)))?;
        let names = policies::people(tx, &page.items)?;
        Ok::<_, app::StoreError>((page, names))
    };
    let in_force = match visit.state.policies.in_force(&visit.state.store).await {
        Ok(in_force) => in_force,
        Err(error) => return failure(&of_store(error)),
    };
    let (versions, names) = match visit.state.store.list(read).await {
        Ok(read) => read,
        Err(error) => return failure(&of_store(error)),
    };
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let is_fine = not_kept.faults.is_empty() && not_kept.problem.is_empty();
    let status = if is_fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = PolicyPage {
        tabs: tabs(Page::Policy, &visit.visitor.grants, t),
        rules: in_force.policy.map(|policy| RulesInWords::of(&policy, t)),
        versions: versions
            .items
            .iter()
            .map(|version| VersionRow::of(version, in_force.version, &names, now, t))
            .collect(),
        may_adopt: visit.visitor.grants.allows(Permission::AdoptPolicy),
        content: not_kept.content,
        faults: not_kept.faults.iter().map(FaultRow::of).collect(),
        problem: not_kept.problem,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(status, &shown)
}

/// Checks and compares an uploaded text, and keeps it as a version.
pub(in crate::pages::console) async fn upload(visit: Visit, request: Request) -> Response {
    let (content, body) = content(&visit, request).await;
    let (t, state) = (visit.texts(), visit.state.clone());
    let checked = match state.policies.checked(&state.store, state.clock.now(), content.clone()).await {
        Ok(checked) => checked,
        Err(NotChecked::Faults(faults)) => {
            return page(visit, NotKept { content, faults, problem: String::new() }).await;
        }
        Err(NotChecked::Store(error)) => return failure(&of_store(error)),
    };
    let (now, upload) = (state.clock.now(), checked.upload(visit.visitor.operator.id));
    match visit.change(&body, move |tx| policies::upload(tx, now, &upload)).await {
        Ok(version) => see_other(&format!("/console/settings/policy/{}", version.id)),
        Err(Failed::Refused(policies::UploadRefused::NameUsed)) => {
            let problem = t.policy.name_used.to_owned();
            page(visit, NotKept { content, faults: Vec::new(), problem }).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// The text of the form: its file, or the text that was pasted. What is too long is left out.
async fn content(visit: &Visit, request: Request) -> (String, Bytes) {
    let kind = request.headers().get("content-type").and_then(|kind| kind.to_str().ok());
    if kind.is_some_and(|kind| kind.starts_with("multipart/")) {
        let Ok(mut form) = Multipart::from_request(request, &visit.state).await else {
            return (String::new(), Bytes::new());
        };
        let mut content = Bytes::new();
        // A part that cannot be read ends the form. Then the file is as empty as one that was not chosen.
        while let Ok(Some(part)) = form.next_field().await {
            let bytes = part.bytes().await.unwrap_or_else(|_broken_off| Bytes::new());
            if !bytes.is_empty() && bytes.len() <= LONGEST {
                content = bytes;
            }
        }
        return (String::from_utf8_lossy(&content).into_owned(), content);
    }
    let body = axum::body::to_bytes(request.into_body(), LONGEST).await;
    let body = body.unwrap_or_else(|_too_long| Bytes::new());
    // A form that cannot be read has no text.
    let content = Form::read(&body).map_or_else(|_unreadable| String::new(), |form| form.exact("content"));
    (content, body)
}
