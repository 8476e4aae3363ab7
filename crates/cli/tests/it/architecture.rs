//! Rules of the architecture that the compiler does not check.

use server::http::documented::Api;
use std::path::{Path, PathBuf};

use crate::support::TestApp;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
    found
}

#[track_caller]
fn nowhere(folder: &str, words: &[&str], except: &[&str]) {
    for (path, text) in sources(&root().join(folder)) {
        let name = path.to_string_lossy().into_owned();
        if except.iter().any(|except| name.ends_with(except)) {
            continue;
        }
        for word in words {
            assert!(!text.contains(word), "{name} contains {word}");
        }
    }
}

/// The workspace crates that each crate depends on. A missing dependency proves a rule, so a new one is a decision.
pub(crate) const SEES: [(&str, &[&str]); 7] = [
    ("domain", &[]),
    ("wire", &["domain"]),
    ("store", &["domain"]),
    ("app", &["domain", "store"]),
    ("server", &["app", "domain", "wire"]),
    ("tools", &["domain", "wire"]),
    ("cli", &["app", "domain", "server", "store", "tools", "wire"]),
];

/// The dependencies that a crate's manifest names, without those of its tests.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = root().join("crates").join(name).join("Cargo.toml");
    let text = std::fs::read_to_string(manifest).unwrap();
    let (_, rest) = text.split_once("\n[dependencies]\n").unwrap();
    let own = rest.split("\n[").next().unwrap();
    let name = |line: &str| line.split(['.', ' ', '=']).next().unwrap().to_owned();
    own.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(name).collect()
}

#[test]
fn each_crate_depends_only_on_the_crates_below_it() {
    let mut crates: Vec<String> = std::fs::read_dir(root().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    crates.sort();
    let mut known: Vec<&str> = SEES.iter().map(|(name, _)| *name).collect();
    known.sort_unstable();
    assert_eq!(crates, known);
    for (name, sees) in SEES {
        let mut seen = dependencies(name);
        seen.retain(|dependency| known.contains(&dependency.as_str()));
        seen.sort();
        assert_eq!(seen, sees, "{name}");
    }
}

#[test]
fn domain_and_use_cases_depend_on_neither_http_nor_json() {
    for name in ["domain", "app"] {
        let named = dependencies(name);
        for banned in ["axum", "hyper", "reqwest", "serde", "serde_json", "utoipa"] {
            assert!(!named.iter().any(|dependency| dependency == banned), "{name} depends on {banned}");
        }
    }
}

/// The server receives transactions as handles of `app`, and such a handle could run a statement.
#[test]
fn the_server_runs_no_statement() {
    let statements = ["tx.execute", "tx.query", "tx.insert_rows"];
    nowhere("crates/server/src", &statements, &[]);
}

/// An aggregate changes only by its commands. So only code that reads or copies stored records may build one from
/// them.
#[test]
fn only_the_store_builds_aggregates_from_records() {
    nowhere(
        "crates/app/src",
        &["::restored("],
        &["synthetic/copy.rs", "synthetic/copy/lending.rs", "samples.rs"],
    );
    for folder in ["wire", "server"] {
        nowhere(&format!("crates/{folder}/src"), &["::restored("], &[]);
    }
}

#[test]
fn only_one_module_reads_the_clock_and_one_draws_randomness() {
    const EDGES: [&str; 4] =
        ["server/src/clock.rs", "store/src/random.rs", "tools/src/clock.rs", "tools/src/random.rs"];
    for (name, _) in SEES {
        nowhere(&format!("crates/{name}/src"), &["SystemTime", "SysRng"], &EDGES);
    }
}

#[test]
fn no_code_is_marked_as_unfinished() {
    for (name, _) in SEES {
        nowhere(
            &format!("crates/{name}/src"),
            &[concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[ig", "nore")],
            &[],
        );
    }
    for folder in ["crates/store/tests", "crates/cli/tests"] {
        nowhere(folder, &[concat!("#[ig", "nore")], &[]);
    }
}

/// A fallback value that nobody chose hides a failure. The code uses a total function, an error, or an `expect` with
/// the reason why it cannot happen. A documented default is a named constant.
#[test]
fn no_fallback_value_is_used_that_nobody_chose() {
    for (name, _) in SEES {
        for (path, text) in sources(&root().join("crates").join(name).join("src")) {
            for (number, line) in text.lines().enumerate() {
                assert!(!falls_back(line), "{}:{}: {}", path.display(), number + 1, line.trim());
            }
        }
    }
    for line in
        ["x.unwrap_or(0)", "x.unwrap_or(u16::MAX);", "x.unwrap_or(\"\").y", "x.unwrap_or(Cents::ZERO)"]
    {
        assert!(falls_back(line), "{line}");
    }
    assert!(!falls_back("x.unwrap_or(Limit::DEFAULT)"));
}

fn falls_back(line: &str) -> bool {
    let values = ["0", "1", "\"\"", "false", "true"];
    let ends = ["::MAX", "::MIN", "::ZERO"];
    let unchosen = |value: &str| values.contains(&value) || ends.iter().any(|end| value.ends_with(end));
    let fallback = line.split_once(concat!("unwrap_", "or(")).and_then(|(_, rest)| rest.split_once(')'));
    line.contains(concat!("unwrap_or_", "default("))
        || line.contains(concat!("let _", " ="))
        || fallback.is_some_and(|(value, _)| unchosen(value))
}

/// `UPDATE_OPENAPI=1 cargo test -p cli --test it` rewrites the documents.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the variable is this test's own switch")]
async fn the_committed_openapi_documents_equal_the_servers() {
    let app = TestApp::new().await;
    for (file, document, path) in [
        ("reference.json", server::http::document(Api::Reference, &app.state), "/v3/openapi.json"),
        ("sdk.json", server::http::document(Api::Sdk, &app.state), "/api/v3/openapi.json"),
        ("operator.json", server::http::document(Api::Operator, &app.state), "/operator/v1/openapi.json"),
        ("sandbox.json", server::http::document(Api::Sandbox, &app.state), "/sandbox/openapi.json"),
    ] {
        let mut document = server::http::documented::json(&document);
        document.push('\n');
        let place = root().join("openapi").join(file);
        if std::env::var_os("UPDATE_OPENAPI").is_some() {
            std::fs::write(&place, &document).unwrap();
        }
        let committed = std::fs::read_to_string(&place).unwrap_or_default();
        assert!(
            committed == document,
            "openapi/{file} differs from the server's document; run with UPDATE_OPENAPI=1"
        );
        assert_eq!(app.get(path).await.expect(200).bytes, document.trim_end().as_bytes());
    }
}
