//! Hostile targets. Every name that resolves to a forbidden address is refused when the connection is made. No answer
//! delays the sender, however long, slow or broken it is.

use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::Version;
use domain::webhook::delivery::Cause;
use domain::webhook::target::Loopback;
use futures::future::BoxFuture;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use serde_json::{Value, json};
use server::outbound::{Lookup, WebhookClient, cause};
use server::workers;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::sink::Sink;
use crate::support::TestApp;

/// The addresses that names resolve to, one list after another.
pub(crate) struct Names(Mutex<Vec<Vec<IpAddr>>>);

impl Names {
    /// Answers each question with the next list. The last list is repeated.
    pub(crate) fn leading_to(answers: &[&[&str]]) -> Arc<Self> {
        let read = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
        Arc::new(Self(Mutex::new(answers.iter().rev().map(read).collect())))
    }
}

impl Lookup for Names {
    fn addresses(&self, _name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        let mut answers = self.0.lock().unwrap();
        let next = if answers.len() > 1 { answers.pop() } else { answers.last().cloned() };
        Box::pin(async move { Ok(next.unwrap_or_default()) })
    }
}

/// A listener that counts its connections.
async fn counted() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, count) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

fn reason(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[tokio::test]
async fn a_name_that_resolves_to_a_forbidden_address_is_refused_when_the_connection_is_made() {
    let (port, visits) = counted().await;
    for address in [
        "127.0.0.1",
        "127.1.2.3",
        "0.0.0.0",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "fc00::1",
        "fe80::1",
        "ff02::1",
        "2001:db8::1",
    ] {
        let client = WebhookClient::with(Loopback::Refused, Names::leading_to(&[&[address]]), []).unwrap();
        let sent = client.post(&format!("https://hook.example.com:{port}/")).unwrap().send().await;
        let error = sent.unwrap_err();
        assert!(reason(&error).contains("no address that may be called"), "{address}: {}", reason(&error));
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_name_that_changes_between_check_and_connection_reaches_no_forbidden_address() {
    let (port, visits) = counted().await;
    // The name is public when it is saved, and this machine when it is called. Then it has several addresses, one
    // public.
    let names = Names::leading_to(&[&["127.0.0.1"], &["10.0.0.1", "127.0.0.1"]]);
    let client = WebhookClient::with(Loopback::Refused, names, []).unwrap();
    let url = format!("https://hook.example.com:{port}/");
    for _ in 0..2 {
        client.post(&url).unwrap().send().await.unwrap_err();
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
    // Among several addresses the sender tries only the allowed ones. The others cause no delay.
    let sink = Sink::start().await;
    let port = sink.url.rsplit_once(':').unwrap().1.split('/').next().unwrap().to_owned();
    let names = Names::leading_to(&[&["10.0.0.1", "169.254.169.254", "127.0.0.1"]]);
    let client = WebhookClient::with(Loopback::Allowed, names, []).unwrap();
    let request = client.post(&format!("http://hook.localhost:{port}/")).unwrap();
    assert_eq!(request.send().await.unwrap().status(), 204);
}

/// Arrival of each request at a target, and the moment at which the sender gave up on the silent one.
#[derive(Default)]
struct Seen {
    arrived: Mutex<Vec<Instant>>,
    given_up: watch::Sender<Option<Instant>>,
}

/// A target that sends its answer byte by byte if necessary.
async fn raw<F, A>(seen: &Arc<Seen>, answer: A) -> String
where
    A: Fn(TcpStream) -> F + Send + Sync + 'static,
    F: Future<Output = std::io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let seen = Arc::clone(seen);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            seen.arrived.lock().unwrap().push(Instant::now());
            if stream.read(&mut vec![0; 8_192]).await.is_ok() {
                tokio::spawn(answer(stream));
            }
        }
    });
    url
}

