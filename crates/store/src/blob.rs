//! The store of files, through `object_store`. Files are streamed in and sealed in segments, so an upload is never
//! whole in memory.
//!
//! A stored file is a 7-byte nonce and segments of [`SEGMENT`] bytes, each sealed with AES-256-GCM by the STREAM
//! construction. It detects reordered, missing and truncated segments. Each file has a separate key, derived from a
//! data key of the partner and the file's name.

use std::path::Path as FilePath;
use std::sync::Arc;

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::{Aes256Gcm, KeyInit};
use bytes::{Bytes, BytesMut};
use domain::id::PartnerId;
use domain::kyc::MediaType;
use futures::{Stream, StreamExt};
use hmac::{Hmac, Mac};
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, WriteMultipart};
use sha2::{Digest, Sha256};

use crate::random::Random;
use crate::seal::{DataKey, DataKeys, hex, key_block};
use crate::{StoreError, Tx, data_keys};

/// Bytes of a file that are sealed at once.
const SEGMENT: usize = 64 * 1024;
const TAG: usize = 16;
const NONCE: usize = 7;
/// Suffix of the name of an unfinished file in the file store. Its number is always 1, because each name is written
/// once.
const STAGED: &str = "#1";

/// The file store.
#[derive(Clone)]
pub struct Blobs {
    files: Arc<dyn ObjectStore>,
    folder: Arc<FilePath>,
}

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredBlob {
    /// Size in bytes before sealing.
    pub size: i64,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
    /// Media type of its content.
    pub media_type: MediaType,
}

/// The reason why a file was not stored. No part of it is kept.
#[derive(Debug, thiserror::Error)]
pub enum PutError<E> {
    /// It has no bytes.
    #[error("the file is empty")]
    Empty,
    /// It has more bytes than allowed.
    #[error("the file is too large")]
    TooLarge,
    /// Its content has none of the accepted types.
    #[error("the file is of no accepted kind")]
    UnsupportedType,
    /// Its source failed.
    #[error("the file could not be read")]
    Source(E),
    /// The store failed.
    #[error("the file could not be stored: {0}")]
    Storage(StoreError),
}

/// A partner's keys for files, usable outside a transaction. The end of a file's name says which of them seals the file:
/// `.2` is the second one, and a name without a number belongs to the first.
#[derive(Debug, Clone)]
pub struct BlobKey(DataKeys);

impl BlobKey {
    /// The partner's keys, for new files.
    pub fn of(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Self, StoreError> {
        data_keys::to_seal(tx, partner).map(Self)
    }

    /// The partner's keys, for a file that exists.
    pub fn of_file(tx: &mut Tx<'_>, partner: PartnerId, name: &str) -> Result<Self, StoreError> {
        data_keys::with_number(tx, partner, number_in(name)).map(Self)
    }

    /// The keys of a partner that were read already.
    pub(crate) fn with(keys: DataKeys) -> Self {
        Self(keys)
    }

    /// The name of a new file, under the newest key. `base` ends in no number of a key.
    pub fn name(&self, base: &str) -> String {
        match self.0.newest() {
            data_keys::FIRST => base.to_owned(),
            number => format!("{base}.{number}"),
        }
    }

    /// The name of a file's content under the newest key; `None` if the file is under it already.
    pub fn newer_name(&self, name: &str) -> Option<String> {
        let number = number_in(name);
        let base = name.strip_suffix(&format!(".{number}")).unwrap_or(name);
        (number < self.0.newest()).then(|| self.name(base))
    }

    /// The cipher of a file. If its key does not exist, it is one that opens nothing.
    fn cipher_of(&self, name: &str) -> Aes256Gcm {
        let lost = || DataKey::new(Random::open().bytes());
        let key = self.0.find(number_in(name)).cloned().unwrap_or_else(lost);
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&key_block(key.bytes()).into());
        mac.update(b"blob\0");
        mac.update(name.as_bytes());
        Aes256Gcm::new(&mac.finalize().into_bytes())
    }
}

/// The number of the key that seals a file, by the file's name.
fn number_in(name: &str) -> u16 {
    let number = name.rsplit_once('.').and_then(|(_, number)| number.parse().ok());
    number.unwrap_or(data_keys::FIRST)
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

impl Blobs {
    /// Keeps files in a folder and creates it if it is missing. Writes are synced to the disk.
    pub fn in_folder(folder: &FilePath) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder).map_err(unavailable)?;
        let files = LocalFileSystem::new_with_prefix(folder).map_err(unavailable)?.with_fsync(true);
        Ok(Self { files: Arc::new(files), folder: folder.into() })
    }

    /// Seals a stream of bytes into the file `name`, of at most `most` bytes.
    pub async fn put<S, E>(
        &self, key: &BlobKey, name: &str, nonce: [u8; NONCE], source: S, most: u64,
    ) -> Result<StoredBlob, PutError<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let storage = |error| PutError::Storage(unavailable(error));
        let upload = self.files.put_multipart(&Path::from(name)).await.map_err(storage)?;
        let mut file = WriteMultipart::new_with_chunk_size(upload, SEGMENT);
        file.write(&nonce);
        let sealer = Sealer::new(EncryptorBE32::from_aead(key.cipher_of(name), &nonce.into()), most);
        match sealer.run(source, &mut file).await {
            Ok(stored) => {
                file.finish().await.map_err(storage)?;
                Ok(stored)
            }
            Err(error) => {
                // An unfinished upload leaves at most a staged file, and the abort removes it.
                let _best_effort = file.abort().await;
                Err(error)
            }
        }
    }

    /// The whole content of a file.
    pub async fn get(&self, key: &BlobKey, name: &str) -> Result<Vec<u8>, StoreError> {
        let sealed = self.files.get(&Path::from(name)).await.map_err(not_found_or_unavailable)?;
        let sealed = sealed.bytes().await.map_err(unavailable)?;
        let corrupt = || StoreError::Corrupt(format!("the file {name} does not open"));
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(corrupt)?;
        let mut opener = DecryptorBE32::from_aead(key.cipher_of(name), nonce.into());
        let mut segments = sealed.chunks(SEGMENT + TAG).peekable();
        let mut content = Vec::with_capacity(sealed.len());
        while let Some(segment) = segments.next() {
            if segments.peek().is_none() {
                content.extend(opener.decrypt_last(segment).map_err(|_| corrupt())?);
                return Ok(content);
            }
            content.extend(opener.decrypt_next(segment).map_err(|_| corrupt())?);
        }
        Err(corrupt())
    }

    /// Deletes a file, and the staged rest of an upload whose process ended. A missing file is no error.
    pub async fn delete(&self, name: &str) -> Result<(), StoreError> {
        let staged = self.folder.join(format!("{name}{STAGED}"));
        match tokio::fs::remove_file(staged).await {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unavailable(error)),
        }
        match self.files.delete(&Path::from(name)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(unavailable(error)),
        }
    }
}

