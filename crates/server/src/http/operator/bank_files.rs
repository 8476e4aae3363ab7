//! Files with orders for the bank, and the bank's answers.

use std::sync::Arc;

use app::treasury::{self, ContentRefused, Effect, Fault, Judged, MakeRefused, Unreadable};
use app::{Failed, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::bank_file::BankLine;
use domain::id::BankFileId;
use domain::time::RealTime;
use wire::operator::List;
use wire::operator::bank_file::{
    self, BankAnswer, BankAnswerLine, BankFile, BankLineEffect, MakeBankFile, ReadBankAnswer,
};
use wire::problem::{Code, Problem};

use super::place::{Read, Write};
use super::plain::text;
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::page::Paged;
use crate::http::problem::{Refusal, Rejection};

impl Refusal for MakeRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NothingToSend => {
                Problem::invalid_state("no order waits that a file of this format has room for")
            }
            Self::NoAccount => Problem::invalid_state(NO_ACCOUNT),
        }
    }
}

const NO_ACCOUNT: &str = "CNAB 240 names the lender's account, and the configuration has no [bank]";

impl Refusal for ContentRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::NoAccount => Problem::invalid_state(NO_ACCOUNT),
        }
    }
}

/// Make a file for the bank
///
/// With the orders of disbursements that are in no file yet, at most 500, the oldest first. Each order is in one file
/// only. CNAB 240 leaves out orders to accounts whose numbers it has no room for.
#[utoipa::path(
    post, path = "/bank-files", operation_id = "createBankFile", tag = "Payments",
    extensions(("x-permission" = json!(Permission::SettleDisbursement.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = MakeBankFile,
    responses((status = 201, description = "The file.", body = BankFile))
)]
pub(super) async fn create(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let (by, lender) = (call.caller.id(), Arc::clone(&call.state.lender));
    let command = MakeBankFile::read(&call.body.value);
    let make = move |tx: &mut Tx<'_>, now: RealTime, given: &MakeBankFile| {
        treasury::make(tx, now, given.format, by, &lender)
    };
    call.run(command, make, |file, _now| Answer::created_here(&BankFile::from(file))).await
}

/// List the files for the bank
///
/// Newest first.
#[utoipa::path(
    get, path = "/bank-files", operation_id = "listBankFiles", tag = "Payments",
    extensions(("x-permission" = json!(Permission::ReadLoans.name()))),
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of files.", body = List<BankFile>))
)]
pub(super) async fn list(
    call: Read, Paged(cursor): Paged<BankFileId>,
) -> Result<Json<List<BankFile>>, Rejection> {
    let page = call.state.store.read(move |tx| treasury::files(tx, &cursor)).await?;
    Ok(Json(List::of(page, |file| BankFile::from(&file))))
}

/// Read a file for the bank
///
/// Its content: the same orders at every request.
#[utoipa::path(
    get, path = "/bank-files/{bank_file_id}", operation_id = "getBankFile", tag = "Payments",
    extensions(("x-permission" = json!(Permission::SettleDisbursement.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 200, description = "The content, CSV or CNAB 240.", content_type = "text/plain",
        body = String, example = json!("contract,amount\nCCB-2026-001234,10000.00\n")))
)]
pub(super) async fn content(call: Read<PathId<BankFileId>>) -> Result<Response, Rejection> {
    let (id, lender) = (call.id(), Arc::clone(&call.state.lender));
    let (_file, content) = call.state.store.read(move |tx| treasury::content(tx, id, &lender)).await?;
    Ok(text(content))
}

fn read(body: &JsonBody) -> Result<Vec<BankLine>, Problem> {
    let ReadBankAnswer { content } = ReadBankAnswer::read(&body.value)?;
    treasury::read(&content).map_err(unreadable)
}

fn unreadable(Unreadable { line, fault }: Unreadable) -> Problem {
    let what = match fault {
        Fault::Empty => "the file is empty",
        Fault::TooLong => "the file has too many lines",
        Fault::UnknownFormat => "it is neither the header of the CSV nor a record of CNAB 240",
        Fault::Shape => "it has too few or too many columns, or another length",
        Fault::Contract => "it names no contract",
        Fault::Amount => "the amount is wrong",
        Fault::Outcome => "the outcome is not paid, returned or pending",
        Fault::NotAnAnswer => "the file is one to the bank, and no answer of it",
    };
    Problem::of_field("content", Code::InvalidFormat, format!("line {line}: {what}"))
}

fn line(judged: &Judged) -> BankAnswerLine {
    let bare = |effect| bank_file::Effect { loan: judged.loan, effect, ordered: None, state: None };
    let effect = match judged.effect {
        Effect::Confirm => bare(BankLineEffect::Confirms),
        Effect::Return => bare(BankLineEffect::Returns),
        Effect::Done => bare(BankLineEffect::Done),
        Effect::Pending => bare(BankLineEffect::Pending),
        Effect::Unknown => bare(BankLineEffect::UnknownContract),
        Effect::Superseded(_) => bare(BankLineEffect::Superseded),
        Effect::Repeated => bare(BankLineEffect::Repeated),
        Effect::OtherAmount(ordered) => {
            bank_file::Effect { ordered: Some(ordered), ..bare(BankLineEffect::OtherAmount) }
        }
        Effect::NotOrdered(state) => {
            bank_file::Effect { state: Some(state), ..bare(BankLineEffect::NotOrdered) }
        }
    };
    BankAnswerLine::of(&judged.line, effect)
}

fn answered(lines: &[Judged]) -> Answer {
    Answer::ok(&BankAnswer { data: lines.iter().map(line).collect() })
}

/// A refusal that does not happen: a line that cannot be done is reported, and the others are done.
pub(super) enum Never {}

impl Refusal for Never {
    fn problem(self) -> Problem {
        match self {}
    }
}

/// Preview an answer of the bank
///
/// Says what each line will do. Nothing is changed.
#[utoipa::path(
    post, path = "/bank-answers/preview", operation_id = "previewBankAnswer", tag = "Payments",
    extensions(("x-permission" = json!(Permission::SettleDisbursement.name()))),
    request_body = ReadBankAnswer,
    responses((status = 200, description = "Each line with what it will do.", body = BankAnswer))
)]
pub(super) async fn preview(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let command = read(&call.body);
    let judge = |tx: &mut Tx<'_>, _now: RealTime, lines: &Vec<BankLine>| -> Result<_, Failed<Never>> {
        Ok(treasury::judge(tx, lines)?)
    };
    call.run(command, judge, |lines, _now| answered(lines)).await
}

/// Apply an answer of the bank
///
/// Confirms and returns disbursements, all of them in one step or none. A line that was applied before does nothing
/// again, also without an idempotency key. Lines that cannot be applied are reported.
#[utoipa::path(
    post, path = "/bank-answers", operation_id = "applyBankAnswer", tag = "Payments",
    extensions(("x-permission" = json!(Permission::SettleDisbursement.name()))),
    request_body = ReadBankAnswer,
    responses((status = 200, description = "Each line with what it did.", body = BankAnswer))
)]
pub(super) async fn apply(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let (actor, lender) = (call.caller.actor(), Arc::clone(&call.state.lender));
    let command = read(&call.body);
    let apply = move |tx: &mut Tx<'_>, now: RealTime, lines: &Vec<BankLine>| -> Result<_, Failed<Never>> {
        Ok(treasury::apply(tx, now, lines, actor, &lender)?)
    };
    call.run(command, apply, |lines, _now| answered(lines)).await
}
