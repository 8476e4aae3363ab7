//! The page of a proposal, from the sheet that the use case read.

use app::people::proposal_sheet::Sheet;
use askama::Template;
use domain::access::{Decider, NotDecided, ProposalState};
use domain::queue::Queue;
use domain::written;

use super::words::{self, Fact};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::shown::{Moment, Money, exact, initials};
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The way in which a proposal is shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The button whose question is asked in the page.
    pub(super) confirm: String,
    /// The reason why the form before was not done.
    pub(super) problem: Option<Problem>,
}

/// The reason why nothing was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    Note,
    Decided,
    Own,
    NotAllowed,
    AboveLimit,
    Concerned,
    Stale,
    NotPossible,
}

/// The grants of the person.
enum May {
    /// Approve and reject.
    Decide,
    /// Reject only, for this reason.
    Reject(&'static str),
    /// Withdraw one's own.
    Withdraw,
    /// Nothing, for this reason.
    Nothing(&'static str),
}

#[derive(Template)]
#[template(path = "console/proposal.html")]
pub(super) struct ProposalPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    queue_name: &'static str,
    id: String,
    title: String,
    badge: Badge,
    amount: Option<Money>,
    facts: Vec<Fact>,
    proposer: String,
    proposer_initials: String,
    proposed_at: Moment,
    ends: String,
    decider: Option<String>,
    decider_initials: String,
    eyes: String,
    note: String,
    stale: String,
    may: May,
    approve: String,
    follows: &'static str,
    confirm: String,
    problem: Option<(&'static str, &'static str)>,
}

impl ProposalPage {
    pub(super) fn of(visit: Visit, sheet: &Sheet, shown: Shown) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let (p, proposal) = (&t.proposal, &sheet.proposal);
        let amount = proposal.amount.map_or_else(String::new, written::money);
        let (name, action) = (sheet.name(), proposal.action());
        let waits = sheet.state == ProposalState::Proposed;
        let stale = if waits && sheet.is_stale {
            (p.stale_text)(&words::now(sheet, t), &sheet.proposed_by)
        } else {
            String::new()
        };
        let decider = sheet.decided_by.as_deref().unwrap_or(p.nobody_yet);
        Self {
            queue_name: (t.queue.name)(Queue::Proposals),
            id: proposal.id.to_string(),
            title: (p.title)(action, &amount, &name),
            badge: Badge::of_proposal(sheet.state, p),
            amount: proposal.amount.map(Money),
            facts: words::facts(sheet, t),
            eyes: (p.eyes)(&sheet.proposed_by, decider),
            decider_initials: sheet.decided_by.as_deref().map_or_else(String::new, initials),
            decider: sheet.decided_by.clone(),
            proposer_initials: initials(&sheet.proposed_by),
            proposer: sheet.proposed_by.clone(),
            proposed_at: Moment::ago(proposal.proposed_at, visit.state.clock.now(), t),
            ends: exact(proposal.expires_at.unmoved()),
            note: proposal.note.iter().cloned().collect(),
            stale,
            may: May::of(&visit, sheet, t),
            approve: (p.approve)(action, &amount),
            follows: (p.follows)(action),
            confirm: shown.confirm,
            problem: shown.problem.map(|problem| problem.words(t)),
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }

    /// The question before the approval.
    fn asked(&self) -> String {
        format!("{}?", self.title)
    }

    fn may_approve(&self) -> bool {
        matches!(self.may, May::Decide)
    }

    fn may_reject(&self) -> bool {
        matches!(self.may, May::Decide | May::Reject(_))
    }

    fn may_withdraw(&self) -> bool {
        matches!(self.may, May::Withdraw)
    }

    /// Why the person may not approve; empty if there is nothing to say.
    fn reason(&self) -> &'static str {
        match self.may {
            May::Reject(reason) | May::Nothing(reason) => reason,
            May::Withdraw => self.t.proposal.own,
            May::Decide => "",
        }
    }

    /// The address of the page or of one of its forms, which keeps the case for which the page was opened.
    fn own(&self, rest: &str) -> String {
        self.around.kept(&format!("/console/proposals/{}{rest}", self.id))
    }
}

impl May {
    fn of(visit: &Visit, sheet: &Sheet, t: &Texts) -> Self {
        if sheet.state != ProposalState::Proposed {
            return Self::Nothing(t.proposal.over);
        }
        let by = Decider { operator: visit.visitor.operator.id, grants: &visit.visitor.grants };
        let proposal = &sheet.proposal;
        match proposal.by_another(by) {
            Err(NotDecided::Own) => Self::Withdraw,
            Err(NotDecided::Concerned) => Self::Nothing(t.proposal.concerned),
            Err(_) => Self::Nothing(t.proposal.not_allowed),
            Ok(()) if sheet.is_stale => Self::Reject(t.proposal.stale_reason),
            Ok(()) if proposal.within_limit(by.grants).is_err() => Self::Reject(t.proposal.above_limit),
            Ok(()) => Self::Decide,
        }
    }
}

impl Problem {
    fn words(self, t: &'static Texts) -> (&'static str, &'static str) {
        let p = &t.proposal;
        let text = match self {
            Self::Note => p.note_wrong,
            Self::Decided => p.decided_before,
            Self::Own => p.own,
            Self::NotAllowed => p.not_allowed,
            Self::AboveLimit => p.above_limit,
            Self::Concerned => p.concerned,
            Self::Stale => p.stale_reason,
            Self::NotPossible => p.not_possible,
        };
        (p.not_done, text)
    }
}
