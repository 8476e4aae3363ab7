//! Aggregates read back equal, are sealed at rest, and are found under their partner only.

use std::convert::Infallible;
use std::time::Duration;

use domain::bank::{AccountDetails, AccountKind};
use domain::bank_account_change::{AskedChange, BankAccountChange, ChangeState};
use domain::closed::Changed;
use domain::credential::{ClientId, Credential, CredentialState, Environment, NewCredential, Scope};
use domain::credit::{Decision, Outcome};
use domain::customer::{
    Customer, CustomerEvent, CustomerFile, CustomerRecord, CustomerState, LegalNature, Registration,
};
use domain::event::DomainEvent;
use domain::id::{CustomerId, DecisionId, EndpointId, PartnerId, ResourceId};
use domain::kyc::{KycFile, Subject, SubjectRole};
use domain::loan::iof::{IofRates, IofRegime};
use domain::loan::late::{LateCurve, Step};
use domain::loan::pricing::{Charges, Product};
use domain::loan::rates::{IofVersion, RateBook};
use domain::loan::{Installment, LinkToken, Loan, LoanSheet, Opening};
use domain::money::{Cents, Rate};
use domain::offer::{NewOffer, Offer, OfferTerms, Term};
use domain::page::{Limit, Order};
use domain::person::{Email, Name, Phone};
use domain::simulation::{Simulation, simulate};
use domain::tax_id::{Cnpj, Cpf};
use domain::time::{RealTime, Timestamp};
use domain::webhook::delivery::{Attempt, DeliveryInput, DeliveryState};
use domain::webhook::endpoint::{Endpoint, EndpointInput, EndpointUpdate, Generation, NewEndpoint};
use domain::webhook::pattern::Pattern;
use domain::webhook::signature::Secret;
use store::customers::{CustomerFilter, CustomerSort, NewCustomer};
use store::deliveries::NewDelivery;
use store::idempotency::{Claim, StoredAnswer};
use store::outbox::{NewEvents, Waiting};
use store::{Cursor, StoreError, Stored, Tx};

use crate::{Bench, on_both};

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_780_000_000 + second)
}

pub(crate) fn real(second: i64) -> RealTime {
    at(second).unmoved()
}

pub(crate) fn partner(bench: &Bench) -> PartnerId {
    bench.write(|tx| store::partners::insert(tx, "Mercado Exemplo", real(0))).unwrap().id
}

/// A CPF with agreeing check digits from a number.
pub(crate) fn cpf(number: u32) -> Cpf {
    Cpf::of_number(number).unwrap()
}

pub(crate) fn customer(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    number: u32,
    name: &str,
    second: i64,
) -> CustomerFile {
    let cpf = cpf(number);
    let name = Name::parse(name).ok();
    let registration = Registration {
        cpf,
        cnpj: Cnpj::parse("11222333000181").ok(),
        name: name.clone(),
        email: Email::parse("ana@example.com").ok(),
        phone: Phone::parse("+5511999999999").ok(),
        trading_name: None,
    };
    let subject = Subject { id: tx.new_id(at(second)), name, cpf, role: SubjectRole::Applicant, email: None };
    let subjects = vec![subject];
    let kyc = KycFile::opened(LegalNature::Mei, &subjects, &registration);
    let customer = Customer {
        id: tx.new_id(at(second)),
        partner,
        state: CustomerState::PendingKyc,
        registration,
        external_id: Some(format!("ext-{number}")),
        legal_nature: LegalNature::Mei,
        subjects,
        created_at: at(second),
        updated_at: at(second),
    };
    CustomerFile::restored(CustomerRecord { customer, kyc })
}

pub(crate) fn inserted(
    bench: &Bench,
    partner: PartnerId,
    number: u32,
    name: &'static str,
    second: i64,
) -> CustomerFile {
    bench
        .write(move |tx| {
            let file = customer(tx, partner, number, name, second);
            store::customers::insert_past(tx, &file)?;
            Ok(file)
        })
        .unwrap()
}

#[test]
fn a_customer_reads_back_and_is_nobody_elses() {
    on_both(|bench| {
        let (ours, theirs) = (partner(bench), partner(bench));
        let file = inserted(bench, ours, 529_982_247, "Ana Lima", 1);
        let id = file.customer.id;
        assert_eq!(found(bench, ours, id), Some(file.clone()));
        assert_eq!(same_cpf(bench, &file, ours), Some(file.clone()));
        assert_eq!(bench.write(move |tx| store::customers::find(tx, theirs, id)).unwrap(), None);
        assert_eq!(same_cpf(bench, &file, theirs), None);
    });
}

