//! The origin of a request: the connection's address, or the address that trusted proxies name.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName};

use super::parameters::{parameter, split};
use crate::config::network::{ForwardedHeader, Proxies, Trusted};

/// The origin of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// The last address that is certain. Limits count by it.
    pub sure: Option<IpAddr>,
    /// The caller's own address; `None` if a trusted proxy names an unreadable one.
    pub caller: Option<IpAddr>,
}

/// Finds the origin of a request. The search goes from the connection backwards and accepts each address that a
/// trusted proxy names. Any text before those addresses comes from the caller and is not trusted.
pub fn origin_of(request: &Request, proxies: &Proxies) -> Origin {
    origin(request.headers(), request.extensions(), proxies)
}

/// [`origin_of`] a request without its body.
pub fn origin_of_parts(parts: &Parts, proxies: &Proxies) -> Origin {
    origin(&parts.headers, &parts.extensions, proxies)
}

fn origin(headers: &HeaderMap, extensions: &Extensions, proxies: &Proxies) -> Origin {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
    let mut sure = peer;
    for (hop, address) in forwarded_addresses(headers, proxies.header).rev().enumerate() {
        let trusted = match &proxies.trusted {
            Trusted::Nobody => false,
            Trusted::Peer => hop == 0,
            Trusted::Networks(networks) => {
                sure.is_some_and(|address| networks.iter().any(|network| network.contains(&address)))
            }
        };
        if !trusted {
            break;
        }
        let Some(address) = address else {
            warn_of_unreadable(proxies.header, sure);
            return Origin { sure, caller: None };
        };
        sure = Some(address);
    }
    Origin { sure, caller: sure }
}

/// Longest name of a browser or program that is kept, in characters.
const LONGEST_AGENT: usize = 200;

/// The origin of a request as it is kept: the address that is certain, and the name of the browser or program.
pub fn kept_origin(
    headers: &HeaderMap, extensions: &Extensions, proxies: &Proxies,
) -> domain::access::Origin {
    let address = origin(headers, extensions, proxies).sure;
    // A program without a name, or with one that is not text, is kept without a name.
    let agent = headers.get(axum::http::header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    domain::access::Origin {
        address: address.map_or_else(String::new, |address| address.to_string()),
        agent: agent.map_or_else(String::new, |agent| agent.chars().take(LONGEST_AGENT).collect()),
    }
}

/// One caller for limits: an IPv4 address, or the /64 of an IPv6 address. A provider gives each customer at least a
/// /64, so its addresses cost nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.into()),
            IpAddr::V6(v6) => Self(IpAddr::V6((v6.to_bits() & !u128::from(u64::MAX)).into())),
        }
    }
}

/// The addresses of the header, in order; `None` for an unreadable one.
fn forwarded_addresses(headers: &HeaderMap, header: ForwardedHeader) -> std::vec::IntoIter<Option<IpAddr>> {
    let mut addresses = Vec::new();
    for value in headers.get_all(name_of(header)) {
        let elements = value.to_str().ok().and_then(|text| split(text, ','));
        let Some(elements) = elements else {
            addresses.push(None);
            continue;
        };
        let elements = elements.into_iter().map(str::trim).filter(|element| !element.is_empty());
        addresses.extend(elements.map(|element| match header {
            ForwardedHeader::XForwardedFor => node(element),
            ForwardedHeader::Forwarded => forwarded_for(element),
        }));
    }
    addresses.into_iter()
}

fn name_of(header: ForwardedHeader) -> HeaderName {
    match header {
        ForwardedHeader::XForwardedFor => HeaderName::from_static("x-forwarded-for"),
        ForwardedHeader::Forwarded => axum::http::header::FORWARDED,
    }
}

