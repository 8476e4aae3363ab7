//! Runs use cases that only read.

use store::{Failed, Tx};
use wire::problem::Problem;

use super::problem::Rejection;
use crate::state::AppState;

/// Reads on one snapshot.
pub async fn read<T, R>(
    state: &AppState,
    use_case: impl Fn(&mut Tx<'_>) -> Result<T, Failed<R>> + Send + 'static,
) -> Result<T, Rejection>
where
    T: Send + 'static,
    R: Into<Problem> + Send + 'static,
{
    Ok(state.store.read(use_case).await?)
}

/// Looks one thing up, by a single statement.
pub async fn look_up<T, R>(
    state: &AppState,
    use_case: impl Fn(&mut Tx<'_>) -> Result<T, Failed<R>> + Send + 'static,
) -> Result<T, Rejection>
where
    T: Send + 'static,
    R: Into<Problem> + Send + 'static,
{
    Ok(state.store.look_up(use_case).await?)
}
