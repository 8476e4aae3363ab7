//! The statements that a migration may have while nodes serve the database.
//!
//! A statement is refused unless it is known to take its locks only for a moment. Nobody uses a table that the
//! migration itself makes, so it may be filled and indexed at once.

use std::collections::HashSet;

use super::tree::{Migration, Phase, Step, Tree};

impl Tree {
    /// Refuses migrations that hold up running nodes or remove parts that these nodes use. The foundation is exempt,
    /// because it runs on an empty database.
    pub fn check(self) -> Result<(), String> {
        for (version, migration) in self.numbered() {
            check_phase(version, migration).map_err(|why| format!("migration {version}: {why}"))?;
            if version > 1 {
                check_steps(migration).map_err(|why| format!("migration {version}: {why}"))?;
            }
        }
        Ok(())
    }
}

fn check_phase(version: i64, migration: &Migration) -> Result<(), String> {
    match migration.phase {
        Phase::Expand => Ok(()),
        Phase::Contract { serves_from } if (1..version).contains(&serves_from) => Ok(()),
        Phase::Contract { .. } => {
            Err("a contraction names an earlier version, which its programs have to know".into())
        }
    }
}

fn check_steps(migration: &Migration) -> Result<(), String> {
    let mut made = HashSet::new();
    for step in migration.steps {
        if let Step::Sql(sql) | Step::Postgres(sql) = step {
            for statement in statements(sql) {
                let words: Vec<&str> = statement.iter().map(String::as_str).collect();
                check_statement(migration.phase, &words, &mut made)
                    .map_err(|why| format!("{why}: {}", statement.join(" ")))?;
            }
        }
    }
    Ok(())
}

fn check_statement(phase: Phase, words: &[&str], made: &mut HashSet<String>) -> Result<(), &'static str> {
    match words {
        ["create", "table", name, "(", ..] => {
            made.insert((*name).to_owned());
            Ok(())
        }
        ["create", "index", _, "on", table, ..] | ["create", "unique", "index", _, "on", table, ..] => {
            if made.contains(*table) {
                Ok(())
            } else {
                Err("an index on an existing table is a separate step")
            }
        }
        ["insert", "into", table, ..] | ["update", table, ..] | ["delete", "from", table, ..] => {
            if made.contains(*table) { Ok(()) } else { Err("a change of rows is a backfill") }
        }
        ["alter", "table", table, action @ ..] => {
            if made.contains(*table) {
                Ok(())
            } else {
                check_alteration(phase, action)
            }
        }
        ["drop", "table" | "index", ..] => only_in_a_contraction(phase),
        _unknown => Err("it is not known whether this statement holds up running nodes"),
    }
}

fn check_alteration(phase: Phase, action: &[&str]) -> Result<(), &'static str> {
    match action {
        ["add", "column", _, _, rest @ ..] => check_new_column(rest),
        ["add", "constraint", .., "not", "valid"]
        | ["validate", "constraint", _]
        | ["alter", "column", _, "drop", "not", "null"] => Ok(()),
        ["add", "constraint", ..] => {
            Err("a new constraint reads the whole table: make it not valid, then validate it")
        }
        ["drop", "column" | "constraint", ..] => only_in_a_contraction(phase),
        ["alter", "column", _, "set", "default", value] if is_literal(value) => Ok(()),
        ["alter", "column", _, "type", ..] => {
            Err("a column's new type rewrites the table: add another column")
        }
        ["alter", "column", _, "set", "not", "null"] => {
            Err("this reads the whole table: add a check that is not valid, and validate it")
        }
        ["rename", ..] => Err("running programs use the old name: add another"),
        _unknown => Err("it is not known whether this statement holds up running nodes"),
    }
}

/// The words after the name and the type of a new column.
fn check_new_column(rest: &[&str]) -> Result<(), &'static str> {
    let has = |word: &str| rest.contains(&word);
    if ["references", "unique", "primary", "check", "generated"].iter().any(|word| has(word)) {
        return Err("this reads or locks more than the new column");
    }
    match rest {
        [] | ["null"] => Ok(()),
        ["default", value] | ["default", value, "not", "null"] | ["not", "null", "default", value] => {
            if is_literal(value) {
                Ok(())
            } else {
                Err("a computed default rewrites the table")
            }
        }
        ["not", "null"] => {
            Err("existing rows have no value, and running programs write none: give a default")
        }
        _unknown => Err("it is not known whether this column holds up running nodes"),
    }
}

fn only_in_a_contraction(phase: Phase) -> Result<(), &'static str> {
    match phase {
        Phase::Contract { .. } => Ok(()),
        Phase::Expand => Err("running programs use the removed part: move this to a contraction"),
    }
}

