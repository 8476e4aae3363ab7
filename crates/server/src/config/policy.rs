//! Reads the credit policy: from a file, or the sandbox's built-in one. Production has no policy by default.
//!
//! A policy that means less than it says is refused: empty ranges, repeated names, and rules that can never decide.

use std::collections::BTreeSet;
use std::path::Path;

use domain::Decimal;
use domain::credential::Environment;
use domain::credit::policy::{Approval, Condition, Policy, Refusal, Row};
use domain::customer::LegalNature;
use domain::loan::pricing::Charges;
use domain::money::{Cents, Rate};
use domain::offer::Term;
use serde::Deserialize;

use super::error::ConfigError;
pub use super::policy_fault::Fault;
use super::policy_fault::{Kind, Places};

const SANDBOX: &str = include_str!("policy.toml");

/// The most installments that an offer allows, as in the operator API.
const MOST_INSTALLMENTS: u16 = 1_000;
/// The longest validity of an offer, in days, as in the operator API.
const LONGEST_VALIDITY: u16 = 365;
/// The longest name and version, in characters.
const LONGEST_NAME: usize = 100;
/// The longest reason, in characters.
const LONGEST_REASON: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    version: String,
    approval: String,
    #[serde(default)]
    refusal: Vec<RefusalFile>,
    #[serde(default)]
    table: Vec<RowFile>,
}

/// Declares a rule of the file: its name, the companies that it is about, and its own keys.
macro_rules! rule_file {
    ($rule:ident { $($key:ident: $value:ty),+ $(,)? }) => {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct $rule {
            name: String,
            legal_natures: Option<Vec<String>>,
            partners: Option<Vec<String>>,
            company_age_from_months: Option<u32>,
            company_age_below_months: Option<u32>,
            granted_from: Option<String>,
            granted_below: Option<String>,
            outstanding_from: Option<String>,
            outstanding_below: Option<String>,
            $($key: $value,)+
        }

        impl $rule {
            fn when(&self) -> Result<Condition, String> {
                condition(
                    self.legal_natures.as_deref(),
                    self.partners.as_deref(),
                    (self.company_age_from_months, self.company_age_below_months),
                    amounts("granted", self.granted_from.as_deref(), self.granted_below.as_deref())?,
                    amounts(
                        "outstanding",
                        self.outstanding_from.as_deref(),
                        self.outstanding_below.as_deref(),
                    )?,
                )
            }
        }
    };
}

rule_file!(RefusalFile { reason: String });

rule_file!(RowFile {
    max_amount: String,
    min_amount: String,
    monthly_rate_percent: String,
    installments: Option<u16>,
    min_installments: Option<u16>,
    max_installments: Option<u16>,
    service_fee_percent: String,
    charges: String,
    valid_days: Option<u16>,
});

/// The policy of a file. Without a file, a sandbox has its own and production has none.
pub fn of(file: Option<&Path>, environment: Environment) -> Result<Option<Policy>, ConfigError> {
    match (file, environment) {
        (Some(file), _) => read(file).map(Some),
        (None, Environment::Sandbox) => {
            parse(SANDBOX).map(Some).map_err(|why| ConfigError::Policy("policy.toml".into(), why))
        }
        (None, Environment::Production) => Ok(None),
    }
}

/// The policy of a file.
pub fn read(file: &Path) -> Result<Policy, ConfigError> {
    let wrong = |why: String| ConfigError::Policy(file.to_owned(), why);
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    parse(&text).map_err(wrong)
}

/// The policy of a text; the error is one line.
pub fn parse(text: &str) -> Result<Policy, String> {
    check(text).map_err(|faults| faults.first().map_or_else(String::new, ToString::to_string))
}

/// The policy of a text, or everything that is wrong with it.
pub fn check(text: &str) -> Result<Policy, Vec<Fault>> {
    let source = config::File::from_str(text, config::FileFormat::Toml);
    let layers = config::Config::builder().add_source(source).build();
    let file: PolicyFile = layers
        .and_then(config::Config::try_deserialize)
        .map_err(|error| vec![Fault::of_form(&super::error_text::error_text(&error))])?;
    file.read(&Places::of(text))
}

