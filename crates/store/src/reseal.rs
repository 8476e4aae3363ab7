//! Replaces the data keys of partners and operators: makes new ones, seals every value and every file again, and destroys
//! the old ones.
//!
//! Each step is one small transaction, and each change a compare-and-set on the sealed bytes themselves. So steps run
//! beside servers, in several processes, and again after a process has ended. The progress is in the data: a value whose
//! number is the newest is done.
//!
//! An old key is destroyed after [`SETTLE`] and one more pass. By then no process seals under it, and every value that was
//! sealed under it before the pass is sealed again.
//!
//! Reasons: docs/decisions/0045.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::PartnerId;
use domain::time::RealTime;

use crate::blob::BlobKey;
pub use crate::holder::Holder;
use crate::named_files::{self, FILE_TABLES, NamedFile};
use crate::seal::{DataKeys, number_of};
use crate::sealed_columns::{Place, SEALED, SealedColumn};
use crate::{StoreError, Tx, args, data_keys, kyc, verify};

/// The time after which nothing is sealed under a key that was replaced: the age of keys in memory (60 s), the longest
/// upload (120 s), and some more for clocks that differ.
pub const SETTLE: Duration = Duration::from_secs(240);
/// The time for which a file stays that was sealed again, for requests and backups that have its old name.
const OLD_FILE_FOR: Duration = Duration::from_secs(3_600);
/// A text before the id of every owner.
const BEFORE_ALL: &str = "";
/// Owners that one step looks at.
const OWNERS: usize = 100;
/// Values that are sealed again in one transaction.
pub const BATCH: usize = 100;

/// The owners whose keys are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One partner.
    One(PartnerId),
    /// Every partner and every operator.
    All,
}

impl Scope {
    /// The name of the setting that says when the rotation has begun.
    fn setting(self) -> String {
        match self {
            Self::One(owner) => format!("data_keys_since:{owner}"),
            Self::All => "data_keys_since".to_owned(),
        }
    }
}

/// Begins to replace keys, or goes on if that has begun before. Returns the time at which it began.
pub fn begin(tx: &mut Tx<'_>, scope: Scope, now: RealTime) -> Result<RealTime, StoreError> {
    let since = crate::settings::get_or_set(tx, &scope.setting(), &now.micros().to_string())?;
    let wrong = |_| StoreError::Corrupt("the beginning of the replacement of keys is no moment".into());
    since.parse().map(RealTime::from_micros).map_err(wrong)
}

/// Ends the replacement of keys. A later one makes new keys.
pub fn end(tx: &mut Tx<'_>, scope: Scope) -> Result<(), StoreError> {
    tx.execute("delete from settings where name = $1", args![scope.setting()]).map(drop)
}

/// The result of a step over owners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnersStep {
    /// Number of keys that were made or destroyed.
    pub changed: u64,
    /// The time of the newest key among these owners; `None` without one.
    pub newest: Option<RealTime>,
    /// The owner after whom the next step begins; `None` at the end.
    pub next: Option<String>,
}

/// Gives each of the next owners a new key, if its newest one is from before `since`.
pub fn make_keys(
    tx: &mut Tx<'_>, scope: Scope, after: Option<&str>, (since, now): (RealTime, RealTime),
) -> Result<OwnersStep, StoreError> {
    let owners = newest_keys(tx, scope, after)?;
    let mut step = OwnersStep { changed: 0, newest: None, next: next_of(&owners) };
    for (owner, number, created_at, keys) in owners {
        let mut newest = created_at;
        if created_at < since {
            let next = number.checked_add(1).filter(|_| keys < i64::from(data_keys::MOST));
            let too_many =
                || StoreError::Defect(format!("{owner} has too many keys; finish their replacement first"));
            data_keys::insert(tx, owner.parse()?, next.ok_or_else(too_many)?, now)?;
            newest = now;
            step.changed += 1;
        }
        step.newest = step.newest.max(Some(newest));
    }
    Ok(step)
}

/// An owner as it is stored, the number and the time of its newest key, and the number of its keys.
type Newest = (String, u16, RealTime, i64);

fn newest_keys(tx: &mut Tx<'_>, scope: Scope, after: Option<&str>) -> Result<Vec<Newest>, StoreError> {
    match scope {
        Scope::One(owner) => {
            let sql = "select partner_id, max(number), max(created_at), count(*) from data_keys \
                       where partner_id = $1 group by partner_id";
            tx.fetch_all(sql, args![owner])
        }
        Scope::All => {
            let sql = format!(
                "select partner_id, max(number), max(created_at), count(*) from data_keys \
                 where partner_id > $1 group by partner_id order by partner_id limit {OWNERS}"
            );
            tx.fetch_all(&sql, args![*after.unwrap_or(BEFORE_ALL)])
        }
    }
}

