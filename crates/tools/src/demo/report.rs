//! The output at the demo's end: events, figures, installments.

use serde_json::Value;

use super::names::Names;
use super::sink::Received;
use crate::say;

/// Prints the journey's outcome.
pub(super) fn print(names: &Names, events: &[Received], loan: &Value, transactions: &Value) {
    say("\nEvents");
    let mut events: Vec<&Received> = events.iter().collect();
    events.sort_by_key(|event| plain(&event.body["timestamp"]));
    for event in events {
        say(&format!("  {}  {}", plain(&event.body["timestamp"]), plain(&event.body["type"])));
    }
    say("\nLoan");
    for (label, key) in names.report {
        say(&format!("  {label:<16}{:>16}", plain(&loan[*key])));
    }
    say("\nInstallments");
    say(&format!("  {:<12}{:>12}{:>12}{:>12}  {}", "due", "amount", "principal", "interest", "status"));
    for row in transactions["data"].as_array().into_iter().flatten() {
        let cell = |key: &str| plain(&row[key]);
        say(&format!(
            "  {:<12}{:>12}{:>12}{:>12}  {}",
            cell("due_date"),
            cell("amount_due"),
            cell("principal"),
            cell("interest"),
            cell("status")
        ));
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