impl PolicyFile {
    /// Reads every part, so that the author sees all faults at once.
    fn read(&self, places: &Places<'_>) -> Result<Policy, Vec<Fault>> {
        let mut faults = Vec::new();
        let version = short("version", &self.version, LONGEST_NAME);
        let version = version.map_err(|why| faults.push(places.of_file("version", why))).ok();
        let approval = approval(&self.approval);
        let approval = approval.map_err(|why| faults.push(places.of_file("approval", why))).ok();
        let mut refusals = Vec::new();
        for (at, rule) in self.refusal.iter().enumerate() {
            match rule.read() {
                Ok(refusal) => refusals.push(refusal),
                Err(why) => faults.push(places.of_rule((Kind::Refusal, at), &rule.name, why)),
            }
        }
        let mut rows = Vec::new();
        for (at, rule) in self.table.iter().enumerate() {
            match rule.read() {
                Ok(row) => rows.push(row),
                Err(why) => faults.push(places.of_rule((Kind::Table, at), &rule.name, why)),
            }
        }
        self.repeated(places, &mut faults);
        let (Some(version), Some(approval), true) = (version, approval, faults.is_empty()) else {
            return Err(faults);
        };
        let policy = Policy { version, approval, refusals, rows };
        for name in policy.unreachable() {
            let why = format!("{name:?} can never decide: earlier rules decide on all of its companies");
            faults.push(places.of_name(name, why));
        }
        if faults.is_empty() { Ok(policy) } else { Err(faults) }
    }

    /// Finds names that two rules share, and a file without rules.
    fn repeated(&self, places: &Places<'_>, faults: &mut Vec<Fault>) {
        let names = self.refusal.iter().map(|rule| &rule.name).chain(self.table.iter().map(|row| &row.name));
        let mut seen = BTreeSet::new();
        for name in names.map(|name| name.trim()) {
            if !seen.insert(name) {
                faults.push(places.of_name(name, format!("two rules are named {name:?}")));
            }
        }
        if seen.is_empty() {
            faults.push(places.of_file("refusal", "there is neither a refusal nor a table row".to_owned()));
        }
    }
}

fn approval(text: &str) -> Result<Approval, String> {
    match text {
        "automatic" => Ok(Approval::Automatic),
        "by_operator" => Ok(Approval::ByOperator),
        other => Err(format!("approval must be automatic or by_operator, not {other:?}")),
    }
}

impl RefusalFile {
    fn read(&self) -> Result<Refusal, String> {
        Ok(Refusal {
            name: short("name", &self.name, LONGEST_NAME)?,
            when: self.when()?,
            reason: short("reason", &self.reason, LONGEST_REASON)?,
        })
    }
}

impl RowFile {
    fn read(&self) -> Result<Row, String> {
        let row = Row {
            name: short("name", &self.name, LONGEST_NAME)?,
            when: self.when()?,
            max_amount: amount("max_amount", &self.max_amount)?,
            min_amount: amount("min_amount", &self.min_amount)?,
            monthly_rate: percent("monthly_rate_percent", &self.monthly_rate_percent)?,
            term: self.term()?,
            fee: percent("service_fee_percent", &self.service_fee_percent)?,
            charges: match self.charges.as_str() {
                "financed" => Charges::Financed,
                "deducted" => Charges::Deducted,
                other => return Err(format!("charges must be financed or deducted, not {other:?}")),
            },
            valid_days: self.valid_days,
        };
        if row.max_amount < row.min_amount {
            return Err(format!("max_amount {} is less than min_amount {}", row.max_amount, row.min_amount));
        }
        if let Some(days) = row.valid_days.filter(|days| !(1..=LONGEST_VALIDITY).contains(days)) {
            return Err(format!("valid_days must be 1 to {LONGEST_VALIDITY}, not {days}"));
        }
        Ok(row)
    }

    fn term(&self) -> Result<Term, String> {
        let counted = |name: &str, count: u16| {
            let counts = 1..=MOST_INSTALLMENTS;
            let wrong = || format!("{name} must be 1 to {MOST_INSTALLMENTS}, not {count}");
            counts.contains(&count).then_some(count).ok_or_else(wrong)
        };
        match (self.installments, self.min_installments, self.max_installments) {
            (Some(count), None, None) => counted("installments", count).map(Term::Fixed),
            (None, Some(min), Some(max)) => {
                let (min, max) = (counted("min_installments", min)?, counted("max_installments", max)?);
                if max < min {
                    return Err(format!("max_installments {max} is less than min_installments {min}"));
                }
                Ok(Term::Range { min, max })
            }
            _other => {
                Err("a row needs either installments, or min_installments and max_installments".to_owned())
            }
        }
    }
}

