//! `dinie backup`, `dinie restore` and `dinie verify`: a copy while a server runs, its restoration, and a check of
//! all stored data.
//!
//! A backup is a folder: `manifest.json`, written last, `dinie.db` (or `database.dump`, which `pg_dump` makes),
//! `files.tsv` with the checksum of each file, and `blobs/`. The master key is not in it.
//!
//! Reasons: docs/decisions/0016.

mod backup;
mod files;
mod manifest;
mod place;
mod restore;
mod verify;

pub(super) use self::backup::run as backup;
pub(super) use self::place::{BackupArgs, RestoreArgs, VerifyArgs};
pub(super) use self::restore::run as restore;
pub(super) use self::verify::run as verify;
