//! The manifest of a backup.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};
use server::config::Config;

use super::files::{Summed, listed, summed};
use super::place::{BLOBS, bar};

const NAME: &str = "manifest.json";
pub(super) const LIST: &str = "files.tsv";
/// The manifest format that this program writes and reads.
const FORM: u32 = 2;

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) form: u32,
    /// The program's version.
    pub(super) program: String,
    /// Time at which the copy of the database began. The copy has every change that was acknowledged before.
    pub(super) begun_at: String,
    pub(super) ended_at: String,
    pub(super) environment: String,
    pub(super) engine: String,
    /// The database's schema version. The database itself says which programs can serve it.
    pub(super) schema_version: i64,
    /// The fingerprints of the master keys that the backup needs: two if it was made while one was replaced. The keys
    /// themselves are not in the backup.
    pub(super) master_keys: Vec<String>,
    pub(super) database: Part,
    pub(super) files: Files,
    /// Rows of each table.
    pub(super) rows: BTreeMap<String, i64>,
    /// The head of the audit trail, for `dinie verify --head`.
    pub(super) audit_head: String,
}

/// A file of the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

/// The files, which have their own list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Files {
    pub(super) count: u64,
    pub(super) bytes: u64,
    pub(super) list: Part,
    /// The id of the file store, which the database notes.
    pub(super) store_id: Option<String>,
}

impl Part {
    pub(super) fn of(folder: &Path, name: &str) -> anyhow::Result<Self> {
        let Summed { bytes, sha256 } =
            summed(&folder.join(name), None).with_context(|| format!("{}", folder.join(name).display()))?;
        Ok(Self { name: name.to_owned(), bytes, sha256 })
    }

    fn is_as_listed(&self, folder: &Path) -> Option<String> {
        match summed(&folder.join(&self.name), None) {
            Ok(Summed { bytes, sha256 }) if bytes == self.bytes && sha256 == self.sha256 => None,
            Ok(_other) => Some(format!("{} differs from the manifest", self.name)),
            Err(error) => Some(format!("{}: {error}", self.name)),
        }
    }
}

impl Manifest {
    pub(super) const FORM: u32 = FORM;

    pub(super) fn path(folder: &Path) -> PathBuf {
        folder.join(NAME)
    }

    /// Writes the manifest. It is written last and makes the folder a backup.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        let unfinished = folder.join("manifest.json.new");
        fs::write(&unfinished, self.to_json() + "\n")?;
        fs::File::open(&unfinished)?.sync_all()?;
        fs::rename(&unfinished, Self::path(folder))?;
        super::files::sync_folder(folder)?;
        Ok(())
    }

    pub(super) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("a manifest is plain data")
    }

    /// Reads the manifest of a backup whose master keys are configured, of this environment.
    pub(super) fn read(folder: &Path, config: &Config) -> anyhow::Result<Self> {
        let path = Self::path(folder);
        let text = fs::read_to_string(&path).with_context(|| {
            format!("{} is not a backup, or an incomplete one: {}", folder.display(), path.display())
        })?;
        let form =
            serde_json::from_str::<serde_json::Value>(&text).ok().and_then(|json| json["form"].as_u64());
        match form {
            Some(form) if form == u64::from(FORM) => {}
            Some(form) => bail!("the backup has the format {form}, and this program reads {FORM}"),
            None => bail!("{} is damaged", path.display()),
        }
        let manifest: Self =
            serde_json::from_str(&text).with_context(|| format!("{} is damaged", path.display()))?;
        let missing = manifest.master_keys.iter().find(|key| config.master_keys.find(key).is_none());
        if let Some(missing) = missing {
            bail!(
                "the backup was made under another master key: it needs {}, and {missing} is not configured (configured: {})",
                manifest.master_keys.join(" and "),
                config.master_keys.fingerprints().join(", ")
            );
        }
        let environment = config.environment.name();
        ensure!(
            manifest.environment == environment,
            "the backup belongs to the environment {}, not to {environment}",
            manifest.environment
        );
        Ok(manifest)
    }

    /// Compares every file with its checksum. Returns the differences.
    pub(super) fn damage(&self, folder: &Path) -> Vec<String> {
        let mut found: Vec<String> = [&self.database, &self.files.list]
            .into_iter()
            .filter_map(|part| part.is_as_listed(folder))
            .collect();
        match listed(&folder.join(LIST)) {
            Err(error) => found.push(format!("{error:#}")),
            Ok(files) => {
                let progress = bar(self.files.count, "checksums of the files");
                for (name, Summed { bytes, sha256 }) in files {
                    let part = Part { name: format!("{BLOBS}/{name}"), bytes, sha256 };
                    found.extend(part.is_as_listed(folder));
                    progress.inc(1);
                }
                progress.finish_and_clear();
            }
        }
        found
    }
}