/// The address in the `for` of an element of `Forwarded` (RFC 7239 §4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut parameters = split(element, ';')?.into_iter().filter_map(parameter);
    parameters.find(|(name, _)| name == "for").and_then(|(_, value)| node(&value))
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` or `[2001:db8::1]:4711` (RFC 7239 §6).
fn node(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6);
    bare.or_else(with_port).or_else(bracketed).map(|address| address.to_canonical())
}

/// Warns about an unreadable address from a proxy, at most once a minute. The text itself may be anything, so it is
/// not logged.
fn warn_of_unreadable(header: ForwardedHeader, proxy: Option<IpAddr>) {
    static LAST: Mutex<Option<Instant>> = Mutex::new(None);
    let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
    if last.is_none_or(|last| last.elapsed() >= Duration::from_secs(60)) {
        *last = Some(Instant::now());
        tracing::warn!(
            http.header = %name_of(header), proxy = ?proxy,
            "a trusted proxy names an unreadable caller's address; limits count the proxy's own address"
        );
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn found(peer: &str, proxies: &Proxies, headers: &[&str]) -> (String, String) {
        let mut request = Request::new(Body::empty());
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4_711)));
        for header in headers {
            let (name, value) = header.split_once(": ").unwrap();
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let Origin { sure, caller } = origin_of(&request, proxies);
        let text = |address: Option<IpAddr>| address.map_or("none".to_owned(), |ip| ip.to_string());
        (text(sure), text(caller))
    }

    fn proxies(networks: &[&str], header: ForwardedHeader) -> Proxies {
        let networks = networks.iter().map(|text| text.parse().unwrap()).collect();
        Proxies { trusted: Trusted::Networks(networks), header }
    }

    #[track_caller]
    fn expect(found: &(String, String), address: &str) {
        assert_eq!(*found, (address.to_owned(), address.to_owned()));
    }

    #[test]
    fn every_spelling_of_an_address_is_read() {
        let declared = Proxies { trusted: Trusted::Peer, header: ForwardedHeader::XForwardedFor };
        for (value, address) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:192.0.2.1]:4711", "192.0.2.1"),
            ("203.0.113.9, 192.0.2.1:80", "192.0.2.1"),
            ("192.0.2.1,", "192.0.2.1"),
        ] {
            expect(&found("10.0.0.1", &declared, &[&format!("x-forwarded-for: {value}")]), address);
        }
        for value in
            ["unknown", "192.0.2.1.", "192.0.2.1:x", "[192.0.2.1]:1", "proxy.example.com", "2001:db8::1%eth0"]
        {
            let found = found("10.0.0.1", &declared, &[&format!("x-forwarded-for: {value}")]);
            assert_eq!(
                found,
                ("10.0.0.1".into(), "none".into()),
                "{value}: the proxy's address is not the caller's"
            );
        }
        expect(&found("10.0.0.1", &declared, &[]), "10.0.0.1");
    }

    #[test]
    fn the_standard_header_is_read_if_the_proxy_writes_it() {
        let standard = proxies(&["10.0.0.0/8"], ForwardedHeader::Forwarded);
        for (value, address) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            (r#"For="[2001:db8:cafe::17]:4711""#, "2001:db8:cafe::17"),
            (r#"proto=https; FOR="192.0.2.43:47011""#, "192.0.2.43"),
            ("for=198.51.100.1, for=192.0.2.43", "192.0.2.43"),
        ] {
            expect(&found("10.0.0.1", &standard, &[&format!("forwarded: {value}")]), address);
        }
        for value in ["for=unknown", "for=_hidden", "proto=https", r#"for="192.0.2.1"#] {
            let found = found("10.0.0.1", &standard, &[&format!("forwarded: {value}")]);
            assert_eq!(found, ("10.0.0.1".into(), "none".into()), "{value}");
        }
        let other = ["x-forwarded-for: 203.0.113.9"];
        expect(&found("10.0.0.1", &standard, &other), "10.0.0.1");
    }

    #[test]
    fn the_search_ends_at_the_first_address_that_is_no_proxy() {
        let ours = proxies(&["10.0.0.0/8", "2001:db8:1::/48"], ForwardedHeader::XForwardedFor);
        let forged = "x-forwarded-for: 8.8.8.8, 192.0.2.1, 10.0.0.2";
        expect(&found("10.0.0.1", &ours, &[forged]), "192.0.2.1");
        expect(&found("::ffff:10.0.0.1", &ours, &[forged]), "192.0.2.1");
        expect(&found("2001:db8:1::5", &ours, &[forged]), "192.0.2.1");
        let lines = ["x-forwarded-for: 8.8.8.8, 192.0.2.1", "x-forwarded-for: 10.0.0.2"];
        expect(&found("10.0.0.1", &ours, &lines), "192.0.2.1");
        // A peer that is no proxy is not trusted.
        expect(&found("203.0.113.5", &ours, &[forged]), "203.0.113.5");
        // A request from inside the trusted networks.
        expect(&found("10.0.0.1", &ours, &["x-forwarded-for: 10.0.0.3, 10.0.0.2"]), "10.0.0.3");
        let unreadable = found("10.0.0.1", &ours, &["x-forwarded-for: 192.0.2.1, garbage, 10.0.0.2"]);
        assert_eq!(unreadable, ("10.0.0.2".into(), "none".into()));
        let nobody = Proxies { trusted: Trusted::Nobody, ..ours };
        expect(&found("10.0.0.1", &nobody, &[forged]), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_network_counts_as_one_caller() {
        let network = |text: &str| Network::from(text.parse::<IpAddr>().unwrap());
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
