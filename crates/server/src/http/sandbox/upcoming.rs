//! What will happen next on a clock.

use app::autopilot::Task;
use app::forecast::{self, Coming, Forecast, Happening};
use axum::Json;
use domain::id::PartnerId;
use domain::webhook::endpoint::Generation;
use wire::generations::name_of;
use wire::reference::List;
use wire::sandbox::{Upcoming, moment_of_query};
use wire::text_scalar::{Money, Timestamp};

use crate::http::extract::Query;
use crate::http::problem::{Rejection, of_store};
use crate::state::AppState;

/// What will happen next on a tenant's clock.
pub(super) async fn coming(
    state: &AppState, tenant: PartnerId, mut query: Query,
) -> Result<Json<List<Upcoming>>, Rejection> {
    let until = query.read("until", "must be a moment or a day", moment_of_query);
    query.finish()?;
    let now = state.now_of(tenant);
    let read = move |tx: &mut app::Tx<'_>| forecast::until(tx, tenant, now, until);
    let Forecast { coming, has_more } = state.store.list(read).await.map_err(of_store)?;
    Ok(Json(List { data: coming.iter().map(shown_coming).collect(), has_more }))
}

fn shown_coming(Coming { at, what }: &Coming) -> Upcoming {
    let (kind, resource_id) = match what {
        Happening::Decision(task) => (task.name(), task.subject()),
        Happening::OfferExpires(offer, _) => ("offer_expires", offer.to_string()),
        Happening::LinksExpire(loan) => ("signing_link_expires", loan.to_string()),
        Happening::InstallmentDue(of) => ("installment_due", of.loan.to_string()),
        Happening::InstallmentOverdue(of) => ("installment_overdue", of.loan.to_string()),
        Happening::Payment(of, _) => (Task::PayInstallment(of.loan).name(), of.loan.to_string()),
    };
    let of = what.installment();
    Upcoming {
        at: Timestamp(*at),
        kind,
        resource_id,
        installment_number: of.map(|of| of.number),
        unpaid_amount: of.map(|of| Money(of.unpaid)),
        event: what.event().and_then(|event| name_of(Generation::Reference, event)),
    }
}
