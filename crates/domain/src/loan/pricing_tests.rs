//! The published vectors, row by row, and the invariants of every price.

use jiff::civil::date;
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::Value;

use super::super::between::tests_exactly::exactly;
use super::*;
use crate::time::Date;

const VECTORS: &str = include_str!("../../testdata/pricing-vectors.json");

/// A product without fee, whose charges are deducted from the amount paid out.
const WITHOUT_FEE: Product =
    Product { fee: Rate::from_scaled(0), regime: IofRegime::Company, charges: Charges::Deducted };

/// A request of 15 January 2026 with the usual first due date.
fn request(requested: i64, monthly_rate: Rate, installments: u16) -> Request {
    let release = date(2026, 1, 15);
    Request { requested: Cents::new(requested), monthly_rate, installments, release, first_due: None }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn cents(value: &Value, key: &str) -> Cents {
    Cents::parse(text(value, key)).unwrap()
}

fn percent(value: &Value, key: &str) -> Rate {
    Rate::from_percent(text(value, key).parse().unwrap()).unwrap()
}

fn vector_quote(input: &Value) -> Quote {
    let request = Request {
        requested: cents(input, "requested"),
        monthly_rate: percent(input, "monthly_percent"),
        installments: u16::try_from(input["n"].as_u64().unwrap()).unwrap(),
        release: text(input, "release").parse().unwrap(),
        first_due: input.get("first_due").and_then(Value::as_str).map(|day| day.parse().unwrap()),
    };
    let regime = match text(input, "regime") {
        "company" => IofRegime::Company,
        "simples" => IofRegime::Simples,
        other => panic!("unknown regime {other}"),
    };
    let charges = match text(input, "charges") {
        "financed" => Charges::Financed,
        "deducted" => Charges::Deducted,
        other => panic!("unknown charges {other}"),
    };
    price(&request, &Product { fee: percent(input, "fee_percent"), regime, charges }, &RateBook::sample())
        .unwrap()
}

#[test]
fn every_figure_and_row_of_the_published_vectors() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert_eq!(vectors.len(), 11);
    for vector in &vectors {
        let (input, expected) = (&vector["input"], &vector["expected"]);
        let quote = vector_quote(input);
        let last = quote.schedule.last().unwrap();
        for (key, actual) in [
            ("requested", quote.requested),
            ("fee", quote.fee),
            ("iof", quote.iof),
            ("principal", quote.principal),
            ("net", quote.net),
            ("installment", quote.installment),
            ("last", last.payment),
            ("interest", quote.interest),
            ("total", quote.total),
        ] {
            assert_eq!(actual, cents(expected, key), "{key} of {input}");
        }
        for (key, actual) in [
            ("annual_rate", quote.annual_rate),
            ("cet_year", quote.cet_annual),
            ("cet_month", quote.cet_monthly),
        ] {
            assert_eq!(actual, percent(expected, key), "{key} of {input}");
        }
        assert_eq!(quote.first_due().to_string(), text(expected, "first_due"));
        assert_eq!(last.due.to_string(), text(expected, "last_due"));
        assert_rows(&quote, vector["schedule"].as_array().unwrap());
    }
}

fn assert_rows(quote: &Quote, rows: &[Value]) {
    assert_eq!(quote.schedule.len(), rows.len());
    for (row, expected) in quote.schedule.iter().zip(rows) {
        assert_eq!(row.due.to_string(), text(expected, "due"));
        assert_eq!(u64::from(row.days), expected["days"].as_u64().unwrap());
        assert_eq!(row.payment, cents(expected, "payment"));
        assert_eq!(row.interest, cents(expected, "interest"));
        assert_eq!(row.principal, cents(expected, "principal"));
        assert_eq!(row.balance, cents(expected, "balance"));
    }
}

fn product(fee: i64, simples: bool, financed: bool) -> Product {
    let regime = if simples { IofRegime::Simples } else { IofRegime::Company };
    let charges = if financed { Charges::Financed } else { Charges::Deducted };
    Product { fee: Rate::from_scaled(fee), regime, charges }
}

