//! Months that are made and dropped beside others, and by roles without rights.

use std::time::{Duration, Instant};

use domain::customer::CustomerEvent;
use domain::event::DomainEvent;
use postgres::{Client, NoTls};
use store::db::DatabaseUrl;
use store::months::{self, Outcome, Part};
use store::seal::MasterKey;
use store::{Store, StoreError, Tx};

use super::{count, dropped, happens, in_month, make_months, noon};
use crate::Bench;
use crate::aggregates::{customer, partner};
use crate::feed::give_places;

fn connect(bench: &Bench) -> Client {
    let DatabaseUrl::Postgres(url) = &bench.url else { unreachable!("the bench is on PostgreSQL") };
    Client::connect(url, NoTls).unwrap()
}

/// A month is made or dropped in a moment or not at all, so nobody waits behind it for long.
#[test]
fn a_month_whose_table_is_in_use_is_left_for_later() {
    let Some(bench) = Bench::postgres() else { return };
    let ours = partner(&bench);
    let missing = bench.write(|tx| months::missing(tx, noon(0).unmoved(), noon(0).unmoved())).unwrap();
    let january = missing[0];
    assert_eq!(january.to_string(), "events of 2101-01");
    let mut user = connect(&bench);
    let change = |change: fn(&mut Tx<'_>, &Part) -> Result<Outcome, StoreError>| {
        let began = Instant::now();
        let outcome = bench.write(move |tx| change(tx, &january)).unwrap();
        // Without a limit it would wait for ever.
        (outcome, began.elapsed() < Duration::from_secs(5))
    };
    for work in [months::make, months::drop_part] {
        user.batch_execute("begin; select count(*) from events").unwrap();
        assert_eq!(change(work), (Outcome::Locked, true));
        happens(&bench, ours, noon(1_000));
        user.batch_execute("commit").unwrap();
        assert_eq!(change(work), (Outcome::Done, true));
    }
}

#[test]
fn two_nodes_make_and_drop_the_same_months_at_once() {
    let Some(bench) = Bench::postgres() else { return };
    let nodes = [bench.second_node(), bench.second_node(), bench.second_node()];
    let settle = |node: &Store, part: Part, change: fn(&mut Tx<'_>, &Part) -> Result<Outcome, StoreError>| {
        // It ends when the other one has committed.
        while node.write_blocking(move |tx| change(tx, &part)).unwrap() == Outcome::Locked {}
    };
    let missing = bench.write(|tx| months::missing(tx, noon(0).unmoved(), noon(45).unmoved())).unwrap();
    assert_eq!(missing.len(), 20);
    std::thread::scope(|scope| {
        for node in &nodes {
            let (missing, settle) = (&missing, &settle);
            scope.spawn(move || missing.iter().for_each(|part| settle(node, *part, months::make)));
        }
    });
    assert_eq!(bench.write(|tx| months::missing(tx, noon(0).unmoved(), noon(45).unmoved())), Ok(Vec::new()));
    std::thread::scope(|scope| {
        for node in &nodes {
            let (missing, settle) = (&missing, &settle);
            scope.spawn(move || missing.iter().for_each(|part| settle(node, *part, months::drop_part)));
        }
    });
    assert_eq!(bench.write(|tx| months::missing(tx, noon(0).unmoved(), noon(45).unmoved())), Ok(missing));
}

/// The functions that make and drop months run as the tables' owner, for those who may insert and delete rows anyway.
#[test]
fn a_role_without_rights_over_tables_makes_and_drops_months() {
    let Some(bench) = Bench::postgres() else { return };
    let mut owner = connect(&bench);
    let roles = "create role dinie_months login; create role dinie_reader login;
        grant usage on schema public to dinie_months, dinie_reader;
        grant select, insert, update, delete on all tables in schema public to dinie_months;
        grant select on all tables in schema public to dinie_reader;
        grant usage on all sequences in schema public to dinie_months";
    owner.batch_execute(roles).unwrap();
    let DatabaseUrl::Postgres(url) = &bench.url else { unreachable!("the bench is on PostgreSQL") };
    let role = |role: &str| DatabaseUrl::Postgres(url.replace("postgres@", &format!("{role}@")));
    let node = Store::open(&role("dinie_months"), MasterKey::new([42; 32])).unwrap();
    make_months(&node);
    let ours = partner(&bench);
    let node_writes = move |tx: &mut Tx<'_>| {
        let file = customer(tx, ours, 529_982_247, "Ana", 1);
        let created = DomainEvent::Customer(CustomerEvent::Created, Box::new(file));
        store::outbox::append(tx, ours, noon(5), vec![created])
    };
    node.write_blocking(node_writes).unwrap();
    give_places(&bench, ours, 10);
    assert_eq!(count(&bench, "events_2101_01"), 1);
    let by_hand = node.write_blocking(|tx| tx.execute("drop table events_2101_01", &[]));
    assert!(by_hand.is_err(), "it has no right to that");
    assert_eq!(dropped(&node, noon(31)), in_month("2101-01", [Outcome::Done; 4]));
    assert_eq!(count(&bench, "events"), 0);

    let DatabaseUrl::Postgres(reader) = role("dinie_reader") else { unreachable!("a server") };
    let mut reader = Client::connect(&reader, NoTls).unwrap();
    for refused in [
        "select make_partition('events', '2101-01', 0)",
        "select drop_partition('events', '2101-02')",
        "select drop_partition('customers', '2101-02')",
        "select drop_partition('events', '2101-02; drop table events')",
        "select drop_partition('events', null)",
    ] {
        assert!(reader.batch_execute(refused).is_err(), "{refused}");
    }
    for refused in [
        "select make_partition('customers', '2101-01', 0)",
        "select make_partition('events', '2101-13', 0)",
        "select make_partition('events', '1999-01', 0)",
        "select make_partition('events', null, 0)",
        "select make_partition(null, '2101-01', 0)",
        "select drop_partition('events', 'rest')",
        "select drop_partition('events', null)",
    ] {
        assert!(owner.batch_execute(refused).is_err(), "{refused}");
    }
}

#[test]
fn a_look_up_by_id_reads_one_month_alone() {
    let Some(bench) = Bench::postgres_of_one_machine() else { return };
    make_months(&bench.store);
    let ours = partner(&bench);
    let event = happens(&bench, ours, noon(5));
    let mut client = connect(&bench);
    client.batch_execute("set plan_cache_mode = force_generic_plan").unwrap();
    for (sql, args) in [
        ("select kind from events where partner_id = $1 and id = $2", format!("'{ours}', '{event}'")),
        ("update events set place = null where partner_id = $1 and id = $2", format!("'{ours}', '{event}'")),
        (
            "select number from delivery_attempts where partner_id = $1 and delivery_id in ($2, $3)",
            format!("'{ours}', 'dlv_{0}', 'dlv_{0}'", &event.to_string()[4..]),
        ),
    ] {
        client.batch_execute(&format!("prepare looked_up as {sql}")).unwrap();
        let plan = client.simple_query(&format!("explain execute looked_up({args})")).unwrap();
        let lines = plan.iter().filter_map(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => row.get(0),
            _other => None,
        });
        let read = lines.filter(|line| line.contains("Scan") && line.contains("2101_01")).count();
        let others = plan.iter().filter(|message| match message {
            postgres::SimpleQueryMessage::Row(row) => {
                row.get(0).is_some_and(|line| line.contains("Scan") && !line.contains("2101_01"))
            }
            _other => false,
        });
        assert_eq!((read, others.count()), (1, 0), "{sql}\n{plan:?}");
        client.batch_execute("deallocate looked_up").unwrap();
    }
}
