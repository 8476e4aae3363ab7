//! One of several servers with different settings, which are measured by turns.

use tempfile::TempDir;

use super::asks::{get, simulate};
use super::caller::{Caller, registration};
use super::load::{Ask, Load};
use super::target::Target;

/// A server with a loan and an offer to ask for.
pub(super) struct Side {
    _folder: TempDir,
    target: Target,
    caller: Caller,
    loan: String,
    offer: String,
}

impl Side {
    pub(super) async fn start(settings: &str) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let target = Target::start_with(folder.path(), settings).await?;
        let caller = Caller::first_of(&target).await?;
        let offer = caller.offer(&registration(1, "bench")).await?;
        let loan = caller.active_loan(&registration(2, "bench"), 12).await?;
        Ok(Self { _folder: folder, target, caller, loan, offer })
    }

    /// Reads of its loan.
    pub(super) fn reads(&self) -> Load {
        self.load(get(format!("/v3/loans/{}", self.loan)))
    }

    /// Simulations of its offer.
    pub(super) fn writes(&self) -> Load {
        self.load(simulate(&self.offer))
    }

    pub(super) async fn stop(self) -> anyhow::Result<()> {
        self.target.stop().await
    }

    fn load(&self, ask: Ask) -> Load {
        Load { address: self.target.address, token: self.caller.token.clone(), ask }
    }
}
