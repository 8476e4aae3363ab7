//! A master key in a token of PKCS#11: SoftHSM, with its tokens in the test's own folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use store::db::DatabaseUrl;
use tempfile::TempDir;

use crate::backup::{path_of, upload};
use crate::keys::under_load;
use crate::process::{Running, dinie, exchange, new_partner_by, start_with_command, stop, token};
use crate::support::TestApp;
use crate::vault::{ended_with, look_up, register};

const MODULES: [&str; 2] = ["/usr/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so"];
const PIN: &str = "5ec4e7-91";

/// A folder with tokens, and a database.
struct Place {
    folder: TempDir,
    url: String,
    module: &'static str,
}

impl Place {
    /// A place with a token named `dinie`. `None` without SoftHSM.
    fn on(url: Option<String>) -> Option<Self> {
        let Some(module) = MODULES.into_iter().find(|module| Path::new(module).exists()) else {
            #[expect(
                clippy::disallowed_methods,
                reason = "the environment says whether a part may be skipped"
            )]
            let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!ci, "CI must have SoftHSM (Debian: softhsm2)");
            println!("*** NOT RUN: there is no SoftHSM (Debian: softhsm2)");
            return None;
        };
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("data/dinie.db");
        let url = url.unwrap_or_else(|| format!("sqlite:{}", file.display()));
        let place = Self { folder, url, module };
        fs::create_dir(place.tokens()).unwrap();
        let settings = format!("directories.tokendir = {}\nlog.level = ERROR\n", place.tokens().display());
        fs::write(place.path().join("softhsm2.conf"), settings).unwrap();
        fs::write(place.path().join("pin"), PIN).unwrap();
        fs::write(place.path().join("old"), "5a".repeat(32)).unwrap();
        fs::write(place.path().join("new"), "5b".repeat(32)).unwrap();
        place.make_token("dinie");
        Some(place)
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn tokens(&self) -> PathBuf {
        self.path().join("tokens")
    }

    fn make_token(&self, label: &str) {
        let made = Command::new("softhsm2-util")
            .args(["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN])
            .env("SOFTHSM2_CONF", self.path().join("softhsm2.conf"))
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success());
    }

    /// Brings the bytes of a key into the token `dinie`.
    fn import(&self, label: &str, bytes: &[u8], id: &str) {
        fs::write(self.path().join("bytes"), bytes).unwrap();
        let imported = Command::new("softhsm2-util")
            .args([
                "--import", "bytes", "--aes", "--token", "dinie", "--label", label, "--id", id, "--pin", PIN,
            ])
            .current_dir(self.path())
            .env("SOFTHSM2_CONF", self.path().join("softhsm2.conf"))
            .output()
            .unwrap();
        assert!(imported.status.success(), "{imported:?}");
    }

    /// Writes the configuration: the database and these settings. `KMS@token` and `OLD@token` stand for the tables of a key in
    /// that token, without the key's name.
    fn configure(&self, settings: &str) {
        let mut text = format!("database = {:?}\n{settings}", self.url);
        for token in ["dinie", "second"] {
            let rest = format!("module = {:?}\ntoken = {token:?}\npin_file = \"pin\"\nkey =", self.module);
            text = text.replace(&format!("KMS@{token}"), &format!("[kms]\n{rest}"));
            text = text.replace(&format!("OLD@{token}"), &format!("[previous_kms]\n{rest}"));
        }
        fs::write(self.path().join("dinie.toml"), text).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = dinie(self.path());
        command.env("SOFTHSM2_CONF", self.path().join("softhsm2.conf"));
        command
    }

    fn server(&self) -> Running {
        start_with_command(self.command(), self.path(), &["--listen", "127.0.0.1:0"])
    }

    fn said(&self, arguments: &[&str]) -> (bool, String) {
        ended_with(self.command(), arguments)
    }

    /// Runs a command that must succeed.
    fn good(&self, arguments: &[&str]) -> String {
        let (good, text) = self.said(arguments);
        assert!(good, "{arguments:?}: {text}");
        text
    }

    /// Runs a command that must fail and say this.
    fn refused(&self, arguments: &[&str], word: &str) {
        let (good, text) = self.said(arguments);
        assert!(!good && text.contains(word) && !text.contains(PIN), "{word} in {text}");
    }

    /// The fingerprint of the key that wraps.
    fn current(&self) -> String {
        let status: Value = serde_json::from_str(&self.good(&["keys", "status", "--json"])).unwrap();
        let keys = status["master_keys"].as_array().unwrap();
        let current = keys.iter().find(|key| key["role"] == "current").unwrap();
        assert_eq!(current["known_here"], true, "{status}");
        current["fingerprint"].as_str().unwrap().to_owned()
    }
}

