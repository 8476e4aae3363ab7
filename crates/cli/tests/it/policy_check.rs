//! `dinie policy check`: it says what a policy decides, and refuses a wrong one.

use domain::credit::Outcome;
use domain::credit::policy::{Approval, Exposures, Facts, Policy};
use domain::customer::LegalNature;
use domain::loan::iof::IofRegime;

use crate::architecture::root;
use crate::policy::{AUTOMATIC, example};
use crate::process::dinie;

#[test]
fn the_example_policy_decides_as_its_comments_say() {
    let policy = Policy { approval: Approval::Automatic, ..example() };
    let partner = Facts::any_other_partner();
    let of = |legal_nature, age| {
        let (regime, exposure) = (IofRegime::Company, Exposures::default());
        policy.evaluate(&Facts { legal_nature, regime, company_age_months: age, partner, exposure }).outcome
    };
    assert_eq!(of(LegalNature::Mei, Some(5)), Outcome::Refused);
    assert_eq!(of(LegalNature::Sa, Some(23)), Outcome::Refused);
    assert_eq!(of(LegalNature::Sa, Some(24)), Outcome::Referred);
    assert_eq!(of(LegalNature::Ltda, None), Outcome::Referred);
    let limit = |legal_nature, age| match of(legal_nature, Some(age)) {
        Outcome::Approved(terms) => terms.approved_amount.to_string(),
        other @ (Outcome::Refused | Outcome::Referred) => panic!("{other:?}"),
    };
    assert_eq!(
        (limit(LegalNature::Mei, 23), limit(LegalNature::Mei, 24)),
        ("8000.00".into(), "20000.00".into())
    );
    assert_eq!(
        (limit(LegalNature::Ei, 6), limit(LegalNature::Ltda, 36)),
        ("30000.00".into(), "80000.00".into())
    );
}

/// The output of a command, each run of spaces as one.
fn spaced(output: &[u8]) -> String {
    let text = String::from_utf8(output.to_vec()).unwrap();
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(words).collect::<Vec<_>>().join("\n")
}

#[test]
fn policy_check_tells_the_rules_and_what_they_decide_on_examples() {
    let folder = tempfile::TempDir::new().unwrap();
    let check =
        |file: &std::path::Path| dinie(folder.path()).args(["policy", "check"]).arg(file).output().unwrap();
    let output = check(&root().join("docs/policy.example.toml"));
    let said = spaced(&output.stdout);
    assert!(output.status.success(), "{said}");
    for line in [
        "policy exemplo-2026-03",
        "approval pelo operador",
        "recusa 1 empresa-nova",
        "recusa 3 ja-concedido",
        "concedido em todos os parceiros: R$ 60.000,00 ou mais",
        "examples, with 60000.00 granted and 0.00 outstanding already",
        "mei 36 refused recusa \"ja-concedido\": A pessoa ou a empresa já tem R$ 60.000,00 ou mais concedidos.",
        "A empresa foi aberta há menos de 6 meses.",
        "tabela 2 mei",
        "de R$ 1.000,00 a R$ 20.000,00, 3,2 % ao mês, de 3 a 12 parcelas, tarifa de 1,2 %",
        "mei unknown referred recusa \"empresa-nova\": depende da idade da empresa",
        "sa 3 refused recusa \"empresa-nova\": A empresa foi aberta há menos de 6 meses.",
        "ltda 36 referred tabela \"empresa\": EI ou EIRELI ou LTDA",
        "sa 36 referred nenhuma tabela se aplica",
    ] {
        assert!(said.lines().any(|found| found.starts_with(line)), "{line}\n{said}");
    }
    let bad = folder.path().join("ruim.toml");
    std::fs::write(&bad, AUTOMATIC.replace("version = \"automatica-7\"", "")).unwrap();
    let output = check(&bad);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), said.lines().count()), (Some(3), 1), "{said}");
    assert!(said.contains("ruim.toml cannot be used") && said.contains("version"), "{said}");
    assert!(output.stdout.is_empty());
    assert!(!folder.path().join("data").exists(), "it opens no database");
}

#[test]
fn a_policy_check_shows_the_partners_that_a_rule_names() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("policy.toml");
    let id = "ptr_01a20928a97d7cf2a4e6abd5b178664c";
    let own = format!("name = \"mei\"\npartners = [\"{id}\"]");
    std::fs::write(&file, AUTOMATIC.replace("name = \"mei\"", &own)).unwrap();
    let output = dinie(folder.path()).args(["policy", "check", "policy.toml"]).output().unwrap();
    let said = spaced(&output.stdout);
    let (its, others) = said.split_once("examples of any other partner").unwrap();
    let approved = format!("mei 3 approved tabela \"mei\": MEI; parceiro {id}");
    assert!(its.contains(&format!("examples of partner {id}")) && its.contains(&approved), "{its}");
    assert!(others.contains("mei 3 referred nenhuma tabela se aplica"), "{others}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_whose_output_takes_nothing_ends_with_an_error_and_a_closed_pipe_ends_it_quietly() {
    let folder = tempfile::TempDir::new().unwrap();
    let check = || {
        let mut command = dinie(folder.path());
        command.args(["policy", "check"]).arg(root().join("docs/policy.example.toml"));
        command
    };
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = check().stdout(full).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("the standard output takes nothing") && !said.contains("panicked"), "{said}");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = check().stdout(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn no_server_starts_with_a_policy_that_is_wrong() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::write(folder.path().join("policy.toml"), "version = \"1\"\napproval = \"automatic\"\n").unwrap();
    std::fs::write(folder.path().join("dinie.toml"), "policy = \"policy.toml\"\n").unwrap();
    let output = dinie(folder.path()).args(["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("policy.toml cannot be used: there is neither a refusal nor a table row"),
        "{said}"
    );
}
