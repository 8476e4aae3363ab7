//! The comparison, with the bar of each row.

use serde::Serialize;

use super::super::load::Measured;
use super::figures::{Both, Figures};
use super::plan::Plan;
use crate::say;

/// The comparison.
#[derive(Debug, Serialize)]
pub(in super::super) struct Report {
    database: &'static str,
    seconds: u64,
    rows: Vec<Row>,
}

/// A figure of both programs.
#[derive(Debug, Serialize)]
struct Row {
    work: &'static str,
    unit: &'static str,
    /// `None` if the old program cannot measure it.
    old: Option<u64>,
    new: Option<u64>,
    new_of_old_percent: Option<u64>,
    bar: Option<Bar>,
    reached: Option<bool>,
}

/// The bar that a figure must reach.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Bar {
    /// At least this percentage of the old program's figure.
    PercentOfOld(u64),
    AtLeast(u64),
    AtMost(u64),
}

impl Bar {
    fn reached(self, old: Option<u64>, new: Option<u64>) -> Option<bool> {
        let new = new?;
        Some(match self {
            Self::PercentOfOld(percent) => new * 100 >= old? * percent,
            Self::AtLeast(least) => new >= least,
            Self::AtMost(most) => new <= most,
        })
    }
}

impl std::fmt::Display for Bar {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PercentOfOld(percent) => write!(f, "≥ {}.{:02} ×", percent / 100, percent % 100),
            Self::AtLeast(least) => write!(f, "≥ {least}"),
            Self::AtMost(most) => write!(f, "≤ {most}"),
        }
    }
}

impl Row {
    fn new(work: &'static str, unit: &'static str, figure: Both<Option<u64>>, bar: Option<Bar>) -> Self {
        let Both { old, new } = figure;
        let percent = old.zip(new).and_then(|(old, new)| (new * 100).checked_div(old));
        let reached = bar.and_then(|bar| bar.reached(old, new));
        Self { work, unit, old, new, new_of_old_percent: percent, bar, reached }
    }
}

impl<T> Both<T> {
    fn map<R>(&self, figure: impl Fn(&T) -> R) -> Both<Option<R>> {
        Both { old: Some(figure(&self.old)), new: Some(figure(&self.new)) }
    }
}

impl Report {
    pub(super) fn of(plan: &Plan<'_>, figures: &Figures) -> Self {
        let rows = match plan.database {
            None => [reads(figures, 60), writes(figures, 180, 15_000, 2_500), sqlite(figures)],
            Some(_) => [reads(figures, 40), writes(figures, 300, 50_000, 1_500), postgres(figures)],
        };
        Self {
            database: if plan.database.is_some() { "postgresql" } else { "sqlite" },
            seconds: plan.span.as_secs(),
            rows: rows.into_iter().flatten().collect(),
        }
    }

    /// Prints the table.
    pub(in super::super) fn print(&self) {
        say(&format!(
            "\n  {:<44}{:>10}{:>10}{:>9}   bar, {} s a load, {}",
            "", "old", "new", "new/old", self.seconds, self.database
        ));
        for row in &self.rows {
            let figure = |value: Option<u64>| value.map_or("–".to_owned(), |value| value.to_string());
            let ratio = row
                .new_of_old_percent
                .map_or(String::new(), |ratio| format!("{}.{:02}", ratio / 100, ratio % 100));
            let bar = row.bar.map_or(String::new(), |bar| bar.to_string());
            let reached = row.reached.map_or("", |reached| if reached { "  yes" } else { "  NO" });
            let work = format!("{}, {}", row.work, row.unit);
            let (old, new) = (figure(row.old), figure(row.new));
            say(&format!("  {work:<44}{old:>10}{new:>10}{ratio:>9}   {bar}{reached}"));
        }
    }
}

const PER_SECOND: &str = "1/s";

fn rate(measured: &Measured) -> u64 {
    measured.rate
}

