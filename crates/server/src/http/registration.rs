//! Registers customers for both generations: everything that needs no row, the answer too, is made before the script is
//! queued.

use app::customers::{DraftCustomer, RegisterCustomer, Registered};
use app::{Desk, Tx};
use axum::response::Response;
use domain::id::PartnerId;
use wire::problem::Problem;

use super::extract::{JsonBody, Repeatable};
use super::idempotency::{self, Answer};
use super::problem::{Rejection, of_store};
use super::steering::warned;
use crate::state::AppState;

/// A customer that is not written yet, with the answer for the case that it is.
struct Draft {
    customer: DraftCustomer,
    answer: Answer,
}

/// Registers a customer; `render` answers.
pub(super) async fn register(
    state: &AppState,
    tenant: PartnerId,
    request: Repeatable,
    body: &JsonBody,
    command: Result<RegisterCustomer, Problem>,
    render: impl Fn(&Registered) -> Answer + Send + 'static,
) -> Result<Response, Rejection> {
    let email = command.as_ref().ok().and_then(|command| command.registration.email.clone());
    let draft = match command {
        Ok(command) => {
            let mut desk = state.store.desk(tenant).await.map_err(of_store)?;
            Ok(draft(state, &mut desk, tenant, &command, &render)?)
        }
        Err(problem) => Err(problem),
    };
    let write = move |tx: &mut Tx<'_>, _now, draft: &Draft| {
        let existing = app::customers::register_draft(tx, &draft.customer)?;
        Ok(existing.map_or_else(|| draft.answer.clone(), |existing| render(&Registered::Existing(existing))))
    };
    let whole = |answer: &Answer, _now| answer.clone();
    let answer = idempotency::run::<_, _, app::customers::AlreadyExists>(
        state,
        tenant,
        request,
        &body.bytes,
        draft,
        write,
        whole,
    );
    warned(state, email.as_ref(), answer.await)
}

fn draft(
    state: &AppState,
    desk: &mut Desk,
    tenant: PartnerId,
    command: &RegisterCustomer,
    render: &impl Fn(&Registered) -> Answer,
) -> Result<Draft, Rejection> {
    let now = state.now_of(tenant);
    let customer = app::customers::draft(desk, tenant, now, state.registry, command).map_err(of_store)?;
    let answer = render(&Registered::New(customer.file().clone()));
    Ok(Draft { customer, answer })
}
