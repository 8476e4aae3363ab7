//! Files on the way to a backup and back. They are copied as they are, sealed, each with its checksum.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use store::blob::Blobs;
use store::seal::hex;
use store::verify::NamedFile;
use store::{Store, StoreError};

/// A file's size and checksum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Summed {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Summed {
    pub(super) fn of(content: &[u8]) -> Self {
        Self { bytes: content.len() as u64, sha256: hex(&Sha256::digest(content)) }
    }
}

/// Reads a file to its end. If `to` is given, writes it there and syncs it.
pub(super) fn summed(from: &Path, to: Option<&Path>) -> io::Result<Summed> {
    let mut source = File::open(from)?;
    let mut copy = match to {
        None => None,
        Some(to) => {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            Some(File::options().create_new(true).write(true).open(to)?)
        }
    };
    let (mut digest, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 20]);
    loop {
        let read = source.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
        bytes += read as u64;
        if let Some(copy) = &mut copy {
            copy.write_all(&buffer[..read])?;
        }
    }
    if let Some(copy) = copy {
        copy.sync_all()?;
    }
    Ok(Summed { bytes, sha256: hex(&digest.finalize()) })
}

/// Writes a new file and syncs it.
fn written_new(to: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::options().create_new(true).write(true).open(to)?;
    file.write_all(content)?;
    file.sync_all()
}

/// The next files that rows name.
pub(super) async fn next_files(store: &Store, after: Option<&NamedFile>) -> anyhow::Result<Vec<NamedFile>> {
    let after = after.cloned();
    Ok(store.read_long(move |tx| store::verify::files(tx, after.as_ref())).await?)
}

/// The files of a backup that is being made.
pub(super) struct Gathering {
    from: Blobs,
    to: PathBuf,
    here: HashSet<String>,
}

impl Gathering {
    pub(super) fn new(from: Blobs, to: PathBuf) -> Self {
        Self { from, to, here: HashSet::new() }
    }

    /// Copies the files that the database names now. A file that is deleted meanwhile is skipped.
    pub(super) async fn ahead(&mut self, store: &Store) -> anyhow::Result<()> {
        let mut last = None;
        loop {
            let files = next_files(store, last.as_ref()).await?;
            let Some(end) = files.last().cloned() else { return Ok(()) };
            for file in files {
                self.copy(&file.name).await?;
            }
            last = Some(end);
        }
    }

    /// Copies a file unless the backup has it. Returns whether the backup has it now.
    async fn copy(&mut self, name: &str) -> anyhow::Result<bool> {
        if self.here.contains(name) {
            return Ok(true);
        }
        let sealed = match self.from.sealed(name).await {
            Ok(sealed) => sealed,
            Err(StoreError::NotFound) => return Ok(false),
            Err(error) => return Err(error).with_context(|| format!("the file {name}")),
        };
        let to = self.to.join(name);
        let written = tokio::task::spawn_blocking(move || written_new(&to, &sealed)).await?;
        written.with_context(|| format!("the file {name}"))?;
        self.here.insert(name.to_owned());
        Ok(true)
    }

    /// Copies the files that the database copy names and that are still missing. Removes the others, and writes the
    /// list.
    pub(super) async fn complete(mut self, copy: &Store, list: &Path) -> anyhow::Result<(u64, u64)> {
        let (mut last, mut wanted, mut total) = (None, HashSet::new(), 0);
        let mut written = io::BufWriter::new(File::options().create_new(true).write(true).open(list)?);
        loop {
            let files = next_files(copy, last.as_ref()).await?;
            let Some(end) = files.last().cloned() else { break };
            for file in files {
                if !self.copy(&file.name).await? {
                    bail!(
                        "the file {} is missing; if the server deleted it just now, make the backup again",
                        file.name
                    );
                }
                // Read the copy, not the original: the checksum must describe the file in the backup.
                let path = self.to.join(&file.name);
                let Summed { bytes, sha256 } =
                    tokio::task::spawn_blocking(move || summed(&path, None)).await??;
                total += bytes;
                writeln!(written, "{}\t{bytes}\t{sha256}", file.name)?;
                wanted.insert(file.name);
            }
            last = Some(end);
        }
        written.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        for name in self.here.difference(&wanted) {
            fs::remove_file(self.to.join(name)).with_context(|| format!("the file {name}"))?;
        }
        Ok((u64::try_from(wanted.len()).expect("a set in memory is small"), total))
    }
}

/// Reads a list of files.
pub(super) fn listed(list: &Path) -> anyhow::Result<Vec<(String, Summed)>> {
    let text = fs::read_to_string(list).with_context(|| format!("the list {}", list.display()))?;
    let line = |line: &str| {
        let mut parts = line.split('\t');
        let (name, bytes, sha256) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        // A name that leads out of the folder is not from this program.
        let inside = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        inside.then(|| (name.to_owned(), Summed { bytes, sha256: sha256.to_owned() }))
    };
    text.lines()
        .map(|text| line(text).with_context(|| format!("a line of {}: {text}", list.display())))
        .collect()
}

/// Syncs a folder, so that the names in it survive a crash.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
