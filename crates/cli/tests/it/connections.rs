//! Connections to a server in a separate process. The server ends silent ones and limits their number, and clients
//! receive its refusals.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::{Running, dinie, exchange, start, start_with, start_with_command};

/// Far longer than all times in these tests, so that a slow machine causes no failure.
const PATIENCE: Duration = Duration::from_secs(60);

fn configured(folder: &Path, connections: &str) -> Running {
    std::fs::write(folder.join("dinie.toml"), format!("[connections]\n{connections}\n")).unwrap();
    start(folder)
}

fn connect(running: &Running) -> TcpStream {
    let connection = TcpStream::connect(&running.address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    connection
}

/// Reads until the server ends the connection.
#[track_caller]
fn until_closed(mut connection: TcpStream) -> Vec<u8> {
    let mut said = Vec::new();
    match connection.read_to_end(&mut said) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection is still open: {error}"),
    }
    said
}

/// Requests `/health` and reads the answer. The connection stays open.
fn ask(connection: &mut TcpStream) -> String {
    connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    let mut byte = [0];
    while !answer.ends_with(r#"{"status":"ok"}"#) {
        assert_eq!(connection.read(&mut byte).unwrap(), 1, "the connection ended: {answer}");
        answer.push(char::from(byte[0]));
    }
    answer
}

#[test]
fn connections_without_a_first_request_end() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = configured(folder.path(), "first_request_s = 1\nidle_s = 3600");
    let silent = ["", "G", "GET /health HTTP/1.1\r\nhost: x\r\n", "PRI * HTTP/2", PREFACE];
    let connections = silent.map(|text| {
        let mut connection = connect(&running);
        connection.write_all(text.as_bytes()).unwrap();
        connection
    });
    for (connection, text) in connections.into_iter().zip(silent) {
        let said = until_closed(connection);
        assert!(text == PREFACE || said.is_empty(), "{text:?}: {}", String::from_utf8_lossy(&said));
    }
    assert_eq!(exchange(&running, "GET", "/health", "", "").0, 200);
}

/// The first bytes that an HTTP/2 client sends, with empty settings.
const PREFACE: &str = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0";

#[test]
fn connections_that_are_idle_after_a_request_end() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = configured(folder.path(), "first_request_s = 3600\nidle_s = 1");
    let mut kept = connect(&running);
    let mut half = connect(&running);
    assert!(ask(&mut kept).starts_with("HTTP/1.1 200"));
    assert!(ask(&mut kept).starts_with("HTTP/1.1 200"), "a connection serves several requests");
    ask(&mut half);
    half.write_all(b"GET /health HTTP/1.1\r\nho").unwrap();
    let mut second = connect(&running);
    second.write_all(PREFACE.as_bytes()).unwrap();
    // GET /health by the static table of HPACK: method GET, scheme http, and a literal path.
    second.write_all(b"\0\0\x0b\x01\x05\0\0\0\x01\x82\x86\x04\x07/health").unwrap();
    assert!(until_closed(kept).is_empty());
    until_closed(half);
    let said = until_closed(second);
    assert!(
        said.windows(15).any(|window| window == br#"{"status":"ok"}"#),
        "the HTTP/2 request was answered before the end"
    );
}

