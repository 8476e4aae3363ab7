use jiff::civil::date;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::id::ResourceId as _;
use crate::loan::pricing::Charges;
use crate::money::Rate;
use crate::offer::Term;
use crate::tax_id::Cnpj;
use crate::time::Timestamp;

fn partner(number: u8) -> PartnerId {
    PartnerId::new(Timestamp::from_seconds(1_700_000_000), [number; 10])
}

fn row(name: &str, when: Condition, max_amount: i64) -> Row {
    Row {
        name: name.to_owned(),
        when,
        max_amount: Cents::new(max_amount),
        min_amount: Cents::new(100_000),
        monthly_rate: Rate::from_scaled(3_500_000),
        term: Term::Range { min: 3, max: 12 },
        fee: Product::DEFAULT_FEE,
        charges: Charges::Financed,
        valid_days: Some(15),
    }
}

fn refusal(name: &str, when: Condition) -> Refusal {
    Refusal { name: name.to_owned(), when, reason: "Empresa nova demais.".to_owned() }
}

fn aged(from: Option<u32>, below: Option<u32>) -> Condition {
    Condition { age_from_months: from, age_below_months: below, ..Condition::default() }
}

fn of(natures: &[LegalNature]) -> Condition {
    Condition { legal_natures: natures.to_vec(), ..Condition::default() }
}

fn facts(legal_nature: LegalNature, company_age_months: Option<u32>) -> Facts {
    Facts {
        legal_nature,
        regime: regime(legal_nature),
        company_age_months,
        partner: partner(1),
        exposure: Exposures::default(),
    }
}

fn regime(legal_nature: LegalNature) -> IofRegime {
    IofRegime::of(Cnpj::parse("12.345.678/0001-95").ok(), legal_nature)
}

/// A company whose person (by CPF) and company (by CNPJ) have these granted and outstanding amounts.
fn exposed(person: (i64, i64), company: (i64, i64)) -> Facts {
    let exposure = |(granted, outstanding)| Exposure {
        granted: Cents::new(granted),
        outstanding: Cents::new(outstanding),
    };
    let exposure = Exposures { person: exposure(person), company: exposure(company) };
    Facts { exposure, ..facts(LegalNature::Mei, Some(36)) }
}

#[test]
fn the_larger_exposure_of_person_and_company_over_all_partners_decides() {
    let mut policy = example();
    let granted = Condition { granted_from: Some(Cents::new(2_000_000)), ..Condition::default() };
    let owing = Condition { outstanding_from: Some(Cents::new(1_000_000)), ..Condition::default() };
    policy.refusals = vec![refusal("concedido", granted), refusal("devendo", owing)];
    for (person, company, refused) in [
        ((1_999_999, 999_999), (1_999_999, 999_999), None),
        ((2_000_000, 0), (0, 0), Some("concedido")),
        ((0, 0), (2_000_000, 0), Some("concedido")),
        ((1_999_999, 0), (1_000_000, 1_000_000), Some("devendo")),
        ((1_000_000, 1_000_000), (0, 0), Some("devendo")),
    ] {
        let verdict = policy.evaluate(&exposed(person, company));
        match refused {
            None => assert!(matches!(verdict.outcome, Outcome::Approved(_)), "{verdict:?}"),
            Some(name) => {
                assert_eq!(verdict.outcome, Outcome::Refused);
                assert!(verdict.reasons[0].starts_with(&format!("recusa \"{name}\"")), "{verdict:?}");
            }
        }
    }
    let inputs = exposed((2_000_000, 5), (1, 0)).inputs();
    let shown: Vec<_> = inputs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        shown[3..],
        [
            ("concedido_cpf", "20000.00"),
            ("em_aberto_cpf", "0.05"),
            ("concedido_cnpj", "0.01"),
            ("em_aberto_cnpj", "0.00")
        ]
    );
    assert_eq!(
        policy.refusals[0].when.to_string(),
        "concedido em todos os parceiros: R$\u{a0}20.000,00 ou mais"
    );
}

#[test]
fn rules_about_amounts_that_can_never_decide_are_found() {
    let mut policy = example();
    let from = |amount| Condition { granted_from: Some(Cents::new(amount)), ..Condition::default() };
    policy.refusals = vec![refusal("a", from(100)), refusal("b", from(200))];
    assert_eq!(policy.unreachable(), ["b"]);
    let low = Condition { granted_below: Some(Cents::new(100)), ..Condition::default() };
    let owing = Condition { outstanding_from: Some(Cents::new(100)), ..low.clone() };
    policy.refusals = vec![refusal("deve mais do que recebeu", owing)];
    assert_eq!(policy.unreachable(), ["deve mais do que recebeu"]);
    policy.refusals = vec![refusal("b", from(200)), refusal("a", from(100)), refusal("low", low)];
    // Together the three refusals refuse everybody, so no row can decide.
    assert_eq!(policy.unreachable(), ["mei", "demais"]);
}

