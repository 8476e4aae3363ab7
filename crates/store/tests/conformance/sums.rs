//! The sums of the journal: beside the waiting entries they are the journal, whatever was added when and by whom.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use domain::actor::Actor;
use domain::id::{LoanId, PartnerId};
use domain::ledger::{LedgerAccount, Posting, Postings};
use domain::money::Cents;
use domain::time::{Date, Timestamp};
use domain::trial_balance::{AccountDay, Moved, Period, TrialBalance};
use store::journal_sums::{advance, balance, behind, check_sums, is_day_right};
use store::ledger::{DayFilter, JournalEntry};
use store::{Cursor, Store, StoreError, Tx};

use crate::aggregates::partner;
use crate::ledger::{CPFS, disbursed};
use crate::{Bench, on_both};

/// Numbers that look random and are the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn cents(&mut self) -> Cents {
        Cents::new(i64::try_from(self.below(100_000)).unwrap() + 1)
    }
}

/// A moment on one of a hundred days around two ends of years.
fn moment(dice: &mut Dice) -> Timestamp {
    let begin = Timestamp::start_of_business_date(Date::constant(2025, 11, 20));
    let days = dice.below(50) + 365 * dice.below(2);
    begin.plus(Duration::from_secs(days * 86_400 + dice.below(86_400)))
}

/// Balanced postings on two or three accounts.
fn postings(dice: &mut Dice) -> Postings {
    let account =
        |dice: &mut Dice, from: u64| LedgerAccount::ALL[usize::try_from(from + dice.below(4)).unwrap()];
    let (one, other) = (dice.cents(), dice.cents());
    let all = [
        Posting { account: LedgerAccount::Cash, amount: one + other },
        Posting { account: account(dice, 1), amount: -one },
        Posting { account: account(dice, 5), amount: -other },
    ];
    let turned = |posting: Posting| Posting { amount: -posting.amount, ..posting };
    Postings::balanced(if dice.below(2) == 0 { all.to_vec() } else { all.map(turned).to_vec() }).unwrap()
}

fn entry(
    tx: &mut Tx<'_>, (partner, loan): (PartnerId, LoanId), at: Timestamp, postings: Postings,
) -> JournalEntry {
    JournalEntry {
        id: tx.new_id(at),
        partner,
        loan,
        cause: "payment".into(),
        subject: loan.to_string(),
        actor: Actor::Sandbox,
        entered_at: at,
        postings,
    }
}

fn enter(store: &Store, of: (PartnerId, LoanId), at: Timestamp, postings: &Postings) {
    let postings = postings.clone();
    let append = move |tx: &mut Tx<'_>| {
        let entry = entry(tx, of, at, postings.clone());
        store::ledger::append(tx, &entry)
    };
    store.write_blocking(append).unwrap();
}

/// The trial balance of a day, added up from every posting.
fn added_up(tx: &mut Tx<'_>, day: Date, partner: Option<PartnerId>) -> Result<TrialBalance, StoreError> {
    let sql = "select e.partner_id, e.entered_at, p.account, p.amount from journal_entries e \
               join journal_postings p on p.partner_id = e.partner_id and p.loan_id = e.loan_id and p.entry_id = e.id";
    let rows: Vec<(PartnerId, Timestamp, String, Cents)> = tx.fetch_all(sql, &[])?;
    let mut accounts: BTreeMap<usize, AccountDay> = BTreeMap::new();
    for (of, at, account, amount) in rows {
        let account: LedgerAccount = account.parse().unwrap();
        let place = LedgerAccount::ALL.iter().position(|known| *known == account).unwrap();
        if at.business_date() > day || partner.is_some_and(|partner| partner != of) {
            continue;
        }
        let sums =
            accounts.entry(place).or_insert(AccountDay { account, opening: Cents::ZERO, moved: Moved::NONE });
        if at.business_date() == day {
            sums.moved.add(amount);
        } else {
            sums.opening += amount;
        }
    }
    Ok(TrialBalance { day, accounts: accounts.into_values().collect(), unreadable: 0 })
}