fn next_of(owners: &[Newest]) -> Option<String> {
    (owners.len() == OWNERS).then(|| owners.last().map(|(owner, ..)| owner.clone())).flatten()
}

/// Destroys the keys of the next owners that were replaced before `cutoff`, but for the owners `except`. Every value must
/// have been sealed again since.
pub fn destroy_old(
    tx: &mut Tx<'_>, scope: Scope, after: Option<&str>, cutoff: RealTime, except: &[Holder],
) -> Result<OwnersStep, StoreError> {
    let owners = newest_keys(tx, scope, after)?;
    let mut step = OwnersStep { changed: 0, newest: None, next: next_of(&owners) };
    for (owner, ..) in owners.iter().filter(|(_, _, _, keys)| *keys > 1) {
        let owner: Holder = owner.parse()?;
        if except.contains(&owner) {
            continue;
        }
        let sql = "delete from data_keys where partner_id = $1 and number < \
                   (select max(k.number) from data_keys k where k.partner_id = $1 and k.created_at <= $2)";
        step.changed += tx.execute(sql, args![owner, cutoff])?;
    }
    Ok(step)
}

/// The columns whose values are under the keys of owners.
pub fn columns(scope: Scope) -> impl Iterator<Item = &'static SealedColumn> {
    SEALED.iter().filter(move |of| match scope {
        Scope::All => of.is_of_owners(),
        Scope::One(partner) => Place::before(of, partner.into()).is_some(),
    })
}

/// A value under an old key.
#[derive(Debug, Clone)]
pub struct OldValue {
    place: Place,
    context: String,
    sealed: Vec<u8>,
}

/// A page of a column.
#[derive(Debug, Default)]
pub struct OldValues {
    /// Number of rows that were read.
    pub read: u64,
    /// The values that are under an old key.
    pub old: Vec<OldValue>,
    /// The beginning of the next page; `None` at the end.
    pub next: Option<Place>,
}

/// The keys of the owners of a page. They are read from the database, because memory may not have the newest one.
#[derive(Default)]
struct Owners(HashMap<String, Option<DataKeys>>);

impl Owners {
    /// The keys of an owner; `None` if the owner is gone.
    fn keys(&mut self, tx: &mut Tx<'_>, owner: Holder) -> Result<Option<DataKeys>, StoreError> {
        let name = owner.to_string();
        if let Some(known) = self.0.get(&name) {
            return Ok(known.clone());
        }
        let keys = match data_keys::read(tx, owner) {
            Ok(keys) => Some(keys),
            Err(StoreError::NotFound) => None,
            Err(other) => return Err(other),
        };
        self.0.insert(name, keys.clone());
        Ok(keys)
    }
}

/// Finds the values of a page that are under an old key.
pub fn old_values(
    tx: &mut Tx<'_>, of: &SealedColumn, scope: Scope, after: Option<&Place>,
) -> Result<OldValues, StoreError> {
    let beginning = match scope {
        Scope::One(partner) => Place::before(of, partner.into()),
        Scope::All => None,
    };
    let (rows, whole) = verify::sealed_page(tx, of, after.or(beginning.as_ref()))?;
    let (mut page, mut owners) = (OldValues::default(), Owners::default());
    for (place, context, sealed) in rows {
        let owner = place.owner()?;
        if let Scope::One(partner) = scope
            && owner != Holder::Partner(partner)
        {
            page.next = None;
            break;
        }
        page.read += 1;
        page.next = whole.then(|| place.clone());
        let Some(sealed) = sealed.filter(|sealed| !sealed.is_empty()) else { continue };
        let newest = owners.keys(tx, owner)?.map(|keys| keys.newest());
        if newest.is_some() && number_of(&sealed) != newest {
            page.old.push(OldValue { place, context, sealed });
        }
    }
    Ok(page)
}

/// The result of sealing values again.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Resealed {
    /// Number of values that are under the newest key now.
    pub done: u64,
    /// The owners of values that cannot be opened. Their old keys stay.
    pub damaged: Vec<Holder>,
}

