//! The line of a loan's state.

use std::borrow::Cow;

use app::loan_sheet::Sheet;
use domain::loan::{LoanState, LoanStateKind};
use domain::written;

use super::figures::counts;
use crate::pages::kit::shown::{Mark, Step};
use crate::pages::texts::Texts;

/// The place of a state on the line; `None` for a loan that ended before its disbursement.
fn place(state: LoanStateKind) -> Option<usize> {
    match state {
        LoanStateKind::Processing | LoanStateKind::ContractGenerated => Some(0),
        LoanStateKind::AwaitingSignatures => Some(1),
        LoanStateKind::Signed | LoanStateKind::Disbursing => Some(2),
        LoanStateKind::Active => Some(3),
        LoanStateKind::Finished => Some(5),
        LoanStateKind::Cancelled | LoanStateKind::Error => None,
    }
}

/// The steps from the contract to the end.
pub(in crate::pages) fn line(sheet: &Sheet, t: &'static Texts) -> Vec<Step> {
    let loan = &sheet.statement.loan;
    let notes = notes(sheet, t);
    let labels = [
        t.loan.step_contract,
        t.loan.step_signed,
        t.loan.step_disbursed,
        t.loan.step_active,
        t.loan.step_finished,
    ];
    let Some(now) = place(loan.state.kind()) else { return ended(sheet, labels[0], &notes, t) };
    Step::line(labels.into_iter().zip(notes), now, Mark::Now)
}

fn notes(sheet: &Sheet, t: &Texts) -> [String; 5] {
    let loan = &sheet.statement.loan;
    let signed = loan.signers.iter().filter(|signer| signer.signed_at.is_some()).count();
    let last = loan.signers.iter().filter_map(|signer| signer.signed_at).max();
    let of_all = (t.loan.of_all)(signed, loan.signers.len());
    let signatures = match (&loan.state, last) {
        (LoanState::AwaitingSignatures(_), _) => {
            format!("{of_all}, {}", (t.loan.sign_until)(&written::day_of(loan.sign_by)))
        }
        (_, Some(last)) => format!("{}, {of_all}", written::day_of(last)),
        (_, None) => of_all,
    };
    let [paid, overdue, open] = counts(sheet);
    let end = loan.quote.schedule.last().map_or_else(String::new, |row| written::date(row.due));
    [
        written::day_of(loan.created_at),
        signatures,
        loan.state.disbursed_at().map_or_else(String::new, written::day_of),
        if loan.is_disbursed() { (t.loan.paid_of)(paid, paid + overdue + open) } else { String::new() },
        match &loan.state {
            LoanState::Finished { .. } => written::day_of(loan.updated_at),
            _not_yet => (t.loan.expected)(&end),
        },
    ]
}

/// The line of a loan that was cancelled or has failed.
fn ended(sheet: &Sheet, contract: &'static str, notes: &[String; 5], t: &'static Texts) -> Vec<Step> {
    let loan = &sheet.statement.loan;
    let label = match loan.state.kind() {
        LoanStateKind::Error => t.loan.step_failed,
        _cancelled => t.loan.step_cancelled,
    };
    let step = |mark, label, note: String| Step { mark, label, note: Cow::Owned(note) };
    vec![
        step(Mark::Done, contract, notes[0].clone()),
        step(Mark::Failed, label, written::day_of(loan.updated_at)),
    ]
}
