//! The principal balance of a loan over time: as its contract plans it, and as it was paid.

use super::installment::Installment;
use super::pricing::Quote;
use crate::money::Cents;
use crate::time::Date;

/// A balance from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The day.
    pub day: Date,
    /// The principal balance from this day on.
    pub balance: Cents,
}

/// The balances of a loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// The plan, from the release to the last due date.
    pub planned: Vec<Point>,
    /// The balances since the release, up to today. Empty before the disbursement.
    pub paid: Vec<Point>,
}

impl Curve {
    /// The balances of a loan with these installments, which a loan gets with its disbursement. A partly paid
    /// installment counts from its last payment on.
    pub fn of(quote: &Quote, installments: &[Installment], today: Date) -> Self {
        let start = Point { day: quote.release, balance: quote.principal };
        let row = |row: &super::schedule::ScheduledInstallment| Point { day: row.due, balance: row.balance };
        let planned = std::iter::once(start).chain(quote.schedule.iter().map(row)).collect();
        if installments.is_empty() {
            return Self { planned, paid: Vec::new() };
        }
        let mut falls: Vec<(Date, Cents)> = installments.iter().filter_map(fall).collect();
        falls.sort_unstable();
        let mut paid = vec![start];
        let mut balance = quote.principal;
        for (day, amount) in falls {
            balance -= amount;
            paid.push(Point { day, balance });
        }
        // A clock of the sandbox may be before the release.
        let last = paid.last().map_or(today, |point| point.day.max(today));
        paid.push(Point { day: last, balance });
        Self { planned, paid }
    }
}

/// The day and the amount by which an installment has lowered the balance.
fn fall(installment: &Installment) -> Option<(Date, Cents)> {
    let position = &installment.position;
    let day = position.settled_at.unwrap_or(installment.updated_at).business_date();
    (position.paid.principal > Cents::ZERO).then_some((day, position.paid.principal))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::id::{InstallmentId, LoanId, PartnerId, ResourceId as _};
    use crate::loan::iof::IofRegime;
    use crate::loan::pricing::{Charges, Product, Request, price};
    use crate::loan::rates::RateBook;
    use crate::money::Rate;
    use crate::time::Timestamp;

    fn quote() -> Quote {
        let request = Request {
            requested: Cents::new(1_000_000),
            monthly_rate: Rate::from_scaled(2_500_000),
            installments: 4,
            release: date(2026, 1, 15),
            first_due: None,
        };
        let product =
            Product { fee: Product::DEFAULT_FEE, regime: IofRegime::Company, charges: Charges::Financed };
        price(&request, &product, &RateBook::sample()).unwrap()
    }

    fn installments(quote: &Quote) -> Vec<Installment> {
        let now = Timestamp::end_of_business_date(quote.release);
        let (partner, loan) = (PartnerId::new(now, [2; 10]), LoanId::new(now, [3; 10]));
        let of = |row| {
            let id = InstallmentId::new(now, [1; 10]);
            Installment::of_row(id, partner, loan, row, quote.monthly_rate, now)
        };
        quote.schedule.iter().map(of).collect()
    }

    #[test]
    fn the_plan_falls_from_the_principal_to_zero() {
        let quote = quote();
        let curve = Curve::of(&quote, &[], quote.release);
        assert_eq!(curve.planned.len(), 5);
        assert_eq!(curve.planned[0], Point { day: quote.release, balance: quote.principal });
        assert_eq!(curve.planned[4].balance, Cents::ZERO);
        assert!(curve.planned.windows(2).all(|pair| pair[1].balance < pair[0].balance));
        assert!(curve.paid.is_empty());
    }

    #[test]
    fn paid_principal_lowers_the_balance_on_the_day_of_its_payment() {
        let quote = quote();
        let mut all = installments(&quote);
        let (first, day) = (all[0].position.principal, date(2026, 2, 10));
        all[0].position.paid.principal = first;
        all[0].position.settled_at = Some(Timestamp::end_of_business_date(day));
        all[1].position.paid.principal = Cents::new(1_000);
        all[1].updated_at = Timestamp::end_of_business_date(date(2026, 2, 12));
        let curve = Curve::of(&quote, &all, date(2026, 3, 1));
        let rest = quote.principal - first;
        let expected = [
            Point { day: quote.release, balance: quote.principal },
            Point { day, balance: rest },
            Point { day: date(2026, 2, 12), balance: rest - Cents::new(1_000) },
            Point { day: date(2026, 3, 1), balance: rest - Cents::new(1_000) },
        ];
        assert_eq!(curve.paid, expected);
    }
}
