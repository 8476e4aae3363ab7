//! `dinie ledger check`.

use anyhow::ensure;
use clap::Subcommand;
use server::config::Flags;
use tools::say;

use super::access::opened;

#[derive(Debug, Subcommand)]
pub(super) enum LedgerCommand {
    /// Print the trial balance. Fail if the ledger's sum is not zero, if a loan's receivable differs from its unpaid
    /// installments, or if the sums of a day, a month or a year differ from the entries.
    Check,
}

pub(super) async fn run(flags: &Flags, LedgerCommand::Check: LedgerCommand) -> anyhow::Result<()> {
    let (_config, store) = opened(flags).await?;
    let check = app::ledger::check::whole(&store).await?;
    for posting in &check.trial_balance {
        say(&format!("{:<26}{:>18}", posting.account.name(), posting.amount.to_string()));
    }
    say(&format!("{:<26}{:>18}", "sum", check.sum().to_string()));
    ensure!(
        check.is_right(),
        "the ledger is not right: {} entries do not sum to zero, {} loans have a receivable that differs from their \
         installments, {} days have sums that differ from their entries, {} months and years have sums that differ from \
         their days",
        check.unbalanced,
        check.adrift,
        check.wrong_days.len(),
        check.wrong_periods.len()
    );
    Ok(())
}