/// Seals values again under the newest keys. A value that somebody has changed meanwhile stays as it is.
pub fn reseal(tx: &mut Tx<'_>, of: &SealedColumn, values: &[OldValue]) -> Result<Resealed, StoreError> {
    let (mut done, mut owners) = (Resealed::default(), Owners::default());
    for OldValue { place, context, sealed } in values {
        let owner = place.owner()?;
        let Some(keys) = owners.keys(tx, owner)? else { continue };
        match keys.open(context, sealed) {
            Ok(plain) => {
                let plain = zeroize::Zeroizing::new(plain);
                let again = keys.seal(tx.random_bytes(), context, &plain);
                done.done += u64::from(verify::replace(tx, of, place, (sealed, &again))?);
            }
            // It may be a value that was changed and sealed under a key that is destroyed by now.
            Err(StoreError::Corrupt(_)) if verify::replace(tx, of, place, (sealed, sealed))? => {
                done.damaged.push(owner);
            }
            Err(StoreError::Corrupt(_)) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(done)
}

/// A file under an old key.
#[derive(Debug, Clone)]
pub struct OldFile {
    /// The file.
    pub file: NamedFile,
    /// The name that it gets.
    pub new_name: String,
    /// The keys that open it, and that seal it again.
    pub key: BlobKey,
}

/// The next files of a scope, after the file `after`, and those among them that are under an old key.
pub fn old_files(
    tx: &mut Tx<'_>, scope: Scope, after: Option<&NamedFile>,
) -> Result<(Option<NamedFile>, Vec<OldFile>), StoreError> {
    let files = match scope {
        Scope::All => named_files::files(tx, after)?,
        Scope::One(partner) => files_of_partner(tx, partner, after)?,
    };
    let (last, mut old, mut owners) = (files.last().cloned(), Vec::new(), Owners::default());
    for file in files {
        let Some(keys) = owners.keys(tx, file.partner.into())? else { continue };
        let key = BlobKey::with(tx, keys, file.partner, &file.name)?;
        if let Some(new_name) = key.newer_name(&file.name) {
            old.push(OldFile { file, new_name, key });
        }
    }
    Ok((last, old))
}

fn files_of_partner(
    tx: &mut Tx<'_>, partner: PartnerId, after: Option<&NamedFile>,
) -> Result<Vec<NamedFile>, StoreError> {
    let (mut table, mut last) = (after.map_or(0, NamedFile::table), after);
    while table < FILE_TABLES {
        let page = named_files::files_of_partner(tx, table, partner, last)?;
        if !page.is_empty() {
            return Ok(page);
        }
        (table, last) = (table + 1, None);
    }
    Ok(Vec::new())
}

/// Announces the new file of an old one, which is about to be written. Returns the time of the announcement.
pub fn announce_file(tx: &mut Tx<'_>, file: &OldFile, now: RealTime) -> Result<RealTime, StoreError> {
    let at = now.plus(OLD_FILE_FOR);
    kyc::announce_resealed(tx, file.file.partner, &file.new_name, at)?;
    Ok(at)
}

/// Names the new file in the row of the old one, which is deleted later. `announced` is the new file's announcement, if it
/// has one. Returns whether the row still named the old file.
pub fn move_file(
    tx: &mut Tx<'_>, file: &OldFile, announced: Option<RealTime>, now: RealTime,
) -> Result<bool, StoreError> {
    let OldFile { file, new_name, .. } = file;
    if !named_files::rename(tx, file, new_name)? {
        return Ok(false);
    }
    if let Some(at) = announced {
        kyc::keep_resealed(tx, file.partner, new_name, at)?;
    }
    kyc::announce_resealed(tx, file.partner, &file.name, now.plus(OLD_FILE_FOR))?;
    Ok(true)
}

/// The data keys of a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCounts {
    /// Number of partners and operators with keys.
    pub owners: i64,
    /// Number of their keys.
    pub keys: i64,
    /// The time of the oldest key; `None` without one.
    pub oldest: Option<RealTime>,
}

/// Counts the data keys.
pub fn counts(tx: &mut Tx<'_>) -> Result<KeyCounts, StoreError> {
    let sql = "select count(distinct partner_id), count(*), min(created_at) from data_keys";
    let (owners, keys, oldest) = tx.fetch_one(sql, &[])?;
    Ok(KeyCounts { owners, keys, oldest })
}

/// Gives an owner without keys a key with this number.
#[cfg(feature = "test-support")]
pub fn test_key(tx: &mut Tx<'_>, owner: Holder, number: u16) -> Result<(), StoreError> {
    data_keys::insert(tx, owner, number, RealTime::from_seconds(0))
}

/// Replaces the values of a column by sealed ones of their own contexts. Returns their number.
#[cfg(feature = "test-support")]
pub fn seal_all(tx: &mut Tx<'_>, of: &SealedColumn, plain: &[u8]) -> Result<usize, StoreError> {
    let (rows, _whole) = verify::sealed_page(tx, of, None)?;
    for (place, context, before) in &rows {
        let sealed = data_keys::read(tx, place.owner()?)?.seal(tx.random_bytes(), context, plain);
        let before = before.as_deref().ok_or(StoreError::NotFound)?;
        verify::replace(tx, of, place, (before, &sealed))?;
    }
    Ok(rows.len())
}
