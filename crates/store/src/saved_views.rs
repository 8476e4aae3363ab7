//! Saved views of queues. A view belongs to one operator, who has a few of them.

use std::time::Duration;

use domain::id::{OperatorId, PartnerId, SavedViewId};
use domain::money::Cents;
use domain::queue::{Filter, Queue, SavedView, Who};
use domain::time::RealTime;

use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A view as it is stored.
    struct ViewRow in "saved_views" by (operator_id, id) {
        operator_id: OperatorId,
        id: SavedViewId,
        queue: Queue,
        name: String,
        of_partner: Option<PartnerId>,
        assignee: Option<Who>,
        older_than: Option<Duration>,
        amount_from: Option<Cents>,
        saved_at: RealTime,
    }
}

impl ViewRow {
    fn read(self) -> SavedView {
        SavedView {
            id: self.id,
            owner: self.operator_id,
            queue: self.queue,
            name: self.name,
            filter: Filter {
                partner: self.of_partner,
                who: self.assignee,
                older_than: self.older_than,
                least: self.amount_from,
            },
            saved_at: self.saved_at,
        }
    }
}

/// Adds a view.
pub fn insert(tx: &mut Tx<'_>, view: &SavedView) -> Result<(), StoreError> {
    tx.insert(&ViewRow {
        operator_id: view.owner,
        id: view.id,
        queue: view.queue,
        name: view.name.clone(),
        of_partner: view.filter.partner,
        assignee: view.filter.who,
        older_than: view.filter.older_than,
        amount_from: view.filter.least,
        saved_at: view.saved_at,
    })
}

/// All views of an operator, oldest first.
pub fn of(tx: &mut Tx<'_>, owner: OperatorId) -> Result<Vec<SavedView>, StoreError> {
    let rows = tx.find_all::<ViewRow>("where operator_id = $1 order by saved_at, id", args![owner])?;
    Ok(rows.into_iter().map(ViewRow::read).collect())
}

/// Removes an operator's view; `false` if there is none.
pub fn delete(tx: &mut Tx<'_>, owner: OperatorId, id: SavedViewId) -> Result<bool, StoreError> {
    let sql = "delete from saved_views where operator_id = $1 and id = $2";
    Ok(tx.execute(sql, args![owner, id])? > 0)
}
