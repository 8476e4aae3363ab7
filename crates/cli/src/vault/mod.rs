//! `dinie backup`, `dinie restore` and `dinie verify`: a copy beside a running server, its way back, and whether all of it
//! is whole.
//!
//! A backup is a folder: `manifest.json`, written last, `dinie.db` (or `database.dump`, which PostgreSQL's own tool makes),
//! `files.tsv` with the sum of each file, and `blobs/`. The master key is not in it.
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
