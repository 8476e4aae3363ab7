//! The network addresses to which webhooks may be sent.
//!
//! The rule is applied twice: to a URL's host when it is saved, and to each resolved address when the connection is
//! made. Other modules resolve names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether loopback addresses are allowed. By default they are in a sandbox that only its own machine can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loopback {
    /// Loopback addresses are allowed, such as a partner's own laptop.
    Allowed,
    /// Only public addresses are allowed.
    Refused,
}

/// Whether a host name refers to this machine.
pub fn is_loopback_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    name == "localhost" || name.ends_with(".localhost")
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
    if let Some(mapped) = address.to_ipv4_mapped() {
        // The operating system connects to the IPv4 address inside.
        return v4_allowed(mapped, loopback);
    }
    if let Some(translated) = translated_v4(address) {
        // A translator in the network connects to the IPv4 address inside. The translator's loopback is not this
        // machine.
        return v4_allowed(translated, Loopback::Refused);
    }
    let [first, second, ..] = address.segments();
    // Only global unicast, 2000::/3, is allowed, without three parts. These are documentation (2001:db8::/32,
    // 3fff::/20), protocol assignments (2001::/23, with Teredo and ORCHID), and 6to4 (2002::/16), whose relays no
    // longer exist.
    let global = first & 0xe000 == 0x2000;
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second & 0xf000 == 0);
    let protocol = first == 0x2001 && second & 0xfe00 == 0;
    let six_to_four = first == 0x2002;
    global && !documentation && !protocol && !six_to_four
}

/// The IPv4 address inside the well-known translation prefix, 64:ff9b::/96. The prefix for local translators,
/// 64:ff9b:1::/48, is not read: it is not globally reachable, and each network uses it in its own way.
fn translated_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [s0, s1, s2, s3, s4, s5, s6, s7] = address.segments();
    let ([a, b], [c, d]) = (s6.to_be_bytes(), s7.to_be_bytes());
    ([s0, s1, s2, s3, s4, s5] == [0x64, 0xff9b, 0, 0, 0, 0]).then(|| Ipv4Addr::new(a, b, c, d))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses_are_allowed_and_everything_else_is_not() {
        let allowed = |text: &str| is_allowed(text.parse().unwrap(), Loopback::Refused);
        for text in [
            "8.8.8.8",
            "200.160.2.3",
            "192.31.196.1",
            "192.52.193.1",
            "192.175.48.1",
            "2001:12ff:0:2::3",
            "2606:4700::1111",
            "2620:4f:8000::1",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
        ] {
            assert!(allowed(text), "{text}");
        }
        for text in [
            "::8.8.8.8",
            "::10.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:0:8.8.8.8",
            "64:ff9b::10.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b:0:0:1::8.8.8.8",
            "64:ff9b:2::1",
            "fec0::1",
            "4000::1",
            "5f00::1",
        ] {
            assert!(!allowed(text), "{text}");
        }
    }

    /// The first and the last address of each block that webhooks must not reach. The blocks are those of IANA's
    /// special-purpose registries (October 2025) that are not globally reachable, and multicast. Blocks that only a
    /// relay or an anycast service reaches are included.
    #[test]
    fn no_address_of_the_special_purpose_registries_is_allowed() {
        for (first, last) in [
            ("0.0.0.0", "0.255.255.255"),
            ("10.0.0.0", "10.255.255.255"),
            ("100.64.0.0", "100.127.255.255"),
            ("127.0.0.0", "127.255.255.255"),
            ("169.254.0.0", "169.254.255.255"),
            ("172.16.0.0", "172.31.255.255"),
            ("192.0.0.0", "192.0.0.255"),
            ("192.0.2.0", "192.0.2.255"),
            ("192.88.99.0", "192.88.99.255"),
            ("192.168.0.0", "192.168.255.255"),
            ("198.18.0.0", "198.19.255.255"),
            ("198.51.100.0", "198.51.100.255"),
            ("203.0.113.0", "203.0.113.255"),
            ("224.0.0.0", "239.255.255.255"),
            ("240.0.0.0", "255.255.255.255"),
            ("::", "::1"),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"),
            ("64:ff9b:1::8.8.8.8", "64:ff9b:1:ffff:ffff:ffff:8.8.8.8"),
            ("100::", "100::ffff:ffff:ffff:ffff"),
            ("100:0:0:1::", "100:0:0:1:ffff:ffff:ffff:ffff"),
            ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"),
            ("2001:10::", "2001:1f:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:20::", "2001:3f:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("2002:808:808::", "2002:a00:1::"),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        ] {
            for text in [first, last] {
                assert!(!is_allowed(text.parse().unwrap(), Loopback::Refused), "{text}");
            }
        }
    }

    #[test]
    fn the_sandbox_may_call_its_own_machine_and_no_other_private_address() {
        let allowed = |text: &str| is_allowed(text.parse().unwrap(), Loopback::Allowed);
        assert!(allowed("127.0.0.1") && allowed("::1") && allowed("::ffff:127.0.0.1"));
        assert!(!allowed("10.0.0.1") && !allowed("169.254.169.254") && !allowed("0.0.0.0"));
        assert!(!allowed("64:ff9b::127.0.0.1"), "a translator's loopback is another machine's");
    }
}
