//! What will happen to several cases before it happens: each one changes, stays as it is, or changes hands.

use app::queues::{self, CaseView, Taker};
use app::{StoreError, Tx};
use askama::Template;
use axum::extract::{OriginalUri, Path};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::OperatorId;
use domain::queue::{CaseSubject, Queue, Who};

use super::permitted::seen;
use super::shown::title;
use crate::http::extract::form_of;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/assign.html")]
struct Preview {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    queue_name: &'static str,
    queue_href: String,
    assign_href: String,
    question: String,
    button: String,
    to: String,
    people: Vec<PersonChoice>,
    rows: Vec<Line>,
    /// The number of cases that change.
    changing: usize,
    /// The marked cases that wait no more.
    gone: usize,
}

/// A person to whom cases can be given.
struct PersonChoice {
    id: String,
    name: String,
    is_chosen: bool,
}

/// A case, and what will happen to it.
struct Line {
    subject: String,
    title: String,
    /// Who has it now, as the operator API names them.
    expected: String,
    badge: Badge,
    about: String,
    changes: bool,
}

/// The cases that were marked, and who shall have them.
struct Marked {
    subjects: Vec<CaseSubject>,
    /// `None`: somebody else, who is still to be chosen.
    to: Option<Who>,
}

impl Marked {
    /// The part of the address that the form of the list sent. Values that cannot be read are left out.
    fn of(query: &str) -> Self {
        let fields = form_of(query.as_bytes()).unwrap_or_else(|_refused| Vec::new());
        let subjects = fields.iter().filter(|(name, _)| name == "id").filter_map(|(_, id)| id.parse().ok());
        let to = fields.iter().find(|(name, _)| name == "to").and_then(|(_, who)| who.parse().ok());
        Self { subjects: subjects.collect(), to }
    }
}

/// Shows what will happen to the marked cases.
pub(in crate::pages::console) async fn preview(
    visit: Visit, Path(name): Path<String>, headers: HeaderMap, OriginalUri(uri): OriginalUri,
) -> Response {
    let queue = match seen(&visit, &name, &headers) {
        Ok(queue) => queue,
        Err(refused) => return *refused,
    };
    let query: String = uri.query().into_iter().collect();
    let Marked { subjects, to } = Marked::of(&query);
    if subjects.is_empty() {
        return see_other(&format!("/console/queues/{}", queue.name()));
    }
    let (now, me, marked) = (visit.state.clock.now(), visit.visitor.operator.id, subjects.len());
    let roles = visit.state.config.roles.clone();
    let read = move |tx: &mut Tx<'_>| {
        let cases = queues::these(tx, now, me, queue, &subjects)?;
        Ok::<_, StoreError>((cases, queues::takers(tx, now, queue, &roles)?))
    };
    match visit.state.store.list(read).await {
        Ok((cases, people)) => {
            let gone = marked - cases.len();
            framed(StatusCode::OK, &Preview::of(visit, queue, to, (&cases, gone), people))
        }
        Err(error) => failure(&of_store(error)),
    }
}

impl Preview {
    fn of(
        visit: Visit, queue: Queue, to: Option<Who>, (cases, gone): (&[CaseView], usize), people: Vec<Taker>,
    ) -> Self {
        let (t, around, me) = (visit.texts(), visit.around(), visit.visitor.operator.id);
        let other = people.iter().find(|one| one.id != me).map(|one| Who::Operator(one.id));
        let to = to.or(other).unwrap_or(Who::Me);
        let target = to.operator(me);
        let rows: Vec<Line> = cases.iter().map(|view| Line::of(view, target, me, t)).collect();
        let changing = rows.iter().filter(|row| row.changes).count();
        let name = people.iter().find(|one| Some(one.id) == target).map_or("", |one| one.name.as_str());
        let (question, button) = match target {
            None => ((t.queue.ask_release)(rows.len()), (t.queue.do_release)(changing)),
            Some(id) if id == me => ((t.queue.ask_take)(rows.len()), (t.queue.do_take)(changing)),
            Some(_other) => ((t.queue.ask_give)(rows.len(), name), (t.queue.do_give)(changing, name)),
        };
        let queue_href = format!("/console/queues/{}", queue.name());
        let others = people.into_iter().filter(|one| one.id != me);
        Self {
            queue_name: (t.queue.name)(queue),
            assign_href: format!("{queue_href}/assign"),
            queue_href,
            question,
            button,
            to: to.to_string(),
            people: others
                .map(|one| PersonChoice {
                    is_chosen: Some(one.id) == target,
                    id: one.id.to_string(),
                    name: one.name,
                })
                .collect(),
            rows,
            changing,
            gone,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }
}

impl Line {
    fn of(view: &CaseView, target: Option<OperatorId>, me: OperatorId, t: &Texts) -> Self {
        let assignee = view.case.assignee;
        let changes = assignee != target;
        let holder = view.taker.as_ref().map(|taker| taker.name.as_str());
        let about = match (assignee, holder) {
            (None, _) => t.queue.was_of_nobody.to_owned(),
            (Some(id), _) if id == me => t.queue.is_yours.to_owned(),
            (Some(_), Some(name)) => (t.queue.is_of)(name),
            (Some(id), None) => (t.queue.is_of)(&id.to_string()),
        };
        Self {
            subject: view.case.subject.to_string(),
            title: title(view, t),
            expected: assignee.map_or(Who::Nobody, Who::Operator).to_string(),
            badge: Badge::of_assignment(changes, assignee.is_some(), &t.queue),
            about,
            changes,
        }
    }
}
