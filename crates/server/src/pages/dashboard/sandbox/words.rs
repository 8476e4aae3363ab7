//! What will happen and what happened, in words.

use app::autopilot::Task;
use app::forecast::{Coming, Happening, LastPayment};
use domain::event::Event;
use domain::written;

use super::super::events::name;
use crate::pages::kit::shown::Moment;
use crate::pages::texts::Texts;

/// A row of a list.
pub(super) struct Row {
    pub(super) at: Moment,
    /// Empty if the event says it.
    pub(super) words: String,
    /// The id of what it happens to.
    pub(super) resource: String,
    /// The name of the event; empty if no event follows or is known.
    pub(super) event: String,
}

impl Row {
    /// Something that will happen.
    pub(super) fn coming(coming: &Coming, t: &Texts) -> Self {
        let Coming { at, what } = coming;
        let of = what.installment();
        let amount = of.map_or_else(String::new, |of| written::money(of.unpaid));
        let number = of.map_or(0, |of| of.number);
        let (words, resource) = match what {
            Happening::Decision(task) => (decision(*task, t).to_owned(), task.subject()),
            Happening::OfferExpires(offer, _) => (t.tests.offer_expires.to_owned(), offer.to_string()),
            Happening::LinksExpire(loan) => (t.tests.links_expire.to_owned(), loan.to_string()),
            Happening::InstallmentDue(of) => ((t.tests.falls_due)(number, &amount), of.loan.to_string()),
            Happening::InstallmentOverdue(of) => {
                ((t.tests.becomes_overdue)(number, &amount), of.loan.to_string())
            }
            Happening::Payment(of, LastPayment::No) => {
                ((t.tests.is_paid)(number, &amount), of.loan.to_string())
            }
            Happening::Payment(of, LastPayment::Yes) => {
                ((t.tests.is_paid_off)(number, &amount), of.loan.to_string())
            }
        };
        let event = what.event().and_then(name).into_iter().collect();
        Self { at: Moment::briefly(*at), words, resource, event }
    }

    /// Something that happened; `None` if partners do not receive it.
    pub(super) fn happened(event: &Event) -> Option<Self> {
        Some(Self {
            at: Moment::briefly(event.occurred_at),
            words: String::new(),
            resource: event.domain_event.resource_id(),
            event: name(event.domain_event.kind())?.to_owned(),
        })
    }
}

/// A decision of the sandbox.
fn decision(task: Task, t: &Texts) -> &'static str {
    match task {
        Task::AnalyseCredit(_) => t.tests.analyses_credit,
        Task::SendFiles(_) => t.tests.sends_files,
        Task::ReviewKyc(_) => t.tests.reviews_kyc,
        Task::FinishBiometrics(_) => t.tests.takes_selfie,
        Task::TakeLoan(_) => t.tests.takes_loan,
        Task::SignLoan(_) => t.tests.signs,
        Task::StartDisbursement(_) => t.tests.orders_money,
        Task::SettleDisbursement(_) => t.tests.settles_money,
        Task::PayInstallment(_) => t.tests.pays,
    }
}