fn assert_exact(bench: &Bench, day: Date, partner: Option<PartnerId>) {
    let both = bench.write(move |tx| Ok((balance(tx, day, partner)?, added_up(tx, day, partner)?)));
    let (found, expected) = both.unwrap();
    assert_eq!(found, expected, "{day} {partner:?}");
    assert!(found.is_balanced());
}

/// Adds the waiting entries that can be read, in steps of seven. Returns the numbers of those and of the others.
fn settle(store: &Store) -> (u64, usize) {
    let (mut added, mut unreadable) = (0, 0);
    for partner in store.write_blocking(behind).unwrap() {
        let mut after = Some(String::new());
        while let Some(place) = after {
            let step = store.write_blocking(move |tx| advance(tx, partner, &place, 7)).unwrap();
            (added, unreadable) = (added + step.added, unreadable + step.unreadable.len());
            after = step.last;
        }
    }
    (added, unreadable)
}

#[test]
fn the_trial_balance_is_the_journal_whatever_was_added_when() {
    on_both(|bench| {
        let owners = [partner(bench), partner(bench)];
        let loans = owners.map(|owner| (owner, disbursed(bench, owner, CPFS[0], 10).0));
        let mut dice = Dice(11);
        for round in 0..60 {
            for _ in 0..dice.below(6) {
                let of = loans[usize::try_from(dice.below(2)).unwrap()];
                let (at, postings) = (moment(&mut dice), postings(&mut dice));
                enter(&bench.store, of, at, &postings);
            }
            if dice.below(2) == 0 {
                let owner = owners[usize::try_from(dice.below(2)).unwrap()];
                let rows = i64::try_from(dice.below(9)).unwrap();
                bench.write(move |tx| advance(tx, owner, "", rows)).unwrap();
            }
            let day = moment(&mut dice).business_date();
            let of = [None, Some(owners[0]), Some(owners[1])][usize::try_from(dice.below(3)).unwrap()];
            assert_exact(bench, day, of);
            if round % 20 == 19 {
                settle(&bench.store);
                assert_eq!(settle(&bench.store), (0, 0));
                assert_exact(bench, day, of);
            }
        }
        for day in [Date::constant(2025, 12, 31), Date::constant(2026, 1, 1), Date::constant(2027, 6, 1)] {
            assert_exact(bench, day, None);
        }
    });
}

/// Writers and workers on two nodes at once. No entry is counted twice or left out, and a reader sees equal debits and
/// credits at every moment.
#[test]
fn sums_are_exact_beside_writers_and_workers_of_two_nodes() {
    on_both(|bench| {
        let owner = partner(bench);
        let (loan, _) = disbursed(bench, owner, CPFS[0], 10);
        let nodes = if bench.store.serves_alone() {
            [bench.store.clone(), bench.store.clone()]
        } else {
            [bench.store.clone(), bench.second_node()]
        };
        let done = AtomicBool::new(false);
        let day = Date::constant(2025, 12, 10);
        std::thread::scope(|threads| {
            let writers = [1, 2, 3, 4].map(|number: usize| {
                let store = &nodes[number % 2];
                threads.spawn(move || {
                    let mut dice = Dice(u64::try_from(number).unwrap());
                    for _ in 0..40 {
                        let (at, postings) = (moment(&mut dice), postings(&mut dice));
                        enter(store, (owner, loan), at, &postings);
                    }
                })
            });
            for store in &nodes {
                let done = &done;
                threads.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        settle(store);
                        std::thread::yield_now();
                    }
                });
            }
            let (done, store) = (&done, &nodes[1]);
            threads.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    let found = store.write_blocking(move |tx| balance(tx, day, None)).unwrap();
                    assert!(found.is_balanced(), "{found:?}");
                }
            });
            for writer in writers {
                writer.join().unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        settle(&bench.store);
        for day in [day, Date::constant(2025, 12, 31), Date::constant(2027, 6, 1)] {
            assert_exact(bench, day, Some(owner));
            assert_exact(bench, day, None);
        }
    });
}

