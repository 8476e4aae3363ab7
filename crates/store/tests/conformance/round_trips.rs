//! Every table matches its declaration: the schema has its columns, and a row is read back as written.

use std::collections::BTreeMap;

use store::db::DatabaseUrl;
use store::samples::{Nulls, Samples};
use store::tables::{ALL, Declared, OF_REQUEST_LOG, Trip};
use store::{Store, StoreError, args};

use crate::{Bench, on_both};

/// Columns of every table of a database.
type Schema = BTreeMap<String, Vec<String>>;

/// The schema as the engine describes it. The table of migrations, parts of tables, and generated columns are left
/// out.
fn schema(bench: &Bench, store: &Store) -> Schema {
    let sql = match bench.url {
        DatabaseUrl::Sqlite(_) => {
            "select t.name, c.name from sqlite_master t join pragma_table_info(t.name) c \
             where t.type = 'table' and t.name not like 'sqlite_%'"
        }
        DatabaseUrl::Postgres(_) => {
            "select cast(t.relname as text), cast(a.attname as text) from pg_class t \
             join pg_attribute a on a.attrelid = t.oid \
             where t.relnamespace = current_schema()::regnamespace and t.relkind in ('r', 'p') \
             and not t.relispartition and a.attnum > 0 and not a.attisdropped and a.attname <> 'arrival'"
        }
    };
    let mut schema = Schema::new();
    for (table, column) in store.write_blocking(move |tx| tx.fetch_all::<(String, String)>(sql, &[])).unwrap()
    {
        schema.entry(table).or_default().push(column);
    }
    schema.remove("schema_history");
    for columns in schema.values_mut() {
        columns.sort_unstable();
    }
    schema
}

#[test]
fn the_schema_has_exactly_the_declared_tables_and_columns() {
    on_both(|bench| {
        let declared = |table: &Declared| {
            let mut columns: Vec<String> = table.columns.iter().map(ToString::to_string).collect();
            columns.sort_unstable();
            (table.name.to_owned(), columns)
        };
        let requests = bench.store.open_request_log(&bench.url).unwrap();
        match bench.url {
            DatabaseUrl::Sqlite(_) => {
                assert_eq!(schema(bench, &bench.store), ALL.iter().map(declared).collect());
                assert_eq!(schema(bench, &requests), OF_REQUEST_LOG.iter().map(declared).collect());
            }
            DatabaseUrl::Postgres(_) => {
                let all = ALL.iter().chain(OF_REQUEST_LOG);
                assert_eq!(schema(bench, &bench.store), all.map(declared).collect());
            }
        }
    });
}

#[test]
fn a_row_of_every_table_is_read_back_as_written() {
    on_both(|bench| {
        let requests = bench.store.open_request_log(&bench.url).unwrap();
        let stores = [(&bench.store, ALL), (&requests, OF_REQUEST_LOG)];
        let kinds = [(1, Nulls::None), (2, Nulls::All)];
        for ((store, tables), (seed, nulls)) in stores.into_iter().flat_map(|of| kinds.map(|kind| (of, kind)))
        {
            let trips = store.write_blocking(move |tx| {
                let mut samples = Samples::new(seed, nulls);
                let trip = |table: &Declared| Ok((table.name, (table.round_trip)(tx, &mut samples)?));
                tables.iter().map(trip).collect::<Result<Vec<(&str, Trip)>, StoreError>>()
            });
            for (table, Trip { written, read }) in trips.unwrap() {
                assert_eq!(written, read, "{table}");
            }
        }
    });
}

#[test]
fn an_answer_with_too_many_or_too_few_columns_is_a_defect() {
    on_both(|bench| {
        bench.write(|tx| store::settings::get_or_set(tx, "name", "value")).unwrap();
        let sql = "select name, value from settings where name = $1";
        let one = |count: usize| {
            bench.write(move |tx| match count {
                1 => tx.fetch_one::<String>(sql, args!["name"]).map(drop),
                2 => tx.fetch_one::<(String, String)>(sql, args!["name"]).map(drop),
                _ => tx.fetch_one::<(String, String, String)>(sql, args!["name"]).map(drop),
            })
        };
        assert_eq!(one(2), Ok(()));
        for wrong in [1, 3] {
            assert!(matches!(one(wrong), Err(StoreError::Defect(_))), "{wrong} of 2 columns");
        }
    });
}
