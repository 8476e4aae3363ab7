//! The pages that ask in words before a loan takes a step.

use app::loan_sheet::{LoanAction, Part, Possible, Sheet, possible};
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::FourEyes;
use domain::id::LoanId;
use domain::loan::LoanState;
use domain::written;

use super::super::question::Question;
use super::page::{changed, read};
use super::payment::PaymentForm;
use super::question::of_loan;
use crate::pages::kit::framed;
use crate::pages::loan::figures;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Asks whether a loan should take a step.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path((id, action)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let (Ok(id), Ok(action)) = (id.parse::<LoanId>(), action.parse::<LoanAction>()) else {
        return unknown(&headers);
    };
    let sheet = match read(&visit, id, Part::Schedule, None).await {
        Ok(sheet) => sheet,
        Err(failed) => return refused_list(&headers, failed),
    };
    let all = possible(&sheet, &visit.visitor.grants);
    let is_possible = |one: &Possible| one.action == action && one.blocked.is_none();
    if !all.iter().any(is_possible) {
        return changed(visit, &headers, id).await;
    }
    if action == LoanAction::RecordPayment {
        return PaymentForm::empty(&sheet).page(visit, &sheet, StatusCode::OK);
    }
    asked(visit, &headers, &sheet, (action, StatusCode::OK), "")
}

/// The page with the question of an action. `error` is the fault of the form before.
pub(super) fn asked(
    visit: Visit, headers: &HeaderMap, sheet: &Sheet, (action, status): (LoanAction, StatusCode),
    error: &'static str,
) -> Response {
    let (t, four_eyes) = (visit.texts(), visit.state.config.four_eyes);
    let Some(question) = question(sheet, action, four_eyes, t) else { return unknown(headers) };
    let mut ask = of_loan(visit, sheet, question);
    ask.is_danger =
        matches!(action, LoanAction::FailDisbursement | LoanAction::Cancel | LoanAction::WriteOff);
    ask.with_reason = matches!(action, LoanAction::FailDisbursement | LoanAction::WriteOff);
    if action == LoanAction::WriteOff {
        // No money leaves, so the destination does not matter.
        ask.facts.truncate(2);
        ask.reason_hint = t.asking.write_off_hint;
    }
    if let (LoanAction::PayAgain, LoanState::Error(failure)) = (action, &sheet.statement.loan.state) {
        ask.facts.push((t.asking.returned, failure.message.clone()));
    }
    ask.error = error;
    framed(status, &ask)
}

/// The question of an action; `None` for those about payments, whose own pages ask.
fn question(sheet: &Sheet, action: LoanAction, four_eyes: FourEyes, t: &'static Texts) -> Option<Question> {
    let loan = &sheet.statement.loan;
    let (name, amount) = (figures::name(sheet, t), written::money(loan.quote.net));
    let to = |path: &str| format!("/console/loans/{}/{path}", loan.id);
    let a = &t.asking;
    Some(match action {
        LoanAction::OrderDisbursement if four_eyes == FourEyes::Required => Question {
            words: (a.order)(&amount, &name),
            about: a.propose_about,
            action: to("disbursement"),
            button: (a.propose_button)(&amount),
        },
        LoanAction::OrderDisbursement => Question {
            words: (a.order)(&amount, &name),
            about: a.order_about,
            action: to("disbursement"),
            button: (a.order_button)(&amount),
        },
        LoanAction::PayAgain => {
            let (about, button) = match four_eyes {
                FourEyes::Required => (a.propose_again_about, (a.propose_again_button)(&amount)),
                FourEyes::Off => (a.again_about, (a.again_button)(&amount)),
            };
            Question { words: (a.again)(&amount, &name), about, action: to("disbursement/again"), button }
        }
        LoanAction::ConfirmDisbursement => Question {
            words: (a.confirm)(&amount, &name),
            about: a.confirm_about,
            action: to("disbursement/confirm"),
            button: (a.confirm_button)(&amount),
        },
        LoanAction::FailDisbursement => Question {
            words: (a.fail)(&amount, &name),
            about: a.fail_about,
            action: to("disbursement/fail"),
            button: (a.fail_button)(&amount),
        },
        LoanAction::InviteSigners => Question {
            words: (a.invite)(&name),
            about: a.invite_about,
            action: to("invitations"),
            button: a.invite_button.to_owned(),
        },
        LoanAction::Cancel => Question {
            words: (a.cancel)(&amount, &name),
            about: a.cancel_about,
            action: to("cancel"),
            button: a.cancel_button.to_owned(),
        },
        LoanAction::WriteOff => {
            let lost = written::money(sheet.principal_left());
            let (about, button) = match four_eyes {
                FourEyes::Required => (a.propose_write_off_about, (a.propose_write_off_button)(&lost)),
                FourEyes::Off => (a.write_off_about, (a.write_off_button)(&lost)),
            };
            Question { words: (a.write_off)(&lost, &name), about, action: to("write-off"), button }
        }
        LoanAction::RecordPayment | LoanAction::ReversePayment => return None,
    })
}
