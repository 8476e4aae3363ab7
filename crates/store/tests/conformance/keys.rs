//! Keys are replaced while nodes use them, and every value opens at every moment.

use std::collections::BTreeSet;

use domain::id::PartnerId;
use domain::time::RealTime;
use proptest::prelude::*;
use store::master_keys::{self, MasterKeyRole};
use store::reseal::{self, Resealed, Scope};
use store::samples::{Nulls, Samples};
use store::seal::{MasterKey, MasterKeys, number_of};
use store::verify::SEALED;
use store::{Store, StoreError, Tx, args};

use crate::aggregates::{partner, real};
use crate::sealing::Kept;
use crate::{Bench, on_both, open};

fn old() -> MasterKey {
    MasterKey::new([42; 32])
}

fn new() -> MasterKey {
    MasterKey::new([43; 32])
}

fn opened(bench: &Bench, keys: impl Into<MasterKeys>) -> Result<Store, String> {
    Store::open(&bench.url, keys).map_err(|error| error.to_string())
}

/// Makes new data keys for a scope. Returns their number.
fn made(store: &Store, scope: Scope, now: RealTime) -> u64 {
    let make = move |tx: &mut Tx<'_>| {
        let since = reseal::begin(tx, scope, now)?;
        let (mut after, mut made) = (None::<String>, 0);
        loop {
            let step = reseal::make_keys(tx, scope, after.as_deref(), (since, now))?;
            made += step.changed;
            after = step.next;
            if after.is_none() {
                return Ok::<_, StoreError>(made);
            }
        }
    };
    store.write_blocking(make).unwrap()
}

