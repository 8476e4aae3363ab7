//! The published vectors, row by row, and the invariants of every price.

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

const VECTORS: &str = include_str!("../../testdata/pricing-vectors.json");

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
    assert_eq!(vectors.len(), 8);
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

fn any_request() -> impl Strategy<Value = (Request, Product)> {
    let dates = (2025_i16..2030, 1_i8..=12, 1_i8..=28);
    let product = (0_i64..=3_000_000, any::<bool>(), any::<bool>());
    (100_000_i64..=50_000_000, 0_i64..=8_000_000, 1_u16..=36, dates, product).prop_map(
        |(requested, rate, installments, (year, month, day), (fee, simples, financed))| {
            let request = Request {
                requested: Cents::new(requested),
                monthly_rate: Rate::from_scaled(rate),
                installments,
                release: date(year, month, day),
                first_due: None,
            };
            let product = Product {
                fee: Rate::from_scaled(fee),
                regime: if simples { IofRegime::Simples } else { IofRegime::Company },
                charges: if financed { Charges::Financed } else { Charges::Deducted },
            };
            (request, product)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_price_adds_up((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        let sum = |part: fn(&Installment) -> Cents| quote.schedule.iter().map(part).sum::<Cents>();
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
    fn the_cet_reprices_the_flows_to_the_net_within_half_a_cent((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        let flows: Vec<(u32, Cents)> = quote.schedule.iter().map(|row| (row.days, row.payment)).collect();
        let cet = cet::yearly(quote.net, &flows).unwrap();
        let discount = Decimal::ONE / super::super::factor::root(Decimal::ONE + cet, 365);
        let value: Decimal = flows.iter().map(|(d, p)| p.decimal() * power(discount, *d)).sum();
        prop_assert!((value - quote.net.decimal()).abs() < Decimal::new(5, 1), "{} against {}", value, quote.net);
    }

    #[test]
    fn the_cet_is_never_below_the_contracts_yearly_rate((request, product) in any_request()) {
        // One day more than twelve times thirty makes a year of 365 days cost more than (1+i)^12.
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        prop_assert!(quote.cet_annual >= quote.annual_rate, "{:?} < {:?}", quote.cet_annual, quote.annual_rate);
    }

    #[test]
    fn the_first_guess_does_not_change_the_cet((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        let flows: Vec<(u32, Cents)> = quote.schedule.iter().map(|row| (row.days, row.payment)).collect();
        prop_assert_eq!(Rate::printed(cet::yearly(quote.net, &flows).unwrap()), quote.cet_annual);
    }

    #[test]
    fn charges_borne_by_the_customer_leave_less_and_financed_ones_leave_all((request, product) in any_request()) {
        let quote = price(&request, &product, &RateBook::sample()).unwrap();
        match product.charges {
            Charges::Financed => prop_assert_eq!(quote.net, quote.requested),
            Charges::Deducted => prop_assert_eq!(quote.principal, quote.requested),
        }
    }
}

#[test]
fn what_cannot_be_priced_is_refused() {
    let request = Request {
        requested: Cents::new(10_000),
        monthly_rate: Rate::from_scaled(3_500_000),
        installments: 12,
        release: date(2026, 1, 15),
        first_due: None,
    };
    let product =
        Product { fee: Rate::from_scaled(0), regime: IofRegime::Company, charges: Charges::Deducted };
    let refused =
        |request: Request| price(&request, &product, &RateBook::sample()) == Err(PricingError::Unpriceable);
    assert!(refused(Request { requested: Cents::ZERO, ..request }));
    assert!(refused(Request { installments: 0, ..request }));
    assert!(refused(Request { first_due: Some(date(2026, 1, 15)), ..request }));
    let tiny = Request { monthly_rate: Rate::from_scaled(12_087_834), installments: 34, ..request };
    assert!(refused(tiny), "rounding would repay it before its end");
    let all_fee = Product { fee: Rate::from_scaled(100_000_000), ..product };
    assert_eq!(price(&request, &all_fee, &RateBook::sample()), Err(PricingError::NothingLeft));
}

#[test]
fn a_mei_pays_the_reduced_tax_only_up_to_thirty_thousand() {
    let request = |requested| Request {
        requested: Cents::new(requested),
        monthly_rate: Rate::from_scaled(2_500_000),
        installments: 12,
        release: date(2026, 1, 15),
        first_due: None,
    };
    let product = |regime| Product { fee: Rate::from_scaled(0), regime, charges: Charges::Financed };
    let iof =
        |requested, regime| price(&request(requested), &product(regime), &RateBook::sample()).unwrap().iof;
    assert!(iof(2_900_000, IofRegime::Simples) < iof(2_900_000, IofRegime::Company));
    assert_eq!(iof(3_000_000, IofRegime::Simples), iof(3_000_000, IofRegime::Company));
}
