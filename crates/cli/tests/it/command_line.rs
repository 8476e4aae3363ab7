//! The command line as people use it: the help, wrong folders, exit statuses, lists, colours.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::process::{Running, dinie, new_partner, start};

/// Runs a command to its end.
fn run(folder: &Path, arguments: &[&str]) -> Output {
    dinie(folder).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The exit status and the error stream.
fn failed(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(folder, arguments);
    (output.status.code().unwrap(), text(&output.stderr))
}

/// A command that calls a running server as its first partner.
pub(crate) fn calling(folder: &Path, running: &Running, arguments: &[&str]) -> Command {
    let (id, secret) = running.credential.clone().unwrap();
    let mut command = dinie(folder);
    command.args(arguments).env("DINIE_URL", format!("http://{}", running.address));
    command.env("DINIE_CLIENT_ID", id).env("DINIE_CLIENT_SECRET", secret);
    command
}

#[test]
fn the_bare_program_prints_its_help_and_makes_nothing_in_an_empty_folder() {
    let folder = TempDir::new().unwrap();
    let output = run(folder.path(), &[]);
    assert!(output.status.success());
    let said = text(&output.stdout);
    for word in ["dinie serve", "listen", "credential", "Administration"] {
        assert!(said.contains(word), "{said}");
    }
    assert!(!said.contains("--master-key") && !said.contains('\u{1b}'), "{said}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn the_bare_program_starts_the_server_where_one_is_meant() {
    // The configuration is wrong, so that the server does not stay.
    let wrong = "listen = \"nowhere\"\n";
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("dinie.toml"), wrong).unwrap();
    let (status, said) = failed(folder.path(), &[]);
    assert!(status == 3 && said.contains("listen"), "{status} {said}");
    let named = TempDir::new().unwrap();
    for (name, value) in [("DINIE_COMMAND", "serve"), ("DINIE_DATA", "data")] {
        let mut command = dinie(named.path());
        let output = command.env(name, value).env("DINIE_DATABASE", "mysql://db").output().unwrap();
        assert!(text(&output.stderr).contains("sqlite:PATH"), "{name}");
    }
}

#[test]
fn the_version_names_the_commit_and_the_schema_versions() {
    let folder = TempDir::new().unwrap();
    let said = |arguments: &[&str]| text(&run(folder.path(), arguments).stdout);
    let whole = said(&["--version"]);
    let version = env!("CARGO_PKG_VERSION");
    assert!(whole.starts_with(&format!("dinie {version}\ncommit ")), "{whole}");
    assert!(whole.contains("this program serves schema versions"), "{whole}");
    assert_eq!(said(&["version"]), whole);
    assert_eq!(said(&["-V"]), format!("dinie {version}\n"));
}

#[test]
fn commands_of_a_client_have_no_settings_of_the_server() {
    let folder = TempDir::new().unwrap();
    for arguments in [&["listen"][..], &["trigger"], &["demo"], &["bench", "api"]] {
        let said = text(&run(folder.path(), &[arguments, &["--help"]].concat()).stdout);
        assert!(!said.contains("--master-key") && !said.contains("--smtp-url"), "{said}");
    }
    let said = text(&run(folder.path(), &["serve", "--help"]).stdout);
    assert!(said.contains("--master-key"), "{said}");
    let (status, said) = failed(folder.path(), &["--listen", "127.0.0.1:0"]);
    assert!(status == 2 && said.contains("serve --listen"), "{said}");
}

#[test]
fn commands_without_a_database_say_so_and_make_none() {
    let folder = TempDir::new().unwrap();
    let partner = "ptr_01a20928a97d7cf2a4e6abd5b178664c";
    for arguments in [
        &["partner", "list"][..],
        &["partner", "create", "--name", "Loja"],
        &["credential", "create", "--partner", partner, "--name", "x"],
        &["operator", "list"],
        &["console", "link"],
        &["audit", "head"],
        &["ledger", "check"],
        &["keys", "rotate"],
        &["backup", "--to", "copy"],
        &["verify"],
    ] {
        let (status, said) = failed(folder.path(), arguments);
        assert!(status == 3 && said.contains("there is no database at"), "{arguments:?} {status} {said}");
        assert!(said.contains("dinie serve") && said.contains("--data"), "{said}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{arguments:?}");
    }
}

#[test]
fn partners_and_credentials_are_listed() {
    let folder = TempDir::new().unwrap();
    let _running = start(folder.path());
    let (partner, (client, secret)) = new_partner(folder.path());
    let json = |arguments: &[&str]| -> Value {
        let output = run(folder.path(), &[arguments, &["--output", "json"]].concat());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let partners = json(&["partner", "list"]);
    assert_eq!(partners["data"][1]["id"], Value::from(&*partner));
    assert_eq!(partners["data"][1]["name"], "Loja");
    let credentials = json(&["credential", "list", "--partner", &partner]);
    assert_eq!(credentials["data"][0]["client_id"], Value::from(&*client));
    assert_eq!(credentials["data"][0]["status"], "active");
    let table = text(&run(folder.path(), &["credential", "list", "--partner", &partner]).stdout);
    assert!(table.contains(&client) && table.contains("checkout") && !table.contains(&secret), "{table}");
    let made = json(&["credential", "create", "--partner", &partner, "--name", "second"]);
    for field in ["client_id", "client_secret", "partner_id", "name", "scope", "status", "created_at"] {
        assert!(made[field].is_string(), "{field} in {made}");
    }
    let (status, said) =
        failed(folder.path(), &["credential", "list", "--partner", "ptr_01a20928a97d7cf2a4e6abd5b178664c"]);
    assert!(status == 6 && said.contains("dinie partner list"), "{said}");
}

#[test]
fn each_kind_of_failure_has_its_exit_status_and_says_what_to_do() {
    let folder = TempDir::new().unwrap();
    let nobody = ["--url", "http://127.0.0.1:1", "--client-id", "dinie_ci_test_x", "--client-secret", "x"];
    let with = |arguments: &[&str]| failed(folder.path(), &[arguments, &nobody[..]].concat());
    let (status, said) = with(&["trigger", "loan.active"]);
    assert_eq!(status, 4, "{said}");
    assert!(said.contains("http://127.0.0.1:1 does not answer"), "{said}");
    assert!(said.contains("dinie serve") && said.contains("--url"), "{said}");
    let (status, said) = with(&["trigger", "loan.actve"]);
    assert!(status == 2 && said.contains("did you mean loan.active?"), "{said}");
    let (status, said) = with(&["listen", "--forward-to", "9000", "--events", "lone.active"]);
    assert!(status == 2 && said.contains("did you mean loan.active?"), "{said}");
    let (status, said) = failed(folder.path(), &["trigger", "loan.active"]);
    assert!(status == 5 && said.contains("dinie login"), "{said}");
    let (status, said) = failed(folder.path(), &["trigger", "loan.active", "--profile", "shop"]);
    assert!(status == 2 && said.contains("no profile shop"), "{said}");
    let (status, said) = failed(folder.path(), &["triger"]);
    assert!(status == 2 && said.contains("trigger"), "{said}");
}

#[test]
fn a_wrong_credential_has_its_status_and_the_servers_reason() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let mut command = calling(folder.path(), &running, &["trigger", "customer.created"]);
    let output = command.env("DINIE_CLIENT_SECRET", "dinie_cs_test_wrong").output().unwrap();
    let said = text(&output.stderr);
    assert!(output.status.code() == Some(5) && said.contains("POST /auth/token answered 401"), "{said}");
    assert!(said.contains("req"), "{said}");
}

#[test]
fn a_servers_url_may_name_a_generation() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    for path in ["", "/", "/v3", "/api/v3/"] {
        let mut command = calling(folder.path(), &running, &["trigger", "customer.created"]);
        let output = command.env("DINIE_URL", format!("http://{}{path}", running.address)).output().unwrap();
        assert!(output.status.success(), "{path}: {}", text(&output.stderr));
    }
}