/// Seals every value of a scope again.
fn resealed(store: &Store, scope: Scope) -> Resealed {
    let mut all = Resealed::default();
    for column in reseal::columns(scope) {
        let mut after = None;
        loop {
            let place = after.clone();
            let find = move |tx: &mut Tx<'_>| reseal::old_values(tx, column, scope, place.as_ref());
            let page = store.write_blocking(find).unwrap();
            let values = page.old;
            let done = store.write_blocking(move |tx| reseal::reseal(tx, column, &values)).unwrap();
            all.done += done.done;
            all.damaged.extend(done.damaged);
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    all
}

fn destroyed(store: &Store, scope: Scope, cutoff: RealTime) -> u64 {
    store.write_blocking(move |tx| reseal::destroy_old(tx, scope, None, cutoff, &[])).unwrap().changed
}

/// The numbers of the keys under which the owners' values are, and the number of values.
fn numbers(store: &Store) -> (BTreeSet<u16>, usize) {
    let read = |tx: &mut Tx<'_>| {
        let mut all = Vec::new();
        for column in reseal::columns(Scope::All) {
            let (name, table) = (column.column, column.table);
            let sql = format!("select {name} from {table} where {name} is not null");
            all.extend(tx.fetch_all::<Vec<u8>>(&sql, &[])?);
        }
        Ok::<_, StoreError>(all)
    };
    let values = store.write_blocking(read).unwrap();
    let numbers = values.iter().filter(|value| !value.is_empty()).map(|value| number_of(value).unwrap());
    (numbers.collect(), values.len())
}

#[test]
fn a_replaced_data_key_is_used_at_once_and_destroyed_when_nothing_needs_it() {
    on_both(|bench| {
        let mut kept = Kept::made(bench);
        let (beside, scope) = (bench.second_node(), Scope::One(kept.partner));
        let read = |store: &Store, kept: &Kept| {
            let kept = kept.clone();
            store.write_blocking(move |tx| kept.reads(tx)).unwrap();
        };
        read(&beside, &kept);
        assert_eq!(made(&bench.store, scope, real(100)), 1);
        assert_eq!(made(&bench.store, scope, real(101)), 0, "it goes on with the key that it has made");
        // The node beside still seals under the key that it has, and reads what is under the new one.
        read(&beside, &kept);
        let updated = kept.clone();
        beside.write_blocking(move |tx| updated.clone().update_all(tx)).unwrap();
        assert_eq!(numbers(&bench.store), (BTreeSet::from([1]), 7));
        assert_eq!(resealed(&bench.store, scope), Resealed { done: 7, damaged: Vec::new() });
        assert_eq!(numbers(&bench.store), (BTreeSet::from([2]), 7));
        // A node that has met the new key seals under it.
        let updated = kept.clone();
        beside.write_blocking(move |tx| updated.clone().update_all(tx)).unwrap();
        assert_eq!(resealed(&bench.store, scope).done, 0);
        assert_eq!(destroyed(&bench.store, scope, real(99)), 0, "the new key is not old enough");
        assert_eq!(destroyed(&bench.store, scope, real(100)), 1);
        assert_eq!(numbers(&bench.store), (BTreeSet::from([2]), 7));
        let fresh = bench.second_node();
        let everything = fresh.write_blocking(move |tx| {
            let mut damaged = Vec::new();
            for column in SEALED {
                damaged.extend(store::verify::open_page(tx, column, None)?.damaged);
            }
            Ok::<_, StoreError>(damaged.len())
        });
        assert_eq!(everything, Ok(0));
        bench.write(move |tx| reseal::end(tx, scope)).unwrap();
        assert_eq!(made(&bench.store, scope, real(200)), 1, "a later replacement makes a key again");
        kept.partner = partner(bench);
        assert_eq!(made(&bench.store, Scope::All, real(300)), 2, "every owner gets one");
    });
}

#[test]
fn a_value_that_cannot_be_opened_keeps_its_key() {
    on_both(|bench| {
        let kept = Kept::made(bench);
        let scope = Scope::One(kept.partner);
        bench
            .write(|tx| tx.execute_one("update loans set sealed = $1", args![[1_u8, 0, 1, 7, 7].to_vec()]))
            .unwrap();
        made(&bench.store, scope, real(100));
        let Resealed { done, damaged } = resealed(&bench.store, scope);
        assert_eq!((done, damaged.as_slice()), (6, [kept.partner.into()].as_slice()));
        let destroy = move |tx: &mut Tx<'_>| reseal::destroy_old(tx, scope, None, real(100), &damaged);
        assert_eq!(bench.write(destroy).unwrap().changed, 0);
    });
}

/// Seals a value in every row of every sealed column, for its context.
fn sealed_everywhere(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    let mut samples = Samples::new(1, Nulls::None);
    for table in store::tables::ALL.iter().filter(|table| !["data_keys", "master_keys"].contains(&table.name))
    {
        (table.round_trip)(tx, &mut samples)?;
    }
    let owner: String = tx.fetch_one("select id from partners", &[])?;
    let operator: String = tx.fetch_one("select id from operators", &[])?;
    tx.execute_one("update idempotency_keys set partner_id = $1", args![owner])?;
    for (owner, number) in [(owner, 1), (operator, 1)] {
        reseal::test_key(tx, owner.parse()?, number)?;
    }
    let mut count = 0;
    for column in reseal::columns(Scope::All) {
        count += reseal::seal_all(tx, column, b"plain")?;
    }
    Ok(count)
}

#[test]
fn every_table_with_sealed_values_is_sealed_again() {
    on_both(|bench| {
        let count = bench.write(sealed_everywhere).unwrap();
        let covered: BTreeSet<_> = reseal::columns(Scope::All).map(|of| (of.table, of.column)).collect();
        let rest: Vec<_> =
            SEALED.iter().map(|of| (of.table, of.column)).filter(|of| !covered.contains(of)).collect();
        assert_eq!(
            rest,
            [("audit_entries", "sealed"), ("audit_calls", "sealed")],
            "under a key of the database"
        );
        assert_eq!(count, covered.len(), "each table has a row");
        assert_eq!(made(&bench.store, Scope::All, real(2_000_000_000)), 2);
        assert_eq!(numbers(&bench.store), (BTreeSet::from([1]), count));
        let done = u64::try_from(count).unwrap();
        assert_eq!(resealed(&bench.store, Scope::All), Resealed { done, damaged: Vec::new() });
        assert_eq!(numbers(&bench.store), (BTreeSet::from([2]), count));
        assert_eq!(destroyed(&bench.store, Scope::All, real(2_000_000_000)), 2);
        let fresh = bench.second_node();
        for column in reseal::columns(Scope::All) {
            let page = fresh.write_blocking(move |tx| store::verify::open_page(tx, column, None)).unwrap();
            assert_eq!((page.good, page.damaged.len()), (1, 0), "{}", column.table);
        }
    });
}

fn rewrapped(store: &Store, from: &str, to: &str) -> usize {
    let (from, to) = (from.to_owned(), to.to_owned());
    let mut all = 0;
    loop {
        let (from, to) = (from.clone(), to.clone());
        let done = store.write_blocking(move |tx| store::rewrap::rewrap(tx, &from, &to)).unwrap();
        all += done;
        if done == 0 {
            return all;
        }
    }
}

#[test]
fn a_master_key_is_replaced_beside_nodes_that_know_both() {
    on_both(|bench| {
        let kept = Kept::made(bench);
        let (was, is) = (old().fingerprint(), new().fingerprint());
        // The order in the configuration does not matter: the database says which key wraps.
        let both = opened(bench, MasterKeys::from(new()).and(old())).unwrap();
        let role = |fingerprint: &str| {
            let fingerprint = fingerprint.to_owned();
            let announce = move |tx: &mut Tx<'_>| master_keys::announce(tx, &fingerprint, real(1));
            both.write_blocking(announce).unwrap()
        };
        assert_eq!(role(&was), MasterKeyRole::Current);
        assert_eq!(role(&is), MasterKeyRole::Coming);
        let refused = opened(bench, old()).err().unwrap();
        assert!(refused.contains(&is) && refused.contains(&was), "{refused}");
        let coming = is.clone();
        let before = both.write_blocking(move |tx| master_keys::make_current(tx, &coming)).unwrap();
        assert_eq!(before, was);
        // A partner of this moment is under the new key, and old ones still open.
        let late = both.write_blocking(|tx| store::partners::insert(tx, "late", real(2))).unwrap();
        let counts = both.write_blocking(master_keys::counts).unwrap();
        let of =
            |counts: &[(String, i64)], key: &str| counts.iter().find(|(of, _)| of == key).map(|(_, n)| *n);
        assert_eq!((of(&counts, &was), of(&counts, &is)), (Some(3), Some(1)));
        assert!(opened(bench, new()).is_err(), "the former key still wraps some");
        assert_eq!(rewrapped(&both, &was, &is), 3);
        assert_eq!(rewrapped(&both, &was, &is), 0);
        let counts = both.write_blocking(master_keys::counts).unwrap();
        assert_eq!((of(&counts, &was), of(&counts, &is)), (None, Some(4)));
        let alone = opened(bench, new()).unwrap();
        alone.write_blocking(move |tx| kept.reads(tx)).unwrap();
        assert_eq!(alone.write_blocking(store::verify::unwrap_keys).unwrap(), (4, Vec::new()));
        assert!(opened(bench, old()).is_err());
        let sealed = move |tx: &mut Tx<'_>| tx.seal(late.id, "a", b"b").map(drop);
        alone.write_blocking(sealed).unwrap();
        let again = is.clone();
        let twice = alone.write_blocking(move |tx| master_keys::make_current(tx, &again));
        assert!(twice.is_err());
    });
}

#[test]
fn an_announced_master_key_can_be_taken_back() {
    on_both(|bench| {
        let key = new().fingerprint();
        let (announced, taken) = (key.clone(), key);
        bench.write(move |tx| master_keys::announce(tx, &announced, real(1))).unwrap();
        assert!(opened(bench, old()).is_err());
        bench.write(move |tx| master_keys::take_back(tx, &taken)).unwrap();
        assert!(opened(bench, old()).is_ok());
    });
}

/// A step of a random history.
#[derive(Debug, Clone)]
enum Step {
    /// A node seals a new value.
    Write { node: usize },
    /// Every value is read by a node.
    ReadAll { node: usize },
    /// Time passes on a node: it reads the newest keys.
    Settle { node: usize },
    /// The owner gets a new key.
    NewKey,
    /// The first values that are old are sealed again.
    Reseal { rows: usize },
    /// Both nodes settle, all values are sealed again, and the old keys are destroyed.
    Destroy,
    /// The keys are wrapped under the other master key.
    Rewrap,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..2_usize).prop_map(|node| Step::Write { node }),
        2 => (0..2_usize).prop_map(|node| Step::ReadAll { node }),
        1 => (0..2_usize).prop_map(|node| Step::Settle { node }),
        2 => Just(Step::NewKey),
        2 => (1..4_usize).prop_map(|rows| Step::Reseal { rows }),
        1 => Just(Step::Destroy),
        1 => Just(Step::Rewrap),
    ]
}

