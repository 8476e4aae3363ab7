//! Passwords are hashed away from the threads that answer requests, and only a few at once: each hash takes a processor
//! and 19 MiB for tens of milliseconds.

use std::sync::Arc;

use app::database::Random;
use app::people::passwords::{self, PasswordRefused};
use domain::access::PasswordHash;

use crate::state::AppState;

/// Whether a password has this hash. Without a hash it takes as long and answers no.
pub(in crate::pages) async fn matches(
    state: &AppState, password: String, hash: Option<PasswordHash>,
) -> bool {
    hashed(state, move || passwords::matches(&password, hash.as_ref())).await
}

/// The hash of a new password, if it is good enough. `own` are words that others know of the person.
pub(in crate::pages) async fn chosen(
    state: &AppState, password: String, own: Vec<String>,
) -> Result<PasswordHash, PasswordRefused> {
    hashed(state, move || {
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        passwords::check(&password, &own)?;
        Ok(passwords::hash(&password, Random::open().bytes()))
    })
    .await
}

async fn hashed<T: Send + 'static>(state: &AppState, work: impl FnOnce() -> T + Send + 'static) -> T {
    let permit = Arc::clone(&state.hashing).acquire_owned().await.expect("the semaphore is never closed");
    let work = tokio::task::spawn_blocking(move || {
        // The work goes on if its caller leaves, so it holds the permit.
        let _held = permit;
        work()
    });
    work.await.expect("hashing a password does not panic")
}
