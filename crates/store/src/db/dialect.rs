//! Named fragments of SQL in which the engines differ.

/// Named fragments of SQL in which the engines differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The type of a column of bytes.
    pub blob: &'static str,
    /// The end of a `select` that leases rows, so that two nodes do not wait for each other.
    pub skip_locked: &'static str,
    /// The column with the insertion order of `events`, the only one that the engine fills. A row inserted after
    /// another row's commit comes after that row, independent of clocks.
    pub arrival: &'static str,
    /// The declaration of that column, if it needs one.
    pub arrival_column: &'static str,
    /// The same column at the end of an index, if the engine does not add it itself.
    pub arrival_key: &'static str,
    /// The collation of the ids by which tables are divided into months.
    pub(crate) in_bytes: &'static str,
    /// The clauses that divide a table into months: by its ids, and by its deliveries' ids.
    pub(crate) months: [&'static str; 2],
    /// Statements about a table's parts, if the engine divides tables into months.
    pub(crate) parts: Option<Parts>,
    /// Stores a table's rows inside its primary key, if the engine can. For small rows.
    pub in_key: &'static str,
    /// The end of a `select` of a row on which transactions take turns.
    pub for_update: &'static str,
    /// A query for the number of tables with a name, 0 or 1.
    pub(crate) relations: &'static str,
    /// A query for the invalid index of an interrupted build, if the engine builds indexes during writes.
    pub(crate) invalid_index: Option<&'static str>,
    /// The query for the number of bytes that the database takes.
    pub database_bytes: &'static str,
    /// A query for the name and the statement of every index that belongs to no constraint.
    pub indexes: &'static str,
    /// The beginning of a statement that updates a table's statistics; `None` if they are fixed.
    pub analyze: Option<&'static str>,
}

/// Statements about the parts of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    /// The names of a table's parts.
    pub(crate) names: &'static str,
    /// The database's present time, in seconds since the epoch.
    pub(crate) now: &'static str,
    /// Makes a part of a table, unless too many bytes would move into it.
    pub(crate) make: &'static str,
    /// Drops a part of a table with its rows.
    pub(crate) remove: &'static str,
}

impl Dialect {
    pub(crate) const SQLITE: Self = Self {
        blob: "blob",
        skip_locked: "",
        arrival: "rowid",
        arrival_column: "",
        arrival_key: "",
        in_bytes: "",
        months: ["", ""],
        parts: None,
        in_key: " without rowid",
        for_update: "",
        relations: "select count(*) from sqlite_master where name = $1",
        invalid_index: None,
        database_bytes: "select page_count * page_size from pragma_page_count(), pragma_page_size()",
        indexes: "select name, sql from sqlite_master where type = 'index' and sql is not null order by name",
        analyze: None,
    };
    pub(crate) const POSTGRES: Self = Self {
        blob: "bytea",
        skip_locked: "for update skip locked",
        arrival: "arrival",
        arrival_column: "arrival bigserial,",
        arrival_key: ", arrival",
        in_bytes: " collate \"C\"",
        months: [" partition by range (id)", " partition by range (delivery_id)"],
        parts: Some(Parts {
            names: "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid \
                    where i.inhparent = to_regclass($1)",
            now: "select cast(extract(epoch from now()) as bigint)",
            // Not a `select`, because a transaction of `select`s counts as one without writes.
            make: "values (make_partition($1, $2, $3))",
            remove: "values (drop_partition($1, $2))",
        }),
        in_key: "",
        for_update: "for update",
        relations: "select count(to_regclass($1))",
        invalid_index: Some(
            "select count(*) from pg_index where indexrelid = to_regclass($1) and not indisvalid",
        ),
        database_bytes: "select pg_database_size(current_database())",
        // The index of a divided table must be built for its parts too.
        indexes: "select c.relname::text, replace(pg_get_indexdef(c.oid), ' ON ONLY ', ' ON ') from pg_index i \
                  join pg_class c on c.oid = i.indexrelid where c.relnamespace = current_schema()::regnamespace \
                  and not c.relispartition and not exists (select from pg_constraint k where k.conindid = c.oid) \
                  order by c.relname",
        analyze: Some("analyze"),
    };

    /// A migration's text with this engine's fragments.
    pub(crate) fn filled(self, sql: &str) -> String {
        let fragments = [
            ("{blob}", self.blob),
            ("{arrival_column}", self.arrival_column),
            ("{arrival_key}", self.arrival_key),
            ("{in_bytes}", self.in_bytes),
            ("{months_of_id}", self.months[0]),
            ("{months_of_delivery_id}", self.months[1]),
            ("{in_key}", self.in_key),
        ];
        fragments.iter().fold(sql.to_owned(), |sql, (place, fragment)| sql.replace(place, fragment))
    }
}
