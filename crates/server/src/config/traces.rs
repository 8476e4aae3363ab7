//! Traces for a collector that speaks OTLP: `[traces]`.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::Deserialize;
use url::Url;

use super::error::ConfigError;

/// Most bytes of the file of headers. A larger file is another one.
const MOST_BYTES: u64 = 16 * 1024;
/// One trace of so many is recorded, if nothing else is set.
const ONE_IN: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TracesFile {
    otlp_endpoint: Option<String>,
    headers_file: Option<PathBuf>,
    sample_one_in: Option<NonZeroU32>,
    service_name: Option<String>,
}

/// Where traces go and how many are recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSettings {
    /// The address to which spans are sent.
    pub address: Url,
    /// Headers for the collector. Their values are secrets and not shown.
    pub headers: HeaderMap,
    /// One trace of so many is recorded.
    pub one_in: NonZeroU32,
    /// The name of this service in the traces.
    pub service: String,
}

impl TracesFile {
    /// The settings; `None` if no traces are recorded.
    pub(super) fn settings(&self) -> Result<Option<TraceSettings>, ConfigError> {
        let wrong = |why: &str| ConfigError::Traces(why.to_owned());
        let Some(endpoint) = &self.otlp_endpoint else {
            return match self.headers_file {
                None => Ok(None),
                Some(_) => Err(wrong("headers_file needs otlp_endpoint")),
            };
        };
        let not_a_url = || wrong("otlp_endpoint must be a URL such as http://127.0.0.1:4318");
        let mut address = Url::parse(endpoint).map_err(|_| not_a_url())?;
        let has_user = !address.username().is_empty() || address.password().is_some();
        if !matches!(address.scheme(), "http" | "https") || !address.has_host() || has_user {
            return Err(not_a_url());
        }
        // The path that the specification of OTLP/HTTP adds to the base address.
        address.path_segments_mut().map_err(|()| not_a_url())?.pop_if_empty().extend(["v1", "traces"]);
        Ok(Some(TraceSettings {
            address,
            headers: self.headers_file.as_deref().map_or_else(|| Ok(HeaderMap::new()), headers)?,
            one_in: self.sample_one_in.unwrap_or(ONE_IN),
            service: self.service_name.clone().unwrap_or_else(|| "dinie".to_owned()),
        }))
    }
}

/// The headers of a file with a line `name: value` for each. The error has no text of it.
fn headers(path: &Path) -> Result<HeaderMap, ConfigError> {
    let wrong =
        |why: &str| ConfigError::SecretFile("traces.headers".to_owned(), path.to_owned(), why.to_owned());
    let about = std::fs::metadata(path).map_err(|error| wrong(&error.to_string()))?;
    if !about.is_file() || about.len() > MOST_BYTES {
        return Err(wrong("it must be a file of at most 16 KiB"));
    }
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error.to_string()))?;
    let mut headers = HeaderMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let malformed = || wrong("each line must be a header, as name: value");
        let (name, value) = line.split_once(':').ok_or_else(malformed)?;
        let name = HeaderName::from_bytes(name.trim().as_bytes()).map_err(|_| malformed())?;
        let mut value = HeaderValue::from_str(value.trim()).map_err(|_| malformed())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<TraceSettings>, String> {
        toml::from_str::<TracesFile>(text).unwrap().settings().map_err(|error| error.to_string())
    }

    #[test]
    fn the_address_is_the_base_with_the_path_of_the_protocol() {
        assert_eq!(read(""), Ok(None));
        for (base, whole) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("https://otlp.example/", "https://otlp.example/v1/traces"),
            ("https://example.com/otlp", "https://example.com/otlp/v1/traces"),
        ] {
            let settings = read(&format!("otlp_endpoint = {base:?}")).unwrap().unwrap();
            assert_eq!(settings.address.as_str(), whole);
            assert_eq!((settings.one_in.get(), &*settings.service), (10, "dinie"));
        }
        for wrong in ["127.0.0.1:4318", "ftp://example.com", "grpc://example.com", "https://u:p@example.com"]
        {
            assert!(read(&format!("otlp_endpoint = {wrong:?}")).is_err(), "{wrong}");
        }
        assert!(read("headers_file = \"there\"").unwrap_err().contains("otlp_endpoint"));
    }

    #[test]
    fn headers_are_read_from_a_file_and_never_shown() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("headers");
        let text = format!("otlp_endpoint = \"http://c.example\"\nheaders_file = {path:?}\n");
        std::fs::write(&path, "Authorization: Bearer 5ec4e7\n\nx-scope: a\n").unwrap();
        let settings = read(&text).unwrap().unwrap();
        assert_eq!(settings.headers["authorization"], "Bearer 5ec4e7");
        assert_eq!(settings.headers.len(), 2);
        assert!(!format!("{settings:?}").contains("5ec4e7"));
        std::fs::write(&path, "5ec4e7\n").unwrap();
        let error = read(&text).unwrap_err();
        assert!(error.contains("name: value") && !error.contains("5ec4e7"), "{error}");
    }
}
