//! The network around the server: its callers, its proxies and the limits of its connections.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;
use url::Url;

use super::error::ConfigError;
use crate::outbound::is_loopback;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ConnectionsFile {
    most: Option<usize>,
    first_request_s: Option<u64>,
    idle_s: Option<u64>,
    drain_s: Option<u64>,
}

/// Limits on the number of connections and on their silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// Most connections at once. Further ones wait in the system's queue.
    pub most: usize,
    /// Longest time from the connection to the end of its first request's headers.
    pub first_request: Duration,
    /// Longest time without a request or progress of an answer.
    pub idle: Duration,
    /// Time from the request to stop until the server takes no new connections. It is not ready meanwhile, so that
    /// proxies send their requests elsewhere.
    pub drain: Duration,
}

/// Longest `connections.drain_s`. The unit of systemd gives a stop 30 s in all.
const LONGEST_DRAIN: Duration = Duration::from_secs(20);

impl Default for ConnectionLimits {
    fn default() -> Self {
        // Proxies commonly keep idle connections for 60 s; the side that reuses them should close first.
        let (first_request, idle) = (Duration::from_secs(15), Duration::from_secs(75));
        Self { most: 10_000, first_request, idle, drain: Duration::ZERO }
    }
}

impl ConnectionsFile {
    /// The configured limits. A server with no connections or no time would serve nobody, so each of these must be at least 1.
    pub(super) fn or_default(&self) -> Result<ConnectionLimits, ConfigError> {
        let default = ConnectionLimits::default();
        let seconds = |given: Option<u64>, default| given.map_or(default, Duration::from_secs);
        let limits = ConnectionLimits {
            most: self.most.unwrap_or(default.most),
            first_request: seconds(self.first_request_s, default.first_request),
            idle: seconds(self.idle_s, default.idle),
            drain: seconds(self.drain_s, default.drain),
        };
        if limits.most == 0 || limits.first_request.is_zero() || limits.idle.is_zero() {
            return Err(ConfigError::Network(
                "[connections]: each value but drain_s must be at least 1".into(),
            ));
        }
        if limits.drain > LONGEST_DRAIN {
            return Err(ConfigError::Network("[connections]: drain_s is at most 20".into()));
        }
        Ok(limits)
    }
}

/// The header in which a proxy names the caller's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For: 192.0.2.1, …`.
    XForwardedFor,
    /// `Forwarded: for=192.0.2.1, …` (RFC 7239).
    Forwarded,
}

/// The peers that the server trusts to name a caller's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trusted {
    /// None: the connection's address is the caller's.
    Nobody,
    /// Any peer of a connection, but only for the one address that it has added.
    Peer,
    /// Peers in these networks. The search goes from the connection backwards to the first address outside them.
    Networks(Vec<IpNet>),
}

/// The proxies in front of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxies {
    /// The peers that the server trusts.
    pub trusted: Trusted,
    /// The header that the proxies write. The other header may come from the caller and is not read.
    pub header: ForwardedHeader,
}

impl Proxies {
    /// Reads the trusted proxies: the listed networks, or any peer of a connection if only a proxy was declared.
    pub(super) fn read(
        networks: &[String], header: Option<&str>, declared: bool,
    ) -> Result<Self, ConfigError> {
        let header = match header {
            None => ForwardedHeader::XForwardedFor,
            Some(name) if name.eq_ignore_ascii_case("x-forwarded-for") => ForwardedHeader::XForwardedFor,
            Some(name) if name.eq_ignore_ascii_case("forwarded") => ForwardedHeader::Forwarded,
            Some(other) => {
                let what = format!("--forwarded-header must be x-forwarded-for or forwarded, not {other:?}");
                return Err(ConfigError::Network(what));
            }
        };
        let trusted = match (networks, declared) {
            ([], false) => Trusted::Nobody,
            ([], true) => Trusted::Peer,
            (networks, _) => {
                let networks = networks.iter().map(|text| network(text.trim()));
                Trusted::Networks(networks.collect::<Result<_, _>>()?)
            }
        };
        Ok(Self { trusted, header })
    }
}

fn network(text: &str) -> Result<IpNet, ConfigError> {
    let address = text.parse::<IpAddr>().map(IpNet::from);
    address.or_else(|_| text.parse()).map_err(|_| {
        let what = format!("--trusted-proxies must list addresses and networks (10.0.0.0/8), not {text:?}");
        ConfigError::Network(what)
    })
}

/// Whether only this machine reaches the server. Then it listens on loopback without a proxy, and a public URL names
/// loopback. A sandbox that others reach must not let them send webhooks to its own machine.
pub(super) fn is_local_only(listen: SocketAddr, public_url: Option<&str>, proxies: &Proxies) -> bool {
    let names_loopback = |url: &str| Url::parse(url).is_ok_and(|url| is_loopback(&url));
    listen.ip().to_canonical().is_loopback()
        && public_url.is_none_or(names_loopback)
        && proxies.trusted == Trusted::Nobody
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandbox_is_local_only_if_no_other_machine_reaches_it() {
        let none = Proxies::read(&[], None, false).unwrap();
        let local = |listen: &str, url| is_local_only(listen.parse().unwrap(), url, &none);
        assert!(local("127.0.0.1:8080", None) && local("[::1]:8080", None));
        assert!(local("127.0.0.1:8080", Some("http://localhost:8080")));
        assert!(!local("0.0.0.0:8080", None) && !local("[::]:8080", None) && !local("10.0.0.1:8080", None));
        assert!(
            !local("127.0.0.1:8080", Some("https://sandbox.example.com")),
            "a proxy or tunnel forwards to this server"
        );
        assert!(!local("127.0.0.1:8080", Some("no url")));
        let declared = Proxies::read(&[], None, true).unwrap();
        assert!(!is_local_only("127.0.0.1:8080".parse().unwrap(), None, &declared));
    }

    #[test]
    fn proxies_are_addresses_and_networks() {
        let read = |networks: &[&str], header, declared| {
            let networks: Vec<String> = networks.iter().map(|&text| text.to_owned()).collect();
            Proxies::read(&networks, header, declared)
        };
        assert_eq!(read(&[], None, false).unwrap().trusted, Trusted::Nobody);
        assert_eq!(read(&[], None, true).unwrap().trusted, Trusted::Peer);
        let listed = read(&["10.0.0.0/8", " 192.0.2.1", "2001:db8::/32"], Some("Forwarded"), true).unwrap();
        assert_eq!(listed.header, ForwardedHeader::Forwarded);
        let networks = ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"].map(|text| text.parse().unwrap());
        assert_eq!(listed.trusted, Trusted::Networks(networks.to_vec()));
        assert!(read(&["proxy.example.com"], None, true).is_err());
        assert!(read(&[], Some("x-real-ip"), true).is_err());
    }
}
