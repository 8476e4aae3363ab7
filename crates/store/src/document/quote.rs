//! The price of a loan with its schedule: a list of its figures, `[requested, fee, …, release, rows]`. Its rows are
//! `[days, interest, principal]`, due that many days after the release.
//!
//! The text is read number by number, because every look-up of a loan reads some forty numbers. A general JSON reader
//! takes five times as long.

use domain::loan::Price;
use domain::loan::pricing::Quote;
use domain::loan::schedule::ScheduledInstallment;
use domain::money::{Cents, Rate};
use domain::time::Date;
use jiff::SignedDuration;
use serde::ser::SerializeTuple as _;
use serde::{Serialize, Serializer};

use super::json::{corrupt, parsed, to_json};
use crate::db::error::StoreError;
use crate::db::value::{self, Arg, Column, ToArg};

/// A price as it is stored.
#[cfg_attr(test, derive(serde::Deserialize))]
struct QuoteDoc {
    requested: i64,
    fee: i64,
    iof: i64,
    principal: i64,
    net: i64,
    rate: i64,
    annual_rate: i64,
    cet_annual: i64,
    cet_monthly: i64,
    release: String,
    rows: Vec<Row>,
}

/// Days after the release, interest and principal of an installment.
type Row = (u32, i64, i64);

impl Serialize for QuoteDoc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { requested, fee, iof, principal, net, rate, annual_rate, cet_annual, cet_monthly, .. } =
            self;
        let figures = [requested, fee, iof, principal, net, rate, annual_rate, cet_annual, cet_monthly];
        let mut list = serializer.serialize_tuple(figures.len() + 2)?;
        for figure in figures {
            list.serialize_element(figure)?;
        }
        list.serialize_element(&self.release)?;
        list.serialize_element(&self.rows)?;
        list.end()
    }
}

/// A price with its schedule, as it is stored. Answers need no schedule, so a row is read without it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct QuoteText(String);

impl QuoteText {
    pub(crate) fn of(quote: &Quote) -> Self {
        Self(to_json(&QuoteDoc::of(quote)))
    }

    /// The price with its schedule.
    pub(crate) fn quote(&self) -> Result<Quote, StoreError> {
        QuoteDoc::from_text(&self.0)?.read()
    }

    /// The price without the dates of its schedule.
    pub(crate) fn price(&self) -> Result<Price, StoreError> {
        read_price(&self.0)
    }
}

#[cfg(feature = "test-support")]
impl crate::samples::Sample for QuoteText {
    fn sample(samples: &mut crate::samples::Samples) -> Self {
        Self(String::sample(samples))
    }
}

impl ToArg for QuoteText {
    fn to_arg(&self) -> Arg<'_> {
        self.0.to_arg()
    }
}

impl Column for QuoteText {
    fn read(row: &value::Row<'_>, index: usize) -> Result<Self, StoreError> {
        row.get(index).map(Self)
    }
}

/// Reads a price without the dates of its schedule.
fn read_price(text: &str) -> Result<Price, StoreError> {
    let mut first = None;
    let (mut installments, mut total) = (0, 0);
    let row = |(days, interest, principal): Row| {
        let payment: i64 = interest + principal;
        first.get_or_insert((days, payment));
        installments += 1;
        total += payment;
    };
    let Some((figures, release)) = Scan::of(text).price(row) else {
        return Err(unreadable());
    };
    let release: Date = parsed(release)?;
    let [requested, fee, iof, principal, net] = figures.amounts.map(Cents::new);
    let [monthly_rate, annual_rate, cet_annual, cet_monthly] = figures.rates.map(Rate::from_scaled);
    Ok(Price {
        requested,
        fee,
        iof,
        principal,
        net,
        installment: first.map_or(Cents::ZERO, |(_, payment)| Cents::new(payment)),
        total: Cents::new(total),
        monthly_rate,
        annual_rate,
        cet_annual,
        cet_monthly,
        first_due: first.map_or(Ok(release), |(days, _)| days_after(release, days))?,
        installments,
    })
}

fn unreadable() -> StoreError {
    corrupt("a price cannot be read")
}