fn any_request() -> impl Strategy<Value = (Request, Product)> {
    let dates = (2025_i16..2030, 1_i8..=12, 1_i8..=28);
    let products = (0_i64..=3_000_000, any::<bool>(), any::<bool>());
    (100_000_i64..=50_000_000, 0_i64..=8_000_000, 1_u16..=36, dates, products).prop_map(
        |(requested, rate, installments, (year, month, day), (fee, simples, financed))| {
            let request = request(requested, Rate::from_scaled(rate), installments);
            (Request { release: date(year, month, day), ..request }, product(fee, simples, financed))
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_price_adds_up((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        let sum = |part: fn(&ScheduledInstallment) -> Cents| quote.schedule.iter().map(part).sum::<Cents>();
        prop_assert_eq!(sum(|row| row.principal), quote.principal);
        prop_assert_eq!(sum(|row| row.payment), quote.total);
        prop_assert_eq!(sum(|row| row.interest), quote.interest);
        prop_assert_eq!(quote.principal + quote.interest, quote.total);
        prop_assert_eq!(quote.schedule.last().unwrap().balance, Cents::ZERO);
        prop_assert_eq!(quote.net, quote.principal - quote.fee - quote.iof);
        prop_assert!(quote.schedule.iter().all(|row| row.principal >= Cents::ZERO && row.interest >= Cents::ZERO));
        let days: Vec<u32> = quote.schedule.iter().map(|row| row.days).collect();
        prop_assert!(days.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_price_is_the_same_by_bounds_and_exactly((request, product) in any_request()) {
        let priced = || price(&request, &product, &RateBook::sample());
        prop_assert_eq!(priced(), exactly(priced));
    }

    #[test]
    fn the_present_value_at_the_cet_is_the_net_amount_within_half_a_cent((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        let flows: Vec<(u32, Cents)> = quote.schedule.iter().map(|row| (row.days, row.payment)).collect();
        let cet = cet::yearly(quote.net, &flows).unwrap();
        let day = Exact::of_decimal(Decimal::ONE + cet).root(365);
        let worth = |(days, payment): &(u32, Cents)| Exact::of_cents(*payment).over(&day.power(*days).unwrap());
        let value = flows.iter().map(worth).fold(Exact::zero(), |sum, value| &sum + &value);
        let half = Exact::of_decimal(Decimal::new(5, 1));
        let net = Exact::of_cents(quote.net);
        prop_assert!(&value - &net < half && &net - &value < half, "{:?} against {}", value, quote.net);
    }

    #[test]
    fn the_cet_is_never_below_the_contracts_yearly_rate((request, product) in any_request()) {
        // A year of 365 days has more than 12 × 30 days, so it costs more than (1+i)^12.
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        prop_assert!(quote.cet_annual >= quote.annual_rate, "{:?} < {:?}", quote.cet_annual, quote.annual_rate);
    }

    #[test]
    fn the_first_guess_does_not_change_the_cet((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        let flows: Vec<(u32, Cents)> = quote.schedule.iter().map(|row| (row.days, row.payment)).collect();
        let cet = Exact::of_decimal(cet::yearly(quote.net, &flows).unwrap());
        prop_assert_eq!(cet.to_rate(2).unwrap(), quote.cet_annual);
    }

    #[test]
    fn deducted_charges_lower_the_net_amount_and_financed_charges_do_not((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        match product.charges {
            Charges::Financed => prop_assert_eq!(quote.net, quote.requested),
            Charges::Deducted => prop_assert_eq!(quote.principal, quote.requested),
        }
    }
}

#[test]
fn a_request_that_cannot_be_priced_is_refused() {
    let request = request(10_000, Rate::from_scaled(3_500_000), 12);
    let refused = |request: Request| price(&request, &WITHOUT_FEE, &RateBook::sample()).unwrap_err();
    assert_eq!(refused(Request { requested: Cents::ZERO, ..request }), PricingError::NothingToPrice);
    assert_eq!(refused(Request { installments: 0, ..request }), PricingError::NothingToPrice);
    let same_day = Request { first_due: Some(date(2026, 1, 15)), ..request };
    assert_eq!(refused(same_day), PricingError::NothingToPrice);
    let negative = Request { monthly_rate: Rate::from_scaled(-1), ..request };
    assert_eq!(refused(negative), PricingError::NothingToPrice);
    let all_fee = Product { fee: Rate::from_scaled(100_000_000), ..WITHOUT_FEE };
    assert_eq!(price(&request, &all_fee, &RateBook::sample()), Err(PricingError::NothingLeft));
}

#[test]
fn a_mei_pays_the_reduced_tax_only_up_to_thirty_thousand() {
    let iof = |requested, regime| {
        let product = Product { regime, charges: Charges::Financed, ..WITHOUT_FEE };
        price(&request(requested, Rate::from_scaled(2_500_000), 12), &product, &RateBook::sample())
            .unwrap()
            .iof
    };
    assert!(iof(2_900_000, IofRegime::Simples) < iof(2_900_000, IofRegime::Company));
    assert_eq!(iof(3_000_000, IofRegime::Simples), iof(3_000_000, IofRegime::Company));
}

/// The error of a term of so many months at a monthly rate, without fee.
fn term_refused(
    monthly_percent: i64, installments: u16, release: Date, requested: i64,
) -> Option<PricingError> {
    let monthly_rate = Rate::from_scaled(monthly_percent * 1_000_000);
    let request = Request { release, ..request(requested, monthly_rate, installments) };
    price(&request, &WITHOUT_FEE, &RateBook::sample()).err()
}

#[test]
fn a_term_too_long_for_any_amount_and_an_amount_too_small_are_different_errors() {
    for (percent, most) in [(7, 57), (10, 40), (15, 27)] {
        let refused = |installments, amount| -> Vec<Option<PricingError>> {
            (1..=12).map(|month| term_refused(percent, installments, date(2026, month, 10), amount)).collect()
        };
        // The result depends on the month of release, because a month of 31 days must come early enough.
        for amount in [100_000, 1_000_000, 99_000_000_000] {
            let of_term = refused(most, amount);
            assert!(of_term.contains(&Some(PricingError::TooLong)), "{percent} % x {most}: {of_term:?}");
            assert!(of_term.iter().flatten().all(|error| *error == PricingError::TooLong), "{of_term:?}");
            assert_eq!(of_term, refused(most, 1_000_000), "the same for every amount");
        }
        assert!(refused(most - 15, 1_000_000).iter().all(Option::is_none), "{percent} %");
        assert!(refused(most * 4, 1_000_000).iter().all(|error| *error == Some(PricingError::TooLong)));
    }
    // At 6.5 % over 55 months, rounding the installment repays a small amount early, but not a larger one.
    let of_amount = |requested| {
        let request = request(requested, Rate::from_scaled(6_500_000), 55);
        price(&request, &WITHOUT_FEE, &RateBook::sample()).err()
    };
    let small = Some(PricingError::TooSmall);
    assert_eq!([1_000, 3_000, 10_000, 1_000_000].map(of_amount), [small, small, None, None]);
}

#[test]
fn half_a_cent_of_a_month_of_thirty_days_is_rounded_up() {
    let request =
        Request { release: date(2026, 11, 25), ..request(1_000_075, Rate::from_scaled(2_000_000), 1) };
    let priced = |request| price(&request, &WITHOUT_FEE, &RateBook::sample()).unwrap();
    assert_eq!(priced(request).interest, Cents::new(20_002));
    // 21 % over 15 days is exactly 10 %.
    let half = Request {
        requested: Cents::new(100_005),
        monthly_rate: Rate::from_scaled(21_000_000),
        first_due: Some(date(2026, 12, 10)),
        ..request
    };
    assert_eq!(priced(half).interest, Cents::new(10_001));
    // 25.25 in two months of 30 days: the installment is exactly 13.005.
    let quotient =
        Request { requested: Cents::new(2_525), installments: 2, release: date(2028, 1, 30), ..request };
    assert_eq!(priced(quotient).installment, Cents::new(1_301));
}

#[test]
fn an_extreme_cost_is_refused_without_overflow() {
    use Charges::{Deducted, Financed};
    use PricingError::{NothingLeft, TooDear, TooLarge, TooLong};

    let request = |percent: i64, requested, installments| Request {
        release: date(2026, 11, 25),
        ..request(requested, Rate::from_scaled(percent * 1_000_000), installments)
    };
    let product =
        |fee: i64, charges| Product { fee: Rate::from_scaled(fee * 1_000_000), charges, ..WITHOUT_FEE };
    let priced = |request: Request, product: Product| price(&request, &product, &RateBook::sample()).err();
    assert_eq!(priced(request(15, 1_000_000, 1), product(50, Deducted)), Some(TooDear));
    assert_eq!(priced(request(15, 1_000_000, 1), product(99, Deducted)), Some(TooDear));
    assert_eq!(priced(request(15, 1_000_000, 1), product(100, Deducted)), Some(NothingLeft));
    assert_eq!(priced(request(100, 1_000_000, 1), product(0, Financed)), Some(TooDear));
    assert_eq!(priced(request(76, 1_000_000, 1), product(0, Financed)), Some(TooDear));
    assert_eq!(priced(request(70, 1_000_000, 1), product(0, Financed)), None);
    assert_eq!(priced(request(2, Cents::MAX.get(), 12), product(0, Deducted)), None);
    assert_eq!(priced(request(2, Cents::MAX.get(), 12), product(0, Financed)), Some(TooLarge));
    assert_eq!(priced(request(2, i64::MAX, 12), product(0, Financed)), Some(TooLarge));
    assert_eq!(priced(request(2, i64::MAX, 12), product(100, Financed)), Some(TooLarge));
    assert_eq!(priced(request(100, 1_000_000, 480), product(0, Financed)), Some(TooLong));
    assert_eq!(priced(request(100, 1_000_000, u16::MAX), product(0, Financed)), Some(TooLong));
    assert_eq!(priced(request(1_000_000, 1_000_000, 1), product(0, Financed)), Some(TooDear));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_request_is_priced_or_refused(
        requested in 1_i64..=99_999_999_999, rate in 0_i64..=100_000_000, installments in 1_u16..=480,
        fee in 0_i64..=100_000_000, (simples, financed) in (any::<bool>(), any::<bool>()),
        (year, month, day) in (2026_i16..2100, 1_i8..=12, 1_i8..=28), first in prop::option::of(1_i64..4_000)
    ) {
        let release = date(year, month, day);
        let first_due = first.map(|days| release.checked_add(jiff::ToSpan::days(days)).unwrap());
        let request = Request {
            requested: Cents::new(requested), monthly_rate: Rate::from_scaled(rate), installments, release, first_due
        };
        let product = product(fee, simples, financed);
        let priced = || price(&request, &product, &RateBook::sample());
        prop_assert_eq!(priced(), exactly(priced));
        if let Ok(quote) = priced() {
            let sum = |part: fn(&ScheduledInstallment) -> Cents| quote.schedule.iter().map(part).sum::<Cents>();
            prop_assert_eq!(sum(|row| row.principal), quote.principal);
            prop_assert_eq!(quote.net, quote.principal - quote.fee - quote.iof);
            prop_assert!(quote.schedule.iter().all(|row| row.principal > Cents::ZERO));
            // A year of 365 days costs 1.4 % more than one of 360 days, unless the rounding to cents takes more than
            // that.
            let coarse = quote.interest.get() < 100 * i64::from(installments);
            prop_assert!(quote.cet_annual >= quote.annual_rate || first.is_some() || coarse);
            prop_assert!(quote.cet_annual <= Rate::from_scaled(100_000_000_000));
        }
    }
}