/// From a file to a token, to another token, and back to a file, each beside servers with load.
fn master_keys_move_through_tokens(place: &Place, nodes: usize) {
    place.configure("master_key_file = \"old\"\n");
    let server = place.server();
    let credential = server.credential.clone();
    let mut customers = vec![register(&server, &token(&server), 330_000_001)];
    assert!(stop(server, "-TERM").0.success());
    let mut seen = vec![place.current()];
    place.configure("KMS@dinie \"one\"\n");
    place.refused(&["serve"], "has no key \"one\"");
    place.good(&["keys", "make-token-key"]);
    place.refused(&["keys", "make-token-key"], "has a key \"one\" already");
    place.refused(&["serve"], "needs the master key with the fingerprint");
    place.make_token("second");
    // The settings during a rotation and after it.
    let steps = [
        ("previous_master_key_file = \"old\"\nKMS@dinie \"one\"\n", "KMS@dinie \"one\"\n"),
        ("KMS@second \"two\"\n[previous_kms]\ntoken = \"dinie\"\nkey = \"one\"\n", "KMS@second \"two\"\n"),
        ("master_key_file = \"new\"\nOLD@second \"two\"\n", "master_key_file = \"new\"\n"),
    ];
    for (from, (during, afterwards)) in (400_000_000..).step_by(10_000_000).zip(steps) {
        place.configure(during);
        if during.starts_with("KMS@second") {
            place.good(&["keys", "make-token-key"]);
        }
        let start = || {
            let mut server = place.server();
            server.credential.clone_from(&credential);
            server
        };
        let servers: Vec<Running> = (0..nodes).map(|_| start()).collect();
        customers.extend(under_load(from, &servers.iter().collect::<Vec<_>>(), || {
            place.good(&["keys", "rotate-master"]);
        }));
        assert!(!seen.contains(&place.current()), "{seen:?}");
        seen.push(place.current());
        place.good(&["keys", "rotate-data", "--all", "--keep-old"]);
        for server in servers {
            assert!(stop(server, "-TERM").0.success());
        }
        place.configure(afterwards);
        assert!(place.good(&["verify"]).contains("everything is whole"));
    }
    let mut server = place.server();
    server.credential = credential;
    let access = token(&server);
    assert!(customers.iter().all(|customer| look_up(&server, &access, customer) == 200));
}

#[test]
fn master_keys_move_through_tokens_under_load_on_sqlite() {
    let Some(place) = Place::on(None) else { return };
    master_keys_move_through_tokens(&place, 1);
}

#[tokio::test]
async fn master_keys_move_through_tokens_under_load_on_two_nodes() {
    let Some(DatabaseUrl::Postgres(url)) = TestApp::postgres_database().await else { return };
    let Some(place) = Place::on(Some(url)) else { return };
    // The test's own look at the database starts a runtime.
    tokio::task::spawn_blocking(move || master_keys_move_through_tokens(&place, 2)).await.unwrap();
}

/// The status of a registration.
fn registers(server: &Running, access: &str, number: u32) -> u16 {
    let headers = format!("authorization: Bearer {access}\r\ncontent-type: application/json\r\n");
    let body = crate::inputs::registration(number, "manual").to_string();
    exchange(server, "POST", "/v3/customers", &headers, &body).0
}

/// A server whose token is taken away serves known partners, refuses unknown ones and goes on when the token is back.
fn a_lost_token_stops_nobody_who_is_known(place: &Place) {
    place.configure("KMS@dinie \"one\"\n");
    place.good(&["keys", "make-token-key"]);
    // The partner's key is made by another process, so the server has never asked for it.
    let server = place.server();
    let first = token(&server);
    let customer = register(&server, &first, 340_000_001);
    let (_, unknown) = new_partner_by(|| place.command());
    let away = place.path().join("away");
    fs::rename(place.tokens(), &away).unwrap();
    assert_eq!(look_up(&server, &first, &customer), 200);
    assert_eq!(registers(&server, &first, 340_000_002), 201);
    assert_eq!(exchange(&server, "GET", "/ready", "", "").0, 200);
    let mut server = server;
    server.credential = Some(unknown);
    let second = token(&server);
    assert_eq!(registers(&server, &second, 340_000_003), 503);
    assert_eq!(registers(&server, &first, 340_000_004), 201);
    let (good, text) = place.said(&["verify"]);
    assert!(!good && text.contains("[kms]") && !text.contains(PIN), "{text}");
    fs::rename(&away, place.tokens()).unwrap();
    // A lost token is looked for once a second.
    let again = || {
        std::thread::sleep(Duration::from_millis(50));
        registers(&server, &second, 340_000_005)
    };
    assert!(std::iter::repeat_with(again).take(600).any(|status| status == 201));
    upload(&server, &first, &customer);
    assert!(stop(server, "-TERM").0.success());
    assert!(place.good(&["verify"]).contains("everything is whole"));
}

