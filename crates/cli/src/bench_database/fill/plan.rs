//! The plan of a filling: each customer's partner and history.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use app::Lifetimes;
use app::synthetic::Person;
use domain::loan::CcbNumber;
use domain::person::Name;
use domain::tax_id::{Cnpj, Cpf};
use domain::time::Timestamp;

use tools::bench::Mix;

use super::templates::{AGES, Template, Templates};

const DAY: Duration = Duration::from_secs(86_400);
/// An age above that of every filled customer.
pub(super) const OLDEST: Duration = Duration::from_secs(400 * 86_400);
/// The number of the first CPF, above those of the other loads.
const FIRST: u32 = 300_000_000;
/// Copies of a template that can have their events in one second without sharing a microsecond.
const LATTICE: u32 = 60_000;
/// Microseconds that a copy has for the events of one moment.
const STEP: u64 = 16;
/// All customers of one age, as a fraction's denominator.
const WHOLE: u64 = 1 << 20;

/// A customer to be made.
pub(super) struct Drawn {
    number: u32,
    age: usize,
    /// The share of the customers of its age that come before it, in parts of [`WHOLE`].
    place: u64,
    pub(super) tenant: usize,
    pub(super) template: usize,
    pub(super) ccb_number: Option<CcbNumber>,
}

impl Drawn {
    /// The customer's own values.
    pub(super) fn person(&self, template: &Template, present: Timestamp) -> Person {
        // Greater numbers are later, so that rows are appended.
        let seconds = template.room.as_secs().saturating_sub(1) * (WHOLE - self.place) / WHOLE;
        let micros = u64::from(LATTICE - self.number % LATTICE) * STEP;
        let kept = Lifetimes::default();
        Person {
            number: self.number,
            cpf: Cpf::of_number(FIRST + self.number).expect("no number from here on repeats one digit"),
            cnpj: Cnpj::of_number(self.number + 1),
            name: name(self.number),
            earlier: Duration::from_micros(seconds * 1_000_000 + micros),
            ccb_number: self.ccb_number,
            // The purge is not part of the measurement.
            kept_since: present.minus(kept.events).plus(DAY).unmoved(),
            keys_since: present.minus(kept.idempotency).plus(DAY / 6),
            planned_from: present.plus(DAY * 2),
        }
    }
}

/// The customers of one filling, the oldest first.
pub(super) struct Plan {
    pub(super) drawn: Vec<Drawn>,
}

impl Plan {
    pub(super) fn of(numbers: Range<u32>, templates: &Templates, tenants: usize, mix: Mix) -> Self {
        let all: u32 = AGES.iter().map(|(_, share)| share).sum();
        let count = u64::from(numbers.end - numbers.start).max(1);
        let drawn = numbers.clone().map(|number| {
            let along = u64::from(number - numbers.start) * u64::from(all) * WHOLE / count;
            let (age, place) = age_at(along);
            let half = usize::try_from(number / 2).expect("a number of 32 bits fits");
            // Every second customer belongs to the first partner.
            let tenant = if number % 2 == 0 { 0 } else { 1 + half % (tenants - 1) };
            let template = templates.drawn(age, half, mix);
            let has_contract = templates.at(template).history.loan.is_some();
            let unnumbered = has_contract.then_some(CcbNumber { year: 0, number: 0 });
            Drawn { number, age, place, tenant, template, ccb_number: unnumbered }
        });
        Self { drawn: drawn.collect() }
    }

    /// Puts customers of one age, partner and history together. Their rows are neighbours in the indexes, so a
    /// transaction changes few pages.
    pub(super) fn gather(&mut self) {
        self.drawn.sort_by_key(|drawn| (drawn.age, drawn.tenant, drawn.template));
    }

    /// The number of contracts of each year.
    pub(super) fn contracts(&self, templates: &Templates) -> BTreeMap<i16, u32> {
        let mut years = BTreeMap::new();
        for year in self.drawn.iter().filter_map(|drawn| year(templates, drawn.template)) {
            *years.entry(year).or_insert(0) += 1;
        }
        years
    }

    /// Numbers the contracts of a year.
    pub(super) fn number_contracts(&mut self, templates: &Templates, last: CcbNumber, count: u32) {
        let contracts = self.drawn.iter_mut().filter(|d| year(templates, d.template) == Some(last.year));
        for (drawn, number) in contracts.zip(last.number - count + 1..) {
            drawn.ccb_number = Some(CcbNumber { year: last.year, number });
        }
    }
}

fn year(templates: &Templates, template: usize) -> Option<i16> {
    let loan = templates.at(template).history.loan.as_ref()?;
    loan.loan.ccb_number.map(|number| number.year)
}

/// The age of a customer at a position among 360 customers, and its place among those of its age.
fn age_at(along: u64) -> (usize, u64) {
    let mut start = 0;
    for (age, (_, share)) in AGES.iter().enumerate() {
        let length = u64::from(*share) * WHOLE;
        if along < start + length {
            return (age, (along - start) / u64::from(*share));
        }
        start += length;
    }
    (AGES.len() - 1, WHOLE)
}

/// An invented name. A few thousand people share one.
fn name(number: u32) -> Name {
    const FIRST: [&str; 16] = [
        "Ana", "Bruno", "Carla", "Diego", "Elisa", "Fábio", "Gisele", "Heitor", "Íris", "João", "Karen",
        "Lúcio", "Marta", "Nuno", "Olívia", "Paulo",
    ];
    const MIDDLE: [&str; 16] = [
        "Alves", "Barbosa", "Cardoso", "Dias", "Esteves", "Farias", "Gomes", "Hirata", "Ishii", "Jardim",
        "Klein", "Lima", "Moraes", "Nunes", "Otero", "Prado",
    ];
    const LAST: [&str; 16] = [
        "Queiroz", "Ramos", "Silva", "Teixeira", "Uchoa", "Vieira", "Xavier", "Zanetti", "Souza", "Pereira",
        "Azevedo", "Ribeiro", "Costa", "Martins", "Rocha", "Lopes",
    ];
    let mixed = usize::try_from(number.wrapping_mul(2_654_435_761) >> 8).expect("24 bits fit");
    let pick = |list: &[&'static str; 16], at: usize| list[at % 16];
    let (first, middle, last) = (pick(&FIRST, mixed), pick(&MIDDLE, mixed / 16), pick(&LAST, mixed / 256));
    Name::kept(&format!("{first} {middle} {last}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn customers_are_ordered_by_age_in_the_shares_of_the_ages() {
        let mut shares = [0; AGES.len()];
        let mut last = (0, 0);
        for customer in 0..360 {
            let (age, place) = age_at(customer * WHOLE);
            assert!(place < WHOLE && (age, place) >= last, "{customer}: {age}, {place} after {last:?}");
            shares[age] += 1;
            last = (age, place);
        }
        assert_eq!(shares, AGES.map(|(_, share)| share));
    }
}
