//! What the commands print: lines, tables and JSON. Colours leave the text if the output is no terminal or `NO_COLOR` is
//! set.

use std::io::{self, Write as _};
use std::process;

use anstyle::{AnsiColor, Style};
use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Value, json};

use crate::ordered::Ordered;

/// Style of the names of columns and fields.
const NAME: Style = AnsiColor::Cyan.on_default();
/// Style of an error's first word.
const ERROR: Style = AnsiColor::Red.on_default().bold();
/// Style of a success.
const GOOD: Style = AnsiColor::Green.on_default();

/// Prints a line for the command's user. If it cannot be written, the program ends: quietly with 0 if the reader has closed
/// the pipe, otherwise with an error and 1.
pub fn say(line: &str) {
    match writeln!(anstream::stdout(), "{line}") {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            say_error(&format!("the standard output takes nothing: {error}"));
            process::exit(1);
        }
    }
}

/// Prints an error or, if the output is for programs, the progress. If it cannot be written, the program ends with 1.
pub fn say_error(line: &str) {
    if writeln!(anstream::stderr(), "{line}").is_err() {
        process::exit(1);
    }
}

/// Prints why the program fails, on the error stream.
pub fn say_failure(why: &str) {
    say_error(&format!("{ERROR}dinie:{ERROR:#} {why}"));
}

/// A text that says that something is right.
pub fn good(text: &str) -> String {
    format!("{GOOD}{text}{GOOD:#}")
}

/// A text that says that something is wrong.
pub fn bad(text: &str) -> String {
    format!("{ERROR}{text}{ERROR:#}")
}

/// The form of an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// One JSON document, for programs.
    Json,
    /// Columns, for people.
    Table,
}

/// The choice of the form.
#[derive(Debug, Clone, Copy, Args)]
pub struct OutputFlags {
    /// Form of the output.
    #[arg(long, value_enum, value_name = "FORM")]
    output: Option<Output>,
    /// The same as --output json.
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

impl OutputFlags {
    /// The chosen form, or the command's own.
    pub fn or(self, default: Output) -> Output {
        if self.json { Output::Json } else { self.output.unwrap_or(default) }
    }
}

/// Prints rows under names.
pub fn say_table(names: &[&str], rows: &[Vec<String>]) {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| visible(cell)).collect()).collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.fold(names[column].chars().count(), usize::max)
    };
    let widths: Vec<usize> = (0..names.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<String>>().join("  ").trim_end().to_owned()
    };
    say(&format!("{NAME}{}{NAME:#}", line(names.to_vec())));
    for row in &rows {
        say(&line(row.iter().map(String::as_str).collect()));
    }
}

/// Prints a document, its fields in the order in which it has them. A table has a row for each item of a list, or for each
/// field of anything else.
pub fn say_value(value: &impl Serialize, output: Output) {
    let value = Ordered::of(value);
    match output {
        Output::Json => {
            say(&serde_json::to_string_pretty(&value).expect("a JSON value can be written as text"));
        }
        Output::Table => match value.get("data") {
            Some(Ordered::List(items)) => say_items(items),
            _other => say_fields(&value),
        },
    }
}

/// Prints resources: a list as the API shows it, or these columns of each.
pub fn say_rows(rows: &[Value], columns: &[&str], output: Output) {
    match output {
        Output::Json => say_value(&json!({"data": rows, "has_more": false}), output),
        Output::Table => {
            let row = |item: &Value| columns.iter().map(|name| cell(&item[*name])).collect();
            say_table(columns, &rows.iter().map(row).collect::<Vec<_>>());
        }
    }
}

/// Prints the items of a list. The columns are the plain fields of the first item that have a value anywhere, with the id
/// first.
fn say_items(items: &[Ordered]) {
    let Some(Ordered::Object(first)) = items.first() else {
        say("nothing");
        return;
    };
    let of_item = |item: &Ordered, name: &str| item.get(name).filter(|value| !value.is_null()).cloned();
    let has_value = |name: &str| items.iter().any(|item| of_item(item, name).is_some());
    let plain = first.iter().filter(|(name, value)| is_plain(value) && has_value(name));
    let mut names: Vec<&str> = plain.map(|(name, _)| name.as_str()).collect();
    names.sort_by_key(|name| *name != "id");
    let row = |item: &Ordered| {
        let cells = names.iter().map(|name| of_item(item, name));
        cells.map(|value| value.map_or_else(|| cell(&Value::Null), |value| ordered_cell(&value))).collect()
    };
    say_table(&names, &items.iter().map(row).collect::<Vec<_>>());
}

fn say_fields(value: &Ordered) {
    let mut rows = Vec::new();
    fields(value, "", &mut rows);
    say_table(&["field", "value"], &rows);
}

/// The fields of a value, each under its path.
fn fields(value: &Ordered, path: &str, rows: &mut Vec<Vec<String>>) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Ordered::Object(object) => {
            for (name, value) in object {
                fields(value, &below(name), rows);
            }
        }
        Ordered::List(items) if items.iter().any(|item| !is_plain(item)) => {
            items.iter().enumerate().for_each(|(place, item)| fields(item, &below(&place.to_string()), rows));
        }
        Ordered::List(items) => {
            let cells: Vec<String> = items.iter().map(ordered_cell).collect();
            rows.push(vec![path.to_owned(), cells.join(", ")]);
        }
        Ordered::Plain(value) => rows.push(vec![path.to_owned(), cell(value)]),
    }
}

fn is_plain(value: &Ordered) -> bool {
    matches!(value, Ordered::Plain(_))
}

fn ordered_cell(value: &Ordered) -> String {
    match value {
        Ordered::Plain(value) => cell(value),
        whole => serde_json::to_string(whole).expect("a JSON value can be written as text"),
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A text that cannot steer a terminal.
fn visible(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}