fn found(bench: &Bench, partner: PartnerId, id: CustomerId) -> Option<CustomerFile> {
    bench.write(move |tx| store::customers::find(tx, partner, id)).unwrap().map(Stored::into_value)
}

/// A customer as another partner would have it.
fn moved(file: &CustomerFile, partner: PartnerId) -> CustomerFile {
    let mut record = file.record().clone();
    record.customer.partner = partner;
    CustomerFile::restored(record)
}

/// The partner's customer with the CPF of another one.
fn same_cpf(bench: &Bench, file: &CustomerFile, partner: PartnerId) -> Option<CustomerFile> {
    let file = moved(file, partner);
    let find = move |tx: &mut Tx<'_>| {
        let new = NewCustomer::of(tx, file.clone().hold())?;
        store::customers::find_same_cpf(tx, &new)
    };
    bench.write(find).unwrap().map(Stored::into_value)
}

#[test]
fn what_a_desk_made_before_the_script_reads_back_and_is_for_its_own_partner_only() {
    on_both(|bench| {
        let (ours, theirs) = (partner(bench), partner(bench));
        let file = bench.write(move |tx| Ok(customer(tx, ours, 529_982_247, "Ana Lima", 1))).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        // Another node has not read the partner's key yet.
        let mut desk = runtime.block_on(bench.second_node().desk(ours)).unwrap();
        let new = NewCustomer::of(&mut desk, file.clone().hold()).unwrap();
        let domain_events = [CustomerEvent::UnderReview, CustomerEvent::Created, CustomerEvent::KycUpdated]
            .map(|event| DomainEvent::Customer(event, Box::new(file.clone())));
        let names = domain_events.each_ref().map(|domain_event| domain_event.kind().name().to_owned());
        let events = NewEvents::of(&mut desk, ours, at(1), domain_events.into()).unwrap();
        let read = bench.write(move |tx| {
            store::customers::insert(tx, &new)?;
            store::outbox::append_new(tx, &events)?;
            store::customers::find(tx, ours, new.file.customer.id)
        });
        assert_eq!(read.unwrap().map(Stored::into_value), Some(file.clone()));
        let told = bench.write(|tx| tx.query("select kind from events order by id", &[], |row| row.get(0)));
        assert_eq!(told, Ok(Vec::from(names)), "in their order");
        let foreign = moved(&file, theirs);
        assert_eq!(NewCustomer::of(&mut desk, foreign.hold()).err(), Some(StoreError::NotFound));
        let absent = PartnerId::new(at(1), [9; 10]);
        assert_eq!(runtime.block_on(bench.store.desk(absent)).err(), Some(StoreError::NotFound));
    });
}

#[test]
fn a_second_customer_with_the_cpf_is_refused() {
    on_both(|bench| {
        let ours = partner(bench);
        inserted(bench, ours, 529_982_247, "Ana", 1);
        let again = bench.write(move |tx| {
            let file = customer(tx, ours, 529_982_247, "Ana", 2);
            store::customers::insert_past(tx, &file)
        });
        // On PostgreSQL the script runs again until it has lost too many races.
        assert!(matches!(again, Err(StoreError::Conflict | StoreError::Unavailable(_))), "{again:?}");
    });
}

#[test]
fn a_stale_customer_is_not_written() {
    // SQLite answers the conflict; on PostgreSQL the script runs again until it gives up, so the check
    // there reads anew inside the script, as every use case does.
    let bench = Bench::sqlite();
    let ours = partner(&bench);
    let file = inserted(&bench, ours, 529_982_247, "Ana", 1);
    let id = file.customer.id;
    let twice = bench.write(move |tx| {
        let first = store::customers::find(tx, ours, id)?.ok_or(StoreError::NotFound)?;
        let second = first.clone();
        for read in [first, second] {
            let held = read.changed(CustomerFile::hold);
            store::customers::save(tx, held)?;
        }
        Ok(())
    });
    assert_eq!(twice, Err(StoreError::Conflict));
}

