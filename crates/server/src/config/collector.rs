//! A collector that speaks OTLP over HTTP, as `[traces]` and `[logs]` name it.

use std::path::Path;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::error::ConfigError;

/// Most bytes of the file of headers. A larger file is another one.
const MOST_BYTES: u64 = 16 * 1024;

/// Where something goes by OTLP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectorSettings {
    /// The address to which messages are sent.
    pub address: Url,
    /// Headers for the collector. Their values are secrets and not shown.
    pub headers: HeaderMap,
    /// The name of this service in the collector.
    pub service: String,
}

/// The keys of a table of the file.
pub(super) struct Given<'a> {
    pub(super) table: &'static str,
    /// The path that the specification of OTLP/HTTP adds to the base address.
    pub(super) path: [&'static str; 2],
    pub(super) endpoint: Option<&'a str>,
    pub(super) headers_file: Option<&'a Path>,
    pub(super) service_name: Option<&'a str>,
}

impl Given<'_> {
    /// The settings; `None` without an endpoint.
    pub(super) fn settings(&self) -> Result<Option<CollectorSettings>, ConfigError> {
        let wrong = |why: &str| ConfigError::Collector(self.table, why.to_owned());
        let Some(endpoint) = self.endpoint else {
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
        address.path_segments_mut().map_err(|()| not_a_url())?.pop_if_empty().extend(self.path);
        let of_file = self.headers_file.map(|path| headers(self.table, path)).transpose()?;
        Ok(Some(CollectorSettings {
            address,
            headers: of_file.unwrap_or_else(HeaderMap::new),
            service: self.service_name.unwrap_or("dinie").to_owned(),
        }))
    }
}

/// The headers of a file with a line `name: value` for each. The error has no text of it.
fn headers(table: &str, path: &Path) -> Result<HeaderMap, ConfigError> {
    let wrong =
        |why: &str| ConfigError::SecretFile(format!("{table}.headers"), path.to_owned(), why.to_owned());
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

    fn read(
        endpoint: Option<&str>, headers_file: Option<&Path>,
    ) -> Result<Option<CollectorSettings>, String> {
        let (table, path) = ("traces", ["v1", "traces"]);
        let given = Given { table, path, endpoint, headers_file, service_name: None };
        given.settings().map_err(|error| error.to_string())
    }

    #[test]
    fn the_address_is_the_base_with_the_path_of_the_protocol() {
        assert_eq!(read(None, None), Ok(None));
        for (base, whole) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("https://otlp.example/", "https://otlp.example/v1/traces"),
            ("https://example.com/otlp", "https://example.com/otlp/v1/traces"),
        ] {
            let settings = read(Some(base), None).unwrap().unwrap();
            assert_eq!(settings.address.as_str(), whole);
            assert_eq!(settings.service, "dinie");
        }
        for wrong in ["127.0.0.1:4318", "ftp://example.com", "grpc://example.com", "https://u:p@example.com"]
        {
            assert!(read(Some(wrong), None).is_err(), "{wrong}");
        }
        assert!(read(None, Some(Path::new("there"))).unwrap_err().contains("otlp_endpoint"));
    }

    #[test]
    fn headers_are_read_from_a_file_and_never_shown() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("headers");
        let read = || read(Some("http://c.example"), Some(&path));
        std::fs::write(&path, "Authorization: Bearer 5ec4e7\n\nx-scope: a\n").unwrap();
        let settings = read().unwrap().unwrap();
        assert_eq!(settings.headers["authorization"], "Bearer 5ec4e7");
        assert_eq!(settings.headers.len(), 2);
        assert!(!format!("{settings:?}").contains("5ec4e7"));
        std::fs::write(&path, "5ec4e7\n").unwrap();
        let error = read().unwrap_err();
        assert!(error.contains("name: value") && !error.contains("5ec4e7"), "{error}");
    }
}
