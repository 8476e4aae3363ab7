//! The line of a customer's state.

use domain::customer::{CustomerFile, CustomerState};
use domain::kyc::{Requirement, RequirementState};
use domain::written;

use crate::pages::kit::shown::{Mark, Step};
use crate::pages::texts::Texts;

/// The steps from the registration to the decision.
pub(super) fn line(file: &CustomerFile, t: &'static Texts) -> Vec<Step> {
    let customer = &file.customer;
    let (now, last) = match customer.state {
        CustomerState::Creating => (0, t.portfolio.step_active),
        CustomerState::PendingKyc => (1, t.portfolio.step_active),
        CustomerState::UnderReview => (2, t.portfolio.step_active),
        CustomerState::Active => (3, t.portfolio.step_active),
        CustomerState::Denied => (3, t.portfolio.step_denied),
    };
    let labels = [t.portfolio.step_registered, t.portfolio.step_documents, t.portfolio.step_review, last];
    let is_sent = |requirement: &&Requirement| match requirement.state {
        RequirementState::Submitted { .. } | RequirementState::Accepted { .. } => true,
        RequirementState::Missing | RequirementState::Rejected { .. } => false,
    };
    let requirements = &file.kyc.requirements;
    let sent = requirements.iter().filter(is_sent).count();
    let notes = [
        written::day_of(customer.created_at),
        (t.portfolio.sent_of)(sent, requirements.len()),
        String::new(),
        if now == 3 { written::day_of(customer.updated_at) } else { String::new() },
    ];
    let mark = if customer.state == CustomerState::Denied { Mark::Failed } else { Mark::Now };
    Step::line(labels.into_iter().zip(notes), now, mark)
}
