//! A server that is killed while it deletes a clock.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::inputs::registration;
use crate::process::{Running, dinie, exchange, start, stop, token};

const BORROWERS: [u32; 3] = [529_982_247, 111_444_777, 255_248_930];

fn call(running: &Running, method: &str, path: &str, body: &Value, token: &str) -> (u16, Value) {
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: application/json\r\n");
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let (status, answer) = exchange(running, method, path, &headers, &body);
    (status, serde_json::from_str(&answer).unwrap_or(Value::Null))
}

/// Makes a clock with borrowers who have paid some installments; returns its path.
fn clock(running: &Running, token: &str) -> String {
    let (status, clock) = call(running, "POST", "/sandbox/clocks", &json!({"name": "a"}), token);
    assert_eq!(status, 201, "{clock}");
    for number in BORROWERS {
        let mut body = registration(number, "sends_files+takes_loan+pays_on_time");
        body["clock_id"] = clock["id"].clone();
        assert_eq!(call(running, "POST", "/v3/customers", &body, token).0, 201);
    }
    let path = format!("/sandbox/clocks/{}", clock["id"].as_str().unwrap());
    let (status, moved) = call(running, "POST", &format!("{path}/advance"), &json!({"days": 70}), token);
    assert_eq!(status, 200, "{moved}");
    path
}

/// Asks for the deletion and does not wait for the answer.
fn ask_to_delete(running: &Running, path: &str, token: &str) -> std::net::TcpStream {
    let mut connection = std::net::TcpStream::connect(&running.address).unwrap();
    let head = format!("DELETE {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
    connection.write_all(head.as_bytes()).unwrap();
    connection
}

fn assert_the_books_balance(folder: &Path) {
    let check = dinie(folder).args(["ledger", "check"]).output().unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

#[test]
fn a_server_that_is_killed_while_it_deletes_a_small_clock_leaves_all_or_nothing_of_it() {
    let folder = TempDir::new().unwrap();
    let mut running = start(folder.path());
    for delay_ms in [0, 1, 3, 6, 12, 40] {
        let pass = token(&running);
        let path = clock(&running, &pass);
        let mut asked = ask_to_delete(&running, &path, &pass);
        std::thread::sleep(Duration::from_millis(delay_ms));
        stop(running, "-KILL");
        let mut answer = String::new();
        // The connection may be reset.
        let is_answered = asked.read_to_string(&mut answer).is_ok() && answer.starts_with("HTTP/1.1 204");
        assert_the_books_balance(folder.path());
        running = start(folder.path());
        let pass = token(&running);
        let status = call(&running, "GET", &path, &Value::Null, &pass).0;
        let id = path.rsplit('/').next().unwrap();
        if status == 200 {
            assert!(!is_answered, "an acknowledged deletion is final");
            let list = format!("/v3/customers?clock_id={id}");
            let customers = call(&running, "GET", &list, &Value::Null, &pass).1;
            assert_eq!(customers["data"].as_array().unwrap().len(), BORROWERS.len(), "{customers}");
            assert_eq!(call(&running, "DELETE", &path, &Value::Null, &pass).0, 204);
        }
        assert_eq!(call(&running, "GET", &path, &Value::Null, &pass).0, 404);
        let events = call(&running, "GET", "/v3/events", &Value::Null, &pass).1;
        assert_eq!(events["data"], json!([]), "its events are gone");
    }
    stop(running, "-TERM");
    assert_the_books_balance(folder.path());
}
