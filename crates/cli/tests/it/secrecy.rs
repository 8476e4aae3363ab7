//! The program reveals nothing: logs without values, errors without secrets, files that other users cannot read.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use store::db::DatabaseUrl;
use store::test_support::PostgresCluster;
use tempfile::TempDir;

use crate::process::{dinie, exchange, start, start_logging, stop, token};

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// Registers a customer on a server at its most detailed log level. Returns the log.
fn log_of_a_registration(arguments: &[&str]) -> String {
    let folder = TempDir::new().unwrap();
    let log = folder.path().join("log");
    let arguments = [&["--listen", "127.0.0.1:0"], arguments].concat();
    let running = start_logging(folder.path(), &arguments, "trace", std::fs::File::create(&log).unwrap());
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(&running));
    let body = r#"{"cpf": "529.982.247-25", "cnpj": "11.222.333/0001-81", "name": "Zuleica Quixaba",
        "email": "zuleica@example.com", "phone": "+5511988887777", "external_id": "unlogged-17"}"#;
    let (status, answer) = exchange(&running, "POST", "/v3/customers", &headers, body);
    assert_eq!(status, 201, "{answer}");
    let (status, answer) = exchange(&running, "GET", "/v3/customers?external_id=unlogged-17", &headers, "");
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains("unlogged-17"), "{answer}");
    stop(running, "-TERM");
    std::fs::read_to_string(&log).unwrap()
}

fn assert_holds_no_parameters(log: &str) {
    // The requested log level applies to the program's own lines.
    assert!(log.contains("a request was answered"), "{log}");
    for value in
        ["unlogged-17", "Zuleica", "zuleica@", "52998224725", "529.982", "88887777", "with parameters"]
    {
        assert!(!log.contains(value), "{value} is in the log");
    }
}

#[test]
fn no_log_level_shows_the_parameters_of_statements_on_sqlite() {
    assert_holds_no_parameters(&log_of_a_registration(&[]));
}

#[test]
fn no_log_level_shows_the_parameters_of_statements_on_postgresql() {
    let Some(cluster) = PostgresCluster::shared() else { return };
    let DatabaseUrl::Postgres(url) = cluster.database() else {
        unreachable!("a cluster has PostgreSQL's URLs")
    };
    assert_holds_no_parameters(&log_of_a_registration(&["--database", &url]));
}

/// The output of the program on a configuration, which it must refuse.
fn refused(folder: &Path, toml: &str) -> String {
    std::fs::write(folder.join("dinie.toml"), toml).unwrap();
    let output = dinie(folder).arg("serve").output().unwrap();
    assert!(!output.status.success(), "{toml}");
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn an_error_in_the_configuration_file_names_the_place_but_not_the_value() {
    let folder = TempDir::new().unwrap();
    for (toml, message) in [
        (format!("environment = \"sandbox\"\nmaster_key = {SECRET}"), "line 2"),
        (format!("master_key = \"{SECRET}"), "line 1"),
        (format!("master_key = \"{SECRET}\" \"again\""), "line 1"),
        (format!("master_key = [\"{SECRET}\"]"), "master_key"),
        (format!("listen = \"{SECRET}\""), "dinie.toml"),
        (format!("limits = \"{SECRET}\""), "limits"),
        (format!("[limits]\nrequests_per_10s = \"{SECRET}\""), "requests_per_10s"),
        (format!("master_keys = \"{SECRET}\""), "master_keys"),
        (format!("master_key = \"{SECRET}00\""), "64 hex digits"),
        (format!("database = \"mysql://dinie:{SECRET}@db/dinie\""), "sqlite:PATH"),
        (format!("database = \"postgres://dinie:{SECRET}@127.0.0.1:1/dinie?sslmode=x\""), "database"),
        (format!("database = \"postgres://dinie:{SECRET}@127.0.0.1:1/dinie\""), "database"),
        (format!("[mail]\nfrom = \"a@example.com\"\nsmtp_url = \"smtp//dinie:{SECRET}@mail\""), "--smtp-url"),
    ] {
        let said = refused(folder.path(), &toml);
        assert!(!said.contains(&SECRET[..16]), "{toml}\n{said}");
        assert!(said.contains(message), "{toml}\n{said}");
    }
}

#[test]
fn neither_the_help_nor_an_error_shows_a_secret_of_the_environment() {
    let folder = TempDir::new().unwrap();
    let url = format!("postgres://dinie:{SECRET}@127.0.0.1:1/dinie");
    for arguments in [&["--help"][..], &["serve", "--help"], &["serve", "--listen", "nowhere"], &["serve"]] {
        let mut command = dinie(folder.path());
        command.args(arguments).env("DINIE_DATABASE", &url).env("DINIE_MASTER_KEY", SECRET);
        command.env("DINIE_SMTP_URL", format!("smtp://a:{SECRET}@mail")).env("RUST_LOG", "trace");
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(!String::from_utf8_lossy(&said).contains(&SECRET[..16]), "{arguments:?}");
    }
}

/// The paths below a folder that other users than its owner can access.
fn open_to_others(folder: &Path) -> Vec<String> {
    let mut open = Vec::new();
    let mut paths = vec![folder.to_owned()];
    while let Some(path) = paths.pop() {
        let mode = std::fs::symlink_metadata(&path).unwrap().permissions().mode();
        if mode & 0o077 != 0 {
            open.push(format!("{} {mode:o}", path.display()));
        }
        if path.is_dir() {
            paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    open
}

#[test]
fn the_servers_files_are_private_also_those_that_an_earlier_version_left_open() {
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let running = start(folder.path());
    let (ready, _) = exchange(&running, "GET", "/ready", "", "");
    assert_eq!(ready, 200);
    assert_eq!(open_to_others(&data), Vec::<String>::new());
    stop(running, "-KILL");

    let (below, file) = (data.join("blobs/ptr_1"), data.join("blobs/ptr_1/file"));
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(&file, "sealed").unwrap();
    let mut paths = vec![data.clone()];
    while let Some(path) = paths.pop() {
        let mode = if path.is_dir() { 0o755 } else { 0o644 };
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        if path.is_dir() {
            paths.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    assert!(open_to_others(&data).len() > 5);
    let running = start(folder.path());
    assert_eq!(open_to_others(&data), Vec::<String>::new());
    assert!(data.join("dinie.db-wal").exists() && file.exists());
    stop(running, "-TERM");
}
