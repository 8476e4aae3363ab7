//! The trial balance of a day: what each account held before the day, and what moved on it.

use crate::ledger::LedgerAccount;
use crate::money::Cents;
use crate::spelled;
use crate::time::Date;

/// A stretch of the calendar for which the journal is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    /// A calendar year.
    Year,
    /// A calendar month.
    Month,
    /// A day.
    Day,
}

spelled!(Period { Year = "year", Month = "month", Day = "day" });

impl Period {
    /// The longer period whose sums are those of these periods; `None` for the longest.
    pub const fn outer(self) -> Option<Self> {
        match self {
            Self::Day => Some(Self::Month),
            Self::Month => Some(Self::Year),
            Self::Year => None,
        }
    }

    /// The first day of the period that contains `day`.
    pub fn beginning(self, day: Date) -> Date {
        let month = match self {
            Self::Day => return day,
            Self::Month => day.month(),
            Self::Year => 1,
        };
        Date::new(day.year(), month, 1).expect("every month of the calendar has a first day")
    }
}

/// Amounts that moved on an account. Both are positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The sum of the debits.
    pub debit: Cents,
    /// The sum of the credits.
    pub credit: Cents,
    /// The number of debits.
    pub debits: i64,
    /// The number of credits.
    pub credits: i64,
}

impl std::ops::Neg for Moved {
    type Output = Self;

    fn neg(self) -> Self {
        let Self { debit, credit, debits, credits } = self;
        Self { debit: -debit, credit: -credit, debits: -debits, credits: -credits }
    }
}

impl std::ops::AddAssign for Moved {
    fn add_assign(&mut self, other: Self) {
        self.debit += other.debit;
        self.credit += other.credit;
        self.debits += other.debits;
        self.credits += other.credits;
    }
}

impl Moved {
    /// No movement.
    pub const NONE: Self = Self { debit: Cents::ZERO, credit: Cents::ZERO, debits: 0, credits: 0 };

    /// Adds an amount: a debit if positive, a credit if negative.
    pub fn add(&mut self, amount: Cents) {
        if amount < Cents::ZERO {
            self.credit -= amount;
            self.credits += 1;
        } else {
            self.debit += amount;
            self.debits += 1;
        }
    }
}

/// An account on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountDay {
    /// The account.
    pub account: LedgerAccount,
    /// Its balance before the day: a debit if positive, a credit if negative.
    pub opening: Cents,
    /// The movements of the day.
    pub moved: Moved,
}

impl AccountDay {
    /// Its balance after the day.
    pub fn closing(&self) -> Cents {
        self.opening + self.moved.debit - self.moved.credit
    }
}

/// The trial balance of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalance {
    /// The day.
    pub day: Date,
    /// The accounts that ever moved until this day, in the order of a trial balance.
    pub accounts: Vec<AccountDay>,
    /// The number of sums that cannot be read; their amounts are missing.
    pub unreadable: usize,
}

impl TrialBalance {
    /// The account, if it ever moved.
    pub fn account(&self, account: LedgerAccount) -> Option<&AccountDay> {
        self.accounts.iter().find(|day| day.account == account)
    }

    /// The sums of all debits and all credits of the day.
    pub fn moved(&self) -> (Cents, Cents) {
        let sum = |of: fn(&Moved) -> Cents| self.accounts.iter().map(|day| of(&day.moved)).sum();
        (sum(|moved| moved.debit), sum(|moved| moved.credit))
    }

    /// The sums of the debit balances and of the credit balances after the day. Both are positive.
    pub fn closing(&self) -> (Cents, Cents) {
        let (mut debit, mut credit) = (Cents::ZERO, Cents::ZERO);
        for closing in self.accounts.iter().map(AccountDay::closing) {
            if closing < Cents::ZERO {
                credit -= closing;
            } else {
                debit += closing;
            }
        }
        (debit, credit)
    }

    /// Whether every sum was read and debits equal credits.
    pub fn is_balanced(&self) -> bool {
        let ((debit, credit), (owned, owed)) = (self.moved(), self.closing());
        self.unreadable == 0 && debit == credit && owned == owed
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn periods_begin_on_their_first_days() {
        let day = date(2028, 2, 29);
        let beginnings = Period::ALL.map(|period| period.beginning(day));
        assert_eq!(beginnings, [date(2028, 1, 1), date(2028, 2, 1), day]);
    }

    #[test]
    fn a_balance_closes_with_what_it_had_and_what_moved() {
        let mut moved = Moved::NONE;
        for cents in [500, -200, -50] {
            moved.add(Cents::new(cents));
        }
        assert_eq!((moved.debits, moved.credits), (1, 2));
        let cash = AccountDay { account: LedgerAccount::Cash, opening: Cents::new(-1_000), moved };
        assert_eq!(cash.closing(), Cents::new(-750));
        let mut moved = Moved::NONE;
        moved.add(Cents::new(-500));
        moved.add(Cents::new(250));
        let lent =
            AccountDay { account: LedgerAccount::PrincipalReceivable, opening: Cents::new(1_000), moved };
        let day = date(2026, 11, 27);
        let mut balance = TrialBalance { day, accounts: vec![cash, lent], unreadable: 0 };
        assert_eq!(balance.moved(), (Cents::new(750), Cents::new(750)));
        assert_eq!(balance.closing(), (Cents::new(750), Cents::new(750)));
        assert!(balance.is_balanced() && balance.account(LedgerAccount::FeeIncome).is_none());
        balance.unreadable = 1;
        assert!(!balance.is_balanced());
    }
}
