//! The page on which a customer sees and pays the debt by Pix, and the charge behind a code.

use std::sync::Arc;

use app::autopilot::PaidByCode;
use app::payments::collection::{Charge, ChargeRefused, Due, Statement};
use app::{Failed, NotFound};
use askama::Template;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use domain::credential::Environment;
use domain::loan::InstallmentStatus;
use domain::page_visit::VisitedPage;
use domain::tagged::Tagged;
use domain::written;
use wire::pix::{ChargeFacts, PixCharge};
use wire::problem::Problem;

use super::answer::{failure, fields_of, file, invalid_link, page};
use super::qr::drawn;
use super::visits::{self, Asked};
use crate::http::extract::body_up_to;
use crate::http::problem::{Rejection, of_store};
use crate::state::AppState;

#[derive(Template)]
#[template(path = "pay.html")]
struct PaymentPage {
    token: Tagged,
    ccb: String,
    finished: bool,
    next: Option<ToPay>,
    rows: Vec<Row>,
    payoff: Option<(String, String)>,
    sandbox: bool,
    paid_now: bool,
}

/// The next amount to pay.
struct ToPay {
    number: u16,
    amount: String,
    due: String,
    overdue: u32,
    fees: Option<String>,
    charge: Tagged,
    code: String,
}

struct Row {
    number: u16,
    due: String,
    amount: String,
    status: &'static str,
    class: &'static str,
    payable: bool,
    chosen: bool,
}

/// Shows the debt, and the code of the oldest open installment.
pub(super) async fn show(
    State(state): State<AppState>, Path(token): Path<String>, method: Method, headers: HeaderMap,
) -> Response {
    shown(&state, &token, None, false, Some((method, headers))).await
}

/// Shows the code of one installment.
pub(super) async fn show_one(
    State(state): State<AppState>, Path((token, number)): Path<(String, String)>, method: Method,
    headers: HeaderMap,
) -> Response {
    // A malformed number is treated as an unknown installment.
    shown(&state, &token, number.parse().ok(), false, Some((method, headers))).await
}

async fn statement(state: &AppState, token: &str) -> Result<Option<(Tagged, Statement)>, Response> {
    let Ok(token) = token.parse::<Tagged>() else { return Ok(None) };
    let (real, lender) = (state.clock.now(), Arc::clone(&state.lender));
    let read = state.store.read(move |tx| app::payments::collection::statement(tx, real, token, &lender));
    match read.await {
        Ok(statement) => Ok(Some((token, statement))),
        Err(Failed::Refused(NotFound)) => Ok(None),
        Err(Failed::Store(error)) => Err(failure(&of_store(error))),
    }
}

/// `asked`: the request, if somebody opens the page; `None` if it answers a form.
async fn shown(
    state: &AppState, token: &str, chosen: Option<u16>, paid_now: bool, asked: Option<Asked>,
) -> Response {
    match statement(state, token).await {
        Ok(Some((token, statement))) => {
            if let Some(asked) = asked {
                visits::of_loan(state, &asked, &statement.loan, VisitedPage::Payment);
            }
            page(StatusCode::OK, &payment_page(state, token, &statement, chosen, paid_now))
        }
        Ok(None) => unknown(),
        Err(failed) => failed,
    }
}

fn payment_page(
    state: &AppState, token: Tagged, statement: &Statement, chosen: Option<u16>, paid_now: bool,
) -> PaymentPage {
    let Statement { loan, dues, payoff } = statement;
    let next = next_due(dues, chosen);
    let number = next.as_ref().map(|next| next.number);
    let row = |due: &Due| {
        let position = &due.installment.position;
        let (status, class) = status_words(due.summary.status);
        Row {
            number: position.number,
            due: written::date(position.due),
            amount: written::money(due.summary.amount_due),
            status,
            class,
            payable: due.code.is_some(),
            chosen: Some(position.number) == number,
        }
    };
    PaymentPage {
        token,
        ccb: loan.contract_name(),
        finished: loan.state.kind().is_paid_back(),
        next,
        rows: dues.iter().map(row).collect(),
        payoff: payoff
            .as_ref()
            .map(|payoff| (written::money(payoff.amount), written::money(payoff.discount))),
        sandbox: state.config.environment == Environment::Sandbox,
        paid_now,
    }
}

