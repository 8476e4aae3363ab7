//! The clients that call others: the one that sends webhooks to partners, and never to a forbidden address, the one that
//! talks to the lender's own provider, and the one that sends spans to a collector.
//!
//! Names are resolved here, every address is checked, and the connection uses a checked address. So a name that
//! changes between check and connection gains nothing. Redirects are not followed.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use domain::time::RealTime;
use domain::webhook::delivery::Cause;
use domain::webhook::target::{Loopback, is_allowed, is_loopback_name};
use futures::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use serde::de::DeserializeOwned;
use url::{Host, Url};
use wire::WEBHOOK_AGENT;

/// The reason for refusing a URL as a webhook's target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetRefused {
    /// Not a URL.
    #[error("not a URL")]
    Malformed,
    /// Neither HTTPS nor, if allowed, HTTP to this machine.
    #[error("must be https:// (in the sandbox also http:// to a loopback host)")]
    Scheme,
    /// User name or password in the URL.
    #[error("must not hold a user name or a password")]
    UserInfo,
    /// A reserved port.
    #[error("the port must be 443, or 1024 or above")]
    Port,
    /// A private, reserved or otherwise forbidden address.
    #[error("the host must have a public address")]
    Address,
}

/// Checks a webhook's URL when it is saved. Each connection checks its resolved addresses again.
pub fn check_target(text: &str, loopback: Loopback) -> Result<(), TargetRefused> {
    target(text, loopback).map(drop)
}

fn target(text: &str, loopback: Loopback) -> Result<Url, TargetRefused> {
    let url = Url::parse(text).map_err(|_| TargetRefused::Malformed)?;
    let host = url.host().ok_or(TargetRefused::Malformed)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetRefused::UserInfo);
    }
    let local = is_loopback_host(&host);
    match url.scheme() {
        "https" => {}
        "http" if local && loopback == Loopback::Allowed => {}
        _other => return Err(TargetRefused::Scheme),
    }
    if url.port_or_known_default().is_none_or(|port| port != 443 && port < 1024) {
        return Err(TargetRefused::Port);
    }
    let address = match host {
        Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
        Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
        Host::Domain(_) => None,
    };
    let forbidden = address.is_some_and(|address| !is_allowed(address, loopback));
    if forbidden || (local && loopback == Loopback::Refused) {
        return Err(TargetRefused::Address);
    }
    Ok(url)
}

/// Checks the addresses of a webhook's host name when it is saved. A name that does not resolve yet is accepted,
/// because the connection checks every address again.
pub async fn check_resolved(text: &str, loopback: Loopback) -> Result<(), TargetRefused> {
    let url = Url::parse(text).map_err(|_| TargetRefused::Malformed)?;
    let Some(Host::Domain(name)) = url.host() else { return Ok(()) };
    let resolving = tokio::time::timeout(Duration::from_secs(2), tokio::net::lookup_host((name, 443)));
    let Ok(Ok(addresses)) = resolving.await else { return Ok(()) };
    let addresses: Vec<SocketAddr> = addresses.collect();
    let allowed = addresses.iter().any(|address| is_allowed(address.ip(), loopback));
    if allowed || addresses.is_empty() { Ok(()) } else { Err(TargetRefused::Address) }
}

fn is_loopback_host(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => is_loopback_name(name),
        Host::Ipv4(v4) => v4.is_loopback(),
        Host::Ipv6(v6) => v6.to_canonical().is_loopback(),
    }
}

/// The client for webhooks: HTTP/1 and HTTP/2, 3 s to connect and 5 s in total, no redirects, no proxies.
pub struct WebhookClient {
    client: reqwest::Client,
    loopback: Loopback,
}

impl WebhookClient {
    /// A client with or without access to loopback addresses.
    pub fn new(loopback: Loopback) -> reqwest::Result<Self> {
        Self::with(loopback, Arc::new(SystemLookup), [])
    }

    /// A client that resolves names with `lookup` and trusts additional certificates.
    #[expect(clippy::disallowed_methods, reason = "this is the one outbound client")]
    pub fn with(
        loopback: Loopback, lookup: Arc<dyn Lookup>, trusted: impl IntoIterator<Item = reqwest::Certificate>,
    ) -> reqwest::Result<Self> {
        // Another server in this process may have installed it before.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(WEBHOOK_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(5))
            .pool_max_idle_per_host(512)
            .pool_idle_timeout(Duration::from_secs(10))
            .tcp_nodelay(true)
            .dns_resolver(Arc::new(GuardedResolver { loopback, lookup }));
        let trusted: Vec<reqwest::Certificate> = trusted.into_iter().collect();
        if !trusted.is_empty() {
            builder = builder.tls_certs_merge(trusted);
        }
        Ok(Self { client: builder.build()?, loopback })
    }