fn condition(
    natures: Option<&[String]>, partners: Option<&[String]>, (from, below): (Option<u32>, Option<u32>),
    granted: AmountRange, outstanding: AmountRange,
) -> Result<Condition, String> {
    if let (Some(from), Some(below)) = (from, below)
        && below <= from
    {
        return Err(format!(
            "company_age_below_months {below} must be more than company_age_from_months {from}: no company fits"
        ));
    }
    if below == Some(0) {
        return Err("company_age_below_months must be at least 1: no company is younger".to_owned());
    }
    Ok(Condition {
        legal_natures: list("legal_natures", natures, nature)?,
        partners: list("partners", partners, |text| {
            text.parse().map_err(|_| format!("{text:?} is not a partner's id"))
        })?,
        age_from_months: from,
        age_below_months: below,
        granted_from: granted.0,
        granted_below: granted.1,
        outstanding_from: outstanding.0,
        outstanding_below: outstanding.1,
    })
}

/// The lower end, which is included, and the upper end, which is not.
type AmountRange = (Option<Cents>, Option<Cents>);

fn amounts(name: &str, from: Option<&str>, below: Option<&str>) -> Result<AmountRange, String> {
    let read =
        |end: &str, text: Option<&str>| text.map(|text| amount(&format!("{name}_{end}"), text)).transpose();
    match (read("from", from)?, read("below", below)?) {
        (Some(from), Some(below)) if below <= from => {
            Err(format!("{name}_below {below} must be more than {name}_from {from}: no company fits"))
        }
        range => Ok(range),
    }
}

/// A list of values. An empty list would apply to everybody although it reads like nobody.
fn list<T>(
    name: &str, given: Option<&[String]>, read: impl Fn(&str) -> Result<T, String>,
) -> Result<Vec<T>, String> {
    match given {
        None => Ok(Vec::new()),
        Some([]) => Err(format!("{name} is empty; leave it out if it does not matter")),
        Some(texts) => texts.iter().map(|text| read(text)).collect(),
    }
}

fn nature(text: &str) -> Result<LegalNature, String> {
    let known = LegalNature::ALL.into_iter().find(|nature| nature.name() == text);
    known.ok_or_else(|| {
        let names = LegalNature::ALL.map(LegalNature::name).join(", ");
        format!("{text:?} is not a legal nature; use one of {names}")
    })
}

/// A text of one line that is not empty and not too long.
fn short(name: &str, text: &str, most: usize) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(format!("{name} must be one line of 1 to {most} characters"));
    }
    Ok(text.to_owned())
}

fn amount(name: &str, text: &str) -> Result<Cents, String> {
    let amount = Cents::parse(text).map_err(|error| format!("{name} {text:?} is {error}"))?;
    if amount == Cents::ZERO { Err(format!("{name} must be more than zero")) } else { Ok(amount) }
}

