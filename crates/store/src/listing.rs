//! Lists: filters, a sort key, a cursor and one row more than the page.

use std::collections::HashMap;

use domain::id::{PartnerId, ResourceId};
use domain::page::{Limit, Order, Page};
use domain::time::Timestamp;

use crate::db::error::StoreError;
use crate::db::rows::{in_chunks, tuples};
use crate::db::tx::Tx;
use crate::db::value::{Arg, Column, Row, ToArg};
use crate::document::corrupt;

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
    /// How many of the conditions the cursor's row must meet as well: those that say whose list it is.
    scope: usize,
    /// The conditions that find few rows by an index of their own, whatever the list is sorted by.
    found_by: Vec<usize>,
    /// The column by whose values the list is read in parts, and how many of the conditions find these values.
    parts: Option<(&'static str, usize)>,
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
pub(crate) const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

impl<'a> Listing<'a> {
    pub(crate) fn of(table: &'static str, columns: &'static str, partner: &'a PartnerId) -> Self {
        Self::across(table, columns).within("partner_id", Some(partner))
    }

    /// A list over all partners, for operators.
    pub(crate) fn across(table: &'static str, columns: &'static str) -> Self {
        Self {
            table,
            columns,
            id_column: "id",
            sort: "created_at",
            conditions: Vec::new(),
            args: Vec::new(),
            scope: 0,
            found_by: Vec::new(),
            parts: None,
            gone: Gone::Never,
        }
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

    /// Keeps the rows of this owner, where one is given; a cursor of another owner is unknown. Comes before all filters.
    pub(crate) fn within(self, column: &'static str, owner: Option<&'a (impl ToArg + ?Sized)>) -> Self {
        debug_assert_eq!(self.scope, self.conditions.len(), "owners come before filters");
        let mut listing = self.having(column, owner);
        listing.scope = listing.conditions.len();
        listing
    }

    /// Keeps the rows whose column has this value, where one is given.
    pub(crate) fn having(self, column: &'static str, value: Option<&'a (impl ToArg + ?Sized)>) -> Self {
        self.compared(column, "=", value)
    }

    /// Keeps the rows that meet a condition. A partial index serves a list only if the text of its statement repeats the
    /// index's condition: planners do not know the values of arguments.
    pub(crate) fn meeting(mut self, condition: &'static str) -> Self {
        self.conditions.push(condition.to_owned());
        self
    }

    /// Keeps the few rows whose column has this value, where one is given. They are found first and sorted then: a
    /// planner that knows too little would read the whole table in the list's order instead.
    pub(crate) fn found_by(self, column: &'static str, value: Option<&'a (impl ToArg + ?Sized)>) -> Self {
        let place = self.conditions.len();
        let mut listing = self.having(column, value);
        listing.found_by.extend(place..listing.conditions.len());
        listing
    }

    /// Reads the list in parts, one for each value of this column, and puts them together. So an index that has the
    /// column between the conditions so far and the sort key also serves lists that do not filter by it.
    pub(crate) fn in_parts_of(mut self, column: &'static str) -> Self {
        self.parts = Some((column, self.conditions.len()));
        self
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
        self,
        tx: &mut Tx<'_>,
        cursor: &Cursor<I>,
        read: impl Fn(&Row<'_>) -> Result<S, StoreError>,
        open: impl FnMut(S, &mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<Result<Page<T>, UnknownCursor>, StoreError> {
        let after = match &cursor.after {
            None => None,
            Some(after) => match self.place_after(tx, cursor.order, after)? {
                None => return Ok(Err(UnknownCursor)),
                place => place,
            },
        };
        let mut rows = match self.parts {
            None => self.part(tx, cursor, after.as_ref(), None, |row| Ok(listed(row, &read)))?,
            Some((column, conditions)) => {
                let mut places = Vec::new();
                for value in self.values(tx, column, conditions)? {
                    let place = |row: &Row<'_>| Ok((Place::read(row, 0), listed(row, |_| Ok(())).0));
                    places.extend(self.part(tx, cursor, after.as_ref(), Some((column, value)), place)?);
                }
                places.sort_unstable();
                if cursor.order == Order::Descending {
                    places.reverse();
                }
                places.truncate(cursor.limit.get() + 1);
                self.at(tx, places, &read)?
            }
        };
        let has_more = rows.len() > cursor.limit.get();
        rows.truncate(cursor.limit.get());
        opened(tx, self.table, rows, has_more, open).map(Ok)
    }

    /// The rows of a page whose places are known, in their order.
    fn at<S>(
        &self,
        tx: &mut Tx<'_>,
        places: Vec<(Place, String)>,
        read: &impl Fn(&Row<'_>) -> Result<S, StoreError>,
    ) -> Result<Vec<Listed<S>>, StoreError> {
        let Self { table, columns, id_column, scope, .. } = self;
        let ids: Vec<String> = places.into_iter().map(|(_place, id)| id).collect();
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in in_chunks(&ids) {
            let mut conditions = self.conditions[..*scope].to_vec();
            conditions.push(format!("{id_column} in {}", tuples(1, chunk.len(), scope + 1)));
            let sql = format!("select {columns}, {id_column} from {table}{}", filter(&conditions));
            let given = chunk.iter().map(ToArg::to_arg);
            let args: Vec<Arg<'_>> = self.args[..*scope].iter().cloned().chain(given).collect();
            found.extend(tx.query(&sql, &args, |row| Ok(listed(row, read)))?);
        }
        let lost = || Err(corrupt("the row of a known place is not found by its id"));
        let rows = ids.into_iter().map(|id| {
            let row = found.remove(&id).unwrap_or_else(lost);
            (id, row)
        });
        Ok(rows.collect())
    }

    /// One row more than the page, of the part of the list whose column has a value, or of all of it. Of a part only the
    /// place and the id are read, which an index knows.
    fn part<I, R>(
        &self,
        tx: &mut Tx<'_>,
        cursor: &Cursor<I>,
        after: Option<&(Place, String)>,
        part: Option<(&str, String)>,
        read: impl Fn(&Row<'_>) -> Result<R, StoreError>,
    ) -> Result<Vec<R>, StoreError> {
        let Self { sort, id_column, .. } = self;
        let mut args: Vec<Arg<'_>> = self.args.clone();
        let columns = if part.is_some() { String::new() } else { format!("{}, ", self.columns) };
        let (select, mut conditions) = self.source(&columns);
        if let Some((column, value)) = part {
            args.push(Arg::Text(value.into()));
            conditions.push(format!("{column} = ${}", args.len()));
        }
        let (side, direction) = match cursor.order {
            Order::Ascending => (">", "asc"),
            Order::Descending => ("<", "desc"),
        };
        // A key that is named twice keeps SQLite from the index.
        let by_id = sort == id_column;
        if let Some((place, id)) = after {
            args.extend((!by_id).then(|| place.to_arg()));
            args.push(id.to_arg());
            let last = args.len();
            conditions.push(if by_id {
                format!("{id_column} {side} ${last}")
            } else {
                format!("({sort}, {id_column}) {side} (${}, ${last})", last - 1)
            });
        }
        let by = if by_id { String::new() } else { format!("{sort} {direction}, ") };
        let sql = format!(
            "{select}{} order by {by}{id_column} {direction} limit {}",
            filter(&conditions),
            cursor.limit.get() + 1
        );
        tx.query(&sql, &args, read)
    }

    /// The source of columns of the list's rows, of their places and of their ids, up to its remaining conditions.
    fn source(&self, columns: &str) -> (String, Vec<String>) {
        let Self { table, sort, id_column, .. } = self;
        let select = format!("select {columns}{sort}, {id_column} from");
        if self.found_by.is_empty() {
            return (format!("{select} {table}"), self.conditions.clone());
        }
        let finds = |place: &usize| *place < self.scope || self.found_by.contains(place);
        let (first, then): (Vec<usize>, Vec<usize>) = (0..self.conditions.len()).partition(finds);
        let named =
            |places: Vec<usize>| places.into_iter().map(|place| self.conditions[place].clone()).collect();
        let (first, then): (Vec<String>, Vec<String>) = (named(first), named(then));
        let found = filter(&first);
        (format!("with found as materialized (select * from {table}{found}) {select} found"), then)
    }

    /// The values of a column in the list. Each look-up finds the next one in an index.
    fn values(&self, tx: &mut Tx<'_>, column: &str, conditions: usize) -> Result<Vec<String>, StoreError> {
        let mut args: Vec<Arg<'_>> = self.args[..conditions].to_vec();
        let mut conditions = self.conditions[..conditions].to_vec();
        let sql =
            |conditions: &[String]| format!("select min({column}) from {}{}", self.table, filter(conditions));
        let first = sql(&conditions);
        conditions.push(format!("{column} > ${}", args.len() + 1));
        let next = sql(&conditions);
        let mut values: Vec<String> = Vec::new();
        let mut found = tx.query_one(&first, &args, |row| row.get::<Option<String>>(0))?;
        while let Some(value) = found {
            args.truncate(conditions.len() - 1);
            args.push(Arg::Text(value.clone().into()));
            values.push(value);
            found = tx.query_one(&next, &args, |row| row.get::<Option<String>>(0))?;
        }
        Ok(values)
    }

    /// The place of the cursor's row: its sort key and its id. `None` where the list does not know it.
    fn place_after<I: ToArg>(
        &self,
        tx: &mut Tx<'_>,
        order: Order,
        after: &I,
    ) -> Result<Option<(Place, String)>, StoreError> {
        Ok(match (self.place_of(tx, after)?, after.to_arg()) {
            (Some(place), Arg::Text(id)) => Some((place, id.into_owned())),
            (Some(_), _) => None,
            (None, _) => self.gone.place(self.sort, order, after),
        })
    }

    /// The sort key of the cursor's row, which must be of the list's owner.
    fn place_of<I: ToArg>(&self, tx: &mut Tx<'_>, after: &I) -> Result<Option<Place>, StoreError> {
        let mut conditions = self.conditions[..self.scope].to_vec();
        conditions.push(format!("{} = ${}", self.id_column, self.scope + 1));
        let sql = format!("select {} from {}{}", self.sort, self.table, filter(&conditions));
        let args: Vec<Arg<'_>> = self.args[..self.scope].iter().cloned().chain([after.to_arg()]).collect();
        tx.query_opt(&sql, &args, |row| Ok(Place::read(row, 0)))
    }
}

fn filter(conditions: &[String]) -> String {
    if conditions.is_empty() {
        return String::new();
    }
    format!(" where {}", conditions.join(" and "))
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

/// A page whose items are completed by what was read for all of them together. A damaged one is marked.
pub(crate) fn completed<S, T>(
    tx: &mut Tx<'_>,
    table: &'static str,
    page: Page<S>,
    id_of: impl Fn(&S) -> String,
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
                whole.push_unreadable(id);
            }
            Ok((_, Err(error))) => return Err(error),
            Err(mark) => whole.push_unreadable(mark.id),
        }
    }
    Ok(whole)
}

/// A sort key. Where one is damaged, SQLite may hold a text or bytes instead of a number, and sorts them in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Place {
    fn read(row: &Row<'_>, column: usize) -> Self {
        let text = || String::read(row, column).map(Self::Text);
        let bytes = || Vec::read(row, column).map(Self::Bytes);
        let place = i64::read(row, column).map(Self::Int).or_else(|_| text()).or_else(|_| bytes());
        place.unwrap_or(Self::Bytes(Vec::new()))
    }

    fn to_arg(&self) -> Arg<'_> {
        match self {
            Self::Int(int) => Arg::Int(*int),
            Self::Text(text) => Arg::Text(text.as_str().into()),
            Self::Bytes(bytes) => Arg::Bytes(bytes.as_slice().into()),
        }
    }
}
