//! A case in words: its address, its title, and what is special about it.

use app::queues::{CaseView, Place};
use domain::queue::Queue;

use super::super::filter::{Filter, Opened};
use super::super::page_of::page_of;
use super::super::proposals::about;
use crate::pages::addresses::joined;
use crate::pages::mail_subject::subject;
use crate::pages::texts::Texts;

/// The page on which the operator decides on a case.
pub(super) fn address(view: &CaseView, queue: Queue, filter: Filter) -> String {
    let own = page_of(&view.case.subject.to_string());
    let page = if queue == Queue::CreditReferred { format!("{own}/credit") } else { own };
    joined(&page, &Opened { queue, place: view.place, filter }.query())
}

/// The note on a case in a list, beside its age: the days to sign, or what is proposed.
pub(super) fn special(view: &CaseView, t: &'static Texts) -> String {
    if let Some((proposal, proposer)) = &view.proposal {
        return about(proposal.action(), proposer, t);
    }
    view.days_left.map_or_else(String::new, t.queue.days_left)
}

/// The case's name in a list: that of the customer or of the operator concerned, the subject of the e-mail, or else the
/// id of the case's subject.
pub(super) fn title(view: &CaseView, t: &Texts) -> String {
    view.customer_name
        .clone()
        .or_else(|| view.concerned.clone())
        .or_else(|| view.mail.as_ref().map(|report| subject(report, t)))
        .unwrap_or_else(|| view.case.subject.to_string())
}

/// The place of the last case of a page.
pub(super) fn place_after(views: &[CaseView], has_more: bool) -> Option<Place> {
    views.last().filter(|_| has_more).map(|view| view.place)
}
