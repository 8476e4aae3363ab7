//! TLS to PostgreSQL, by libpq's modes.
//!
//! As with libpq, `require` encrypts without checks, unless a root certificate is given. Only `verify-full` proves that
//! the server is the one of the URL.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use tokio_postgres::config::SslMode;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::db::error::OpenError;

/// Libpq's `sslmode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    /// Never encrypt.
    Disable,
    /// Encrypt if the server can.
    #[default]
    Prefer,
    /// Encrypt or fail.
    Require,
    /// Encrypt, and the certificate is signed by a trusted root.
    VerifyCa,
    /// The same, and the certificate names the host.
    VerifyFull,
}

/// The TLS settings of the URL.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    pub(super) mode: Mode,
    pub(super) root: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

fn wrong(why: impl Into<String>) -> OpenError {
    OpenError::Parameter(why.into())
}

impl Mode {
    pub(super) fn parse(value: &str) -> Result<Self, OpenError> {
        match value {
            "disable" => Ok(Self::Disable),
            "prefer" => Ok(Self::Prefer),
            "require" => Ok(Self::Require),
            "verify-ca" => Ok(Self::VerifyCa),
            "verify-full" => Ok(Self::VerifyFull),
            _other => Err(wrong("sslmode is disable, prefer, require, verify-ca or verify-full")),
        }
    }

    pub(super) fn of_the_driver(self) -> SslMode {
        match self {
            Self::Disable => SslMode::Disable,
            Self::Prefer => SslMode::Prefer,
            Self::Require | Self::VerifyCa | Self::VerifyFull => SslMode::Require,
        }
    }
}

impl Parameters {
    /// The connector of TLS sessions with these parameters. The files are read once.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, OpenError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| wrong(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(&provider)?);
        let config = match (&self.certificate, &self.key) {
            (None, None) => builder.with_no_client_auth(),
            (Some(certificate), Some(key)) => builder
                .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
                .map_err(|error| wrong(format!("sslcert and sslkey do not fit: {error}")))?,
            _one => return Err(wrong("sslcert and sslkey are given together")),
        };
        Ok(MakeRustlsConnect::new(config))
    }

    fn verifier(&self, provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, OpenError> {
        let algorithms = provider.signature_verification_algorithms;
        let mode = match (self.mode, &self.root) {
            // As with libpq, a given root is used.
            (Mode::Require, Some(_)) => Mode::VerifyCa,
            (mode, _) => mode,
        };
        let trusted = || {
            let roots = Arc::new(roots(self.root.as_deref())?);
            WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(provider))
                .build()
                .map_err(|error| wrong(format!("sslrootcert: {error}")))
        };
        Ok(match mode {
            Mode::Disable | Mode::Prefer | Mode::Require => Arc::new(AnyHost { chain: None, algorithms }),
            Mode::VerifyCa => Arc::new(AnyHost { chain: Some(trusted()?), algorithms }),
            Mode::VerifyFull => trusted()?,
        })
    }
}

/// The root certificates of a file. Without a file, and for `system`, those of the system.
fn roots(file: Option<&Path>) -> Result<RootCertStore, OpenError> {
    let mut roots = RootCertStore::empty();
    let found = match file.filter(|file| *file != Path::new("system")) {
        Some(file) => certificates(file)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    let (added, _unusable) = roots.add_parsable_certificates(found);
    match added {
        0 => Err(wrong("there is no root certificate to verify the server with: give sslrootcert")),
        _some => Ok(roots),
    }
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, OpenError> {
    let unreadable =
        |why: &dyn std::fmt::Display| wrong(format!("the certificate {}: {why}", file.display()));
    let read = CertificateDer::pem_file_iter(file).map_err(|error| unreadable(&error))?;
    let found: Vec<_> = read.collect::<Result<_, _>>().map_err(|error| unreadable(&error))?;
    if found.is_empty() { Err(unreadable(&"the file has no certificate")) } else { Ok(found) }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, OpenError> {
    PrivateKeyDer::from_pem_file(file).map_err(|error| wrong(format!("the key {}: {error}", file.display())))
}

/// Accepts a certificate for any host, if the server holds its key. The issuer is a trusted root, or anyone.
#[derive(Debug)]
struct AnyHost {
    /// Verifies the chain; `None` accepts every issuer.
    chain: Option<Arc<WebPkiServerVerifier>>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl AnyHost {
    /// If every issuer is accepted, so is a certificate that the verifier cannot read, such as one of X.509 version 1.
    /// Citus makes these, and libpq accepts them.
    fn signed(
        &self, verified: Result<HandshakeSignatureValid, rustls::Error>,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        match (&self.chain, verified) {
            (None, Err(rustls::Error::InvalidCertificate(CertificateError::Other(_)))) => {
                Ok(HandshakeSignatureValid::assertion())
            }
            (_, verified) => verified,
        }
    }
}

impl ServerCertVerifier for AnyHost {
    fn verify_server_cert(
        &self, certificate: &CertificateDer<'_>, chain: &[CertificateDer<'_>], name: &ServerName<'_>,
        ocsp: &[u8], now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(verifier) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        // The chain is verified before the name.
        match verifier.verify_server_cert(certificate, chain, name, ocsp, now) {
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self, message: &[u8], certificate: &CertificateDer<'_>, signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed(verify_tls12_signature(message, certificate, signature, &self.algorithms))
    }

    fn verify_tls13_signature(
        &self, message: &[u8], certificate: &CertificateDer<'_>, signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed(verify_tls13_signature(message, certificate, signature, &self.algorithms))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
