//! The person for whom a page counts the queues. The overdue loans are counted if nobody has counted them of late.

use std::sync::Arc;

use app::StoreError;
use app::queues::{OverdueLoans, Viewer};
use domain::access::Permissions;
use domain::queue::Queue;
use domain::time::RealTime;

use crate::overdue::Todo;
use crate::pages::people::visitor::Visitor;
use crate::state::AppState;
use crate::workers::lender::count_overdue;

/// The person for whom a page counts the queues.
pub(in crate::pages) async fn viewer(
    state: &AppState, visitor: &Visitor, now: RealTime,
) -> Result<Viewer, StoreError> {
    let (me, may) = (visitor.operator.id, visitor.grants.permissions);
    let levels = state.config.service_levels.clone();
    Ok(Viewer { me, may, levels, overdue: overdue_loans(state, now, may).await? })
}

/// The overdue loans for a page of a person with these permissions; `None` if the person may not see their queue.
async fn overdue_loans(
    state: &AppState, now: RealTime, may: Permissions,
) -> Result<Option<Arc<OverdueLoans>>, StoreError> {
    if !may.contains(Queue::Overdue.permission()) {
        return Ok(None);
    }
    let (known, todo) = state.overdue.known(now);
    match todo {
        Todo::Nothing => Ok(known),
        Todo::CountBehind => {
            let state = state.clone();
            tokio::spawn(async move {
                if let Err(error) = count_overdue(&state, now).await {
                    tracing::warn!(%error, "the overdue loans could not be counted");
                }
            });
            Ok(known)
        }
        Todo::Count => count_overdue(state, now).await.map(Some),
    }
}
