//! One thread for each PKCS#11 library. A library is started once in a process, its sessions belong to one thread, and a
//! call may hang for as long as it likes: the caller then goes on without an answer.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::{RecvTimeoutError, Sender, bounded, unbounded};

use super::error::KmsError;
use super::module::Module;

type Job = Box<dyn FnOnce(&mut Module) + Send>;

/// The threads of this process, by the paths of their libraries. They end with it.
static THREADS: Mutex<BTreeMap<PathBuf, Arc<Thread>>> = Mutex::new(BTreeMap::new());

struct Thread {
    jobs: Mutex<Sender<Job>>,
    /// Number of jobs that were given to the thread.
    given: AtomicU64,
    /// Number of jobs that have ended.
    ended: Arc<AtomicU64>,
    /// Number of the last job whose caller left without an answer.
    overdue: AtomicU64,
}

/// Has the thread of a library do some work, and waits for its answer. While an earlier call hangs, it fails at once.
pub(super) fn ask<T: Send + 'static>(
    library: &Path, within: Duration, work: impl FnOnce(&mut Module) -> Result<T, KmsError> + Send + 'static,
) -> Result<T, KmsError> {
    let thread = thread_of(library)?;
    if thread.ended.load(Ordering::Acquire) < thread.overdue.load(Ordering::Acquire) {
        return Err(KmsError::Silent(within));
    }
    let (answer, answered) = bounded(1);
    let until = Instant::now() + within;
    let number = thread.give(Box::new(move |module| {
        // The caller of a job that begins late has left.
        if Instant::now() < until {
            let _the_caller_may_have_left = answer.send(work(module));
        }
    }))?;
    match answered.recv_deadline(until) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => {
            thread.overdue.fetch_max(number, Ordering::AcqRel);
            Err(KmsError::Silent(within))
        }
        Err(RecvTimeoutError::Disconnected) => Err(KmsError::Failed("the call failed".into())),
    }
}

fn thread_of(library: &Path) -> Result<Arc<Thread>, KmsError> {
    let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(thread) = threads.get(library) {
        return Ok(Arc::clone(thread));
    }
    let thread = Arc::new(Thread::start(library)?);
    threads.insert(library.to_owned(), Arc::clone(&thread));
    Ok(thread)
}

impl Thread {
    fn start(library: &Path) -> Result<Self, KmsError> {
        let (jobs, given) = unbounded::<Job>();
        let (path, ended) = (library.to_owned(), Arc::new(AtomicU64::new(0)));
        let count = Arc::clone(&ended);
        let serve = move || {
            let mut module = Module::new(path);
            for job in given {
                // A panic drops the answer, so its caller does not wait.
                if catch_unwind(AssertUnwindSafe(|| job(&mut module))).is_err() {
                    module.forget();
                }
                count.fetch_add(1, Ordering::AcqRel);
            }
        };
        let started = std::thread::Builder::new().name("kms".into()).spawn(serve);
        started.map_err(|error| KmsError::Failed(error.to_string()))?;
        Ok(Self { jobs: Mutex::new(jobs), given: AtomicU64::new(0), ended, overdue: AtomicU64::new(0) })
    }

    /// Queues a job and returns its number. The first one is 1.
    fn give(&self, job: Job) -> Result<u64, KmsError> {
        // Under the lock, so that jobs run in the order of their numbers.
        let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.send(job).map_err(|_| KmsError::Failed("its thread has ended".into()))?;
        Ok(self.given.fetch_add(1, Ordering::AcqRel) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::TokenPlace;
    use super::*;

    #[test]
    fn a_call_that_hangs_costs_one_caller_its_patience_and_the_next_ones_nothing() {
        let library = Path::new("/nowhere/hangs.so");
        let (release, held) = bounded::<()>(0);
        let hangs = ask(library, Duration::from_millis(20), move |_| {
            held.recv().map_err(|error| KmsError::Failed(error.to_string()))
        });
        assert_eq!(hangs, Err(KmsError::Silent(Duration::from_millis(20))));
        // An hour of patience is not used.
        let next = ask(library, Duration::from_secs(3600), |_| Ok(1));
        assert_eq!(next, Err(KmsError::Silent(Duration::from_secs(3600))));
        release.send(()).unwrap();
        let again = || ask(library, Duration::from_secs(60), |_| Ok(2));
        assert!(std::iter::repeat_with(again).any(|answer| answer == Ok(2)));
    }

    #[test]
    fn a_panic_in_a_library_is_a_failure_of_its_caller_alone() {
        let library = Path::new("/nowhere/panics.so");
        let failed =
            ask(library, Duration::from_secs(60), |_| -> Result<(), KmsError> { panic!("on purpose") });
        assert_eq!(failed, Err(KmsError::Failed("the call failed".into())));
        assert_eq!(ask(library, Duration::from_secs(60), |_| Ok(3)), Ok(3));
    }

    #[test]
    fn a_library_that_is_not_there_is_named() {
        let pin = zeroize::Zeroizing::new("5ec4e7".to_owned());
        let place = TokenPlace { module: "/nowhere/a.so".into(), token: "t".into(), key: "k".into(), pin };
        let asked = place.clone();
        let found = ask(&place.module, Duration::from_secs(60), move |module| module.fingerprint(&asked));
        let error = found.unwrap_err().to_string();
        assert!(error.contains("/nowhere/a.so") && !error.contains("5ec4e7"), "{error}");
        assert!(!format!("{place:?}").contains("5ec4e7"));
    }
}
