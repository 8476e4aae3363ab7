//! `dinie bench compare`: an older and a newer program in one run, in turns, on new databases.
//!
//! This program sends the load to servers of both. Each program measures two things below the API with its own
//! `bench`: bare inserts, and the delivery of webhooks that were committed before the start.

mod databases;
mod figures;
mod itself;
mod loans;
mod plan;
mod report;
mod side;

use std::path::PathBuf;

use self::databases::Databases;
use self::figures::{Both, Figures};
pub(super) use self::plan::Plan;
pub(super) use self::report::Report;
use self::side::{PAGE, Side};
use super::asks::{READERS, WRITERS, get, simulate};
use super::load::{self, Ask};

/// Compares the programs.
pub(super) async fn measure(plan: &Plan<'_>) -> anyhow::Result<Report> {
    let mut databases = Databases::beside(plan.database, plan.access)?;
    let figures = figures(plan, &mut databases).await;
    databases.drop_all().await?;
    Ok(Report::of(plan, &figures?))
}

async fn figures(plan: &Plan<'_>, databases: &mut Databases) -> anyhow::Result<Figures> {
    let sides = [Side::start(plan.old, databases).await?, Side::start(plan.new, databases).await?];
    let reads = |path: fn(&Side) -> String| {
        let loads = sides.each_ref().map(|side| side.load(get(path(side))));
        async move { load::by_turns(READERS, plan.span, 200, &loads).await.map(Both::of) }
    };
    let health = reads(|_| "/health".to_owned()).await?;
    let loan = reads(|side| format!("/v3/loans/{}", side.loan)).await?;
    let customers_page = reads(|_| format!("/v3/customers?limit={PAGE}")).await?;
    let installments_page = reads(|side| format!("/v3/loans/{}/transactions?limit=12", side.loan)).await?;
    let writes = |ask: fn(&Side) -> Ask| {
        let loads = sides.each_ref().map(|side| side.load(ask(side)));
        async move { load::by_turns(WRITERS, plan.span, 201, &loads).await.map(Both::of) }
    };
    let customers = writes(|side| side.register()).await?;
    let simulations = writes(|side| simulate(&side.offer)).await?;
    let loans = Both::of(loans::by_turns(&sides, plan.loans).await?);
    for side in sides {
        side.target.stop().await?;
    }
    let itself = Both::of(itself::by_turns([plan.old, plan.new], plan, databases).await?);
    Ok(Figures { health, loan, customers_page, installments_page, customers, simulations, loans, itself })
}

/// This program, if no other one is named as the new one.
pub(super) fn this_program() -> anyhow::Result<PathBuf> {
    Ok(std::env::current_exe()?)
}
