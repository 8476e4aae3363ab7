//! Lists: filters, a sort key, a cursor and one row more than the page.

use domain::id::{PartnerId, ResourceId};
use domain::page::{Limit, Order, Page};
use domain::time::Timestamp;

use crate::db::{Arg, Column, Row, ToArg};
use crate::{StoreError, Tx};

/// A cursor that is not the caller's, or not of this kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCursor;

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<I> {
    /// After this item; from the beginning where `None`.
    pub after: Option<I>,
    /// How many items.
    pub limit: Limit,
    /// Which way.
    pub order: Order,
}

impl<I> Cursor<I> {
    /// The first page of the default size, newest first.
    pub fn first(limit: Limit) -> Self {
        Self { after: None, limit, order: Order::Descending }
    }
}

/// A list under construction. Only column names written in this crate get into its SQL.
pub(crate) struct Listing<'a> {
    table: &'static str,
    columns: &'static str,
    id_column: &'static str,
    sort: &'static str,
    conditions: Vec<String>,
    args: Vec<Arg<'a>>,
    gone: Gone,
}

/// Whether the row of a cursor may be gone while its list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// No: a cursor without a row is nobody's.
    Never,
    /// It may have been deleted. The list goes on from the place that the id itself names: the id, or in a list by moments
    /// its millisecond, whose other items may come once more.
    Possible(Timestamp),
}

impl Gone {
    /// [`Gone::Possible`] where the cursor's row may have been deleted, by what its id says. Ids that were never made here
    /// are no UUIDv7.
    pub(crate) fn of<I: ResourceId>(cursor: &Cursor<I>, deleted: impl FnOnce(I) -> bool) -> Self {
        match cursor.after.filter(|id| id.uuid().get_version_num() == 7) {
            Some(id) if deleted(id) => Self::Possible(id.moment()),
            _ => Self::Never,
        }
    }

    /// The place of a cursor whose row is gone: sort key and id.
    fn place<I: ToArg>(self, sort: &str, order: Order, after: &I) -> Option<(Place, String)> {
        match (self, after.to_arg()) {
            (Self::Possible(_), Arg::Text(id)) if sort == "id" => {
                Some((Place::Text(id.clone().into()), id.into()))
            }
            (Self::Possible(moment), _) => {
                let edge = match order {
                    Order::Ascending => moment,
                    Order::Descending => moment.plus(MILLISECOND),
                };
                Some((Place::Int(edge.micros()), String::new()))
            }
            (Self::Never, _) => None,
        }
    }
}

/// Ids hold their moment in milliseconds.
const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

impl<'a> Listing<'a> {
    pub(crate) fn of(table: &'static str, columns: &'static str, partner: &'a PartnerId) -> Self {
        Self::across(table, columns).having("partner_id", Some(partner))
    }

    /// A list over all partners, for operators.
    pub(crate) fn across(table: &'static str, columns: &'static str) -> Self {
        let (conditions, args) = (Vec::new(), Vec::new());
        Self { table, columns, id_column: "id", sort: "created_at", conditions, args, gone: Gone::Never }
    }

    /// Says whether the cursor's row may be gone.
    pub(crate) fn whose_cursor_may_be(mut self, gone: Gone) -> Self {
        self.gone = gone;
        self
    }

    /// Names the id's column where it is not `id`.
    pub(crate) fn id_column(mut self, column: &'static str) -> Self {
        self.id_column = column;
        self
    }

    /// Sorts by another column than `created_at`.
    pub(crate) fn sorted_by(mut self, column: &'static str) -> Self {
        self.sort = column;
        self
    }

    /// Keeps the rows whose column has this value, where one is given.
    pub(crate) fn having(self, column: &'static str, value: Option<&'a (impl ToArg + ?Sized)>) -> Self {
        self.compared(column, "=", value)
    }

    /// Keeps the rows whose column has at least this value, where one is given.
    pub(crate) fn from(self, column: &'static str, value: Option<&'a (impl ToArg + ?Sized)>) -> Self {
        self.compared(column, ">=", value)
    }

    /// Keeps the rows whose column has less than this value, where one is given.
    pub(crate) fn before(self, column: &'static str, value: Option<&'a (impl ToArg + ?Sized)>) -> Self {
        self.compared(column, "<", value)
    }

    fn compared(
        mut self,
        column: &'static str,
        comparison: &'static str,
        value: Option<&'a (impl ToArg + ?Sized)>,
    ) -> Self {
        if let Some(value) = value {
            self.args.push(value.to_arg());
            self.conditions.push(format!("{column} {comparison} ${}", self.args.len()));
        }
        self
    }