#[test]
fn a_changed_sum_is_found_and_a_damaged_entry_keeps_no_other_one_from_its_sum() {
    on_both(|bench| {
        let owner = partner(bench);
        let (loan, principal) = disbursed(bench, owner, CPFS[0], 10);
        let day = crate::aggregates::at(10).business_date();
        settle(&bench.store);
        assert!(bench.write(move |tx| is_day_right(tx, day)).unwrap());
        let change = "update journal_sums set debit = debit + 1 where period = 'day' and account = 'cash'";
        bench.write(move |tx| tx.execute(change, &[])).unwrap();
        assert!(!bench.write(move |tx| is_day_right(tx, day)).unwrap());
        assert!(!bench.write(move |tx| balance(tx, day, None)).unwrap().is_balanced());
        let back = "update journal_sums set debit = debit - 1 where period = 'day' and account = 'cash'";
        bench.write(move |tx| tx.execute(back, &[])).unwrap();

        let one = |amount| Posting { account: LedgerAccount::Cash, amount };
        let two = |amount| Posting { account: LedgerAccount::FeeIncome, amount };
        let paid = Postings::balanced(vec![one(Cents::new(5)), two(Cents::new(-5))]).unwrap();
        let at = crate::aggregates::at(20);
        enter(&bench.store, (owner, loan), at, &paid);
        let damage = "update journal_postings set account = 'no account' where account = 'fee_income'";
        bench.write(move |tx| tx.execute(damage, &[])).unwrap();
        enter(&bench.store, (owner, loan), at.plus(Duration::from_secs(1)), &paid);
        assert_eq!(settle(&bench.store), (1, 1), "the damaged one waits");
        let found = bench.write(move |tx| balance(tx, at.business_date(), None)).unwrap();
        assert_eq!(found.unreadable, 1);
        let cash = found.account(LedgerAccount::Cash).unwrap();
        assert_eq!((cash.closing(), found.is_balanced()), (Cents::new(10) - principal, false));
    });
}

/// Openings come from the sums of months and years, so a changed row of each kind is found.
#[test]
fn a_sum_of_a_day_a_month_or_a_year_that_was_changed_by_hand_is_found() {
    on_both(|bench| {
        let owner = partner(bench);
        let (loan, _) = disbursed(bench, owner, CPFS[0], 10);
        let mut dice = Dice(3);
        for _ in 0..40 {
            let (at, postings) = (moment(&mut dice), postings(&mut dice));
            enter(&bench.store, (owner, loan), at, &postings);
        }
        settle(&bench.store);
        let wrong = || bench.write(move |tx| check_sums(tx, owner)).unwrap().wrong;
        let run = |sql: String| assert_eq!(bench.write(move |tx| tx.execute(&sql, &[])).unwrap(), 1);
        assert!(wrong().is_empty());
        let one = |period: Period| {
            let period = period.name();
            format!(
                "period = '{period}' and account = 'cash' \
                 and begins = (select max(begins) from journal_sums where period = '{period}' and account = 'cash')"
            )
        };
        let (year, month) = (Date::constant(2027, 1, 1), Date::constant(2027, 1, 1));
        for (period, found) in [
            (Period::Day, vec![(Period::Month, month)]),
            (Period::Month, vec![(Period::Year, year), (Period::Month, month)]),
            (Period::Year, vec![(Period::Year, year)]),
        ] {
            for column in ["debit", "credit", "debits", "credits"] {
                run(format!("update journal_sums set {column} = {column} + 1 where {}", one(period)));
                assert_eq!(wrong().into_iter().collect::<Vec<_>>(), found, "{period:?} {column}");
                run(format!("update journal_sums set {column} = {column} - 1 where {}", one(period)));
            }
        }
        assert!(wrong().is_empty());
    });
}

