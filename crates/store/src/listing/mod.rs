//! Lists: filters, a sort key, a cursor and one row more than the page.

mod marked;
pub(crate) mod text;

use std::borrow::Cow;
use std::collections::HashMap;

use domain::id::ResourceId;
use domain::page::{Limit, Order, Page};
use domain::time::Timestamp;

use self::marked::RowId;
pub(crate) use self::marked::{Marked, completed, opened, opened_page};
use self::text::{Comparison, Condition, Place, Role, Statement, Test};
use crate::db::error::StoreError;
use crate::db::rows::in_chunks;
use crate::db::tx::Tx;
use crate::db::value::{Arg, ToArg};
use crate::document::corrupt;
use crate::table::{Col, Holds, Projection, Selected, Table};

/// A cursor of another caller, or of another kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCursor;

/// The place at which a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor<I> {
    /// The last item before the page; `None` for the first page.
    pub after: Option<I>,
    /// The number of items.
    pub limit: Limit,
    /// The direction of the list.
    pub order: Order,
}

impl<I> Cursor<I> {
    /// The first page of this size, newest first.
    pub fn first(limit: Limit) -> Self {
        Self { after: None, limit, order: Order::Descending }
    }
}

/// Whether the row of a cursor may be gone while its list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gone {
    /// It cannot: a cursor without a row is invalid.
    Never,
    /// It may have been deleted. The list goes on from the place that the id itself names. In a list by ids that is the
    /// id; in a list by moments its millisecond, whose other items may come once more.
    Possible(Timestamp),
    /// It may have been deleted. The cursor itself names its sort key.
    Named(i64),
}

impl Gone {
    /// [`Gone::Possible`] if `deleted` says so of the cursor's id. An id that is no UUIDv7 was never made here.
    pub(crate) fn of<I: ResourceId>(cursor: &Cursor<I>, deleted: impl FnOnce(I) -> bool) -> Self {
        match cursor.after.filter(|id| id.uuid().get_version_num() == 7) {
            Some(id) if deleted(id) => Self::Possible(id.moment()),
            _ => Self::Never,
        }
    }

    /// The place of a cursor whose row is gone: sort key and id.
    fn place<I: ToArg>(self, sorts: Sort, order: Order, after: &I) -> Option<(Place, RowId)> {
        match (self, sorts, after.to_arg()) {
            (Self::Possible(_), Sort::ById, Arg::Text(id)) => {
                Some((Place::Text(id.clone().into()), RowId(id.into())))
            }
            (Self::Named(sort), Sort::By(_), Arg::Text(id)) => Some((Place::Int(sort), RowId(id.into()))),
            (Self::Possible(moment), ..) => {
                let edge = match order {
                    Order::Ascending => moment,
                    Order::Descending => moment.plus(MILLISECOND),
                };
                Some((Place::Int(edge.micros()), RowId(String::new())))
            }
            (Self::Never | Self::Named(_), ..) => None,
        }
    }
}

/// Ids hold their moment in milliseconds.
pub(crate) const MILLISECOND: std::time::Duration = std::time::Duration::from_millis(1);

/// The first sort key of a list; the second is the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// None. If a key is named twice, a planner may not use the index.
    ById,
    By(&'static str),
}

/// A list under construction, of columns of a declared table.
pub(crate) struct Listing<'a, P> {
    id: &'static str,
    sort: Sort,
    conditions: Vec<Condition<'a>>,
    /// The column by whose values the list is read in parts, and the number of conditions that find these values.
    parts: Option<(&'static str, usize)>,
    gone: Gone,
    rows: std::marker::PhantomData<fn() -> P>,
}

impl<'a, P: Projection> Listing<'a, P> {
    /// A list by a column, then by ids. Without [`within`](Self::within) it covers all partners, for operators.
    pub(crate) fn by<S, I>(sort: Col<P::Of, S>, id: Col<P::Of, I>) -> Self {
        Self { sort: Sort::By(sort.name()), ..Self::by_id(id) }
    }

    /// A list by ids.
    pub(crate) fn by_id<I>(id: Col<P::Of, I>) -> Self {
        Self {
            id: id.name(),
            sort: Sort::ById,
            conditions: Vec::new(),
            parts: None,
            gone: Gone::Never,
            rows: std::marker::PhantomData,
        }
    }

    /// Says whether the cursor's row may be gone.
    pub(crate) fn whose_cursor_may_be(mut self, gone: Gone) -> Self {
        self.gone = gone;
        self
    }

