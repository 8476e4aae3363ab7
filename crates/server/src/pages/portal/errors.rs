//! `/docs/errors` and `/errors/{name}`: every code, why it happens, whether it helps to repeat, and its remedy.

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use wire::problem::Code;

use super::catalogue::{self, ErrorEntry, Repeat};
use super::feed::{FIRST, Feed, Form, Item};
use super::html::sentence;
use super::reader::{Around, NavGroup, NavLink, Reader, Section};
use super::start::missing;
use crate::pages::errors::{CodeTexts, explanation, texts_of};
use crate::pages::kit::frame::Frame;
use crate::pages::texts::{Language, Texts};

/// A code as both pages show it.
struct Shown {
    code: Code,
    texts: CodeTexts,
    entry: &'static ErrorEntry,
    t: &'static Texts,
}

impl Shown {
    fn new(code: Code, language: Language) -> Self {
        let (texts, entry) = (texts_of(code, language), catalogue::error(code, language));
        Self { code, texts, entry, t: language.texts() }
    }

    /// Whether it helps to repeat the request.
    fn repeat(&self) -> &'static str {
        let p = &self.t.portal;
        match self.entry.repeat {
            Repeat::No => p.repeat_no,
            Repeat::Changed => p.repeat_changed,
            Repeat::Token => p.repeat_token,
            Repeat::Later => p.repeat_later,
        }
    }

    /// Whether the refusal is kept under the idempotency key.
    fn kept(&self) -> &'static str {
        if self.entry.kept { self.t.portal.kept_yes } else { self.t.portal.kept_no }
    }

    fn meaning(&self) -> String {
        sentence(self.texts.meaning)
    }

    fn resolve(&self) -> String {
        sentence(self.texts.resolve)
    }

    fn causes(&self) -> Vec<String> {
        self.entry.causes.iter().map(|cause| sentence(cause)).collect()
    }
}

#[derive(Template)]
#[template(path = "portal/errors.html")]
struct Errors {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    groups: Vec<Group>,
}

/// The codes of one type.
struct Group {
    slug: &'static str,
    title: &'static str,
    about: String,
    codes: Vec<Shown>,
}

/// Shows every code, by type.
pub(super) async fn list(reader: Reader) -> Response {
    let language = reader.language();
    let group = |first: Code| Group {
        slug: first.slug(),
        title: first.title(),
        about: explanation(first.slug(), language).map_or_else(String::new, sentence),
        codes: of_slug(first.slug()).map(|code| Shown::new(code, language)).collect(),
    };
    let groups = slugs().into_iter().map(group).collect();
    let around = reader.around(Section::Errors, navigation(""));
    reader.show(StatusCode::OK, &Errors { t: reader.t(), frame: reader.frame, around, groups }).await
}

/// Sends the feed of all codes. A new code is a new item.
pub(super) async fn atom(reader: Reader) -> Response {
    feed(&reader).answer(Form::Atom)
}

/// Sends the feed as JSON.
pub(super) async fn json(reader: Reader) -> Response {
    feed(&reader).answer(Form::Json)
}

fn feed(reader: &Reader) -> Feed {
    let (base, language) = (reader.base(), reader.language());
    let item = |code: &Code| {
        let texts = texts_of(*code, language);
        Item {
            place: format!("{base}{}", place(*code)),
            title: code.name().to_owned(),
            updated: FIRST.to_owned(),
            text: format!("{} {}", texts.meaning, texts.resolve),
        }
    };
    Feed {
        title: format!("Dinie: {}", reader.t().portal.errors),
        page: format!("{base}/docs/errors"),
        own: format!("{base}/docs/errors"),
        items: Code::ALL.iter().map(item).collect(),
    }
}

#[derive(Template)]
#[template(path = "portal/error.html")]
struct ErrorPage {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    slug: String,
    about: String,
    codes: Vec<Shown>,
}

/// Shows a problem type with its codes. The address of a code redirects to its place on the page of its type.
pub(super) async fn show(Path(name): Path<String>, reader: Reader) -> Response {
    let language = reader.language();
    if let Some(about) = explanation(&name, language) {
        let codes = of_slug(&name).map(|code| Shown::new(code, language)).collect();
        let around = reader.around(Section::Errors, navigation(&name));
        let page = ErrorPage {
            t: reader.t(),
            frame: reader.frame,
            around,
            about: sentence(about),
            codes,
            slug: name,
        };
        return reader.show(StatusCode::OK, &page).await;
    }
    match Code::ALL.iter().find(|code| code.name() == name) {
        Some(code) => Redirect::temporary(&place(*code)).into_response(),
        None => missing(&reader).await,
    }
}

/// The place of a code on the page of its type.
fn place(code: Code) -> String {
    format!("/errors/{}#{}", code.slug(), code.name())
}

fn of_slug(slug: &str) -> impl Iterator<Item = Code> {
    Code::ALL.iter().copied().filter(move |code| code.slug() == slug)
}

/// The first code of each type, by status.
fn slugs() -> Vec<Code> {
    let mut first: Vec<Code> = Vec::new();
    for code in Code::ALL {
        if !first.iter().any(|known| known.slug() == code.slug()) {
            first.push(*code);
        }
    }
    first.sort_by_key(|code| code.status());
    first
}

/// All codes by type. `current` is the type of the page.
fn navigation(current: &str) -> Vec<NavGroup> {
    let link =
        |code: Code| NavLink { href: place(code), label: code.name().to_owned(), verb: "", current: false };
    let group = |first: Code| NavGroup {
        heading: format!("{} {}", first.status(), first.title()),
        links: of_slug(first.slug()).map(link).collect(),
    };
    let own = |first: &Code| current.is_empty() || first.slug() == current;
    let (mine, others): (Vec<Code>, Vec<Code>) = slugs().into_iter().partition(own);
    let types = others.iter().map(|first| NavLink {
        href: format!("/errors/{}", first.slug()),
        label: format!("{} {}", first.status(), first.title()),
        verb: "",
        current: false,
    });
    let types: Vec<NavLink> = types.collect();
    let mut groups: Vec<NavGroup> = mine.into_iter().map(group).collect();
    if !types.is_empty() {
        groups.push(NavGroup { heading: String::new(), links: types });
    }
    groups
}
