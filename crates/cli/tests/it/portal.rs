//! The portal: every page, every link inside it, both languages, the catalogues and the search.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use serde_json::Value;
use server::components::Component;
use wire::problem::Code;

use crate::answer::Answer;
use crate::architecture::root;
use crate::support::TestApp;

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
const PORTUGUESE: &str = "dinie_language=pt";
const ENGLISH: &str = "dinie_language=en";

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

async fn with(app: &TestApp, path: &str, name: &str, value: &str) -> Answer {
    app.send(Request::get(path).header(name, value).body(Body::empty()).unwrap()).await
}

async fn in_english(app: &TestApp, path: &str) -> String {
    text(&with(app, path, "cookie", ENGLISH).await.expect(200))
}

/// The names and the titles of the guides of a language, from their files.
fn guides(language: &str) -> BTreeMap<String, String> {
    let folder = root().join("crates/server/src/pages/portal/guides").join(language);
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let read = |path: std::path::PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let title = text.split("title = \"").nth(1).unwrap().split('"').next().unwrap();
        (path.file_stem().unwrap().to_str().unwrap().to_owned(), title.to_owned())
    };
    files.map(read).collect()
}

/// The values of an attribute in a page.
fn values<'a>(page: &'a str, attribute: &str) -> Vec<&'a str> {
    let begin = format!(" {attribute}=\"");
    page.split(&begin).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[tokio::test]
async fn every_guide_is_a_page_in_both_languages() {
    let app = TestApp::new().await;
    for (language, other) in [("pt-BR", "en"), ("en", "pt-BR")] {
        for (name, title) in guides(language) {
            let page = text(&app.get(&format!("/docs/{language}/{name}")).await.expect(200));
            assert!(page.contains(&format!("<html lang=\"{language}\"")), "{language}/{name}");
            assert!(page.contains(&format!("<h1>{title}</h1>")), "{language}/{name}");
            assert!(
                page.contains(&format!("value=\"/docs/{other}/{name}\"")),
                "{language}/{name} leads to {other}"
            );
            let ids = values(&page, "id");
            let distinct: BTreeSet<&&str> = ids.iter().collect();
            assert_eq!(ids.len(), distinct.len(), "{language}/{name} has an id twice");
        }
    }
}

#[tokio::test]
async fn the_start_page_is_in_the_language_of_the_reader() {
    let app = TestApp::new().await;
    for (name, value, expected) in [
        ("accept", "*/*", "/docs/pt-BR"),
        ("accept-language", "en-US,en;q=0.9", "/docs/en"),
        ("accept-language", "pt-PT", "/docs/pt-BR"),
        ("accept-language", "de", "/docs/en"),
        ("cookie", ENGLISH, "/docs/en"),
        ("cookie", PORTUGUESE, "/docs/pt-BR"),
        ("cookie", "dinie_guide_language=en", "/docs/en"),
        ("cookie", "dinie_guide_language=en; dinie_language=pt", "/docs/pt-BR"),
    ] {
        let led = with(&app, "/docs", name, value).await.expect(307);
        assert_eq!(led.header("set-cookie"), None);
        assert_eq!(led.header("location"), Some(expected), "{name}: {value}");
    }
}

#[tokio::test]
async fn every_link_of_the_portal_leads_to_a_page_and_an_anchor() {
    let app = TestApp::new().await;
    let mut waiting: Vec<String> = vec!["/".to_owned(), "/docs/pt-BR".to_owned(), "/docs/en".to_owned()];
    let mut pages: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    let mut anchors: BTreeSet<(String, String, String)> = BTreeSet::new();
    while let Some(path) = waiting.pop() {
        if pages.contains_key(&path) {
            continue;
        }
        let mut answer = app.get(&path).await;
        while let Some(place) = answer.header("location").map(str::to_owned) {
            answer = app.get(place.split('#').next().unwrap()).await;
        }
        let answer = answer.expect(200);
        let page = String::from_utf8_lossy(&answer.bytes).into_owned();
        let is_portal = answer.header("content-security-policy") == Some(POLICY);
        let ids = is_portal.then(|| values(&page, "id").into_iter().map(str::to_owned).collect());
        pages.insert(path.clone(), ids);
        // The console has tests of its own.
        if !is_portal || path.starts_with("/console") {
            continue;
        }
        for link in values(&page, "href").into_iter().filter(|link| !link.starts_with("https://")) {
            let (to, anchor) = link.split_once('#').unwrap_or((link, ""));
            let to = if to.is_empty() { path.as_str() } else { to };
            if !anchor.is_empty() && !to.starts_with("/assets") {
                anchors.insert((path.clone(), to.to_owned(), anchor.to_owned()));
            }
            waiting.push(to.to_owned());
        }
    }
    for (from, to, anchor) in anchors {
        let ids = pages[&to].as_ref();
        assert!(ids.is_some_and(|ids| ids.contains(&anchor)), "{from} links to {to}#{anchor}");
    }
    assert!(pages.len() > 120, "{} pages", pages.len());
}

