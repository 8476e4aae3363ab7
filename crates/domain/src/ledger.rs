//! The double-entry ledger of a loan: balances of accounts, and journal entries that sum to zero.
//!
//! Debits are positive, credits negative. Interest and late charges are recognised when they are paid (policy), so
//! the receivables are the principal that is not paid back.

use crate::loan::debt::{Debt, Payment};
use crate::loan::pricing::Quote;
use crate::money::Cents;
use crate::spelled;

/// An account of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LedgerAccount {
    /// Principal lent and not paid back.
    PrincipalReceivable,
    /// Interest recognised and not paid.
    InterestReceivable,
    /// Late charges recognised and not paid.
    LateChargesReceivable,
    /// Tax collected for the Treasury.
    IofPayable,
    /// Service fees.
    FeeIncome,
    /// Interest paid.
    InterestIncome,
    /// Late charges paid.
    LateChargesIncome,
    /// Amounts waived at early payoffs.
    DiscountsGiven,
    /// The unpaid principal of loans that were written off. It is the opposite of their principal receivable, so that
    /// both together are zero.
    WrittenOff,
    /// Principal lost by write-offs.
    Losses,
    /// Money that came in for loans that were written off.
    RecoveryIncome,
    /// Overpayments, to be returned.
    CustomerCredit,
    /// Money.
    Cash,
}

// The order is that of a trial balance.
spelled!(LedgerAccount {
    Cash = "cash",
    PrincipalReceivable = "principal_receivable",
    InterestReceivable = "interest_receivable",
    LateChargesReceivable = "late_charges_receivable",
    WrittenOff = "written_off",
    IofPayable = "iof_payable",
    CustomerCredit = "customer_credit",
    FeeIncome = "fee_income",
    InterestIncome = "interest_income",
    LateChargesIncome = "late_charges_income",
    RecoveryIncome = "recovery_income",
    DiscountsGiven = "discounts_given",
    Losses = "losses",
});

/// An amount on an account: a debit if positive, a credit if negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// The account.
    pub account: LedgerAccount,
    /// The amount, not zero.
    pub amount: Cents,
}

impl Posting {
    /// The amount as a debit and as a credit, one of which is there.
    pub fn sides(self) -> (Option<Cents>, Option<Cents>) {
        if self.amount < Cents::ZERO { (None, Some(-self.amount)) } else { (Some(self.amount), None) }
    }
}

/// Postings that sum to zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Postings(Vec<Posting>);

/// The postings do not sum to zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a journal entry is off by {0}")]
pub struct Unbalanced(pub Cents);

impl Postings {
    /// Checks that debits and credits are equal. Postings of zero are left out.
    pub fn balanced(postings: Vec<Posting>) -> Result<Self, Unbalanced> {
        let sum: Cents = postings.iter().map(|posting| posting.amount).sum();
        if sum != Cents::ZERO {
            return Err(Unbalanced(sum));
        }
        Ok(Self(postings.into_iter().filter(|posting| posting.amount != Cents::ZERO).collect()))
    }

    /// The postings.
    pub fn iter(&self) -> impl Iterator<Item = &Posting> {
        self.0.iter()
    }

    /// The amount on an account.
    pub fn on(&self, account: LedgerAccount) -> Cents {
        self.0.iter().filter(|posting| posting.account == account).map(|posting| posting.amount).sum()
    }

    /// Whether no balance changes.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The balance of each account of a loan.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Balances(std::collections::BTreeMap<LedgerAccount, Cents>);

impl Balances {
    /// The balances of a disbursed loan after its payments.
    pub fn of(quote: &Quote, debt: &Debt, payments: &[Payment]) -> Self {
        let received: Cents = payments.iter().map(|payment| payment.amount).sum();
        let paid = |part: fn(&crate::loan::debt::Paid) -> Cents| -> Cents {
            debt.positions.iter().map(|position| part(&position.paid)).sum()
        };
        Self(
            [
                (LedgerAccount::Cash, received - quote.net),
                (LedgerAccount::PrincipalReceivable, debt.principal_left()),
                (LedgerAccount::IofPayable, -quote.iof),
                (LedgerAccount::FeeIncome, -quote.fee),
                (LedgerAccount::InterestIncome, -paid(|paid| paid.interest)),
                (LedgerAccount::LateChargesIncome, -paid(|paid| paid.charges)),
                (LedgerAccount::DiscountsGiven, paid(|paid| paid.discount)),
                (LedgerAccount::CustomerCredit, -debt.credit),
            ]
            .into(),
        )
    }

    /// The balances of a loan that was written off. `before` is its debt by the payments before the write-off: their
    /// interest and charges stay income, and the principal that they left is the loss. The other payments are
    /// recoveries, whatever they pay. A reversal changes `before` or the recoveries, and no further rule is needed.
    ///
    /// Source: Res. CMN 4.966/2021.
    pub fn after_write_off(
        quote: &Quote, (debt, payments): (&Debt, &[Payment]), (before, paid_before): (&Debt, &[Payment]),
    ) -> Self {
        let received =
            |payments: &[Payment]| -> Cents { payments.iter().map(|payment| payment.amount).sum() };
        let recovered = received(payments) - received(paid_before) - (debt.credit - before.credit);
        let Self(mut balances) = Self::of(quote, before, paid_before);
        balances.extend([
            (LedgerAccount::Cash, received(payments) - quote.net),
            (LedgerAccount::PrincipalReceivable, debt.principal_left()),
            (LedgerAccount::WrittenOff, -debt.principal_left()),
            (LedgerAccount::Losses, before.principal_left()),
            (LedgerAccount::RecoveryIncome, -recovered),
            (LedgerAccount::CustomerCredit, -debt.credit),
        ]);
        Self(balances)
    }

    /// The balances from the sums of a journal: one posting for each account.
    pub fn recorded(postings: &[Posting]) -> Self {
        Self(postings.iter().map(|posting| (posting.account, posting.amount)).collect())
    }

    /// The balance of an account.
    pub fn on(&self, account: LedgerAccount) -> Cents {
        // The balances of a loan before its disbursement name no account.
        self.0.get(&account).map_or(Cents::ZERO, |balance| *balance)
    }

    /// The postings that change these balances into others.
    pub fn to(&self, next: &Self) -> Result<Postings, Unbalanced> {
        let posting = |account| Posting { account, amount: next.on(account) - self.on(account) };
        Postings::balanced(LedgerAccount::ALL.map(posting).to_vec())
    }
}
