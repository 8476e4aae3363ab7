//! The faults of a policy's text, each with its rule and its line.

use std::fmt;

/// A fault of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1; `None` if the fault is in no line.
    pub line: Option<usize>,
    /// The name of the rule; `None` if the fault is in no rule.
    pub rule: Option<String>,
    /// The fault in words.
    pub text: String,
    kind: Option<Kind>,
}

/// The kind of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Refusal,
    Table,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Refusal => "refusal",
            Self::Table => "table",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(kind), Some(rule)) = (self.kind, &self.rule) {
            write!(f, "{} {rule:?}: ", kind.name())?;
        }
        f.write_str(&self.text)
    }
}

impl Fault {
    /// The fault with its line, such as `line 12: table "mei": charges must be financed or deducted`.
    pub fn with_line(&self) -> String {
        self.line.map_or_else(|| self.to_string(), |line| format!("line {line}: {self}"))
    }

    /// A text that is not of the form of a policy.
    pub(super) fn of_form(why: &str) -> Self {
        // The library says "TOML parse error at line 3, column 10".
        let line = why.split_once("at line ").map(|(_, rest)| rest);
        let line = line.and_then(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
        Self { line, rule: None, text: why.to_owned(), kind: None }
    }
}

/// The lines of a policy's text.
pub(super) struct Places<'a> {
    lines: Vec<&'a str>,
}

impl<'a> Places<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { lines: text.lines().map(str::trim).collect() }
    }

    /// A fault of a key before all rules.
    pub(super) fn of_file(&self, key: &str, why: String) -> Fault {
        Fault { line: self.key(0, key), rule: None, text: why, kind: None }
    }

    /// A fault of the rule at a place among those of its kind. Its text begins with the name of the faulty key, if it is
    /// about one.
    pub(super) fn of_rule(&self, (kind, at): (Kind, usize), name: &str, why: String) -> Fault {
        let header = format!("[[{}]]", kind.name());
        let headers = self.lines.iter().enumerate().filter(|(_, line)| line.starts_with(&header));
        let begins = headers.map(|(line, _)| line).nth(at);
        let key = why.split(' ').next().and_then(|key| self.key(begins? + 1, key));
        let line = key.or(begins.map(|line| line + 1));
        Fault { line, rule: Some(name.trim().to_owned()), text: why, kind: Some(kind) }
    }

    /// A fault of the last rule with a name.
    pub(super) fn of_name(&self, name: &str, why: String) -> Fault {
        let quoted = format!("{name:?}");
        let names = |line: &str| is_key(line, "name") && line.contains(&quoted);
        let line = self.lines.iter().rposition(|line| names(line)).map(|line| line + 1);
        Fault { line, rule: Some(name.to_owned()), text: why, kind: None }
    }

    /// The line of a key in the part of the text that begins at a line.
    fn key(&self, begins: usize, key: &str) -> Option<usize> {
        let part = self.lines.iter().skip(begins).take_while(|line| !line.starts_with("[["));
        part.enumerate().find(|(_, line)| is_key(line, key)).map(|(at, _)| begins + at + 1)
    }
}

/// Whether a line gives a key its value.
fn is_key(line: &str, key: &str) -> bool {
    line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
}
