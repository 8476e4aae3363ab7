//! The login of programs: a code that a developer confirms in the dashboard, and a credential that a program collects once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use domain::access::TeamRole;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::answer::Answer;
use crate::console::{Person, text};
use crate::process::{Running, dinie, start};
use crate::support::TestApp;

async fn post(app: &TestApp, path: &str, body: &Value) -> Answer {
    let request = Request::post(path).header("content-type", "application/json");
    app.send(request.body(Body::from(body.to_string())).unwrap()).await
}

/// The secret and the code of a login.
pub(crate) async fn begun(app: &TestApp, name: &str) -> (String, String) {
    let begun = post(app, "/login/program", &json!({"name": name})).await.expect(200).body;
    let of = |key: &str| begun[key].as_str().unwrap().to_owned();
    assert!(of("url").ends_with(&format!("/dashboard/connect/{}", of("code"))), "{begun}");
    (of("secret"), of("code"))
}

async fn collect(app: &TestApp, secret: &str) -> Answer {
    post(app, "/login/program/credential", &json!({"secret": secret})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_program_collects_its_credential_once() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let developer = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let (secret, code) = begun(&app, "laptop da Ana").await;
        let page = format!("/dashboard/connect/{code}");
        collect(&app, &secret).await.expect(202);
        let shown = developer.read(&page).await;
        assert!(shown.contains(&code) && shown.contains("laptop da Ana"), "{shown}");
        let support = Person::of_team(&app, partner.id, TeamRole::Support).await;
        support.press(&format!("{page}/confirm"), "").await.expect(403);
        let typed = developer.page(&format!("/dashboard/connect?code={}", code.to_lowercase())).await;
        assert_eq!(typed.expect(303).header("location"), Some(&*page));
        developer.press(&format!("{page}/confirm"), "").await.expect(303);
        developer.press(&format!("{page}/confirm"), "").await.expect(404);
        developer.page(&page).await.expect(404);
        let made = collect(&app, &secret).await.expect(200).body;
        assert_eq!(made["partner_id"], partner.id.to_string());
        let of = |key: &str| made[key].as_str().unwrap().to_owned();
        app.token(&of("client_id"), &of("client_secret")).await.expect(200);
        collect(&app, &secret).await.expect_problem(404, "resource_not_found");
        let keys = developer.read("/dashboard/keys").await;
        assert!(keys.contains("dinie login: laptop da Ana"), "{keys}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_ends_after_ten_minutes_and_needs_a_visible_name() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let (secret, code) = begun(&app, "laptop").await;
        app.clock.advance(Duration::from_mins(10));
        let developer = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        let ended = developer.page(&format!("/dashboard/connect/{code}")).await.expect(404);
        assert!(text(&ended.bytes).contains("dinie login"));
        developer.press(&format!("/dashboard/connect/{code}/confirm"), "").await.expect(404);
        collect(&app, &secret).await.expect_problem(404, "resource_not_found");
        for name in [json!(""), json!("a\u{202e}b"), json!(null), json!("x".repeat(61))] {
            post(&app, "/login/program", &json!({"name": name})).await.expect_problem(400, "invalid_request");
        }
    }
}

#[test]
fn the_command_waits_for_the_code_and_keeps_the_credential_in_its_profile() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let url = format!("http://{}", running.address);
    let mut login = dinie(folder.path());
    login.args(["login", "--url", &url, "--profile", "shop", "--name", "laptop"]);
    let mut login = login.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(login.stderr.take().unwrap()).lines().map_while(Result::ok);
    let page = lines.find(|line| line.contains("/dashboard/connect/")).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    confirm(&running, folder.path(), page.trim());
    let output = login.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.contains("Signed in as Sandbox"), "{said}");
    let run = |arguments: &[&str]| {
        let output = dinie(folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let listed = run(&["customers", "list", "--profile", "shop"]);
    assert!(listed.contains("has_more"), "{listed}");
    let profiles = run(&["profiles"]);
    assert!(
        profiles.contains("shop") && profiles.contains(&url) && !profiles.contains("dinie_cs"),
        "{profiles}"
    );
    let elsewhere = dinie(folder.path())
        .args(["customers", "list", "--profile", "shop", "--url", "http://127.0.0.1:1"])
        .output()
        .unwrap();
    assert_eq!(elsewhere.status.code(), Some(2), "the credential is for another server");
    let file = folder.path().join("config/dinie/profiles.toml");
    let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o077, 0);
    run(&["logout", "--profile", "shop"]);
    assert!(!run(&["profiles"]).contains("shop"));
}

/// Confirms a login as the sandbox's administrator, as a browser would.
fn confirm(running: &Running, folder: &Path, page: &str) {
    let output = dinie(folder).args(["console", "link"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let link = said.split_whitespace().find(|word| word.contains("/sign-in/link/")).unwrap();
    let path = |url: &str| format!("/{}", url.splitn(4, '/').nth(3).unwrap());
    let entered = pressed(running, &path(link), "");
    let cookies = entered.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let pairs: Vec<&str> = cookies.map(|cookie| cookie.split(';').next().unwrap()).collect();
    let cookie = format!("cookie: {}\r\n", pairs.join("; "));
    let confirmed = pressed(running, &format!("{}/confirm", path(page)), &cookie);
    assert!(confirmed.contains("/dashboard/connect/done"), "{confirmed}");
}

/// Sends an empty form. Returns the head of the answer.
fn pressed(running: &Running, path: &str, more: &str) -> String {
    let mut connection = TcpStream::connect(&running.address).unwrap();
    let host = &running.address;
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {host}\r\nsec-fetch-site: same-origin\r\nconnection: close\r\ncontent-length: 0\r\n\
         content-type: application/x-www-form-urlencoded\r\naccept: text/html\r\n{more}\r\n"
    );
    connection.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().0.to_owned()
}
