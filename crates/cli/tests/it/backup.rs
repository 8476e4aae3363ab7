//! `dinie backup`, `restore` and `verify` as whole processes: a drill under load, and all refusals.

use std::fs;
use std::path::Path;

use domain::access::FourEyes;
use serde_json::Value;
use store::db::DatabaseUrl;
use tempfile::TempDir;

use crate::console::Person;
use crate::faults::Load;
use crate::inputs::{JPEG, PDF, form};
use crate::operator::{Operator, approval};
use crate::process::{Running, start, start_with, stop, token};
use crate::support::{Setup, TestApp};
use crate::vault::{look_up, register, said};

pub(crate) fn upload(running: &Running, access: &str, customer: &str) {
    let body = form("b", &[("type", None, b"cnh"), ("file", Some("cnh.pdf"), PDF)]);
    let body = String::from_utf8(body).unwrap();
    let headers =
        format!("authorization: Bearer {access}\r\ncontent-type: multipart/form-data; boundary=b\r\n");
    let path = format!("/v3/customers/{customer}/documents");
    let (status, answer) = crate::process::exchange(running, "POST", &path, &headers, &body);
    assert_eq!(status, 201, "{answer}");
}

pub(crate) fn path_of(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A new sandbox folder with the key and credential of another one.
fn elsewhere(folder: &Path) -> TempDir {
    let other = TempDir::new().unwrap();
    fs::create_dir(other.path().join("data")).unwrap();
    for name in ["data/master.key", "credential"] {
        fs::copy(folder.join(name), other.path().join(name)).unwrap();
    }
    other
}

/// A stopped sandbox with a customer and a file, and its backup.
struct Kept {
    folder: TempDir,
    backup: std::path::PathBuf,
    customer: String,
}

impl Kept {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let running = start(folder.path());
        let access = token(&running);
        let customer = register(&running, &access, 220_000_000);
        upload(&running, &access, &customer);
        assert!(stop(running, "-TERM").0.success());
        let backup = folder.path().join("backup");
        let (good, text) = said(folder.path(), &["backup", "--to", path_of(&backup)]);
        assert!(good, "{text}");
        Self { folder, backup, customer }
    }

    /// Restores into a new folder. Returns success, the output and the folder.
    fn restored(&self) -> (bool, String, TempDir) {
        let other = elsewhere(self.folder.path());
        let (good, text) = said(other.path(), &["restore", "--from", path_of(&self.backup)]);
        (good, text, other)
    }
}

#[test]
fn a_backup_under_load_contains_every_write_acknowledged_before_it_began() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let access = token(&running);
    let mut before: Vec<String> =
        (0..3).map(|number| register(&running, &access, 221_000_000 + number)).collect();
    for customer in &before {
        upload(&running, &access, customer);
    }
    let load = Load::on(&running, &access);
    load.goes_on(50);
    before.extend(load.acknowledged());
    let backup = folder.path().join("backup");
    let (good, text) = said(folder.path(), &["backup", "--json", "--to", path_of(&backup)]);
    assert!(good, "{text}");
    let manifest: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(manifest["files"]["count"], 3, "{manifest}");
    assert!(manifest["rows"]["customers"].as_i64().unwrap() >= 53, "{manifest}");
    load.goes_on(10);
    load.end();
    let (good, text) = said(folder.path(), &["verify"]);
    assert!(good && text.contains("everything is whole"), "beside the server: {text}");
    stop(running, "-KILL");
    let (good, text) = said(folder.path(), &["verify", "--backup", path_of(&backup)]);
    assert!(good && text.contains("everything is whole"), "{text}");
    let names: Vec<_> = fs::read_dir(&backup).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "there are no other files: {names:?}");

    let other = elsewhere(folder.path());
    let (good, text) = said(other.path(), &["restore", "--from", &format!("file://{}", backup.display())]);
    assert!(good, "{text}");
    let (good, text) = said(other.path(), &["verify", "--json"]);
    let report: Value = serde_json::from_str(&text).unwrap();
    assert!(good && report["whole"] == true, "{text}");
    let running = start(other.path());
    let access = token(&running);
    for id in &before {
        assert_eq!(look_up(&running, &access, id), 200, "{id} was acknowledged before the backup began");
    }
    // The restored server accepts writes, and can be backed up.
    register(&running, &access, 222_000_000);
    let (good, text) = said(other.path(), &["backup", "--to", "again"]);
    assert!(good, "{text}");
}

