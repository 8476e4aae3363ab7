//! The credit policy: the rules in force, and versions that are uploaded, compared and adopted.

use app::Tx;
use app::credit::policies::{self, AdoptRefused, Upload, UploadRefused};
use app::people::proposals;
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::credit::policy::version::NotAdopted;
use domain::id::PolicyVersionId;
use wire::operator::List;
use wire::operator::policy::{PolicyInForce, PolicyRules, UploadPolicy, UploadedPolicy};
use wire::operator::proposal::Proposal;
use wire::problem::{Code, FieldError, Problem};

use super::place::{Read, Write};
use super::proposals::{done_or_proposed, proposer};
use crate::config::policy::Fault;
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::page::Paged;
use crate::http::problem::{Refusal, Rejection, of_store};
use crate::policies::{InForce, NotChecked};

impl Refusal for UploadRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NameUsed => Problem::invalid_state(NAME_USED),
        }
    }
}

const NAME_USED: &str = "a policy of this version was in force; give every change of the rules a new version";

impl Refusal for AdoptRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::NameUsed => Problem::invalid_state(NAME_USED),
            Self::NotAdopted(NotAdopted::Before) => {
                Problem::invalid_state("the version came into force before")
            }
            Self::NotAdopted(NotAdopted::Stale) => Problem::invalid_state(
                "another version has come into force since this one was compared; upload it again",
            ),
        }
    }
}

/// The faults of a file, each with its line and its rule.
fn faulty(faults: &[Fault]) -> Problem {
    let error = |fault: &Fault| FieldError::new("content", Code::InvalidFormat, fault.with_line());
    Problem::of_fields(faults.iter().map(error).collect())
}

/// Get the policy in force
///
/// In words. An uploaded version counts on every node from its adoption on.
#[utoipa::path(
    get, path = "/policy", operation_id = "getPolicy", tag = "Settings",
    extensions(("x-permission" = json!(Permission::ReadSettings.name()))),
    responses((status = 200, description = "The policy in force.", body = PolicyInForce))
)]
pub(super) async fn in_force(call: Read) -> Result<Json<PolicyInForce>, Rejection> {
    let InForce { policy, version, .. } =
        call.state.policies.in_force(&call.state.store).await.map_err(of_store)?;
    Ok(Json(PolicyInForce {
        rules: policy.map(|policy| PolicyRules::of(&policy)),
        policy_version_id: version.map(|id| id.to_string()),
    }))
}

/// List the versions of the policy
///
/// Those that were uploaded, newest first. The file of the configuration is not among them.
#[utoipa::path(
    get, path = "/policy-versions", operation_id = "listPolicyVersions", tag = "Settings",
    extensions(("x-permission" = json!(Permission::ReadSettings.name()))),
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of versions.", body = List<UploadedPolicy>))
)]
pub(super) async fn list(
    call: Read, Paged(cursor): Paged<PolicyVersionId>,
) -> Result<Json<List<UploadedPolicy>>, Rejection> {
    let page = call.state.store.read(move |tx| policies::list(tx, &cursor)).await?;
    Ok(Json(List::of(page, |version| UploadedPolicy::of(&version))))
}

/// Upload a version of the policy
///
/// The file is checked and compared with the policy in force on the applications of the last 90 days. It decides nothing
/// until it is adopted. A wrong file is refused with all of its faults, each with its line and its rule.
#[utoipa::path(
    post, path = "/policy-versions", operation_id = "uploadPolicyVersion", tag = "Settings",
    extensions(
        ("x-permission" = json!(Permission::AdoptPolicy.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = UploadPolicy,
    responses((status = 201, description = "The uploaded version with its comparison.", body = UploadedPolicy))
)]
pub(super) async fn upload(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let (state, by) = (call.state.clone(), call.caller.id());
    let command = match UploadPolicy::read(&call.body.value) {
        Ok(UploadPolicy { content }) => {
            match state.policies.checked(&state.store, state.clock.now(), content).await {
                Ok(checked) => Ok(checked.upload(by)),
                Err(NotChecked::Faults(faults)) => Err(faulty(&faults)),
                Err(NotChecked::Store(error)) => return Err(of_store(error)),
            }
        }
        Err(problem) => Err(problem),
    };
    let upload = |tx: &mut Tx<'_>, now, command: &Upload| policies::upload(tx, now, command);
    call.run(command, upload, |version, _now| {
        Answer::created(format!("/operator/v1/policy-versions/{}", version.id), &UploadedPolicy::of(version))
    })
    .await
}

/// Get a version of the policy
///
/// With its file and its comparison.
#[utoipa::path(
    get, path = "/policy-versions/{policy_version_id}", operation_id = "getPolicyVersion", tag = "Settings",
    extensions(("x-permission" = json!(Permission::ReadSettings.name()))),
    responses((status = 200, description = "The version.", body = UploadedPolicy))
)]
pub(super) async fn show(call: Read<PathId<PolicyVersionId>>) -> Result<Json<UploadedPolicy>, Rejection> {
    let id = call.id();
    let version = call.state.store.look_up(move |tx| policies::find(tx, id)).await?;
    Ok(Json(UploadedPolicy::of(&version)))
}

/// Adopt a version of the policy
///
/// It decides from now on, on every node. With four eyes the answer is 202 with a proposal. If another version has come
/// into force since the comparison, this one must be uploaded again.
#[utoipa::path(
    post, path = "/policy-versions/{policy_version_id}/adopt", operation_id = "adoptPolicyVersion", tag = "Settings",
    extensions(
        ("x-permission" = json!(Permission::AdoptPolicy.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    responses(
        (status = 200, description = "The version in force.", body = UploadedPolicy),
        (status = 202, description = "The proposal, which waits for another operator.", body = Proposal),
    )
)]
pub(super) async fn adopt(call: Write<PathId<PolicyVersionId>>) -> Result<Response, Rejection> {
    let (id, by) = (call.id(), proposer(&call.state, call.caller));
    let adopt = move |tx: &mut Tx<'_>, _now, (): &()| proposals::adopt_policy(tx, id, &by);
    call.run(Ok(()), adopt, |outcome, now| {
        done_or_proposed(outcome, |version| Answer::ok(&UploadedPolicy::of(version)), now)
    })
    .await
}
