//! `dinie policy check`: what a policy says, in words and on examples. It opens no database.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use domain::credit::Outcome;
use domain::credit::policy::{Facts, Policy};
use domain::customer::LegalNature;
use domain::id::PartnerId;

use super::say;
use crate::config::policy;

/// The ages of the examples, in months.
const AGES: [Option<u32>; 4] = [None, Some(3), Some(12), Some(36)];

#[derive(Debug, Subcommand)]
pub(super) enum PolicyCommand {
    /// Check a policy's file, tell its rules and what they decide on examples.
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
    say("");
    say(title);
    say(&format!("{:<8}{:>8}  {:<10}reason", "nature", "months", "verdict"));
    for legal_nature in LegalNature::ALL {
        for company_age_months in AGES {
            let verdict = policy.evaluate(&Facts { legal_nature, company_age_months, partner });
            let age = company_age_months.map_or_else(|| "unknown".to_owned(), |age| age.to_string());
            let outcome = match verdict.outcome {
                Outcome::Approved(_) => "approved",
                Outcome::Refused => "refused",
                Outcome::Referred => "referred",
            };
            // The rule that decided; its terms stand above.
            let reason = verdict.reasons.first().map_or("", String::as_str);
            say(&format!("{:<8}{age:>8}  {outcome:<10}{reason}", legal_nature.name()));
        }
    }
}
