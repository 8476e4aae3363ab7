//! TLS of the server itself, and the listener of the lender's own paths.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, Version};
use tempfile::TempDir;

use crate::process::{Running, dinie, start_watched, stop};
use crate::sink::until;

/// Writes a new certificate for this machine and its key. Returns the certificate.
fn certify(folder: &Path) -> Certificate {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
}

/// A client before its settings.
#[expect(clippy::disallowed_methods, reason = "the test is a client")]
fn builder() -> ClientBuilder {
    let _another_test_was_first = rustls::crypto::ring::default_provider().install_default();
    Client::builder().redirect(Policy::none())
}

/// A client that trusts this certificate alone.
fn client(trusted: &Certificate) -> Client {
    builder().tls_certs_only([trusted.clone()]).build().unwrap()
}

/// A log that the test reads while it is written.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// Starts a server in a thread for what blocks.
async fn started(folder: &Path, arguments: &'static [&'static str], log: Log) -> Running {
    let folder = folder.to_owned();
    let start = move || start_watched(dinie(&folder), &folder, arguments, log);
    tokio::task::spawn_blocking(start).await.unwrap()
}

fn port(running: &Running) -> &str {
    running.address.rsplit(':').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_speaks_tls_with_both_versions_of_http_and_takes_a_new_certificate() {
    let folder = TempDir::new().unwrap();
    let trusted = certify(folder.path());
    let arguments = &["--listen", "127.0.0.1:0", "--tls-certificate", "cert.pem", "--tls-key", "key.pem"];
    let log = Log::default();
    let running = started(folder.path(), arguments, log.clone()).await;
    let url = format!("https://localhost:{}/health", port(&running));
    let new = client(&trusted).get(&url).send().await.unwrap();
    assert_eq!((new.version(), new.status().as_u16()), (Version::HTTP_2, 200));
    assert!(new.headers().contains_key("strict-transport-security"));
    let old = builder().tls_certs_only([trusted.clone()]).http1_only().build().unwrap();
    let answer = old.get(&url).send().await.unwrap();
    assert_eq!((answer.version(), answer.status().as_u16()), (Version::HTTP_11, 200));
    // A key without its certificate changes nothing.
    let another = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(folder.path().join("key.pem"), another.signing_key.serialize_pem()).unwrap();
    let signal = || {
        let pid = running.pid().to_string();
        assert!(Command::new("kill").args(["-HUP", &pid]).status().unwrap().success());
    };
    let logged = |text: &'static str| log.text().contains(text).then_some(());
    signal();
    until(|| logged("is not the key of"), || log.text()).await;
    assert!(client(&trusted).get(&url).send().await.is_ok());
    let newer = certify(folder.path());
    signal();
    until(|| logged("\"taken\":\"certificate\""), || log.text()).await;
    assert!(client(&newer).get(&url).send().await.is_ok());
    assert!(client(&trusted).get(&url).send().await.is_err(), "the old certificate is gone");
    tokio::task::spawn_blocking(move || assert!(stop(running, "-TERM").0.success())).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lenders_own_paths_are_on_their_own_listener_only() {
    let folder = TempDir::new().unwrap();
    let arguments = &["--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
    let log = Log::default();
    let running = started(folder.path(), arguments, log.clone()).await;
    let line = log.text().lines().find(|line| line.contains("admin_address")).unwrap().to_owned();
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    let admin = line["admin_address"].as_str().unwrap().to_owned();
    let status = async |address: &str, path: &str| {
        let client = builder().build().unwrap();
        let answer = client.get(format!("http://{address}{path}")).send().await.unwrap();
        answer.status().as_u16()
    };
    for path in ["/operator/v1/customers", "/console", "/metrics", "/sandbox/clock", "/sandbox/openapi.json"]
    {
        assert_eq!(status(&running.address, path).await, 404, "{path}");
        assert_ne!(status(&admin, path).await, 404, "{path}");
    }
    for path in ["/health", "/ready", "/v3/openapi.json", "/docs"] {
        assert_eq!(status(&running.address, path).await, status(&admin, path).await, "{path}");
    }
    tokio::task::spawn_blocking(move || assert!(stop(running, "-TERM").0.success())).await.unwrap();
}
