//! Registers and corrects customers for both generations.
//!
//! A registration prepares everything that needs no row before its script is queued, including the answer.

use app::customers::{AlreadyExists, DraftCustomer, RegisterCustomer, Registered};
use app::{Desk, Failed, Tx};
use axum::response::Response;
use domain::customer::{Correction, CustomerFile};
use domain::id::{ClockId, CustomerId, PartnerId};
use domain::time::Timestamp;
use wire::problem::Problem;

use super::call::PartnerWrite;
use super::extract::{JsonBody, PathId};
use super::idempotency::Answer;
use super::on_clock::{NamedIn, tenant_of_clock};
use super::problem::{Rejection, of_store};
use super::steering::{too_late, warned};
use crate::state::AppState;

/// A customer that is not written yet, with the answer for its success.
struct Draft {
    customer: DraftCustomer,
    answer: Answer,
}

/// Registers a customer on the main clock, or on `clock`; `render` answers.
pub(super) async fn register(
    mut call: PartnerWrite<(), JsonBody>, clock: Option<ClockId>, command: Result<RegisterCustomer, Problem>,
    render: impl Fn(&Registered) -> Answer + Send + 'static,
) -> Result<Response, Rejection> {
    let state = call.state.clone();
    let command = match tenant_of_clock(&state, call.caller.partner, clock, NamedIn::Body).await {
        Ok(tenant) => {
            call.caller.tenant = tenant;
            command
        }
        // A used key has its answer, also after its clock was deleted.
        Err(rejection) if rejection.0.code.status() < 500 => command.and(Err(*rejection.0)),
        Err(rejection) => return Err(rejection),
    };
    let tenant = call.caller.tenant;
    let email = command.as_ref().ok().and_then(|command| command.registration.email.clone());
    let draft = match command {
        Ok(command) => {
            let mut desk = state.store.desk(tenant).await.map_err(of_store)?;
            Ok(draft(&state, &mut desk, tenant, &command, &render)?)
        }
        Err(problem) => Err(problem),
    };
    let write = move |tx: &mut Tx<'_>, _now: Timestamp, draft: &Draft| -> Result<_, Failed<AlreadyExists>> {
        let existing = app::customers::register_draft(tx, &draft.customer)?;
        Ok(existing.map_or_else(|| draft.answer.clone(), |existing| render(&Registered::Existing(existing))))
    };
    let answer = call.run(draft, write, |answer: &Answer, _now| answer.clone()).await;
    warned(&state, email.as_ref(), &[], answer)
}

/// Corrects a customer; `render` answers.
pub(super) async fn correct(
    call: PartnerWrite<PathId<CustomerId>, JsonBody>, command: Result<Correction, Problem>,
    render: impl Fn(&CustomerFile) -> Answer + Send + 'static,
) -> Result<Response, Rejection> {
    let (state, tenant, id) = (call.state.clone(), call.caller.tenant, call.id());
    let email = command.as_ref().ok().and_then(|command| command.email.clone());
    let late = too_late(&state, tenant, id, email.as_ref()).await?;
    let update =
        move |tx: &mut Tx<'_>, now, command: &_| app::customers::update(tx, tenant, now, id, command);
    let answer = call.run(command, update, move |file, _now| render(file)).await;
    warned(&state, email.as_ref(), &late, answer)
}

fn draft(
    state: &AppState, desk: &mut Desk, tenant: PartnerId, command: &RegisterCustomer,
    render: &impl Fn(&Registered) -> Answer,
) -> Result<Draft, Rejection> {
    let now = state.now_of(tenant);
    let customer = app::customers::draft(desk, tenant, now, state.registry, command).map_err(of_store)?;
    let answer = render(&Registered::New(customer.file().clone()));
    Ok(Draft { customer, answer })
}
