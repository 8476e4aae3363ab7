//! States in SQL texts are words of the domain, and partial indexes hold the sets that statements ask for.

use domain::access::ProposalState;
use domain::credential::CredentialState;
use domain::customer::CustomerState;
use domain::loan::LoanStateKind;
use domain::mail::MailState;
use domain::offer::OfferStateKind;
use domain::webhook::delivery::DeliveryStateKind;
use domain::webhook::endpoint::EndpointState;

use crate::tenancy::statements;

const FOUNDATION: &str = include_str!("../../../../migrations/0001_foundation.sql");

/// The words of the states of a table.
fn states_of(table: &str) -> Vec<&'static str> {
    match table {
        "credentials" => CredentialState::ALL.map(CredentialState::name).to_vec(),
        "customers" => CustomerState::ALL.map(CustomerState::name).to_vec(),
        "deliveries" => DeliveryStateKind::ALL.map(DeliveryStateKind::name).to_vec(),
        "loans" => LoanStateKind::ALL.map(LoanStateKind::name).to_vec(),
        "mails" | "person_mails" => MailState::ALL.map(MailState::name).to_vec(),
        "proposals" => ProposalState::ALL.map(ProposalState::name).to_vec(),
        "offers" => OfferStateKind::ALL.map(OfferStateKind::name).to_vec(),
        "webhook_endpoints" => EndpointState::ALL.map(EndpointState::name).to_vec(),
        _ => Vec::new(),
    }
}

/// The words to which a text compares a column `state`: `state = 'a'`, `state in ('a', 'b')`.
fn compared(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for (at, _) in sql.match_indices("state") {
        let rest = &sql[at + "state".len()..];
        let rest = [" = ", " <> ", " || '' = ", " in (", " not in ("]
            .iter()
            .find_map(|sign| rest.strip_prefix(sign));
        let Some(mut rest) = rest else { continue };
        while let Some((word, behind)) = rest.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
            found.push(word);
            rest = behind.strip_prefix(", ").unwrap_or_default();
        }
    }
    found
}

/// The tables that a text names and that have states.
fn tables(sql: &str) -> Vec<&str> {
    let names = sql.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
    names.filter(|name| !states_of(name).is_empty()).collect()
}

#[test]
fn every_state_that_a_statement_names_is_one_of_its_tables() {
    let mut checked = 0;
    for (file, sql) in statements() {
        let known: Vec<&str> = tables(sql).into_iter().flat_map(states_of).collect();
        for word in compared(sql) {
            assert!(known.contains(&word), "{file}: no state {word} in: {sql}");
            checked += 1;
        }
    }
    assert!(checked > 40, "the texts compare states: {checked}");
}

#[test]
fn every_state_of_a_partial_index_is_one_of_its_table() {
    let mut checked = 0;
    for index in FOUNDATION.split("create ").filter(|text| text.starts_with("index")) {
        let Some((head, condition)) = index.split_once("where state") else { continue };
        let table = head.split_whitespace().nth(3).unwrap();
        for word in compared(&format!("state{condition}")) {
            assert!(states_of(table).contains(&word), "{table} has no state {word}");
            checked += 1;
        }
    }
    assert!(checked >= 11, "the foundation has partial indexes of states: {checked}");
}

#[test]
fn the_indexes_of_links_that_lapse_hold_the_loans_that_statements_look_for() {
    let open = LoanStateKind::ALL.into_iter().filter(|state| state.has_open_link());
    let words: Vec<String> = open.map(|state| format!("'{}'", state.name())).collect();
    let condition = format!("state in ({})", words.join(", "));
    assert_eq!(FOUNDATION.matches(&format!("where {condition};")).count(), 2);
    assert!(statements().iter().any(|(file, sql)| *file == "loans.rs" && sql.contains(&condition)));
}