    /// A request to a webhook's URL. The URL is checked again as when it was saved. A resolver is not asked about a
    /// literal address, and the rules may have changed since.
    pub fn post(&self, url: &str) -> Result<reqwest::RequestBuilder, TargetRefused> {
        Ok(self.client.post(target(url, self.loopback)?))
    }
}

/// The client for the lender's own provider: 10 s in total, no redirects, at most a mebibyte. The lender names the
/// provider, which may be in a private network.
pub struct ProviderClient(reqwest::Client);

/// Why an answer of the provider cannot be read. It contains no secret.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// No answer arrived. The library's error would name the URL, which may contain a secret.
    #[error("no answer arrived")]
    NoAnswer,
    /// The answer has another status than 200.
    #[error("status {0}")]
    Status(u16),
    /// The answer is too long.
    #[error("it is too long")]
    TooLong,
    /// The answer is not the JSON that was expected.
    #[error("it is not the expected JSON")]
    Content,
}

impl ProviderClient {
    /// The most bytes of an answer.
    const MOST_BYTES: usize = 1 << 20;

    /// A client.
    #[expect(clippy::disallowed_methods, reason = "this module has every outbound client")]
    pub fn new() -> reqwest::Result<Self> {
        // Another client in this process may have installed it before.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(10));
        Ok(Self(builder.build()?))
    }

    /// Reads a JSON document, with an access token if there is one.
    pub async fn get<T: DeserializeOwned>(&self, url: &str, bearer: Option<&str>) -> Result<T, Unreadable> {
        let mut request = self.0.get(url).header(ACCEPT, "application/json");
        if let Some(token) = bearer {
            request = request.bearer_auth(token);
        }
        Self::read(request).await
    }

    /// Sends a form with a client's name and secret, and reads the answer.
    pub async fn post<T: DeserializeOwned>(
        &self, url: &str, basic: &str, form: String,
    ) -> Result<T, Unreadable> {
        let request = self.0.post(url).header(ACCEPT, "application/json");
        let request = request.header(AUTHORIZATION, format!("Basic {basic}"));
        Self::read(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form)).await
    }

    async fn read<T: DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, Unreadable> {
        let mut answer = request.send().await.map_err(|_| Unreadable::NoAnswer)?;
        if answer.status() != 200 {
            return Err(Unreadable::Status(answer.status().as_u16()));
        }
        let mut content = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|_| Unreadable::NoAnswer)? {
            content.extend_from_slice(&part);
            if content.len() > Self::MOST_BYTES {
                return Err(Unreadable::TooLong);
            }
        }
        serde_json::from_slice(&content).map_err(|_| Unreadable::Content)
    }
}

/// The client that sends spans to a collector: 10 s in total, no redirects. The lender names the collector, which may be
/// in a private network.
pub struct CollectorClient(reqwest::Client);

/// Why a collector did not take a message. It contains no header and no URL.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// No answer arrived.
    #[error("no answer arrived")]
    NoAnswer,
    /// The answer has another status than 200.
    #[error("status {0}")]
    Status(u16),
}

impl NotTaken {
    /// Whether the same message may be taken later (OTLP 1.x, section "Retryable Response Codes").
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::NoAnswer | Self::Status(429 | 502 | 503 | 504))
    }
}

impl CollectorClient {
    /// A client that sends these headers with each message.
    #[expect(clippy::disallowed_methods, reason = "this module has every outbound client")]
    pub fn new(headers: &HeaderMap) -> reqwest::Result<Self> {
        // Another client in this process may have installed it before.
        let _installed = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder()
            .default_headers(headers.clone())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(10));
        Ok(Self(builder.build()?))
    }

    /// Sends a message of Protocol Buffers and returns the answer.
    pub async fn send(&self, address: &Url, message: Vec<u8>) -> Result<Bytes, NotTaken> {
        let request =
            self.0.post(address.clone()).header(CONTENT_TYPE, "application/x-protobuf").body(message);
        let answer = request.send().await.map_err(|_| NotTaken::NoAnswer)?;
        match answer.status().as_u16() {
            200 => answer.bytes().await.map_err(|_| NotTaken::NoAnswer),
            other => Err(NotTaken::Status(other)),
        }
    }
}

/// Whether a request failed because this machine ran out of descriptors, ports or memory. Such a failure says nothing
/// about the endpoint.
pub fn is_own_shortage(error: &reqwest::Error) -> bool {
    use rustix::io::Errno;
    let short = |code: i32| {
        [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::ADDRNOTAVAIL]
            .contains(&Errno::from_raw_os_error(code))
    };
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if error.downcast_ref::<std::io::Error>().and_then(std::io::Error::raw_os_error).is_some_and(short) {
            return true;
        }
        cause = error.source();
    }
    // The resolver of names does not report a missing descriptor, so this opens a file to see.
    let opened = std::fs::File::open("/dev/null");
    error.is_connect() && opened.err().and_then(|error| error.raw_os_error()).is_some_and(short)
}

