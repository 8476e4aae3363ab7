//! TLS of the server itself (rustls with ring): versions 1.2 and 1.3, HTTP/1.1 and HTTP/2, one certificate that can be
//! replaced while connections are open.
//!
//! Reasons: docs/decisions/0043.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Interval of the looks whether the files have changed.
const LOOK: Duration = Duration::from_secs(10);

/// The files of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// PEM of the certificate, followed by those that sign it.
    pub certificate: PathBuf,
    /// PEM of its key.
    pub key: PathBuf,
}

/// The time of the last write (seconds and nanoseconds) and the size of a file.
type State = (i64, i64, u64);

/// The certificate in force, and the files that it came from.
#[derive(Debug)]
pub struct Certificate {
    files: TlsFiles,
    current: RwLock<Arc<CertifiedKey>>,
    /// The state of the files at the last reading.
    seen: Mutex<Option<[State; 2]>>,
}

/// Reads a certificate and its key. The error has no text of the files.
pub fn read(files: &TlsFiles) -> Result<CertifiedKey, String> {
    let TlsFiles { certificate, key } = files;
    let unread = |file: &std::path::Path, what: &str| format!("{} has no {what} in PEM", file.display());
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect)
        .map_err(|_error| unread(certificate, "certificate"))?;
    if chain.is_empty() {
        return Err(unread(certificate, "certificate"));
    }
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|_error| unread(key, "private key"))?;
    let signing = ring::sign::any_supported_type(&secret)
        .map_err(|_error| format!("{} has a key of an unknown kind", key.display()))?;
    let certified = CertifiedKey::new(chain, signing);
    certified
        .keys_match()
        .map_err(|error| format!("{} is not the key of {}: {error}", key.display(), certificate.display()))?;
    Ok(certified)
}

impl Certificate {
    /// The certificate of these files.
    pub fn open(files: TlsFiles) -> Result<Arc<Self>, String> {
        let current = RwLock::new(Arc::new(read(&files)?));
        let seen = Mutex::new(state(&files));
        Ok(Arc::new(Self { files, current, seen }))
    }

    /// Takes the files as they are now. Returns whether the certificate differs.
    pub fn reload(&self) -> Result<bool, String> {
        let seen = state(&self.files);
        let newer = read(&self.files)?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let differs = current.cert != newer.cert;
        *current = Arc::new(newer);
        Ok(differs)
    }

    /// Takes changed files as long as the server runs. A pair that does not fit, as between two writes, is tried again.
    pub async fn follow(self: Arc<Self>) {
        let mut said = None;
        loop {
            tokio::time::sleep(LOOK).await;
            let now = state(&self.files);
            if now == *self.seen.lock().unwrap_or_else(PoisonError::into_inner) {
                continue;
            }
            match self.reload() {
                Ok(_differs) => tracing::info!("the changed certificate is used from now on"),
                Err(error) if said != now => {
                    tracing::error!(%error, "the changed certificate cannot be used; the old one stays");
                    said = now;
                }
                Err(_said) => {}
            }
        }
    }

    /// What makes connections with this certificate.
    pub fn acceptor(self: &Arc<Self>) -> anyhow::Result<TlsAcceptor> {
        let provider = Arc::new(ring::default_provider());
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(self) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// The time and the size of both files; `None` if one is missing.
fn state(files: &TlsFiles) -> Option<[State; 2]> {
    let of = |path: &PathBuf| {
        let about = std::fs::metadata(path).ok()?;
        Some((about.mtime(), about.mtime_nsec(), about.size()))
    };
    Some([of(&files.certificate)?, of(&files.key)?])
}

/// A connection, plain or within TLS.
pub(crate) enum Wire {
    Plain(TcpStream),
    Tls(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>, context: &mut Context<'_>, pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
