//! The audit trail: a check finds each entry that was changed or forged. With a published head it finds a missing end.

use domain::access::Origin;
use domain::id::OperatorId;
use sha2::{Digest as _, Sha256};
use store::audit::{self, AuditedCall, Head, Trail};
use store::{StoreError, Tx, args};

use crate::aggregates::{at, real};
use crate::on_both;

fn call(second: i64, operator: Option<OperatorId>) -> AuditedCall {
    AuditedCall {
        at: real(second),
        operator,
        operation: format!("GET /operator/v1/loans?{second}"),
        status: 200,
        request_id: format!("req_{second}"),
        fingerprint: String::new(),
        origin: Origin { address: "203.0.113.7".to_owned(), agent: "curl/8".to_owned() },
        change: None,
    }
}

fn appended(tx: &mut Tx<'_>, count: i64) -> Result<Head, StoreError> {
    let operator = tx.new_id(at(0));
    for second in 1..=count {
        let operator = (second % 3 > 0).then_some(operator);
        audit::enter(tx, &[call(second, operator)])?;
    }
    audit::head(tx)
}

/// Rewrites every entry's code and the head as plain hashes. Everybody who has the file can compute those.
fn chained_anew_without_the_key(tx: &mut Tx<'_>) -> Result<(), StoreError> {
    let sql = "select number, at, operator_id, operation, status, request_id, fingerprint from audit_entries \
               order by number";
    let entries = tx.query(sql, &[], |row| {
        let (number, at, status): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(4)?);
        let (operator, operation): (String, String) = (row.get(2)?, row.get(3)?);
        let (request, print): (String, String) = (row.get(5)?, row.get(6)?);
        Ok((number, format!("{number}\n{at}\n{operator}\n{operation}\n{status}\n{request}\n{print}")))
    })?;
    let mut hash = String::new();
    for (number, text) in entries {
        hash = store::seal::hex(&Sha256::digest(format!("{hash}\n{text}")));
        tx.execute_one("update audit_entries set hash = $2 where number = $1", args![number, hash])?;
        tx.execute_one("update audit_head set number = $1, hash = $2", args![number, hash])?;
    }
    Ok(())
}

#[test]
fn a_changed_or_rewritten_trail_is_broken() {
    on_both(|bench| {
        bench
            .write(|tx| {
                assert_eq!(audit::check(tx, None)?, Trail::Whole { entries: 0 });
                let head = appended(tx, 9)?;
                assert_eq!(audit::check(tx, Some(&head))?, Trail::Whole { entries: 9 });
                tx.execute_one("update audit_entries set status = 403 where number = 5", &[])?;
                assert_eq!(audit::check(tx, None)?, Trail::BrokenAt(5));
                chained_anew_without_the_key(tx)?;
                assert_eq!(audit::check(tx, None)?, Trail::BrokenAt(1));
                tx.execute("delete from audit_entries where number = 4", &[])?;
                assert_eq!(audit::check(tx, None)?, Trail::BrokenAt(4));
                Err::<(), _>(StoreError::NotFound)
            })
            .unwrap_err();
        bench
            .write(|tx| {
                appended(tx, 9)?;
                tx.execute_one("delete from audit_entries where number = 4", &[])?;
                assert_eq!(audit::check(tx, None)?, Trail::BrokenAt(4));
                tx.execute_one("update audit_entries set operator_id = 'x' where number = 2", &[])?;
                assert_eq!(audit::check(tx, None)?, Trail::BrokenAt(2));
                Err::<(), _>(StoreError::NotFound)
            })
            .unwrap_err();
    });
}

