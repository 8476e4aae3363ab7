//! The part of an address that chooses the cases of a queue, and the case that a page was opened for. The filters have
//! the names and values of the operator API. A value that cannot be read chooses nothing.

use std::time::Duration;

use app::queues::{Place, Taken, Wanted};
use axum::extract::Query;
use axum::http::Uri;
use domain::id::OperatorId;
use domain::money::Cents;
pub(super) use domain::queue::Filter;
use domain::queue::{CaseSubject, Queue};
use domain::written;
use serde::Deserialize;

use crate::pages::addresses::{joined, query_of};
use crate::pages::form::Form;

/// The part of an address, as it was sent.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::pages) struct Asked {
    #[serde(default)]
    queue: String,
    /// The place of the case for which a page was opened.
    #[serde(default)]
    at: String,
    /// The place after which a list begins.
    #[serde(default)]
    after: String,
    #[serde(default)]
    partner_id: String,
    #[serde(default)]
    assignee: String,
    #[serde(default)]
    older_than_s: String,
    #[serde(default)]
    amount_from: String,
}

impl Asked {
    /// The filters of a form.
    pub(super) fn of_form(form: &Form) -> Self {
        Self {
            partner_id: form.text_or_empty("partner_id"),
            assignee: form.text_or_empty("assignee"),
            older_than_s: form.text_or_empty("older_than_s"),
            amount_from: form.text_or_empty("amount_from"),
            ..Self::default()
        }
    }

    /// The filters of an address. One that cannot be read chooses nothing.
    pub(super) fn of_uri(uri: &Uri) -> Self {
        Query::try_from_uri(uri).map_or_else(|_wrong| Self::default(), |Query(asked)| asked)
    }

    pub(super) fn filter(&self) -> Filter {
        Filter {
            partner: self.partner_id.parse().ok(),
            who: self.assignee.parse().ok(),
            older_than: self
                .older_than_s
                .parse::<u32>()
                .ok()
                .map(|seconds| Duration::from_secs(seconds.into())),
            least: amount(&self.amount_from),
        }
    }

    /// The place after which the list begins.
    pub(super) fn after(&self) -> Option<Place> {
        self.after.parse().ok()
    }

    /// The place of the case for which the page was opened.
    pub(super) fn at(&self) -> Option<Place> {
        self.at.parse().ok()
    }

    /// The case for which the page was opened.
    pub(in crate::pages) fn opened(&self) -> Option<Opened> {
        Some(Opened { queue: self.queue.parse().ok()?, place: self.at()?, filter: self.filter() })
    }
}

/// What the console does with a filter.
pub(super) trait FilterAddress {
    fn wanted(&self, queue: Queue, me: OperatorId) -> Wanted;

    /// The address of the queue with these cases.
    fn address(&self, queue: Queue) -> String;

    /// The filters as a query, without a question mark. Its values need no escapes.
    fn query(&self) -> String;
}

impl FilterAddress for Filter {
    fn wanted(&self, queue: Queue, me: OperatorId) -> Wanted {
        let taken =
            self.who.map_or(Taken::ByAnybody, |who| who.operator(me).map_or(Taken::ByNobody, Taken::By));
        Wanted { queue, me, partner: self.partner, taken, older_than: self.older_than, least: self.least }
    }

    fn address(&self, queue: Queue) -> String {
        joined(&format!("/console/queues/{}", queue.name()), &self.query())
    }

    fn query(&self) -> String {
        query_of([
            ("partner_id", self.partner.map(|partner| partner.to_string())),
            ("assignee", self.who.map(|who| who.to_string())),
            ("older_than_s", self.older_than.map(|span| span.as_secs().to_string())),
            ("amount_from", self.least.map(|least| least.to_string())),
        ])
    }
}

/// An amount as people or the operator API write it.
fn amount(text: &str) -> Option<Cents> {
    Cents::parse(text).ok().or_else(|| written::amount(text))
}

/// A case for which a page was opened. The filters lead to the next case.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages) struct Opened {
    pub(in crate::pages) queue: Queue,
    pub(super) place: Place,
    pub(super) filter: Filter,
}

impl Opened {
    pub(in crate::pages) fn subject(&self) -> CaseSubject {
        match self.place {
            Place::Waiting(place) => place.subject,
            Place::Overdue(place) => CaseSubject::Loan(place.loan),
        }
    }

    /// The case as a query, without a question mark.
    pub(super) fn query(&self) -> String {
        let Self { queue, place, filter } = self;
        let own = format!("queue={}&at={place}", queue.name());
        let filters = filter.query();
        if filters.is_empty() { own } else { format!("{own}&{filters}") }
    }

    /// The address of the next case.
    pub(super) fn next(&self) -> String {
        let next = format!("/console/queues/{}/next?at={}", self.queue.name(), self.place);
        joined(&next, &self.filter.query())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_read_as_they_were_written_and_wrong_ones_choose_nothing() {
        let asked =
            |text: &str| -> Asked { Query::try_from_uri(&format!("/?{text}").parse().unwrap()).unwrap().0 };
        let partner = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607";
        let query = format!("partner_id={partner}&assignee=nobody&older_than_s=3600&amount_from=5000.00");
        assert_eq!(asked(&query).filter().query(), query);
        let wrong =
            "partner_id=1&assignee=x&older_than_s=-1&amount_from=muito&after=x&at=y&queue=kyc_to_review";
        assert_eq!(asked(wrong).filter().query(), "");
        assert!(asked(wrong).opened().is_none() && asked(wrong).after().is_none());
        let place = "1793491200000000_ln_0190f3b4c5d67e8f90a1b2c3d4e5f607";
        let opened = format!("queue=disbursing&at={place}&assignee=me");
        assert_eq!(asked(&opened).opened().unwrap().query(), opened);
    }
}