/// A policy that refuses young companies and gives MEIs less than others. No row fits sociedades anônimas.
fn example() -> Policy {
    let others = [LegalNature::Ei, LegalNature::Eireli, LegalNature::Ltda];
    Policy {
        version: "teste-1".to_owned(),
        approval: Approval::Automatic,
        refusals: vec![refusal("empresa-nova", aged(None, Some(6)))],
        rows: vec![row("mei", of(&[LegalNature::Mei]), 1_500_000), row("demais", of(&others), 5_000_000)],
    }
}

#[test]
fn the_first_row_that_fits_sets_the_terms_and_the_reasons_name_it() {
    let verdict = example().evaluate(&facts(LegalNature::Ltda, Some(6)));
    let Outcome::Approved(terms) = verdict.outcome else { panic!("not approved") };
    assert_eq!((terms.approved_amount, terms.min_amount), (Cents::new(5_000_000), Cents::new(100_000)));
    assert_eq!(terms.product.regime, IofRegime::Company);
    assert_eq!(verdict.valid_days, Some(15));
    assert_eq!(
        verdict.reasons,
        [
            "tabela \"demais\": EI ou EIRELI ou LTDA",
            "de R$\u{a0}1.000,00 a R$\u{a0}50.000,00, 3,5 % ao mês, de 3 a 12 parcelas, tarifa de 1,2 %, encargos \
             financiados, oferta válida por 15 dias"
        ]
    );
    let Outcome::Approved(terms) = example().evaluate(&facts(LegalNature::Mei, Some(6))).outcome else {
        panic!("not approved")
    };
    assert_eq!((terms.approved_amount, terms.product.regime), (Cents::new(1_500_000), IofRegime::Simples));
}

#[test]
fn a_refusal_gives_its_name_and_its_reason() {
    let verdict = example().evaluate(&facts(LegalNature::Mei, Some(5)));
    assert_eq!(verdict.outcome, Outcome::Refused);
    assert_eq!(verdict.reasons, ["recusa \"empresa-nova\": Empresa nova demais."]);
}

#[test]
fn an_operator_decides_for_an_unknown_age_for_no_fitting_row_and_under_a_policy_that_only_refuses() {
    let unknown = example().evaluate(&facts(LegalNature::Mei, None));
    assert_eq!(unknown.outcome, Outcome::Referred);
    assert_eq!(
        unknown.reasons,
        ["recusa \"empresa-nova\": depende da idade da empresa, que não é conhecida"]
    );
    let nowhere = example().evaluate(&facts(LegalNature::Sa, Some(60)));
    assert_eq!((nowhere.outcome, nowhere.reasons), (Outcome::Referred, vec![reasons::NO_ROW.to_owned()]));
    let cautious = Policy { approval: Approval::ByOperator, ..example() };
    let referred = cautious.evaluate(&facts(LegalNature::Mei, Some(60)));
    assert_eq!(referred.outcome, Outcome::Referred);
    assert_eq!(referred.reasons[0], "tabela \"mei\": MEI; a política deixa a aprovação ao operador");
    assert!(referred.reasons[1].starts_with("de R$\u{a0}1.000,00 a R$\u{a0}15.000,00, 3,5 % ao mês"));
    assert_eq!(cautious.evaluate(&facts(LegalNature::Mei, Some(1))).outcome, Outcome::Refused);
}

#[test]
fn a_refusal_that_holds_wins_over_one_that_depends_on_an_unknown_age() {
    let mut policy = example();
    policy.refusals.push(refusal("sem-sa", of(&[LegalNature::Sa])));
    assert_eq!(policy.evaluate(&facts(LegalNature::Sa, None)).outcome, Outcome::Refused);
}

#[test]
fn a_row_that_depends_on_an_unknown_age_comes_before_later_rows_that_fit() {
    let mut policy = example();
    policy.refusals.clear();
    policy.rows.insert(0, row("madura", aged(Some(24), None), 9_000_000));
    let verdict = policy.evaluate(&facts(LegalNature::Mei, None));
    assert_eq!(verdict.outcome, Outcome::Referred);
    assert!(verdict.reasons[0].starts_with("tabela \"madura\""), "{:?}", verdict.reasons);
}

