//! The properties of a borrower's account and of its ledger, over random loans and random payments.

use jiff::civil::date;
use proptest::prelude::*;

use super::account::{Account, Payment, PaymentKind, Terms};
use super::pricing::{Charges, Product, Quote, Request, price};
use super::rates::RateBook;
use crate::id::{PaymentId, ResourceId};
use crate::ledger::{Balances, LedgerAccount};
use crate::loan::iof::IofRegime;
use crate::money::{Cents, Rate};
use crate::time::{Date, Timestamp};

fn quote(requested: i64, rate: i64, installments: u16, charges: Charges) -> Option<Quote> {
    let request = Request {
        requested: Cents::new(requested),
        monthly_rate: Rate::from_scaled(rate),
        installments,
        release: date(2026, 1, 15),
        first_due: None,
    };
    let product = Product { fee: Product::DEFAULT_FEE, regime: IofRegime::Company, charges };
    price(&request, &product, &RateBook::sample()).ok()
}

fn terms<'b>(quote: &Quote, book: &'b RateBook) -> Terms<'b> {
    Terms { monthly_rate: quote.monthly_rate, book }
}

fn payment(number: u8, amount: i64, day: Date, kind: PaymentKind) -> Payment {
    let paid_at = Timestamp::end_of_business_date(day);
    Payment { id: PaymentId::new(paid_at, [number; 10]), amount: Cents::new(amount), paid_at, kind }
}

/// A random payment as a share of the debt, days after the release, and whether it is meant as a payoff.
type Draw = (i64, u16, bool);

fn drawn(quote: &Quote, draws: &[Draw]) -> Vec<Payment> {
    let of = |(number, (share, day, payoff)): (u8, &Draw)| {
        let amount = (quote.total.get() * share / 1_000).max(1);
        let day = quote.release.checked_add(jiff::Span::new().days(*day)).unwrap();
        let kind = if *payoff { PaymentKind::Payoff } else { PaymentKind::Installments };
        payment(number, amount, day, kind)
    };
    (0..).zip(draws).map(of).collect()
}

fn loans() -> impl Strategy<Value = Quote> {
    let charges = prop_oneof![Just(Charges::Financed), Just(Charges::Deducted)];
    (100_000_i64..5_000_000, 500_000_i64..6_000_000, 1_u16..25, charges)
        .prop_filter_map("it cannot be priced", |(requested, rate, count, charges)| {
            quote(requested, rate, count, charges)
        })
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    prop::collection::vec((1_i64..700, 0_u16..900, prop::bool::weighted(0.15)), 0..9)
}

/// A payment of a day: a share of the debt, as much as twice the whole, and what it is for.
fn of_a_day() -> impl Strategy<Value = (i64, PaymentKind)> {
    (1_i64..2_000, prop_oneof![Just(PaymentKind::Installments), Just(PaymentKind::Payoff)])
}