/// A target that sends the beginning of an answer, and then the same bytes every tenth of a second without end.
async fn slow(seen: &Arc<Seen>, beginning: &'static [u8], more: &'static [u8]) -> String {
    let answer = async move |mut stream: TcpStream| {
        stream.write_all(beginning).await?;
        loop {
            stream.write_all(more).await?;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    raw(seen, answer).await
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "it is a table of targets and expected results")]
async fn no_answer_delays_the_sender_and_at_most_twenty_kilobytes_are_kept() {
    let app = TestApp::new().await;
    let (partner, elsewhere) = (app.partner().await, Sink::start().await);
    let (mut expected, seen) = (Vec::new(), Arc::new(Seen::default()));
    let mut expect_delivery =
        async |url: String, outcome: &'static str, status: Value, kept: std::ops::Range<usize>| {
            let body = json!({"url": url, "events": ["customer.created"]});
            let endpoint = partner.post("/v3/webhooks/endpoints", &body).await.expect(201);
            expected.push((endpoint.id(), outcome, status, kept));
        };
    // The body is endless and fast.
    let endless = raw(&seen, async |mut stream: TcpStream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await?;
        loop {
            stream.write_all(b"400\r\n").await?;
            stream.write_all(&[b'x'; 1_024]).await?;
            stream.write_all(b"\r\n").await?;
        }
    });
    expect_delivery(endless.await, "delivered", json!(200), 20_480..20_481).await;
    // The head announces a huge body.
    let huge = raw(&seen, async |mut stream: TcpStream| {
        stream.write_all(b"HTTP/1.1 500 No\r\ncontent-length: 99999999999999\r\n\r\nshort").await?;
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    });
    expect_delivery(huge.await, "refused", json!(500), 5..6).await;
    // The body comes one byte at a time.
    let drip = slow(&seen, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b".");
    expect_delivery(drip.await, "delivered", json!(200), 10..60).await;
    // The head comes slowly and never ends, so there is never a status.
    let head = slow(&seen, b"HTTP/1.1 200 OK\r\n", b"x: y\r\n");
    expect_delivery(head.await, "timeout", Value::Null, 0..1).await;
    // The head is endless and fast.
    let flood = raw(&seen, async |mut stream: TcpStream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n").await?;
        }
    });
    expect_delivery(flood.await, "unreachable", Value::Null, 0..1).await;
    // No answer comes.
    let waiting = Arc::clone(&seen);
    let silent = raw(&seen, move |mut stream: TcpStream| {
        let waiting = Arc::clone(&waiting);
        async move {
            let ended = stream.read(&mut [0]).await;
            waiting.given_up.send_replace(Some(Instant::now()));
            ended.map(drop)
        }
    });
    expect_delivery(silent.await, "timeout", Value::Null, 0..1).await;
    // The answer is not HTTP.
    let garbage =
        raw(&seen, async |mut stream: TcpStream| stream.write_all(b"\0\x01\x02 hello \xff\r\n\r\n").await);
    expect_delivery(garbage.await, "unreachable", Value::Null, 0..1).await;
    // The answer breaks off.
    let broken = raw(&seen, async |mut stream: TcpStream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf \0 \xff of it").await
    });
    expect_delivery(broken.await, "delivered", json!(200), 1..40).await;
    // Redirects are not followed.
    for status in [301, 302, 303, 307, 308] {
        let target = elsewhere.url.clone();
        let redirect = raw(&seen, move |mut stream: TcpStream| {
            let answer = format!("HTTP/1.1 {status} X\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n");
            async move { stream.write_all(answer.as_bytes()).await }
        });
        expect_delivery(redirect.await, "refused", json!(status), 0..1).await;
    }
    // Nobody listens; and TLS is requested from a target without TLS.
    expect_delivery("http://127.0.0.1:1024/".into(), "unreachable", Value::Null, 0..1).await;
    expect_delivery(elsewhere.url.replace("http:", "https:"), "unreachable", Value::Null, 0..1).await;
    // One target answers normally.
    expect_delivery(elsewhere.url.clone(), "delivered", json!(204), 0..1).await;

    partner.customer(529_982_247, "manual").await;
    workers::run_until_idle(&app.state).await.unwrap();
    for (id, outcome, status, kept) in expected {
        let path = format!("/v3/webhooks/endpoints/{id}/deliveries");
        let delivery = partner.get(&path).await.expect(200).body["data"][0].clone();
        let attempt = &delivery["attempts"][0];
        assert_eq!((&attempt["outcome"], &attempt["status_code"]), (&json!(outcome), &status), "{delivery}");
        let response = attempt["response"].as_str().unwrap();
        assert!(kept.contains(&response.len()) && !response.contains('\0'), "{} {delivery}", response.len());
        // The limit is five seconds; a busy machine gets much more.
        assert!(attempt["duration_ms"].as_i64().unwrap() < 20_000, "{delivery}");
    }
    assert_eq!(
        elsewhere.received().len(),
        1,
        "only the normal target was called, and no redirect was followed"
    );
    // The requests run at the same time: the last began before the sender gave up on the silent target.
    let given_up = *seen.given_up.subscribe().wait_for(Option::is_some).await.unwrap();
    let arrived = seen.arrived.lock().unwrap();
    assert_eq!(arrived.len(), 13, "every target has its own connection");
    assert!(arrived.iter().max().copied() < given_up, "{arrived:?} {given_up:?}");
}

/// A target with TLS for a name and these protocols. Returns its certificate, and the HTTP versions that were used.
pub(crate) async fn tls_target(
    name: &str, protocols: &[&str],
) -> (u16, reqwest::Certificate, Arc<Mutex<Vec<Version>>>) {
    let certified = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let _installed = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let versions: Arc<Mutex<Vec<Version>>> = Arc::default();
    let seen = Arc::clone(&versions);
    let note = move |request: axum::extract::Request| async move {
        seen.lock().unwrap().push(request.version());
        "ok"
    };
    let routes = Router::new().fallback(note);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, routes) = (acceptor.clone(), routes.clone());
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let answer = TowerToHyperService::new(routes);
                let server = auto::Builder::new(TokioExecutor::new());
                let _ended = server.serve_connection(TokioIo::new(stream), answer).await;
            });
        }
    });
    (port, reqwest::Certificate::from_der(certified.cert.der()).unwrap(), versions)
}

