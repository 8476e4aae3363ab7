//! The lender's settings. They come from files, so they are only read.

use app::settings::letters;
use axum::Json;
use domain::access::Permission;
use wire::operator::settings::{Lender, Letter, LetterList, Rates};
use wire::text_scalar::Money;

use super::place::Read;
use crate::http::problem::Rejection;

/// Get the lender
///
/// As contracts, e-mails and files for the bank name it.
#[utoipa::path(
    get, path = "/settings/lender", operation_id = "getLender", tag = "Settings",
    extensions(("x-permission" = json!(Permission::ReadSettings.name()))),
    responses((status = 200, description = "The lender.", body = Lender))
)]
pub(super) async fn lender(call: Read) -> Result<Json<Lender>, Rejection> {
    let lender = &call.state.lender;
    let days = |span: std::time::Duration| span.as_secs() / 86_400;
    let lives = (days(lender.lifetimes.offer), days(lender.lifetimes.signing_link));
    let limit = Money(lender.overpayment_limit);
    Ok(Json(Lender::of(&lender.creditor, lender.payer.as_ref(), lives, limit)))
}

/// Get the rates
///
/// Every version of the taxes and of the late charges, oldest first.
#[utoipa::path(
    get, path = "/settings/rates", operation_id = "getRates", tag = "Settings",
    extensions(("x-permission" = json!(Permission::ReadSettings.name()))),
    responses((status = 200, description = "The rate table.", body = Rates))
)]
pub(super) async fn rates(call: Read) -> Result<Json<Rates>, Rejection> {
    Ok(Json(Rates::of(&call.state.lender.book.in_force())))
}

/// List the letters
///
/// The e-mails to customers as they are sent, on invented resources.
#[utoipa::path(
    get, path = "/settings/letters", operation_id = "listLetters", tag = "Settings",
    extensions(("x-permission" = json!(Permission::ReadSettings.name()))),
    responses((status = 200, description = "Every letter.", body = LetterList))
)]
pub(super) async fn letter_samples(call: Read) -> Result<Json<LetterList>, Rejection> {
    let samples = letters(call.state.clock.now().unmoved(), &call.state.lender).into_iter();
    let letter = |sample: app::settings::Sample| Letter {
        kind: sample.letter.name(),
        subject: sample.subject,
        text: sample.text,
    };
    Ok(Json(LetterList { data: samples.map(letter).collect() }))
}
