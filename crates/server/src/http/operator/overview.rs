//! The lender's day on one page.

use app::overview::{self, FailingPartner, Returned, Sum};
use app::queues::NamedMove;
use axum::Json;
use domain::access::Permission;
use wire::operator::overview::{self as shown, Direction, MoneySum, MoneyToday, Move, Movement, Overview};
use wire::text_scalar::{Money, Timestamp};

use super::place::Read;
use crate::http::problem::{Rejection, of_store};

/// Get the lender's day
///
/// Today's money, what went wrong, and what moves in the queues. Parts that the operator may not read are null or
/// empty. A queue's departures are kept for a day.
#[utoipa::path(
    get, path = "/overview", operation_id = "getOverview", tag = "Queues",
    extensions(("x-permission" = json!(Permission::ReadQueues.name()))),
    responses((status = 200, description = "The lender's day.", body = Overview))
)]
pub(super) async fn show(call: Read) -> Result<Json<Overview>, Rejection> {
    let (now, me, may) = (call.state.clock.now(), call.caller.id(), call.caller.grants().permissions);
    let read = move |tx: &mut app::Tx<'_>| overview::read(tx, now, me, may);
    let day = call.state.store.read(read).await.map_err(of_store)?;
    let movement = |one: &app::queues::Movement| Movement {
        queue: one.queue.into(),
        arrived: one.arrived,
        left: one.left,
    };
    Ok(Json(Overview {
        money: day.money.map(money),
        movements: day.movements.iter().map(movement).collect(),
        newest: day.newest.into_iter().map(moved).collect(),
        trouble: shown::Trouble {
            returned: day.trouble.returned.into_iter().map(returned).collect(),
            returned_count: day.trouble.returned_count,
            failed_mails: day.trouble.mails,
            failing_partners: day.trouble.failing.into_iter().map(failing).collect(),
            unreadable_count: day.trouble.unreadable.len(),
            unreadable_rows: day.trouble.unreadable.into_iter().take(MOST_ROWS).map(unreadable).collect(),
        },
    }))
}

fn money(money: overview::Money) -> MoneyToday {
    let sum = |Sum { count, amount }: Sum| MoneySum { count, amount: Money(amount) };
    MoneyToday {
        received: sum(money.received),
        out: sum(money.out),
        to_order: sum(money.to_order),
        at_bank: sum(money.at_bank),
        due: Money(money.due),
    }
}

fn returned(one: Returned) -> shown::ReturnedDisbursement {
    shown::ReturnedDisbursement {
        loan_id: one.loan.to_string(),
        customer_name: one.customer_name,
        amount: one.amount.map(Money),
        since: Timestamp::real(one.since),
    }
}

/// Most unreadable rows that are named.
const MOST_ROWS: usize = 20;

fn unreadable(overview::UnreadableRow { table, id }: overview::UnreadableRow) -> shown::UnreadableRow {
    shown::UnreadableRow { table, id }
}

fn failing(one: FailingPartner) -> shown::FailingPartner {
    shown::FailingPartner {
        partner_id: one.partner.to_string(),
        name: one.name,
        endpoints: one.endpoints,
        since: Timestamp::real(one.since),
    }
}

fn moved(NamedMove { moved, customer_name }: NamedMove) -> Move {
    Move {
        queue: moved.queue.into(),
        direction: if moved.arrived { Direction::Arrived } else { Direction::Left }.into(),
        subject_id: moved.subject.to_string(),
        customer_name,
        amount: moved.amount.map(Money),
        at: Timestamp::real(moved.at),
    }
}
