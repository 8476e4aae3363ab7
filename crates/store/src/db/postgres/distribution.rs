//! Distribution of the tables by partner, if the database has the extension Citus.
//!
//! The catalogue decides: a table with the column `partner_id` is distributed by it. Any other table becomes a
//! reference table, with a copy on every machine. Distributed tables stay as they are, so a later run distributes only
//! the tables of newer migrations.
//!
//! Reasons: docs/decisions/0017.

use super::session::Session;
use super::transaction::PostgresTx;
use crate::db::error::{LinkError, StoreError};

/// The distribution of a database's tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distribution {
    /// Number of tables that are distributed by partner.
    pub distributed: i64,
    /// Number of tables with a copy on every machine.
    pub reference: i64,
    /// Number of both that this run has distributed.
    pub made: i64,
}

/// The version of the extension, if the database has it.
const EXTENSION: &str = "select extversion from pg_extension where extname = 'citus'";

/// Tables that are on one machine: the name, and whether it belongs to partners. Citus itself registers some of them,
/// such as a new table with a key to a reference table. `h` is distributed by a hash, `t` is copied to every machine.
const LOCAL: &str = "select c.relname::text, exists (select 1 from pg_attribute a \
        where a.attrelid = c.oid and a.attname = 'partner_id' and not a.attisdropped) \
    from pg_class c \
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition \
        and not exists (select 1 from pg_dist_partition d \
            where d.logicalrelid = c.oid and (d.partmethod = 'h' or d.repmodel = 't')) \
    order by c.relname";

/// The foreign keys from or to such tables: table, name, definition.
const KEYS: &str = "select k.conrelid::regclass::text, quote_ident(k.conname), pg_get_constraintdef(k.oid) \
    from pg_constraint k \
    where k.contype = 'f' and k.connamespace = current_schema()::regnamespace and k.conparentid = 0 \
        and exists (select 1 from unnest(array[k.conrelid, k.confrelid]) t (id) \
            where not exists (select 1 from pg_dist_partition d \
                where d.logicalrelid = t.id and (d.partmethod = 'h' or d.repmodel = 't'))) \
    order by 1, 2";

/// A distributed table. A partner's rows of other tables are placed on the machine of its rows there.
const BESIDE: &str = "select c.relname::text from pg_dist_partition d join pg_class c on c.oid = d.logicalrelid \
    where d.partmethod = 'h' and c.relnamespace = current_schema()::regnamespace order by c.relname limit 1";

/// Every session reads and changes the shards of one machine in turn, on one connection. On several parallel
/// connections, Citus would refuse to change a reference table later in the same transaction.
const IN_TURN: &str = "do $$ begin execute format( \
    'alter database %I set citus.multi_shard_modify_mode = ''sequential''', current_database()); end $$";

/// Tables by kind: distributed, reference.
const COUNTS: &str = "select count(*) filter (where d.partmethod = 'h'), count(*) filter (where d.repmodel = 't') \
    from pg_dist_partition d join pg_class c on c.oid = d.logicalrelid \
    where c.relnamespace = current_schema()::regnamespace and not c.relispartition";

/// The version of Citus that the database has.
pub(in crate::db) fn extension(session: &mut Session) -> Result<Option<String>, StoreError> {
    Ok(PostgresTx::on_link(session).query(EXTENSION, &[], |row| row.get(0))?.pop())
}

/// Whether tables are distributed.
pub(in crate::db) fn is_distributed(session: &mut Session) -> Result<bool, StoreError> {
    if extension(session)?.is_none() {
        return Ok(false);
    }
    Ok(!PostgresTx::on_link(session).query(BESIDE, &[], |row| row.get::<String>(0))?.is_empty())
}

/// Distributes the tables that are on one machine, within the open transaction.
///
/// Foreign keys are dropped before and added again afterwards, because Citus refuses a key between a distributed table
/// and one that is not distributed yet. Adding a key checks every row. Existing rows are moved too.
pub(in crate::db) fn distribute(session: &mut Session) -> Result<Distribution, LinkError> {
    // Citus reports each table that it copies or empties.
    session.script("set local client_min_messages = warning")?;
    session.script(IN_TURN)?;
    let mut tx = PostgresTx::on_link(session);
    let local = tx.query(LOCAL, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if !local.is_empty() {
        let keys = tx.query(KEYS, &[], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?]))?;
        let beside = tx.query(BESIDE, &[], |row| row.get::<String>(0))?.pop();
        // Citus parses the text of a definition again, so each statement is sent alone.
        for statement in statements(&local, &keys, beside.as_deref()) {
            session.script(&statement)?;
        }
    }
    let made = crate::db::rows::row_count(local.len());
    let counted = PostgresTx::on_link(session).query(COUNTS, &[], |row| {
        Ok(Distribution { distributed: row.get(0)?, reference: row.get(1)?, made })
    })?;
    Ok(counted.into_iter().next().ok_or(StoreError::NotFound)?)
}

/// The statements that distribute tables.
fn statements(local: &[(String, bool)], keys: &[[String; 3]], beside: Option<&str>) -> Vec<String> {
    // A partner's rows of all tables are on one machine. A key to a reference table requires that shards are changed in
    // turn.
    let mut all = vec!["set local citus.multi_shard_modify_mode = 'sequential'".to_owned()];
    all.extend(keys.iter().map(|[table, name, _]| format!("alter table {table} drop constraint {name}")));
    let mut beside = beside.unwrap_or("default");
    for (table, of_partners) in local {
        all.push(if *of_partners {
            let made = format!(
                "select create_distributed_table('{table}', 'partner_id', colocate_with => '{beside}')"
            );
            beside = if beside == "default" { table } else { beside };
            made
        } else {
            format!("select create_reference_table('{table}')")
        });
    }
    all.extend(
        keys.iter().map(|[table, name, key]| format!("alter table {table} add constraint {name} {key}")),
    );
    // The rows were copied, so the coordinator deletes its own.
    all.extend(
        local
            .iter()
            .map(|(table, _)| format!("select truncate_local_data_after_distributing_table('{table}')")),
    );
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_of_partners_are_placed_together_and_keys_are_added_afterwards() {
        let local = [("a", true), ("b", false), ("c", true)].map(|(name, of)| (name.to_owned(), of));
        let keys = [["c", "c_fkey", "foreign key (b) references b (id)"].map(str::to_owned)];
        let expected = [
            "set local citus.multi_shard_modify_mode = 'sequential'",
            "alter table c drop constraint c_fkey",
            "select create_distributed_table('a', 'partner_id', colocate_with => 'default')",
            "select create_reference_table('b')",
            "select create_distributed_table('c', 'partner_id', colocate_with => 'a')",
            "alter table c add constraint c_fkey foreign key (b) references b (id)",
            "select truncate_local_data_after_distributing_table('a')",
            "select truncate_local_data_after_distributing_table('b')",
            "select truncate_local_data_after_distributing_table('c')",
        ];
        assert_eq!(statements(&local, &keys, None), expected);
        let later = statements(&local[2..], &[], Some("a"));
        assert!(later[1].contains("colocate_with => 'a'"), "{later:?}");
    }
}