fn days_after(release: Date, days: u32) -> Result<Date, StoreError> {
    release.checked_add(SignedDuration::from_hours(24 * i64::from(days))).map_err(corrupt)
}

impl QuoteDoc {
    fn of(quote: &Quote) -> Self {
        let row = |row: &ScheduledInstallment| (row.days, row.interest.get(), row.principal.get());
        Self {
            requested: quote.requested.get(),
            fee: quote.fee.get(),
            iof: quote.iof.get(),
            principal: quote.principal.get(),
            net: quote.net.get(),
            rate: quote.monthly_rate.scaled(),
            annual_rate: quote.annual_rate.scaled(),
            cet_annual: quote.cet_annual.scaled(),
            cet_monthly: quote.cet_monthly.scaled(),
            release: quote.release.to_string(),
            rows: quote.schedule.iter().map(row).collect(),
        }
    }

    fn from_text(text: &str) -> Result<Self, StoreError> {
        let mut rows = Vec::new();
        let Some((figures, release)) = Scan::of(text).price(|row| rows.push(row)) else {
            return Err(unreadable());
        };
        let [requested, fee, iof, principal, net] = figures.amounts;
        let [rate, annual_rate, cet_annual, cet_monthly] = figures.rates;
        let release = release.to_owned();
        Ok(Self {
            requested,
            fee,
            iof,
            principal,
            net,
            rate,
            annual_rate,
            cet_annual,
            cet_monthly,
            release,
            rows,
        })
    }

    fn read(&self) -> Result<Quote, StoreError> {
        let release: Date = parsed(&self.release)?;
        let mut balance = Cents::new(self.principal);
        let row = |((days, interest, principal), number): (&Row, u16)| {
            balance -= Cents::new(*principal);
            Ok(ScheduledInstallment {
                number,
                due: days_after(release, *days)?,
                days: *days,
                payment: Cents::new(interest + principal),
                interest: Cents::new(*interest),
                principal: Cents::new(*principal),
                balance,
            })
        };
        let schedule: Vec<ScheduledInstallment> =
            self.rows.iter().zip(1..).map(row).collect::<Result<_, StoreError>>()?;
        Ok(Quote {
            requested: Cents::new(self.requested),
            fee: Cents::new(self.fee),
            iof: Cents::new(self.iof),
            principal: Cents::new(self.principal),
            net: Cents::new(self.net),
            installment: schedule.first().map_or(Cents::ZERO, |row| row.payment),
            interest: schedule.iter().map(|row| row.interest).sum(),
            total: schedule.iter().map(|row| row.payment).sum(),
            monthly_rate: Rate::from_scaled(self.rate),
            annual_rate: Rate::from_scaled(self.annual_rate),
            cet_annual: Rate::from_scaled(self.cet_annual),
            cet_monthly: Rate::from_scaled(self.cet_monthly),
            release,
            schedule,
        })
    }
}

/// The numbers before the schedule, in their order.
struct Figures {
    /// Requested, fee, IOF, principal, net.
    amounts: [i64; 5],
    /// Interest per month and year, CET per year and month.
    rates: [i64; 4],
}

