//! The text of statements of many rows.

use domain::id::{CustomerId, PartnerId};

use super::value::{Arg, ToArg};

/// Most rows of a list that is one statement of exactly its length.
pub(crate) const SHORT: usize = 8;

/// Most rows of one statement. Each text is prepared once and kept.
pub(crate) const LONGEST: usize = 256;

/// A number of rows as an argument.
pub fn row_count(rows: usize) -> i64 {
    i64::try_from(rows).expect("no list in memory has 2^63 items")
}

/// Splits rows into chunks of few different lengths, so that there are few different statements. A short list is one
/// chunk; a long one is split into powers of two.
pub(crate) fn in_chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = match rows.len() {
            0 => return None,
            short @ 1..=SHORT => short,
            long => (1 << long.ilog2()).min(LONGEST),
        };
        let (chunk, rest) = rows.split_at(length);
        rows = rest;
        Some(chunk)
    })
}

/// The places, from `first` on, and the arguments of one statement that finds rows by their ids: `in ($1, $2)`. Their
/// number is filled up to a power of two with the last id, so that there are few different statements. Without an id
/// nothing is found.
pub(crate) fn among<T: ToArg>(ids: &[T], first: usize) -> (String, Vec<Arg<'_>>) {
    let mut args: Vec<Arg<'_>> = ids.iter().map(ToArg::to_arg).collect();
    let last = args.last().cloned().unwrap_or(Arg::Null);
    args.resize(args.len().max(1).next_power_of_two(), last);
    (format!("in {}", tuples(1, args.len(), first)), args)
}

/// The rows of these customers of these partners, as the end of a statement.
pub(crate) fn owned_by<'a>(partners: &'a [PartnerId], customers: &'a [CustomerId]) -> (String, Vec<Arg<'a>>) {
    let (of_partners, mut args) = among(partners, 1);
    let (these, mut ids) = among(customers, 1 + args.len());
    args.append(&mut ids);
    (format!("where partner_id {of_partners} and customer_id {these}"), args)
}

/// [`tuples`] for a look-up of few or many rows in one statement: their number is filled up to a power of two. So a page
/// of many rows makes as many statements as one of few. `args` gets nulls for the places without a row.
pub(crate) fn padded_tuples(rows: usize, width: usize, args: &mut Vec<Arg<'_>>) -> String {
    let padded = rows.max(1).next_power_of_two();
    args.resize(padded * width, Arg::Null);
    tuples(padded, width, 1)
}

/// `($1, $2), ($3, $4)`: places for `rows` rows of `width` columns, from place `first` on.
pub(crate) fn tuples(rows: usize, width: usize, first: usize) -> String {
    // The statements that write webhooks have thousands of places, so the text is allocated once.
    let mut text = String::with_capacity(rows * (width * 7 + 4));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            text.push_str(if column == 0 { "$" } else { ", $" });
            push_whole(&mut text, first + row * width + column);
        }
        text.push(')');
    }
    text
}

/// Appends a whole number, without a formatter.
pub(crate) fn push_whole(text: &mut String, number: usize) {
    if number >= 10 {
        push_whole(text, number / 10);
    }
    let digit = u8::try_from(number % 10).expect("a remainder by ten is a digit");
    text.push(char::from(b'0' + digit));
}