#[tokio::test]
async fn only_a_trusted_certificate_for_the_name_is_accepted_over_either_http_version() {
    let here = || Names::leading_to(&[&["127.0.0.1"]]);
    let client = |trusted: &[&reqwest::Certificate]| {
        let trusted: Vec<reqwest::Certificate> = trusted.iter().map(|one| (*one).clone()).collect();
        WebhookClient::with(Loopback::Allowed, here(), trusted).unwrap()
    };
    let (port, certificate, versions) = tls_target("hook.example.com", &["h2", "http/1.1"]).await;
    let url = format!("https://hook.example.com:{port}/");
    // The certificate is not trusted.
    let error = client(&[]).post(&url).unwrap().send().await.unwrap_err();
    assert!(error.is_connect() && reason(&error).contains("certificate"), "{}", reason(&error));
    assert_eq!(cause(&error), Cause::CertificateUntrusted);
    // The certificate is trusted but belongs to another name.
    let other = format!("https://other.example.com:{port}/");
    let error = client(&[&certificate]).post(&other).unwrap().send().await.unwrap_err();
    assert!(reason(&error).contains("not valid for name"), "{}", reason(&error));
    assert_eq!(cause(&error), Cause::CertificateOfOtherHost);
    assert!(versions.lock().unwrap().is_empty(), "no request was sent before the certificate was checked");
    // HTTP/2 is used if the target offers it, otherwise HTTP/1.1.
    client(&[&certificate]).post(&url).unwrap().body("x").send().await.unwrap();
    assert_eq!(*versions.lock().unwrap(), [Version::HTTP_2]);
    let (port, certificate, versions) = tls_target("hook.example.com", &["http/1.1"]).await;
    let url = format!("https://hook.example.com:{port}/");
    client(&[&certificate]).post(&url).unwrap().body("x").send().await.unwrap();
    assert_eq!(*versions.lock().unwrap(), [Version::HTTP_11]);
}

#[tokio::test]
async fn a_connection_that_fails_says_why() {
    let cause_of = async |url: &str, names: &[&str]| {
        let client = WebhookClient::with(Loopback::Allowed, Names::leading_to(&[names]), []).unwrap();
        cause(&client.post(url).unwrap().send().await.unwrap_err())
    };
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = closed.local_addr().unwrap().port();
    drop(closed);
    let refused = cause_of(&format!("https://hook.example.com:{port}/"), &["127.0.0.1"]).await;
    assert_eq!(refused, Cause::ConnectionRefused);
    assert_eq!(cause_of("https://hook.example.com/", &[]).await, Cause::NameNotResolved);
    assert_eq!(cause_of("https://hook.example.com/", &["10.0.0.1"]).await, Cause::AddressForbidden);
    // It answers, but not in the language of TLS.
    let seen = Arc::new(Seen::default());
    let plain = raw(&seen, async |mut stream: TcpStream| stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await);
    let plain = plain.await.replace("http://", "https://");
    assert_eq!(cause_of(&plain, &[]).await, Cause::TlsFailed);
    let closing = raw(&seen, async |stream: TcpStream| {
        drop(stream);
        Ok::<(), std::io::Error>(())
    });
    assert_eq!(cause_of(&closing.await, &[]).await, Cause::ConnectionBroken);
}

/// The status of a sandbox's answer when an endpoint on its own machine is registered.
fn endpoint_on_loopback(arguments: &[&str], file: &str) -> u16 {
    use crate::process::{exchange, start_with, token};
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("dinie.toml"), file).unwrap();
    let running = start_with(folder.path(), arguments);
    let headers = format!("authorization: Bearer {}\r\ncontent-type: application/json\r\n", token(&running));
    let body = r#"{"url": "http://127.0.0.1:9000/hook"}"#;
    exchange(&running, "POST", "/v3/webhooks/endpoints", &headers, body).0
}

#[test]
fn only_a_sandbox_on_loopback_calls_its_own_machine_unless_it_is_configured_to() {
    let here = "127.0.0.1:0";
    assert_eq!(endpoint_on_loopback(&["--listen", here], ""), 201);
    let local = ["--listen", here, "--public-url", "http://localhost:8080"];
    assert_eq!(endpoint_on_loopback(&local, ""), 201);
    let public = ["--listen", here, "--public-url", "https://sandbox.example.com"];
    assert_eq!(endpoint_on_loopback(&public, ""), 422);
    assert_eq!(endpoint_on_loopback(&public, "[webhooks]\nallow_loopback = true\n"), 201);
    assert_eq!(endpoint_on_loopback(&["--listen", "0.0.0.0:0"], ""), 422);
    assert_eq!(endpoint_on_loopback(&["--listen", here, "--behind-tls-proxy"], ""), 422);
}
