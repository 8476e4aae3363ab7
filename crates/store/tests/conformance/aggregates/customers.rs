//! Customers and their changes of account read back, and nobody else's partner finds them.

use domain::bank::{AccountDetails, AccountKind};
use domain::bank_account_change::{BankAccountChange, ChangeState, NewChange};
use domain::closed::Changed;
use domain::customer::{Customer, CustomerEvent, CustomerFile};
use domain::event::DomainEvent;
use domain::id::{CustomerId, PartnerId, ResourceId as _};
use domain::page::{Limit, Order};
use domain::person::Email;
use store::customers::{CustomerFilter, CustomerSort, NewCustomer};
use store::outbox::NewEvents;
use store::{Cursor, StoreError, Stored, Tx};

use super::{at, customer, inserted, on_both_with_partner, partner};
use crate::{Bench, on_both};

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
        let kinds = bench.write(|tx| tx.query("select kind from events order by id", &[], |row| row.get(0)));
        assert_eq!(kinds, Ok(Vec::from(names)), "in their order");
        let foreign = moved(&file, theirs);
        assert_eq!(NewCustomer::of(&mut desk, foreign.hold()).err(), Some(StoreError::NotFound));
        let absent = PartnerId::new(at(1), [9; 10]);
        assert_eq!(runtime.block_on(bench.store.desk(absent)).err(), Some(StoreError::NotFound));
    });
}

#[test]
fn a_second_customer_with_the_cpf_is_refused() {
    on_both_with_partner(|bench, ours| {
        inserted(bench, ours, 529_982_247, "Ana", 1);
        let again = bench.write(move |tx| {
            let file = customer(tx, ours, 529_982_247, "Ana", 2);
            store::customers::insert_without_events(tx, &file)
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
    on_both_with_partner(|bench, ours| {
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

/// A change of account that waits for its code.
fn requested_change(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Changed<BankAccountChange> {
    let new = NewChange {
        partner,
        customer,
        account: tx.new_id(at(2)),
        details: AccountDetails::new(AccountKind::Checking, "001", "1234", "567890", "1").unwrap(),
        to: Email::parse("ana@example.com").unwrap(),
    };
    let code_hash = store::bank_account_changes::code_hash(tx, customer, at(2), "123456");
    BankAccountChange::request(new, code_hash, at(2)).unwrap()
}

#[test]
fn a_change_of_account_reads_back_is_found_by_its_newest_link_and_compared_before_it_is_written() {
    on_both_with_partner(|bench, ours| {
        let customer = inserted(bench, ours, 529_982_247, "Ana", 1).customer.id;
        bench
            .write(move |tx| {
                let change = requested_change(tx, ours, customer);
                store::bank_account_changes::insert(tx, change, "first link").map(drop)
            })
            .unwrap();
        let again = bench.write(move |tx| {
            let change = requested_change(tx, ours, customer);
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
        let change = requested_change(tx, ours, customer);
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
