//! The check of the ledger: it runs in steps of a few loans, and reports each fault once.

use domain::actor::Actor;
use domain::id::{LoanId, PartnerId};
use domain::ledger::{LedgerAccount, Posting, Postings};
use domain::loan::Installment;
use domain::money::Cents;
use domain::page::{Limit, Order};
use domain::simulation::simulate;
use store::ledger::{Checked, JournalEntry};
use store::{Cursor, StoreError, Tx};

use crate::aggregates::{at, inserted, issued, offer, on_both_with_partner, partner, rates};
use crate::{Bench, on_both};

pub(crate) const CPFS: [u32; 5] = [529_982_247, 111_444_777, 123_456_789, 255_248_930, 987_654_321];

/// A loan with its installments and the entry of its disbursement. Returns also that entry's id.
pub(crate) fn disbursed(bench: &Bench, partner: PartnerId, cpf: u32, second: i64) -> (LoanId, Cents) {
    let file = inserted(bench, partner, cpf, "Ana", second);
    let offer = offer(bench, &file);
    let lend = move |tx: &mut Tx<'_>| {
        let id = tx.new_id(at(second));
        let simulation = simulate(&offer, id, at(2), Cents::new(1_000_000), 12, &rates()).unwrap();
        store::simulations::insert(tx, &simulation)?;
        let loan = issued(tx, &file, &simulation, at(second))?;
        let loan = store::loans::insert(tx, loan)?;
        let (now, rate) = (at(second), loan.quote.monthly_rate);
        let row = |row| Installment::of_row(tx.new_id(now), partner, loan.id, row, rate, now);
        let rows: Vec<Installment> = loan.quote.schedule.iter().map(row).collect();
        store::installments::insert_all(tx, &rows)?;
        let principal: Cents = rows.iter().map(|row| row.position.principal).sum();
        let lent = Posting { account: LedgerAccount::PrincipalReceivable, amount: principal };
        let paid_out = Posting { account: LedgerAccount::Cash, amount: -principal };
        let entry = JournalEntry {
            id: tx.new_id(now),
            partner,
            loan: loan.id,
            cause: "disbursement".into(),
            subject: loan.id.to_string(),
            actor: Actor::Sandbox,
            entered_at: now,
            postings: Postings::balanced(vec![lent, paid_out]).unwrap(),
        };
        store::ledger::append(tx, &entry)?;
        Ok((loan.id, principal))
    };
    bench.write(lend).unwrap()
}

/// Runs the check in steps of two loans. Returns the result of each step.
fn steps(bench: &Bench, partner: PartnerId) -> Vec<Checked> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let step = bench.write(move |tx| store::ledger::check_some(tx, partner, after, 2)).unwrap();
        after = step.last;
        all.push(step);
        if after.is_none() {
            return all;
        }
    }
}

fn faults(bench: &Bench, partner: PartnerId) -> (usize, Vec<LoanId>) {
    let steps = steps(bench, partner);
    let unbalanced = steps.iter().map(|step| step.unbalanced.len()).sum();
    (unbalanced, steps.into_iter().flat_map(|step| step.adrift).collect())
}

fn damage(bench: &Bench, sql: &'static str, partner: PartnerId, loan: LoanId) {
    let done: Result<(), StoreError> =
        bench.write(move |tx| tx.execute_one(sql, store::args![partner, loan]));
    done.unwrap();
}

#[test]
fn the_ledger_is_checked_in_steps_and_every_fault_is_found() {
    on_both(|bench| {
        let (ours, theirs) = (partner(bench), partner(bench));
        let loans: Vec<(LoanId, Cents)> =
            CPFS.iter().zip(10..).map(|(cpf, second)| disbursed(bench, ours, *cpf, second)).collect();
        let (foreign, _) = disbursed(bench, theirs, CPFS[0], 10);
        damage(
            bench,
            "update installments set principal = principal + 1 \
                       where partner_id = $1 and loan_id = $2 and number = 1",
            theirs,
            foreign,
        );

        let found = steps(bench, ours);
        // The steps have two, two and one loans.
        assert_eq!(found.len(), 3, "{found:?}");
        let lent: Cents = loans.iter().map(|(_, principal)| *principal).sum();
        let held = |account| -> Cents {
            let balances = found.iter().flat_map(|step| &step.balances);
            balances.filter(|posting| posting.account == account).map(|posting| posting.amount).sum()
        };
        assert_eq!(held(LedgerAccount::PrincipalReceivable), lent);
        assert_eq!(held(LedgerAccount::Cash), -lent);
        assert_eq!(faults(bench, ours), (0, Vec::new()));
        assert_eq!(faults(bench, theirs), (0, vec![foreign]));

        // The faults are in the first step, in the last step, and at the end of a step.
        damage(
            bench,
            "update installments set paid_principal = 1 \
                       where partner_id = $1 and loan_id = $2 and number = 3",
            ours,
            loans[0].0,
        );
        damage(
            bench,
            "update journal_postings set amount = amount + 1 where account = 'cash' and partner_id = $1 \
                       and loan_id = $2",
            ours,
            loans[4].0,
        );
        damage(
            bench,
            "update journal_postings set amount = amount - 5 where account = 'principal_receivable' \
                       and partner_id = $1 and loan_id = $2",
            ours,
            loans[1].0,
        );
        let (unbalanced, mut adrift) = faults(bench, ours);
        adrift.sort();
        assert_eq!((unbalanced, adrift), (2, vec![loans[0].0, loans[1].0]));
    });
}

#[test]
fn a_loans_ledger_has_only_its_own_entries_and_another_loans_entry_is_no_cursor_in_it() {
    on_both_with_partner(|bench, ours| {
        let loans = [(CPFS[0], 10), (CPFS[1], 11)].map(|(cpf, second)| disbursed(bench, ours, cpf, second));
        let entries = |loan, after| {
            let cursor = Cursor { after, limit: Limit::MOST, order: Order::Ascending };
            let page =
                bench.write(move |tx| Ok(store::ledger::of_loan(tx, ours, loan, &cursor)?.ok())).unwrap();
            page.map(|page| page.items)
        };
        let [one, other] = loans.map(|(loan, _)| entries(loan, None).unwrap());
        for (held, (loan, principal)) in [&one, &other].into_iter().zip(loans) {
            assert_eq!((held.len(), held[0].loan), (1, loan));
            let receivable = held[0].postings.iter().find(|posting| posting.amount > Cents::ZERO).unwrap();
            assert_eq!(receivable.amount, principal);
            let balances = bench.write(move |tx| store::ledger::balances_of_loan(tx, ours, loan)).unwrap();
            assert!(balances.contains(receivable), "{balances:?}");
            assert_eq!(balances.iter().map(|posting| posting.amount).sum::<Cents>(), Cents::ZERO);
        }
        assert_eq!(entries(loans[0].0, Some(one[0].id)), Some(Vec::new()));
        assert_eq!(entries(loans[0].0, Some(other[0].id)), None);
    });
}
