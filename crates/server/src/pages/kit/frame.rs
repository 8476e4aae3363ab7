//! The preferences of a reader, from the browser's cookies and the page's address: the language, the theme and the
//! folded navigation.

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, HeaderValue, LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;

use crate::pages::answer::{failure, fields_of};
use crate::pages::cookie::values;
use crate::pages::texts::{Language, Texts};

/// Readable by scripts: it is a preference, and no right depends on it.
const LANGUAGE_COOKIE: &str = "dinie_language";
/// The language of the guide that was read last in this session of the browser.
const GUIDE_COOKIE: &str = "dinie_guide_language";
/// Written by kit.js.
const THEME_COOKIE: &str = "dinie_theme";
/// Written by kit.js.
const NAVIGATION_COOKIE: &str = "dinie_nav";

/// The part of the address that the frame reads.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct FrameQuery {
    /// `dark` or `light`; anything else is the theme of the cookie or the system.
    #[serde(default)]
    tema: String,
}

/// How a page looks to this browser.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) language: Language,
    pub(crate) theme: Theme,
    pub(crate) navigation: Navigation,
}

impl Frame {
    pub(crate) fn of(headers: &HeaderMap, Query(query): &Query<FrameQuery>) -> Self {
        Self {
            language: cookie(headers, LANGUAGE_COOKIE)
                .and_then(Language::of_tag)
                .unwrap_or(Language::Portuguese),
            theme: Theme::of(Some(&query.tema))
                .or_else(|| Theme::of(cookie(headers, THEME_COOKIE)))
                .unwrap_or(Theme::System),
            navigation: Navigation::of(cookie(headers, NAVIGATION_COOKIE)),
        }
    }

    /// The frame for developers. Without a chosen language, the last guide's decides, then the browser's.
    pub(crate) fn of_developer(headers: &HeaderMap, query: &Query<FrameQuery>) -> Self {
        let chosen = cookie(headers, LANGUAGE_COOKIE).and_then(Language::of_tag);
        let of_guide = || cookie(headers, GUIDE_COOKIE).and_then(Language::of_tag);
        let language =
            chosen.or_else(of_guide).or_else(|| browser_language(headers)).unwrap_or(Language::Portuguese);
        Self { language, ..Self::of(headers, query) }
    }

    /// The texts of the page.
    pub(crate) fn texts(self) -> &'static Texts {
        self.language.texts()
    }
}

/// Remembers the language of a guide, so that the rest of the portal has it too. It is no choice: the console keeps its
/// own language, and a choice by the form is stronger.
pub(crate) fn remember_guide(language: Language, response: &mut Response) {
    let cookie = format!("{GUIDE_COOKIE}={}; Path=/; SameSite=Lax", language.tag());
    let cookie = HeaderValue::from_str(&cookie).expect("the tags are plain letters");
    response.headers_mut().insert(SET_COOKIE, cookie);
}

/// The language that the browser prefers: Portuguese, or English for any other one.
fn browser_language(headers: &HeaderMap) -> Option<Language> {
    let first = headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?.split([',', ';']).next()?.trim().to_lowercase();
    match first.as_str() {
        "" | "*" => None,
        portuguese if portuguese.starts_with("pt") => Some(Language::Portuguese),
        _another => Some(Language::English),
    }
}

/// The colours of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    fn of(name: Option<&str>) -> Option<Self> {
        match name {
            Some("dark") => Some(Self::Dark),
            Some("light") => Some(Self::Light),
            Some(_) | None => None,
        }
    }

    /// The attribute of `<html>`.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::System => "",
            Self::Light => "data-theme=\"light\"",
            Self::Dark => "data-theme=\"dark\"",
        }
    }
}

/// The width of the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Navigation {
    Full,
    Folded,
}

impl Navigation {
    fn of(name: Option<&str>) -> Self {
        if name == Some("mini") { Self::Folded } else { Self::Full }
    }

    /// The attribute of `<html>`.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Full => "",
            Self::Folded => "data-nav=\"mini\"",
        }
    }

    /// The value of `aria-expanded` of the button that folds it.
    pub(crate) fn expanded(self) -> bool {
        self == Self::Full
    }
}

fn cookie<'a>(headers: &'a HeaderMap, wanted: &str) -> Option<&'a str> {
    values(headers, wanted).next()
}

/// Remembers the chosen language for a year, and shows the page again.
pub(crate) async fn choose_language(body: Bytes) -> Response {
    let fields = match fields_of(&body) {
        Ok(fields) => fields,
        Err(rejection) => return failure(&rejection),
    };
    let field =
        |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    let language = field("language").and_then(Language::of_tag).unwrap_or(Language::Portuguese);
    let place = field("to").and_then(own_address).unwrap_or(HeaderValue::from_static("/"));
    let cookie = format!("{LANGUAGE_COOKIE}={}; Path=/; Max-Age=31536000; SameSite=Lax", language.tag());
    let cookie = HeaderValue::from_str(&cookie).expect("the tags are plain letters");
    let headers =
        [(LOCATION, place), (SET_COOKIE, cookie), (CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// The address if it is a path of this server. A link to this form must not lead to another host.
pub(crate) fn own_address(place: &str) -> Option<HeaderValue> {
    let plain = place.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let own = plain && place.starts_with('/') && !place.starts_with("//");
    own.then(|| HeaderValue::from_str(place).ok()).flatten()
}