    /// Keeps the rows of this owner, if one is given. A cursor of another owner is unknown. Call it before all filters.
    pub(crate) fn within<T: Holds<V>, V: ToArg>(self, column: Col<P::Of, T>, owner: Option<&'a V>) -> Self {
        self.compared(Role::Owner, column, Comparison::Equal, owner)
    }

    /// Keeps the rows whose column has this value, if one is given.
    pub(crate) fn having<T: Holds<V>, V: ToArg>(self, column: Col<P::Of, T>, value: Option<&'a V>) -> Self {
        self.compared(Role::Filters, column, Comparison::Equal, value)
    }

    /// Keeps the rows that meet a condition, which has no values from outside. A partial index serves a list only if the text of its statement repeats the
    /// index's condition: planners do not know the values of arguments.
    pub(crate) fn meeting(mut self, condition: impl Into<Cow<'static, str>>) -> Self {
        self.conditions.push(Condition::new(Role::Filters, Test::Text(condition.into())));
        self
    }

    /// Keeps the few rows whose column has this value, if one is given. They are found first and then sorted. Without
    /// this, a planner with too little knowledge would read the whole table in the list's order.
    pub(crate) fn found_by<T: Holds<V>, V: ToArg>(self, column: Col<P::Of, T>, value: Option<&'a V>) -> Self {
        self.compared(Role::Finds, column, Comparison::Equal, value)
    }

    /// Reads the list in parts, one for each value of this column, and merges them. So one index also serves lists
    /// without a filter by this column. The index has the column between the conditions so far and the sort key.
    pub(crate) fn in_parts_of<T>(mut self, column: Col<P::Of, T>) -> Self {
        self.parts = Some((column.name(), self.conditions.len()));
        self
    }

    /// Keeps the rows whose column has at least this value, if one is given.
    pub(crate) fn from<T: Holds<V>, V: ToArg>(self, column: Col<P::Of, T>, value: Option<&'a V>) -> Self {
        self.compared(Role::Filters, column, Comparison::AtLeast, value)
    }

    /// Keeps the rows whose column has less than this value, if one is given.
    pub(crate) fn before<T: Holds<V>, V: ToArg>(self, column: Col<P::Of, T>, value: Option<&'a V>) -> Self {
        self.compared(Role::Filters, column, Comparison::Less, value)
    }

    fn compared<T, V: ToArg>(
        mut self, role: Role, column: Col<P::Of, T>, comparison: Comparison, value: Option<&'a V>,
    ) -> Self {
        if let Some(value) = value {
            let test = Test::Compared(column.name(), comparison, value.to_arg());
            self.conditions.push(Condition::new(role, test));
        }
        self
    }

    /// Runs the list: reads its rows, then opens each row.
    pub(crate) fn page<I: ToArg, T>(
        self, tx: &mut Tx<'_>, cursor: &Cursor<I>, open: impl FnMut(P, &mut Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<Result<Page<T>, UnknownCursor>, StoreError> {
        let after = match &cursor.after {
            None => None,
            Some(after) => match self.place_after(tx, cursor.order, after)? {
                None => return Ok(Err(UnknownCursor)),
                place => place,
            },
        };
        let rows: Vec<Marked<P>> = match self.parts {
            None => self.part(tx, P::list(), (cursor, after.as_ref()), None)?,
            Some((column, conditions)) => {
                let mut places: Vec<(Place, RowId)> = Vec::new();
                for value in self.values(tx, column, conditions)? {
                    // A part reads only the place and the id, which an index holds.
                    let part = Condition::equal(column, Arg::Text(value.into()));
                    places.extend(self.part(tx, self.key(), (cursor, after.as_ref()), Some(&part))?);
                }
                places.sort_unstable();
                if cursor.order == Order::Descending {
                    places.reverse();
                }
                places.truncate(cursor.limit.get() + 1);
                self.at(tx, places)?
            }
        };
        opened_page(tx, rows, cursor.limit.get(), open).map(Ok)
    }

