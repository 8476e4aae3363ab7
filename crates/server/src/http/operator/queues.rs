//! The queues of the operators' work.

use std::str::FromStr;
use std::time::Duration;

use app::Tx;
use app::queues::{self, Assign, AssignRefused, CaseView, Place, QueueFigures, Taken, Taker, Viewer, Wanted};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::money::Cents;
use domain::queue::{CaseSubject, Queue};
use wire::operator::List;
use wire::operator::queue::{
    self as shown, AssignCase, Case, CaseOperator, Lookers, OverdueBucket, QueueList, Who,
};
use wire::problem::{Code, Problem};
use wire::text_scalar::{Money, Timestamp};

use super::caller::OperatorCaller;
use super::place::{OfPartner, Read, Write};
use crate::http::documented::{PageParams, codes};
use crate::http::extract::{JsonBody, PathId, PathIds, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::{Refusal, Rejection, of_store};

/// List the queues
///
/// Every queue that the operator may see: those whose subjects it may read. The service levels are the lender's
/// (`[queues]` in its configuration).
#[utoipa::path(
    get, path = "/queues", operation_id = "listQueues", tag = "Queues",
    extensions(("x-permission" = json!(Permission::ReadQueues.name()))),
    responses((status = 200, description = "The queues with their figures.", body = QueueList))
)]
pub(super) async fn figures(call: Read) -> Result<Json<QueueList>, Rejection> {
    let (now, me, may) = (call.state.clock.now(), call.caller.id(), call.caller.grants().permissions);
    let levels = call.state.config.service_levels.clone();
    let viewer = Viewer { me, may, levels, overdue: None };
    let all = call.state.store.read(move |tx| queues::figures(tx, now, &viewer)).await.map_err(of_store)?;
    Ok(Json(QueueList { data: all.iter().map(figures_of).collect() }))
}

fn figures_of(figures: &QueueFigures) -> shown::QueueFigures {
    let bucket = |bucket: &queues::BucketFigures| OverdueBucket {
        days: bucket.bucket.into(),
        loans: bucket.loans,
        amount: Money(bucket.unpaid),
    };
    let buckets = figures.buckets.iter().map(bucket).collect();
    shown::QueueFigures {
        queue: figures.queue.into(),
        waiting: figures.waiting,
        mine: figures.mine,
        oldest_since: figures.oldest.map(Timestamp::real),
        service_level_s: figures.service_level.map(|level| level.as_secs()),
        late: figures.late,
        buckets: (figures.queue == Queue::Overdue).then_some(buckets),
    }
}