    /// Runs a list whose rows are items as they are.
    pub(crate) fn rows<I: ToArg, T>(
        self,
        tx: &mut Tx<'_>,
        cursor: &Cursor<I>,
        read: impl Fn(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Result<Page<T>, UnknownCursor>, StoreError> {
        self.page(tx, cursor, read, |item, _tx| Ok(item))
    }

    /// Runs the list: reads its rows, then opens each.
    pub(crate) fn page<I: ToArg, S, T>(
        mut self,
        tx: &mut Tx<'_>,
        cursor: &Cursor<I>,
        read: impl Fn(&Row<'_>) -> Result<S, StoreError>,
        open: impl FnMut(S, &mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<Result<Page<T>, UnknownCursor>, StoreError> {
        if let Some(after) = &cursor.after {
            let found = match (self.place_of(tx, after)?, after.to_arg()) {
                (Some(place), Arg::Text(id)) => Some((place, id.into_owned())),
                (Some(_), _) => None,
                (None, _) => self.gone.place(self.sort, cursor.order, after),
            };
            let Some((place, id_text)) = found else { return Ok(Err(UnknownCursor)) };
            let (sort, id) = (self.args.len() + 1, self.args.len() + 2);
            let side = if cursor.order == Order::Ascending { ">" } else { "<" };
            self.conditions.push(format!("({}, {}) {side} (${sort}, ${id})", self.sort, self.id_column));
            self.args.push(place.into_arg());
            self.args.push(Arg::Text(id_text.into()));
        }
        let direction = if cursor.order == Order::Ascending { "asc" } else { "desc" };
        let sql = format!(
            "select {}, {} from {} {} order by {} {direction}, {} {direction} limit {}",
            self.columns,
            self.id_column,
            self.table,
            self.filter(),
            self.sort,
            self.id_column,
            cursor.limit.get() + 1,
        );
        let mut rows = tx.query(&sql, &self.args, |row| Ok(listed(row, &read)))?;
        let has_more = rows.len() > cursor.limit.get();
        rows.truncate(cursor.limit.get());
        opened(tx, self.table, rows, has_more, open).map(Ok)
    }

    fn filter(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!("where {}", self.conditions.join(" and "))
        }
    }

    /// The sort key of the cursor's row, which must be the partner's where the list is a partner's.
    fn place_of<I: ToArg>(&self, tx: &mut Tx<'_>, after: &I) -> Result<Option<Place>, StoreError> {
        let owned = self.conditions.first().filter(|condition| condition.starts_with("partner_id "));
        let (owner, at) = match owned {
            Some(condition) => (format!("{condition} and "), 2),
            None => (String::new(), 1),
        };
        let sql = format!("select {} from {} where {owner}{} = ${at}", self.sort, self.table, self.id_column);
        let args: Vec<Arg<'_>> = self.args.iter().take(at - 1).cloned().chain([after.to_arg()]).collect();
        let textual = matches!(self.sort, "name_code" | "id");
        tx.query_opt(&sql, &args, |row| {
            let text = || String::read(row, 0).map(Place::Text);
            // Where a moment is damaged, SQLite may hold a text there, and sorts by it.
            if textual { text() } else { i64::read(row, 0).map(Place::Int).or_else(|_| text()) }
        })
    }
}

/// A row of a list: its id, and what was read of it.
pub(crate) type Listed<S> = (String, Result<S, StoreError>);

/// Reads a row whose last column is its id.
pub(crate) fn listed<S>(row: &Row<'_>, read: impl Fn(&Row<'_>) -> Result<S, StoreError>) -> Listed<S> {
    let id = String::read(row, row.columns() - 1);
    (id.unwrap_or_else(|_no_text| "unreadable".to_owned()), read(row))
}

/// A page of rows, each opened. A damaged one is marked, so that it hides nothing but itself.
pub(crate) fn opened<S, T>(
    tx: &mut Tx<'_>,
    table: &'static str,
    rows: Vec<Listed<S>>,
    has_more: bool,
    mut open: impl FnMut(S, &mut Tx<'_>) -> Result<T, StoreError>,
) -> Result<Page<T>, StoreError> {
    let mut page = Page::empty(has_more);
    for (id, row) in rows {
        match row.and_then(|row| open(row, tx)) {
            Ok(item) => page.items.push(item),
            Err(StoreError::Corrupt(reason)) => {
                tracing::error!(table, row.id = id, reason, "a row of a list cannot be read; it is marked");
                page.push_unreadable(id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(page)
}

enum Place {
    Int(i64),
    Text(String),
}

impl Place {
    fn into_arg(self) -> Arg<'static> {
        match self {
            Self::Int(int) => Arg::Int(int),
            Self::Text(text) => Arg::Text(text.into()),
        }
    }
}