/// Two nodes, one partner, and what was written.
struct World {
    nodes: [Store; 2],
    partner: PartnerId,
    second: i64,
    written: usize,
    masters: [String; 2],
}

impl World {
    fn of(bench: &Bench) -> Self {
        let both = || opened(bench, MasterKeys::from(old()).and(new())).unwrap();
        let masters = [old().fingerprint(), new().fingerprint()];
        Self { nodes: [both(), both()], partner: partner(bench), second: 10, written: 0, masters }
    }

    fn take(&mut self, step: &Step) {
        let (partner, scope) = (self.partner, Scope::One(self.partner));
        self.second += 1;
        match step {
            Step::Write { node } => {
                let (number, now) = (self.written, real(self.second));
                let write = move |tx: &mut Tx<'_>| {
                    let answer = store::idempotency::StoredAnswer {
                        status: 200,
                        location: None,
                        body: number.to_string().into_bytes(),
                    };
                    let key = format!("{number:04}");
                    store::idempotency::claim(tx, partner.into(), &key, "", now, real(0))?;
                    store::idempotency::store_answer(tx, partner.into(), now, &key, &answer)
                };
                self.nodes[*node].write_blocking(write).unwrap();
                self.written += 1;
            }
            Step::ReadAll { node } => self.reads(*node),
            Step::Settle { node } => self.nodes[*node].keyring().forget_data_keys(),
            Step::NewKey => {
                let end = move |tx: &mut Tx<'_>| reseal::end(tx, scope);
                self.nodes[0].write_blocking(end).unwrap();
                assert_eq!(made(&self.nodes[0], scope, real(self.second)), 1);
            }
            Step::Reseal { rows } => {
                let column = reseal::columns(scope).find(|of| of.table == "idempotency_keys").unwrap();
                let rows = *rows;
                let some = move |tx: &mut Tx<'_>| {
                    let mut old = reseal::old_values(tx, column, scope, None)?.old;
                    old.truncate(rows);
                    reseal::reseal(tx, column, &old)
                };
                self.nodes[1].write_blocking(some).unwrap();
            }
            Step::Destroy => {
                self.nodes.iter().for_each(|node| node.keyring().forget_data_keys());
                assert!(resealed(&self.nodes[0], scope).damaged.is_empty());
                destroyed(&self.nodes[0], scope, real(self.second));
            }
            Step::Rewrap => self.rewrap(),
        }
    }

    /// Goes on to the other master key. It was used before or not.
    fn rewrap(&mut self) {
        let [from, to] = self.masters.clone();
        let is = to.clone();
        let now = real(self.second);
        let announce = move |tx: &mut Tx<'_>| {
            tx.execute("delete from master_keys where fingerprint = $1 and role = 'previous'", args![is])?;
            master_keys::announce(tx, &is, now)?;
            master_keys::make_current(tx, &is)
        };
        self.nodes[1].write_blocking(announce).unwrap();
        rewrapped(&self.nodes[0], &from, &to);
        self.masters = [to, from];
    }

    fn reads(&self, node: usize) {
        let (partner, written) = (self.partner, self.written);
        let read = move |tx: &mut Tx<'_>| {
            for number in 0..written {
                let used = store::idempotency::used(tx, partner.into(), &format!("{number:04}"))?;
                assert_eq!(used.unwrap().answer.body, number.to_string().into_bytes());
            }
            Ok::<_, StoreError>(())
        };
        self.nodes[node].write_blocking(read).unwrap();
    }
}