#[test]
fn a_lost_token_stops_nobody_who_is_known_on_sqlite() {
    let Some(place) = Place::on(None) else { return };
    a_lost_token_stops_nobody_who_is_known(&place);
}

#[tokio::test]
async fn a_lost_token_stops_nobody_who_is_known_on_postgresql() {
    let Some(DatabaseUrl::Postgres(url)) = TestApp::postgres_database().await else { return };
    let Some(place) = Place::on(Some(url)) else { return };
    tokio::task::spawn_blocking(move || a_lost_token_stops_nobody_who_is_known(&place)).await.unwrap();
}

#[test]
fn a_check_names_what_is_wrong_with_a_token() {
    let Some(place) = Place::on(None) else { return };
    place.configure("KMS@dinie \"one\"\n");
    let check = ["config", "check"];
    place.refused(&check, "has no key \"one\"");
    place.good(&["config", "check", "--offline"]);
    place.good(&["keys", "make-token-key"]);
    place.good(&check);
    let settings = fs::read_to_string(place.path().join("dinie.toml")).unwrap();
    let changed = |from: &str, to: &str| {
        fs::write(place.path().join("dinie.toml"), settings.replace(from, to)).unwrap();
    };
    changed(place.module, "/usr/lib/nowhere.so");
    place.refused(&check, "the module /usr/lib/nowhere.so cannot be used");
    changed("token = \"dinie\"", "token = \"other\"");
    place.refused(&check, "there is no token \"other\"");
    fs::write(place.path().join("wrong"), "0000-00").unwrap();
    changed("pin_file = \"pin\"", "pin_file = \"wrong\"");
    place.refused(&check, "refuses the PIN");
    place.refused(&["serve"], "refuses the PIN");
    place.refused(&["migrate"], "refuses the PIN");
    // The first line of the table is named.
    place.refused(&check, "dinie.toml:");
    place.import("short", &[7; 16], "a1");
    changed("key = \"one\"", "key = \"short\"");
    place.refused(&check, "it has not 256 bits");
    place.import("twice", &[7; 32], "a2");
    place.import("twice", &[8; 32], "a3");
    changed("key = \"one\"", "key = \"twice\"");
    place.refused(&check, "several secret keys are named \"twice\"");
    place.import("brought", &[7; 32], "a4");
    changed("key = \"one\"", "key = \"brought\"");
    place.good(&check);
    let (_, shown) = place.said(&["config", "show"]);
    assert!(shown.contains("kms.pin") && shown.contains("[hidden]") && !shown.contains(PIN), "{shown}");
}

#[test]
fn a_backup_of_a_database_under_a_token_needs_the_token_and_no_share() {
    let Some(place) = Place::on(None) else { return };
    place.configure("KMS@dinie \"one\"\n");
    place.good(&["keys", "make-token-key"]);
    let server = place.server();
    let customer = register(&server, &token(&server), 350_000_001);
    let backup = place.path().join("backup");
    place.good(&["backup", "--to", path_of(&backup)]);
    let credential = server.credential.clone();
    assert!(stop(server, "-KILL").0.code().is_none());
    fs::rename(place.path().join("data"), place.path().join("lost")).unwrap();
    let fingerprint: Value =
        serde_json::from_str(&fs::read_to_string(backup.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(fingerprint["master_keys"].as_array().unwrap().len(), 1, "{fingerprint}");
    place.configure("KMS@dinie \"other\"\n");
    place.good(&["keys", "make-token-key"]);
    let restore = ["restore", "--from", path_of(&backup)];
    place.refused(&restore, "is not configured");
    place.configure("KMS@dinie \"one\"\n");
    place.good(&restore);
    assert!(place.good(&["verify"]).contains("everything is whole"));
    let mut server = place.server();
    server.credential = credential;
    assert_eq!(look_up(&server, &token(&server), &customer), 200);
    let split = ["keys", "split", "--shares", "3", "--threshold", "2", "--to", "shares"];
    place.refused(&split, "is in a token and never leaves it");
    assert!(!place.path().join("shares").exists());
}
