//! The reference: an index of each generation by tag, and a page for each operation (docs/decisions/0040).

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use wire::problem::Code;

use super::code::{Block, boxes};
use super::document::{Api, Generation, Operation, items, members, text_of};
use super::html::{inline, paragraphs, sentence};
use super::reader::{Around, NavGroup, NavLink, Reader, Section};
use super::samples;
use super::schema;
use super::start::missing;
use crate::pages::errors::texts_of;
use crate::pages::kit::frame::Frame;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "portal/reference.html")]
struct Reference {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    generations: [(Generation, &'static str); 3],
}

/// Shows the generations.
pub(super) async fn start(reader: Reader) -> Response {
    let p = &reader.t().portal;
    let about = |one: Generation| match one {
        Generation::Reference => p.generation_reference,
        Generation::Sdk => p.generation_sdk,
        Generation::Sandbox => p.generation_sandbox,
    };
    let around = reader.around(Section::Reference, generations(&reader));
    let page = Reference {
        t: reader.t(),
        frame: reader.frame,
        around,
        generations: Generation::ALL.map(|one| (one, about(one))),
    };
    reader.show(StatusCode::OK, &page).await
}

#[derive(Template)]
#[template(path = "portal/generation.html")]
struct GenerationPage<'a> {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    api: &'a Api,
    about: String,
}

impl GenerationPage<'_> {
    /// The operations of a tag.
    fn of_tag(&self, tag: &str) -> Vec<&Operation> {
        self.api.operations.iter().filter(|operation| operation.tag == tag).collect()
    }
}

/// Shows every operation of a generation, by tag.
pub(super) async fn generation(Path(key): Path<String>, reader: Reader) -> Response {
    let Some(generation) = Generation::of_key(&key) else { return missing(&reader).await };
    let api = reader.library.api(generation, &reader.state);
    let about = paragraphs(&text_of(&api.document["info"]["description"]));
    let around = reader.around(Section::Reference, navigation(api, ""));
    let page = GenerationPage { t: reader.t(), frame: reader.frame, around, api, about };
    reader.show(StatusCode::OK, &page).await
}

#[derive(Template)]
#[template(path = "portal/operation.html")]
struct OperationPage<'a> {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    api: &'a Api,
    operation: &'a Operation,
    about: String,
    parameters: [(&'static str, &'static str, String); 3],
    body: Option<(String, String)>,
    answers: Vec<Answer>,
    problems: Vec<ProblemRow>,
    samples: String,
    has_key: bool,
    next: Vec<&'a Operation>,
    neighbours: [Option<&'a Operation>; 2],
    attempt: Option<Attempt>,
}

/// An answer of success. The texts are HTML.
struct Answer {
    status: String,
    about: String,
    fields: String,
    sample: String,
}

struct ProblemRow {
    status: u16,
    code: &'static str,
    meaning: String,
}

/// The parts of a request that a reader may send from the page.
struct Attempt {
    /// The names and the examples of the path's parameters.
    path: Vec<(String, String)>,
    /// The JSON of the body; empty if the operation has none.
    body: String,
}

/// Shows an operation.
pub(super) async fn operation(Path((key, id)): Path<(String, String)>, reader: Reader) -> Response {
    let Some(generation) = Generation::of_key(&key) else { return missing(&reader).await };
    let api = reader.library.api(generation, &reader.state);
    let Some(operation) = api.operation(&id) else { return missing(&reader).await };
    let page = OperationPage::of(api, operation, &reader);
    reader.show(StatusCode::OK, &page).await
}

impl<'a> OperationPage<'a> {
    fn of(api: &'a Api, operation: &'a Operation, reader: &Reader) -> Self {
        let (t, facts) = (reader.t(), api.facts(operation));
        let p = &t.portal;
        let place = api.operations.iter().position(|one| one.id == operation.id);
        let beside = |step: isize| api.operations.get(place?.checked_add_signed(step)?);
        let parameters = [("path", p.path_params), ("query", p.query_params), ("header", p.headers)];
        let given = || items(&facts["parameters"]).map(|given| api.resolved(given));
        Self {
            t,
            frame: reader.frame,
            around: reader.around(Section::Reference, navigation(api, &operation.id)),
            api,
            operation,
            about: paragraphs(&operation.description),
            parameters: parameters
                .map(|(kind, label)| (kind, label, schema::parameters(api, facts, kind, t))),
            body: body(api, facts, t),
            answers: answers(api, facts, t),
            problems: problems(facts, reader),
            samples: reader.with_address(&boxes(&samples::blocks(api, operation), t)),
            has_key: given().any(|one| one["name"] == "Idempotency-Key"),
            next: next(api, facts),
            neighbours: [beside(-1), beside(1)],
            attempt: if reader.is_sandbox() { attempt(api, facts) } else { None },
        }
    }
}

