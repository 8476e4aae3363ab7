//! The program as its user runs it: started, stopped, killed, restarted.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use store::db::DatabaseUrl;
use store::migrations::{self, Contracting, Migration, Phase, Step, TREE, Tree};
use store::seal::MasterKey;

use crate::vault::said;

/// A server in a separate process.
pub(crate) struct Running {
    child: Child,
    pub(crate) address: String,
    pub(crate) credential: Option<(String, String)>,
    /// Copies the log until the process ends.
    copying: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    /// The id of the process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

pub(crate) fn dinie(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dinie"));
    // The person's own profiles must not change a test.
    command
        .current_dir(folder)
        .env_clear()
        .env("RUST_LOG", "info")
        .env("XDG_CONFIG_HOME", folder.join("config"));
    command
}

/// The resource that a command made, as it prints it.
fn made(mut command: Command, arguments: &[&str]) -> serde_json::Value {
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The id and the credential of a new partner.
pub(crate) fn new_partner(folder: &Path) -> (String, (String, String)) {
    new_partner_by(|| dinie(folder))
}

/// The id and the credential of a new partner, made by commands that run the program.
pub(crate) fn new_partner_by(command: impl Fn() -> Command) -> (String, (String, String)) {
    let text = |made: &serde_json::Value, key: &str| made[key].as_str().unwrap().to_owned();
    let id = text(&made(command(), &["partner", "create", "--name", "Loja", "--json"]), "id");
    let new = ["credential", "create", "--partner", &id, "--name", "checkout", "--json"];
    let credential = made(command(), &new);
    (id, (text(&credential, "client_id"), text(&credential, "client_secret")))
}

/// Starts a server on a free port and waits until it listens.
pub(crate) fn start(folder: &Path) -> Running {
    start_at(folder, "127.0.0.1:0")
}

/// Starts a server at an address that another server used before, and waits until it listens.
pub(crate) fn start_at(folder: &Path, address: &str) -> Running {
    start_with(folder, &["--listen", address])
}

/// Starts a server with these arguments and waits until it listens.
pub(crate) fn start_with(folder: &Path, arguments: &[&str]) -> Running {
    start_with_command(dinie(folder), folder, arguments)
}

/// Starts a server by a command that runs the program, and waits until it listens.
pub(crate) fn start_with_command(command: Command, folder: &Path, arguments: &[&str]) -> Running {
    start_watched(command, folder, arguments, std::io::sink())
}

/// Starts a server that logs at this level, waits until it listens and copies its log.
pub(crate) fn start_logging(
    folder: &Path, arguments: &[&str], level: &str, copy: impl std::io::Write + Send + 'static,
) -> Running {
    let mut command = dinie(folder);
    command.env("RUST_LOG", level);
    start_watched(command, folder, arguments, copy)
}

/// Starts a server by a command that runs the program, waits until it listens and copies its log.
pub(crate) fn start_watched(
    mut command: Command, folder: &Path, arguments: &[&str], mut copy: impl std::io::Write + Send + 'static,
) -> Running {
    let mut child =
        command.arg("serve").args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    let address = loop {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the server ended before it was ready");
        copy.write_all(line.as_bytes()).unwrap();
        let entry: serde_json::Value = serde_json::from_str(&line).unwrap();
        if let Some(address) = entry["address"].as_str() {
            break address.to_owned();
        }
    };
    // The log must be read; otherwise the pipe fills and the server blocks.
    let copying = std::thread::spawn(move || {
        std::io::copy(&mut log, &mut copy).unwrap();
    });
    let mut running = Running { child, address, credential: None, copying: Some(copying) };
    running.credential = folder_credential(&mut running, folder);
    running
}

/// The credential that the first start prints. It is kept in a file for later starts.
fn folder_credential(running: &mut Running, folder: &Path) -> Option<(String, String)> {
    let kept = folder.join("credential");
    if let Ok(text) = std::fs::read_to_string(&kept) {
        return text.split_once(' ').map(|(id, secret)| (id.to_owned(), secret.to_owned()));
    }
    let mut out = BufReader::new(running.child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut value = |name: &str| {
        out.find_map(|line| line.trim().strip_prefix(name).map(|rest| rest.trim().to_owned())).unwrap()
    };
    let pair = (value("client_id"), value("client_secret"));
    std::fs::write(kept, format!("{} {}", pair.0, pair.1)).unwrap();
    Some(pair)
}

/// One HTTP exchange. Returns status and body.
pub(crate) fn exchange(
    running: &Running, method: &str, path: &str, headers: &str, body: &str,
) -> (u16, String) {
    use std::io::Write as _;
    let mut connection = std::net::TcpStream::connect(&running.address).unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
}

/// An access token of the server's first credential.
pub(crate) fn token(running: &Running) -> String {
    let (id, secret) = running.credential.clone().unwrap();
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let headers = "content-type: application/x-www-form-urlencoded\r\n";
    let (status, body) = exchange(running, "POST", "/v3/auth/token", headers, &form);
    assert_eq!(status, 200, "{body}");
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

/// Stops a server with a signal. Returns its exit status and the duration.
pub(crate) fn stop(running: Running, signal: &str) -> (ExitStatus, Duration) {
    let began = Instant::now();
    let pid = running.child.id().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    (ended(running), began.elapsed())
}

/// Waits until a server has ended. Returns its exit status.
pub(crate) fn ended(mut running: Running) -> ExitStatus {
    let status = running.child.wait().unwrap();
    if let Some(copying) = running.copying.take() {
        copying.join().unwrap();
    }
    status
}

#[test]
fn sigterm_drains_the_server_and_exits_with_success() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    assert_eq!(exchange(&running, "GET", "/ready", "", "").0, 200);
    let idle_connection = std::net::TcpStream::connect(&running.address).unwrap();
    let (status, took) = stop(running, "-TERM");
    drop(idle_connection);
    assert!(status.success(), "{status}");
    // The limit is ten seconds; a slow machine gets ten more.
    assert!(took < Duration::from_secs(20), "{took:?}");
}

#[test]
fn a_server_that_is_stopped_while_its_database_is_silent_exits_with_success() {
    let folder = tempfile::TempDir::new().unwrap();
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let database = format!("postgres://dinie@{}/dinie", silent.local_addr().unwrap());
    std::fs::write(folder.path().join("key"), "5a".repeat(32)).unwrap();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--database", &database, "--master-key-file", "key"];
    let mut child = dinie(folder.path()).args(arguments).stderr(Stdio::null()).spawn().unwrap();
    let _never_answered = silent.accept().unwrap();
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
}

/// A proxy sees in the readiness that it must send requests elsewhere, and loses none until it does.
#[test]
fn a_leaving_server_is_not_ready_and_still_serves() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("dinie.toml"), "[connections]\ndrain_s = 5\n").unwrap();
    let running = start(folder.path());
    let pid = running.pid().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    loop {
        // The connections are new ones.
        assert_eq!(exchange(&running, "GET", "/health", "", "").0, 200);
        let (status, body) = exchange(&running, "GET", "/ready", "", "");
        if status == 503 {
            assert!(body.contains("the server is stopping"), "{body}");
            break;
        }
    }
    assert!(ended(running).success());
}

#[test]
fn acknowledged_writes_survive_a_kill() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..4_u32 {
        let running = start(folder.path());
        let headers =
            format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(&running));
        for id in &acknowledged {
            let (status, body) = exchange(&running, "GET", &format!("/v3/customers/{id}"), &headers, "");
            assert_eq!(status, 200, "{body}");
        }
        for number in 0..10_u32 {
            let body = crate::inputs::registration(100_000_000 + round * 10 + number, "manual").to_string();
            let (status, body) = exchange(&running, "POST", "/v3/customers", &headers, &body);
            assert_eq!(status, 201, "{body}");
            let body: serde_json::Value = serde_json::from_str(&body).unwrap();
            acknowledged.push(body["id"].as_str().unwrap().to_owned());
        }
        stop(running, "-KILL");
    }
    assert_eq!(acknowledged.len(), 40);
}