/// Nothing negative, everything accounted for, and the receivables what the installments say is unpaid.
fn check(quote: &Quote, account: &Account, payments: &[Payment]) {
    let received: Cents = payments.iter().map(|payment| payment.amount).sum();
    let allocated: Cents = account.positions.iter().map(|position| position.paid.money()).sum();
    assert_eq!(received, allocated + account.credit);
    for position in &account.positions {
        let paid = position.paid;
        for part in [paid.charges, paid.interest, paid.principal, paid.discount, position.charges_due] {
            assert!(part >= Cents::ZERO, "{position:?}");
        }
        assert!(paid.interest <= position.interest && paid.principal <= position.principal, "{position:?}");
        assert!(paid.money() >= Cents::ZERO);
        assert_eq!(position.settled_at.is_some(), position.owed() == Cents::ZERO, "{position:?}");
    }
    assert!(account.credit >= Cents::ZERO);
    assert!(account.credit == Cents::ZERO || account.is_paid_off());
    if account.is_paid_off() {
        assert_eq!(account.principal_left(), Cents::ZERO);
    }
    let balances = Balances::of(quote, account, payments);
    let entry = Balances::default().to(&balances).expect("the ledger is zero");
    assert!(!entry.is_empty());
    assert_eq!(balances.on(LedgerAccount::PrincipalReceivable), account.principal_left());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_paid_the_books_are_right(quote in loans(), draws in draws()) {
        let (book, payments) = (RateBook::sample(), drawn(&quote, &draws));
        let terms = terms(&quote, &book);
        check(&quote, &Account::opened(&quote.schedule), &[]);
        for count in 0..=payments.len() {
            let account = Account::replayed(&quote.schedule, &payments[..count], terms);
            check(&quote, &account, &payments[..count]);
        }
    }

    #[test]
    fn taking_a_payment_back_leaves_the_account_as_if_it_had_never_come(
        quote in loans(), draws in draws(), which in any::<prop::sample::Index>()
    ) {
        let (book, payments) = (RateBook::sample(), drawn(&quote, &draws));
        let terms = terms(&quote, &book);
        prop_assume!(!payments.is_empty());
        let mut rest = payments.clone();
        rest.remove(which.index(payments.len()));
        let account = Account::replayed(&quote.schedule, &rest, terms);
        check(&quote, &account, &rest);
        // All taken back, the first state is there again.
        prop_assert_eq!(Account::replayed(&quote.schedule, &[], terms), Account::opened(&quote.schedule));
    }

    #[test]
    fn two_payments_of_one_day_come_to_the_same_in_either_order(
        quote in loans(), draws in draws(), (first, second) in (of_a_day(), of_a_day()), day in 0_u16..900
    ) {
        let book = RateBook::sample();
        let terms = terms(&quote, &book);
        let day = quote.release.checked_add(jiff::Span::new().days(day)).unwrap();
        let mut before = drawn(&quote, &draws);
        before.retain(|payment| payment.paid_at.business_date() < day);
        let with = |both: [(i64, PaymentKind); 2]| {
            let of = |(number, (share, kind)): (u8, (i64, PaymentKind))| {
                payment(number, (quote.total.get() * share / 1_000).max(1), day, kind)
            };
            let both = (100_u8..).zip(both).map(of);
            Account::replayed(&quote.schedule, &before.iter().copied().chain(both).collect::<Vec<_>>(), terms)
        };
        prop_assert_eq!(with([first, second]), with([second, first]));
    }

    #[test]
    fn paying_off_early_costs_no_more_than_waiting_and_settles_everything(
        quote in loans(), draws in draws(), day in 0_u16..900
    ) {
        let book = RateBook::sample();
        let terms = terms(&quote, &book);
        let today = quote.release.checked_add(jiff::Span::new().days(day)).unwrap();
        let mut payments = drawn(&quote, &draws);
        payments.retain(|payment| payment.paid_at.business_date() <= today);
        let account = Account::replayed(&quote.schedule, &payments, terms);
        let payoff = account.payoff(today, terms);
        let owed: Cents = account
            .positions
            .iter()
            .filter(|position| position.settled_at.is_none())
            .map(|position| position.accrued(today, terms).owed())
            .sum();
        prop_assert!(payoff.amount <= owed && payoff.discount == owed - payoff.amount);
        if payoff.amount == Cents::ZERO {
            return Ok(());
        }
        payments.push(payment(200, payoff.amount.get(), today, PaymentKind::Payoff));
        let settled = Account::replayed(&quote.schedule, &payments, terms);
        check(&quote, &settled, &payments);
        prop_assert!(settled.is_paid_off() && settled.credit == account.credit);
    }

    #[test]
    fn on_a_due_date_with_nothing_late_the_payoff_is_the_principal_left(quote in loans(), paid in 0_usize..24) {
        let book = RateBook::sample();
        let terms = terms(&quote, &book);
        let paid = paid.min(quote.schedule.len() - 1);
        let payments: Vec<Payment> = quote.schedule[..paid]
            .iter()
            .map(|row| payment(u8::try_from(row.number).unwrap(), row.payment.get(), row.due, PaymentKind::Installments))
            .collect();
        let account = Account::replayed(&quote.schedule, &payments, terms);
        let today = payments.last().map_or(quote.release, |payment| payment.paid_at.business_date());
        let payoff = account.payoff(today, terms).amount;
        let apart = (payoff.get() - account.principal_left().get()).abs();
        // The schedule rounds each period's interest, so what is left may be a few cents from the exact value.
        prop_assert!(apart <= i64::try_from(quote.schedule.len()).unwrap(), "{apart} cents apart");
    }
}

/// A payoff that was not enough, then the amount that was asked for after it: both on one day, the second the larger.
#[test]
fn a_payoff_asked_for_after_one_that_was_not_enough_settles_the_loan() {
    let book = RateBook::sample();
    let quote = quote(100_000, 500_000, 2, Charges::Financed).unwrap();
    let (terms, today) = (terms(&quote, &book), date(2026, 1, 20));
    for (small, number) in [(10_000, 1), (60_000, 2), (90_000, 3)] {
        let first = payment(number, small, today, PaymentKind::Payoff);
        let account = Account::replayed(&quote.schedule, &[first], terms);
        assert!(!account.is_paid_off());
        let asked = account.payoff(today, terms).amount;
        let second = payment(9, asked.get(), today, PaymentKind::Payoff);
        for both in [[first, second], [second, first]] {
            let settled = Account::replayed(&quote.schedule, &both, terms);
            assert!(settled.is_paid_off() && settled.credit == Cents::ZERO, "{small}");
        }
    }
    let first = payment(1, 10_000, today, PaymentKind::Payoff);
    let asked = Account::replayed(&quote.schedule, &[first], terms).payoff(today, terms).amount;
    let short = payment(9, asked.get() - 1, today, PaymentKind::Payoff);
    assert!(!Account::replayed(&quote.schedule, &[first, short], terms).is_paid_off());
}

#[test]
fn the_published_late_payment_settles_its_installment() {
    let book = RateBook::sample();
    let quote = quote(1_000_000, 2_500_000, 12, Charges::Financed).unwrap();
    let row = crate::loan::schedule::Installment {
        number: 1,
        due: date(2026, 2, 15),
        days: 31,
        payment: Cents::new(97_487),
        interest: Cents::new(25_844),
        principal: Cents::new(71_643),
        balance: Cents::ZERO,
    };
    let terms = terms(&quote, &book);
    let paid = payment(1, 100_795, date(2026, 3, 2), PaymentKind::Installments);
    let account = Account::replayed(&[row], &[paid], terms);
    assert!(account.is_paid_off() && account.credit == Cents::ZERO);
    assert_eq!(account.positions[0].paid.charges, Cents::new(3_308));
    // A cent less leaves a cent, which goes on to bear interest but no second fine.
    let short = Account::replayed(&[row], &[Payment { amount: Cents::new(100_794), ..paid }], terms);
    let later = short.positions[0].accrued(date(2026, 4, 2), terms);
    assert_eq!((short.positions[0].owed(), later.owed()), (Cents::new(1), Cents::new(1)));
}
