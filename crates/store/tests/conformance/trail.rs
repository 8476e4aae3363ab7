//! The audit trail: a check finds each entry that was changed or forged. With a published head it finds a missing end.

use domain::id::OperatorId;
use sha2::{Digest as _, Sha256};
use store::audit::{self, AuditedCall, Head, Trail};
use store::{StoreError, Tx, args};

use crate::aggregates::at;
use crate::on_both;

fn call(second: i64, operator: Option<OperatorId>) -> AuditedCall {
    AuditedCall {
        at: at(second),
        operator,
        operation: format!("GET /operator/v1/loans?{second}"),
        status: 200,
        request_id: format!("req_{second}"),
        fingerprint: String::new(),
    }
}

fn appended(tx: &mut Tx<'_>, count: i64) -> Result<Head, StoreError> {
    let operator = tx.new_id(at(0));
    for second in 1..=count {
        let operator = (second % 3 > 0).then_some(operator);
        audit::append(tx, call(second, operator))?;
    }
    audit::head(tx)
}

/// Writes every entry's code and the head anew as plain hashes, which everybody who holds the file can compute.
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
fn a_trail_that_is_changed_or_written_anew_is_broken() {
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
fn a_dropped_end_shows_against_a_published_head_alone() {
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
                // After further calls, the trail has other entries under the published numbers.
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
fn a_head_is_read_as_it_is_printed_and_nothing_else_is_one() {
    let code = "a".repeat(64);
    assert_eq!(format!("7:{code}").parse(), Ok(Head { number: 7, hash: code.clone() }));
    assert_eq!("0:".parse(), Ok(Head { number: 0, hash: String::new() }));
    for wrong in ["", "7", "7:", "-1:", "x:y", &format!("7:{}", "g".repeat(64)), &format!("7:{code}a")] {
        assert!(wrong.parse::<Head>().is_err(), "{wrong}");
    }
}
