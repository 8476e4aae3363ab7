//! Commands made from the OpenAPI documents, and `dinie get` and its like, against a server in a separate process.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;
use tools::ApiGeneration;

use crate::command_line::calling;
use crate::inputs::JPEG;
use crate::process::{Running, dinie, start};

/// The document that a command prints.
fn printed(folder: &Path, running: &Running, arguments: &[&str]) -> Value {
    let output = calling(folder, running, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    if output.stdout.is_empty() { Value::Null } else { serde_json::from_slice(&output.stdout).unwrap() }
}

/// The exit status and the error stream of a command.
fn refused(folder: &Path, running: &Running, arguments: &[&str]) -> (i32, String) {
    let output = calling(folder, running, arguments).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn every_operation_of_each_document_is_a_command() {
    let folder = TempDir::new().unwrap();
    for (generation, chosen, file) in
        [("reference", ApiGeneration::Reference, "reference.json"), ("sdk", ApiGeneration::Sdk, "sdk.json")]
    {
        let path = crate::architecture::root().join("openapi").join(file);
        let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (_method, operation) in methods.as_object().unwrap() {
                // The commands sign in themselves.
                if !operation["security"].is_null() || path.ends_with("/auth/token") {
                    continue;
                }
                let id = operation["operationId"].as_str().unwrap();
                let words = tools::resources::words_of(chosen, id).unwrap();
                let mut command = dinie(folder.path());
                let output =
                    command.args(&words).args(["--generation", generation, "--help"]).output().unwrap();
                let said = String::from_utf8(output.stdout).unwrap();
                assert!(output.status.success() && said.contains(path), "{words:?}: {said}");
            }
        }
    }
}

#[test]
fn a_customer_is_made_read_changed_and_listed_by_commands() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let run = |arguments: &[&str]| printed(folder.path(), &running, arguments);
    let new = ["customers", "create", "--cpf", "529.982.247-25", "--cnpj", "12.345.678/0001-95"];
    let made = run(&[&new[..], &["--name", "Ana Souza", "--email", "ana+manual@example.com"]].concat());
    let id = made["id"].as_str().unwrap();
    assert_eq!(run(&["customers", "get", id])["name"], "Ana Souza");
    let changed = run(&["customers", "update", id, "--phone", "+5511988888888"]);
    assert_eq!(changed["phone"], "+5511988888888");
    let listed = run(&["customers", "list", "--status", "pending_kyc", "--limit", "1"]);
    assert_eq!(listed["data"][0]["id"], id);
    assert_eq!(run(&["get", &format!("/v3/customers/{id}")])["id"], id);
    assert_eq!(run(&["get", &format!("/customers/{id}"), "--generation", "sdk"])["id"], id);
    let patched = run(&["patch", &format!("/v3/customers/{id}"), "-d", r#"{"name": "Ana Lima"}"#]);
    assert_eq!(patched["name"], "Ana Lima");
    let table =
        calling(folder.path(), &running, &["customers", "list", "--output", "table"]).output().unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains(id) && table.contains("status"), "{table}");
}

#[test]
fn files_lists_and_inner_fields_follow_the_document() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let run = |arguments: &[&str]| printed(folder.path(), &running, arguments);
    let id = run(&["customers", "create", "--cpf", "529.982.247-25", "--email", "ana+manual@example.com"]);
    let id = id["id"].as_str().unwrap();
    let selfie = folder.path().join("selfie.jpg");
    std::fs::write(&selfie, JPEG).unwrap();
    let file = selfie.to_str().unwrap();
    let uploaded = run(&["customers", "documents", "upload", id, "--type", "selfie", "--file", file]);
    assert_eq!(uploaded["type"], "selfie");
    let hook = run(&[
        "webhooks",
        "endpoints",
        "create",
        "--url",
        "http://localhost:9000/",
        "--events",
        "loan.*,customer.active",
    ]);
    assert_eq!(hook["events"], serde_json::json!(["loan.*", "customer.active"]));
    let account = [
        "customers",
        "bank-account",
        "set",
        id,
        "--generation",
        "sdk",
        "--bank-account.bank-id",
        "001",
        "--bank-account.branch",
        "0001",
        "--bank-account.number",
        "12345",
        "--bank-account.digit",
        "6",
    ];
    let (status, said) = refused(folder.path(), &running, &account);
    assert!(status == 7 && said.contains("kind"), "{said}");
    let hook = hook["id"].as_str().unwrap();
    assert_eq!(run(&["webhooks", "endpoints", "delete", hook]), Value::Null);
    let (status, _) = refused(folder.path(), &running, &["webhooks", "endpoints", "get", hook]);
    assert_eq!(status, 6);
}

#[test]
fn all_pages_of_a_list_come_as_one() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let run = |arguments: &[&str]| printed(folder.path(), &running, arguments);
    for number in 0..3 {
        let name = format!("key {number}");
        run(&["auth", "credentials", "create", "--name", &name]);
    }
    let page = run(&["auth", "credentials", "list", "--limit", "1"]);
    assert_eq!((page["data"].as_array().unwrap().len(), &page["has_more"]), (1, &Value::from(true)));
    let all = run(&["auth", "credentials", "list", "--all"]);
    assert_eq!((all["data"].as_array().unwrap().len(), &all["has_more"]), (4, &Value::from(false)));
}

#[test]
fn refusals_of_resource_commands_name_the_field_and_mistyped_words_have_a_hint() {
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    let run = |arguments: &[&str]| refused(folder.path(), &running, arguments);
    let (status, said) = run(&["customers", "create", "--cpf", "1"]);
    assert!(status == 7 && said.contains("cpf") && said.contains("req"), "{said}");
    let (status, said) = run(&["customers", "create", "--cpff", "1"]);
    assert!(status == 2 && said.contains("--cpf"), "{said}");
    let (status, said) = run(&["custmers", "list"]);
    assert!(status == 2 && said.contains("customers"), "{said}");
    let (status, said) = run(&["customers", "list", "--status", "activ"]);
    assert!(status == 2 && said.contains("active"), "{said}");
    let (status, said) = run(&["get", "/v3/loans/ln_00000000000000000000000000000000"]);
    assert!(status == 6 && said.contains("404"), "{said}");
    let (status, said) = run(&["customers", "create", "--data", "{"]);
    assert!(status == 2 && said.contains("--data"), "{said}");
}
