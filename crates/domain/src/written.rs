//! Amounts, rates and dates in the Brazilian notation.

use crate::bank::{AccountDetails, AccountKind, Destination};
use crate::loan::pricing::Quote;
use crate::money::{Cents, Rate};
use crate::time::{Date, Timestamp};

/// `R$ 1.234,56`.
pub fn money(amount: Cents) -> String {
    let sign = if amount < Cents::ZERO { "-" } else { "" };
    let (whole, cents) = (amount.get().unsigned_abs() / 100, amount.get().unsigned_abs() % 100);
    let whole = whole.to_string();
    let mut grouped = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    // A no-break space keeps an amount on one line.
    format!("{sign}R$\u{a0}{grouped},{cents:02}")
}

/// The amount of a text such as `1.234,56`, `1234,56` or `R$ 1.234`, as people type it. `None` for any other text.
pub fn amount(text: &str) -> Option<Cents> {
    let text = text.trim().strip_prefix("R$").map_or(text, str::trim_start).trim();
    let (whole, cents) = text.split_once(',').map_or((text, "00"), |(whole, cents)| (whole, cents));
    let mut groups = whole.split('.');
    let first = groups.next().filter(|first| !first.is_empty())?;
    let has_groups = whole.contains('.');
    if (has_groups && first.len() > 3) || groups.any(|group| group.len() != 3) || cents.len() != 2 {
        return None;
    }
    let digits: String = whole.chars().filter(|char| *char != '.').chain(cents.chars()).collect();
    digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| digits.parse().ok().map(Cents::new)).flatten()
}

/// `12 de R$ 97,40`, or `11 de R$ 97,40 e 1 de R$ 97,36` if the last one takes the residue.
pub fn installments(quote: &Quote) -> String {
    let last = quote.schedule.last().map_or(quote.installment, |row| row.payment);
    let (count, each) = (quote.installments(), money(quote.installment));
    if last == quote.installment {
        return format!("{count} de {each}");
    }
    format!("{} de {each} e 1 de {}", count - 1, money(last))
}

/// `Banco do Brasil S.A. (001), agência 1234, conta corrente 567890-1`, or `chave Pix do CNPJ 12.345.678/0001-95`.
pub fn destination(destination: &Destination) -> String {
    match destination {
        Destination::Account(account) => self::account(account),
        Destination::CompanyKey(cnpj) => format!("chave Pix do CNPJ {cnpj}"),
        Destination::PersonKey(cpf) => format!("chave Pix do CPF {cpf}"),
    }
}

/// `Banco do Brasil S.A. (001), agência 1234, conta corrente 567890-1`.
pub fn account(account: &AccountDetails) -> String {
    let AccountDetails { bank_id, bank_name, branch, number, digit, kind } = account;
    let kind = match kind {
        AccountKind::Checking => "conta corrente",
        AccountKind::Saving => "conta poupança",
        AccountKind::Payment => "conta de pagamento",
    };
    format!("{bank_name} ({bank_id}), agência {branch}, {kind} {number}-{digit}")
}

/// `3,50 %`, `2,345678 %`: all decimals of the rate, at least two.
pub fn percent(rate: Rate) -> String {
    let mut percent = rate.percent();
    percent.rescale(percent.scale().max(2));
    format!("{percent} %").replace('.', ",")
}

/// `15/02/2026`.
pub fn date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

const MONTHS: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];

/// `15 de fevereiro de 2026`.
pub fn date_in_words(date: Date) -> String {
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    format!("{} de {month} de {:04}", date.day(), date.year())
}

/// `15/02/2026 às 09:30:05 (horário de Brasília)`.
pub fn moment(moment: Timestamp) -> String {
    let local = moment.business_datetime();
    let (hour, minute, second) = (local.hour(), local.minute(), local.second());
    format!("{} às {hour:02}:{minute:02}:{second:02} (horário de Brasília)", date(local.date()))
}

/// The São Paulo date of a moment.
pub fn day_of(moment: Timestamp) -> String {
    date(moment.business_date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_type_it() {
        for (text, cents) in [
            ("1.234,56", 123_456),
            ("1234,56", 123_456),
            (" R$ 1.234,56 ", 123_456),
            ("R$\u{a0}10,00", 1_000),
            ("0,05", 5),
            ("1.000.000", 100_000_000),
            ("7", 700),
        ] {
            assert_eq!(amount(text), Some(Cents::new(cents)), "{text}");
        }
        for text in
            ["", ",", "1,2", "1,234", "1.23", "12.34,00", "1234.567,00", "-1,00", "1 000,00", "1,0x", "1.2.3"]
        {
            assert_eq!(amount(text), None, "{text}");
        }
        assert_eq!(amount("99999999999999999999,00"), None);
    }

    #[test]
    fn thousands_are_separated_by_points() {
        assert_eq!(money(Cents::new(123_456_789)), "R$\u{a0}1.234.567,89");
        assert_eq!(money(Cents::new(5)), "R$\u{a0}0,05");
        assert_eq!(money(Cents::new(-123_456)), "-R$\u{a0}1.234,56");
        assert_eq!(money(Cents::new(100_000)), "R$\u{a0}1.000,00");
    }

    #[test]
    fn a_destination_is_written_in_full() {
        let account = AccountDetails::new(AccountKind::Checking, "001", "1234", "567890", "x").unwrap();
        assert_eq!(
            destination(&Destination::Account(account)),
            "Banco do Brasil S.A. (001), agência 1234, conta corrente 567890-X"
        );
        let cnpj = crate::tax_id::Cnpj::parse("12345678000195").unwrap();
        assert_eq!(destination(&Destination::CompanyKey(cnpj)), "chave Pix do CNPJ 12.345.678/0001-95");
    }

    #[test]
    fn rates_and_dates_have_the_brazilian_notation() {
        assert_eq!(percent(Rate::from_scaled(3_500_000)), "3,50 %");
        assert_eq!(percent(Rate::from_scaled(2_345_678)), "2,345678 %");
        assert_eq!(percent(Rate::from_scaled(2_345_000)), "2,345 %");
        assert_eq!(percent(Rate::from_scaled(0)), "0,00 %");
        assert_eq!(percent(Rate::from_scaled(100_000_000)), "100,00 %");
        assert_eq!(percent(Rate::from_scaled(114_737)), "0,114737 %");
        assert_eq!(percent(Rate::from_scaled(8_200)), "0,0082 %");
        assert_eq!(date(jiff::civil::date(2026, 2, 5)), "05/02/2026");
        assert_eq!(date_in_words(jiff::civil::date(2026, 3, 5)), "5 de março de 2026");
        let noon = Timestamp::from_seconds(1_768_478_400);
        assert_eq!(moment(noon), "15/01/2026 às 09:00:00 (horário de Brasília)");
    }
}