/// The description and the fields of the body.
fn body(api: &Api, facts: &Value, t: &'static Texts) -> Option<(String, String)> {
    let body = facts.get("requestBody")?;
    let (_, content) = members(&body["content"]).last()?;
    Some((inline(&text_of(&body["description"])), schema::fields(api, &content["schema"], t)))
}

fn answers(api: &Api, facts: &Value, t: &'static Texts) -> Vec<Answer> {
    let succeeds = |status: &str| status.starts_with('2');
    let answers =
        members(&facts["responses"]).filter(|(status, _)| succeeds(status)).map(|(status, answer)| {
            let content = members(&answer["content"]).next().map(|(_, content)| content);
            let sample = content.and_then(|content| content.get("example"));
            let text =
                sample.map(|sample| serde_json::to_string_pretty(sample).expect("a JSON value is JSON"));
            let block = text.map(|text| Block { file: Some(status.clone()), ..Block::alone("json", text) });
            Answer {
                status: status.clone(),
                about: inline(&text_of(&answer["description"])),
                fields: content
                    .map_or_else(String::new, |content| schema::answer(api, &content["schema"], t)),
                sample: block.map_or_else(String::new, |block| boxes(&[block], t)),
            }
        });
    answers.collect()
}

/// Every problem that the document names for the operation.
fn problems(facts: &Value, reader: &Reader) -> Vec<ProblemRow> {
    let answers = members(&facts["responses"]).map(|(_, answer)| &answer["content"]);
    let samples = answers.flat_map(members).flat_map(|(_, content)| members(&content["examples"]));
    let codes = samples.filter_map(|(name, _)| Code::ALL.iter().find(|code| code.name() == name));
    let row = |code: &Code| ProblemRow {
        status: code.status(),
        code: code.name(),
        meaning: sentence(texts_of(*code, reader.language()).meaning),
    };
    codes.map(row).collect()
}

/// The operations that take what this one answers.
fn next<'a>(api: &'a Api, facts: &Value) -> Vec<&'a Operation> {
    let answers = members(&facts["responses"]).flat_map(|(_, answer)| members(&answer["links"]));
    let mut ids: Vec<String> = answers.map(|(_, link)| text_of(&link["operationId"])).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.iter().filter_map(|id| api.operation(id)).collect()
}

/// The form for a request; `None` for an upload or a form, which need more than a text.
fn attempt(api: &Api, facts: &Value) -> Option<Attempt> {
    let content = &facts["requestBody"]["content"];
    let json = content.get("application/json");
    if !content.is_null() && json.is_none() {
        return None;
    }
    let given = items(&facts["parameters"]).map(|given| api.resolved(given));
    let path = given.filter(|one| one["in"] == "path");
    let body = json.and_then(|json| json.get("example"));
    Some(Attempt {
        path: path.map(|one| (text_of(&one["name"]), text_of(&one["example"]))).collect(),
        body: body.map_or_else(String::new, |body| {
            serde_json::to_string_pretty(body).expect("a JSON value is JSON")
        }),
    })
}

/// The generations, beside their start page.
fn generations(reader: &Reader) -> Vec<NavGroup> {
    let link = |one: Generation| NavLink {
        href: format!("/docs/reference/{}", one.key()),
        label: one.prefix().to_owned(),
        verb: "",
        current: false,
    };
    let heading = reader.t().portal.reference.to_owned();
    vec![NavGroup { heading, links: Generation::ALL.map(link).into() }]
}

/// A path with `{id}` for each parameter, for the narrow navigation.
fn short(path: &str) -> String {
    let parts = path.split('/').map(|part| if part.starts_with('{') { "{id}" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// The operations by tag. `current` is the id of the page's operation.
fn navigation(api: &Api, current: &str) -> Vec<NavGroup> {
    let group = |(tag, _): &(String, String)| {
        let of_tag = api.operations.iter().filter(|operation| operation.tag == *tag);
        let link = |operation: &Operation| NavLink {
            href: api.href(operation),
            label: short(operation.path.strip_prefix(api.generation.prefix()).unwrap_or(&operation.path)),
            verb: operation.method,
            current: operation.id == current,
        };
        NavGroup { heading: tag.clone(), links: of_tag.map(link).collect() }
    };
    api.tags.iter().map(group).collect()
}
