//! `dinie policy check`: the rules of a policy in words and on examples. It opens no database.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use domain::credit::Outcome;
use domain::credit::policy::{Exposure, Exposures, Facts, Policy};
use domain::customer::LegalNature;
use domain::id::PartnerId;
use domain::loan::iof::IofRegime;
use domain::money::Cents;
use server::config::policy;
use tools::say;

/// The ages of the examples, in months.
const AGES: [Option<u32>; 4] = [None, Some(3), Some(12), Some(36)];

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Check a policy's file. Print its rules and their verdicts on examples.
    Check {
        /// The TOML file.
        #[arg(value_name = "FILE")]
        path: PathBuf,
    },
}

pub(super) fn run(command: &PolicyCommand) -> anyhow::Result<()> {
    let PolicyCommand::Check { path } = command;
    let policy = policy::read(path)?;
    rules(&policy, path);
    let named = policy.named_partners();
    if named.is_empty() {
        examples(&policy, "examples", Facts::any_other_partner());
        return Ok(());
    }
    for partner in named {
        examples(&policy, &format!("examples of partner {partner}"), partner);
    }
    examples(&policy, "examples of any other partner", Facts::any_other_partner());
    Ok(())
}

fn rules(policy: &Policy, path: &Path) {
    say(&format!("policy    {} ({})", policy.version, path.display()));
    say(&format!("approval  {}", policy.approval.in_words()));
    for (at, rule) in (1..).zip(&policy.refusals) {
        say("");
        say(&format!("recusa {at}  {}", rule.name));
        say(&format!("  {}", rule.when));
        say(&format!("  {}", rule.reason));
    }
    for (at, row) in (1..).zip(&policy.rows) {
        say("");
        say(&format!("tabela {at}  {}", row.name));
        say(&format!("  {}", row.when));
        say(&format!("  {}", row.terms_in_words()));
    }
}

fn examples(policy: &Policy, title: &str, partner: PartnerId) {
    for exposure in exposures(policy) {
        say("");
        let Exposure { granted, outstanding } = exposure.person;
        if exposure == Exposures::default() {
            say(title);
        } else {
            say(&format!("{title}, with {granted} granted and {outstanding} outstanding already"));
        }
        example(policy, partner, exposure);
    }
}

/// The exposures of the examples: none, and each bound that a rule names.
fn exposures(policy: &Policy) -> Vec<Exposures> {
    let of = |granted, outstanding| Exposures {
        person: Exposure { granted, outstanding },
        company: Exposure::default(),
    };
    let conditions = policy.refusals.iter().map(|rule| &rule.when);
    let conditions = conditions.chain(policy.rows.iter().map(|row| &row.when));
    let mut bounds: Vec<Exposures> = conditions
        .flat_map(|rule| {
            let granted = [rule.granted_from, rule.granted_below].into_iter().flatten();
            let outstanding = [rule.outstanding_from, rule.outstanding_below].into_iter().flatten();
            granted.map(|bound| of(bound, Cents::ZERO)).chain(outstanding.map(|bound| of(bound, bound)))
        })
        .chain([Exposures::default()])
        .collect();
    bounds.sort_unstable_by_key(|exposure| (exposure.granted(), exposure.outstanding()));
    bounds.dedup();
    bounds
}

fn example(policy: &Policy, partner: PartnerId, exposure: Exposures) {
    say(&format!("{:<8}{:>8}  {:<10}reason", "nature", "months", "verdict"));
    for legal_nature in LegalNature::ALL {
        for company_age_months in AGES {
            // The tax does not change the verdict.
            let regime = IofRegime::Company;
            let facts = Facts { legal_nature, regime, company_age_months, partner, exposure };
            let verdict = policy.evaluate(&facts);
            let age = company_age_months.map_or_else(|| "unknown".to_owned(), |age| age.to_string());
            let outcome = match verdict.outcome {
                Outcome::Approved(_) => "approved",
                Outcome::Refused => "refused",
                Outcome::Referred => "referred",
            };
            // The rule that decided. Its terms are printed above.
            let reason = verdict.reasons.first().map_or("", String::as_str);
            say(&format!("{:<8}{age:>8}  {outcome:<10}{reason}", legal_nature.name()));
        }
    }
}