fn not_found_or_unavailable(error: object_store::Error) -> StoreError {
    match error {
        object_store::Error::NotFound { .. } => StoreError::NotFound,
        other => unavailable(other),
    }
}

/// The SHA-256, in hex, of content that is not stored. Fails as [`Blobs::put`] would.
pub async fn sha256_of<S, E>(mut source: S, most: u64) -> Result<String, PutError<E>>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    let mut content = ContentReader::new(most);
    let mut beginning = BytesMut::new();
    while let Some(piece) = source.next().await {
        let mut piece = piece.map_err(PutError::Source)?;
        content.take(&piece)?;
        beginning.extend_from_slice(&piece.split_to((SEGMENT - beginning.len()).min(piece.len())));
    }
    content.judge(&beginning)?;
    content.finish().map(|stored| stored.sha256)
}

/// Reads the content of a file piece by piece: counts it, hashes it and detects its type.
struct ContentReader {
    most: u64,
    size: u64,
    digest: Sha256,
    media_type: Option<MediaType>,
}

impl ContentReader {
    fn new(most: u64) -> Self {
        Self { most, size: 0, digest: Sha256::new(), media_type: None }
    }

    fn take<E>(&mut self, piece: &[u8]) -> Result<(), PutError<E>> {
        self.size += piece.len() as u64;
        if self.size > self.most {
            return Err(PutError::TooLarge);
        }
        self.digest.update(piece);
        Ok(())
    }

    /// Checks the content by its beginning, once.
    fn judge<E>(&mut self, beginning: &[u8]) -> Result<(), PutError<E>> {
        if self.media_type.is_none() {
            if beginning.is_empty() {
                return Err(PutError::Empty);
            }
            self.media_type = Some(MediaType::of_content(beginning).ok_or(PutError::UnsupportedType)?);
        }
        Ok(())
    }

    fn finish<E>(self) -> Result<StoredBlob, PutError<E>> {
        Ok(StoredBlob {
            size: i64::try_from(self.size).map_err(|_| too_long())?,
            sha256: hex(&self.digest.finalize()),
            media_type: self.media_type.ok_or(PutError::Empty)?,
        })
    }
}

/// A file that is being sealed.
struct Sealer {
    cipher: EncryptorBE32<Aes256Gcm>,
    content: ContentReader,
    segment: BytesMut,
}

impl Sealer {
    fn new(cipher: EncryptorBE32<Aes256Gcm>, most: u64) -> Self {
        Self { cipher, content: ContentReader::new(most), segment: BytesMut::with_capacity(SEGMENT + TAG) }
    }

    async fn run<S, E>(mut self, mut source: S, file: &mut WriteMultipart) -> Result<StoredBlob, PutError<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        while let Some(piece) = source.next().await {
            let mut piece = piece.map_err(PutError::Source)?;
            self.content.take(&piece)?;
            while !piece.is_empty() {
                // A full segment waits until more bytes follow, because the cipher marks the last segment.
                if self.segment.len() == SEGMENT {
                    self.content.judge(&self.segment)?;
                    self.seal_next(file)?;
                    file.wait_for_capacity(4).await.map_err(|e| PutError::Storage(unavailable(e)))?;
                }
                let room = (SEGMENT - self.segment.len()).min(piece.len());
                self.segment.extend_from_slice(&piece.split_to(room));
            }
        }
        self.content.judge(&self.segment)?;
        self.finish(file)
    }

    fn seal_next<E>(&mut self, file: &mut WriteMultipart) -> Result<(), PutError<E>> {
        let sealed = self.cipher.encrypt_next(&self.segment[..]).map_err(|_| too_long())?;
        file.put(sealed.into());
        self.segment.clear();
        Ok(())
    }

    fn finish<E>(self, file: &mut WriteMultipart) -> Result<StoredBlob, PutError<E>> {
        let sealed = self.cipher.encrypt_last(&self.segment[..]).map_err(|_| too_long())?;
        file.put(sealed.into());
        self.content.finish()
    }
}

/// The segment counter has 32 bits; files are far smaller.
fn too_long<E>() -> PutError<E> {
    PutError::TooLarge
}