#[test]
fn a_removed_end_is_found_only_with_a_published_head() {
    on_both(|bench| {
        bench
            .write(|tx| {
                let early = appended(tx, 6)?;
                let head = appended(tx, 3)?;
                assert_eq!((head.number, head.to_string().parse()), (9, Ok(head.clone())));
                let (number, hash): (i64, String) =
                    tx.query_one("select number, hash from audit_entries where number = 7", &[], |row| {
                        Ok((row.get(0)?, row.get(1)?))
                    })?;
                tx.execute("delete from audit_entries where number > 7", &[])?;
                tx.execute_one("update audit_head set number = $1, hash = $2", args![number, hash])?;
                assert_eq!(audit::check(tx, None)?, Trail::Whole { entries: 7 });
                assert_eq!(audit::check(tx, Some(&early))?, Trail::Whole { entries: 7 });
                assert_eq!(audit::check(tx, Some(&head))?, Trail::NotAsPublished(9));
                assert!(!audit::holds(tx, &head)?);
                // After more calls, the trail has other entries under the published numbers.
                appended(tx, 5)?;
                assert_eq!(audit::check(tx, None)?, Trail::Whole { entries: 12 });
                assert_eq!(audit::check(tx, Some(&head))?, Trail::NotAsPublished(9));
                tx.execute("delete from audit_entries", &[])?;
                tx.execute_one("update audit_head set number = 0, hash = ''", &[])?;
                assert_eq!(audit::check(tx, None)?, Trail::Whole { entries: 0 });
                assert_eq!(audit::check(tx, Some(&head))?, Trail::NotAsPublished(9));
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_head_is_read_in_its_printed_form_and_any_other_text_is_refused() {
    let code = "a".repeat(64);
    assert_eq!(format!("7:{code}").parse(), Ok(Head { number: 7, hash: code.clone() }));
    assert_eq!("0:".parse(), Ok(Head { number: 0, hash: String::new() }));
    for wrong in ["", "7", "7:", "-1:", "x:y", &format!("7:{}", "g".repeat(64)), &format!("7:{code}a")] {
        assert!(wrong.parse::<Head>().is_err(), "{wrong}");
    }
}

fn operations(tx: &mut Tx<'_>) -> Result<Vec<String>, StoreError> {
    let sql = "select operation from audit_entries order by number";
    tx.query(sql, &[], |row| row.get(0))
}

#[test]
fn calls_that_were_committed_with_their_effects_are_chained_in_their_order_before_later_ones() {
    on_both(|bench| {
        bench
            .write(|tx| {
                for second in [2, 1, 3] {
                    audit::note(tx, &call(second, None))?;
                }
                assert_eq!(audit::head(tx)?.number, 0);
                assert_eq!(audit::check(tx, None)?, Trail::Whole { entries: 0 });
                assert_eq!(audit::enter(tx, &[call(4, None), call(5, None)])?, 3);
                let expected: Vec<String> = (1..=5).map(|second| call(second, None).operation).collect();
                assert_eq!(operations(tx)?, expected);
                let head = audit::head(tx)?;
                assert_eq!(audit::check(tx, Some(&head))?, Trail::Whole { entries: 5 });
                assert_eq!((audit::settle(tx)?, audit::head(tx)?), (0, head));
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn calls_above_the_limit_of_a_batch_are_chained_in_several_batches() {
    on_both(|bench| {
        bench
            .write(|tx| {
                for second in 1..=1_200 {
                    audit::note(tx, &call(second, None))?;
                }
                let batches =
                    [audit::settle(tx)?, audit::settle(tx)?, audit::settle(tx)?, audit::settle(tx)?];
                assert_eq!(batches, [500, 500, 200, 0]);
                assert_eq!(operations(tx)?.last(), Some(&call(1_200, None).operation));
                assert_eq!(audit::check(tx, None)?, Trail::Whole { entries: 1_200 });
                Ok(())
            })
            .unwrap();
    });
}

#[test]
fn a_changed_or_forged_waiting_call_breaks_the_trail_and_delays_no_other() {
    let changed = "update audit_calls set status = 403 where status = 200 and operation like '%?2'";
    let forged = "update audit_calls set code = '00' where operation like '%?2'";
    let unreadable = "update audit_calls set operator_id = 'nobody' where operation like '%?2'";
    let moved = "update audit_calls set id = '0' where operation like '%?2'";
    for altering in [changed, forged, unreadable, moved] {
        on_both(|bench| {
            bench
                .write(move |tx| {
                    for second in 1..=3 {
                        audit::note(tx, &call(second, None))?;
                    }
                    tx.execute_one(altering, &[])?;
                    assert_eq!(audit::enter(tx, &[call(4, None)])?, 3);
                    let found = operations(tx)?;
                    let number = found.iter().position(|operation| operation.ends_with("?2")).unwrap() + 1;
                    assert_eq!(found.len(), 4);
                    let broken = Trail::BrokenAt(i64::try_from(number).unwrap());
                    assert_eq!(audit::check(tx, None)?, broken, "{altering}");
                    // The calls of the same batch are chained after it.
                    audit::enter(tx, &[call(5, None)])?;
                    assert_eq!((audit::head(tx)?.number, audit::check(tx, None)?), (5, broken));
                    Err::<(), _>(StoreError::NotFound)
                })
                .unwrap_err();
        });
    }
}

#[test]
fn two_nodes_at_once_chain_every_call_once() {
    on_both(|bench| {
        let other = bench.second_node();
        std::thread::scope(|scope| {
            for (node, store) in [&bench.store, &other].into_iter().enumerate() {
                for writer in 0..3 {
                    scope.spawn(move || {
                        for number in 0..40 {
                            let second = i64::try_from(node).unwrap() * 1_000 + writer * 100 + number;
                            store
                                .write_blocking(move |tx| match writer {
                                    0 => audit::enter(tx, &[call(second, None), call(second + 500, None)]),
                                    1 => audit::note(tx, &call(second, None)).map(|()| 0),
                                    _settles => audit::settle(tx),
                                })
                                .unwrap();
                        }
                    });
                }
            }
        });
        bench
            .write(|tx| {
                while audit::settle(tx)? > 0 {}
                let mut found = operations(tx)?;
                assert_eq!(audit::check(tx, None)?, Trail::Whole { entries: 2 * (80 + 40) });
                let all = found.len();
                found.sort();
                found.dedup();
                assert_eq!(found.len(), all);
                Ok(())
            })
            .unwrap();
    });
}