#[test]
fn a_rule_may_be_about_some_partners_only() {
    let mut policy = example();
    policy.refusals = vec![refusal("parceiro-suspenso", Condition { partners: vec![partner(1)], ..of(&[]) })];
    let of_another = Facts { partner: partner(2), ..facts(LegalNature::Mei, None) };
    assert_eq!(policy.evaluate(&facts(LegalNature::Mei, None)).outcome, Outcome::Refused);
    assert!(matches!(policy.evaluate(&of_another).outcome, Outcome::Approved(_)));
    assert_eq!(policy.named_partners(), [partner(1)]);
}

#[test]
fn rules_that_can_never_decide_are_found_even_after_several_others() {
    let mut policy = example();
    assert!(policy.unreachable().is_empty());
    policy.refusals.push(refusal("recem-aberta", aged(Some(1), Some(3))));
    policy.rows.push(row(
        "mei-antigo",
        Condition { age_from_months: Some(48), ..of(&[LegalNature::Mei]) },
        1,
    ));
    policy.rows.push(row("jovem", aged(None, Some(6)), 1));
    policy.rows.push(row("sa", aged(Some(24), None), 1));
    policy.rows.push(row("resto", Condition::default(), 1));
    policy.rows.push(row("ninguem", Condition { partners: vec![partner(1)], ..of(&[]) }, 1));
    assert_eq!(policy.unreachable(), ["recem-aberta", "mei-antigo", "jovem", "ninguem"]);
}

#[test]
fn an_age_is_counted_in_full_months() {
    let opened = date(2024, 1, 31);
    for (today, months) in [
        (date(2024, 1, 31), Some(0)),
        (date(2024, 2, 29), Some(0)),
        (date(2024, 3, 30), Some(1)),
        (date(2024, 3, 31), Some(2)),
        (date(2025, 1, 30), Some(11)),
        (date(2026, 1, 31), Some(24)),
        (date(2024, 1, 30), None),
    ] {
        assert_eq!(age_months(opened, today), months, "{today}");
    }
}

#[test]
fn the_kept_facts_of_a_decision_name_no_person() {
    let inputs = facts(LegalNature::Ei, None).inputs();
    let names: Vec<&str> = inputs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[..3], ["natureza_juridica", "idade_da_empresa_meses", "parceiro"]);
    assert_eq!((inputs[0].1.as_str(), inputs[1].1.as_str()), ("ei", "desconhecida"));
    assert_eq!(facts(LegalNature::Ei, Some(7)).inputs()[1].1, "7");
}

fn conditions() -> impl Strategy<Value = Condition> {
    let natures = subsequence(LegalNature::ALL.to_vec(), 0..=3);
    let partners = subsequence(vec![partner(1), partner(2)], 0..=1);
    let ages = (option::of(0..40_u32), option::of(0..60_u32));
    let amount = || option::weighted(0.2, (0..50_i64).prop_map(Cents::new));
    let amounts = (amount(), amount(), amount(), amount());
    (natures, partners, ages, amounts).prop_map(|(legal_natures, partners, ages, amounts)| Condition {
        legal_natures,
        partners,
        age_from_months: ages.0,
        age_below_months: ages.1,
        granted_from: amounts.0,
        granted_below: amounts.1,
        outstanding_from: amounts.2,
        outstanding_below: amounts.3,
    })
}

fn exposures() -> impl Strategy<Value = Exposures> {
    let exposure = || {
        (0..50_i64).prop_flat_map(|granted| {
            (0..=granted).prop_map(move |outstanding| Exposure {
                granted: Cents::new(granted),
                outstanding: Cents::new(outstanding),
            })
        })
    };
    (exposure(), exposure()).prop_map(|(person, company)| Exposures { person, company })
}

fn policies() -> impl Strategy<Value = Policy> {
    let rows = vec((conditions(), 100_000..9_000_000_i64), 0..6);
    let approval = select(vec![Approval::Automatic, Approval::ByOperator]);
    (approval, vec(conditions(), 0..4), rows).prop_map(|(approval, refusals, rows)| Policy {
        version: "aleatória".to_owned(),
        approval,
        refusals: refusals.into_iter().map(|when| refusal("r", when)).collect(),
        rows: rows.into_iter().enumerate().map(|(at, (when, max))| row(&at.to_string(), when, max)).collect(),
    })
}

fn companies() -> impl Strategy<Value = Facts> {
    (select(LegalNature::ALL.to_vec()), option::weighted(0.7, 0..80_u32), 1..=3_u8, exposures()).prop_map(
        |(legal_nature, company_age_months, number, exposure)| Facts {
            legal_nature,
            regime: regime(legal_nature),
            company_age_months,
            partner: partner(number),
            exposure,
        },
    )
}

