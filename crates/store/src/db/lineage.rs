//! The check that the log beside an SQLite file belongs to that file.
//!
//! SQLite replays any log with the right name onto any file. If somebody replaces a database by a copy and leaves the
//! old log, the result is corrupt. Therefore each transaction writes two numbers into the header of page 1: a new
//! random number (`user_version`) and the number of the previous transaction (`application_id`). So each log holds page
//! 1, and a file belongs to it in two cases only:
//!
//! - the file has the number that the first transaction of the log names as the previous one, or
//! - the file has the number of a transaction of the log, because a checkpoint has copied a part of the log.
//!
//! A copy made at another time has another number. Its log is refused before SQLite sees it.
//!
//! Reasons: docs/decisions/0015.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rusqlite::Connection;

use crate::db::error::OpenError;
use crate::random::Random;

/// Most readings of a log that seems foreign, because another process may be writing it.
const READINGS: u32 = 5;
const BETWEEN_READINGS: Duration = Duration::from_millis(100);

const FILE_HEADER: usize = 100;
const LOG_HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// The places of the two numbers in the header of page 1.
const NUMBER_AT: usize = 60;
const BEFORE_AT: usize = 68;

/// Gives the open transaction a new number and notes the previous one.
pub(super) fn mark(connection: &Connection, random: &mut Random) -> rusqlite::Result<()> {
    let before: i32 = connection.prepare_cached("pragma user_version")?.query_row([], |row| row.get(0))?;
    let number = fresh(random);
    connection.execute_batch(&format!("pragma application_id = {before}; pragma user_version = {number}"))
}

/// Gives a database without a number its first one. Call it before the database has a log.
pub(super) fn begin(connection: &Connection, random: &mut Random) -> rusqlite::Result<()> {
    let number: i32 = connection.query_row("pragma user_version", [], |row| row.get(0))?;
    if number == 0 { connection.pragma_update(None, "user_version", fresh(random)) } else { Ok(()) }
}

/// Gives a copy another number, so that no log of the original fits it.
pub(super) fn renew(connection: &Connection, random: &mut Random) -> rusqlite::Result<()> {
    connection.pragma_update(None, "application_id", 0)?;
    connection.pragma_update(None, "user_version", fresh(random))
}

/// A number that no earlier transaction had. Zero means no number.
fn fresh(random: &mut Random) -> i32 {
    loop {
        let number = i32::from_be_bytes(random.bytes());
        if number != 0 {
            return number;
        }
    }
}

/// Refuses the log beside the file `path` if it belongs to another database. The file must not be open in SQLite in
/// this process: closing it here would end SQLite's locks.
pub(super) fn check(path: &Path) -> Result<(), OpenError> {
    for reading in 1..=READINGS {
        if is_own(path).map_err(|error| OpenError::Engine(error.to_string()))? {
            return Ok(());
        }
        if reading < READINGS {
            thread::sleep(BETWEEN_READINGS);
        }
    }
    Err(OpenError::ForeignLog { database: path.to_owned(), log: log_of(path) })
}

/// The path of a file's log.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn is_own(path: &Path) -> io::Result<bool> {
    let numbers = match File::open(log_of(path)) {
        Ok(log) => Numbers::of(BufReader::with_capacity(1 << 20, log))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        Err(error) => return Err(error),
    };
    let Some(numbers) = numbers else { return Ok(true) };
    let mut header = [0; FILE_HEADER];
    // An empty file is no database; a log beside it belonged to another one.
    let is_database = File::open(path)?.read_exact(&mut header).is_ok();
    Ok(is_database && numbers.follow(number_at(&header, NUMBER_AT)))
}

fn number_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

/// The numbers in the committed transactions of a log.
#[derive(Debug, Default, PartialEq, Eq)]
struct Numbers {
    /// The number before the log's first transaction, as the first page 1 of the log names it.
    before: Option<u32>,
    /// The number in each page 1 of the log.
    own: Vec<u32>,
}

