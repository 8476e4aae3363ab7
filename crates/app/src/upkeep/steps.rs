//! Work on many rows in small steps, each a transaction. Other scripts run between the steps.

use std::time::{Duration, Instant};

use store::{Store, StoreError, Tx};

/// Longest time for which a step should hold the database's writer. The number of rows adapts to it.
const STEP: Duration = Duration::from_millis(4);

/// The fewest and the most rows of a step, or pages that it frees. Old rows are spread over many pages, and the next
/// commit writes each of them: a megabyte or two at the most.
const ROWS: (i64, i64) = (16, 256);

/// Length of the pause after a step, as a multiple of the step's own time. Others have the writer meanwhile.
const PAUSE: u32 = 3;

/// Number of rows in the next step, adapted to the time that the earlier steps took.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    rows: i64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { rows: 4 * ROWS.0 }
    }
}

/// The result of a step.
#[derive(Debug, Clone, Copy)]
pub struct Stepped {
    /// Number of rows that it took.
    pub rows: u64,
    /// Whether it found fewer rows than it might have taken.
    pub last: bool,
    /// Time until it had the writer.
    pub waited: Duration,
    /// Pause before the next step, in which others have the writer.
    pub pause: Duration,
}

impl Pace {
    /// Takes a step. `step` receives the most rows that it may take and returns the number that it took.
    pub async fn step(
        &mut self, store: &Store, step: impl Fn(&mut Tx<'_>, i64) -> Result<u64, StoreError> + Send + 'static,
    ) -> Result<Stepped, StoreError> {
        let counted = move |tx: &mut Tx<'_>, rows| Ok((step(tx, rows)?, ()));
        self.step_with(store, counted).await.map(|(stepped, ())| stepped)
    }

    /// Takes a step that returns something beside its number of rows.
    pub async fn step_with<T: Send + 'static>(
        &mut self, store: &Store,
        step: impl Fn(&mut Tx<'_>, i64) -> Result<(u64, T), StoreError> + Send + 'static,
    ) -> Result<(Stepped, T), StoreError> {
        let rows = self.rows;
        let called = Instant::now();
        let timed = move |tx: &mut Tx<'_>| {
            let began = Instant::now();
            let went = step(tx, rows)?;
            Ok::<_, StoreError>((went, began.duration_since(called), began.elapsed()))
        };
        let ((went, value), waited, took) = store.write(timed).await?;
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
        Ok((Stepped { rows: went, last, waited, pause: took * PAUSE }, value))
    }
}

/// Takes steps until one finds fewer rows than it might have taken. Returns the number of rows that they took.
pub async fn in_steps(
    store: &Store, step: impl Fn(&mut Tx<'_>, i64) -> Result<u64, StoreError> + Clone + Send + 'static,
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

    /// The most rows of each step, if there are `left` rows to drop and each step takes at least `span`.
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
    async fn a_purge_takes_steps_of_bounded_size() {
        let steps = steps(10_000, Duration::ZERO).await;
        assert!(steps.iter().all(|rows| (ROWS.0..=ROWS.1).contains(rows)), "{steps:?}");
        assert!(steps.len() >= 39, "{steps:?}");
    }

    #[tokio::test]
    async fn slow_steps_shrink_to_the_smallest_size() {
        let steps = steps(200, STEP + Duration::from_millis(1)).await;
        assert_eq!(steps[..4], [64, 32, ROWS.0, ROWS.0]);
        assert!(steps[4..].iter().all(|rows| *rows == ROWS.0), "{steps:?}");
    }
}
