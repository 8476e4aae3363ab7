//! The configuration as the people who run a server see it: shown, checked, described, read again.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Running, dinie, exchange, start_watched, stop, token};
use crate::sink::PATIENCE;

fn run(folder: &Path, arguments: &[&str]) -> Output {
    dinie(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn every_setting_is_shown_with_its_source_and_secrets_are_hidden() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("dinie.toml"), "[limits]\ntokens_per_minute = 7\n").unwrap();
    let mut command = dinie(folder.path());
    command.args(["config", "show", "--data", "here", "--json"]).env("DINIE_MASTER_KEY", "5ec4e7");
    command.env("DINIE_SSO_CLIENT_SECRET_FILE", "secret");
    let output = command.env("DINIE_LISTEN", "127.0.0.1:9999").output().unwrap();
    let said = text(&output.stdout);
    let shown: Value = serde_json::from_str(&said).unwrap();
    let of = |key: &str| {
        let all = shown["data"].as_array().unwrap();
        let one = all.iter().find(|one| one["setting"] == key).unwrap();
        (one["value"].as_str().unwrap().to_owned(), one["source"].as_str().unwrap().to_owned())
    };
    let pair = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(of("data"), pair("here", "--data"));
    assert_eq!(of("listen"), pair("127.0.0.1:9999", "DINIE_LISTEN"));
    assert_eq!(of("limits.tokens_per_minute"), pair("7", "dinie.toml"));
    assert_eq!(of("limits.requests_per_10s"), pair("1000", "default"));
    assert_eq!(of("master_key"), pair("[hidden]", "DINIE_MASTER_KEY"));
    assert_eq!(of("sso.client_secret"), pair("[hidden]", "DINIE_SSO_CLIENT_SECRET_FILE"));
    assert!(!said.contains("5ec4e7"), "{said}");
    let table = text(&run(folder.path(), &["config", "show"]).stdout);
    assert!(table.contains("lifetimes.offer_days") && table.contains("default"), "{table}");
}