#[tokio::test]
async fn pages_of_the_portal_have_the_policy_of_the_kit_and_nothing_inline() {
    let app = TestApp::new().await;
    for path in [
        "/",
        "/docs/en/quick-start",
        "/docs/events",
        "/docs/errors",
        "/errors/conflict",
        "/docs/reference",
        "/docs/reference/v3",
        "/docs/reference/sdk/createLoan",
        "/docs/search?q=loan",
        "/docs/changelog",
        "/status",
    ] {
        let answer = app.get(path).await.expect(200);
        assert_eq!(answer.header("content-security-policy"), Some(POLICY), "{path}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
        let page = text(&answer);
        for inline in [" style=\"", "<style", " onclick=", "javascript:"] {
            assert!(!page.contains(inline), "{path} has {inline}");
        }
    }
}

#[tokio::test]
async fn an_address_without_a_page_is_a_page_that_says_so() {
    let app = TestApp::new().await;
    for path in [
        "/docs/en/nothing",
        "/docs/fr/quick-start",
        "/docs/fr",
        "/docs/reference/v9",
        "/docs/reference/v3/nothing",
        "/errors/nothing",
    ] {
        let page = app.get(path).await.expect(404);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    }
}

#[tokio::test]
async fn both_catalogues_are_complete() {
    let app = TestApp::new().await;
    let events = in_english(&app, "/docs/events").await;
    let mut names = BTreeSet::new();
    for path in ["/v3/openapi.json", "/api/v3/openapi.json"] {
        let document = app.get(path).await.expect(200).body;
        names.extend(document["webhooks"].as_object().unwrap().keys().cloned());
    }
    for name in names {
        let section = events.split(&format!("id=\"{name}\"")).nth(1).unwrap_or_else(|| panic!("{name}"));
        let section = section.split("</section>").next().unwrap();
        assert!(section.contains(&format!("dinie trigger {name}")), "{name}");
        assert!(section.contains(&format!("<i>&quot;{name}&quot;</i>")), "the sample of {name}");
    }
    let list = in_english(&app, "/docs/errors").await;
    for code in Code::ALL {
        assert!(list.contains(&format!("<a href=\"/errors/{}\">", code.name())), "{}", code.name());
        let page = in_english(&app, &format!("/errors/{}", code.slug())).await;
        let section = page.split(&format!("<section id=\"{}\"", code.name())).nth(1).unwrap();
        let section = section.split("</section>").next().unwrap();
        for part in ["Why it happens", "How to resolve it", "Does it help to repeat?"] {
            assert!(section.contains(part), "{}: {part}", code.name());
        }
    }
}

#[tokio::test]
async fn every_operation_has_its_page_with_its_problems_and_seven_samples() {
    let app = TestApp::new().await;
    for (key, path) in [("v3", "/v3"), ("sdk", "/api/v3"), ("sandbox", "/sandbox")] {
        let document = app.get(&format!("{path}/openapi.json")).await.expect(200).body;
        for (_, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap();
                let page = in_english(&app, &format!("/docs/reference/{key}/{id}")).await;
                assert!(page.contains(&method.to_uppercase()), "{key} {id}");
                assert_eq!(page.matches("role=\"tab").count(), 0, "tabs are made by the script");
                for language in ["bash", "python", "javascript", "ruby", "java", "go", "php"] {
                    assert!(page.contains(&format!("data-lang=\"{language}\"")), "{key} {id}: {language}");
                }
                let answers = operation["responses"].as_object().unwrap().values();
                let contents = answers.flat_map(|answer| answer["content"].as_object().into_iter().flatten());
                for (code, _) in contents.flat_map(|(_, of)| of["examples"].as_object().into_iter().flatten())
                {
                    assert!(page.contains(&format!("href=\"/errors/{code}\"")), "{key} {id}: {code}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_search_finds_guides_operations_errors_and_events() {
    let app = TestApp::new().await;
    let page = in_english(&app, "/docs/search?q=loan").await;
    for heading in ["Guides", "Operations", "Errors", "Events"] {
        assert!(page.contains(&format!("{heading}</h2>")), "{heading}");
    }
    for (sought, href) in [
        ("create+a+loan", "/docs/reference/v3/createLoan"),
        ("kyc_incomplete", "#kyc_incomplete"),
        ("loan.active", "/docs/events#loan.active"),
        ("idempotency", "/docs/en/idempotency"),
    ] {
        let page = in_english(&app, &format!("/docs/search?q={sought}")).await;
        assert!(page.contains(href), "{sought} must find {href}");
    }
    let nothing = in_english(&app, "/docs/search?q=%3Cb%3Exyzzy").await;
    assert!(nothing.contains("xyzzy") && !nothing.contains("<b>xyzzy"));
    let part = text(&with(&app, "/docs/search?q=loan", "hx-request", "true").await.expect(200));
    assert!(part.contains("class=\"hit\"") && !part.contains("<html"));
}

#[tokio::test]
async fn the_first_load_of_each_page_is_at_most_100_kb() {
    let app = TestApp::new().await;
    let size = async |path: &str| with(&app, path, "accept-encoding", "gzip").await.expect(200).bytes.len();
    let page = text(&app.get("/docs/en/quick-start").await.expect(200));
    let folder: String = page.split_once("/assets/").unwrap().1.split('/').next().unwrap().to_owned();
    let mut files = 0;
    for name in [
        "tokens.css",
        "kit.css",
        "portal.css",
        "kit.js",
        "portal.js",
        "icons.svg",
        "mark.svg",
        "fonts/inter.woff2",
        "fonts/geist-mono.woff2",
    ] {
        files += size(&format!("/assets/{folder}/{name}")).await;
    }
    let mut paths = vec!["/docs/events".to_owned(), "/docs/errors".to_owned(), "/docs/changelog".to_owned()];
    paths.extend(guides("en").keys().map(|name| format!("/docs/en/{name}")));
    paths.extend(["createLoan", "createCustomer"].map(|id| format!("/docs/reference/v3/{id}")));
    for path in paths {
        let bytes = files + size(&path).await;
        assert!(bytes <= 100_000, "{path}: {bytes} bytes");
    }
}

#[tokio::test]
async fn texts_have_the_address_of_this_server() {
    let app = TestApp::new().await;
    let overview = app.get("/llms.txt").await.expect(200);
    assert_eq!(overview.header("content-type"), Some("text/plain; charset=utf-8"));
    let mailbox = text(&app.get("/docs/en/quick-start").await.expect(200));
    let base =
        mailbox.split("base_url=<i>&quot;").nth(1).unwrap().split("/api/v3").next().unwrap().to_owned();
    assert!(text(&overview).contains(&base), "{base}");
    let feed = app.get("/docs/changelog.atom").await.expect(200);
    assert_eq!(feed.header("content-type"), Some("application/atom+xml; charset=utf-8"));
    assert!(text(&feed).contains(&format!("<id>{base}/docs/changelog</id>")));
}

#[tokio::test]
async fn the_status_says_that_everything_works() {
    let app = TestApp::new().await;
    let page = in_english(&app, "/status").await;
    assert!(page.contains("Everything works.") && page.matches("badge-ok").count() == 4);
    assert!(page.contains("Incidents since this server started") && page.contains("None."));
}

#[tokio::test]
async fn the_status_shows_the_incidents_since_the_start() {
    let app = TestApp::new().await;
    let (components, now) = (&app.state.components, app.clock.now());
    components.note(now, Component::Webhooks, false);
    let delayed = in_english(&app, "/status").await;
    assert!(delayed.contains("Still lasts") && delayed.matches("badge-warn").count() == 1, "{delayed}");
    components.note(now.plus(Duration::from_mins(7)), Component::Webhooks, true);
    let over = in_english(&app, "/status").await;
    assert!(over.contains("7 min") && over.matches("badge-ok").count() == 4, "{over}");
}

#[tokio::test]
async fn the_catalogues_the_changelog_and_the_incidents_have_feeds_in_two_forms() {
    let app = TestApp::new().await;
    app.state.components.note_waiting(app.clock.now(), 5_000);
    for (page, item) in [
        ("/docs/errors", Some("invalid_cursor")),
        ("/docs/events", Some("loan.active")),
        ("/docs/changelog", None),
        ("/status", Some("Envio de eventos")),
    ] {
        let atom = app.get(&format!("{page}.atom")).await.expect(200);
        assert_eq!(atom.header("content-type"), Some("application/atom+xml; charset=utf-8"));
        let atom = String::from_utf8(atom.bytes).unwrap();
        assert!(
            atom.contains(&format!("<link rel=\"self\" href=\"https://dinie.test{page}.atom\"/>")),
            "{atom}"
        );
        let json = app.get(&format!("{page}.json")).await.expect(200);
        assert_eq!(json.header("content-type"), Some("application/feed+json; charset=utf-8"));
        let json: Value = serde_json::from_slice(&json.bytes).unwrap();
        assert_eq!(json["home_page_url"], format!("https://dinie.test{page}"));
        let items = json["items"].as_array().unwrap();
        assert_eq!(items.len(), atom.matches("<entry>").count());
        let is_there = |title: &str| items.iter().any(|item| item["title"] == title);
        assert!(item.is_none_or(is_there), "{page}: {json}");
        let html = app.get(page).await.expect(200);
        assert!(String::from_utf8(html.bytes).unwrap().contains(&format!("{page}.json")));
    }
}
