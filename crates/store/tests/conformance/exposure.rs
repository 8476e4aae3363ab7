//! The amounts that a person or a company was granted and owes, over all partners.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::credit::policy::Exposure;
use domain::credit::{Decision, Outcome};
use domain::customer::CustomerFile;
use domain::loan::{Installment, Loan};
use domain::money::Cents;
use domain::offer::Offer;
use domain::simulation::simulate;
use store::exposure::{self, Exposed};
use store::{StoreError, Tx, args};

use crate::aggregates::{at, inserted, issued, offer, partner, rates, terms};
use crate::{Bench, on_both};

fn sums(bench: &Bench, file: &CustomerFile) -> (Exposure, Exposure) {
    let customer = file.customer.clone();
    bench
        .write(move |tx| {
            let person = Exposed::person(tx, &customer);
            let company = Exposed::company(tx, &customer).unwrap();
            Ok((exposure::of(tx, &person)?, exposure::of(tx, &company)?))
        })
        .unwrap()
}

fn granted(bench: &Bench, file: &CustomerFile) -> i64 {
    let (person, company) = sums(bench, file);
    assert!(company.granted >= person.granted, "all these people have the same company");
    person.granted.get()
}

fn run(bench: &Bench, sql: &'static str) {
    bench.write(move |tx| tx.execute(sql, &[])).unwrap();
}

pub(crate) fn approved(tx: &mut Tx<'_>, file: &CustomerFile) -> Result<(), StoreError> {
    let decision = Decision {
        id: tx.new_id(at(2)),
        customer: file.customer.id,
        outcome: Outcome::Approved(terms()),
        inputs: vec![],
        decided_by: domain::actor::Actor::Policy,
        valid_days: None,
        policy_version: "test-1".into(),
        reasons: vec!["a reason".into()],
        decided_at: at(2),
    };
    store::credit::insert_decision(tx, file.customer.partner, &decision)
}

/// A loan of the offer with its installments, in the named state.
fn lent(bench: &Bench, file: &CustomerFile, offer: Offer) -> Loan {
    let file = file.clone();
    bench
        .write(move |tx| {
            let id = tx.new_id(at(2));
            let simulation = simulate(&offer, id, at(2), Cents::new(1_000_000), 12, &rates()).unwrap();
            let loan = issued(tx, &file, &simulation, at(3))?;
            let loan = store::loans::insert(tx, loan)?.into_value();
            let installment = |row| {
                let id = tx.new_id(at(5));
                Installment::of_row(id, loan.partner, loan.id, row, loan.quote.monthly_rate, at(5))
            };
            let rows: Vec<Installment> = loan.quote.schedule.iter().map(installment).collect();
            store::installments::insert_all(tx, &rows)?;
            Ok(loan)
        })
        .unwrap()
}

#[test]
fn granted_and_outstanding_amounts_of_all_partners_are_summed_from_the_approval_to_the_loans_end() {
    on_both(|bench| {
        let here = inserted(bench, partner(bench), 529_982_247, "Ana", 1);
        let there = inserted(bench, partner(bench), 529_982_247, "Ana", 1);
        let another = inserted(bench, there.customer.partner, 111_444_777, "Bia", 1);
        let most = terms().approved_amount.get();
        assert_eq!(sums(bench, &here), (Exposure::default(), Exposure::default()));

        // An approval without an offer counts, unless it will never have one.
        let file = there.clone();
        bench.write(move |tx| approved(tx, &file)).unwrap();
        assert_eq!((granted(bench, &here), granted(bench, &there)), (most, most));
        run(bench, "update customers set state = 'denied'");
        assert_eq!(granted(bench, &here), 0);
        run(bench, "update customers set state = 'pending_kyc'");

        // Open offers of every partner count. Ended offers do not.
        let open = offer(bench, &here);
        let (person, company) = sums(bench, &there);
        assert_eq!((person.granted.get(), company.granted.get()), (2 * most, 2 * most));
        let (nobody, company) = sums(bench, &another);
        assert_eq!((nobody, company.granted.get()), (Exposure::default(), 2 * most));
        run(bench, "update offers set state = 'expired'");
        assert_eq!(granted(bench, &there), most);

        // A loan is granted with its principal from its creation to its end. Its unpaid principal is outstanding.
        let principal = lent(bench, &here, open).quote.principal;
        for state in ["processing", "awaiting_signatures", "signed", "disbursing", "error"] {
            let sql = "update loans set state = $1";
            bench.write(move |tx| tx.execute(sql, args![*state])).unwrap();
            let expected = Exposure { granted: principal + terms().approved_amount, ..Exposure::default() };
            assert_eq!(sums(bench, &there).0, expected, "{state}");
        }
        run(bench, "update loans set state = 'active'");
        assert_eq!(sums(bench, &there).0.outstanding, principal);
        let paid =
            "update installments set paid_principal = principal, paid_interest = interest where number <= 2";
        run(bench, paid);
        let rest = bench.write(|tx| {
            let rest = "select cast(sum(principal) as bigint) from installments where number > 2";
            tx.query_one(rest, &[], |row| row.get::<Cents>(0))
        });
        let owed = Exposure { granted: principal + terms().approved_amount, outstanding: rest.unwrap() };
        assert_eq!(sums(bench, &there), (owed, owed));
        for state in ["finished", "cancelled"] {
            let sql = "update loans set state = $1";
            bench.write(move |tx| tx.execute(sql, args![*state])).unwrap();
            assert_eq!(sums(bench, &there).0.granted.get(), most, "{state}");
        }
    });
}

#[test]
fn a_damaged_row_is_an_error_and_not_a_smaller_sum() {
    on_both(|bench| {
        let file = inserted(bench, partner(bench), 529_982_247, "Ana", 1);
        offer(bench, &file);
        run(bench, "update offers set terms = 'x'");
        let customer = file.customer.clone();
        let sum = bench.write(move |tx| {
            let person = Exposed::person(tx, &customer);
            exposure::of(tx, &person)
        });
        assert!(matches!(sum, Err(StoreError::Corrupt(_))), "{sum:?}");
    });
}

#[test]
fn the_second_decision_on_a_person_waits_and_sees_the_first_grant() {
    on_both(|bench| {
        let here = inserted(bench, partner(bench), 529_982_247, "Ana", 1);
        let there = inserted(bench, partner(bench), 529_982_247, "Ana", 1);
        let (has_turn, first_has_it) = channel::<()>();
        let (done, second_is_done) = channel::<()>();
        let second_is_done = Arc::new(Mutex::new(second_is_done));
        let seen = std::thread::scope(|scope| {
            let customer = there.customer.clone();
            let second = scope.spawn(move || {
                first_has_it.recv().unwrap();
                let seen = bench.write(move |tx| {
                    let person = Exposed::person(tx, &customer);
                    exposure::take_turn(tx, &[&person])?;
                    exposure::of(tx, &person)
                });
                done.send(()).unwrap();
                seen.unwrap()
            });
            let (file, second_is_done) = (here.clone(), Arc::clone(&second_is_done));
            bench
                .write(move |tx| {
                    let person = Exposed::person(tx, &file.customer);
                    exposure::take_turn(tx, &[&person])?;
                    has_turn.send(()).unwrap();
                    // Without turns the second decision would have finished by now, without the first grant.
                    let waited = second_is_done.lock().unwrap().recv_timeout(Duration::from_millis(700));
                    assert_eq!(waited, Err(RecvTimeoutError::Timeout));
                    approved(tx, &file)
                })
                .unwrap();
            second.join().unwrap()
        });
        assert_eq!(seen.granted, terms().approved_amount);
    });
}
