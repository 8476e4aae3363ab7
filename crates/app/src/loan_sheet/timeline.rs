//! The history of a loan.

use domain::access::Permissions;
use domain::loan::{Loan, LoanState};
use domain::money::Cents;
use domain::page::{Limit, Page};
use domain::queue::CaseSubject;
use domain::time::Timestamp;
use store::payments::RecordedPayment;
use store::{Cursor, StoreError, Tx, UnknownCursor};

use super::mails::mails;
use crate::mails::MailReport;
use crate::webhooks::history::{self, Recorded};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The partner's time at which it happened.
    pub at: Timestamp,
    /// The kind of event.
    pub what: What,
}

/// The kind of an event in a loan's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The customer asked for the loan, and the contract was issued.
    Requested,
    /// A person signed.
    Signed {
        /// The name of the person.
        name: Option<String>,
    },
    /// The customer received the money.
    Disbursed {
        /// The amount.
        amount: Cents,
    },
    /// A payment was recorded.
    Paid {
        /// The amount.
        amount: Cents,
    },
    /// A payment was reversed.
    Reversed {
        /// The amount.
        amount: Cents,
    },
    /// It was written off.
    WrittenOff {
        /// The principal that became a loss.
        amount: Cents,
    },
    /// It was paid back in full.
    Finished,
    /// It was cancelled.
    Cancelled,
    /// It failed.
    Failed {
        /// The reason in words.
        reason: String,
    },
    /// An e-mail was written. Boxed: it is much larger than the others.
    Mail(Box<MailReport>),
    /// An operator wrote a note.
    Note {
        /// The name of the author.
        author: Option<String>,
    },
    /// An event was recorded for the partner. Boxed: it is much larger than the others.
    Recorded(Box<Recorded>),
}

/// The history of a loan, newest first: its steps, and its newest payments, e-mails, notes and events. These permissions
/// decide about the events.
pub fn timeline(tx: &mut Tx<'_>, loan: &Loan, may: Permissions) -> Result<Vec<Happened>, StoreError> {
    let mut all = steps(loan);
    for recorded in payments(tx, loan)?.items {
        let amount = recorded.payment.amount;
        all.push(Happened { at: recorded.recorded_at, what: What::Paid { amount } });
        all.extend(recorded.reversed_at.map(|at| Happened { at, what: What::Reversed { amount } }));
    }
    for mail in mails(tx, loan)? {
        all.push(Happened { at: mail.created_at, what: What::Mail(Box::new(mail)) });
    }
    let cursor = Cursor::first(Limit::MOST);
    let notes = store::notes::list(tx, loan.partner, CaseSubject::Loan(loan.id), &cursor)?;
    let notes = notes.unwrap_or_else(first_page).items;
    let authors: Vec<_> = notes.iter().map(|note| note.author).collect();
    let names = if authors.is_empty() {
        std::collections::HashMap::new()
    } else {
        store::operators::names(tx, &authors)?
    };
    all.extend(notes.iter().map(|note| Happened {
        at: note.written_at.unmoved(),
        what: What::Note { author: names.get(&note.author).cloned() },
    }));
    for event in history::of_loan(tx, loan, may)? {
        all.push(Happened { at: event.occurred_at, what: What::Recorded(Box::new(event)) });
    }
    all.sort_by_key(|happened| std::cmp::Reverse(happened.at));
    Ok(all)
}

/// The steps that a loan has taken, in no order.
pub fn steps(loan: &Loan) -> Vec<Happened> {
    let mut steps = vec![Happened { at: loan.created_at, what: What::Requested }];
    for signer in &loan.signers {
        let name = signer.name.as_ref().map(ToString::to_string);
        steps.extend(signer.signed_at.map(|at| Happened { at, what: What::Signed { name } }));
    }
    let disbursed = loan.state.disbursed_at();
    let amount = loan.quote.net;
    steps.extend(disbursed.map(|at| Happened { at, what: What::Disbursed { amount } }));
    steps.extend(
        loan.write_off.as_ref().map(|write_off| Happened {
            at: write_off.at,
            what: What::WrittenOff { amount: write_off.amount },
        }),
    );
    let returns = loan.orders.iter().filter_map(|attempt| attempt.returned.as_ref());
    steps.extend(
        returns.map(|(at, why)| Happened { at: *at, what: What::Failed { reason: why.message.clone() } }),
    );
    let ended = match &loan.state {
        LoanState::Finished { .. } => Some(What::Finished),
        LoanState::Cancelled => Some(What::Cancelled),
        // A loan that failed after an order has this return among its attempts.
        LoanState::Error(failure) if loan.orders.is_empty() => {
            Some(What::Failed { reason: failure.message.clone() })
        }
        LoanState::Processing
        | LoanState::ContractGenerated
        | LoanState::AwaitingSignatures(_)
        | LoanState::Signed
        | LoanState::Disbursing
        | LoanState::Active { .. }
        | LoanState::Error(_) => None,
    };
    steps.extend(ended.map(|what| Happened { at: loan.updated_at, what }));
    steps
}

fn payments(tx: &mut Tx<'_>, loan: &Loan) -> Result<Page<RecordedPayment>, StoreError> {
    let cursor = Cursor::first(Limit::MOST);
    Ok(store::payments::list(tx, loan.partner, loan.id, &cursor)?.unwrap_or_else(first_page))
}

/// A first page has no cursor that could be unknown.
fn first_page<T>(_unknown: UnknownCursor) -> Page<T> {
    Page::empty(false)
}
