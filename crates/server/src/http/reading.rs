//! Reads pages for partners.

use std::str::FromStr;

use app::{Cursor, Failed, StoreError, Tx};
use domain::page::Page;

use super::omitted;
use super::problem::{Refusal, Rejection};
use crate::state::AppState;

/// Reads a page for a partner. It omits unreadable items, and the answer's header names them.
///
/// If no item of a page is readable, the next page is read instead. The partner could not request it, because a
/// cursor is an item's id.
pub async fn page<T, I, R>(
    state: &AppState, cursor: Cursor<I>,
    use_case: impl Fn(&mut Tx<'_>, &Cursor<I>) -> Result<Page<T>, Failed<R>> + Send + 'static,
) -> Result<Page<T>, Rejection>
where
    T: Send + 'static,
    I: FromStr + Copy + Send + 'static,
    R: Refusal + Send + 'static,
{
    let whole = move |tx: &mut Tx<'_>| {
        let (mut at, mut left_out) = (cursor, Vec::new());
        loop {
            let mut page = use_case(tx, &at)?;
            left_out.append(&mut page.unreadable);
            let Some(last) = left_out.last().filter(|_| page.items.is_empty() && page.has_more) else {
                return Ok::<_, Failed<R>>((page, left_out));
            };
            let last =
                last.id.parse().map_err(|_| StoreError::Corrupt("a page of ids that are none".into()))?;
            at.after = Some(last);
        }
    };
    let (page, left_out) = state.store.list(whole).await?;
    omitted::note(left_out.into_iter().map(|unreadable| unreadable.id));
    Ok(page)
}
