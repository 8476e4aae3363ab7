//! The style sheets, scripts, fonts and icons of the pages, in the program itself (docs/decisions/0023).
//!
//! Their address contains one hash of all of them: `/assets/<hash>/<name>`. So a browser may keep a file for a year, and
//! the files name each other by relative paths. A change of one file changes the address of each.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use wire::problem::{Code, Problem};

use super::answer::SNIFF;
use crate::http::problem::Rejection;

const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const WOFF2: &str = "font/woff2";

/// The name, the content type and the content of each file.
const FILES: [(&str, &str, &[u8]); 12] = [
    ("tokens.css", CSS, include_bytes!("../../assets/tokens.css")),
    ("kit.css", CSS, include_bytes!("../../assets/kit.css")),
    ("kit.js", JS, include_bytes!("../../assets/kit.js")),
    ("passkeys.js", JS, include_bytes!("../../assets/passkeys.js")),
    ("portal.css", CSS, include_bytes!("../../assets/portal.css")),
    ("portal.js", JS, include_bytes!("../../assets/portal.js")),
    ("htmx.min.js", JS, include_bytes!("../../assets/htmx.min.js")),
    ("htmx-sse.min.js", JS, include_bytes!("../../assets/htmx-sse.min.js")),
    ("icons.svg", SVG, include_bytes!("../../assets/icons.svg")),
    ("mark.svg", SVG, include_bytes!("../../assets/mark.svg")),
    ("fonts/inter.woff2", WOFF2, include_bytes!("../../assets/fonts/inter.woff2")),
    ("fonts/geist-mono.woff2", WOFF2, include_bytes!("../../assets/fonts/geist-mono.woff2")),
];

/// `/assets/<hash>`.
static FOLDER: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for (name, _, content) in FILES {
        hash.update(name);
        // The digests have a fixed length, so no two sets of files give the same input.
        hash.update(Sha256::digest(content));
    }
    format!("/assets/{}", app::database::hex(&hash.finalize()[..8]))
});

/// Each file compressed once, in the order of `FILES`. Fonts are compressed already.
static COMPRESSED: LazyLock<[Option<Vec<u8>>; 12]> =
    LazyLock::new(|| FILES.map(|(_, kind, content)| (kind != WOFF2).then(|| compressed(content))));

/// The folder of the files in addresses.
pub(super) fn folder() -> &'static str {
    &FOLDER
}

/// Sends a file. A browser keeps it, unless the hash is of another build. During a change of version two builds may
/// answer in turn, and then a browser must not keep the file under a wrong address.
pub(super) async fn show(
    Path((hash, name)): Path<(String, String)>, headers: HeaderMap,
) -> Result<Response, Rejection> {
    let Some(place) = FILES.iter().position(|(known, _, _)| *known == name) else {
        return Err(Problem::new(Code::RouteNotFound, "there is no such file").into());
    };
    let (_, kind, content) = FILES[place];
    let ours = folder().strip_prefix("/assets/") == Some(hash.as_str());
    let keep = if ours { "public, max-age=31536000, immutable" } else { "no-cache" };
    let plain = [(CONTENT_TYPE, kind), (CACHE_CONTROL, keep), (VARY, "accept-encoding"), (SNIFF, "nosniff")];
    Ok(match &COMPRESSED[place] {
        Some(body) if accepts_gzip(&headers) => {
            (plain, [(CONTENT_ENCODING, "gzip")], body.as_slice()).into_response()
        }
        Some(_) | None => (plain, content).into_response(),
    })
}

/// The page in fewer bytes if the browser accepts them. Only for pages without secrets: the length of a compressed page
/// tells a listener whether the caller's own words are among the page's secrets (BREACH).
pub(super) async fn fewer_bytes(headers: &HeaderMap, page: Response) -> Response {
    let (mut parts, body) = page.into_parts();
    parts.headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if !accepts_gzip(headers) {
        return Response::from_parts(parts, body);
    }
    parts.headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let text = axum::body::to_bytes(body, usize::MAX).await.expect("a rendered page is in memory");
    Response::from_parts(parts, compressed(&text).into())
}

fn compressed(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).expect("a vector takes every write");
    encoder.finish().expect("a vector takes every write")
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let refused =
            weight.trim().strip_prefix("q=0").is_some_and(|rest| rest.trim_matches(['.', '0']).is_empty());
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}
