//! Every setting of the configuration, as `dinie.example.toml` explains it.
//!
//! The file that people edit is also the list from which `config show` and `config schema` are made, so a setting is
//! explained in one place. A test compares it with what the server reads.

/// The file that people edit. Each line of `#key = value` is a setting: its default, or an example if the text says so.
pub const EXAMPLE: &str = include_str!("dinie.example.toml");

/// The words that end the text of a setting without a default.
const AN_EXAMPLE: &str = "An example:";

/// A setting.
pub(super) struct Setting {
    /// The key with its table, such as `limits.tokens_per_minute`.
    pub(super) key: String,
    /// The text above it.
    pub(super) about: String,
    /// The value of the line.
    pub(super) value: toml::Value,
    /// Whether the value is the default. Otherwise it is an example.
    pub(super) is_default: bool,
}

/// A table of settings, with the text above it.
pub(super) struct Table {
    pub(super) name: String,
    pub(super) about: String,
}

/// The settings of the example and their tables, in its order.
pub(super) fn settings() -> (Vec<Table>, Vec<Setting>) {
    let (mut tables, mut found) = (Vec::<Table>::new(), Vec::new());
    let mut about: Vec<&str> = Vec::new();
    for line in EXAMPLE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            tables.push(Table { name: name.to_owned(), about: about.join(" ") });
        } else if let Some(text) = line.strip_prefix("# ") {
            about.push(text);
            continue;
        } else if let Some(setting) = line.strip_prefix('#').filter(|rest| !rest.is_empty()) {
            let table = tables.last().map(|table| &*table.name);
            found.push(Setting::of(setting, table, &about.join(" ")));
        }
        about.clear();
    }
    (tables, found)
}

impl Setting {
    fn of(line: &str, table: Option<&str>, about: &str) -> Self {
        let read: toml::Table = line.parse().expect("a test reads every line of the example");
        let (key, value) = read.into_iter().next().expect("a line has a setting");
        let example = about.strip_suffix(AN_EXAMPLE);
        Self {
            key: table.map_or_else(|| key.clone(), |table| format!("{table}.{key}")),
            about: example.unwrap_or(about).trim_end().to_owned(),
            value,
            is_default: example.is_none(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_explained_and_no_key_repeats() {
        let (tables, settings) = settings();
        assert!(tables.len() > 12 && settings.len() > 60);
        assert!(tables.iter().all(|table| !table.about.is_empty()));
        let mut keys: Vec<&str> = settings.iter().map(|setting| &*setting.key).collect();
        keys.sort_unstable();
        assert!(keys.windows(2).all(|two| two[0] != two[1]));
        for Setting { key, about, .. } in &settings {
            assert!(about.ends_with('.'), "{key}: {about:?}");
        }
    }
}
