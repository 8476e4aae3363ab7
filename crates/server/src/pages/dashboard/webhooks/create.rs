//! The form that makes an endpoint. Its secret is shown once.

use app::webhooks::{self, CreateEndpoint, TooMany};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use domain::webhook::endpoint::{Endpoint, Generation};
use domain::webhook::pattern::Pattern;
use wire::generations::event_names;

use crate::http::problem::of_store;
use crate::outbound::check_target;
use crate::pages::answer::failure;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Longest address, in characters, as in the API.
const LONGEST: usize = 2_048;

#[derive(Template)]
#[template(path = "dashboard/webhook_form.html")]
struct FormPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    given: Given,
    /// The fault of the address; empty if it is right.
    wrong_url: String,
    /// The fault of the events; empty if they are right.
    wrong_events: String,
    /// The reason why nothing was made.
    whole: &'static str,
}

#[derive(Template)]
#[template(path = "dashboard/webhook_secret.html")]
struct SecretPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    url: String,
    href: String,
    secret: String,
}

/// The fields as they were typed.
struct Given {
    url: String,
    /// Names and patterns with spaces or commas between them; all events without any.
    events: String,
    generation: Generation,
}

impl Given {
    /// Whether deliveries have the format of the public reference.
    fn is_reference(&self) -> bool {
        self.generation == Generation::Reference
    }
}

/// Shows the empty form.
pub(in crate::pages::dashboard) async fn show(visit: Visit) -> Response {
    let given = Given { url: String::new(), events: String::new(), generation: Generation::Reference };
    page(&visit, given, String::new(), String::new(), "")
}

fn page(
    visit: &Visit, given: Given, wrong_url: String, wrong_events: String, whole: &'static str,
) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let is_right = wrong_url.is_empty() && wrong_events.is_empty() && whole.is_empty();
    let status = if is_right { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (frame, path) = (visit.frame, visit.path.clone());
    framed(status, &FormPage { t, frame, path, around, given, wrong_url, wrong_events, whole })
}

/// The patterns of a field; the first text that is none.
pub(super) fn patterns(text: &str, generation: Generation) -> Result<Vec<Pattern>, String> {
    let words = text.split([' ', ',', '\n', '\r']).map(str::trim).filter(|word| !word.is_empty());
    let names = event_names(generation);
    words.map(|word| Pattern::parse(word, names).map_err(|_unknown| word.to_owned())).collect()
}

/// Makes the endpoint and shows its secret.
pub(in crate::pages::dashboard) async fn create(visit: Visit, desk: Desk, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let t = visit.texts();
    let generation = match form.text_or_empty("generation").as_str() {
        "sdk" => Generation::Sdk,
        _reference => Generation::Reference,
    };
    let given = Given { url: form.line("url"), events: form.text_or_empty("events"), generation };
    let fits = given.url.chars().count() <= LONGEST;
    let wrong_url = if fits && check_target(&given.url, visit.state.config.loopback).is_ok() {
        String::new()
    } else {
        t.webhooks.wrong_url.to_owned()
    };
    let chosen = patterns(&given.events, generation);
    let wrong_events = chosen.as_ref().err().map(|word| (t.webhooks.wrong_event)(word));
    let (Ok(patterns), true) = (chosen, wrong_url.is_empty()) else {
        return page(&visit, given, wrong_url, wrong_events.into_iter().collect(), "");
    };
    let command = CreateEndpoint { generation, url: given.url.clone(), patterns, description: None };
    let (id, real) = (desk.partner.id, visit.state.clock.now());
    let now = visit.state.partner_clocks.at(id, real);
    let create = move |tx: &mut Tx<'_>| webhooks::create(tx, id, now, &command);
    match visit.change_and_answer(StatusCode::OK, &body, create).await {
        Ok(endpoint) => shown_once(&visit, &endpoint),
        Err(Failed::Refused(TooMany)) => {
            page(&visit, given, String::new(), String::new(), t.webhooks.too_many)
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Shows the new secret of an endpoint.
pub(super) fn shown_once(visit: &Visit, endpoint: &Endpoint) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let href = format!("/dashboard/webhooks/{}", endpoint.id);
    let page = SecretPage {
        t,
        frame: visit.frame,
        // The choice of the language opens the endpoint, because the secret is shown only once.
        path: href.clone(),
        around,
        url: endpoint.url.clone(),
        href,
        secret: endpoint.secrets.current.reveal(),
    };
    framed(StatusCode::OK, &page)
}