fn reads(figures: &Figures, of_health_percent: u64) -> Vec<Row> {
    let share = |loan: Measured, health: Measured| (loan.rate * 100).checked_div(health.rate);
    let of_health = Both {
        old: share(figures.loan.old, figures.health.old),
        new: share(figures.loan.new, figures.health.new),
    };
    let pages = Some(Bar::PercentOfOld(130));
    vec![
        Row::new("GET /health", PER_SECOND, figures.health.map(rate), None),
        Row::new("GET /v3/loans/{id}", PER_SECOND, figures.loan.map(rate), None),
        Row::new("  against /health", "%", of_health, Some(Bar::AtLeast(of_health_percent))),
        Row::new("page of 25 customers", PER_SECOND, figures.customers_page.map(rate), pages),
        Row::new("page of 12 installments", PER_SECOND, figures.installments_page.map(rate), pages),
    ]
}

fn writes(figures: &Figures, percent: u64, p99_us: u64, loans: u64) -> Vec<Row> {
    let p99 = |measured: &Measured| measured.p99_us;
    vec![
        Row::new(
            "POST /v3/customers, 128 connections",
            PER_SECOND,
            figures.customers.map(rate),
            Some(Bar::PercentOfOld(percent)),
        ),
        Row::new("  p99", "µs", figures.customers.map(p99), Some(Bar::AtMost(p99_us))),
        Row::new(
            "bare inserts",
            PER_SECOND,
            Both { old: figures.itself.old.bare, new: figures.itself.new.bare },
            Some(Bar::PercentOfOld(140)),
        ),
        Row::new(
            "POST …/simulations, 12 installments",
            PER_SECOND,
            figures.simulations.map(rate),
            Some(Bar::AtLeast(5_000)),
        ),
        Row::new(
            "loans with contract, sixteen callers",
            PER_SECOND,
            figures.loans.map(|loans| loans.alone.rate),
            Some(Bar::AtLeast(loans)),
        ),
        Row::new(
            "  other writes beside them, p99",
            "µs",
            figures.loans.map(|loans| loans.other_writes.p99_us),
            Some(Bar::AtMost(20_000)),
        ),
    ]
}

fn sqlite(figures: &Figures) -> Vec<Row> {
    webhooks(figures, [Some(150), Some(135)], [None, None])
}

fn postgres(figures: &Figures) -> Vec<Row> {
    webhooks(figures, [None, None], [Some(180), Some(150)])
}

fn webhooks(figures: &Figures, drained: [Option<u64>; 2], live: [Option<u64>; 2]) -> Vec<Row> {
    let of = |bar: Option<u64>| bar.map(Bar::PercentOfOld);
    let itself = &figures.itself;
    let memory = Some(Bar::AtMost(80));
    vec![
        Row::new(
            "webhooks drained, one endpoint",
            PER_SECOND,
            itself.map(|it| it.drained[0]),
            of(drained[0]),
        ),
        Row::new(
            "webhooks drained, ten endpoints",
            PER_SECOND,
            itself.map(|it| it.drained[1]),
            of(drained[1]),
        ),
        Row::new("webhooks live, one endpoint", PER_SECOND, itself.map(|it| it.live[0]), of(live[0])),
        Row::new("webhooks live, ten endpoints", PER_SECOND, itself.map(|it| it.live[1]), of(live[1])),
        Row::new("peak memory in bench webhooks", "MB", itself.map(|it| it.memory_mb), memory),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_a_ratio_a_minimum_or_a_maximum() {
        let reached = |bar: Bar, old, new| bar.reached(old, new);
        assert_eq!(reached(Bar::PercentOfOld(180), Some(100), Some(180)), Some(true));
        assert_eq!(reached(Bar::PercentOfOld(180), Some(100), Some(179)), Some(false));
        assert_eq!(reached(Bar::PercentOfOld(180), None, Some(179)), None);
        assert_eq!(reached(Bar::AtLeast(60), None, Some(60)), Some(true));
        assert_eq!(reached(Bar::AtMost(80), Some(106), Some(81)), Some(false));
        let row = Row::new("work", "1/s", Both { old: Some(0), new: Some(5) }, None);
        assert_eq!((row.new_of_old_percent, row.reached), (None, None));
    }
}
