//! One call: what was called, what was answered and why, and the pages of the resources that it names.

use app::partners::credentials;
use app::portfolio::timeline::caused;
use app::{Failed, NotFound, Tx, request_log};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::event::EventKind;
use domain::id::EventId;
use domain::request_log::{LoggedBodies, LoggedFault, LoggedProblem, LoggedRequest};
use wire::problem::Code;

use super::filters::only;
use super::words::{tone, took};
use crate::pages::answer::failure;
use crate::pages::dashboard::events::name;
use crate::pages::dashboard::page_of::page_of;
use crate::pages::errors::texts_of;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
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
    /// The names of the events that the call caused, and their pages.
    events: Vec<(&'static str, String)>,
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
        Ok::<_, Failed<NotFound>>((name, caused(tx, &of_call)?))
    };
    match visit.state.store.read(read).await {
        Ok(known) => framed(StatusCode::OK, &page(visit, &call, bodies, known)),
        Err(failed) => refused(&headers, failed),
    }
}

/// The name of the credential, and the events that the call caused.
type Known = (String, Vec<(EventId, EventKind)>);

fn page(
    visit: Visit, call: &LoggedRequest, bodies: Option<LoggedBodies>, (client_name, events): Known,
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
        events: events.iter().filter_map(shown_event).collect(),
        resources: call.resources.iter().map(|id| Resource::of(id)).collect(),
        bodies: bodies.map_or_else(Vec::new, |bodies| shown(bodies, t)),
        keeps_bodies: around.is_sandbox(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

/// An event with its page; `None` if partners do not receive it.
fn shown_event((id, kind): &(EventId, EventKind)) -> Option<(&'static str, String)> {
    Some((name(*kind)?, format!("/dashboard/events/{id}")))
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
