//! The parts around every page of a signed-in person: the navigation, the person, and the case that the page was opened
//! for.

use std::borrow::Cow;

use domain::credential::Environment;

use super::visitor::Visitor;
use crate::pages::addresses::joined;
use crate::pages::console::case_bar::CaseBar;
use crate::pages::kit::shown::initials;

/// A group of links.
pub(in crate::pages) struct LinkGroup {
    /// Empty for the first group.
    pub(in crate::pages) heading: &'static str,
    pub(in crate::pages) links: Vec<Link>,
}

/// A link of the navigation.
pub(in crate::pages) struct Link {
    pub(in crate::pages) href: Cow<'static, str>,
    pub(in crate::pages) icon: &'static str,
    pub(in crate::pages) label: &'static str,
    /// Whether the page is this one, or below it.
    pub(in crate::pages) current: bool,
    /// The cases that wait there.
    pub(in crate::pages) count: Option<Count>,
}

/// The cases that wait in a queue.
pub(in crate::pages) struct Count {
    pub(in crate::pages) waiting: i64,
    /// Whether one of them waits longer than it should.
    pub(in crate::pages) is_late: bool,
}

/// The parts around a page.
pub(in crate::pages) struct Around {
    pub(in crate::pages) name: String,
    pub(in crate::pages) initials: String,
    /// The person's roles, in a few words.
    pub(in crate::pages) roles: String,
    /// The first page.
    pub(in crate::pages) home: &'static str,
    /// The page of the search; empty without one.
    pub(in crate::pages) search: &'static str,
    /// The partner whose pages these are; empty in the console.
    pub(in crate::pages) partner: String,
    pub(in crate::pages) environment: Environment,
    pub(in crate::pages) groups: Vec<LinkGroup>,
    /// The case for which the page was opened.
    pub(in crate::pages) case: Option<CaseBar>,
}

/// The navigation of a person, and what stands beside it.
pub(in crate::pages) struct Place {
    /// The person's roles, in a few words.
    pub(in crate::pages) roles: String,
    /// The first page.
    pub(in crate::pages) home: &'static str,
    /// The page of the search; empty without one.
    pub(in crate::pages) search: &'static str,
    /// The partner whose pages these are; empty in the console.
    pub(in crate::pages) partner: String,
    pub(in crate::pages) groups: Vec<LinkGroup>,
}

impl Around {
    pub(in crate::pages) fn of(
        visitor: &Visitor, place: Place, environment: Environment, case: Option<&CaseBar>,
    ) -> Self {
        let name = visitor.operator.name.clone();
        let Place { roles, home, search, partner, groups } = place;
        Self {
            initials: initials(&name),
            name,
            roles,
            home,
            search,
            partner,
            environment,
            groups,
            case: case.cloned(),
        }
    }

    /// An address for the case for which the page was opened, so that the way to the next case stays.
    pub(in crate::pages) fn kept(&self, address: &str) -> String {
        self.case.as_ref().map_or_else(|| address.to_owned(), |case| joined(address, &case.query))
    }

    pub(in crate::pages) fn is_sandbox(&self) -> bool {
        self.environment == Environment::Sandbox
    }
}

/// Whether a page is the one at `href` or below it. Every page is below the first one, so that one is compared whole.
pub(in crate::pages) fn is_at(path: &str, href: &str, home: &str) -> bool {
    let path = path.split_once('?').map_or(path, |(path, _query)| path);
    let below = href != home && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    path == href || below
}
