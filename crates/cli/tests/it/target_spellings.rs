//! Every spelling of a forbidden target is refused when it is saved.

use domain::credential::Environment;
use serde_json::json;

use crate::support::{Setup, TestApp};

/// URLs that production refuses to save.
const SPELLINGS: &[&str] = &[
    // This machine, in every notation of IPv4.
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/hook",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.255.255.254/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0X7F.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://%31%32%37.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://127．0．0．1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://0x0/",
    // Private, shared, link-local, documentation, benchmark, multicast and reserved ranges.
    "https://10.0.0.1/",
    "https://10.1/",
    "https://167772161/",
    "https://0xa000001/",
    "https://012.0.0.1/",
    "https://172.16.0.1/",
    "https://172.31.255.254/",
    "https://192.168.1.1/",
    "https://192.168.257/",
    "https://0xc0a80101/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://0251.0376.0251.0376/",
    "https://169.254.43518/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://192.0.0.8/",
    "https://192.0.2.1/",
    "https://198.51.100.7/",
    "https://203.0.113.9/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    // IPv6 addresses, and IPv4 addresses inside IPv6.
    "https://[::1]/",
    "https://[::1]:8443/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[0:0:0:0:0:ffff:a9fe:a9fe]/",
    "https://[::ffff:0:127.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a00:1::1]/",
    "https://[2001::1]/",
    "https://[2001:20::1]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[febf::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://[100::1]/",
    "https://[5f00::1]/",
    // Names of this machine.
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://hook.localhost/",
    "https://ｌｏｃａｌｈｏｓｔ/",
    // Tricks with the parts of a URL.
    "https://ana@example.com/",
    "https://ana:secret@example.com/",
    "https://:secret@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com:443@10.0.0.1/",
    "https://127.0.0.1\\@example.com/",
    "https:\\\\127.0.0.1\\",
    "https:/127.0.0.1/",
    "https:127.0.0.1",
    "https:///127.0.0.1/",
    "https://127.0.0.1#@example.com/",
    "https://127.0.0.1?@example.com/",
    "https://127.0.\n0.1/",
    "\thttps://127.0.0.1/",
    "HTTPS://127.0.0.1/",
    // Ports and schemes.
    "https://example.com:22/",
    "https://example.com:25/",
    "https://example.com:80/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "http://example.com/",
    "http://127.0.0.1:9000/",
    "ftp://example.com/",
    "ws://example.com/",
    "gopher://example.com:1024/",
    "file:///etc/passwd",
    "data:text/plain,x",
    "javascript:alert(1)",
    "//example.com/",
    "example.com",
    "https://",
    "https://[::1/",
    "https://exa mple.com/",
    "",
];

#[tokio::test]
async fn every_spelling_of_a_forbidden_address_is_refused_when_it_is_saved() {
    let app = TestApp::with(Setup { environment: Environment::Production, ..Setup::default() }).await;
    let partner = app.partner().await;
    let kept =
        partner.post("/v3/webhooks/endpoints", &json!({"url": "https://example.com/"})).await.expect(201);
    for url in SPELLINGS {
        let refused = partner.post("/v3/webhooks/endpoints", &json!({"url": url})).await;
        assert_eq!(refused.expect_problem(422, "invalid_url").body["param"], "url", "{url}");
        let path = format!("/v3/webhooks/endpoints/{}", kept.id());
        partner.patch(&path, &json!({"url": url})).await.expect_problem(422, "invalid_url");
    }
    let all = partner.get("/v3/webhooks/endpoints").await.expect(200);
    assert_eq!(all.body["data"].as_array().unwrap().len(), 1);
    assert_eq!(all.body["data"][0]["url"], "https://example.com/");
}