#[test]
fn a_restored_copy_refuses_the_log_of_its_original() {
    let kept = Kept::new();
    let database = kept.folder.path().join("data/dinie.db");
    let running = start(kept.folder.path());
    register(&running, &token(&running), 223_000_000);
    stop(running, "-KILL");
    fs::remove_file(&database).unwrap();
    // A restore refuses a place with an old log,
    let (good, text) = said(kept.folder.path(), &["restore", "--from", path_of(&kept.backup)]);
    assert!(!good && text.contains("dinie.db-wal already exists"), "{text}");
    assert!(!database.exists());
    // and the copy refuses such a log if somebody adds it by hand.
    fs::copy(kept.backup.join("dinie.db"), &database).unwrap();
    let (good, text) = said(kept.folder.path(), &["serve", "--listen", "127.0.0.1:0"]);
    assert!(!good && text.contains("is not the log of"), "{text}");
}

#[test]
fn a_backup_needs_an_empty_folder_and_removes_its_files_if_it_fails() {
    let kept = Kept::new();
    let folder = kept.folder.path();
    let (good, text) = said(folder, &["backup", "--to", path_of(&kept.backup)]);
    assert!(!good && text.contains("is not empty"), "{text}");
    let (good, text) = said(folder, &["backup", "--to", "s3://bucket/backup"]);
    assert!(!good && text.contains("file:// URL"), "{text}");
    fs::remove_dir_all(folder.join("data/blobs")).unwrap();
    let (good, text) = said(folder, &["backup", "--to", "second"]);
    assert!(!good && text.contains("is missing"), "{text}");
    assert!(!folder.join("second").exists());
}

#[test]
fn a_restore_refuses_existing_data_another_key_and_a_damaged_backup() {
    let kept = Kept::new();
    let from = path_of(&kept.backup);
    let (good, text) = said(kept.folder.path(), &["restore", "--from", from]);
    assert!(!good && text.contains("dinie.db already exists"), "{text}");
    let other = TempDir::new().unwrap();
    let (good, text) = said(other.path(), &["restore", "--from", from]);
    assert!(!good && text.contains("master.key does not exist"), "{text}");
    let wrong = ["restore", "--from", from, "--master-key", &"5a".repeat(32)];
    let (good, text) = said(other.path(), &wrong);
    assert!(!good && text.contains("another master key"), "{text}");
    let (good, text) =
        said(other.path(), &["restore", "--from", "nowhere", "--master-key", &"5a".repeat(32)]);
    assert!(!good && text.contains("is not a backup"), "{text}");
    assert_eq!(fs::read_dir(other.path()).unwrap().count(), 0, "no file is left");

    for name in ["dinie.db", "files.tsv", "blobs"] {
        let path = kept.backup.join(name);
        let path =
            if path.is_dir() { Path::new(&path).join(&crate::machine::files_under(&path)[0]) } else { path };
        let before = fs::read(&path).unwrap();
        let mut changed = before.clone();
        let middle = changed.len() / 2;
        changed[middle] ^= 1;
        fs::write(&path, &changed).unwrap();
        let (good, text, target) = kept.restored();
        assert!(!good && text.contains("the backup is damaged"), "{name}: {text}");
        assert!(!target.path().join("data/dinie.db").exists() && !target.path().join("data/blobs").exists());
        let (good, _) = said(kept.folder.path(), &["verify", "--backup", from]);
        assert!(!good, "{name}");
        fs::write(&path, &before).unwrap();
    }
    let (good, text, target) = kept.restored();
    assert!(good, "{text}");
    let running = start(target.path());
    assert_eq!(look_up(&running, &token(&running), &kept.customer), 200);
}

/// Runs `dinie verify` on the database and files of a server in this process.
fn verified(app: &TestApp, url: &str) -> (bool, Value) {
    let data = path_of(&app.state.config.data);
    let key = "07".repeat(32);
    let arguments = ["verify", "--json", "--database", url, "--data", data, "--master-key", &key];
    let (good, text) = said(&app.state.config.data, &arguments);
    let (begin, end) = (text.find('{'), text.rfind('}'));
    let (Some(begin), Some(end)) = (begin, end) else { panic!("{text}") };
    (good, serde_json::from_str(&text[begin..=end]).unwrap())
}

