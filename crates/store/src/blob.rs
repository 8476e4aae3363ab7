//! The store of files, through `object_store`. Files are streamed in and sealed in segments, so an upload is never
//! whole in memory.
//!
//! A stored file is a 7-byte nonce and segments of [`SEGMENT`] bytes, each sealed with AES-256-GCM by the STREAM
//! construction. It detects reordered, missing and truncated segments. Each file has a separate key, derived from a
//! data key of the partner, the file's name and the file's own secret.

use std::path::Path as FilePath;
use std::sync::Arc;

use aead_stream::{DecryptorBE32, EncryptorBE32};
use aes_gcm::{Aes256Gcm, KeyInit};
use bytes::{Bytes, BytesMut};
use domain::id::PartnerId;
use domain::kyc::MediaType;
use futures::{Stream, StreamExt, TryStreamExt};
use hmac::{Hmac, Mac};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt as _;
use zeroize::Zeroizing;

use crate::file_secrets::SECRET;
use crate::file_store::{FileStore, unavailable};
use crate::random::Random;
use crate::seal::{DataKey, DataKeys, hex, key_block};
use crate::{StoreError, Tx, data_keys, file_secrets};

/// Bytes of a file that are sealed at once.
const SEGMENT: usize = 64 * 1024;
const TAG: usize = 16;
const NONCE: usize = 7;
/// Suffix of the name of an unfinished file in the file store. Its number is always 1, because each name is written
/// once.
const STAGED: &str = "#1";
/// The file that tells one file store from another. It is the only one that is not sealed.
const STORE_ID: &str = "store-id";
/// Parts of a file that are uploaded at once.
const PARTS: usize = 4;

/// The file store.
#[derive(Clone)]
pub struct Blobs {
    files: Arc<dyn ObjectStore>,
    place: Arc<FileStore>,
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

/// The keys of one file, usable outside a transaction: those of its partner, and the file's own secret. The end of a
/// file's name says which of the partner's keys seals it: `.2` is the second one, and a name without a number belongs to
/// the first.
#[derive(Clone)]
pub struct BlobKey {
    keys: DataKeys,
    secret: Option<Zeroizing<[u8; SECRET]>>,
}

impl std::fmt::Debug for BlobKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[key of a file]")
    }
}

impl BlobKey {
    /// The keys of a new file, and the file's name. `base` ends in no number of a key.
    pub fn make(tx: &mut Tx<'_>, partner: PartnerId, base: &str) -> Result<(Self, String), StoreError> {
        let secret = file_secrets::make(tx, partner, base)?;
        let key = Self { keys: data_keys::to_seal(tx, partner)?, secret: Some(Zeroizing::new(secret)) };
        let name = key.name(base);
        Ok((key, name))
    }

    /// The keys of a file that will be written, and the file's name. Its secret exists.
    pub fn of_new(tx: &mut Tx<'_>, partner: PartnerId, base: &str) -> Result<(Self, String), StoreError> {
        let keys = data_keys::to_seal(tx, partner)?;
        let key = Self::with(tx, keys, partner, base)?;
        let name = key.name(base);
        Ok((key, name))
    }

    /// Whether the file has its secret.
    pub fn has_secret(&self) -> bool {
        self.secret.is_some()
    }

    /// The keys of a file that exists.
    pub fn of_file(tx: &mut Tx<'_>, partner: PartnerId, name: &str) -> Result<Self, StoreError> {
        let keys = data_keys::with_number(tx, partner, number_in(name))?;
        Self::with(tx, keys, partner, name)
    }

    /// The keys of a file with those of its partner, which were read already.
    pub(crate) fn with(
        tx: &mut Tx<'_>, keys: DataKeys, partner: PartnerId, name: &str,
    ) -> Result<Self, StoreError> {
        let secret = file_secrets::find(tx, partner, base_of(name))?;
        Ok(Self { keys, secret: secret.map(Zeroizing::new) })
    }

    /// The name of a new file, under the newest key.
    fn name(&self, base: &str) -> String {
        match self.keys.newest() {
            data_keys::FIRST => base.to_owned(),
            number => format!("{base}.{number}"),
        }
    }

    /// The name of a file's content under the newest key; `None` if the file is under it already.
    pub fn newer_name(&self, name: &str) -> Option<String> {
        (number_in(name) < self.keys.newest()).then(|| self.name(base_of(name)))
    }

    /// The cipher of a file. If a key does not exist, it is one that opens nothing.
    fn cipher_of(&self, name: &str) -> Aes256Gcm {
        let lost = || DataKey::new(Random::open().bytes());
        let key = self.keys.find(number_in(name)).filter(|_| self.secret.is_some()).cloned();
        let mut mac =
            <Hmac<Sha256> as hmac::KeyInit>::new(&key_block(key.unwrap_or_else(lost).bytes()).into());
        mac.update(b"blob\0");
        if let Some(secret) = &self.secret {
            mac.update(&secret[..]);
        }
        mac.update(name.as_bytes());
        Aes256Gcm::new(&mac.finalize().into_bytes())
    }
}

/// Destroys the secret of a file, so that no copy of the file opens any more.
pub(crate) fn destroy(tx: &mut Tx<'_>, partner: PartnerId, name: &str) -> Result<(), StoreError> {
    file_secrets::destroy(tx, partner, base_of(name))
}