fn is_literal(value: &str) -> bool {
    let number = value.strip_prefix('-').unwrap_or(value);
    value.starts_with('\'')
        || matches!(value, "null" | "true" | "false")
        || (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The statements of a text, each with the comments in front of it.
pub(super) fn split(sql: &str) -> Vec<&str> {
    let (mut all, mut from, mut until) = (Vec::new(), 0, None);
    for (at, char) in sql.char_indices() {
        match (until, char) {
            (None, ';') => {
                all.push(&sql[from..at]);
                from = at + 1;
            }
            (None, '\'') => until = Some("'"),
            (None, '"') => until = Some("\""),
            // The body of a function begins after one `$$` and ends at the next one.
            (None, '$') if sql[..at].ends_with('$') => until = Some("$$"),
            (None, '-') if sql[at..].starts_with("--") => until = Some("\n"),
            (Some("$$"), char) => until = (char != '$' || !sql[..at].ends_with('$')).then_some("$$"),
            (Some(end), char) if end.starts_with(char) => until = None,
            _within => {}
        }
    }
    all.push(&sql[from..]);
    all.retain(|statement| !statement.trim().is_empty());
    all
}

/// The statements of a text as lists of words in lower case. Brackets and commas are words; comments are left out.
fn statements(sql: &str) -> Vec<Vec<String>> {
    let (mut all, mut words, mut word) = (Vec::new(), Vec::new(), String::new());
    let mut rest = sql.chars().peekable();
    while let Some(char) = rest.next() {
        match char {
            '-' if rest.peek() == Some(&'-') => {
                rest.by_ref().find(|char| *char == '\n');
            }
            '\'' | '"' => {
                word.push(char);
                word.extend(rest.by_ref().take_while(|inner| *inner != char));
                word.push(char);
            }
            '(' | ')' | ',' | ';' => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
                if char == ';' {
                    all.push(std::mem::take(&mut words));
                } else {
                    words.push(char.to_string());
                }
            }
            space if space.is_whitespace() => {
                words.extend(Some(std::mem::take(&mut word)).filter(|word| !word.is_empty()));
            }
            other => word.extend(other.to_lowercase()),
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    all.push(words);
    all.retain(|words| !words.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(phase: Phase, sql: &str) -> Result<(), String> {
        let mut made = HashSet::new();
        statements(sql).iter().try_for_each(|statement| {
            let words: Vec<&str> = statement.iter().map(String::as_str).collect();
            check_statement(phase, &words, &mut made).map_err(str::to_owned)
        })
    }

    #[test]
    fn statements_that_hold_up_running_nodes_are_refused() {
        for sql in [
            "create index offers_by_loan on offers (partner_id, loan_id)",
            "create unique index offers_by_loan on offers (loan_id)",
            "create table t (id text); create index i on offers (loan_id)",
            "create table t as select * from offers",
            "alter table offers add column market text not null",
            "alter table offers add column drawn text default random()",
            "alter table offers add column drawn text not null default md5('x')",
            "alter table offers add column loan text references loans (id)",
            "alter table offers add column market text unique",
            "alter table offers add column market text check (market <> '')",
            "alter table offers alter column terms type jsonb",
            "ALTER TABLE offers ALTER COLUMN loan_id SET NOT NULL",
            "alter table offers add constraint f foreign key (partner_id) references partners (id)",
            "alter table offers rename column terms to conditions",
            "alter table offers rename to proposals",
            "alter table offers drop column terms",
            "alter table offers drop constraint f",
            "drop table offers",
            "drop index offers_by_age",
            "update offers set terms = ''",
            "delete from offers",
            "insert into offers select * from old_offers",
            "lock table offers",
            "vacuum full offers",
            "reindex table offers",
            "cluster offers",
            "truncate offers",
            "-- a comment\n/* another */ create table t (id text)",
        ] {
            assert!(checked(Phase::Expand, sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn statements_that_lock_for_a_moment_are_allowed() {
        for sql in [
            "create table t (id text not null primary key, name text); create index t_by_name on t (name);
             insert into t values ('a', 'b;c'); -- nobody has it yet
             alter table t add column more text not null",
            "alter table offers add column market text",
            "alter table offers add column market text not null default 'none'",
            "alter table offers add column rank bigint default -1",
            "alter table offers alter column terms drop not null",
            "alter table offers add constraint f foreign key (partner_id) references partners (id) not valid",
            "alter table offers validate constraint f",
        ] {
            assert_eq!(checked(Phase::Expand, sql), Ok(()), "{sql}");
        }
    }

    #[test]
    fn a_text_is_split_at_the_ends_of_its_statements_only() {
        let sql = "create table t (a text default 'x;''y'); -- a partner's; first\n drop index \"a;b\";\n";
        let expected =
            ["create table t (a text default 'x;''y')", " -- a partner's; first\n drop index \"a;b\""];
        assert_eq!(split(sql), expected);
        let body = "create function f() as $$ begin a := ';'; return $1; end $$; drop table a";
        assert_eq!(split(body).len(), 2, "{:?}", split(body));
        let Step::Sql(foundation) = super::super::TREE.0[0].steps[0] else { unreachable!("it is SQL") };
        assert_eq!(split(foundation).len(), statements(foundation).len());
    }

    #[test]
    fn only_a_contraction_removes() {
        let contract = Phase::Contract { serves_from: 1 };
        for sql in ["drop table offers", "drop index offers_by_age", "alter table offers drop column terms"] {
            assert_eq!(checked(contract, sql), Ok(()), "{sql}");
        }
        assert!(checked(contract, "alter table offers rename to proposals").is_err());
    }

    #[test]
    fn a_contraction_names_an_earlier_version() {
        let contract =
            |serves_from| Migration { name: "c", phase: Phase::Contract { serves_from }, steps: &[] };
        assert_eq!(check_phase(3, &contract(2)), Ok(()));
        for wrong in [0, 3, 4] {
            assert!(check_phase(3, &contract(wrong)).is_err(), "{wrong}");
        }
    }
}
