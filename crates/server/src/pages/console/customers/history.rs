//! The customer's history in words, with the pages of what happened.

use app::customer_timeline::{DecidedOutcome, Decider, Happened, What};
use app::customers::Sheet;
use app::loan_sheet;
use domain::kyc::RequirementKey;
use domain::written;

use super::super::loans::happened;
use super::super::moments::HappenedRow;
use super::rows::{partner, title};
use crate::pages::mail_subject::subject;
use crate::pages::texts::Texts;

/// The customer's history, newest first.
pub(super) fn rows(sheet: &Sheet, all: &[Happened], t: &'static Texts) -> Vec<HappenedRow> {
    let row = |one: &Happened| match &one.what {
        What::Recorded(event) => HappenedRow::recorded(event, sheet.file.customer.partner, t),
        what => HappenedRow::of(one.at, words(sheet, what, t)),
    };
    all.iter().map(row).collect()
}

fn words(sheet: &Sheet, what: &What, t: &'static Texts) -> (String, String, &'static str) {
    let customer = &sheet.file.customer;
    let tab = |tab: &str| format!("/console/customers/{}?tab={tab}", customer.id);
    let nobody = |name: &Option<String>| name.clone().unwrap_or_else(|| t.loan.nobody.to_owned());
    match what {
        What::Registered => {
            ((t.customer.registered)(&partner(sheet, customer.partner)), String::new(), "dot-info")
        }
        What::Sent(key) => requirement(sheet, *key, t),
        What::LinkMade { is_visited } => {
            let text = if *is_visited { t.customer.link_visited } else { t.customer.link_made };
            (text.to_owned(), String::new(), "")
        }
        What::Decided { outcome, by, policy } => {
            let by = match by {
                Decider::Operator(name) => nobody(name),
                Decider::Policy => (t.customer.by_policy)(policy),
                Decider::Sandbox => t.customer.by_sandbox.to_owned(),
            };
            let (text, tone) = match outcome {
                DecidedOutcome::Approved(amount) => {
                    ((t.customer.credit_approved)(&written::money(*amount), &by), "dot-ok")
                }
                DecidedOutcome::Refused => ((t.customer.credit_refused)(&by), "dot-bad"),
                DecidedOutcome::Referred => ((t.customer.credit_referred)(&by), "dot-warn"),
            };
            (text, String::new(), tone)
        }
        What::Offered { amount, .. } => {
            ((t.customer.offer_made)(&written::money(*amount)), tab("offers"), "dot-info")
        }
        What::Loan { loan, step } => (happened(step, t), format!("/console/loans/{loan}"), tone(step)),
        What::Mail(report) => ((t.customer.mail_written)(&subject(report, t)), tab("mails"), ""),
        What::Note { author } => ((t.loan.happened_note)(&nobody(author)), tab("notes"), ""),
        What::PageVisited => (t.history.page_visited.to_owned(), String::new(), ""),
        What::Recorded(event) => (event.kind.name().to_owned(), String::new(), ""),
    }
}

fn requirement(sheet: &Sheet, key: RequirementKey, t: &'static Texts) -> (String, String, &'static str) {
    let requirements = &sheet.file.kyc.requirements;
    let at = requirements.iter().position(|one| one.key == key);
    let Some((at, requirement)) = at.and_then(|at| Some((at, requirements.get(at)?))) else {
        return ((t.customer.sent)((t.customer.requirement)(key.kind)), String::new(), "");
    };
    let href = format!("/console/customers/{}?r={}", sheet.file.customer.id, at + 1);
    ((t.customer.sent)(&title(&sheet.file, requirement, t)), href, "")
}

/// The tone of a step of a loan.
fn tone(step: &loan_sheet::What) -> &'static str {
    use loan_sheet::What as Step;
    match step {
        Step::Requested => "dot-info",
        Step::Disbursed { .. } | Step::Finished => "dot-ok",
        Step::Reversed { .. } | Step::Cancelled => "dot-warn",
        Step::WrittenOff { .. } | Step::Failed { .. } => "dot-bad",
        Step::Signed { .. } | Step::Paid { .. } | Step::Mail(_) | Step::Note { .. } | Step::Recorded(_) => "",
    }
}
