//! The statement of a loan for its partner: every charge and payment by date, from the journal.

use domain::id::{LoanId, PartnerId};
use domain::money::Cents;
use domain::page::{Limit, Order};
use domain::statement::{self, LineKind};
use domain::time::{Date, RealTime};
use store::{Cursor, Failed, Tx};

use super::loan::{LoanSheet, loan};
use crate::ledger;
use crate::lender::Lender;
use crate::refused::ListRefused;
use crate::spreadsheet;

/// Most pages of a hundred entries that a statement reads. A loan has an entry for each payment and each reversal.
const MOST_PAGES: usize = 10;

/// A line of a statement with its date and the balance after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLine {
    /// The day of the entry.
    pub date: Date,
    /// Its kind.
    pub kind: LineKind,
    /// The cause of the entry: `disbursement`, `payment`, `reversal` or `write_off`.
    pub cause: String,
    /// The amount by which the balance rises.
    pub amount: Cents,
    /// The balance after the line.
    pub balance: Cents,
}

/// A statement.
#[derive(Debug, Clone)]
pub struct LoanStatement {
    /// The loan with its figures of today.
    pub sheet: LoanSheet,
    /// The lines, oldest first.
    pub lines: Vec<StatementLine>,
    /// Whether the journal has more entries, which are not read.
    pub is_cut: bool,
}

impl LoanStatement {
    /// The balance after the last line: the principal that is not paid back, less what is to be returned.
    pub fn balance(&self) -> Cents {
        self.lines.last().map_or(Cents::ZERO, |line| line.balance)
    }

    /// The lines as CSV, with amounts in reais.
    pub fn csv(&self) -> String {
        let row = |line: &StatementLine| {
            let word = word(line).to_owned();
            [line.date.to_string(), word, line.amount.to_string(), line.balance.to_string()]
        };
        spreadsheet::table(["date", "line", "amount", "balance"], self.lines.iter().map(row))
    }
}

/// The word for a line in a file.
fn word(line: &StatementLine) -> &'static str {
    match line.kind {
        LineKind::PaidOut if line.cause == "disbursement" => "disbursement",
        LineKind::PaidOut => "reversal",
        LineKind::Fee => "fee",
        LineKind::Iof => "iof",
        LineKind::Interest => "interest",
        LineKind::LateCharges => "late_charges",
        LineKind::Recovered => "interest_and_charges",
        LineKind::Discount => "discount",
        LineKind::PaidIn => "payment",
    }
}

/// The statement of a partner's loan, at the real time `real`.
pub fn of_loan(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, id: LoanId, lender: &Lender,
) -> Result<LoanStatement, Failed<ListRefused>> {
    let sheet = loan(tx, tenant, real, id, lender)?;
    let mut cursor = Cursor { after: None, limit: Limit::MOST, order: Order::Ascending };
    let (mut lines, mut balance, mut is_cut) = (Vec::new(), Cents::ZERO, false);
    for _page in 0..MOST_PAGES {
        let page = ledger::of_loan(tx, tenant, id, &cursor)?;
        for entry in &page.items {
            for line in statement::lines(&entry.postings) {
                balance += line.amount;
                lines.push(StatementLine {
                    date: entry.entered_at.business_date(),
                    kind: line.kind,
                    cause: entry.cause.clone(),
                    amount: line.amount,
                    balance,
                });
            }
        }
        cursor.after = page.items.last().map(|last| last.id).filter(|_| page.has_more);
        is_cut = page.has_more;
        if cursor.after.is_none() {
            break;
        }
    }
    Ok(LoanStatement { sheet, lines, is_cut })
}
