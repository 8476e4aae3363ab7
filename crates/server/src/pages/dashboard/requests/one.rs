//! One call: what was called, what was answered and why, and the pages of the resources that it names.

use app::partners::credentials;
use app::portfolio::{Caused, caused};
use app::webhooks::history::{Recorded, Sent};
use app::{Failed, NotFound, Tx, request_log};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::request_log::{LoggedBodies, LoggedFault, LoggedProblem, LoggedRequest};
use wire::problem::Code;

use super::filters::only;
use super::words::{tone, took};
use crate::pages::answer::failure;
use crate::pages::dashboard::events::name;
use crate::pages::dashboard::page_of::page_of;
use crate::pages::errors::texts_of;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::mail_subject::subject;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::sent::SentRow;
use crate::pages::texts::{Language, Texts};

#[derive(Template)]
#[template(path = "dashboard/request.html")]
struct RequestPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tone: &'static str,
    status: u16,
    method: String,
    called: String,
    /// The masked query; empty without one.
    query: String,
    at: Moment,
    took: String,
    request_id: String,
    route: String,
    /// The list of the calls of this route.
    of_route: String,
    /// The idempotency key and its page; empty without a key.
    key: Vec<(String, String)>,
    is_replayed: bool,
    client: String,
    client_name: String,
    address: String,
    agent: String,
    problem: Option<ProblemView>,
    resources: Vec<Resource>,
    /// The events that the call caused, also those that workers recorded later.
    events: Vec<EventView>,
    /// The subjects of the letters that it caused, and what became of them.
    letters: Vec<(String, Badge)>,
    /// The planned decisions that it caused, with their times.
    planned: Vec<(String, Moment)>,
    bodies: Vec<(&'static str, String)>,
    /// Whether the server keeps bodies at all.
    keeps_bodies: bool,
}

/// The problem that was answered.
struct ProblemView {
    code: String,
    title: String,
    detail: String,
    faults: Vec<LoggedFault>,
    /// The page of the code; empty if this server does not know it.
    href: String,
    /// What the code means and how to resolve it, in the language of the page.
    meaning: &'static str,
    resolve: &'static str,
}

/// An event that the call caused.
struct EventView {
    name: &'static str,
    href: String,
    /// Its deliveries, each with its page.
    sent: Vec<(SentRow, String)>,
}

/// A resource that the call names.
struct Resource {
    id: String,
    /// Its page; empty if it has none.
    href: String,
    /// The list of the calls that name it.
    calls: String,
}

/// Shows one call, by its id in the log or by its request id.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    if !visit.state.request_log.is_on() {
        return unknown(&headers);
    }
    let partner = desk.partner.id;
    let found = visit.state.request_log.read(move |tx| request_log::show(tx, Some(partner), &id)).await;
    let (call, bodies) = match found {
        Ok(found) => found,
        Err(rejection) if rejection.0.code == Code::ResourceNotFound => return unknown(&headers),
        Err(rejection) => return failure(&rejection),
    };
    let of_call = call.clone();
    let read = move |tx: &mut Tx<'_>| {
        let name = match credentials::find_with_maker(tx, partner, of_call.client) {
            Ok((_partner, credential, _maker)) => credential.terms.name.clone(),
            Err(Failed::Refused(NotFound)) => of_call.client.to_string(),
            Err(Failed::Store(error)) => return Err(Failed::Store(error)),
        };
        Ok::<_, Failed<NotFound>>((name, caused(tx, partner, &of_call.request_id)?))
    };
    match visit.state.store.read(read).await {
        Ok(known) => framed(StatusCode::OK, &page(visit, &call, bodies, known)),
        Err(failed) => refused(&headers, failed),
    }
}

/// The name of the credential, and what the call caused.
type Known = (String, Caused);

fn page(
    visit: Visit, call: &LoggedRequest, bodies: Option<LoggedBodies>, (client_name, caused): Known,
) -> RequestPage {
    let (t, around) = (visit.texts(), visit.around());
    let key = call.idempotency_key.as_ref();
    RequestPage {
        tone: tone(call.status),
        status: call.status,
        method: call.method.clone(),
        called: call.path.clone(),
        query: call.query.iter().cloned().collect(),
        at: Moment::exactly(call.at.unmoved()),
        took: took(call.took),
        request_id: call.request_id.clone(),
        route: call.route.clone(),
        of_route: only("route", &call.route),
        key: key.map(|key| (key.clone(), only("idempotency_key", key))).into_iter().collect(),
        is_replayed: call.replayed,
        client: call.client.to_string(),
        client_name,
        address: call.origin.address.clone(),
        agent: call.origin.agent.clone(),
        problem: call.problem.clone().map(|problem| ProblemView::of(problem, visit.frame.language)),
        events: caused.events.iter().filter_map(|event| EventView::of(event, t)).collect(),
        letters: caused
            .mails
            .iter()
            .map(|mail| (subject(mail, t), Badge::of_mail(mail.state, &t.badges)))
            .collect(),
        planned: caused.jobs.iter().map(|job| (job.kind.clone(), Moment::exactly(job.due_at))).collect(),
        resources: call.resources.iter().map(|id| Resource::of(id)).collect(),
        bodies: bodies.map_or_else(Vec::new, |bodies| shown(bodies, t)),
        keeps_bodies: around.is_sandbox(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

impl EventView {
    /// An event with its deliveries; `None` if partners do not receive it.
    fn of(event: &Recorded, t: &'static Texts) -> Option<Self> {
        let page = |sent: &Sent| {
            let delivery = &sent.delivery;
            format!("/dashboard/webhooks/{}/deliveries/{}", delivery.endpoint, delivery.id)
        };
        let sent = event.deliveries.iter().map(|sent| (SentRow::of(sent, t), page(sent))).collect();
        Some(Self { name: name(event.kind)?, href: format!("/dashboard/events/{}", event.id), sent })
    }
}

/// The bodies with their headings, indented if they are whole.
fn shown(bodies: LoggedBodies, t: &'static Texts) -> Vec<(&'static str, String)> {
    let both = [(t.requests.sent, bodies.request), (t.requests.answered, bodies.answer)];
    let body = |(heading, body): (&'static str, Option<String>)| Some((heading, indented(body?)));
    both.into_iter().filter_map(body).collect()
}

/// A body indented; as it is if it is not JSON, or was cut.
fn indented(body: String) -> String {
    let value = serde_json::from_str::<serde_json::Value>(&body);
    value.and_then(|value| serde_json::to_string_pretty(&value)).unwrap_or(body)
}

impl ProblemView {
    fn of(problem: LoggedProblem, language: Language) -> Self {
        let known = Code::ALL.iter().find(|code| code.name() == problem.code);
        let texts = known.map(|code| texts_of(*code, language));
        Self {
            href: known.map_or_else(String::new, |code| format!("/errors/{}", code.name())),
            meaning: texts.as_ref().map_or("", |texts| texts.meaning),
            resolve: texts.as_ref().map_or("", |texts| texts.resolve),
            code: problem.code,
            title: problem.title,
            detail: problem.detail,
            faults: problem.errors,
        }
    }
}

impl Resource {
    fn of(id: &str) -> Self {
        Self { id: id.to_owned(), href: page_of(id), calls: only("resource_id", id) }
    }
}
