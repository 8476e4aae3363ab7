//! Work on many rows in small steps, each a transaction. Between the steps the scripts of others run.

use std::time::{Duration, Instant};

use store::{Store, StoreError, Tx};

/// How long a step may keep the database's writer; the number of its rows follows.
const STEP: Duration = Duration::from_millis(4);

/// The fewest and the most rows of a step, or pages that it returns. Old rows lie in many pages, and the commit that follows
/// a step writes each of them: a megabyte or two at the most.
const ROWS: (i64, i64) = (16, 256);

/// How many times a step's own span others have the writer before the next step.
const PAUSE: u32 = 3;

/// How many rows a step takes: as many as the steps before took their time for.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    rows: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: 4 * ROWS.0 }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy)]
pub struct Stepped {
    /// How many rows it took.
    pub rows: u64,
    /// Whether it found fewer rows than it might have taken.
    pub last: bool,
    /// For how long others have the writer before the next step.
    pub pause: Duration,
}

impl Pace {
    /// Takes a step: `step` is given how many rows it may take and says how many it took.
    pub async fn step(
        &mut self,
        store: &Store,
        step: impl Fn(&mut Tx<'_>, i64) -> Result<u64, StoreError> + Send + 'static,
    ) -> Result<Stepped, StoreError> {
        let rows = self.rows;
        let timed = move |tx: &mut Tx<'_>| {
            let began = Instant::now();
            let went = step(tx, rows)?;
            Ok::<_, StoreError>((went, began.elapsed()))
        };
        let (went, took) = store.write(timed).await?;
        let last = i64::try_from(went).is_ok_and(|went| went < rows);
        if !last {
            self.rows = if took > STEP {
                rows / 2
            } else if took < STEP / 2 {
                rows * 2
            } else {
                rows
            };
            self.rows = self.rows.clamp(ROWS.0, ROWS.1);
        }
        Ok(Stepped { rows: went, last, pause: took * PAUSE })
    }
}

/// Takes steps until one finds fewer rows than it might have taken. Returns how many rows they took.
pub async fn in_steps(
    store: &Store,
    step: impl Fn(&mut Tx<'_>, i64) -> Result<u64, StoreError> + Clone + Send + 'static,
) -> Result<u64, StoreError> {
    let (mut pace, mut rows) = (Pace::default(), 0);
    loop {
        let stepped = pace.step(store, step.clone()).await?;
        rows += stepped.rows;
        if stepped.last {
            return Ok(rows);
        }
        tokio::time::sleep(stepped.pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use store::db::DatabaseUrl;
    use store::seal::MasterKey;
    use tempfile::TempDir;

    use super::*;

    /// The rows that each step may drop while there are `left` of them and each step takes at least `span`.
    async fn steps(left: u64, span: Duration) -> Vec<i64> {
        let folder = TempDir::new().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("a.db"));
        let open = move || Store::open(&url, MasterKey::new([7; 32])).unwrap();
        let store = tokio::task::spawn_blocking(open).await.unwrap();
        let purge = Arc::new(Mutex::new((left, Vec::new())));
        let shared = Arc::clone(&purge);
        let step = move |_tx: &mut Tx<'_>, rows: i64| {
            let began = Instant::now();
            while began.elapsed() < span {
                std::hint::spin_loop();
            }
            let mut purge = shared.lock().unwrap();
            let went = purge.0.min(rows.unsigned_abs());
            purge.0 -= went;
            purge.1.push(rows);
            Ok(went)
        };
        assert_eq!(in_steps(&store, step).await, Ok(left));
        purge.lock().unwrap().1.clone()
    }

    #[tokio::test]
    async fn a_purge_goes_in_steps_of_bounded_size() {
        let steps = steps(10_000, Duration::ZERO).await;
        assert!(steps.iter().all(|rows| (ROWS.0..=ROWS.1).contains(rows)), "{steps:?}");
        assert!(steps.len() >= 39, "{steps:?}");
    }

    #[tokio::test]
    async fn steps_that_take_long_become_the_smallest() {
        let steps = steps(200, STEP + Duration::from_millis(1)).await;
        assert_eq!(steps[..4], [64, 32, ROWS.0, ROWS.0]);
        assert!(steps[4..].iter().all(|rows| *rows == ROWS.0), "{steps:?}");
    }
}