#[test]
fn a_second_server_on_the_same_file_refuses_and_gives_the_reason() {
    let folder = tempfile::TempDir::new().unwrap();
    let _first = start(folder.path());
    let second = dinie(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!second.status.success());
    let said = String::from_utf8(second.stderr).unwrap();
    assert!(said.contains("another server is running on"), "{said}");
}

#[test]
fn partners_and_credentials_are_created_while_a_server_runs() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut running = start(folder.path());
    let (partner, credential) = new_partner(folder.path());
    running.credential = Some(credential);
    token(&running);
    let new = ["credential", "create", "--partner", &partner, "--name", "kyc", "--json"];
    let limited = made(dinie(folder.path()), &[&new[..], &["--scope", "biometrics:exchange"]].concat());
    assert_eq!(limited["scope"], "biometrics:exchange");
    let unknown = dinie(folder.path())
        .args(["credential", "create", "--partner", "ptr_01a20928a97d7cf2a4e6abd5b178664c", "--name", "x"])
        .output()
        .unwrap();
    assert!(!unknown.status.success());
}

#[test]
fn production_refuses_to_start_without_its_key_and_a_setting_for_tls() {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| said(folder.path(), arguments);
    let (ok, said) = run(&["migrate", "--environment", "production"]);
    assert!(!ok && said.contains("--behind-tls-proxy"), "{said}");
    let url = "https://api.example.com";
    let (ok, said) =
        run(&["migrate", "--environment", "production", "--behind-tls-proxy", "--public-url", url]);
    assert!(!ok && said.contains("DINIE_MASTER_KEY"), "{said}");
    let key = "5a".repeat(32);
    let production = ["migrate", "--environment", "production", "--behind-tls-proxy", "--master-key", &key];
    let (ok, said) = run(&production);
    assert!(!ok && said.contains("--public-url"), "{said}");
    let production = [&production[..], &["--public-url", url]].concat();
    let long = ["--public-url", "https://a-name-that-leaves-no-room-for-a-pix-code.example.com"];
    let (ok, said) = run(&[&production[..6], &long].concat());
    assert!(!ok && said.contains("Pix"), "{said}");
    let (ok, said) = run(&production);
    assert!(!ok && said.contains("[creditor]"), "{said}");
    std::fs::write(
        folder.path().join("dinie.toml"),
        "[creditor]\nname = \"Exemplo SCD S.A.\"\ncnpj = \"11.222.333/0001-81\"\n\
         address = \"Rua Um, 1\"\ncity = \"Recife\"\n",
    )
    .unwrap();
    let (ok, said) = run(&production);
    assert!(!ok && said.contains("--smtp-url"), "{said}");
    let mail = ["--smtp-url", "smtps://mail.example.com", "--mail-from", "credito@example.com"];
    let (ok, said) = run(&[&production[..], &mail].concat());
    assert!(ok, "{said}");
    let (ok, said) = run(&["migrate", "--master-key", &key]);
    assert!(!ok && said.contains("belongs to the environment production"), "{said}");
}

