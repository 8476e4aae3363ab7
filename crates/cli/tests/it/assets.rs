//! The files of the pages: their origin, their licences and their headers.

use std::collections::BTreeMap;
use std::path::Path;

use axum::body::Body;
use axum::http::Request;
use sha2::{Digest as _, Sha256};

use crate::answer::Answer;
use crate::architecture::root;
use crate::support::TestApp;

/// The rows of the tables of `crates/server/assets/README.md`, by file.
fn rows() -> BTreeMap<String, Vec<String>> {
    let text = std::fs::read_to_string(root().join("crates/server/assets/README.md")).unwrap();
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().replace('`', "")).collect::<Vec<_>>();
    let rows = text.lines().filter(|line| line.starts_with("| `")).map(cells);
    rows.map(|row| (row[1].clone(), row)).collect()
}

fn files(folder: &Path, prefix: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let found = entries.flat_map(|entry| {
        let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
        if entry.path().is_dir() { files(&entry.path(), &format!("{name}/")) } else { vec![name] }
    });
    found.filter(|name| name != "README.md").collect()
}

#[test]
fn each_file_of_the_pages_has_a_row_with_its_licence_and_its_digest() {
    let folder = root().join("crates/server/assets");
    let mut rows = rows();
    for file in files(&folder, "") {
        let row = rows.remove(&file).unwrap_or_else(|| panic!("{file} has no row"));
        if row.len() < 7 {
            continue;
        }
        assert!(["MIT", "ISC", "0BSD", "OFL-1.1"].contains(&row[4].as_str()), "{file} is under {}", row[4]);
        let digest = Sha256::digest(std::fs::read(folder.join(&file)).unwrap());
        assert_eq!(store::seal::hex(&digest), row[6], "{file} is not the file of its row");
    }
    assert!(rows.is_empty(), "rows without a file: {:?}", rows.keys());
}

async fn compressed(app: &TestApp, path: &str, codings: &str) -> Answer {
    app.send(Request::get(path).header("accept-encoding", codings).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_browser_keeps_the_files_of_this_build_only() {
    let app = TestApp::new().await;
    let other = app.get("/assets/0123456789abcdef/kit.css").await.expect(200);
    assert_eq!(other.header("cache-control"), Some("no-cache"));
    for (name, kind) in [
        ("tokens.css", "text/css; charset=utf-8"),
        ("kit.js", "text/javascript; charset=utf-8"),
        ("icons.svg", "image/svg+xml"),
        ("fonts/inter.woff2", "font/woff2"),
    ] {
        let answer = app.get(&format!("/assets/0/{name}")).await.expect(200);
        assert_eq!(answer.header("content-type"), Some(kind));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    for path in ["/assets/0/README.md", "/assets/0/unknown.css", "/assets/0/fonts/../kit.css", "/assets/0/"] {
        app.get(path).await.expect_problem(404, "route_not_found");
    }
}

#[tokio::test]
async fn text_is_compressed_for_a_browser_that_accepts_it() {
    let app = TestApp::new().await;
    let plain = app.get("/assets/0/kit.css").await.expect(200);
    assert_eq!((plain.header("content-encoding"), plain.header("vary")), (None, Some("accept-encoding")));
    let short = compressed(&app, "/assets/0/kit.css", "br, gzip").await.expect(200);
    assert_eq!(short.header("content-encoding"), Some("gzip"));
    assert!(short.bytes.len() * 4 < plain.bytes.len(), "{} of {}", short.bytes.len(), plain.bytes.len());
    let refused = compressed(&app, "/assets/0/kit.css", "gzip;q=0, br").await.expect(200);
    assert_eq!((refused.header("content-encoding"), &refused.bytes), (None, &plain.bytes));
    let font = compressed(&app, "/assets/0/fonts/inter.woff2", "gzip").await.expect(200);
    assert_eq!(font.header("content-encoding"), None);
}
