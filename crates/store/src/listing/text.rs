//! The statements of a list, made of columns of declared tables and of conditions with their values.

use std::borrow::Cow;

use crate::db::error::StoreError;
use crate::db::rows::push_whole;
use crate::db::value::{Arg, Column, Row, ToArg as _};

/// The purpose of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It names the owner of the list. The cursor's row must meet it too.
    Owner,
    /// It finds few rows by a separate index, in any order of the list.
    Finds,
    /// It filters the list.
    Filters,
}

/// A condition of a list.
#[derive(Debug, Clone)]
pub(crate) struct Condition<'a> {
    pub(crate) role: Role,
    pub(crate) test: Test<'a>,
}

/// The test of a condition.
#[derive(Debug, Clone)]
pub(crate) enum Test<'a> {
    /// A column compared with a value.
    Compared(&'static str, Comparison, Arg<'a>),
    /// A text without values that a partial index repeats.
    Text(Cow<'static, str>),
    /// A column that has one of some values.
    In(&'static str, Vec<Arg<'a>>),
    /// A column that has none of some values.
    NotIn(&'static str, Vec<Arg<'a>>),
    /// The place in the list's order: the sort column, then the id.
    Beyond([&'static str; 2], Comparison, [Arg<'a>; 2]),
}

/// The comparison of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    AtLeast,
    Less,
    More,
}

impl Comparison {
    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::More => ">",
        }
    }
}

impl<'a> Condition<'a> {
    pub(crate) fn new(role: Role, test: Test<'a>) -> Self {
        Self { role, test }
    }

    pub(crate) fn equal(column: &'static str, value: Arg<'a>) -> Self {
        Self::new(Role::Filters, Test::Compared(column, Comparison::Equal, value))
    }
}

/// A statement under construction: its text, and the values of its places.
#[derive(Debug, Default)]
pub(crate) struct Statement<'a> {
    pub(crate) sql: String,
    pub(crate) args: Vec<Arg<'a>>,
}

impl<'a> Statement<'a> {
    pub(crate) fn of(sql: String) -> Self {
        Self { sql, args: Vec::new() }
    }

    /// Adds text.
    pub(crate) fn text(mut self, text: &str) -> Self {
        self.sql.push_str(text);
        self
    }

    /// Adds conditions: ` where a = $1 and b = $2`.
    pub(crate) fn filter<'c>(mut self, conditions: impl IntoIterator<Item = &'c Condition<'a>>) -> Self
    where
        'a: 'c,
    {
        let mut word = " where ";
        for Condition { test, .. } in conditions {
            self.sql.push_str(word);
            self.test(test);
            word = " and ";
        }
        self
    }

    fn test(&mut self, test: &Test<'a>) {
        match test {
            Test::Text(text) => self.sql.push_str(text),
            Test::Compared(column, comparison, value) => {
                self.sql.extend([column, " ", comparison.sign(), " "]);
                self.place(value);
            }
            Test::In(column, values) => {
                self.sql.extend([column, " in "]);
                self.places(values);
            }
            Test::NotIn(column, values) => {
                self.sql.extend([column, " not in "]);
                self.places(values);
            }
            Test::Beyond([sort, id], comparison, values) => {
                self.sql.extend(["(", sort, ", ", id, ") ", comparison.sign(), " "]);
                self.places(values);
            }
        }
    }

    fn place(&mut self, value: &Arg<'a>) {
        self.args.push(value.clone());
        self.sql.push('$');
        push_whole(&mut self.sql, self.args.len());
    }

    fn places(&mut self, values: &[Arg<'a>]) {
        for (at, value) in values.iter().enumerate() {
            self.sql.push_str(if at == 0 { "(" } else { ", " });
            self.place(value);
        }
        self.sql.push(')');
    }
}

/// A sort key. A damaged one may be a text or bytes instead of a number. They sort in this order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Column for Place {
    fn read(row: &Row<'_>, column: usize) -> Result<Self, StoreError> {
        let text = || String::read(row, column).map(Self::Text);
        let bytes = || Vec::read(row, column).map(Self::Bytes);
        let place = i64::read(row, column).map(Self::Int).or_else(|_| text()).or_else(|_| bytes());
        Ok(place.unwrap_or(Self::Bytes(Vec::new())))
    }
}

impl Place {
    pub(crate) fn to_arg(&self) -> Arg<'_> {
        match self {
            Self::Int(int) => Arg::Int(*int),
            Self::Text(text) => text.to_arg(),
            Self::Bytes(bytes) => bytes.to_arg(),
        }
    }
}
