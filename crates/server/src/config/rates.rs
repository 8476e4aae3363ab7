//! Reads the rate table: the built-in one, or a file of the same form.

use std::path::Path;

use domain::Decimal;
use domain::loan::iof::IofRates;
use domain::loan::late::LateRates;
use domain::loan::rates::{IofVersion, LateVersion, RateBook};
use domain::money::{Cents, Rate};
use domain::time::Date;
use serde::Deserialize;

use super::error::ConfigError;

const BUILT_IN: &str = include_str!("rates.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Book {
    iof: Vec<Iof>,
    late: Vec<Late>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Iof {
    since: String,
    company_daily_percent: String,
    company_additional_percent: String,
    reduced_daily_percent: String,
    reduced_additional_percent: String,
    reduced_up_to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Late {
    since: String,
    fine_percent: String,
    default_monthly_percent: String,
}

/// The rate table of a file, or the built-in one.
pub(super) fn book(file: Option<&Path>) -> Result<RateBook, ConfigError> {
    let name = || file.unwrap_or(Path::new("rates.toml")).to_owned();
    let wrong = |why: String| ConfigError::File(name(), why);
    let text = match file {
        Some(file) => std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?,
        None => BUILT_IN.to_owned(),
    };
    let source = config::File::from_str(&text, config::FileFormat::Toml);
    let layers = config::Config::builder().add_source(source).build();
    let book: Book = layers
        .and_then(config::Config::try_deserialize)
        .map_err(|error| wrong(super::error_text::error_text(&error)))?;
    let iof = book.iof.iter().map(Iof::read).collect::<Result<_, _>>().map_err(&wrong)?;
    let late = book.late.iter().map(Late::read).collect::<Result<_, _>>().map_err(&wrong)?;
    Ok(RateBook::new(iof, late))
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|_| format!("{text} is not a date"))
}

fn percent(text: &str) -> Result<Rate, String> {
    let percent: Decimal = text.parse().map_err(|_| format!("{text} is not a percentage"))?;
    Rate::from_percent(percent).ok_or_else(|| format!("{text} has more than six decimals"))
}

impl Iof {
    fn read(&self) -> Result<IofVersion, String> {
        let rates = |daily: &str, additional: &str| {
            Ok::<_, String>(IofRates { daily: percent(daily)?, additional: percent(additional)? })
        };
        Ok(IofVersion {
            since: date(&self.since)?,
            company: rates(&self.company_daily_percent, &self.company_additional_percent)?,
            reduced: rates(&self.reduced_daily_percent, &self.reduced_additional_percent)?,
            reduced_up_to: Cents::parse(&self.reduced_up_to).map_err(|error| error.to_string())?,
        })
    }
}

impl Late {
    fn read(&self) -> Result<LateVersion, String> {
        let (fine, default_monthly) = (percent(&self.fine_percent)?, percent(&self.default_monthly_percent)?);
        Ok(LateVersion { since: date(&self.since)?, rates: LateRates { fine, default_monthly } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rate_table_has_the_published_rates() {
        let book = book(None).unwrap();
        let day: Date = "2026-01-15".parse().unwrap();
        let iof = book.iof_on(day).unwrap();
        assert_eq!((iof.company.daily.scaled(), iof.reduced.daily.scaled()), (8_200, 2_740));
        assert_eq!((iof.company.additional.scaled(), iof.reduced_up_to.get()), (380_000, 3_000_000));
        assert_eq!(book.late_on(day).unwrap().fine.scaled(), 2_000_000);
        assert!(book.iof_on("2025-07-15".parse().unwrap()).is_none());
    }
}