impl Numbers {
    /// Reads the log as SQLite's recovery does, up to the first invalid frame. `None` if it has no commit: SQLite then
    /// replays nothing.
    fn of(mut log: impl Read) -> io::Result<Option<Self>> {
        let Some(mut reader) = LogReader::begin(&mut log)? else { return Ok(None) };
        let (mut committed, mut pending, mut any) = (Self::default(), Vec::new(), false);
        while let Some((page, commits)) = reader.next(&mut log)? {
            if page == 1 {
                pending.push((number_at(&reader.page, NUMBER_AT), number_at(&reader.page, BEFORE_AT)));
            }
            if commits {
                any = true;
                for (number, before) in pending.drain(..) {
                    committed.before.get_or_insert(before);
                    committed.own.push(number);
                }
            }
        }
        Ok(any.then_some(committed))
    }

    /// Whether these transactions continue a file with this number.
    fn follow(&self, number: u32) -> bool {
        self.before == Some(number) || self.own.contains(&number)
    }
}

/// Reads the frames of a log and checks salts and sums. See "The Write-Ahead Log" in SQLite's file format.
struct LogReader {
    salts: [u8; 8],
    sum: (u32, u32),
    word: fn([u8; 4]) -> u32,
    page: Vec<u8>,
}

impl LogReader {
    fn begin(log: &mut impl Read) -> io::Result<Option<Self>> {
        let mut header = [0; LOG_HEADER];
        if !filled(log, &mut header)? {
            return Ok(None);
        }
        let word = match number_at(&header, 0) {
            0x377f_0682 => u32::from_le_bytes,
            0x377f_0683 => u32::from_be_bytes,
            _no_log => return Ok(None),
        };
        let size = number_at(&header, 8);
        if !size.is_power_of_two() || !(512..=65_536).contains(&size) {
            return Ok(None);
        }
        let size = usize::try_from(size).expect("at most 65,536");
        let salts = header[16..24].try_into().expect("eight bytes");
        let mut reader = Self { salts, sum: (0, 0), word, page: vec![0; size] };
        reader.sum = reader.add(reader.sum, &header[..24]);
        Ok((reader.sum == (number_at(&header, 24), number_at(&header, 28))).then_some(reader))
    }

    /// The next frame's page number, and whether it commits. Its content is in `page`.
    fn next(&mut self, log: &mut impl Read) -> io::Result<Option<(u32, bool)>> {
        let mut header = [0; FRAME_HEADER];
        if !filled(log, &mut header)? || header[8..16] != self.salts {
            return Ok(None);
        }
        let mut page = std::mem::take(&mut self.page);
        let whole = filled(log, &mut page)?;
        self.page = page;
        self.sum = self.add(self.add(self.sum, &header[..8]), &self.page);
        if !whole || self.sum != (number_at(&header, 16), number_at(&header, 20)) {
            return Ok(None);
        }
        Ok(Some((number_at(&header, 0), number_at(&header, 4) != 0)))
    }

    fn add(&self, sum: (u32, u32), bytes: &[u8]) -> (u32, u32) {
        let word = |bytes: &[u8]| (self.word)(bytes.try_into().expect("four bytes"));
        bytes.chunks_exact(8).fold(sum, |(first, second), pair| {
            let first = first.wrapping_add(word(&pair[..4])).wrapping_add(second);
            (first, second.wrapping_add(word(&pair[4..])).wrapping_add(first))
        })
    }
}