/// List the cases of a queue
///
/// The longest waiting case first. `starting_after` is the `place` of the last case, which may have left the queue
/// meanwhile. The operator needs the permission to read the subjects of the queue.
#[utoipa::path(
    get, path = "/queues/{queue}/cases", operation_id = "listCases", tag = "Queues",
    extensions(("x-permission" = json!(Permission::ReadQueues.name()))),
    params(
        OfPartner,
        (
            "assignee" = Option<String>, Query,
            description = "Lists only cases that this operator has taken: `me`, or the id of an operator. `nobody` \
                           lists those that nobody has taken.",
            pattern = "^(me|nobody|op_[0-9a-f]{32})$",
            example = "nobody"
        ),
        (
            "older_than_s" = Option<i32>, Query,
            description = "Lists only cases that have waited longer than this, in seconds.",
            minimum = 0,
            example = 14400
        ),
        (
            "amount_from" = Option<String>, Query,
            description = "Lists only cases of at least this amount. A case without an amount is left out.",
            pattern = r"^(0|[1-9]\d{0,8})\.\d{2}$",
            example = "5000.00"
        ),
        PageParams,
    ),
    responses((status = 200, description = "A page of the queue.", body = List<Case>))
)]
pub(super) async fn cases(
    call: Read<PathId<Queue>>, mut query: Query,
) -> Result<Json<List<Case>>, Rejection> {
    let (queue, now) = (permitted(&call.caller, call.id())?, call.state.clock.now());
    let cursor = cursor::<Place>(&mut query);
    let me = call.caller.id();
    let wanted = Wanted {
        queue,
        partner: query.id("partner_id"),
        me,
        taken: query
            .read("assignee", Who::WRONG, |text| text.parse::<Who>().ok())
            .map_or(Taken::ByAnybody, |who| who.operator(me).map_or(Taken::ByNobody, Taken::By)),
        older_than: query.read("older_than_s", "must be 0 to 2147483647 seconds", |text| {
            i32::from_str(text).ok().and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
        }),
        least: query.read("amount_from", "must be an amount such as 5000.00", |text| Cents::parse(text).ok()),
    };
    query.finish()?;
    let page = call.state.store.read(move |tx: &mut Tx<'_>| queues::list(tx, now, &wanted, &cursor)).await?;
    Ok(Json(List::of(page, case)))
}

/// The queue, if the operator may read its subjects.
fn permitted(caller: &OperatorCaller, queue: Queue) -> Result<Queue, Rejection> {
    let permission = queue.permission();
    if caller.grants().allows(permission) {
        return Ok(queue);
    }
    let detail =
        format!("this queue needs the permission {}, which no role of this operator has", permission.name());
    Err(Problem::new(Code::Forbidden, detail).into())
}

fn case(view: CaseView) -> Case {
    let CaseView { case, customer_name, taker, looking, days_left, days_overdue, place, .. } = view;
    Case {
        subject_id: case.subject.to_string(),
        kind: case.subject.kind().into(),
        partner_id: case.partner.map(|id| id.to_string()),
        customer_id: case.customer.map(|id| id.to_string()),
        customer_name,
        amount: case.amount.map(Money),
        since: Timestamp::real(case.since),
        days_left,
        days_overdue,
        assignee: taker.map(operator),
        looking: looking.into_iter().map(operator).collect(),
        place: place.to_string(),
    }
}

fn operator(Taker { id, name }: Taker) -> CaseOperator {
    CaseOperator { id: id.to_string(), name }
}

impl Refusal for AssignRefused {
    fn problem(self) -> Problem {
        let assignee = |detail| Problem::of_field("assignee", Code::InvalidState, detail);
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Taken(None) => Problem::invalid_state("nobody has the case any more; it stays as it is"),
            Self::Taken(Some(Taker { id, name })) => {
                Problem::invalid_state(format!("{name} ({id}) has the case now; it stays as it is"))
            }
            Self::NoSuchOperator => assignee("is no operator, or one whose access has ended"),
            Self::CannotSee => assignee("is an operator whose roles do not show this queue"),
        }
    }
}

/// Assign a case
///
/// To oneself, to another operator, or to nobody. With `expected_assignee` the case is assigned only if that operator
/// has it: of two operators who take a case at once, the second gets 409 with the name of the first. An assignment ends
/// when the subject leaves the queue.
#[utoipa::path(
    post, path = "/queues/{queue}/cases/{subject_id}/assign", operation_id = "assignCase", tag = "Queues",
    extensions(
        ("x-permission" = json!(Permission::AssignCases.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = AssignCase,
    responses((status = 200, description = "The case after the assignment.", body = Case))
)]
pub(super) async fn assign(
    call: Write<PathIds<Queue, CaseSubject>, JsonBody>,
) -> Result<Response, Rejection> {
    let PathIds(queue, subject) = call.path;
    let (queue, me) = (permitted(&call.caller, queue)?, call.caller.id());
    let command = AssignCase::read(&call.body.value).map(|given| Assign {
        queue,
        subject,
        to: given.assignee.operator(me),
        expected: given.expected_assignee.map(|who| who.operator(me)),
    });
    let roles = call.state.config.roles.clone();
    let assign = move |tx: &mut Tx<'_>, now, command: &Assign| queues::assign(tx, now, command, &roles);
    call.run(command, assign, |view, _now| Answer::ok(&case(view.clone()))).await
}

/// Mark that one looks at a case
///
/// The mark ends by itself after half a minute. The answer and the lists of cases show it to the other operators.
#[utoipa::path(
    post, path = "/queues/{queue}/cases/{subject_id}/look", operation_id = "lookAtCase", tag = "Queues",
    extensions(("x-permission" = json!(Permission::ReadQueues.name()))),
    responses((status = 200, description = "The others who look at it.", body = Lookers))
)]
pub(super) async fn look(call: Write<PathIds<Queue, CaseSubject>>) -> Result<Response, Rejection> {
    let PathIds(queue, subject) = call.path;
    let (queue, me) = (permitted(&call.caller, queue)?, call.caller.id());
    let look = move |tx: &mut Tx<'_>, now, (): &()| queues::look(tx, now, me, queue, subject);
    call.run(Ok(()), look, |others: &Vec<Taker>, _now| {
        let looking = others.iter().cloned().map(operator).collect();
        Answer::ok(&Lookers { looking, mark_s: queues::MARK.as_secs() })
    })
    .await
}