/// Why a request had no answer.
pub fn cause(error: &reqwest::Error) -> Cause {
    if is_own_shortage(error) {
        return Cause::OwnShortage;
    }
    let mut inner = std::error::Error::source(error);
    while let Some(error) = inner {
        if error.is::<NoAllowedAddress>() {
            return Cause::AddressForbidden;
        }
        if error.is::<NotResolved>() {
            return Cause::NameNotResolved;
        }
        if let Some(error) = error.downcast_ref::<rustls::Error>() {
            return of_tls(error);
        }
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused) {
            return Cause::ConnectionRefused;
        }
        // An error of the encryption is inside of one of the connection, which does not name it as its source.
        let within = io.and_then(std::io::Error::get_ref);
        inner = within.map(|within| within as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    match (error.is_timeout(), error.is_connect()) {
        (true, true) => Cause::ConnectionTimedOut,
        (true, false) => Cause::AnswerTimedOut,
        (false, _) => Cause::ConnectionBroken,
    }
}

fn of_tls(error: &rustls::Error) -> Cause {
    use rustls::CertificateError as Wrong;
    let rustls::Error::InvalidCertificate(wrong) = error else { return Cause::TlsFailed };
    match wrong {
        Wrong::Expired => Cause::CertificateExpired(None),
        Wrong::ExpiredContext { not_after, .. } => {
            let seconds = i64::try_from(not_after.as_secs()).ok();
            Cause::CertificateExpired(seconds.map(RealTime::from_seconds))
        }
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => Cause::CertificateNotYetValid,
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => Cause::CertificateOfOtherHost,
        // The library may add more of them.
        _other => Cause::CertificateUntrusted,
    }
}

/// Whether a URL's host is this machine.
pub fn is_loopback(url: &Url) -> bool {
    url.host().is_some_and(|host| is_loopback_host(&host))
}

/// Looks up the addresses of a host's name.
pub trait Lookup: Send + Sync {
    /// The name's addresses.
    fn addresses(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

/// The system's resolver.
struct SystemLookup;

impl Lookup for SystemLookup {
    fn addresses(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The host's name has no address.
#[derive(Debug, thiserror::Error)]
#[error("the host's name does not resolve")]
struct NotResolved(#[source] std::io::Error);

/// The host has only addresses that may not be called.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the host has no address that may be called")]
struct NoAllowedAddress;

/// Resolves names and removes every forbidden address. A connection uses an address that was checked here, and the
/// name is not resolved again.
struct GuardedResolver {
    loopback: Loopback,
    lookup: Arc<dyn Lookup>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (loopback, found) = (self.loopback, self.lookup.addresses(name.as_str().to_owned()));
        Box::pin(async move {
            let found = found.await.map_err(NotResolved)?;
            if found.is_empty() {
                return Err(NotResolved(std::io::ErrorKind::NotFound.into()).into());
            }
            let allowed = found.into_iter().filter(|address| is_allowed(*address, loopback));
            let allowed: Vec<SocketAddr> = allowed.map(|address| SocketAddr::new(address, 0)).collect();
            if allowed.is_empty() {
                return Err(NoAllowedAddress.into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_accepts_only_public_https_targets() {
        let check = |text: &str| check_target(text, Loopback::Refused);
        assert_eq!(check("https://example.com/hook"), Ok(()));
        assert_eq!(check("https://example.com:8443/hook?x=1"), Ok(()));
        let refused = |texts: &[&str], refused| {
            for text in texts {
                assert_eq!(check(text), Err(refused), "{text}");
            }
        };
        refused(&["", "example.com"], TargetRefused::Malformed);
        refused(
            &["http://example.com/", "ftp://example.com/", "http://127.0.0.1:9000/"],
            TargetRefused::Scheme,
        );
        refused(&["https://ana@example.com/", "https://:x@example.com/"], TargetRefused::UserInfo);
        refused(&["https://example.com:80/", "https://example.com:22/"], TargetRefused::Port);
        let own = [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://[::ffff:10.0.0.1]/",
            "https://10.0.0.1/",
            "https://169.254.169.254/",
            "https://localhost/",
            "https://api.localhost./",
        ];
        refused(&own, TargetRefused::Address);
    }

    #[test]
    fn the_sandbox_also_accepts_its_own_machine() {
        let check = |text| check_target(text, Loopback::Allowed);
        for text in [
            "http://localhost:9000/hook",
            "http://127.0.0.1:9000/",
            "http://[::1]:9000/",
            "https://localhost/",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        assert_eq!(check("http://10.0.0.1:9000/"), Err(TargetRefused::Scheme));
        assert_eq!(check("https://10.0.0.1/"), Err(TargetRefused::Address));
        assert_eq!(check("http://localhost/"), Err(TargetRefused::Port));
    }
}