/// More damaged entries than a step takes keep no later entry from its sum. They are added once they are repaired.
#[test]
fn many_damaged_entries_are_skipped_and_keep_no_other_one_from_its_sum() {
    on_both(|bench| {
        let owner = partner(bench);
        let (loan, _) = disbursed(bench, owner, CPFS[0], 10);
        settle(&bench.store);
        let pay = |account| {
            let cash = Posting { account: LedgerAccount::Cash, amount: Cents::new(5) };
            Postings::balanced(vec![cash, Posting { account, amount: Cents::new(-5) }]).unwrap()
        };
        let at = crate::aggregates::at(20);
        for second in 0..20 {
            let at = at.plus(Duration::from_secs(second));
            enter(&bench.store, (owner, loan), at, &pay(LedgerAccount::LateChargesIncome));
        }
        let run = |sql: &'static str| bench.write(move |tx| tx.execute(sql, &[])).unwrap();
        run("update journal_postings set account = 'no account' where account = 'late_charges_income'");
        // A row that waits may be damaged itself.
        run(
            "update journal_waiting set day = 'no day' where entry_id = (select max(entry_id) from journal_waiting)",
        );
        let later = at.plus(Duration::from_secs(60));
        enter(&bench.store, (owner, loan), later, &pay(LedgerAccount::InterestIncome));
        assert_eq!(settle(&bench.store), (1, 20), "the later one is added");
        assert_eq!(settle(&bench.store), (0, 20));
        let found = bench.write(move |tx| balance(tx, at.business_date(), None)).unwrap();
        let interest = found.account(LedgerAccount::InterestIncome).unwrap();
        assert_eq!((interest.closing(), found.is_balanced()), (Cents::new(-5), false));

        run("update journal_postings set account = 'late_charges_income' where account = 'no account'");
        run(
            "update journal_waiting set day = (select max(begins) from journal_sums where period = 'day') where day = 'no day'",
        );
        assert_eq!(settle(&bench.store), (20, 0));
        assert_exact(bench, at.business_date(), None);
    });
}

#[test]
fn the_entries_of_a_day_are_those_of_its_account_and_partner() {
    on_both(|bench| {
        let owners = [partner(bench), partner(bench)];
        let loans = owners.map(|owner| (owner, disbursed(bench, owner, CPFS[0], 10).0));
        let noon =
            Timestamp::start_of_business_date(Date::constant(2026, 2, 3)).plus(Duration::from_hours(12));
        let post = |account, cents| {
            let debit = Posting { account: LedgerAccount::Cash, amount: Cents::new(cents) };
            Postings::balanced(vec![debit, Posting { account, amount: -Cents::new(cents) }]).unwrap()
        };
        let day = Duration::from_hours(24);
        for at in [noon, noon.minus(day), noon.plus(day)] {
            enter(&bench.store, loans[0], at, &post(LedgerAccount::FeeIncome, 7));
            enter(&bench.store, loans[1], at, &post(LedgerAccount::CustomerCredit, 9));
        }
        let of = |account: Option<LedgerAccount>, partner: Option<PartnerId>| {
            let filter = DayFilter { day: noon.business_date(), account, partner };
            let first = Cursor::first(domain::page::Limit::MOST);
            let page = bench.write(move |tx| Ok(store::ledger::of_day(tx, &filter, &first)?.ok().unwrap()));
            page.unwrap().items.iter().map(|entry| entry.partner).collect::<Vec<_>>()
        };
        assert_eq!(of(None, None).len(), 2);
        assert_eq!(of(Some(LedgerAccount::Cash), None).len(), 2);
        assert_eq!(of(Some(LedgerAccount::FeeIncome), None), [owners[0]]);
        assert_eq!(of(Some(LedgerAccount::Cash), Some(owners[1])), [owners[1]]);
        assert_eq!(of(Some(LedgerAccount::FeeIncome), Some(owners[1])), []);
        assert_eq!(of(Some(LedgerAccount::IofPayable), None), []);
    });
}
