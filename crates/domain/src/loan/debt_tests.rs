//! The properties of a borrower's debt and of its ledger, over random loans and random payments.

use jiff::civil::date;
use proptest::prelude::*;

use super::between::tests_exactly::exactly;
use super::debt::{Debt, Payment, PaymentKind, Terms};
use super::factor::Growth;
use super::pricing::{Charges, Product, Quote, Request, price};
use super::rates::RateBook;
use crate::id::{PaymentId, ResourceId};
use crate::ledger::{Balances, LedgerAccount};
use crate::loan::iof::IofRegime;
use crate::money::{Cents, Rate};
use crate::statement;
use crate::time::{Date, Timestamp};

fn quote(requested: i64, rate: i64, installments: u16, charges: Charges) -> Option<Quote> {
    quote_from(date(2026, 1, 15), requested, rate, installments, charges)
}

fn quote_from(
    release: Date, requested: i64, rate: i64, installments: u16, charges: Charges,
) -> Option<Quote> {
    let request = Request {
        requested: Cents::new(requested),
        monthly_rate: Rate::from_scaled(rate),
        installments,
        release,
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

/// A random payment: a share of the debt, the days after the release, and whether it is a payoff.
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

/// Loans of up to 60 installments, released on any day of three years.
fn long_loans() -> impl Strategy<Value = Quote> {
    let charges = prop_oneof![Just(Charges::Financed), Just(Charges::Deducted)];
    (100_000_i64..50_000_000, 0_i64..9_000_000, 1_u16..60, charges, 0_i64..1_100).prop_filter_map(
        "the request cannot be priced",
        |(requested, rate, count, charges, day)| {
            let release = date(2026, 1, 1).checked_add(jiff::ToSpan::days(day)).unwrap();
            quote_from(release, requested, rate, count, charges)
        },
    )
}

/// The payments of the first installments, each on its due date.
fn on_time(quote: &Quote, count: usize) -> Vec<Payment> {
    let of = |row: &crate::loan::schedule::ScheduledInstallment| {
        payment(u8::try_from(row.number).unwrap(), row.payment.get(), row.due, PaymentKind::Installments)
    };
    quote.schedule.iter().take(count).map(of).collect()
}

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    prop::collection::vec((1_i64..700, 0_u16..900, prop::bool::weighted(0.15)), 0..9)
}

/// A payment of a day: a share of the debt, up to twice the whole, and its purpose.
fn of_a_day() -> impl Strategy<Value = (i64, PaymentKind)> {
    (1_i64..2_000, prop_oneof![Just(PaymentKind::Installments), Just(PaymentKind::Payoff)])
}

/// Checks that nothing is negative, that every amount is in the ledger, and that the receivables are the unpaid
/// installments.
fn check(quote: &Quote, debt: &Debt, payments: &[Payment]) {
    let received: Cents = payments.iter().map(|payment| payment.amount).sum();
    let allocated: Cents = debt.positions.iter().map(|position| position.paid.money()).sum();
    assert_eq!(received, allocated + debt.credit);
    for position in &debt.positions {
        let paid = position.paid;
        for part in [paid.charges, paid.interest, paid.principal, paid.discount, position.charges_due] {
            assert!(part >= Cents::ZERO, "{position:?}");
        }
        assert!(paid.interest <= position.interest && paid.principal <= position.principal, "{position:?}");
        assert!(paid.money() >= Cents::ZERO);
        assert_eq!(position.settled_at.is_some(), position.owed() == Cents::ZERO, "{position:?}");
    }
    assert!(debt.credit >= Cents::ZERO);
    assert!(debt.credit == Cents::ZERO || debt.is_paid_off());
    if debt.is_paid_off() {
        assert_eq!(debt.principal_left(), Cents::ZERO);
    }
    let balances = Balances::of(quote, debt, payments);
    let entry = Balances::default().to(&balances).expect("the ledger is zero");
    assert!(!entry.is_empty());
    assert_eq!(balances.on(LedgerAccount::PrincipalReceivable), debt.principal_left());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_books_are_right_after_any_payments(quote in loans(), draws in draws()) {
        let (book, payments) = (RateBook::sample(), drawn(&quote, &draws));
        let terms = terms(&quote, &book);
        check(&quote, &Debt::opened(&quote.schedule), &[]);
        for count in 0..=payments.len() {
            let debt = Debt::replayed(&quote.schedule, &payments[..count], terms);
            check(&quote, &debt, &payments[..count]);
        }
    }

    /// A statement's lines of all entries sum to the balance, after any payments, reversals and a write-off.
    #[test]
    fn the_lines_of_a_statement_sum_to_the_balance(
        quote in loans(), draws in draws(), counted in prop::collection::vec(any::<bool>(), 9)
    ) {
        let (book, payments) = (RateBook::sample(), drawn(&quote, &draws));
        let terms = terms(&quote, &book);
        let mut balance = Cents::ZERO;
        let mut balances = Balances::default();
        let mut enter = |next: &Balances| {
            let entry = balances.to(next).expect("the ledger is zero");
            let lines: Cents = statement::lines(&entry).iter().map(|line| line.amount).sum();
            assert_eq!(lines, statement::change(&entry));
            balances = next.clone();
            balance += lines;
            balance
        };
        let after = |payments: &[Payment]| Debt::replayed(&quote.schedule, payments, terms);
        for count in 0..=payments.len() {
            let debt = after(&payments[..count]);
            let owed = enter(&Balances::of(&quote, &debt, &payments[..count]));
            assert_eq!(owed, debt.principal_left() - debt.credit);
        }
        // A reversal leaves some of the payments.
        let left: Vec<Payment> =
            payments.iter().zip(&counted).filter(|(_, counted)| **counted).map(|(one, _)| *one).collect();
        let debt = after(&left);
        let owed = enter(&Balances::of(&quote, &debt, &left));
        assert_eq!(owed, debt.principal_left() - debt.credit);
        // A write-off changes the books, not the balance; later payments are recoveries.
        let before = after(&[]);
        let all = after(&payments);
        enter(&Balances::of(&quote, &before, &[]));
        let written_off = Balances::after_write_off(&quote, (&before, &[]), (&before, &[]));
        assert_eq!(enter(&written_off), before.principal_left());
        let recovered = Balances::after_write_off(&quote, (&all, &payments), (&before, &[]));
        assert_eq!(enter(&recovered), all.principal_left() - all.credit);
    }

    /// Whichever payments came before the write-off, and whichever of all of them are left after reversals.
    #[test]
    fn the_books_are_right_after_a_write_off(
        quote in loans(), draws in draws(), counted in prop::collection::vec(any::<bool>(), 9)
    ) {
        let (book, payments) = (RateBook::sample(), drawn(&quote, &draws));
        let terms = terms(&quote, &book);
        let paid_before: Vec<Payment> =
            payments.iter().zip(&counted).filter(|(_, counted)| **counted).map(|(one, _)| *one).collect();
        let replayed = |payments: &[Payment]| Debt::replayed(&quote.schedule, payments, terms);
        let (debt, before) = (replayed(&payments), replayed(&paid_before));
        let plain = Balances::of(&quote, &before, &paid_before);
        let at_once = Balances::after_write_off(&quote, (&before, &paid_before), (&before, &paid_before));
        let write_off = plain.to(&at_once).expect("the write-off is balanced");
        prop_assert_eq!(write_off.on(LedgerAccount::Losses), before.principal_left());
        prop_assert_eq!(write_off.on(LedgerAccount::WrittenOff), -before.principal_left());
        let later = Balances::after_write_off(&quote, (&debt, &payments), (&before, &paid_before));
        prop_assert!(at_once.to(&later).is_ok(), "recoveries are balanced");
        let on = |account| later.on(account);
        prop_assert_eq!(on(LedgerAccount::PrincipalReceivable), debt.principal_left());
        prop_assert_eq!(on(LedgerAccount::PrincipalReceivable) + on(LedgerAccount::WrittenOff), Cents::ZERO);
        prop_assert_eq!(on(LedgerAccount::InterestIncome), plain.on(LedgerAccount::InterestIncome));
        let recovered: Cents = payments.iter().zip(&counted).filter(|(_, counted)| !**counted)
            .map(|(one, _)| one.amount).sum();
        let kept = debt.credit - before.credit;
        prop_assert_eq!(-on(LedgerAccount::RecoveryIncome), recovered - kept);
    }

    #[test]
    fn a_debt_is_the_same_by_bounds_and_exactly(quote in long_loans(), draws in draws(), day in 0_i64..2_000) {
        let book = RateBook::sample();
        let (terms, payments) = (terms(&quote, &book), drawn(&quote, &draws));
        let today = quote.release.checked_add(jiff::ToSpan::days(day)).unwrap();
        let debt = || {
            let debt = Debt::replayed(&quote.schedule, &payments, terms);
            let payoffs = [quote.release, today].map(|day| debt.payoff(day, terms));
            (debt, payoffs)
        };
        prop_assert_eq!(debt(), exactly(debt));
    }

    #[test]
    fn a_reversal_leaves_the_debt_as_if_the_payment_had_never_arrived(
        quote in loans(), draws in draws(), which in any::<prop::sample::Index>()
    ) {
        let (book, payments) = (RateBook::sample(), drawn(&quote, &draws));
        let terms = terms(&quote, &book);
        prop_assume!(!payments.is_empty());
        let mut rest = payments.clone();
        rest.remove(which.index(payments.len()));
        let debt = Debt::replayed(&quote.schedule, &rest, terms);
        check(&quote, &debt, &rest);
        // If all payments are reversed, the debt is as it was opened.
        prop_assert_eq!(Debt::replayed(&quote.schedule, &[], terms), Debt::opened(&quote.schedule));
    }

    #[test]
    fn two_payments_of_one_day_have_the_same_result_in_either_order(
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
            Debt::replayed(&quote.schedule, &before.iter().copied().chain(both).collect::<Vec<_>>(), terms)
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
        let debt = Debt::replayed(&quote.schedule, &payments, terms);
        let payoff = debt.payoff(today, terms);
        let owed: Cents = debt
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
        let settled = Debt::replayed(&quote.schedule, &payments, terms);
        check(&quote, &settled, &payments);
        prop_assert!(settled.is_paid_off() && settled.credit == debt.credit);
    }

    #[test]
    fn the_payoff_is_the_unpaid_principal_on_release_and_due_dates_and_grows_between_them(
        quote in long_loans(), paid in 0_usize..60, days in 0_i64..28
    ) {
        let book = RateBook::sample();
        let terms = terms(&quote, &book);
        let payments = on_time(&quote, paid.min(quote.schedule.len() - 1));
        let debt = Debt::replayed(&quote.schedule, &payments, terms);
        let since = payments.last().map_or(quote.release, |payment| payment.paid_at.business_date());
        let payoff = debt.payoff(since, terms);
        prop_assert_eq!(payoff.amount, debt.principal_left());
        let balance = payments.len().checked_sub(1).map_or(quote.principal, |last| quote.schedule[last].balance);
        prop_assert_eq!(payoff.amount, balance);
        let today = since.checked_add(jiff::ToSpan::days(days)).unwrap();
        let growth = Growth::of_monthly(quote.monthly_rate).over(u32::try_from(days).unwrap()).unwrap();
        prop_assert_eq!(Some(debt.payoff(today, terms).amount), growth.times_cents(balance).to_cents());
        // A payoff on that day settles everything and leaves nothing over.
        let payoff = payment(200, debt.payoff(today, terms).amount.get(), today, PaymentKind::Payoff);
        let mut settled = debt.clone();
        settled.receive(&payoff, terms);
        prop_assert!(settled.is_paid_off() && settled.credit == Cents::ZERO);
        check(&quote, &settled, &[payments, vec![payoff]].concat());
    }

    #[test]
    fn a_payment_lowers_the_later_debt_by_its_amount_and_the_interest_on_it(
        quote in loans(), amounts in prop::collection::vec((1_i64..5_000, 1_i64..200), 1..9), later in 1_i64..300
    ) {
        let book = RateBook::sample();
        let terms = terms(&quote, &book);
        let first = &quote.schedule[0];
        let effective = crate::calendar::next_business_day(first.due);
        let day = |n: i64| effective.checked_add(jiff::ToSpan::days(n)).unwrap();
        let today = day(200 + later);
        let rows = &quote.schedule[..1];
        let owed = |payments: &[Payment]| {
            Debt::replayed(rows, payments, terms).positions[0].accrued(today, terms).owed()
        };
        let payments: Vec<Payment> = (0_u8..).zip(&amounts)
            .map(|(number, (amount, n))| payment(number, *amount, day(*n), PaymentKind::Installments))
            .collect();
        let (untouched, paid) = (owed(&[]), payments.iter().map(|payment| payment.amount).sum::<Cents>());
        prop_assume!(paid < first.payment);
        let less = untouched - owed(&payments);
        // Each curve is rounded once, so two curves differ by at most a cent.
        let roundings = Cents::new(2);
        prop_assert!(less + roundings >= paid, "{less} less for {paid}");
        let grown = payments.iter().map(|payment| {
            let days = |day| u32::try_from(crate::time::days_between(effective, day)).unwrap();
            let (from, to) = (days(payment.paid_at.business_date()), days(today));
            let growth = Growth::of_monthly(quote.monthly_rate);
            let grown = (&growth.over(to).unwrap() - &growth.over(from).unwrap()).times_cents(payment.amount);
            payment.amount + grown.to_cents().unwrap() + Cents::new(payment.amount.get() * i64::from(to - from) / 3_000 + 2)
        });
        prop_assert!(less <= grown.sum::<Cents>() + roundings, "{less} less for {paid}");
    }

    #[test]
    fn a_payment_split_into_several_on_one_day_has_the_same_result(
        quote in loans(), shares in prop::collection::vec(1_i64..200, 1..6), (n, later) in (0_u16..400, 0_u16..400)
    ) {
        let book = RateBook::sample();
        let terms = terms(&quote, &book);
        let day = |n: u16| quote.release.checked_add(jiff::Span::new().days(n)).unwrap();
        let parts: Vec<Payment> = (0_u8..).zip(&shares)
            .map(|(number, share)| (number, (quote.total.get() * share / 1_000).max(1)))
            .map(|(number, amount)| payment(number, amount, day(n), PaymentKind::Installments))
            .collect();
        let whole = parts.iter().map(|part| part.amount).sum::<Cents>();
        let whole = payment(99, whole.get(), day(n), PaymentKind::Installments);
        let then = |payments: &[Payment]| {
            let debt = Debt::replayed(&quote.schedule, payments, terms);
            let positions = debt.positions.iter().map(|position| position.accrued(day(n + later), terms));
            (positions.collect::<Vec<_>>(), debt.credit)
        };
        prop_assert_eq!(then(&parts), then(&[whole]));
    }
}

/// 98,450.80 at 2.88 % in 48 installments from the last day of a month, two of them paid.
#[test]
fn a_payoff_on_a_due_date_is_the_balance_to_the_cent() {
    let book = RateBook::sample();
    let quote = quote_from(date(2027, 7, 31), 9_845_080, 2_880_000, 48, Charges::Deducted).unwrap();
    let terms = terms(&quote, &book);
    let debt = Debt::replayed(&quote.schedule, &on_time(&quote, 2), terms);
    let payoff = debt.payoff(quote.schedule[1].due, terms);
    assert_eq!((payoff.amount, payoff.amount), (Cents::new(9_650_522), quote.schedule[1].balance));
}

/// Eight payments of a cent, on eight days, on an installment that is 90 days late.
#[test]
fn payments_of_a_cent_do_not_restart_the_curve() {
    let book = RateBook::sample();
    let quote = quote(1_000_000, 10_000_000, 3, Charges::Financed).unwrap();
    let terms = terms(&quote, &book);
    let effective = crate::calendar::next_business_day(quote.schedule[0].due);
    let day = |n: i64| effective.checked_add(jiff::ToSpan::days(n)).unwrap();
    let owed = |payments: &[Payment]| {
        Debt::replayed(&quote.schedule, payments, terms).positions[0].accrued(day(90), terms).owed()
    };
    let cents: Vec<Payment> =
        (1_u8..=8).map(|k| payment(k, 1, day(i64::from(k) * 10), PaymentKind::Installments)).collect();
    assert_eq!(owed(&cents), owed(&[]) - Cents::new(8));
}

/// A payoff that is not enough, then a payoff of the amount that is left, both on one day. The second one is larger.
#[test]
fn a_payoff_of_the_rest_settles_the_loan_after_one_that_was_not_enough() {
    let book = RateBook::sample();
    let quote = quote(100_000, 500_000, 2, Charges::Financed).unwrap();
    let (terms, today) = (terms(&quote, &book), date(2026, 1, 20));
    for (small, number) in [(10_000, 1), (60_000, 2), (90_000, 3)] {
        let first = payment(number, small, today, PaymentKind::Payoff);
        let debt = Debt::replayed(&quote.schedule, &[first], terms);
        assert!(!debt.is_paid_off());
        let due = debt.payoff(today, terms).amount;
        let second = payment(9, due.get(), today, PaymentKind::Payoff);
        for both in [[first, second], [second, first]] {
            let settled = Debt::replayed(&quote.schedule, &both, terms);
            assert!(settled.is_paid_off() && settled.credit == Cents::ZERO, "{small}");
        }
    }
    let first = payment(1, 10_000, today, PaymentKind::Payoff);
    let due = Debt::replayed(&quote.schedule, &[first], terms).payoff(today, terms).amount;
    let short = payment(9, due.get() - 1, today, PaymentKind::Payoff);
    assert!(!Debt::replayed(&quote.schedule, &[first, short], terms).is_paid_off());
}

#[test]
fn the_published_late_payment_settles_its_installment() {
    let book = RateBook::sample();
    let quote = quote(1_000_000, 2_500_000, 12, Charges::Financed).unwrap();
    let row = crate::loan::schedule::ScheduledInstallment::published();
    let terms = terms(&quote, &book);
    let paid = payment(1, 100_795, date(2026, 3, 2), PaymentKind::Installments);
    let debt = Debt::replayed(&[row], &[paid], terms);
    assert!(debt.is_paid_off() && debt.credit == Cents::ZERO);
    assert_eq!(debt.positions[0].paid.charges, Cents::new(3_308));
    // A payment of one cent less leaves a cent, which bears interest but no second fine.
    let short = Debt::replayed(&[row], &[Payment { amount: Cents::new(100_794), ..paid }], terms);
    let later = short.positions[0].accrued(date(2026, 4, 2), terms);
    assert_eq!((short.positions[0].owed(), later.owed()), (Cents::new(1), Cents::new(1)));
}
