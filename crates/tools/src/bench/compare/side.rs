//! One of the two programs with its server.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::StreamExt as _;
use hyper::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::super::caller::{Caller, registration};
use super::super::load::{Ask, Load};
use super::super::target::Target;
use super::databases::Databases;

/// Customers on the measured page.
pub(super) const PAGE: u64 = 25;

/// Customers that are prepared at once.
const AT_ONCE: usize = 64;

/// A server of one of the programs, with a partner, its customers, an offer and a loan.
pub(super) struct Side {
    pub(super) target: Target,
    pub(super) caller: Caller,
    pub(super) offer: String,
    pub(super) loan: String,
    /// The number of the next registration.
    pub(super) next: Arc<AtomicU64>,
    _folder: TempDir,
}

impl Side {
    pub(super) async fn start(program: &Path, databases: &mut Databases) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let target = Target::of_program(program, folder.path(), databases.make().await?.as_deref()).await?;
        let caller = Caller::first_of(&target).await?;
        let offer = caller.offer(&registration(1, "bench")).await?;
        let loan = caller.active_loan(&registration(2, "bench"), 12).await?;
        for number in 0..PAGE {
            let body = registration(number + 10, "manual");
            caller.call(Method::POST, "/v3/customers", Some(&body)).await?;
        }
        let next = Arc::new(AtomicU64::new(1_000));
        Ok(Self { target, caller, offer, loan, next, _folder: folder })
    }

    pub(super) fn load(&self, ask: Ask) -> Load {
        Load { address: self.target.address, token: self.caller.token.clone(), ask }
    }

    /// Registers another customer at each call.
    pub(super) fn register(&self) -> Ask {
        let next = Arc::clone(&self.next);
        Arc::new(move |_| {
            let body = registration(next.fetch_add(1, Ordering::Relaxed), "manual");
            (Method::POST, "/v3/customers".to_owned(), Some(body.to_string()))
        })
    }

    /// Request bodies that make `count` loans.
    pub(super) async fn loan_requests(&self, count: u32, installments: u16) -> anyhow::Result<Vec<Value>> {
        let prepared = futures::stream::iter(0..count).map(|_| async move {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let offer = self.caller.offer(&registration(number, "range_offer+never_signs")).await?;
            self.caller.loan_request(&offer, installments).await
        });
        let prepared: Vec<anyhow::Result<Value>> = prepared.buffer_unordered(AT_ONCE).collect().await;
        prepared.into_iter().collect()
    }
}