#[test]
fn a_configuration_is_checked_as_a_whole_and_nothing_is_made() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("dinie.toml");
    std::fs::write(&file, "listen = \"x\"\n[limits]\ntokens = 1\nfailures_per_minute = 0\n").unwrap();
    let output = run(folder.path(), &["config", "check"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for place in ["dinie.toml:1: listen", "dinie.toml:3: ", "dinie.toml:4: limits.failures_per_minute"] {
        assert!(said.contains(place), "{place} in {said}");
    }
    std::fs::write(&file, "listen = \"127.0.0.1:8081\"\n").unwrap();
    let output = run(folder.path(), &["config", "check"]);
    assert!(output.status.success(), "{}", text(&output.stdout));
    let output = run(folder.path(), &["config", "check", "--environment", "production"]);
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(3) && said.contains("problems"), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_check_tries_the_neighbours_unless_it_is_offline() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("dinie.toml");
    std::fs::write(folder.path().join("in-the-way"), "").unwrap();
    // Nobody listens at port 1.
    let settings = "data = \"in-the-way\"\ndatabase = \"postgres://dinie:5ec4e7@127.0.0.1:1/dinie\"\n\
                    [mail]\nsmtp_url = \"smtp://dinie:5ec4e7@127.0.0.1:1\"\nfrom = \"a@example.com\"\n";
    std::fs::write(&file, settings).unwrap();
    let output = run(folder.path(), &["config", "check"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{said}");
    for place in ["dinie.toml:1: ", "dinie.toml:2: ", "dinie.toml:4: "] {
        assert!(said.contains(place), "{place} in {said}");
    }
    assert!(said.contains("mail server cannot be used") && !said.contains("5ec4e7"), "{said}");
    let output = run(folder.path(), &["config", "check", "--offline"]);
    assert!(output.status.success(), "{}", text(&output.stdout));
}

#[test]
fn the_schema_and_the_example_are_printed() {
    let folder = TempDir::new().unwrap();
    let schema: Value = serde_json::from_slice(&run(folder.path(), &["config", "schema"]).stdout).unwrap();
    assert_eq!(schema["properties"]["limits"]["properties"]["tokens_per_minute"]["default"], 60);
    let example = run(folder.path(), &["config", "example"]).stdout;
    std::fs::write(folder.path().join("dinie.toml"), &example).unwrap();
    let output = run(folder.path(), &["config", "check"]);
    assert!(output.status.success(), "{}", text(&output.stdout));
}

/// A server whose configuration the test changes.
struct Changing {
    folder: TempDir,
    running: Running,
    log: PathBuf,
}

impl Changing {
    fn start(settings: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("dinie.toml"), settings).unwrap();
        let log = folder.path().join("log");
        let mut command = dinie(folder.path());
        command.env_remove("RUST_LOG");
        let copy = std::fs::File::create(&log).unwrap();
        let running = start_watched(command, folder.path(), &["--listen", "127.0.0.1:0"], copy);
        Self { folder, running, log }
    }

    fn write(&self, name: &str, text: &str) {
        let mut file = std::fs::File::create(self.folder.path().join(name)).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    /// Sends SIGHUP and waits for a line of the log with this text. Returns the whole log.
    fn reload(&self, line: &str) -> String {
        let pid = self.running.pid().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
        let began = Instant::now();
        loop {
            let log = std::fs::read_to_string(&self.log).unwrap();
            if log.contains(line) {
                return log;
            }
            assert!(began.elapsed() < PATIENCE, "{line} did not come: {log}");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    fn get(&self, path: &str, token: &str) -> String {
        let headers = format!("authorization: Bearer {token}\r\n");
        let (status, body) = exchange(&self.running, "GET", path, &headers, "");
        assert_eq!(status, 200, "{body}");
        body
    }
}

const RATES: &str = "[[iof]]\nsince = \"2025-07-16\"\ncompany_daily_percent = \"0.0082\"\n\
    company_additional_percent = \"0.38\"\nreduced_daily_percent = \"0.00274\"\n\
    reduced_additional_percent = \"0.38\"\nreduced_up_to = \"30000.00\"\n\
    [[late]]\nsince = \"2025-07-16\"\nfine_percent = \"1.5\"\ndefault_monthly_percent = \"1\"\n";

const POLICY: &str = include_str!("../../../../docs/policy.example.toml");

#[test]
fn a_running_server_takes_rates_policy_limits_and_level_and_names_what_needs_a_restart() {
    let server = Changing::start("[limits]\noperator_requests_per_10s = 50\n");
    let partner = token(&server.running);
    let made = run(server.folder.path(), &["operator", "create", "--name", "Ana", "--json"]);
    let made: Value = serde_json::from_slice(&made.stdout).unwrap();
    let operator = made["token"].as_str().unwrap();
    assert!(!server.get("/operator/v1/settings/rates", operator).contains("\"1.5"));
    server.write("rates.toml", RATES);
    server.write("policy.toml", POLICY);
    let settings = "rates = \"rates.toml\"\npolicy = \"policy.toml\"\nlog = \"debug\"\n[limits]\n\
                    requests_per_10s = 77\n[sessions]\nhours = 2\n";
    server.write("dinie.toml", settings);
    let log = server.reload("these settings have changed and need a restart");
    assert!(log.contains("rates, policy, limits, log") && log.contains("\"sessions.hours\""), "{log}");
    assert!(server.get("/operator/v1/settings/rates", operator).contains("1.5"));
    assert!(server.get("/operator/v1/policy", operator).contains("exemplo-2026-03"));
    let asked = format!("authorization: Bearer {partner}\r\n");
    assert_eq!(limit_of(&server.running, &asked), Some("77".to_owned()));
    let log = std::fs::read_to_string(&server.log).unwrap();
    assert!(log.contains("a request was answered"), "{log}");
    assert!(stop(server.running, "-TERM").0.success());
}

/// The limit that an answer names.
fn limit_of(running: &Running, headers: &str) -> Option<String> {
    use std::io::Read as _;
    let mut connection = std::net::TcpStream::connect(&running.address).unwrap();
    let request = format!("GET /v3/customers HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer.lines().find_map(|line| line.strip_prefix("x-ratelimit-limit: ").map(str::to_owned))
}

#[test]
fn a_wrong_configuration_changes_nothing_and_the_log_says_why() {
    let server = Changing::start("[limits]\nrequests_per_10s = 50\n");
    let asked = format!("authorization: Bearer {}\r\n", token(&server.running));
    server.write("dinie.toml", "policy = \"none.toml\"\n[limits]\nrequests_per_10s = 77\ntokens = 3\n");
    let log = server.reload("the server keeps the one that it has");
    assert!(log.contains("dinie.toml:1: ") && log.contains("dinie.toml:4: "), "{log}");
    assert_eq!(limit_of(&server.running, &asked), Some("50".to_owned()));
    server.write("dinie.toml", "[limits]\nrequests_per_10s = 78\n");
    server.reload("the configuration was read again");
    assert_eq!(limit_of(&server.running, &asked), Some("78".to_owned()));
}