/// Whether a condition is met, by its definition. An unknown fact meets no condition on that fact.
fn met(rule: &Condition, facts: &Facts) -> bool {
    let age = |ok: &dyn Fn(u32) -> bool| facts.company_age_months.is_some_and(ok);
    (rule.legal_natures.is_empty() || rule.legal_natures.contains(&facts.legal_nature))
        && (rule.partners.is_empty() || rule.partners.contains(&facts.partner))
        && rule.age_from_months.is_none_or(|from| age(&|age| age >= from))
        && rule.age_below_months.is_none_or(|below| age(&|age| age < below))
        && rule.granted_from.is_none_or(|from| facts.exposure.granted() >= from)
        && rule.granted_below.is_none_or(|below| facts.exposure.granted() < below)
        && rule.outstanding_from.is_none_or(|from| facts.exposure.outstanding() >= from)
        && rule.outstanding_below.is_none_or(|below| facts.exposure.outstanding() < below)
}

proptest! {
    #[test]
    fn evaluation_is_total_and_always_gives_the_same_verdict_with_a_reason(
        policy in policies(), facts in companies()
    ) {
        let verdict = policy.evaluate(&facts);
        prop_assert_eq!(&verdict, &policy.evaluate(&facts));
        prop_assert!(!verdict.reasons.is_empty());
    }

    #[test]
    fn the_rules_that_are_said_to_decide_are_those_of_the_verdict(policy in policies(), facts in companies()) {
        let weighed = policy.weigh(&facts);
        prop_assert_eq!(weighed.len(), policy.refusals.len() + policy.rows.len());
        let deciding: Vec<_> = weighed.iter().filter(|rule| rule.decides).collect();
        let verdict = policy.evaluate(&facts);
        prop_assert!(deciding.iter().all(|rule| rule.holds != Holds::No));
        for rule in &deciding {
            let named = format!("\"{}\"", rule.name);
            let is_named = verdict.reasons.iter().any(|reason| reason.contains(&named));
            prop_assert!(is_named, "{named}");
        }
        let refuses = deciding.iter().any(|rule| rule.kind == RuleKind::Refusal && rule.holds == Holds::Yes);
        prop_assert_eq!(refuses, verdict.outcome == Outcome::Refused);
        let fits = deciding.iter().any(|rule| rule.kind == RuleKind::Row && rule.holds == Holds::Yes);
        prop_assert_eq!(fits, policy.terms(&facts).is_some());
        prop_assert_eq!(deciding.is_empty(), verdict.reasons == [reasons::NO_ROW]);
    }

    #[test]
    fn a_refusal_always_wins(policy in policies(), facts in companies()) {
        let refused = policy.refusals.iter().any(|rule| met(&rule.when, &facts));
        prop_assert_eq!(policy.evaluate(&facts).outcome == Outcome::Refused, refused);
    }

    #[test]
    fn an_approval_is_automatic_and_within_the_first_row_that_fits(
        policy in policies(), facts in companies()
    ) {
        if let Outcome::Approved(terms) = policy.evaluate(&facts).outcome {
            prop_assert_eq!(policy.approval, Approval::Automatic);
            let first = policy.rows.iter().find(|row| met(&row.when, &facts)).unwrap();
            prop_assert_eq!(terms.approved_amount, first.max_amount);
            prop_assert_eq!(terms.min_amount, first.min_amount);
            prop_assert_eq!((terms.interest_rate, terms.term), (first.monthly_rate, first.term));
            prop_assert_eq!((terms.product.fee, terms.product.charges), (first.fee, first.charges));
            prop_assert_eq!(terms.product.regime, facts.regime);
        }
    }

    #[test]
    fn an_unknown_age_never_approves_if_some_age_would_decide_otherwise(
        policy in policies(), facts in companies()
    ) {
        let unknown = Facts { company_age_months: None, ..facts };
        let verdict = policy.evaluate(&unknown);
        if let Outcome::Approved(_) = verdict.outcome {
            for age in 0..80 {
                let known = Facts { company_age_months: Some(age), ..unknown.clone() };
                prop_assert_eq!(&policy.evaluate(&known), &verdict, "at {} months", age);
            }
        }
    }

    #[test]
    fn a_rule_found_unreachable_never_decides(policy in policies(), facts in companies()) {
        let dead: Vec<String> = policy.unreachable().into_iter().map(str::to_owned).collect();
        let verdict = policy.evaluate(&facts);
        if let Outcome::Approved(_) = verdict.outcome {
            for name in dead.iter().filter(|name| *name != "r") {
                let said = format!("tabela \"{name}\":");
                prop_assert!(!verdict.reasons[0].starts_with(&said), "{}", name);
            }
        }
    }
}