/// The name of a file without the number of its key.
fn base_of(name: &str) -> &str {
    let number = number_in(name);
    name.strip_suffix(&format!(".{number}")).unwrap_or(name)
}

/// The number of the key that seals a file, by the file's name.
fn number_in(name: &str) -> u16 {
    let number = name.rsplit_once('.').and_then(|(_, number)| number.parse().ok());
    number.unwrap_or(data_keys::FIRST)
}

impl Blobs {
    /// Opens a file store. Writes to a folder are synced to the disk.
    pub fn open(place: FileStore) -> Result<Self, StoreError> {
        Ok(Self { files: place.open()?, place: Arc::new(place) })
    }

    /// Keeps files in a folder and creates it if it is missing.
    pub fn in_folder(folder: &FilePath) -> Result<Self, StoreError> {
        Self::open(FileStore::Folder(folder.to_owned()))
    }

    /// Where the files are.
    pub fn place(&self) -> &FileStore {
        &self.place
    }

    /// The id of the file store; `None` if nobody has given it one.
    pub async fn store_id(&self) -> Result<Option<String>, StoreError> {
        match self.sealed(STORE_ID).await {
            Ok(id) => Ok(Some(String::from_utf8_lossy(&id).trim().to_owned())),
            Err(StoreError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Gives the file store an id, unless it has one. Returns its id.
    pub async fn identify(&self, id: &str) -> Result<String, StoreError> {
        let content = Bytes::from(format!("{id}\n")).into();
        match self.files.put_opts(&Path::from(STORE_ID), content, PutMode::Create.into()).await {
            Ok(_) => Ok(id.to_owned()),
            Err(object_store::Error::AlreadyExists { .. }) => {
                self.store_id().await?.ok_or_else(|| unavailable("the store's id was deleted just now"))
            }
            Err(error) => Err(unavailable(error)),
        }
    }

    /// A file as it is stored, sealed, for a copy of it.
    pub async fn sealed(&self, name: &str) -> Result<Bytes, StoreError> {
        let file = self.files.get(&Path::from(name)).await.map_err(not_found_or_unavailable)?;
        file.bytes().await.map_err(unavailable)
    }

    /// Stores a copy of a file, which is sealed already.
    pub async fn put_sealed(&self, name: &str, sealed: Bytes) -> Result<(), StoreError> {
        self.files.put(&Path::from(name), sealed.into()).await.map(drop).map_err(unavailable)
    }

    /// Whether the store has no file.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.files.list(None).try_next().await.map_err(unavailable)?.is_none())
    }

    /// Seals a stream of bytes into the file `name`, of at most `most` bytes.
    pub async fn put<S, E>(
        &self, key: &BlobKey, name: &str, nonce: [u8; NONCE], source: S, most: u64,
    ) -> Result<StoredBlob, PutError<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        let storage = |error: std::io::Error| PutError::Storage(unavailable(error));
        let files = Arc::clone(&self.files);
        let mut file =
            BufWriter::with_capacity(files, Path::from(name), self.place.part()).with_max_concurrency(PARTS);
        let sealer = Sealer::new(EncryptorBE32::from_aead(key.cipher_of(name), &nonce.into()), most);
        match sealer.run(nonce, source, &mut file).await {
            Ok(stored) => {
                file.shutdown().await.map_err(storage)?;
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
        let sealed = self.sealed(name).await?;
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

    /// Deletes a file, and in a folder the staged rest of an upload whose process ended. A missing file is no error. A
    /// bucket's own rule ends uploads that were never finished.
    pub async fn delete(&self, name: &str) -> Result<(), StoreError> {
        if let FileStore::Folder(folder) = &*self.place {
            match tokio::fs::remove_file(folder.join(format!("{name}{STAGED}"))).await {
                Ok(()) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(unavailable(error)),
            }
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

    async fn run<S, E>(
        mut self, nonce: [u8; NONCE], mut source: S, file: &mut BufWriter,
    ) -> Result<StoredBlob, PutError<E>>
    where
        S: Stream<Item = Result<Bytes, E>> + Unpin,
    {
        write(file, Bytes::copy_from_slice(&nonce)).await?;
        while let Some(piece) = source.next().await {
            let mut piece = piece.map_err(PutError::Source)?;
            self.content.take(&piece)?;
            while !piece.is_empty() {
                // A full segment waits until more bytes follow, because the cipher marks the last segment.
                if self.segment.len() == SEGMENT {
                    self.content.judge(&self.segment)?;
                    let sealed = self.cipher.encrypt_next(&self.segment[..]).map_err(|_| too_long())?;
                    self.segment.clear();
                    write(file, sealed.into()).await?;
                }
                let room = (SEGMENT - self.segment.len()).min(piece.len());
                self.segment.extend_from_slice(&piece.split_to(room));
            }
        }
        self.content.judge(&self.segment)?;
        let sealed = self.cipher.encrypt_last(&self.segment[..]).map_err(|_| too_long())?;
        write(file, sealed.into()).await?;
        self.content.finish()
    }
}

async fn write<E>(file: &mut BufWriter, bytes: Bytes) -> Result<(), PutError<E>> {
    file.put(bytes).await.map_err(|error| PutError::Storage(unavailable(error)))
}

/// The segment counter has 32 bits; files are far smaller.
fn too_long<E>() -> PutError<E> {
    PutError::TooLarge
}