/// The rest of a text that is read from its beginning. `None` if the text is not as expected.
struct Scan<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Reads a whole price, row by row, and the day of its release.
    fn price(mut self, mut row: impl FnMut(Row)) -> Option<(Figures, &'a str)> {
        self.take(b'[')?;
        let (mut amounts, mut rates) = ([0; 5], [0; 4]);
        for figure in amounts.iter_mut().chain(&mut rates) {
            *figure = self.number()?;
            self.take(b',')?;
        }
        self.take(b'"')?;
        let release = self.text.get(self.at..self.at + 10).filter(|date| !date.contains(['"', '\\']))?;
        self.at += 10;
        self.take(b'"')?;
        self.take(b',')?;
        self.take(b'[')?;
        if self.take(b']').is_none() {
            loop {
                row(self.row()?);
                if self.take(b',').is_none() {
                    break;
                }
            }
            self.take(b']')?;
        }
        self.take(b']')?;
        (self.at == self.text.len()).then_some((Figures { amounts, rates }, release))
    }

    fn row(&mut self) -> Option<Row> {
        self.take(b'[')?;
        let days = self.number()?.try_into().ok()?;
        self.take(b',')?;
        let interest = self.number()?;
        self.take(b',')?;
        let principal = self.number()?;
        self.take(b']')?;
        Some((days, interest, principal))
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.text.as_bytes().get(self.at) == Some(&byte)).then(|| self.at += 1)
    }

    /// A whole number as JSON writes it, of at most 18 digits.
    fn number(&mut self) -> Option<i64> {
        let start = self.at;
        let sign = if self.take(b'-').is_some() { -1 } else { 1 };
        let digits = self.text.as_bytes().get(self.at..)?;
        let (mut rest, mut number) = (digits, 0_i64);
        while let [digit @ b'0'..=b'9', tail @ ..] = rest {
            // It cannot overflow before the nineteenth digit. The general reader reads such a number.
            number = number.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            rest = tail;
        }
        let count = digits.len() - rest.len();
        self.at += count;
        let padded = count > 1 && digits.starts_with(b"0");
        match count {
            _ if padded => None,
            1..=18 => Some(sign * number),
            _ => self.text.get(start..self.at)?.parse().ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_quote(text: &str) -> Result<Quote, StoreError> {
        QuoteText(text.to_owned()).quote()
    }

    const LIST: &str = r#"[100,1,2,103,100,3500000,51000000,58000000,3900000,"2026-01-15",[[31,4,103]]]"#;

    #[test]
    fn a_price_is_written_as_the_list_that_is_read() {
        let quote = read_quote(LIST).unwrap();
        assert_eq!(QuoteText::of(&quote).0, LIST);
        assert_eq!(quote.schedule[0].due.to_string(), "2026-02-15");
        assert_eq!(read_price(LIST).unwrap(), Price::from(&quote));
    }

    #[test]
    fn a_damaged_price_is_refused_and_never_read_as_another() {
        assert!(Scan::of(LIST).price(drop).is_some());
        for cut in 0..LIST.len() {
            assert!(read_quote(&LIST[..cut]).is_err(), "{}", &LIST[..cut]);
            assert!(read_price(&LIST[..cut]).is_err(), "{}", &LIST[..cut]);
        }
        for (from, to) in [
            ("100,1", "0100,1"),
            ("100,1", "1.5,1"),
            ("100,1", "-,1"),
            ("31,", "-31,"),
            ("]]]", "],]]"),
            ("15\"", "1\\\"\""),
        ] {
            let damaged = LIST.replacen(from, to, 1);
            assert!(read_quote(&damaged).is_err() && read_price(&damaged).is_err(), "{damaged}");
        }
        assert!(read_price(&LIST.replace(',', " , ")).is_err());
    }

    proptest! {
        #[test]
        fn both_readers_read_the_same_price(
            figures in proptest::array::uniform9(-1_000_000_000_000_i64..1_000_000_000_000),
            rows in proptest::collection::vec((0_u32..2_000, 0_i64..100_000_000, 0_i64..100_000_000), 0..40),
        ) {
            let text = serde_json::to_string(&(figures, "2026-01-15", &rows)).unwrap();
            let text = text.replacen("[[", "[", 1).replacen("],", ",", 1);
            let slowly: QuoteDoc = serde_json::from_str(&text).unwrap();
            prop_assert!(Scan::of(&text).price(drop).is_some(), "{}", text);
            let quote = slowly.read().unwrap();
            prop_assert_eq!(&read_quote(&text).unwrap(), &quote);
            prop_assert_eq!(read_price(&text).unwrap(), Price::from(&quote));
        }

        #[test]
        fn both_readers_read_a_price_of_any_numbers_alike(figure: i64) {
            let text = LIST.replacen("100", &figure.to_string(), 1);
            prop_assert_eq!(read_quote(&text).unwrap().requested, Cents::new(figure));
            prop_assert_eq!(read_price(&text).unwrap().requested, Cents::new(figure));
        }
    }
}
