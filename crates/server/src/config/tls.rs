//! The server's own certificate: `[tls]`.

use std::path::PathBuf;

use serde::Deserialize;

use super::error::ConfigError;
use super::flags::Flags;
use crate::tls::{self, TlsFiles};

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct TlsFile {
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

/// The files of the certificate, which can be served; `None` if the server speaks plain HTTP. Flags win over the file.
pub(super) fn of(flags: &Flags, file: &TlsFile) -> Result<Option<TlsFiles>, ConfigError> {
    let certificate = flags.tls_certificate.clone().or_else(|| file.certificate.clone());
    let key = flags.tls_key.clone().or_else(|| file.key.clone());
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            let files = TlsFiles { certificate, key };
            tls::read(&files).map_err(ConfigError::Tls)?;
            Ok(Some(files))
        }
        _one => Err(ConfigError::Tls("certificate and key must both be given".into())),
    }
}
