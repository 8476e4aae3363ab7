//! Amounts, rates and dates as Brazilians write them.

use domain::money::{Cents, Rate};
use domain::time::{Date, Timestamp};

/// `R$ 1.234,56`.
pub(super) fn money(amount: Cents) -> String {
    let text = amount.to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    // A no-break space keeps an amount on one line.
    format!("R$\u{a0}{grouped},{cents}")
}

/// `3,50 %`.
pub(super) fn percent(rate: Rate) -> String {
    format!("{:.2} %", rate.percent()).replace('.', ",")
}

/// `15/02/2026`.
pub(super) fn date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// The São Paulo date of a moment.
pub(super) fn day_of(moment: Timestamp) -> String {
    date(moment.business_date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_by_points() {
        assert_eq!(money(Cents::new(123_456_789)), "R$\u{a0}1.234.567,89");
        assert_eq!(money(Cents::new(5)), "R$\u{a0}0,05");
        assert_eq!(money(Cents::new(100_000)), "R$\u{a0}1.000,00");
    }

    #[test]
    fn rates_and_dates_are_brazilian() {
        assert_eq!(percent(Rate::from_scaled(3_500_000)), "3,50 %");
        assert_eq!(date(jiff::civil::date(2026, 2, 5)), "05/02/2026");
    }
}
