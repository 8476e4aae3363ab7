//! The machine of the tests: variables that request long runs, and files in folders.

/// A number from the environment that requests the long form of a proof.
#[expect(clippy::disallowed_methods, reason = "the environment sets the length of a proof")]
pub(crate) fn number_from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

/// The paths of all files under a folder, relative to it, without the id of a file store.
pub(crate) fn files_under(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(next) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name() != Some("store-id".as_ref()) {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found
}
