//! The bank's answer: a page with what each line will do, and the page with what it did.

use std::convert::Infallible;
use std::sync::Arc;

use app::treasury::{self, Effect, Judged, Unreadable};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Multipart;
use axum::http::StatusCode;
use axum::response::Response;
use domain::actor::Actor;
use domain::bank_file::BankOutcome;

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Longest answer, in bytes: as much as a form may have.
const LONGEST: usize = 1_000_000;

#[derive(Template)]
#[template(path = "console/bank-answer.html")]
struct AnswerPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    rows: Vec<Row>,
    about: String,
    /// The words of the button; empty if no line changes a loan, or if it was pressed.
    button: String,
    /// The file, for the form that applies it.
    content: String,
    /// Why the file could not be read; empty if it could.
    fault: String,
    was_applied: bool,
}

struct Row {
    line: usize,
    href: String,
    contract: String,
    amount: Money,
    effect: String,
    reason: String,
    class: &'static str,
    glyph: &'static str,
}

impl Row {
    fn of(judged: &Judged, t: &'static Texts) -> Self {
        let (class, glyph) = match judged.effect {
            Effect::Confirm => ("badge badge-ok", "all"),
            Effect::Return => ("badge badge-bad", "bang"),
            Effect::Done | Effect::Pending => ("badge", "none"),
            Effect::Unknown
            | Effect::OtherAmount(_)
            | Effect::NotOrdered(_)
            | Effect::Superseded(_)
            | Effect::Repeated => ("badge badge-warn", "bang"),
        };
        Self {
            line: judged.line.line,
            href: judged.loan.map_or_else(String::new, |loan| format!("/console/loans/{loan}")),
            contract: judged.line.name.to_string(),
            amount: Money(judged.line.amount),
            effect: (t.money.effect_of)(judged.effect),
            reason: match &judged.line.outcome {
                BankOutcome::Returned { reason } => reason.clone(),
                BankOutcome::Paid | BankOutcome::Pending => String::new(),
            },
            class,
            glyph,
        }
    }
}

/// Whether the lines of a page were done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// Reads an uploaded answer and says what each line will do. Nothing is changed.
pub(in crate::pages::console) async fn preview(visit: Visit, mut form: Multipart) -> Response {
    let mut content = String::new();
    // A part that cannot be read ends the form. Then the file is as empty as one that was not chosen.
    while let Ok(Some(part)) = form.next_field().await {
        if part.name() == Some("file") {
            let bytes = part.bytes().await.unwrap_or_else(|_broken_off| Bytes::new());
            content = String::from_utf8_lossy(&bytes).into_owned();
        }
    }
    if content.len() > LONGEST {
        content.clear();
    }
    let lines = match treasury::read(&content) {
        Ok(lines) => lines,
        Err(unreadable) => return not_read(visit, unreadable),
    };
    let judge = move |tx: &mut Tx<'_>| treasury::judge(tx, &lines);
    match visit.state.store.read(judge).await {
        Ok(judged) => page(visit, &judged, content, When::Before),
        Err(error) => failure(&of_store(error)),
    }
}

/// Does what the lines of an answer say, all or none, and shows what each one did.
pub(in crate::pages::console) async fn apply(visit: Visit, body: Bytes) -> Response {
    let content = match Form::read(&body) {
        Ok(form) => form.exact("content"),
        Err(rejection) => return failure(&rejection),
    };
    let lines = match treasury::read(&content) {
        Ok(lines) => lines,
        Err(unreadable) => return not_read(visit, unreadable),
    };
    let actor = Actor::Operator(visit.visitor.operator.id);
    let (real, lender) = (visit.state.clock.now(), Arc::clone(&visit.state.lender));
    let apply = move |tx: &mut Tx<'_>| {
        Ok::<_, Failed<Infallible>>(treasury::apply(tx, real, &lines, actor, &lender)?)
    };
    match visit.change_and_answer(StatusCode::OK, &body, apply).await {
        Ok(done) => page(visit, &done, String::new(), When::After),
        Err(Failed::Store(error)) => failure(&of_store(error)),
        Err(Failed::Refused(never)) => match never {},
    }
}

impl AnswerPage {
    /// The page without a line.
    fn empty(visit: Visit) -> Self {
        Self {
            rows: Vec::new(),
            about: String::new(),
            button: String::new(),
            content: String::new(),
            fault: String::new(),
            was_applied: false,
            t: visit.texts(),
            around: visit.around(),
            path: visit.path,
            frame: visit.frame,
        }
    }
}

fn page(visit: Visit, judged: &[Judged], content: String, when: When) -> Response {
    let t = visit.texts();
    let of = |effect| judged.iter().filter(|line| line.effect == effect).count();
    let (confirmed, returned) = (of(Effect::Confirm), of(Effect::Return));
    let changing = confirmed + returned;
    let words = match when {
        When::Before => t.money.will,
        When::After => t.money.was,
    };
    let shown = AnswerPage {
        rows: judged.iter().map(|judged| Row::of(judged, t)).collect(),
        about: words(confirmed, returned, judged.len() - changing),
        button: if when == When::Before && changing > 0 { (t.money.apply)(changing) } else { String::new() },
        content,
        was_applied: when == When::After,
        ..AnswerPage::empty(visit)
    };
    framed(StatusCode::OK, &shown)
}

fn not_read(visit: Visit, Unreadable { line, fault }: Unreadable) -> Response {
    let fault = (visit.texts().money.fault)(line, fault);
    let shown = AnswerPage { fault, ..AnswerPage::empty(visit) };
    framed(StatusCode::UNPROCESSABLE_ENTITY, &shown)
}
