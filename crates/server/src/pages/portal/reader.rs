//! A reader's request, and the frame around every page of the portal.

use std::convert::Infallible;
use std::sync::Arc;

use askama::Template;
use axum::extract::{FromRequestParts, OriginalUri, Query};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::document::verb_class;
use super::guides::{Group, HOME, guides};
use super::library::Library;
use crate::pages::assets;
use crate::pages::kit::frame::{Frame, FrameQuery};
use crate::pages::kit::framed;
use crate::pages::texts::{Language, Texts};
use crate::state::AppState;

/// A request for a page of the portal.
pub(super) struct Reader {
    pub(super) state: AppState,
    pub(super) library: Arc<Library>,
    pub(super) headers: HeaderMap,
    pub(super) frame: Frame,
    /// The page's address, with its query.
    pub(super) path: String,
}

impl FromRequestParts<AppState> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        let query = Query::try_from_uri(uri).unwrap_or(Query(FrameQuery::default()));
        let frame = Frame::of_developer(&parts.headers, &query);
        let path = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let library = parts.extensions.get::<Arc<Library>>().cloned();
        let library = library.expect("the routes of the portal have a library");
        Ok(Self { state: state.clone(), library, headers: parts.headers.clone(), frame, path })
    }
}

impl Reader {
    pub(super) fn t(&self) -> &'static Texts {
        self.frame.texts()
    }

    pub(super) fn language(&self) -> Language {
        self.frame.language
    }

    /// The address of this server.
    pub(super) fn base(&self) -> &str {
        self.state.lender.links.base()
    }

    /// The page in the language of its address.
    pub(super) fn in_language(mut self, language: Language) -> Self {
        self.frame.language = language;
        self
    }

    /// The frame of a page, whose address is the same in both languages.
    pub(super) fn around(&self, section: Section, groups: Vec<NavGroup>) -> Around {
        Around { section, groups, other: self.path.clone(), environment: self.environment() }
    }

    /// `Sandbox` or `Production`, in the reader's language.
    pub(super) fn environment(&self) -> &'static str {
        if self.is_sandbox() { self.t().sandbox } else { self.t().production }
    }

    pub(super) fn is_sandbox(&self) -> bool {
        self.state.config.environment == domain::credential::Environment::Sandbox
    }

    /// A text with this server's address in place of that of a sandbox at home.
    pub(super) fn with_address(&self, html: &str) -> String {
        html.replace(HOME, self.state.lender.links.base())
    }

    /// Sends a page, compressed if the browser accepts that. Pages of the portal have no secrets.
    pub(super) async fn show(&self, status: StatusCode, template: &impl Template) -> Response {
        assets::fewer_bytes(&self.headers, framed(status, template)).await
    }
}

/// The parts of the portal that its bar links to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Guides,
    Reference,
    Errors,
    Events,
    Changelog,
    /// A page that is in none of them.
    Other,
}

/// The frame around a page.
pub(super) struct Around {
    pub(super) section: Section,
    /// The navigation beside the page.
    pub(super) groups: Vec<NavGroup>,
    /// The address of the page in the other language.
    pub(super) other: String,
    pub(super) environment: &'static str,
}

impl Around {
    /// The links of the bar.
    pub(super) fn bar(&self, t: &'static Texts) -> [(&'static str, &'static str, bool); 5] {
        let p = &t.portal;
        [
            ("/docs", p.guides, Section::Guides),
            ("/docs/reference", p.reference, Section::Reference),
            ("/docs/errors", p.errors, Section::Errors),
            ("/docs/events", p.events, Section::Events),
            ("/docs/changelog", p.changelog, Section::Changelog),
        ]
        .map(|(href, label, section)| (href, label, section == self.section))
    }
}

/// A group of links beside a page.
pub(super) struct NavGroup {
    pub(super) heading: String,
    pub(super) links: Vec<NavLink>,
}

/// A link beside a page.
pub(super) struct NavLink {
    pub(super) href: String,
    pub(super) label: String,
    /// The method of an operation; empty for other links.
    pub(super) verb: &'static str,
    pub(super) current: bool,
}

impl NavLink {
    /// The class that colours the method.
    pub(super) fn class(&self) -> &'static str {
        verb_class(self.verb)
    }
}

/// The navigation of the guides.
pub(super) fn guide_groups(language: Language, current: &str) -> Vec<NavGroup> {
    let t = language.texts();
    let links = |group: Group| {
        let of_group = guides(language).iter().filter(move |guide| guide.group() == group);
        let link = |guide: &super::guides::Guide| NavLink {
            href: guide.href(language),
            label: guide.front.title.clone(),
            verb: "",
            current: guide.name == current,
        };
        of_group.map(link).collect()
    };
    let group = |group: Group| {
        let heading = match group {
            Group::Begin => t.portal.begin,
            Group::Integrate => t.portal.integrate,
            Group::Rules => t.portal.rules,
            Group::Publish => t.portal.publish,
        };
        NavGroup { heading: heading.to_owned(), links: links(group) }
    };
    Group::ALL.map(group).into()
}