#[test]
fn colours_need_a_terminal_or_a_demand_and_honour_no_color() {
    let folder = TempDir::new().unwrap();
    let said = |settings: &[(&str, &str)]| {
        let mut command = dinie(folder.path());
        command.args(["trigger", "loan.active"]).envs(settings.iter().copied());
        text(&command.output().unwrap().stderr)
    };
    assert!(!said(&[]).contains('\u{1b}'));
    assert!(said(&[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!said(&[("NO_COLOR", "1")]).contains('\u{1b}'));
}

#[test]
fn shells_and_man_know_the_commands() {
    let folder = TempDir::new().unwrap();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(folder.path(), &["completions", shell]);
        assert!(output.status.success() && text(&output.stdout).contains("trigger"), "{shell}");
    }
    let page = text(&run(folder.path(), &["man"]).stdout);
    assert!(page.contains(".TH dinie 1") && page.contains("serve"), "{page}");
    assert!(run(folder.path(), &["man", "--to", "pages"]).status.success());
    assert!(folder.path().join("pages/dinie-listen.1").exists());
}

#[test]
fn health_says_whether_a_server_answers() {
    let folder = TempDir::new().unwrap();
    let (status, said) = failed(folder.path(), &["health", "--url", "127.0.0.1:1"]);
    assert!(status == 4 && said.contains("does not answer"), "{status} {said}");
    let running = start(folder.path());
    for (arguments, expected) in [(&["health"][..], "ok"), (&["health", "--ready"], "ready")] {
        let output = calling(folder.path(), &running, arguments).output().unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(output.status.success() && answer["status"] == expected, "{answer}");
    }
}
