//! Rows of a list. A damaged row is marked and hides no other row.

use domain::page::Page;

use crate::db::error::StoreError;
use crate::db::tx::Tx;
use crate::db::value::{Arg, Column, Row};
use crate::document::corrupt;
use crate::table::{Col, Projection, Table};

/// A row with its id, which is selected after it. An unreadable row keeps its error.
pub(crate) type Marked<P> = (Result<P, StoreError>, RowId);

/// The id of a listed row, for its mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId(pub(super) String);

impl RowId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The id, if the text is one.
    pub(crate) fn parse<I: std::str::FromStr<Err: std::fmt::Display>>(&self) -> Result<I, StoreError> {
        self.0.parse().map_err(corrupt)
    }
}

impl Column for RowId {
    fn read(row: &Row<'_>, index: usize) -> Result<Self, StoreError> {
        let text = String::read(row, index).or_else(|_no_text| Ok(i64::read(row, index)?.to_string()));
        Ok(Self(text.unwrap_or_else(|_: StoreError| "unreadable".to_owned())))
    }
}

impl Tx<'_> {
    /// The rows of a table that match `rest`, each with the id under which it is marked if it is damaged.
    #[track_caller]
    pub(crate) fn find_marked<P: Projection, I>(
        &mut self, id: Col<P::Of, I>, rest: &str, args: &[Arg<'_>],
    ) -> Result<Vec<Marked<P>>, StoreError> {
        self.fetch_all(&format!("select {}, {} from {} {rest}", P::list(), id.name(), P::Of::NAME), args)
    }
}

/// A page of opened rows. A damaged row is marked, so that it hides only itself.
pub(crate) fn opened<P: Projection, T>(
    tx: &mut Tx<'_>, rows: Vec<Marked<P>>, has_more: bool,
    mut open: impl FnMut(P, &mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError> {
    let mut page = Page::empty(has_more);
    for (row, RowId(id)) in rows {
        match row.and_then(|row| open(row, tx)) {
            Ok(item) => page.items.push(item),
            Err(StoreError::Corrupt(reason)) => {
                let table = P::Of::NAME;
                tracing::error!(table, row.id = id, reason, "a row of a list cannot be read; it is marked");
                tx.note_unreadable(table, &id);
                page.push_unreadable(id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(page)
}

/// [`opened`] for a page. `rows` has one row more than the page if there is a next page.
pub(crate) fn opened_page<P: Projection, T>(
    tx: &mut Tx<'_>, mut rows: Vec<Marked<P>>, limit: usize,
    open: impl FnMut(P, &mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError> {
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    opened(tx, rows, has_more, open)
}

/// A page whose items are completed by values that were read for all of them together. A damaged item is marked.
pub(crate) fn completed<S, T>(
    tx: &mut Tx<'_>, table: &'static str, page: Page<S>, id_of: impl Fn(&S) -> String,
    mut complete: impl FnMut(S, &mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError> {
    let mut whole = Page::empty(page.has_more);
    for item in page.in_order(Ok, Err) {
        match item.map(|item| (id_of(&item), complete(item, tx))) {
            Ok((_, Ok(item))) => whole.items.push(item),
            Ok((id, Err(StoreError::Corrupt(reason)))) => {
                tracing::error!(
                    table,
                    row.id = id,
                    reason,
                    "rows of a list's item cannot be read; it is marked"
                );
                tx.note_unreadable(table, &id);
                whole.push_unreadable(id);
            }
            Ok((_, Err(error))) => return Err(error),
            Err(mark) => whole.push_unreadable(mark.id),
        }
    }
    Ok(whole)
}