#[test]
fn lists_page_through_everything_once_in_each_order() {
    on_both(|bench| {
        let ours = partner(bench);
        let names = ["Bruno", "ana", "Ângela", "Zé", "Carla", "André", "Beatriz"];
        for (name, number) in names.into_iter().zip(100_000_000_u32..) {
            // Two share each second, so the id has to break ties.
            inserted(bench, ours, number, name, i64::from(number % 100) / 2);
        }
        for (sort, order) in [
            (CustomerSort::CreatedAt, Order::Descending),
            (CustomerSort::CreatedAt, Order::Ascending),
            (CustomerSort::Name, Order::Ascending),
            (CustomerSort::UpdatedAt, Order::Descending),
        ] {
            let seen = paged(bench, ours, sort, order);
            assert_eq!(seen.len(), names.len(), "{sort:?} {order:?}");
            let mut ids: Vec<_> = seen.iter().map(|c| c.id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), names.len());
            if sort == CustomerSort::Name {
                let sorted: Vec<_> =
                    seen.iter().map(|c| c.registration.name.as_ref().unwrap().as_str()).collect();
                assert_eq!(sorted, ["ana", "André", "Ângela", "Beatriz", "Bruno", "Carla", "Zé"]);
            }
        }
    });
}

fn paged(bench: &Bench, partner: PartnerId, sort: CustomerSort, order: Order) -> Vec<Customer> {
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let cursor = Cursor { after, limit: Limit::new(2).unwrap(), order };
        let filter = CustomerFilter { sort, ..CustomerFilter::default() };
        let page = bench
            .write(move |tx| store::customers::list(tx, Some(partner), &filter, &cursor))
            .unwrap()
            .unwrap();
        seen.extend(page.items.into_iter().map(|file| file.customer.clone()));
        after = seen.last().map(|c| c.id);
        if !page.has_more {
            return seen;
        }
    }
}

#[test]
fn another_partners_cursor_is_unknown() {
    on_both(|bench| {
        let (ours, theirs) = (partner(bench), partner(bench));
        let file = inserted(bench, theirs, 529_982_247, "Ana", 1);
        let cursor = Cursor { after: Some(file.customer.id), ..Cursor::first(Limit::DEFAULT) };
        let page = bench
            .write(move |tx| store::customers::list(tx, Some(ours), &CustomerFilter::default(), &cursor));
        assert!(page.unwrap().is_err());
    });
}

#[test]
fn personal_data_is_not_readable_in_the_file() {
    let bench = Bench::sqlite();
    let ours = partner(&bench);
    let file = inserted(&bench, ours, 529_982_247, "Anastácia Quituteira", 1);
    let domain_event = DomainEvent::Customer(CustomerEvent::Created, Box::new(file));
    bench.write(move |tx| store::outbox::append(tx, ours, at(1), vec![domain_event.clone()])).unwrap();
    bench.write(|tx| tx.query("pragma wal_checkpoint", &[], |_| Ok(())).map(drop)).ok();
    let store::db::DatabaseUrl::Sqlite(path) = &bench.url else { unreachable!() };
    let wal = path.with_file_name("test.db-wal");
    let bytes: Vec<u8> =
        [path, &wal].into_iter().filter_map(|file| std::fs::read(file).ok()).flatten().collect();
    assert!(bytes.len() > 10_000);
    for secret in ["Quituteira", "52998224725", "529.982.247-25", "ana@example.com", "5511999999999"] {
        assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
    }
}

pub(crate) fn terms() -> OfferTerms {
    OfferTerms {
        approved_amount: Cents::new(5_000_000),
        min_amount: Cents::new(100_000),
        interest_rate: Rate::from_scaled(3_500_000),
        term: Term::Range { min: 3, max: 24 },
        product: Product {
            fee: Product::DEFAULT_FEE,
            regime: IofRegime::Simples,
            charges: Charges::Financed,
        },
    }
}

pub(crate) fn rates() -> RateBook {
    let rates = |daily| IofRates { daily: Rate::from_scaled(daily), additional: Rate::from_scaled(380_000) };
    let since = "2025-07-16".parse().unwrap();
    let reduced_up_to = Cents::new(3_000_000);
    RateBook::new(
        vec![IofVersion { since, company: rates(8_200), reduced: rates(2_740), reduced_up_to }],
        vec![],
    )
}