#[test]
fn a_connection_ends_if_the_client_does_not_read_its_answers() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = configured(folder.path(), "idle_s = 1");
    let mut greedy = connect(&running);
    // More answers than the system buffers for a connection that is not read.
    let request = b"GET /v3/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n".repeat(200);
    greedy.write_all(&request).unwrap();
    let open = || {
        let (_, page) = exchange(&running, "GET", "/metrics", "", "");
        let line = page.lines().find(|line| line.starts_with("dinie_http_connections ")).unwrap().to_owned();
        line.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let began = std::time::Instant::now();
    while open() > 1.0 {
        assert!(began.elapsed() < PATIENCE, "the connection is still open");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(greedy);
}

/// Begins a request with a body of one byte that is not sent yet. Its handler runs and waits for the body.
fn begin(running: &Running) -> TcpStream {
    let mut connection = connect(running);
    let head = "POST /v3/auth/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1\r\n\
                expect: 100-continue\r\ncontent-type: application/x-www-form-urlencoded\r\n\r\n";
    connection.write_all(head.as_bytes()).unwrap();
    let mut asked = [0; 25];
    connection.read_exact(&mut asked).unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    connection
}

/// Sends the byte and reads the answer.
fn end(mut connection: TcpStream) {
    connection.write_all(b"x").unwrap();
    assert!(until_closed(connection).starts_with(b"HTTP/1.1 400"));
}

#[test]
fn the_number_of_connections_is_limited_and_a_silent_one_is_closed_for_a_new_one() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = configured(folder.path(), "most = 3\nfirst_request_s = 3600\nidle_s = 3600");
    let busy = [begin(&running), begin(&running)];
    let silent = connect(&running);
    let mut kept = connect(&running);
    ask(&mut kept);
    until_closed(silent);
    let mut last = connect(&running);
    ask(&mut last);
    until_closed(kept);
    // A busy connection is not closed for a new one.
    busy.into_iter().for_each(end);
}

#[test]
fn new_connections_wait_while_all_others_are_busy() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = configured(folder.path(), "most = 1");
    let busy = begin(&running);
    let mut waiting = connect(&running);
    waiting.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    waiting.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let error = waiting.read(&mut [0]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");
    end(busy);
    waiting.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(waiting.read(&mut [0]).unwrap(), 1, "it got the free place");
}

#[test]
fn a_connection_with_an_endless_head_is_closed() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = configured(folder.path(), "first_request_s = 3600\nidle_s = 3600");
    let mut connection = connect(&running);
    connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nx-long: ").unwrap();
    // The server may close the connection before this write ends.
    let _ended = connection.write_all(&vec![b'x'; 80 * 1024]);
    until_closed(connection);
}

#[test]
fn the_limit_of_open_files_is_raised_at_startup() {
    let folder = tempfile::TempDir::new().unwrap();
    let mut command = Command::new("sh");
    let program = dinie(folder.path()).get_program().to_owned();
    command.args(["-c", "ulimit -S -n 64 && exec \"$0\" \"$@\""]).arg(program);
    command.current_dir(folder.path()).env_clear().env("RUST_LOG", "info");
    let running = start_with_command(command, folder.path(), &["--listen", "127.0.0.1:0"]);
    let mut connections: Vec<TcpStream> = (0..100).map(|_| connect(&running)).collect();
    for connection in &mut connections {
        ask(connection);
    }
}

/// A client that sends its whole request before it reads. It must receive the answer, not a broken connection.
#[test]
fn clients_that_send_everything_before_they_read_receive_the_refusal_of_an_upload() {
    let folder = tempfile::TempDir::new().unwrap();
    let running = start_with(folder.path(), &["--listen", "127.0.0.1:0"]);
    let body = "x".repeat(10 * 1024 * 1024);
    for (path, headers, status) in [
        ("/v3/customers", "authorization: Bearer wrong\r\ncontent-type: application/json\r\n", 401),
        ("/v3/customers/x/documents", "content-type: multipart/form-data; boundary=b\r\n", 401),
        ("/v3/auth/token", "content-type: application/x-www-form-urlencoded\r\n", 413),
        ("/operator/v1/partners", "content-type: application/json\r\n", 401),
        ("/biometrics/files", "content-type: multipart/form-data; boundary=b\r\n", 404),
        ("/sign/unknown", "content-type: application/x-www-form-urlencoded\r\n", 413),
        ("/v3/nothing", "", 404),
    ] {
        let (given, _) = exchange(&running, "POST", path, headers, &body);
        assert_eq!(given, status, "{path}");
    }
    // The next request uses the same connection. This proves that no part of the body was taken for a request.
    let mut connection = connect(&running);
    let head = format!("POST /v3/customers HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", body.len());
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(body.as_bytes()).unwrap();
    assert!(ask(&mut connection).starts_with("HTTP/1.1 401"));
}
