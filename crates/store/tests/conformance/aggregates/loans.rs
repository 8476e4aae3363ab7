//! Decisions, offers, loans and installments read back.

use domain::credit::{Decision, Outcome};
use domain::id::{DecisionId, ResourceId as _};
use domain::loan::late::{LateCurve, Step};
use domain::loan::{Installment, Loan, LoanSummary};
use domain::money::Cents;
use domain::page::Limit;
use domain::simulation::simulate;
use store::{StoreError, Stored, Tx};

use super::{at, inserted, issued, new_offer, offer, on_both_with_partner, partner, rates};
use crate::on_both;

#[test]
fn a_decision_makes_one_offer() {
    on_both_with_partner(|bench, ours| {
        let file = inserted(bench, ours, 529_982_247, "Ana", 1);
        let first = offer(bench, &file);
        let decision = DecisionId::new(at(1), [5; 10]);
        let twice = bench.write(move |tx| {
            for _ in 0..2 {
                let another = new_offer(tx, first.partner, first.customer);
                store::offers::insert_without_events(tx, &another, decision)?;
            }
            Ok(())
        });
        assert_eq!(twice, Err(StoreError::Duplicate));
    });
}

#[test]
fn a_refusal_and_a_referral_are_kept_with_their_grounds_and_make_no_offer() {
    on_both_with_partner(|bench, ours| {
        let customer = inserted(bench, ours, 529_982_247, "Ana", 1).customer.id;
        let decided = |outcome, seconds| Decision {
            id: DecisionId::new(at(seconds), [u8::try_from(seconds).unwrap(); 10]),
            customer,
            outcome,
            inputs: vec![("idade".into(), "3".into()), ("natureza".into(), "mei".into())],
            decided_by: domain::actor::Actor::Policy,
            policy_version: "test-1".into(),
            reasons: vec!["a reason".into(), "another".into()],
            valid_days: None,
            decided_at: at(seconds),
        };
        let decisions = [decided(Outcome::Referred, 2), decided(Outcome::Refused, 1)];
        bench
            .write(move |tx| {
                assert!(!store::credit::is_decided(tx, ours, customer)?);
                for decision in &decisions {
                    store::credit::insert_decision(tx, ours, decision)?;
                }
                assert!(store::credit::is_decided(tx, ours, customer)?);
                assert_eq!(store::credit::of_customer(tx, ours, customer)?.items, decisions);
                assert!(store::credit::approved_without_offer(tx, ours, customer)?.is_empty());
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_loan_with_its_simulation_and_installments_reads_back() {
    on_both(|bench| {
        let (ours, theirs) = (partner(bench), partner(bench));
        let file = inserted(bench, ours, 529_982_247, "Ana", 1);
        let offer = offer(bench, &file);
        bench
            .write(move |tx| {
                let id = tx.new_id(at(2));
                let simulation = simulate(&offer, id, at(2), Cents::new(1_000_000), 12, &rates()).unwrap();
                store::simulations::insert(tx, &simulation)?;
                assert_eq!(store::simulations::newest(tx, ours, offer.id)?, Some(simulation.clone()));
                let loan = issued(tx, &file, &simulation, at(3))?;
                store::simulations::take(tx, &simulation)?;
                let loan = store::loans::insert(tx, loan)?;
                // PostgreSQL may tell of a lost compare-and-set with the next answer.
                let again = tx.savepoint(|tx| {
                    store::simulations::take(tx, &simulation)?;
                    store::simulations::newest(tx, ours, offer.id).map(drop)
                })?;
                assert_eq!(again, Err(StoreError::Conflict));
                assert!(matches!(
                    store::simulations::newest(tx, ours, offer.id),
                    Err(StoreError::Corrupt(_))
                ));
                store::simulations::give_back(tx, &loan)?;
                assert_eq!(store::simulations::newest(tx, ours, offer.id)?, Some(simulation.clone()));
                store::signing::invite(tx, &loan)?;
                assert_eq!(store::loans::find(tx, ours, loan.id)?.as_ref(), Some(&loan));
                assert_eq!(store::signing::loan_of_link(tx, "a secret")?, Some((ours, loan.id)));
                assert_eq!(store::signing::loan_of_link(tx, "another")?, None);
                let loan = sheets_show_the_loan(tx, loan)?;
                assert_eq!(store::loans::summary(tx, theirs, loan.id)?, None);
                let rows: Vec<Installment> = loan
                    .quote
                    .schedule
                    .iter()
                    .map(|row| {
                        let id = tx.new_id(at(5));
                        Installment::of_row(id, ours, loan.id, row, loan.quote.monthly_rate, at(5))
                    })
                    .collect();
                store::installments::insert_all(tx, &rows)?;
                let limit = Limit::new(5).unwrap();
                let page = store::installments::list(tx, ours, loan.id, None, limit)?.unwrap();
                assert_eq!((page.items.as_slice(), page.has_more), (&rows[..5], true));
                let after = Some(page.items[4].id);
                let rest = store::installments::list(tx, ours, loan.id, after, Limit::DEFAULT)?.unwrap();
                assert_eq!((rest.items.as_slice(), rest.has_more), (&rows[5..], false));
                late_curves_read_back(tx, &rows[0])
            })
            .unwrap();
    });
}

/// The loan as answers show it is read as the whole loan is, in states with and without an open link.
fn sheets_show_the_loan(tx: &mut Tx<'_>, loan: Stored<Loan>) -> Result<Stored<Loan>, StoreError> {
    let summary = LoanSummary::from(&*loan);
    assert!(summary.open_link.is_some());
    assert_eq!(store::loans::summary(tx, loan.partner, loan.id)?, Some(summary));
    let cancelled = loan.change(|loan| loan.cancel(at(4)))?;
    let loan = store::loans::save(tx, cancelled)?;
    assert_eq!(store::loans::find(tx, loan.partner, loan.id)?.as_ref(), Some(&loan));
    let summary = LoanSummary::from(&*loan);
    assert!(summary.open_link.is_none());
    assert_eq!(store::loans::summary(tx, loan.partner, loan.id)?, Some(summary));
    Ok(loan)
}

/// The curve of a late installment is kept.
fn late_curves_read_back(tx: &mut Tx<'_>, row: &Installment) -> Result<(), StoreError> {
    let (due, unpaid) = (row.position.due, row.position.interest + row.position.principal);
    let charged_to = due.tomorrow().unwrap();
    let steps = vec![Step { since: due, unpaid }, Step { since: charged_to, unpaid: unpaid - Cents::new(1) }];
    let mut late = row.clone();
    late.position.late = LateCurve::of_steps(steps);
    late.position.charged_to = Some(charged_to);
    late.position.charges_due = Cents::new(1_234);
    store::installments::update(tx, &late)?;
    assert_eq!(store::installments::find(tx, late.partner, late.id)?.as_ref(), Some(&late));
    Ok(())
}

#[test]
fn contract_numbers_have_no_gaps_even_where_loans_fail() {
    on_both(|bench| {
        std::thread::scope(|scope| {
            for writer in 0..8 {
                scope.spawn(move || {
                    for round in 0..5 {
                        let fails = (writer + round) % 3 == 0;
                        let _outcome = bench.write(move |tx| {
                            store::loans::next_ccb_number(tx, 2026)?;
                            if fails { Err(StoreError::NotFound) } else { Ok(()) }
                        });
                    }
                });
            }
        });
        let kept = (0..8).flat_map(|w| (0..5).map(move |r| (w + r) % 3 != 0)).filter(|kept| *kept).count();
        let next = bench.write(|tx| store::loans::next_ccb_number(tx, 2026)).unwrap();
        assert_eq!(next.to_string(), format!("CCB-2026-{:06}", kept + 1));
        assert_eq!(bench.write(|tx| store::loans::next_ccb_number(tx, 2027)).unwrap().number, 1);
    });
}