pub(crate) fn offer(bench: &Bench, file: &CustomerFile) -> Offer {
    let (partner, customer) = (file.customer.partner, file.customer.id);
    bench
        .write(move |tx| {
            let decision = Decision {
                inputs: vec![("revenue".to_owned(), "10".to_owned())],
                decided_by: domain::actor::Actor::Sandbox,
                valid_days: Some(10),
                id: tx.new_id(at(1)),
                customer,
                outcome: Outcome::Approved(terms()),
                policy_version: "test-1".into(),
                reasons: vec!["a reason".into()],
                decided_at: at(1),
            };
            store::credit::insert_decision(tx, partner, &decision)?;
            let open = store::credit::approved_without_offer(tx, partner, customer)?;
            assert_eq!(open, std::slice::from_ref(&decision));
            let offer = new_offer(tx, partner, customer);
            store::offers::insert_past(tx, &offer, decision.id)?;
            let none = store::credit::approved_without_offer(tx, partner, customer)?;
            assert_eq!(none, Vec::<Decision>::new());
            Ok(offer)
        })
        .unwrap()
}

fn new_offer(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Offer {
    let (id, valid_until) = (tx.new_id(at(1)), at(1_000_000));
    let new = NewOffer { id, customer, partner, external_id: None, terms: terms(), valid_until };
    Offer::open(new, at(1)).into_parts().0
}

#[test]
fn a_decision_makes_one_offer() {
    on_both(|bench| {
        let ours = partner(bench);
        let file = inserted(bench, ours, 529_982_247, "Ana", 1);
        let first = offer(bench, &file);
        let decision = DecisionId::new(at(1), [5; 10]);
        let twice = bench.write(move |tx| {
            for _ in 0..2 {
                let another = new_offer(tx, first.partner, first.customer);
                store::offers::insert_past(tx, &another, decision)?;
            }
            Ok(())
        });
        assert_eq!(twice, Err(StoreError::Duplicate));
    });
}

#[test]
fn a_refusal_and_a_referral_are_kept_with_their_grounds_and_make_no_offer() {
    on_both(|bench| {
        let ours = partner(bench);
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
                assert_eq!(store::loans::sheet(tx, theirs, loan.id)?, None);
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

/// A loan of the simulation that waits for signatures, with the link `a secret`.
pub(crate) fn issued(
    tx: &mut Tx<'_>,
    file: &CustomerFile,
    simulation: &Simulation,
    now: Timestamp,
) -> Result<Changed<Loan>, StoreError> {
    let opening = Opening::of(tx.new_id(now), &file.customer, simulation, at(600_000));
    let number = store::loans::next_ccb_number(tx, 2026)?;
    let link = || LinkToken::new("a secret".into());
    Ok(Loan::open(&opening, now).then(|loan| loan.issue(number, link, now))?)
}

/// The loan as answers show it is read as the whole loan is, in states with and without an open link.
fn sheets_show_the_loan(tx: &mut Tx<'_>, loan: Stored<Loan>) -> Result<Stored<Loan>, StoreError> {
    let sheet = LoanSheet::from(&*loan);
    assert!(sheet.open_link.is_some());
    assert_eq!(store::loans::sheet(tx, loan.partner, loan.id)?, Some(sheet));
    let cancelled = loan.change(|loan| loan.cancel(at(4)))?;
    let loan = store::loans::save(tx, cancelled)?;
    assert_eq!(store::loans::find(tx, loan.partner, loan.id)?.as_ref(), Some(&loan));
    let sheet = LoanSheet::from(&*loan);
    assert!(sheet.open_link.is_none());
    assert_eq!(store::loans::sheet(tx, loan.partner, loan.id)?, Some(sheet));
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

#[test]
fn events_wait_in_order_until_they_are_fanned_out() {
    on_both(|bench| {
        let ours = partner(bench);
        let file = inserted(bench, ours, 529_982_247, "Ana", 1);
        let kinds = [
            CustomerEvent::Created,
            CustomerEvent::KycUpdated,
            CustomerEvent::UnderReview,
            CustomerEvent::Active,
        ];
        let domain_events: Vec<_> =
            kinds.iter().map(|kind| DomainEvent::Customer(*kind, Box::new(file.clone()))).collect();
        let expected = domain_events.clone();
        bench.write(move |tx| store::outbox::append(tx, ours, at(7), domain_events.clone())).unwrap();
        let waiting = || bench.write(move |tx| store::outbox::waiting(tx, ours, 10)).unwrap();
        let opened = |waiting: Waiting| bench.write(move |tx| waiting.open(tx)).unwrap();
        let read: Vec<_> = waiting().into_iter().map(|waiting| opened(waiting).unwrap()).collect();
        assert_eq!(read.iter().map(|event| event.domain_event.clone()).collect::<Vec<_>>(), expected);
        assert!(read.iter().all(|event| event.occurred_at == at(7)));
        crate::feed::give_places(bench, ours, 2);
        assert_eq!(bench.write(store::outbox::count_waiting).unwrap(), 2);
        // A damaged row is reported apart and does not hold up the others.
        let damaged = read[2].id;
        let damage = move |tx: &mut Tx<'_>| {
            let sql = "update events set sealed = $3 where partner_id = $1 and id = $2";
            tx.execute_one(sql, store::args![ours, damaged, vec![7_u8; 40]])
        };
        bench.write(damage).unwrap();
        let [third, fourth] = waiting().try_into().unwrap();
        assert_eq!((third.id, third.kind.as_str()), (damaged, "customer_under_review"));
        let third = opened(third);
        assert!(matches!(third, Err(StoreError::Corrupt(_))), "{third:?}");
        assert_eq!(opened(fourth).as_ref(), Ok(&read[3]));
    });
}

/// An endpoint whose secret has been rotated.
pub(crate) fn endpoint(tx: &mut Tx<'_>, partner: PartnerId) -> Changed<Endpoint> {
    let new = NewEndpoint {
        id: tx.new_id(at(1)),
        partner,
        generation: Generation::Reference,
        url: "https://example.com/hook".into(),
        patterns: vec![Pattern::stored("loan.*".into())],
        description: None,
        secret: Secret::new([2; 32]),
    };
    let Ok(rotated) = Endpoint::create(new, at(1)).then(|endpoint| {
        Ok::<_, Infallible>(endpoint.rotate_secret(Secret::new([1; 32]), Duration::from_secs(8), real(1)))
    });
    rotated
}

/// An endpoint that was switched on or off.
pub(crate) fn switched(endpoint: Endpoint, input: EndpointInput) -> Changed<Endpoint> {
    let update = EndpointUpdate { switch: Some(input), ..EndpointUpdate::default() };
    endpoint.update(&update, at(1)).unwrap()
}

#[test]
fn a_lost_lease_records_nothing() {
    on_both(|bench| {
        let ours = partner(bench);
        let made = bench
            .write(move |tx| {
                let made = endpoint(tx, ours);
                let made = store::webhook_endpoints::insert(tx, made)?;
                let one = [delivery(tx, made.id, 0)];
                store::deliveries::insert_all(tx, ours, &one, real(1), real(1))?;
                Ok(made)
            })
            .unwrap();
        let id = made.id;
        assert_eq!(bench.write(move |tx| store::webhook_endpoints::find(tx, ours, id)).unwrap(), Some(made));

        let lease = |second| {
            let lease = move |tx: &mut Tx<'_>| {
                store::deliveries::lease(tx, ours, id, real(second), real(second + 30), 10)
            };
            bench.write(lease).unwrap().deliveries
        };
        let first = lease(1).pop().unwrap();
        assert_eq!(*first.body, *b"{}");
        assert_eq!(lease(2), [], "leased to somebody");
        let due = move |tx: &mut Tx<'_>| store::deliveries::lane_due(tx, ours, id);
        assert_eq!(bench.write(due).unwrap(), Some(real(31)), "at the lease's end");
        let second = lease(31).pop().unwrap();
        let attempt = Attempt {
            started_at: real(1),
            duration_ms: 3,
            status: Some(200),
            outcome: "delivered".into(),
            answer: String::new(),
        };
        let record = |leased: store::deliveries::LeasedDelivery| {
            let attempt = attempt.clone();
            let script = move |tx: &mut Tx<'_>| {
                let step = DeliveryState::Pending { made: 0, due: real(1) }.step(DeliveryInput::Succeeded)?;
                let recorded =
                    store::deliveries::Recorded { delivery: &leased, step: &step, attempt: &attempt };
                store::deliveries::record_all(tx, &[recorded], real(32))
            };
            bench.write(script).unwrap().len()
        };
        assert_eq!(record(first), 0, "its lease was lost");
        assert_eq!(record(second.clone()), 1);
        assert_eq!(record(second), 0, "once");
        assert_eq!(bench.write(store::deliveries::pending).unwrap(), (0, None));
    });
}

/// A delivery with the place of its making.
pub(crate) fn delivery(tx: &mut Tx<'_>, endpoint: EndpointId, place: usize) -> NewDelivery {
    NewDelivery {
        event_type: "loan.active",
        id: store::deliveries::ordered_id(tx, real(1), place),
        endpoint,
        event: tx.new_id(at(1)),
        body: Some("{}".into()),
        leased_until: None,
    }
}

/// Many at once: the statements for them are cut where they would grow too long, in the order of making.
#[test]
fn many_deliveries_are_made_leased_and_recorded_at_once() {
    on_both(|bench| {
        let ours = partner(bench);
        let made = bench.write(move |tx| {
            let made = endpoint(tx, ours);
            let made = store::webhook_endpoints::insert(tx, made)?;
            let many: Vec<NewDelivery> = (0..777).map(|place| delivery(tx, made.id, place)).collect();
            store::deliveries::insert_all(tx, ours, &many, real(1), real(1))?;
            Ok((made.id, many.into_iter().map(|delivery| delivery.id).collect::<Vec<_>>()))
        });
        let (lane, ids) = made.unwrap();
        let leased =
            bench.write(move |tx| store::deliveries::lease(tx, ours, lane, real(2), real(32), 700)).unwrap();
        let leased = leased.deliveries;
        assert!(leased.iter().map(|delivery| delivery.id).eq(ids.iter().copied().take(700)));
        let due = bench.write(store::deliveries::lanes).unwrap();
        assert_eq!(due.iter().find(|found| found.endpoint == lane).map(|found| found.due), Some(real(1)));
        let recorded = bench.write(move |tx| {
            let attempt = |n: i64, status| Attempt {
                started_at: real(n),
                duration_ms: n,
                status,
                outcome: if status.is_some() { "refused" } else { "timeout" }.into(),
                answer: "x".repeat(usize::try_from(n % 3).unwrap()),
            };
            let attempts: Vec<Attempt> = (0..700).map(|n| attempt(n, (n % 2 == 0).then_some(500))).collect();
            let pending = DeliveryState::Pending { made: 0, due: real(1) };
            let later = Some(Duration::from_secs(8));
            let inputs = [
                DeliveryInput::Succeeded,
                DeliveryInput::Unreadable,
                DeliveryInput::AttemptFailed { at: real(82), jitter: 0, retry_after: later },
            ];
            let steps: Vec<_> = inputs.into_iter().map(|input| pending.step(input).unwrap()).collect();
            let results = leased.iter().zip(&attempts).enumerate();
            let results: Vec<_> = results
                .map(|(n, (delivery, attempt))| store::deliveries::Recorded {
                    delivery,
                    step: &steps[n % 3],
                    attempt,
                })
                .collect();
            store::deliveries::record_all(tx, &results, real(3))
        });
        assert_eq!(recorded.unwrap().len(), 700);
        let (sixth, fifth) = (ids[5], ids[4]);
        let (found, attempts) = bench
            .write(move |tx| {
                let found = [sixth, fifth].map(|id| store::deliveries::find(tx, ours, lane, id));
                let attempts = store::deliveries::attempts(tx, ours, &[sixth])?.remove(&sixth);
                Ok((found, attempts.unwrap()?))
            })
            .unwrap();
        let states = found.map(|found| found.unwrap().unwrap().state);
        assert_eq!(
            states,
            [DeliveryState::Pending { made: 1, due: real(90) }, DeliveryState::Failed { made: 1 }]
        );
        assert_eq!((attempts[0].status, attempts[0].answer.as_str()), (None, "xx"));
        assert_eq!(bench.write(store::deliveries::pending).unwrap().0, 77 + 233);
    });
}

#[test]
fn deliveries_to_a_deleted_endpoint_are_given_up_some_at_a_time() {
    on_both(|bench| {
        let ours = partner(bench);
        bench
            .write(move |tx| {
                let (kept, deleted) = (endpoint(tx, ours), endpoint(tx, ours).into_value());
                let kept = store::webhook_endpoints::insert(tx, kept)?;
                let many: Vec<NewDelivery> = (0..5).map(|place| delivery(tx, deleted.id, place)).collect();
                let one = delivery(tx, kept.id, 5);
                store::deliveries::insert_all(tx, ours, &[many, vec![one]].concat(), real(1), real(1))?;
                let (mut orphaned, mut looks, mut last) = (Vec::new(), 0, None);
                loop {
                    let lanes = store::deliveries::waiting_lanes(tx, last, 1)?;
                    orphaned.extend(lanes.orphaned);
                    (looks, last) = (looks + 1, lanes.last);
                    if last.is_none() {
                        break;
                    }
                }
                assert_eq!((orphaned, looks), (vec![(ours, deleted.id)], 3));
                let fail = |tx: &mut Tx<'_>| store::deliveries::fail_some(tx, ours, deleted.id, real(2), 2);
                assert_eq!([fail(tx)?, fail(tx)?, fail(tx)?, fail(tx)?], [2, 2, 1, 0]);
                assert_eq!(store::deliveries::waiting_lanes(tx, None, 10)?.orphaned, []);
                assert_eq!(store::deliveries::pending(tx)?.0, 1, "the other endpoint's waits on");
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn deliveries_of_a_disabled_endpoint_wait() {
    on_both(|bench| {
        let ours = partner(bench);
        bench
            .write(move |tx| {
                let made = endpoint(tx, ours)
                    .then(|made| Ok::<_, StoreError>(switched(made, EndpointInput::WentAway)))?;
                let made = store::webhook_endpoints::insert(tx, made)?;
                let waiting = [delivery(tx, made.id, 0), delivery(tx, made.id, 1)];
                store::deliveries::insert_all(tx, ours, &waiting, real(1), real(1))?;
                let id = made.id;
                let lanes = |tx: &mut Tx<'_>| {
                    let found = store::deliveries::lanes(tx)?;
                    let ours = found.into_iter().find(|lane| lane.endpoint == id);
                    Ok::<_, StoreError>(ours.map(|lane| lane.due))
                };
                assert_eq!(lanes(tx)?, None);
                let enabled =
                    made.change(|made| Ok::<_, StoreError>(switched(made, EndpointInput::Enable)))?;
                let made = store::webhook_endpoints::save(tx, enabled)?;
                assert_eq!(lanes(tx)?, Some(real(1)));
                let leased = store::deliveries::lease(tx, ours, made.id, real(2), real(9), 1)?;
                assert_eq!(leased.deliveries[0].id, waiting[0].id, "oldest first");
                store::deliveries::lease(tx, ours, made.id, real(2), real(9), 10)?;
                assert_eq!(lanes(tx)?, Some(real(9)));
                assert_eq!(store::deliveries::free_leases(tx, real(3))?, 2);
                assert_eq!(lanes(tx)?, Some(real(3)));
                assert_eq!(store::deliveries::fail_some(tx, ours, made.id, real(3), 9)?, 2);
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn one_of_fifty_parallel_claims_wins_and_the_others_read_its_answer() {
    on_both(|bench| {
        let ours = partner(bench);
        let answer =
            |n: u16| StoredAnswer { status: 201, location: Some("/x".into()), body: n.to_be_bytes().into() };
        let claims: Vec<Claim> = std::thread::scope(|scope| {
            let one = |n: u16| {
                scope.spawn(move || {
                    bench
                        .write(move |tx| {
                            let claim = store::idempotency::claim(
                                tx,
                                ours.into(),
                                "key",
                                "print",
                                real(1),
                                real(-9),
                            )?;
                            if claim == Claim::Ours {
                                store::idempotency::store_answer(
                                    tx,
                                    ours.into(),
                                    real(1),
                                    "key",
                                    &answer(n),
                                )?;
                            }
                            Ok(claim)
                        })
                        .unwrap()
                })
            };
            let threads: Vec<_> = (0..50).map(one).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::Ours).count(), 1);
        let mut answers: Vec<_> = claims.iter().filter(|claim| **claim != Claim::Ours).collect();
        answers.dedup();
        assert_eq!(answers.len(), 1);
        let free_again = bench
            .write(move |tx| store::idempotency::claim(tx, ours.into(), "key", "other", real(100), real(50)));
        assert_eq!(free_again, Ok(Claim::Ours));
    });
}

#[test]
fn credentials_are_found_by_client_and_counted_while_they_work() {
    on_both(|bench| {
        let ours = partner(bench);
        bench
            .write(move |tx| {
                let new = NewCredential {
                    client_id: ClientId::new(Environment::Sandbox, real(1), tx.random_bytes()),
                    partner: ours,
                    name: "checkout".into(),
                    scope: Scope::Partner,
                    expires_at: Some(real(10)),
                    created_by: None,
                };
                let made = store::credentials::insert(tx, Credential::create(new, real(1)), "hash")?;
                let found = store::credentials::find_by_client(tx, made.client_id)?;
                let (credential, hash) = found.expect("it was made");
                assert_eq!((&*credential, hash.as_str()), (&made, "hash"));
                assert_eq!(store::credentials::count_active(tx, ours, real(9))?, 1);
                assert_eq!(store::credentials::count_active(tx, ours, real(10))?, 0);
                let revoked = credential.change(|credential| credential.revoke(real(2)))?;
                let credential = store::credentials::save(tx, revoked)?;
                assert_eq!(credential.state, CredentialState::Revoked);
                assert_eq!(store::credentials::find(tx, ours, credential.client_id)?, Some(credential));
                Ok(())
            })
            .unwrap();
    });
}

/// A change of account that waits for its code.
fn asked(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Changed<BankAccountChange> {
    let asked = AskedChange {
        partner,
        customer,
        account: tx.new_id(at(2)),
        details: AccountDetails::new(AccountKind::Checking, "001", "1234", "567890", "1").unwrap(),
        to: Email::parse("ana@example.com").unwrap(),
    };
    let code_hash = store::bank_account_changes::code_hash(tx, customer, at(2), "123456");
    BankAccountChange::ask(asked, code_hash, at(2)).unwrap()
}

#[test]
fn a_change_of_account_reads_back_is_found_by_its_newest_link_and_compared_before_it_is_written() {
    on_both(|bench| {
        let ours = partner(bench);
        let customer = inserted(bench, ours, 529_982_247, "Ana", 1).customer.id;
        bench
            .write(move |tx| {
                let change = asked(tx, ours, customer);
                store::bank_account_changes::insert(tx, change, "first link").map(drop)
            })
            .unwrap();
        let again = bench.write(move |tx| {
            let change = asked(tx, ours, customer);
            store::bank_account_changes::insert(tx, change, "another link").map(drop)
        });
        assert_eq!(again, Err(StoreError::Duplicate));
        let changed = bench
            .write(move |tx| {
                let sealed = "select sealed from bank_account_changes";
                let older: Vec<u8> = tx.query_one(sealed, &[], |row| row.get(0))?;
                let found = store::bank_account_changes::of_customer(tx, ours, customer)?;
                let withdrawn = found.ok_or(StoreError::NotFound)?.change(BankAccountChange::withdraw)?;
                let changed = store::bank_account_changes::save_with_link(tx, withdrawn, "second link")?;
                assert_eq!(changed.state, ChangeState::Withdrawn);
                let newer: Vec<u8> = tx.query_one(sealed, &[], |row| row.get(0))?;
                tx.execute_one("update bank_account_changes set sealed = $1", store::args![older])?;
                let put_back = store::bank_account_changes::of_link(tx, "second link");
                assert!(matches!(put_back, Err(StoreError::Corrupt(_))), "{put_back:?}");
                tx.execute_one("update bank_account_changes set sealed = $1", store::args![newer])?;
                assert_eq!(store::bank_account_changes::of_link(tx, "first link")?, None);
                assert_eq!(store::bank_account_changes::of_link(tx, "second link")?, Some(changed.clone()));
                Ok(changed)
            })
            .unwrap();
        assert_eq!(
            bench.write(move |tx| store::bank_account_changes::of_customer(tx, ours, customer)).unwrap(),
            Some(changed)
        );
    });
    let bench = Bench::sqlite();
    let ours = partner(&bench);
    let customer = inserted(&bench, ours, 529_982_247, "Ana", 1).customer.id;
    let stale = bench.write(move |tx| {
        let change = asked(tx, ours, customer);
        store::bank_account_changes::insert(tx, change, "link")?;
        let read =
            store::bank_account_changes::of_customer(tx, ours, customer)?.ok_or(StoreError::NotFound)?;
        for change in [read.clone(), read] {
            let withdrawn = change.change(BankAccountChange::withdraw)?;
            store::bank_account_changes::save(tx, withdrawn)?;
        }
        Ok(())
    });
    assert_eq!(stale, Err(StoreError::Conflict));
}
