//! Saved views of queues: filters with a name, each of one operator.

use domain::id::{OperatorId, SavedViewId};
use domain::queue::{Filter, Queue, SavedView};
use domain::time::RealTime;
use store::{Failed, StoreError, Tx};

use crate::refused::NotFound;

/// Most views of an operator.
pub const MOST_VIEWS: usize = 50;

/// A view to save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaveView {
    /// The operator who saves it.
    pub owner: OperatorId,
    /// The queue.
    pub queue: Queue,
    /// The name. It replaces the operator's view of the queue with the same name.
    pub name: String,
    /// The filter.
    pub filter: Filter,
}

/// The operator already has [`MOST_VIEWS`] views.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyViews;

/// Saves a view.
pub fn save_view(
    tx: &mut Tx<'_>, now: RealTime, command: &SaveView,
) -> Result<SavedView, Failed<TooManyViews>> {
    let SaveView { owner, queue, name, filter } = command.clone();
    let views = store::saved_views::of(tx, owner)?;
    match views.iter().find(|view| view.queue == queue && view.name == name) {
        Some(same) => {
            store::saved_views::delete(tx, owner, same.id)?;
        }
        None if views.len() >= MOST_VIEWS => return Err(Failed::Refused(TooManyViews)),
        None => {}
    }
    let view = SavedView { id: tx.new_id(now), owner, queue, name, filter, saved_at: now };
    store::saved_views::insert(tx, &view)?;
    Ok(view)
}

/// All views of an operator, oldest first.
pub fn views(tx: &mut Tx<'_>, owner: OperatorId) -> Result<Vec<SavedView>, StoreError> {
    store::saved_views::of(tx, owner)
}

/// Removes an operator's view.
pub fn delete_view(tx: &mut Tx<'_>, owner: OperatorId, id: SavedViewId) -> Result<(), Failed<NotFound>> {
    if store::saved_views::delete(tx, owner, id)? { Ok(()) } else { Err(Failed::Refused(NotFound)) }
}
