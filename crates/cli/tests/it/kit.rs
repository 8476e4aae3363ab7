//! `/kit`, the page with every component, as a browser without scripts gets it.

use axum::body::Body;
use axum::http::Request;
use domain::credential::Environment;

use crate::answer::Answer;
use crate::support::{Setup, TestApp};

const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.bytes.clone()).unwrap()
}

async fn with_cookie(app: &TestApp, path: &str, cookie: &str) -> Answer {
    app.send(Request::get(path).header("cookie", cookie).body(Body::empty()).unwrap()).await
}

/// The folder of the design system's files, as the page names it.
fn folder_in(page: &str) -> String {
    let start = page.find("/assets/").unwrap();
    page[start..].split('/').take(3).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn the_kit_has_a_strict_policy_and_its_files_are_kept_for_a_year() {
    let app = TestApp::new().await;
    let kit = app.get("/kit").await.expect(200);
    assert_eq!(kit.header("content-security-policy"), Some(POLICY));
    assert_eq!(kit.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(kit.header("cache-control"), Some("no-store"));
    let page = text(&kit);
    for inline in ["style=", "<style", "onclick", "javascript:", "https://", "http://"] {
        assert!(!page.contains(inline), "{inline}");
    }
    let folder = folder_in(&page);
    assert_eq!(page.matches("/assets/").count(), page.matches(&folder).count(), "one folder for all files");
    for name in ["tokens.css", "kit.css", "kit.js", "htmx.min.js", "htmx-sse.min.js", "icons.svg", "mark.svg"]
    {
        let file = app.get(&format!("{folder}/{name}")).await.expect(200);
        assert_eq!(file.header("cache-control"), Some("public, max-age=31536000, immutable"), "{name}");
    }
}

#[tokio::test]
async fn each_icon_of_the_kit_is_in_the_sprite() {
    let app = TestApp::new().await;
    let page = text(&app.get("/kit").await.expect(200));
    let sprite = text(&app.get("/assets/0/icons.svg").await.expect(200));
    let names = page.split("icons.svg#").skip(1).map(|rest| rest.split('"').next().unwrap());
    for name in names {
        assert!(sprite.contains(&format!("id=\"{name}\"")), "{name}");
    }
}

#[tokio::test]
async fn the_language_is_remembered_and_never_mixed() {
    let app = TestApp::new().await;
    let portuguese = text(&app.get("/kit").await.expect(200));
    assert!(
        portuguese.contains("<html lang=\"pt-BR\"") && portuguese.contains("Uma ação primária por tela.")
    );
    let chosen = app.press("/language", "language=en&to=%2Fkit").await.expect(303);
    assert_eq!(chosen.header("location"), Some("/kit"));
    let cookie = chosen.header("set-cookie").unwrap().split(';').next().unwrap();
    let english = text(&with_cookie(&app, "/kit", cookie).await.expect(200));
    assert!(english.contains("<html lang=\"en\"") && english.contains("One primary action a screen."));
    assert!(!english.contains("Uma ação primária"));
    let unknown = text(&with_cookie(&app, "/kit", "dinie_language=xx").await.expect(200));
    assert!(unknown.contains("<html lang=\"pt-BR\""));
}

#[tokio::test]
async fn the_choice_of_a_language_leads_to_no_other_host() {
    let app = TestApp::new().await;
    for place in ["https://example.com", "//example.com", "/%5Cexample.com", "/%09/example.com", "", "kit"] {
        let chosen = app.press("/language", &format!("language=en&to={place}")).await.expect(303);
        assert_eq!(chosen.header("location"), Some("/"), "{place}");
    }
}

#[tokio::test]
async fn the_theme_comes_from_the_address_then_from_the_cookie() {
    let app = TestApp::new().await;
    assert!(!text(&app.get("/kit").await.expect(200)).contains("data-theme="));
    assert!(text(&app.get("/kit?tema=dark").await.expect(200)).contains("data-theme=\"dark\""));
    let cookie = "dinie_theme=dark; dinie_nav=mini";
    let kept = text(&with_cookie(&app, "/kit", cookie).await.expect(200));
    assert!(kept.contains("data-theme=\"dark\"") && kept.contains("data-nav=\"mini\""));
    let asked = text(&with_cookie(&app, "/kit?tema=light", cookie).await.expect(200));
    assert!(asked.contains("data-theme=\"light\""));
}

#[tokio::test]
async fn the_first_load_of_the_kit_is_at_most_120_kb() {
    let app = TestApp::new().await;
    let compressed = async |path: String| {
        let request = Request::get(path).header("accept-encoding", "gzip").body(Body::empty()).unwrap();
        app.send(request).await.expect(200).bytes.len()
    };
    let folder = folder_in(&text(&app.get("/kit").await.expect(200)));
    let mut bytes = compressed("/kit".to_owned()).await;
    for name in [
        "tokens.css",
        "kit.css",
        "kit.js",
        "htmx.min.js",
        "htmx-sse.min.js",
        "icons.svg",
        "mark.svg",
        "fonts/inter.woff2",
        "fonts/geist-mono.woff2",
    ] {
        bytes += compressed(format!("{folder}/{name}")).await;
    }
    assert!(bytes <= 120_000, "{bytes} bytes");
}

#[tokio::test]
async fn production_has_no_kit() {
    let app = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    app.get("/kit").await.expect_problem(404, "route_not_found");
}
