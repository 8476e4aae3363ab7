//! Only `db` knows which engines there are: a third one would be added there.

use std::path::{Path, PathBuf};

/// Folders and files that may name an engine, each with its reason.
const MAY: &[(&str, &str)] = &[
    ("db", "the engines"),
    ("migrations", "an engine may need steps that the other has not"),
    ("test_support", "it starts a cluster for tests"),
    ("lib.rs", "its example opens a database"),
];

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn no_query_names_an_engine() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for path in files(&source).iter().filter(|path| path.extension().is_some_and(|end| end == "rs")) {
        let name = path.strip_prefix(&source).unwrap();
        if MAY.iter().any(|(of, _reason)| name.starts_with(of)) {
            continue;
        }
        let text = std::fs::read_to_string(path).unwrap().to_lowercase();
        for engine in ["sqlite", "postgres", "rusqlite", "tokio_postgres"] {
            assert!(!text.contains(engine), "{} names {engine}", name.display());
        }
        seen += 1;
    }
    assert!(seen > 40, "the queries are read: {seen} files");
}