    /// The sort key, or the id if there is none.
    fn key(&self) -> &'static str {
        match self.sort {
            Sort::ById => self.id,
            Sort::By(column) => column,
        }
    }

    fn owners(&self) -> impl Iterator<Item = &Condition<'a>> {
        self.conditions.iter().filter(|condition| condition.role == Role::Owner)
    }

    /// The rows of a page with known places, in their order.
    fn at(&self, tx: &mut Tx<'_>, places: Vec<(Place, RowId)>) -> Result<Vec<Marked<P>>, StoreError> {
        let (id, table) = (self.id, P::Of::NAME);
        let ids: Vec<RowId> = places.into_iter().map(|(_place, id)| id).collect();
        let mut found = HashMap::with_capacity(ids.len());
        for chunk in in_chunks(&ids) {
            let these = chunk.iter().map(|RowId(id)| Arg::Text(id.into())).collect();
            let these = Condition::new(Role::Filters, Test::In(id, these));
            let Statement { sql, args } = Statement::of(format!("select {}, {id} from {table}", P::list()))
                .filter(self.owners().chain([&these]));
            let rows: Vec<Marked<P>> = tx.fetch_all(&sql, &args)?;
            found.extend(rows.into_iter().map(|(row, id)| (id, row)));
        }
        let lost = || Err(corrupt("the row of a known place is not found by its id"));
        let rows = ids.into_iter().map(|id| {
            let row = found.remove(&id).unwrap_or_else(lost);
            (row, id)
        });
        Ok(rows.collect())
    }

    /// One row more than the page, of the rows that meet a further condition, or of all rows.
    fn part<I, S: Selected>(
        &self, tx: &mut Tx<'_>, columns: &str, (cursor, after): (&Cursor<I>, Option<&(Place, RowId)>),
        part: Option<&Condition<'_>>,
    ) -> Result<Vec<S>, StoreError> {
        let (id, table) = (self.id, P::Of::NAME);
        let (side, direction) = match cursor.order {
            Order::Ascending => (Comparison::More, "asc"),
            Order::Descending => (Comparison::Less, "desc"),
        };
        let beyond = after.map(|(place, RowId(last))| {
            let last = Arg::Text(last.into());
            let test = match self.sort {
                Sort::ById => Test::Compared(id, side, last),
                Sort::By(sort) => Test::Beyond([sort, id], side, [place.to_arg(), last]),
            };
            Condition::new(Role::Filters, test)
        });
        let rest = part.into_iter().chain(&beyond);
        let first = |condition: &&Condition<'_>| condition.role != Role::Filters;
        let select = format!("select {columns}, {id} from");
        let statement = if self.conditions.iter().any(|condition| condition.role == Role::Finds) {
            Statement::of(format!("with found as materialized (select * from {table}"))
                .filter(self.conditions.iter().filter(first))
                .text(&format!(") {select} found"))
                .filter(self.conditions.iter().filter(|condition| !first(condition)).chain(rest))
        } else {
            Statement::of(format!("{select} {table}")).filter(self.conditions.iter().chain(rest))
        };
        let order = match self.sort {
            Sort::ById => format!(" order by {id} {direction}"),
            Sort::By(sort) => format!(" order by {sort} {direction}, {id} {direction}"),
        };
        let Statement { sql, args } =
            statement.text(&order).text(&format!(" limit {}", cursor.limit.get() + 1));
        tx.fetch_all(&sql, &args)
    }

    /// The values of a column in the list. Each look-up finds the next one in an index.
    fn values(
        &self, tx: &mut Tx<'_>, column: &'static str, conditions: usize,
    ) -> Result<Vec<String>, StoreError> {
        let mut values: Vec<String> = Vec::new();
        loop {
            let before = values.last().map(|last| {
                let test = Test::Compared(column, Comparison::More, Arg::Text(last.into()));
                Condition::new(Role::Filters, test)
            });
            let Statement { sql, args } = Statement::of(format!("select min({column}) from {}", P::Of::NAME))
                .filter(self.conditions[..conditions].iter().chain(&before));
            match tx.fetch_one(&sql, &args)? {
                Some(value) => values.push(value),
                None => return Ok(values),
            }
        }
    }

    /// The place of the cursor's row: its sort key and its id. `None` if the list does not have the row.
    fn place_after<I: ToArg>(
        &self, tx: &mut Tx<'_>, order: Order, after: &I,
    ) -> Result<Option<(Place, RowId)>, StoreError> {
        Ok(match (self.place_of(tx, after)?, after.to_arg()) {
            (Some(place), Arg::Text(id)) => Some((place, RowId(id.into_owned()))),
            (Some(_), _) => None,
            (None, _) => self.gone.place(self.sort, order, after),
        })
    }

    /// The sort key of the cursor's row, which must belong to the list's owner.
    fn place_of<I: ToArg>(&self, tx: &mut Tx<'_>, after: &I) -> Result<Option<Place>, StoreError> {
        let this = Condition::equal(self.id, after.to_arg());
        let Statement { sql, args } = Statement::of(format!("select {} from {}", self.key(), P::Of::NAME))
            .filter(self.owners().chain([&this]));
        tx.fetch_opt(&sql, &args)
    }
}