fn every_value_opens(bench: &Bench, steps: &[Step]) {
    let mut world = World::of(bench);
    for step in steps {
        world.take(step);
    }
    world.reads(0);
    world.reads(1);
    let fresh = open_with_both(bench);
    assert_eq!(fresh.write_blocking(store::verify::unwrap_keys).unwrap().1, Vec::<String>::new());
}

fn open_with_both(bench: &Bench) -> Store {
    opened(bench, MasterKeys::from(new()).and(old())).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_value_opens_on_every_node_whatever_keys_are_replaced(steps in proptest::collection::vec(step(), 1..30)) {
        on_both(|bench| every_value_opens(bench, &steps));
    }
}

#[test]
fn nodes_are_listed_with_the_master_keys_that_they_know() {
    on_both(|bench| {
        let both = open_with_both(bench);
        bench.write(|tx| store::nodes::note(tx, "first", real(1), real(1))).unwrap();
        both.write_blocking(|tx| store::nodes::note(tx, "second", real(2), real(2))).unwrap();
        bench.write(|tx| store::nodes::note(tx, "first", real(1), real(9))).unwrap();
        let seen = |since| {
            let nodes = bench.write(move |tx| store::nodes::seen_since(tx, real(since))).unwrap();
            nodes.into_iter().map(|node| (node.id, node.master_keys.len())).collect::<Vec<_>>()
        };
        assert_eq!(seen(0), [("first".to_owned(), 1), ("second".to_owned(), 2)]);
        assert_eq!(seen(3), [("first".to_owned(), 1)]);
        bench.write(|tx| store::nodes::forget(tx, real(3))).unwrap();
        bench.write(|tx| store::nodes::remove(tx, "first")).unwrap();
        assert_eq!(seen(0), []);
        drop(open(&bench.url));
    });
}

