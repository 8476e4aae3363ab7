//! The erasure of a person's data (Lei 13.709/2018, LGPD, art. 18, VI).

use app::people::proposals::erase_customer;
use app::personal_data::{self, EraseRefused};
use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::id::CustomerId;
use wire::operator::erasure::{Erasure, ErasureTimes};
use wire::operator::proposal::Proposal;
use wire::problem::{Code, Problem};

use super::place::{Place, Read, Write};
use super::proposals::{done_or_proposed, proposer};
use crate::http::documented::codes;
use crate::http::extract::PathId;
use crate::http::idempotency::Answer;
use crate::http::problem::{Refusal, Rejection};

fn shown(wish: &personal_data::Erasure) -> Erasure {
    let times = ErasureTimes { asked: wish.asked_at, due: wish.due_at, erased: wish.erased_at };
    Erasure::of(wish.customer, wish.asked_by, times)
}

impl Refusal for EraseRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::LoanOpen(loan) => Problem::invalid_state(format!(
                "the loan {loan} is not over; the data of a person is erased after the end of each loan"
            )),
            Self::Erased => Problem::invalid_state("the data of this customer was erased before"),
        }
    }
}

/// Erase a person's data
///
/// For a person who asks for it (LGPD, art. 18). Names, tax numbers, contacts, documents, accounts, contracts, evidence,
/// notes and e-mails of the customer's people are erased, and the registration is `denied`. Ids, figures and times remain
/// for the books. It cannot be undone.
///
/// The law makes the lender keep the data of a borrower for ten years after the year in which the last loan ended
/// (`lifetimes.borrower_years`). Until then the wish is `planned`, and the data is erased at `due_at`. The same wish again
/// changes nothing. A customer with a loan that is not over is refused. With four eyes the answer is 202 with a proposal.
#[utoipa::path(
    post, path = "/customers/{customer_id}/erase", operation_id = "erasePersonalData", tag = "Customers",
    extensions(
        ("x-permission" = json!(Permission::ErasePersonalData.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    responses(
        (status = 200, description = "The wish, planned or fulfilled.", body = Erasure),
        (status = 202, description = "The proposal of the erasure, which waits for another operator.", body = Proposal),
    )
)]
pub(super) async fn erase(call: Write<PathId<CustomerId>>) -> Result<Response, Rejection> {
    let (by, years) = (proposer(&call.state, call.caller), call.state.config.lifetimes.borrower_years);
    let erase =
        move |tx: &mut Tx<'_>, at: Place, id| erase_customer(tx, at.partner, at.now, id, (&by, years));
    let erased = |wish: &personal_data::Erasure| Answer::ok(&shown(wish));
    call.step(erase, move |outcome| done_or_proposed(outcome, erased, by.now)).await
}

/// Get the erasure of a person's data
///
/// 404 if nobody has asked for it.
#[utoipa::path(
    get, path = "/customers/{customer_id}/erasure", operation_id = "getErasure", tag = "Customers",
    extensions(("x-permission" = json!(Permission::ReadCustomers.name()))),
    responses((status = 200, description = "The wish, planned or fulfilled.", body = Erasure))
)]
pub(super) async fn show(call: Read<PathId<CustomerId>>) -> Result<Json<Erasure>, Rejection> {
    let find = |tx: &mut Tx<'_>, partner, id| {
        personal_data::erasure_of(tx, partner, id)?.ok_or(Failed::Refused(NotFound))
    };
    Ok(Json(shown(&call.find(find).await?)))
}
