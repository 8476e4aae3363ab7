//! A database whose tables are distributed by partner accepts every statement of the store. Only `scripts/prove
//! distributed` names a cluster for this test.

use postgres::error::SqlState;
use postgres::types::{ToSql, Type};
use store::db::DatabaseUrl;

use crate::tenancy::statements;

/// A value for a parameter of a type.
fn value(of: &Type) -> Box<dyn ToSql + Sync> {
    match *of {
        Type::INT8 => Box::new(1_i64),
        Type::BOOL => Box::new(true),
        Type::BYTEA => Box::new(vec![0_u8]),
        _ => Box::new("p"),
    }
}

#[test]
fn a_distributed_database_accepts_every_statement() {
    let Some(database) = store::test_support::distributed_database() else { return };
    let DatabaseUrl::Postgres(url) = database.url() else { unreachable!("a cluster has no files of SQLite") };
    let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let (mut taken, mut refused) = (0, Vec::new());
    for (file, sql) in statements() {
        let mut transaction = client.transaction().unwrap();
        // PostgreSQL cannot prepare statements that only SQLite runs.
        let Ok(statement) = transaction.prepare(sql) else { continue };
        let values: Vec<_> = statement.params().iter().map(value).collect();
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| &**value).collect();
        match transaction.query(&statement, &values) {
            Err(error) if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED) => {
                refused.push(format!("{file}: {sql}\n  {error:?}"));
            }
            // An invented row may break a key. That is not a refusal.
            _taken => taken += 1,
        }
    }
    assert!(refused.is_empty(), "{} are refused:\n{}", refused.len(), refused.join("\n"));
    assert!(taken > 400, "{taken}");
}