#[test]
fn the_first_migration_makes_the_tables_and_the_next_one_changes_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| said(folder.path(), arguments);
    let file = folder.path().join("data/dinie.db");
    let (ok, said) = run(&["migrate", "--status"]);
    assert!(!ok && said.contains("there is no file"), "{said}");
    assert!(!file.exists());
    let (ok, said) = run(&["migrate"]);
    assert!(ok && said.contains("migrated from version 0: schema version 1"), "{said}");
    let (ok, said) = run(&["migrate"]);
    assert!(ok && said.contains("the database is up to date: schema version 1"), "{said}");
    let (ok, said) = run(&["migrate", "--status"]);
    assert!(ok && said.contains("schema version 1: this program can serve it"), "{said}");
    let (ok, said) = run(&["version"]);
    assert!(ok && said.contains("serves schema versions 1 to 1"), "{said}");
    assert!(run(&["ledger", "check"]).0);
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_are_distributed_only_if_the_extension_exists() {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| said(folder.path(), arguments);
    let (ok, said) = run(&["migrate", "--distribute"]);
    assert!(!ok && said.contains("a file of SQLite is on one machine"), "{said}");
    assert!(!folder.path().join("data/dinie.db").exists(), "a refused command makes no file");
    let (ok, said) = run(&["migrate", "--distribute", "--status"]);
    assert!(!ok && said.contains("cannot be used with"), "{said}");
    let Some(cluster) = tokio::task::block_in_place(store::test_support::PostgresCluster::shared) else {
        return;
    };
    let DatabaseUrl::Postgres(url) = tokio::task::block_in_place(|| cluster.database()) else {
        unreachable!("a cluster has no files of SQLite")
    };
    let (ok, said) = run(&["migrate", "--distribute", "--database", &url]);
    assert!(!ok && said.contains("no extension citus"), "{said}");
    let (ok, said) = run(&["migrate", "--status", "--database", &url]);
    assert!(ok && said.contains("schema version 0"), "a refused command makes no tables: {said}");
}

