//! The principal balance over time as a picture. Sizes are attributes, and colours are classes.

use app::loan_sheet::Sheet;
use domain::loan::InstallmentStatus;
use domain::loan::curve::Point;
use domain::money::Cents;
use domain::time::{Date, days_between};
use domain::written;

use super::figures::counts;
use crate::pages::texts::Texts;

/// The edges of the picture, in tenths of its own units.
const LEFT: i64 = 440;
const RIGHT: i64 = 7_080;
const TOP: i64 = 140;
const BOTTOM: i64 = 1_320;
/// Most months with a label; more would overlap.
const MOST_LABELS: usize = 14;
/// The distance between two marks on a phone.
const NARROW: usize = 27;

/// A length of tenths, as SVG writes it.
fn length(tenths: i64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A horizontal line with its amount, in thousands.
pub(in crate::pages) struct Grid {
    pub(in crate::pages) y: String,
    pub(in crate::pages) text_y: String,
    pub(in crate::pages) label: String,
}

/// The mark of an installment on the line of time.
pub(in crate::pages) struct Month {
    pub(in crate::pages) class: &'static str,
    pub(in crate::pages) x: String,
    pub(in crate::pages) width: String,
    pub(in crate::pages) middle: String,
    /// Empty if there is no room for it.
    pub(in crate::pages) label: &'static str,
}

/// The picture.
pub(in crate::pages) struct Chart {
    pub(in crate::pages) about: String,
    pub(in crate::pages) grid: Vec<Grid>,
    /// The path of the balance until today; empty before the disbursement.
    pub(in crate::pages) paid: String,
    /// The same with the area under it closed.
    pub(in crate::pages) area: String,
    pub(in crate::pages) planned: String,
    /// The place of today; empty if it is outside.
    pub(in crate::pages) today: String,
    pub(in crate::pages) today_text: String,
    pub(in crate::pages) months: Vec<Month>,
    /// The installments alone, for a phone.
    pub(in crate::pages) narrow: Vec<Month>,
    pub(in crate::pages) narrow_width: String,
}

/// The places of days and balances.
struct Scale {
    first: Date,
    days: i64,
    most: i64,
}

impl Scale {
    fn x(&self, day: Date) -> i64 {
        let days = i64::from(days_between(self.first, day)).clamp(0, self.days);
        LEFT + days * (RIGHT - LEFT) / self.days
    }

    fn y(&self, balance: Cents) -> i64 {
        BOTTOM - balance.get() * (BOTTOM - TOP) / self.most
    }

    /// The path of a balance that stays until the next point.
    fn path(&self, points: &[Point]) -> String {
        let mut path = String::new();
        for (at, point) in points.iter().enumerate() {
            let (x, y) = (length(self.x(point.day)), length(self.y(point.balance)));
            let step = if at == 0 { format!("M{x} {y}") } else { format!("H{x}V{y}") };
            path.push_str(&step);
        }
        path
    }
}

impl Chart {
    pub(in crate::pages) fn of(sheet: &Sheet, t: &'static Texts) -> Self {
        let (curve, loan) = (&sheet.curve, &sheet.statement.loan);
        let today = sheet.now.business_date();
        let first = curve.planned.first().map_or(today, |point| point.day);
        let last = curve.planned.iter().chain(&curve.paid).map(|point| point.day).max().unwrap_or(first);
        let scale = Scale {
            first,
            days: i64::from(days_between(first, last).max(1)),
            most: loan.quote.principal.get().max(1),
        };
        let paid = scale.path(&curve.paid);
        let area = curve.paid.last().map_or_else(String::new, |point| closed(&paid, scale.x(point.day)));
        let now = scale.x(today);
        let [done, overdue, open] = counts(sheet);
        let lent = curve.paid.last().map_or(loan.quote.principal, |point| point.balance);
        let about =
            (t.loan.chart)(&written::money(loan.quote.principal), &written::money(lent), done, overdue, open);
        let is_inside = !curve.paid.is_empty();
        Self {
            about,
            grid: grid(&scale, loan.quote.principal),
            area,
            planned: planned(&scale, &curve.planned, &curve.paid),
            paid,
            today: if is_inside { length(now) } else { String::new() },
            today_text: length((now + 60).min(RIGHT - 300)),
            months: months(&scale, sheet, t),
            narrow: narrow(sheet),
            narrow_width: (sheet.statement.dues.len() * NARROW).to_string(),
        }
    }
}

/// The area under a path that ends at `x`.
fn closed(path: &str, x: i64) -> String {
    format!("{path}H{}V{}H{}Z", length(x), length(BOTTOM), length(LEFT))
}

/// The rest of the plan: from the balance of today on, or the whole plan before the disbursement.
fn planned(scale: &Scale, planned: &[Point], paid: &[Point]) -> String {
    let Some(last) = paid.last() else { return scale.path(planned) };
    let rest = planned.iter().filter(|point| point.balance < last.balance).copied();
    let before = planned.iter().rev().find(|point| point.balance >= last.balance);
    let begin = Point { day: before.map_or(last.day, |point| point.day), balance: last.balance };
    scale.path(&std::iter::once(begin).chain(rest).collect::<Vec<_>>())
}

/// Lines at round amounts: 1, 2, 10, 20, 100 … thousands apart.
fn grid(scale: &Scale, principal: Cents) -> Vec<Grid> {
    let mut step: i64 = 100_000;
    while principal.get() / step > 5 {
        step *= if step.to_string().starts_with('1') { 2 } else { 5 };
    }
    let line = |balance: i64| {
        let y = scale.y(Cents::new(balance));
        let label = (balance / 100_000).to_string();
        Grid { y: length(y), text_y: length(y + 40), label }
    };
    (0..=principal.get() / step).map(|times| line(times * step)).collect()
}

fn class(status: InstallmentStatus) -> &'static str {
    match status {
        InstallmentStatus::Paid => "b-ok",
        InstallmentStatus::Overdue => "b-bad",
        InstallmentStatus::Pending | InstallmentStatus::PartiallyPaid => "b-next",
    }
}

fn months(scale: &Scale, sheet: &Sheet, t: &'static Texts) -> Vec<Month> {
    let schedule = &sheet.statement.loan.quote.schedule;
    let every = schedule.len().div_ceil(MOST_LABELS).max(1);
    let count = i64::try_from(schedule.len().max(1)).expect("a schedule has at most 1000 rows");
    let width = (5_400 / count).clamp(20, 180);
    let month = |(at, row): (usize, &domain::loan::schedule::ScheduledInstallment)| {
        let middle = scale.x(row.due);
        let status =
            sheet.statement.dues.get(at).map_or(InstallmentStatus::Pending, |due| due.summary.status);
        let name = t.loan.months[usize::from(row.due.month().unsigned_abs()) - 1];
        Month {
            class: class(status),
            x: length(middle - width / 2),
            width: length(width),
            middle: length(middle),
            label: if at % every == 0 { name } else { "" },
        }
    };
    schedule.iter().enumerate().map(month).collect()
}

fn narrow(sheet: &Sheet) -> Vec<Month> {
    let mark = |(at, due): (usize, &app::payments::collection::Due)| Month {
        class: if class(due.summary.status) == "b-next" { "b2" } else { class(due.summary.status) },
        x: (at * NARROW).to_string(),
        width: "24".to_owned(),
        middle: String::new(),
        label: "",
    };
    sheet.statement.dues.iter().enumerate().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_closed_in_the_units_of_the_picture() {
        assert_eq!(closed("M44.0 20.0H60.0V30.0", 600), "M44.0 20.0H60.0V30.0H60.0V132.0H44.0Z");
    }
}
