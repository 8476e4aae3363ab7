//! The bells that commits ring.

use tokio::sync::Notify;

/// Work that a commit may have made for a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Events wait for the fan-out.
    Events,
    /// Deliveries are due.
    Deliveries,
    /// Jobs were scheduled.
    Jobs,
    /// E-mails wait to be sent.
    Mails,
    /// Contracts wait to be rendered.
    Contracts,
    /// Calls of operators wait for the audit trail.
    Audit,
    /// All deliveries of an endpoint wait for a change.
    Lanes,
    /// New customers wait for the index of searches.
    Search,
    /// Entries of the journal wait for their sums.
    Journal,
}

/// One notification for each worker, sent after the commit that made work for it.
#[derive(Debug, Default)]
pub struct Wakes {
    events: Notify,
    deliveries: Notify,
    jobs: Notify,
    mails: Notify,
    contracts: Notify,
    audit: Notify,
    lanes: Notify,
    search: Notify,
    journal: Notify,
}

impl Wakes {
    /// The bell of one worker.
    pub fn bell(&self, wake: Wake) -> &Notify {
        match wake {
            Wake::Events => &self.events,
            Wake::Deliveries => &self.deliveries,
            Wake::Jobs => &self.jobs,
            Wake::Mails => &self.mails,
            Wake::Contracts => &self.contracts,
            Wake::Audit => &self.audit,
            Wake::Lanes => &self.lanes,
            Wake::Search => &self.search,
            Wake::Journal => &self.journal,
        }
    }

    pub(crate) fn ring(&self, wakes: &[Wake]) {
        for wake in wakes {
            self.bell(*wake).notify_one();
        }
    }
}