/// A later program has removed a table that this one uses. The node reports this and accepts no more load.
#[test]
fn a_node_is_no_longer_ready_after_a_contraction_has_ended_its_service() {
    const CONTRACT: Migration = Migration {
        name: "contract",
        phase: Phase::Contract { serves_from: 2 },
        steps: &[Step::Sql("drop table former")],
    };
    const EXPAND: Migration = Migration {
        name: "expand",
        phase: Phase::Expand,
        steps: &[Step::Sql("create table former (id text)")],
    };
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    let hex = std::fs::read_to_string(folder.path().join("data/master.key")).unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("data/dinie.db"));
    let later = |more: &[Migration]| {
        let tree = Tree(Box::leak([TREE.0, more].concat().into_boxed_slice()));
        let byte = |at: usize| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap();
        let key = MasterKey::new(std::array::from_fn(byte));
        migrations::migrate(&url, key, tree, Contracting::Runs).unwrap();
    };
    later(&[EXPAND]);
    let (status, body) = exchange(&running, "GET", "/ready", "", "");
    assert!(
        status == 200 && body.contains(r#""schema":{"version":2,"serves_from":1,"serves_to":1}"#),
        "{body}"
    );
    later(&[EXPAND, CONTRACT]);
    // A node's readiness may be one second old.
    let began = Instant::now();
    loop {
        let (status, body) = exchange(&running, "GET", "/ready", "", "");
        if status == 503 {
            assert!(body.contains("use a newer program"), "{body}");
            let url = format!("http://{}", running.address);
            let asked =
                |more: &[&str]| dinie(folder.path()).args(["health", "--url", &url]).args(more).output();
            let (alive, is_ready) = (asked(&[]).unwrap(), asked(&["--ready"]).unwrap());
            assert_eq!((alive.status.code(), is_ready.status.code()), (Some(0), Some(8)));
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{body}");
    }
}

/// A webhook that is under way at the stop is completed and recorded, so it is not sent again.
#[test]
fn a_webhook_under_way_at_the_stop_is_recorded() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start(folder.path());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(&running));
    let body = serde_json::json!({"url": url, "events": ["customer.created"]}).to_string();
    let (status, made) = exchange(&running, "POST", "/v3/webhooks/endpoints", &headers, &body);
    assert_eq!(status, 201, "{made}");
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let body = crate::inputs::registration(529_982_247, "manual").to_string();
    assert_eq!(exchange(&running, "POST", "/v3/customers", &headers, &body).0, 201);
    // The webhook has arrived, and its answer is sent after the stop of the server has begun.
    let (mut come, _) = listener.accept().unwrap();
    let slow = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        std::io::Write::write_all(&mut come, b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
    });
    let (status, _) = stop(running, "-TERM");
    assert!(status.success(), "{status}");
    slow.join().unwrap();
    let running = start(folder.path());
    let path = format!("/v3/webhooks/endpoints/{}/deliveries", made["id"].as_str().unwrap());
    let headers = format!("authorization: Bearer {}\r\n", token(&running));
    let (_, listed) = exchange(&running, "GET", &path, &headers, "");
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["data"][0]["status"], "delivered", "{listed}");
    assert_eq!(listed["data"][0]["attempts"].as_array().unwrap().len(), 1);
}

#[test]
fn an_operator_gets_the_roles_that_the_command_names() {
    let folder = tempfile::TempDir::new().unwrap();
    let said = |arguments: &[&str]| said(folder.path(), arguments);
    assert!(said(&["migrate"]).0);
    let create = ["operator", "create", "--name", "Ana", "--role", "treasury", "--role", "auditor"];
    assert!(said(&create).0);
    assert!(!said(&["operator", "create", "--name", "Bob", "--role", "chief"]).0);
    let past = ["operator", "create", "--name", "Bob", "--expires-at", "2020-01-01T00:00:00Z"];
    assert!(!said(&past).0);
    let (_, list) = said(&["operator", "list"]);
    assert!(list.contains("Ana  (auditor treasury)") && !list.contains("Bob"), "{list}");
}

#[test]
fn the_audit_trails_head_is_logged_printed_and_checked() {
    let folder = tempfile::TempDir::new().unwrap();
    let said = |arguments: &[&str]| said(folder.path(), arguments);
    assert!(said(&["migrate"]).0);
    let (_, operator) = said(&["operator", "create", "--name", "Mesa", "--json"]);
    let operator: serde_json::Value = serde_json::from_str(&operator).unwrap();
    let log = folder.path().join("log");
    let arguments = ["--listen", "127.0.0.1:0"];
    let running = start_logging(folder.path(), &arguments, "info", std::fs::File::create(&log).unwrap());
    let headers = format!("authorization: Bearer {}\r\n", operator["token"].as_str().unwrap());
    assert_eq!(exchange(&running, "GET", "/operator/v1/loans", &headers, "").0, 200);

    let (good, head) = said(&["audit", "head"]);
    assert!(good && head.starts_with("1:"), "{head}");
    let head = head.trim();
    let (good, whole) = said(&["audit", "check", "--head", head]);
    assert!(good && whole.contains("1 entries, entry 1 as published"), "{whole}");
    let cut_off = head.replacen("1:", "2:", 1);
    let (good, lost) = said(&["audit", "check", "--head", &cut_off]);
    assert!(!good && lost.contains("entry 2 as published"), "{lost}");
    let (good, malformed) = said(&["audit", "check", "--head", "1"]);
    assert!(!good && malformed.contains("NUMBER:HASH"), "{malformed}");
    stop(running, "-TERM");
    let log = std::fs::read_to_string(&log).unwrap();
    assert!(log.contains("\"audit.head\":\"0:\""), "{log}");
}