fn percent(name: &str, text: &str) -> Result<Rate, String> {
    let wrong = || format!("{name} {text:?} is not a percentage such as \"3.5\"");
    let percent: Decimal = text.parse().map_err(|_| wrong())?;
    if !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(&percent) {
        return Err(format!("{name} must be 0 to 100, not {text}"));
    }
    Rate::from_percent(percent).ok_or_else(|| format!("{name} {text} has more than six decimals"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = include_str!("../../../../docs/policy.example.toml");

    #[test]
    fn the_sandbox_has_its_own_policy_and_production_has_none() {
        let sandbox = of(None, Environment::Sandbox).unwrap().unwrap();
        assert_eq!((sandbox.version.as_str(), sandbox.approval), ("sandbox-1", Approval::Automatic));
        assert_eq!(of(None, Environment::Production).unwrap(), None);
    }

    #[test]
    fn the_example_policy_is_read() {
        let policy = parse(EXAMPLE).unwrap();
        assert_eq!((policy.refusals.len(), policy.rows.len()), (3, 4));
        assert_eq!(policy.refusals[2].when.granted_from, Some(Cents::new(6_000_000)));
        assert_eq!(policy.approval, Approval::ByOperator);
        assert_eq!(policy.rows[2].term, Term::Fixed(12));
        assert_eq!(policy.rows[3].monthly_rate, Rate::from_scaled(2_490_000));
    }

    /// The error of the sandbox's policy after one piece of text is replaced.
    fn wrong(from: &str, to: &str) -> String {
        assert!(SANDBOX.contains(from), "{from}");
        let error = parse(&SANDBOX.replace(from, to)).unwrap_err();
        assert!(!error.contains('\n'), "{error}");
        error
    }

    #[test]
    fn the_error_of_a_wrong_policy_is_one_line() {
        let version = "version = \"sandbox-1\"\n";
        let (max, rate) = ("max_amount = \"50000.00\"", "monthly_rate_percent = \"3.5\"");
        let (name, count) = ("name = \"sandbox\"", "installments = 12");
        for (from, to, message) in [
            (version, "", "version"),
            (version, "version = \" \"\n", "version must be one line of 1 to 100 characters"),
            (version, "version = \n", "TOML"),
            ("approval = \"automatic\"", "", "approval"),
            ("\"automatic\"", "\"yes\"", "approval must be automatic or by_operator, not \"yes\""),
            (max, "max_amount = \"999.99\"", "max_amount 999.99 is less than min_amount 1000.00"),
            (max, "max_amount = \"50000\"", "max_amount \"50000\" is not an amount"),
            ("\"1000.00\"", "\"0.00\"", "min_amount must be more than zero"),
            (rate, "monthly_rate_percent = \"3,5\"", "not a percentage"),
            (rate, "monthly_rate_percent = \"3.5000001\"", "has more than six decimals"),
            (rate, "monthly_rate_percent = \"-1\"", "monthly_rate_percent must be 0 to 100, not -1"),
            (rate, "", "monthly_rate_percent"),
            (count, "installments = 0", "installments must be 1 to 1000, not 0"),
            (count, "installments = 1001", "installments must be 1 to 1000, not 1001"),
            (count, "min_installments = 3", "either installments, or min_installments and max_installments"),
            (count, "min_installments = 4\nmax_installments = 3", "max_installments 3 is less than"),
            (count, "installments = 12\nvalid_days = 0", "valid_days must be 1 to 365, not 0"),
            ("\"financed\"", "\"free\"", "charges must be financed or deducted, not \"free\""),
            (name, "name = \"x\"\ncolour = 1", "colour"),
            (name, "name = \"x\"\nlegal_natures = [\"mey\"]", "table \"x\": \"mey\" is not a legal nature"),
            (name, "name = \"x\"\nlegal_natures = []", "legal_natures is empty"),
            (name, "name = \"x\"\npartners = [\"loja\"]", "\"loja\" is not a partner's id"),
            (name, "name = \"x\"\ncompany_age_below_months = 0", "no company is younger"),
            (name, "name = \"x\"\ngranted_from = \"20000\"", "granted_from \"20000\" is not an amount"),
            (name, "name = \"x\"\noutstanding_below = \"0.00\"", "outstanding_below must be more than zero"),
            (
                name,
                "name = \"x\"\ngranted_from = \"2.00\"\ngranted_below = \"2.00\"",
                "granted_below 2.00 must be more than granted_from 2.00: no company fits",
            ),
            (
                name,
                "name = \"x\"\ncompany_age_from_months = 6\ncompany_age_below_months = 6",
                "no company fits",
            ),
        ] {
            let error = wrong(from, to);
            assert!(error.contains(message), "{to}: {error}");
        }
        assert_eq!(
            parse("version = \"1\"\napproval = \"automatic\"").unwrap_err(),
            "there is neither a refusal nor a table row"
        );
    }

    #[test]
    fn every_fault_names_its_rule_and_its_line() {
        let text = SANDBOX.replace("\"automatic\"", "\"yes\"").replace("\"financed\"", "\"free\"");
        let faults = check(&text).unwrap_err();
        let line = |wanted: &str| text.lines().position(|line| line.starts_with(wanted)).map(|at| at + 1);
        assert_eq!((faults.len(), faults[0].line, &faults[0].rule), (2, line("approval"), &None));
        assert_eq!(faults[1].line, line("charges"));
        assert_eq!(faults[1].rule.as_deref(), Some("sandbox"));
        assert_eq!(faults[1].text, "charges must be financed or deducted, not \"free\"");
        let broken = check("version = \"1\"\napproval =").unwrap_err();
        assert_eq!((broken.len(), broken[0].line), (1, Some(2)), "{broken:?}");
    }

    #[test]
    fn a_repeated_name_and_a_rule_that_never_decides_are_errors() {
        let row = &SANDBOX[SANDBOX.find("[[table]]").unwrap()..];
        let twice = parse(&format!("{SANDBOX}\n{row}")).unwrap_err();
        assert_eq!(twice, "two rules are named \"sandbox\"");
        let behind = row.replace("\"sandbox\"", "\"atrás\"");
        let dead = parse(&format!("{SANDBOX}\n{behind}")).unwrap_err();
        assert!(dead.starts_with("\"atrás\" can never decide"), "{dead}");
    }
}
