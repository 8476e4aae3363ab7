//! The entries of the trail in a list, and one entry with its neighbours.

use std::collections::HashMap;

use app::people::trail::AuditEntry;
use domain::id::OperatorId;
use domain::loan::LoanStateKind;

use super::super::page_of::page_of;
use crate::pages::kit::shown::exact;
use crate::pages::texts::Texts;

/// An entry in the list.
pub(super) struct Row {
    pub(super) href: String,
    pub(super) when: String,
    pub(super) who: String,
    pub(super) initials: String,
    pub(super) what: String,
    /// The page of the subject; empty if it has none.
    pub(super) subject: String,
    pub(super) subject_words: String,
    pub(super) status: u16,
    pub(super) link: String,
    pub(super) is_shown: bool,
}

/// One entry.
pub(super) struct Shown {
    pub(super) title: String,
    pub(super) row: Row,
    pub(super) request: String,
    /// The address and the browser; empty if they are not known.
    pub(super) address: String,
    pub(super) agent: String,
    /// The states of the subject before and after.
    pub(super) change: Option<(String, String)>,
    pub(super) fingerprint: String,
    pub(super) hash: String,
    /// The links before and after it on this page, and its own between them.
    pub(super) chain: Vec<(String, bool)>,
}

/// The beginning and the end of a link.
pub(super) fn short(hash: &str) -> String {
    match (hash.get(..4), hash.get(hash.len().saturating_sub(2)..)) {
        (Some(begin), Some(end)) => format!("{begin}…{end}"),
        _short => hash.to_owned(),
    }
}

impl Row {
    pub(super) fn of(
        entry: &AuditEntry, names: &HashMap<OperatorId, String>, href: String, t: &'static Texts,
    ) -> Self {
        let call = &entry.call;
        let who = match call.operator {
            Some(id) => names.get(&id).cloned().unwrap_or_else(|| id.to_string()),
            None => t.audit.nobody.to_owned(),
        };
        let (subject, subject_words) = subject(&call.operation);
        Self {
            href,
            when: exact(call.at.unmoved()),
            initials: who.chars().next().map_or_else(String::new, |first| first.to_uppercase().to_string()),
            who,
            what: call.operation.clone(),
            subject,
            subject_words,
            status: call.status,
            link: short(&entry.hash),
            is_shown: false,
        }
    }
}

impl Shown {
    /// The entry in view, with the links beside it. `entries` are in the order of the list, newest first.
    pub(super) fn of(entries: &[AuditEntry], at: usize, row: Row, t: &'static Texts) -> Self {
        let entry = &entries[at];
        let older = entries.get(at + 1).filter(|other| other.number + 1 == entry.number);
        let newer = at.checked_sub(1).and_then(|at| entries.get(at));
        let newer = newer.filter(|other| other.number == entry.number + 1);
        let link = |other: &AuditEntry, is_own| (short(&other.hash), is_own);
        let chain = older.map(|other| link(other, false)).into_iter();
        let chain = chain.chain([link(entry, true)]).chain(newer.map(|other| link(other, false)));
        Self {
            title: (t.audit.entry)(entry.number),
            request: entry.call.request_id.clone(),
            address: entry.call.origin.address.clone(),
            agent: entry.call.origin.agent.clone(),
            change: entry.call.change.as_ref().map(|change| {
                let word = |state: &str| state_word(&entry.call.operation, state, t);
                (word(&change.before), word(&change.after))
            }),
            fingerprint: entry.call.fingerprint.clone(),
            hash: entry.hash.clone(),
            chain: chain.collect(),
            row,
        }
    }
}

/// The word for a state. Those of loans are translated; the others are the operator API's.
fn state_word(operation: &str, state: &str, t: &Texts) -> String {
    let of_loan = operation.contains("/ln_").then(|| state.parse::<LoanStateKind>().ok()).flatten();
    of_loan.map_or_else(|| state.replace('_', " "), |state| (t.loan.of_state)(state).to_owned())
}

/// The page and the words of the first id in an operation's path.
fn subject(operation: &str) -> (String, String) {
    let path = operation.split_once(' ').map_or(operation, |(_method, path)| path);
    for part in path.split('/') {
        let Some((kind, digits)) = part.split_once('_') else { continue };
        // An id has 32 digits after its kind; the last ones tell it apart.
        if digits.len() == 32
            && let Some(end) = digits.get(26..)
        {
            return (page_of(part), format!("{kind}_…{end}"));
        }
    }
    (String::new(), String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_of_an_operation_is_the_first_id_of_its_path() {
        let loan = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607";
        let (page, words) = subject(&format!("POST /operator/v1/loans/{loan}/cancel"));
        assert_eq!((page.as_str(), words.as_str()), (&*format!("/console/loans/{loan}"), "ln_…e5f607"));
        assert_eq!(subject("GET /console/audit"), (String::new(), String::new()));
        assert_eq!(subject(""), (String::new(), String::new()));
        assert_eq!(short("9f2c41b807ed"), "9f2c…ed");
    }
}
