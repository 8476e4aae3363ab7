//! Which network addresses a webhook may be sent to.
//!
//! The rule is asked twice: of a URL's host when it is saved, and of each resolved address when the
//! connection is made. Names are resolved elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether loopback targets are allowed: in the sandbox by default, never in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loopback {
    /// A partner's own laptop may listen.
    Allowed,
    /// Only public addresses.
    Refused,
}

/// Whether deliveries may go to this address.
pub fn is_allowed(address: IpAddr, loopback: Loopback) -> bool {
    match address {
        IpAddr::V4(v4) => v4_allowed(v4, loopback),
        IpAddr::V6(v6) => v6_allowed(v6, loopback),
    }
}

fn v4_allowed(address: Ipv4Addr, loopback: Loopback) -> bool {
    if address.is_loopback() {
        return loopback == Loopback::Allowed;
    }
    let [a, b, c, _] = address.octets();
    let reserved = matches!(
        (a, b, c),
        (0 | 10, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 88, 99)
            | (192, 168, _)
            | (198, 18..=19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    );
    !reserved
}

fn v6_allowed(address: Ipv6Addr, loopback: Loopback) -> bool {
    if address.is_loopback() {
        return loopback == Loopback::Allowed;
    }
    if let Some(embedded) = embedded_v4(address) {
        return v4_allowed(embedded, loopback);
    }
    let [first, second, ..] = address.segments();
    // Only global unicast, 2000::/3, without documentation (2001:db8::/32, 3fff::/20) and the
    // protocol-assignment block 2001::/23, which holds Teredo and ORCHID.
    let global = first & 0xe000 == 0x2000;
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second & 0xf000 == 0);
    let protocol = first == 0x2001 && second & 0xfe00 == 0;
    global && !documentation && !protocol
}

/// The IPv4 address inside a mapped, compatible, translated (64:ff9b::/96, 64:ff9b:1::/48) or 6to4 form.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match [s0, s1, s2, s3, s4, s5] {
        [0, 0, 0, 0, 0, 0 | 0xffff] | [0, 0, 0, 0, 0xffff, 0] | [0x64, 0xff9b, 0 | 1, ..] => Some(v4(s6, s7)),
        [0x2002, high, low, ..] => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_allowed_and_everything_else_is_not() {
        let allowed = |text: &str| is_allowed(text.parse().unwrap(), Loopback::Refused);
        for text in ["8.8.8.8", "200.160.2.3", "2001:12ff:0:2::3", "2606:4700::1111", "::ffff:8.8.8.8"] {
            assert!(allowed(text), "{text}");
        }
        for text in [
            "127.0.0.1",
            "127.1.2.3",
            "0.0.0.0",
            "10.0.0.1",
            "100.64.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::a00:1",
            "2002:a00:1::",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "3fff::1",
            "100::1",
        ] {
            assert!(!allowed(text), "{text}");
        }
    }

    #[test]
    fn the_sandbox_may_call_its_own_machine_and_no_other_private_one() {
        let allowed = |text: &str| is_allowed(text.parse().unwrap(), Loopback::Allowed);
        assert!(allowed("127.0.0.1") && allowed("::1") && allowed("::ffff:127.0.0.1"));
        assert!(!allowed("10.0.0.1") && !allowed("169.254.169.254"));
    }
}
