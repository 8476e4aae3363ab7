//! The client of commands that call a server.

use std::time::Duration;

use domain::webhook::target::is_loopback_name;
use url::{Host, Url};

/// The client of commands whose user names the server. It follows no redirects: a redirect could send the client
/// secret or a signed body to another server. It uses a proxy that the environment names, but never for this machine.
#[derive(Clone)]
pub struct CommandClient {
    direct: reqwest::Client,
    by_environment: reqwest::Client,
}

impl CommandClient {
    /// A request to a URL.
    pub fn request(&self, method: reqwest::Method, url: impl AsRef<str>) -> reqwest::RequestBuilder {
        let url = url.as_ref();
        let client = match Url::parse(url) {
            Ok(parsed) if !is_loopback(&parsed) => &self.by_environment,
            // The builder reports a malformed URL when the request is sent.
            Ok(_) | Err(_) => &self.direct,
        };
        client.request(method, url)
    }

    /// A `GET` request.
    pub fn get(&self, url: impl AsRef<str>) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::GET, url)
    }

    /// A `POST` request.
    pub fn post(&self, url: impl AsRef<str>) -> reqwest::RequestBuilder {
        self.request(reqwest::Method::POST, url)
    }
}

/// The certificates that a client accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificates {
    /// Those of a known authority for the right name.
    Trusted,
    /// Any: a program on this machine often has made its own.
    Any,
}

/// A client for commands.
pub fn command_client() -> reqwest::Result<CommandClient> {
    client_with(Certificates::Trusted)
}

/// A client that accepts these certificates.
#[expect(clippy::disallowed_methods, reason = "this is the one client of the tools")]
pub fn client_with(certificates: Certificates) -> reqwest::Result<CommandClient> {
    // Another client of this process may have installed the provider already.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        let none = reqwest::redirect::Policy::none();
        reqwest::Client::builder()
            .user_agent("dinie")
            .timeout(Duration::from_secs(30))
            .redirect(none)
            .tls_danger_accept_invalid_certs(certificates == Certificates::Any)
    };
    Ok(CommandClient { direct: builder().no_proxy().build()?, by_environment: builder().build()? })
}

/// Whether the text is a URL of this machine.
pub(crate) fn is_this_machine(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| is_loopback(&url))
}

/// Whether a URL names this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback_name(name),
        Some(Host::Ipv4(v4)) => v4.is_loopback(),
        Some(Host::Ipv6(v6)) => v6.to_canonical().is_loopback(),
        None => false,
    }
}