/// Gives a customer's document and a contract files under the first key.
fn with_files(tx: &mut Tx<'_>, partner: PartnerId) -> Result<(), StoreError> {
    let sql = "insert into kyc_documents (partner_id, id, customer_id, blob_key, media_type, size, sha256, created_at) \
               select partner_id, 'doc', id, 'a/file', 'image/jpeg', 1, 'x', 1 from customers where partner_id = $1";
    tx.execute_one(sql, args![partner])?;
    let sql = "insert into contracts (partner_id, loan_id, copy, blob_key, sha256, created_at) \
               select partner_id, id, 'issued', 'a/contract', 'y', 1 from loans where partner_id = $1";
    tx.execute_one(sql, args![partner])
}

#[test]
fn a_file_gets_a_new_name_once_and_its_old_one_is_deleted_later() {
    on_both(|bench| {
        let partner = Kept::made(bench).partner;
        bench.write(move |tx| with_files(tx, partner)).unwrap();
        let scope = Scope::One(partner);
        made(&bench.store, scope, real(100));
        let old = bench.write(move |tx| Ok(reseal::old_files(tx, scope, None)?.1)).unwrap();
        let all = bench.write(|tx| Ok(reseal::old_files(tx, Scope::All, None)?.1.len())).unwrap();
        assert_eq!(
            (old.len(), all, &*old[0].new_name),
            (1, 1, "a/file.2"),
            "a page has the files of one table"
        );
        let (first, last) = (old[0].clone(), old[0].file.clone());
        let next = bench.write(move |tx| reseal::old_files(tx, scope, Some(&last))).unwrap();
        assert_eq!(next.1[0].new_name, "a/contract.2");
        let contract = next.1[0].clone();
        let end = next.0;
        assert!(bench.write(move |tx| Ok(reseal::old_files(tx, scope, end.as_ref())?.0)).unwrap().is_none());
        let file = first.clone();
        let moved = move |tx: &mut Tx<'_>| {
            let at = reseal::announce_file(tx, &file, real(200))?;
            Ok((
                reseal::move_file(tx, &file, Some(at), real(200))?,
                reseal::move_file(tx, &file, None, real(201))?,
            ))
        };
        assert_eq!(bench.write(moved), Ok((true, false)));
        let given_up = move |tx: &mut Tx<'_>| {
            assert!(reseal::move_file(tx, &contract, Some(real(7)), real(300)).is_err());
            Err::<(), _>(StoreError::NotFound)
        };
        assert!(
            bench.write(given_up).is_err(),
            "a file without its announcement may be deleted at any moment"
        );
        let announced = "select blob_key from blob_intents";
        let announced = bench.write(move |tx| tx.fetch_all::<String>(announced, &[])).unwrap();
        assert_eq!(announced, ["a/file"]);
        let named = "select blob_key from kyc_documents";
        assert_eq!(bench.write(move |tx| tx.fetch_one::<String>(named, &[])), Ok("a/file.2".to_owned()));
        let counts = bench.write(reseal::counts).unwrap();
        assert_eq!((counts.owners, counts.keys), (1, 2));
    });
}
