//! The form that takes cases, gives them to somebody, or releases them, with a result for each.

use std::collections::HashMap;

use app::queues::{self, Assign, AssignRefused, CaseView};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::OperatorId;
use domain::queue::{CaseSubject, Queue, Who};

use super::permitted::seen;
use super::shown::title;
use crate::http::problem::of_store;
use crate::pages::answer::{failure, fields_of};
use crate::pages::cookie::see_other;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::{Frame, own_address};
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/assigned.html")]
struct Assigned {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    queue_name: &'static str,
    queue_href: String,
    rows: Vec<Outcome>,
}

/// The result of an assignment.
struct Outcome {
    title: String,
    badge: Badge,
    about: String,
}

/// The wish of a form.
struct Asked {
    to: Who,
    /// The cases, each with the operator whom the person saw; `None` accepts everybody.
    cases: Vec<(CaseSubject, Who)>,
    /// The page to which the person returns.
    back: Option<String>,
}

impl Asked {
    /// `case` fields are an id and who has it, as in `ln_… nobody`. `one` is a case of nobody, which its button takes.
    fn of(body: &[u8]) -> Result<Self, crate::http::problem::Rejection> {
        let fields = fields_of(body)?;
        let field =
            |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let pair = |text: &str| {
            let (subject, who) = text.split_once(' ')?;
            Some((subject.parse().ok()?, who.parse().ok()?))
        };
        let (to, cases) = if let Some(one) = field("one").and_then(|id| id.parse().ok()) {
            (Who::Me, vec![(one, Who::Nobody)])
        } else {
            let to = field("to").and_then(|who| who.parse().ok()).unwrap_or(Who::Me);
            let cases = fields.iter().filter(|(name, _)| name == "case");
            (to, cases.filter_map(|(_, text)| pair(text)).collect())
        };
        let back = field("back").filter(|back| own_address(back).is_some()).map(str::to_owned);
        Ok(Self { to, cases, back })
    }
}

/// Assigns the cases of the form. Each is assigned only if the operator has it whom the person saw.
pub(in crate::pages::console) async fn assign(
    visit: Visit, Path(name): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let queue = match seen(&visit, &name, &headers) {
        Ok(queue) => queue,
        Err(refused) => return *refused,
    };
    let Asked { to, cases, back } = match Asked::of(&body) {
        Ok(asked) => asked,
        Err(rejection) => return failure(&rejection),
    };
    let (now, me) = (visit.state.clock.now(), visit.visitor.operator.id);
    let target = to.operator(me);
    let command = |&(subject, who): &(CaseSubject, Who)| Assign {
        queue,
        subject,
        to: target,
        expected: Some(who.operator(me)),
    };
    let commands: Vec<Assign> = cases.iter().map(command).collect();
    let (t, roles) = (visit.texts(), visit.state.config.roles.clone());
    let run = move |tx: &mut Tx<'_>| {
        let subjects: Vec<CaseSubject> = commands.iter().map(|command| command.subject).collect();
        let before = queues::these(tx, now, me, queue, &subjects)?;
        let titles: HashMap<CaseSubject, String> =
            before.iter().map(|view| (view.case.subject, title(view, t))).collect();
        let titled =
            |subject: &CaseSubject| titles.get(subject).cloned().unwrap_or_else(|| subject.to_string());
        let results = queues::assign_all(tx, now, &commands, &roles)?;
        let results: Results = subjects.iter().map(titled).zip(results).collect();
        if results.iter().all(|(_, result)| result.is_err()) {
            return Err(Failed::Refused(results));
        }
        Ok(results)
    };
    // The list or the case itself shows that one case changed hands. Several have a page with their results.
    let is_one = cases.len() == 1;
    let status = if is_one { StatusCode::SEE_OTHER } else { StatusCode::OK };
    match visit.change_and_answer(status, &body, run).await {
        Err(Failed::Store(error)) => failure(&of_store(error)),
        Ok(_) if is_one => see_other(&back.unwrap_or_else(|| format!("/console/queues/{}", queue.name()))),
        Ok(results) => framed(StatusCode::OK, &Assigned::of(visit, queue, (target, back), results)),
        Err(Failed::Refused(results)) => {
            framed(StatusCode::CONFLICT, &Assigned::of(visit, queue, (target, back), results))
        }
    }
}

/// The title of each case, and what happened to it.
type Results = Vec<(String, Result<CaseView, AssignRefused>)>;

impl Assigned {
    fn of(
        visit: Visit, queue: Queue, (target, back): (Option<OperatorId>, Option<String>), results: Results,
    ) -> Self {
        let (t, around, me) = (visit.texts(), visit.around(), visit.visitor.operator.id);
        let outcome = |(title, result): (String, Result<CaseView, AssignRefused>)| match result {
            Ok(view) => Outcome {
                title,
                badge: Badge::of_outcome(true, &t.queue),
                about: match (target, &view.taker) {
                    (Some(id), _) if id == me => t.queue.is_yours_now.to_owned(),
                    (Some(_), Some(taker)) => (t.queue.is_of)(&taker.name),
                    (_nobody, _) => t.queue.is_of_nobody_now.to_owned(),
                },
            },
            Err(refused) => {
                Outcome { title, badge: Badge::of_outcome(false, &t.queue), about: reason(&refused, t) }
            }
        };
        Self {
            queue_name: (t.queue.name)(queue),
            queue_href: back.unwrap_or_else(|| format!("/console/queues/{}", queue.name())),
            rows: results.into_iter().map(outcome).collect(),
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }
}

/// The reason why a case stays as it was, in words.
fn reason(refused: &AssignRefused, t: &Texts) -> String {
    match refused {
        AssignRefused::NotFound => t.queue.left.to_owned(),
        AssignRefused::Taken(Some(taker)) => (t.queue.taken_by)(&taker.name),
        AssignRefused::Taken(None) => t.queue.released.to_owned(),
        AssignRefused::NoSuchOperator => t.queue.no_such_person.to_owned(),
        AssignRefused::CannotSee => t.queue.cannot_see.to_owned(),
    }
}
