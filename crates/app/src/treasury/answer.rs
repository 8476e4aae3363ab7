//! The bank's answer: what each line will do, and doing it. A line that was done before does nothing again, so the same
//! answer can be uploaded twice.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::Arc;

use domain::actor::Actor;
use domain::bank_file::{BankLine, BankOutcome, OrderName};
use domain::id::LoanId;
use domain::loan::{Failure, Loan, LoanState, LoanStateKind};
use domain::money::Cents;
use domain::time::RealTime;
use store::{Failed, StoreError, Stored, Tx};

use super::format::{self, Unreadable};
use crate::clock;
use crate::lender::Lender;
use crate::loans::{self, StepRefused};

/// The effect of a line of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It confirms the disbursement.
    Confirm,
    /// It records that the money came back.
    Return,
    /// Nothing: the loan is where the answer leads already.
    Done,
    /// Nothing: the bank has not paid yet.
    Pending,
    /// Nothing: no loan has this contract.
    Unknown,
    /// Nothing: the amount differs from the order's.
    OtherAmount(Cents),
    /// Nothing: the loan waits for no answer.
    NotOrdered(LoanStateKind),
    /// Nothing: it answers an attempt before, which ended with a return. The loan is at this attempt now.
    Superseded(u32),
    /// Nothing: a line before names the same order.
    Repeated,
}

impl Effect {
    /// Whether the line changes its loan.
    pub const fn changes(self) -> bool {
        match self {
            Self::Confirm | Self::Return => true,
            Self::Done
            | Self::Pending
            | Self::Unknown
            | Self::OtherAmount(_)
            | Self::NotOrdered(_)
            | Self::Superseded(_)
            | Self::Repeated => false,
        }
    }
}

/// A line with its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The line.
    pub line: BankLine,
    /// Its loan.
    pub loan: Option<LoanId>,
    /// Its effect.
    pub effect: Effect,
}

/// The lines of an answer, in either format.
pub fn read(content: &str) -> Result<Vec<BankLine>, Unreadable> {
    format::read(content)
}

/// The effects that the lines will have. Nothing is changed.
pub fn judge(tx: &mut Tx<'_>, lines: &[BankLine]) -> Result<Vec<Judged>, StoreError> {
    let mut before = HashSet::new();
    lines.iter().map(|line| Ok(judged(tx, line, &mut before)?.0)).collect()
}

/// Does what the lines say, in one commit: all of them or none. Returns each line with what it did.
pub fn apply(
    tx: &mut Tx<'_>, real: RealTime, lines: &[BankLine], actor: Actor, lender: &Arc<Lender>,
) -> Result<Vec<Judged>, StoreError> {
    let mut before = HashSet::new();
    let mut done = Vec::with_capacity(lines.len());
    for line in lines {
        let (judged, loan) = judged(tx, line, &mut before)?;
        if let Some(loan) = loan.filter(|_| judged.effect.changes()) {
            step(tx, real, line, &loan, (actor, lender))?;
        }
        done.push(judged);
    }
    Ok(done)
}

fn judged(
    tx: &mut Tx<'_>, line: &BankLine, before: &mut HashSet<OrderName>,
) -> Result<(Judged, Option<Stored<Loan>>), StoreError> {
    let loan = store::loans::of_contract(tx, line.name.contract)?;
    let is_first = before.insert(line.name);
    let effect = match &loan {
        None => Effect::Unknown,
        Some(_) if !is_first => Effect::Repeated,
        Some(loan) => effect(loan, line),
    };
    Ok((Judged { line: line.clone(), loan: loan.as_ref().map(|loan| loan.id), effect }, loan))
}

fn effect(loan: &Loan, line: &BankLine) -> Effect {
    if line.amount != loan.quote.net {
        return Effect::OtherAmount(loan.quote.net);
    }
    // A disbursement that was ordered again has another name, so a late answer to the one before changes nothing.
    match line.name.attempt.cmp(&loan.attempts()) {
        Ordering::Less => return Effect::Superseded(loan.attempts()),
        Ordering::Equal => {}
        Ordering::Greater => return Effect::NotOrdered(loan.state.kind()),
    }
    match (&loan.state, &line.outcome) {
        (LoanState::Disbursing, BankOutcome::Paid) => Effect::Confirm,
        (LoanState::Disbursing, BankOutcome::Returned { .. }) => Effect::Return,
        (LoanState::Disbursing, BankOutcome::Pending) => Effect::Pending,
        (LoanState::Active { .. } | LoanState::Finished { .. }, BankOutcome::Paid | BankOutcome::Pending)
        | (LoanState::Error(_), BankOutcome::Returned { .. }) => Effect::Done,
        (state, _) => Effect::NotOrdered(state.kind()),
    }
}

fn step(
    tx: &mut Tx<'_>, real: RealTime, line: &BankLine, loan: &Loan, (actor, lender): (Actor, &Arc<Lender>),
) -> Result<(), StoreError> {
    let now = clock::at(tx, loan.partner, real)?;
    let stepped = match &line.outcome {
        BankOutcome::Paid => loans::confirm_disbursement(tx, loan.partner, now, loan.id, actor, lender),
        BankOutcome::Returned { reason } => {
            let failure = Failure { code: "disbursement_failed".to_owned(), message: reason.clone() };
            loans::fail_disbursement(tx, loan.partner, now, loan.id, failure)
        }
        BankOutcome::Pending => return Ok(()),
    };
    match stepped {
        Ok(_loan) => Ok(()),
        Err(Failed::Store(error)) => Err(error),
        Err(Failed::Refused(StepRefused::NotFound | StepRefused::InvalidState | StepRefused::NotASigner)) => {
            // The effect was judged in this transaction.
            Err(StoreError::Defect("a judged line of an answer was refused".to_owned()))
        }
    }
}
