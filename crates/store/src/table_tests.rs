//! Statements that declarations of tables and answers make.

use super::*;

table! {
    /// A table of tests.
    struct PairRow in "pairs" by (left, right) {
        left: String,
        right: i64,
        version: i64,
        note: Option<String>,
    }
}

row! {
    #[expect(dead_code, reason = "only its list is read")]
    struct Shown of PairRow {
        note: Option<String>,
        doubled: i64 = "\"right\" * 2",
    }
}

row! {
    #[expect(dead_code, reason = "only its list is read")]
    struct Joined of PairRow {
        ..pair: PairRow,
        count: i64 = "(select count(*) from others)",
    }
}

fn pair() -> PairRow {
    PairRow { left: "l".to_owned(), right: 7, version: 3, note: None }
}

#[test]
fn a_table_makes_its_statements_of_its_declaration() {
    assert_eq!(
        select::<PairRow>("where version > $1"),
        "select left, right, version, note from pairs where version > $1"
    );
    assert_eq!(
        PairRow::insert_one(),
        "insert into pairs (left, right, version, note) values ($1, $2, $3, $4)"
    );
    assert_eq!(pair().args(), ["l".to_arg(), Arg::Int(7), Arg::Int(3), Arg::Null]);
    assert_eq!(PairRow::WIDTH, 4);
}

#[test]
fn an_update_compares_the_version_and_sets_the_named_columns() {
    let row = PairRow { note: Some("new".to_owned()), ..pair() };
    let key = [row.left.to_arg(), row.right.to_arg()];
    let (sql, args) = update(&key, 2, set!(PairRow of row: note, right));
    assert_eq!(
        sql,
        "update pairs set version = version + 1, note = $4, right = $5 \
         where left = $1 and right = $2 and version = $3"
    );
    assert_eq!(args, ["l".to_arg(), Arg::Int(7), Arg::Int(2), "new".to_arg(), Arg::Int(7)]);
}

#[test]
fn an_answer_names_columns_and_expressions() {
    assert_eq!(Shown::list(), "note, \"right\" * 2");
    assert_eq!(Joined::list(), "left, right, version, note, (select count(*) from others)");
    assert_eq!((Shown::WIDTH, Joined::WIDTH, <(PairRow, i64)>::WIDTH), (2, 5, 5));
}