/// Fills the buffer; false if the file is too short.
fn filled(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    /// An open database whose log is not emptied.
    struct Open {
        connection: Connection,
        path: PathBuf,
        _folder: TempDir,
    }

    impl Open {
        fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let path = folder.path().join("a.db");
            let connection = Connection::open(&path).unwrap();
            begin(&connection, &mut Random::open()).unwrap();
            connection.pragma_update(None, "journal_mode", "wal").unwrap();
            connection.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
            let open = Self { connection, path, _folder: folder };
            open.commit("create table t (x)");
            open
        }

        fn with_empty_log() -> Self {
            let open = Self::new();
            open.checkpoint("truncate");
            open
        }

        fn commit(&self, sql: &str) {
            self.connection.execute_batch("begin immediate").unwrap();
            mark(&self.connection, &mut Random::open()).unwrap();
            self.connection.execute_batch(sql).unwrap();
            self.connection.execute_batch("commit").unwrap();
        }

        /// Commits a change and moves it from the log to the file.
        fn commit_to_file(&self, sql: &str) {
            self.commit(sql);
            self.checkpoint("truncate");
        }

        fn checkpoint(&self, mode: &str) {
            self.connection.query_row(&format!("pragma wal_checkpoint({mode})"), [], |_row| Ok(())).unwrap();
        }

        /// The file and its log as a crash leaves them.
        fn crashed(&self) -> (Vec<u8>, Vec<u8>) {
            (fs::read(&self.path).unwrap(), fs::read(log_of(&self.path)).unwrap())
        }
    }

    fn judged((file, log): &(Vec<u8>, Vec<u8>)) -> bool {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("b.db");
        fs::write(&path, file).unwrap();
        fs::write(log_of(&path), log).unwrap();
        check(&path).is_ok()
    }

    #[test]
    fn a_log_is_accepted_after_a_crash_with_any_part_of_it_copied() {
        let open = Open::new();
        assert!(judged(&open.crashed()));
        for round in 0..20 {
            open.commit(&format!("insert into t values ({round})"));
            assert!(judged(&open.crashed()), "in the log alone");
            if round % 3 == 0 {
                open.checkpoint("passive");
                assert!(judged(&open.crashed()), "copied, and still in the log");
            }
            if round % 7 == 6 {
                open.checkpoint("truncate");
                assert!(judged(&open.crashed()), "an empty log");
            }
        }
    }

    #[test]
    fn a_log_with_a_torn_end_is_accepted() {
        let open = Open::with_empty_log();
        open.commit("insert into t values (1)");
        let (file, log) = open.crashed();
        for length in (0..log.len()).step_by(97) {
            assert!(judged(&(file.clone(), log[..length].to_vec())), "{length}");
        }
    }

    #[test]
    fn an_old_log_beside_a_copy_of_another_time_is_refused() {
        let open = Open::new();
        open.commit_to_file("insert into t values (1)");
        let (older, _) = open.crashed();
        open.commit_to_file("insert into t values (2)");
        open.commit("insert into t values (3)");
        let (_, log) = open.crashed();
        assert!(!judged(&(older, log.clone())), "an older copy");
        open.checkpoint("truncate");
        open.commit_to_file("insert into t values (4)");
        assert!(!judged(&(open.crashed().0, log.clone())), "a newer copy");
        let other = Open::new();
        other.commit_to_file("insert into t values (5)");
        assert!(!judged(&(other.crashed().0, log.clone())), "another database");
        assert!(!judged(&(Vec::new(), log)), "an empty file");
    }

    #[test]
    fn a_copy_with_later_writes_refuses_the_log_of_its_original() {
        let open = Open::new();
        open.commit("insert into t values (1)");
        open.checkpoint("passive");
        let (copy, _) = open.crashed();
        open.commit("insert into t values (2)");
        let (_, log) = open.crashed();
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("c.db");
        fs::write(&path, &copy).unwrap();
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("begin immediate").unwrap();
        mark(&connection, &mut Random::open()).unwrap();
        connection.execute_batch("insert into t values (9); commit").unwrap();
        drop(connection);
        assert!(!judged(&(fs::read(&path).unwrap(), log)));
    }

    #[test]
    fn a_log_without_a_number_is_refused() {
        let open = Open::with_empty_log();
        open.connection.execute_batch("insert into t values (1)").unwrap();
        assert!(!judged(&open.crashed()));
    }
}
