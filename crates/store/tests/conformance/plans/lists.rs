//! The statements of every list, with each filter, sort key and order, from the beginning and from a cursor.

use domain::customer::{CustomerEvent, CustomerState, Tag};
use domain::event::EventKind;
use domain::id::{CustomerId, DeliveryId, EventId, LoanId, MailId, OperatorId, PartnerId, ResourceId as _};
use domain::ledger::LedgerAccount;
use domain::loan::LoanEventKind;
use domain::loan::LoanStateKind;
use domain::mail::MailState;
use domain::money::Cents;
use domain::note::{Note, NoteRecord};
use domain::offer::OfferStateKind;
use domain::page::{Limit, Order};
use domain::queue::{CaseSubject, Queue};
use domain::simulation::simulate;
use domain::time::{Date, Span, Timestamp};
use domain::webhook::delivery::DeliveryStateKind;
use store::cases::{CaseFilter, CasePlace, Taken};
use store::customers::{CustomerFilter, CustomerSort};
use store::deliveries::{DeliveryFilter, LeasedDelivery};
use store::ledger::DayFilter;
use store::loans::LoanFilter;
use store::mails::MailFilter;
use store::offers::OfferFilter;
use store::outbox::EventFilter;
use store::overdue::{Debtors, OverdueFilter, OverduePlace};
use store::{Cursor, StoreError, Tx};

use crate::Bench;
use crate::aggregates::{at, endpoint, inserted, issued, offer, partner, rates, real};
use crate::delivery_lists::with_events;
use crate::ledger::disbursed;

/// Runs every list and returns the statements that this made.
pub(super) fn statements() -> Vec<String> {
    let bench = Bench::sqlite();
    let ours = partner(&bench);
    customers(&bench, ours);
    loans(&bench, ours);
    events_and_deliveries(&bench, ours);
    mails(&bench, ours);
    queues(&bench, ours);
    notes(&bench, ours);
    tagged(&bench, ours);
    journal(&bench, ours);
    due_moments(&bench);
    store::statements::run_so_far().into_iter().map(|statement| statement.sql).collect()
}

/// Each subset of `N` filters.
fn choices<const N: usize>() -> impl Iterator<Item = [bool; N]> {
    (0..1_usize << N).map(|bits| std::array::from_fn(|place| bits >> place & 1 == 1))
}

/// Each cursor: both orders, from the beginning and after an item.
fn cursors<I: Copy>(item: I) -> Vec<Cursor<I>> {
    let limit = Limit::MOST;
    let of = |order| [None, Some(item)].map(|after| Cursor { after, limit, order });
    [Order::Ascending, Order::Descending].into_iter().flat_map(of).collect()
}