fn wrong(report: &Value) -> Vec<&str> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["wrong"] != 0).map(|check| check["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verification_opens_all_data_and_names_each_damage() {
    let setup = Setup { four_eyes: FourEyes::Required, ..Setup::default() };
    for app in TestApp::on_each_engine_with(setup).await {
        let url = match &app.state.config.database {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        let (partner, operator) = (app.partner().await, Operator::of(&app).await);
        let endpoint = serde_json::json!({"url": "https://example.com/"});
        partner.post_keyed("/v3/webhooks/endpoints", &endpoint, "endpoint").await.expect(201);
        let loan = partner.loan(529_982_247, "").await;
        app.let_seconds_pass(30).await;
        operator.get(&format!("/loans/{}", loan.id())).await.expect(200);
        let customer = partner.customer(111_444_777, "manual").await;
        partner.upload(&customer, "cnh", PDF).await.expect(201);
        partner.upload(&customer, "selfie", JPEG).await.expect(201);
        let note = serde_json::json!({"subject_id": customer, "text": "Ligar amanhã."});
        operator.post("/notes", &note).await.expect(201);
        let tag = serde_json::json!({"tag": "vip"});
        operator.post(&format!("/customers/{customer}/tags"), &tag).await.expect(200);
        let clerk = Operator::with_roles(&app, "credit".parse().unwrap()).await;
        let mut above_the_limit = approval(12);
        above_the_limit["offer"]["approved_amount"] = serde_json::json!("60000.00");
        clerk.post(&format!("/customers/{customer}/credit-decisions"), &above_the_limit).await.expect(202);
        let person = Person::with_roles(&app, app.state.config.roles.names()).await;
        person.page("/me/passkeys").await.expect(200);
        let (good, report) = verified(&app, &url);
        assert!(good && report["whole"] == true, "{report:#}");
        for check in report["checks"].as_array().unwrap() {
            // The rows of `audit_calls` move into the trail.
            let empty = [
                "audit_calls.sealed",
                "bank_accounts.sealed",
                "bank_account_changes.sealed",
                "delivery_attempts.sealed",
                "payments.sealed",
            ];
            let name = check["name"].as_str().unwrap();
            let looked_at = check["looked_at"].as_u64().unwrap();
            assert!(
                looked_at > 0 || empty.contains(&name) || check["elsewhere"].is_string(),
                "{name} saw nothing"
            );
        }

        let bytes = if url.starts_with("sqlite") { "x'00'" } else { "'\\x00'" };
        for statement in [
            format!("update customers set sealed = {bytes} where id = '{customer}'"),
            format!("update contracts set facts = {bytes}"),
            "update journal_postings set amount = amount + 1".to_owned(),
            "update audit_entries set status = 500 where number = 1".to_owned(),
        ] {
            app.state.store.write(move |tx| tx.execute(&statement, &[])).await.unwrap();
        }
        let blobs = app.state.config.data.join("blobs");
        let mut files = crate::machine::files_under(&blobs);
        files.sort();
        fs::remove_file(blobs.join(&files[0])).unwrap();
        let other = blobs.join(&files[1]);
        let mut content = fs::read(&other).unwrap();
        content[20] ^= 1;
        fs::write(&other, content).unwrap();
        let (good, report) = verified(&app, &url);
        assert!(!good && report["whole"] == false);
        let names = ["customers.sealed", "contracts.facts", "files", "ledger", "audit trail"];
        assert_eq!(wrong(&report), names, "{report:#}");
        let files =
            report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "files").unwrap();
        assert_eq!(files["wrong"], 2, "{files}");
    }
}

#[test]
fn on_postgresql_the_commands_copy_the_files_and_name_the_tool_for_the_database() {
    let Some(cluster) = store::test_support::PostgresCluster::shared() else { return };
    let (DatabaseUrl::Postgres(url), DatabaseUrl::Postgres(other_url)) =
        (cluster.database(), cluster.database())
    else {
        unreachable!("the cluster's databases are PostgreSQL's")
    };
    let folder = TempDir::new().unwrap();
    let running = start_with(folder.path(), &["--listen", "127.0.0.1:0", "--database", &url]);
    let access = token(&running);
    let customer = register(&running, &access, 224_000_000);
    upload(&running, &access, &customer);
    let command = ["backup", "--to", "kept", "--database", &url];
    let (good, text) = said(folder.path(), &command);
    assert!(!good && text.contains("pg_dump --format=custom --file=kept/database.dump"), "{text}");
    assert!(!folder.path().join("kept").exists());

    fs::create_dir(folder.path().join("kept")).unwrap();
    let dump = folder.path().join("kept/database.dump");
    cluster.tool("pg_dump", &["--format=custom", "--file", path_of(&dump), "--dbname", &url]);
    let (good, text) = said(folder.path(), &command);
    assert!(good, "{text}");
    let (good, text) = said(folder.path(), &["verify", "--backup", "kept", "--database", &url]);
    assert!(good && text.contains("pg_restore"), "{text}");
    let other = elsewhere(folder.path());
    let kept = folder.path().join("kept");
    let (good, text) = said(other.path(), &["restore", "--from", path_of(&kept), "--database", &other_url]);
    assert!(good && text.contains("pg_restore --no-owner --exit-on-error"), "{text}");
    cluster.tool("pg_restore", &["--no-owner", "--exit-on-error", "--dbname", &other_url, path_of(&dump)]);
    let (good, text) = said(other.path(), &["verify", "--database", &other_url]);
    assert!(good && text.contains("everything is whole"), "{text}");
    let running = start_with(other.path(), &["--listen", "127.0.0.1:0", "--database", &other_url]);
    assert_eq!(look_up(&running, &token(&running), &customer), 200);
}