/// The chosen installment, or the oldest one with an open amount.
fn next_due(dues: &[Due], chosen: Option<u16>) -> Option<ToPay> {
    let payable = |due: &&Due| due.code.is_some();
    let is_chosen = |due: &&Due| Some(due.installment.position.number) == chosen;
    let due = dues.iter().filter(payable).find(is_chosen).or_else(|| dues.iter().find(payable))?;
    let fees = due.summary.fees;
    Some(ToPay {
        number: due.installment.position.number,
        amount: written::money(due.summary.amount_remaining),
        due: written::date(due.installment.position.due),
        overdue: due.summary.days_overdue,
        fees: (fees > domain::money::Cents::ZERO).then(|| written::money(fees)),
        charge: due.code.as_ref()?.0,
        code: due.code.as_ref()?.1.as_str().to_owned(),
    })
}

fn status_words(status: InstallmentStatus) -> (&'static str, &'static str) {
    match status {
        InstallmentStatus::Pending => ("A vencer", ""),
        InstallmentStatus::Paid => ("Paga", "good"),
        InstallmentStatus::Overdue => ("Em atraso", "late"),
        InstallmentStatus::PartiallyPaid => ("Paga em parte", ""),
    }
}

/// The QR image of an installment's code.
pub(super) async fn qr_image(
    State(state): State<AppState>, Path((token, number)): Path<(String, String)>,
) -> Response {
    let found = match statement(&state, &token).await {
        Ok(found) => found,
        Err(failed) => return failed,
    };
    let code = found.and_then(|(_, statement)| {
        let due =
            statement.dues.into_iter().find(|due| Ok(due.installment.position.number) == number.parse());
        due.and_then(|due| due.code).map(|(_charge, code)| code)
    });
    match code.as_ref().and_then(|code| drawn(code.as_str())) {
        Some(svg) => file("image/svg+xml", None, svg.into_bytes()),
        None => unknown(),
    }
}

/// The charge at a Pix location, as the payer's bank fetches it.
pub(super) async fn charge(
    State(state): State<AppState>, Path(token): Path<String>,
) -> Result<Response, Rejection> {
    let token: Tagged = token.parse().map_err(|_| Problem::not_found())?;
    let (real, lender) = (state.clock.now(), Arc::clone(&state.lender));
    let read = state.store.read(move |tx| app::payments::collection::find_charge(tx, real, token, &lender));
    match read.await {
        Ok(charge) => {
            let body = PixCharge::of(&facts_of(&charge), &state.lender.creditor);
            Ok(([(CACHE_CONTROL, "no-store")], Json(body)).into_response())
        }
        Err(Failed::Refused(ChargeRefused::NotFound)) => Err(Problem::not_found().into()),
        Err(Failed::Refused(ChargeRefused::Over)) => Err(Problem::invalid_state(
            "this charge is over: it was paid, or the amount due has changed since; there is a new code",
        )
        .into()),
        Err(Failed::Store(error)) => Err(of_store(error)),
    }
}

fn facts_of(charge: &Charge) -> ChargeFacts {
    let contract = charge.loan.contract_name();
    let position = &charge.installment.position;
    ChargeFacts {
        token: charge.token,
        amount: charge.amount,
        due: position.due,
        requested_at: charge.requested_at,
        payer: charge.payer.clone(),
        purpose: format!("Parcela {} da {contract}", position.number),
    }
}

/// Pays the charge on the page, as its customer would with the code. Only the sandbox has this.
pub(super) async fn pay(
    State(state): State<AppState>, Path(token): Path<String>, request: Request,
) -> Response {
    let pairs = match body_up_to(request, 4_096).await.and_then(|bytes| fields_of(&bytes)) {
        Ok(pairs) => pairs,
        Err(rejection) => return failure(&rejection),
    };
    let charge = pairs.iter().find(|(name, _)| name == "charge").and_then(|(_, value)| value.parse().ok());
    let Some(charge) = charge else { return unknown() };
    let (real, lender) = (state.clock.now(), Arc::clone(&state.lender));
    match state.store.write(move |tx| app::autopilot::pay_by_code(tx, real, charge, &lender)).await {
        Ok(PaidByCode::Yes) => shown(&state, &token, None, true, None).await,
        // The button was pressed twice, or the page is old. It is shown again with the amount due now.
        Ok(PaidByCode::Over) => shown(&state, &token, None, false, None).await,
        Err(error) => failure(&of_store(error)),
    }
}

fn unknown() -> Response {
    invalid_link(
        "Este link não existe ou não há nada a pagar nele.",
        "This link does not exist, or it has nothing to pay.",
    )
}