/// Runs a read; a list that does not know its cursor would not have run its statement.
fn run<T, U>(bench: &Bench, list: impl Fn(&mut Tx<'_>) -> Result<Result<T, U>, StoreError> + Send + 'static) {
    let known = bench.write(move |tx| Ok(list(tx)?.is_ok())).unwrap();
    assert!(known, "the cursor's row is there");
}

fn journal(bench: &Bench, ours: PartnerId) {
    let (loan, _) = disbursed(bench, ours, 529_982_249, 12);
    let page = bench.write(move |tx| {
        let page = store::ledger::of_loan(tx, ours, loan, &Cursor::first(Limit::MOST))?;
        Ok(page.ok().unwrap().items[0].id)
    });
    let entry = page.unwrap();
    for [of_partner, of_account] in choices() {
        for cursor in cursors(entry) {
            let filter = DayFilter {
                day: at(12).business_date(),
                account: of_account.then_some(LedgerAccount::Cash),
                partner: of_partner.then_some(ours),
            };
            run(bench, move |tx| store::ledger::of_day(tx, &filter, &cursor));
        }
    }
}

fn customers(bench: &Bench, ours: PartnerId) {
    let file = inserted(bench, ours, 529_982_247, "Ana", 1);
    let (id, registration) = (file.customer.id, file.customer.registration.clone());
    for [of_partner, cpf, cnpj, external_id, state] in choices() {
        for sort in [CustomerSort::CreatedAt, CustomerSort::UpdatedAt, CustomerSort::Name] {
            // Operators, who look across partners, choose no sort key.
            if !of_partner && sort != CustomerSort::CreatedAt {
                continue;
            }
            let filter = CustomerFilter {
                cpf: cpf.then_some(registration.cpf),
                cnpj: registration.cnpj.filter(|_| cnpj),
                external_id: external_id.then(|| "merchant".to_owned()),
                state: state.then_some(file.customer.state),
                sort,
            };
            for cursor in cursors(id) {
                let filter = filter.clone();
                run(bench, move |tx| {
                    store::customers::list(tx, of_partner.then_some(ours), &filter, &cursor)
                });
            }
        }
    }
    let offer = offer(bench, &file);
    for [of_partner, customer, state] in choices() {
        for cursor in cursors(offer.id) {
            let filter = OfferFilter {
                customer: customer.then_some(id),
                state: state.then_some(OfferStateKind::Available),
            };
            run(bench, move |tx| store::offers::list(tx, of_partner.then_some(ours), &filter, &cursor));
        }
    }
}

fn loans(bench: &Bench, ours: PartnerId) {
    let file = inserted(bench, ours, 529_982_248, "Bia", 1);
    let (offer, customer) = (offer(bench, &file), file.customer.id);
    let made = bench.write(move |tx| {
        let simulation =
            simulate(&offer, tx.new_id(at(2)), at(2), Cents::new(1_000_000), 12, &rates()).unwrap();
        store::simulations::insert(tx, &simulation)?;
        let loan = issued(tx, &file, &simulation, at(3))?;
        let loan = store::loans::insert(tx, loan)?;
        Ok(loan.id)
    });
    let loan = made.unwrap();
    for [of_partner, of_customer, state] in choices() {
        for cursor in cursors(loan) {
            let filter = LoanFilter {
                partner: of_partner.then_some(ours),
                customer: of_customer.then_some(customer),
                state: state.then_some(LoanStateKind::Active),
            };
            run(bench, move |tx| store::loans::list(tx, &filter, &cursor));
        }
    }
}

/// Lists whose cursor's row may be gone need none.
fn events_and_deliveries(bench: &Bench, ours: PartnerId) {
    let hook = bench.write(move |tx| {
        let hook = endpoint(tx, ours);
        let hook = store::webhook_endpoints::insert(tx, hook)?;
        Ok(hook.id)
    });
    let (hook, later) = (hook.unwrap(), at(9));
    let customer = with_events(bench, ours, hook);
    let found = bench.write(move |tx| store::outbox::of_subjects(tx, ours, &[customer.bytes()])).unwrap();
    assert_eq!(found.len(), 2);
    let moment = |given: bool| given.then(|| at(1));
    for [kind, excludes, since, until] in choices() {
        let happened = Span { since: moment(since), until: moment(until) };
        for cursor in cursors(EventId::new(at(1), [1; 10])) {
            let filter = EventFilter {
                kind: kind.then_some(EventKind::Loan(LoanEventKind::Active)),
                excluded_kinds: if excludes {
                    vec![EventKind::Customer(CustomerEvent::KycUpdated), EventKind::BiometricsOpened]
                } else {
                    Vec::new()
                },
                happened,
            };
            run(bench, move |tx| store::outbox::list(tx, ours, &filter, &cursor, later.unmoved()));
        }
        let event_type = excludes;
        // Only the failed ones have an index that serves all types at once.
        let states = if kind {
            vec![Some(DeliveryStateKind::Failed), Some(DeliveryStateKind::Delivered)]
        } else {
            vec![None]
        };
        let starts = cursors(DeliveryId::new(at(1), [1; 10]));
        for (state, cursor) in states.iter().flat_map(|state| starts.iter().map(|start| (*state, *start))) {
            let filter = DeliveryFilter {
                state,
                event_type: event_type.then(|| "loan.active".to_owned()),
                made: happened.map(Timestamp::unmoved),
            };
            run(bench, move |tx| store::deliveries::list(tx, ours, hook, &filter, &cursor, later.unmoved()));
        }
    }
}

fn mails(bench: &Bench, ours: PartnerId) {
    let kept_since: Timestamp = at(9);
    for [of_partner, state] in choices() {
        for cursor in cursors(MailId::new(at(1), [1; 10])) {
            let filter =
                MailFilter { partner: of_partner.then_some(ours), state: state.then_some(MailState::Failed) };
            run(bench, move |tx| store::mails::list(tx, &filter, &cursor, kept_since.unmoved()));
        }
    }
}

fn queues(bench: &Bench, ours: PartnerId) {
    let operator = OperatorId::new(at(1), [1; 10]);
    let loan = LoanId::new(at(1), [1; 10]);
    for [of_partner, before, least] in choices() {
        let least = least.then(|| Cents::new(1));
        for taken in [Taken::ByAnybody, Taken::ByNobody, Taken::By(operator)] {
            // The longest waiting case is always first.
            let first = |cursor: &Cursor<CasePlace>| cursor.order == Order::Ascending;
            let place = CasePlace { since: 1, subject: CaseSubject::Loan(loan) };
            for cursor in cursors(place).into_iter().filter(first) {
                let filter = CaseFilter {
                    partner: of_partner.then_some(ours),
                    taken,
                    before: before.then(|| real(9)),
                    least,
                };
                run(bench, move |tx| store::cases::list(tx, Queue::Disbursing, &filter, &cursor));
            }
            for after in [None, Some(OverduePlace { due: DUE, loan })] {
                let cursor = Cursor { after, ..Cursor::first(Limit::MOST) };
                let debtors = if of_partner { Debtors::Of(ours, DUE) } else { Debtors::OfUnmoved(DUE) };
                let filter = OverdueFilter { due_by: DUE, taken, least };
                let list = move |tx: &mut Tx<'_>| store::overdue::list(tx, debtors, &filter, &cursor);
                bench.write(list).unwrap();
            }
        }
    }
}

const DUE: Date = Date::constant(2026, 5, 4);

/// Customers with a tag.
fn tagged(bench: &Bench, ours: PartnerId) {
    let states = [None, Some(CustomerState::Active)];
    for (partner, state) in [None, Some(ours)].into_iter().flat_map(|of| states.map(|state| (of, state))) {
        for cursor in cursors(CustomerId::new(at(1), [1; 10])) {
            let tag = Tag::parse("vip").unwrap();
            bench.write(move |tx| store::customer_tags::tagged(tx, &tag, partner, state, &cursor)).unwrap();
        }
    }
}

fn notes(bench: &Bench, ours: PartnerId) {
    let subject = CaseSubject::Loan(LoanId::new(at(1), [1; 10]));
    let written = bench.write(move |tx| {
        let (id, author) = (tx.new_id(real(1)), tx.new_id(real(1)));
        let record = NoteRecord {
            id,
            partner: ours,
            subject,
            author,
            text: "pede prazo".into(),
            written_at: real(1),
            struck_at: None,
        };
        store::notes::insert(tx, Note::write(record))
    });
    for cursor in cursors(written.unwrap().id) {
        run(bench, move |tx| store::notes::list(tx, ours, subject, &cursor));
    }
}

/// When workers are to wake up next: the tests of the server run their ticks without waiting.
fn due_moments(bench: &Bench) {
    let next = |tx: &mut Tx<'_>| {
        store::migrations::schema(tx)?;
        store::jobs::next_due(tx)?;
        store::loans::next_deadline(tx)?;
        store::offers::next_end(tx)
    };
    assert_eq!(bench.write(next).unwrap(), Some(real(1_000_000)), "the offers of the lists");
    let give_back = |tx: &mut Tx<'_>| {
        let lost = leased(tx);
        store::deliveries::give_back(tx, &[lost], real(9))
    };
    bench.write(give_back).unwrap();
}

/// A delivery whose lease was lost: giving it back changes nothing.
fn leased(tx: &mut Tx<'_>) -> LeasedDelivery {
    LeasedDelivery {
        cause: domain::cause::Cause::default(),
        partner: tx.new_id(at(1)),
        endpoint: tx.new_id(at(1)),
        id: tx.new_id(at(1)),
        version: 1,
        event: tx.new_id(at(1)),
        made: 0,
        leased_until: real(2),
        body: bytes::Bytes::new(),
    }
}
