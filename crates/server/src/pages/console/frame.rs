//! The parts around every page of the console: the navigation, the person, and the case that the page was opened for.

use std::borrow::Cow;

use app::queues::QueueCount;
use domain::access::{Grants, Permission};
use domain::credential::Environment;
use domain::queue::Queue;

use super::case_bar::CaseBar;
use super::filter::joined;
use super::visitor::Visitor;
use crate::pages::kit::shown::initials;
use crate::pages::texts::Texts;

/// A page in the navigation.
struct Item {
    group: Group,
    href: &'static str,
    icon: &'static str,
    label: fn(&Texts) -> &'static str,
    /// `None`: everybody sees it.
    permission: Option<Permission>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Home,
    Queues,
    Records,
    Money,
    Control,
}

impl Group {
    const ALL: [Self; 5] = [Self::Home, Self::Queues, Self::Records, Self::Money, Self::Control];

    /// The heading; empty for the first group.
    fn heading(self, t: &Texts) -> &'static str {
        match self {
            Self::Home => "",
            Self::Queues => t.console.queues,
            Self::Records => t.console.records,
            Self::Money => t.console.money,
            Self::Control => t.console.control,
        }
    }
}

/// The navigation, in its order. A page that a person may not see is left out.
const ITEMS: &[Item] = &[
    Item { group: Group::Home, href: "/console", icon: "house", label: |t| t.console.home, permission: None },
    Item {
        group: Group::Records,
        href: "/console/customers",
        icon: "users",
        label: |t| t.customers.customers,
        permission: Some(Permission::ReadCustomers),
    },
    Item {
        group: Group::Records,
        href: "/console/loans",
        icon: "hand-coins",
        label: |t| t.loan.loans,
        permission: Some(Permission::ReadLoans),
    },
    Item {
        group: Group::Records,
        href: "/console/partners",
        icon: "building-2",
        label: |t| t.partner.partners,
        permission: Some(Permission::ReadPartners),
    },
    Item {
        group: Group::Money,
        href: "/console/money",
        icon: "banknote",
        label: |t| t.money.orders,
        permission: Some(Permission::ReadLoans),
    },
    Item {
        group: Group::Money,
        href: "/console/money/payments",
        icon: "arrow-left-right",
        label: |t| t.payments.payments,
        permission: Some(Permission::ReadLoans),
    },
    Item {
        group: Group::Money,
        href: "/console/money/balance",
        icon: "book-open-check",
        label: |t| t.ledger.balance,
        permission: Some(Permission::ReadLedger),
    },
    Item {
        group: Group::Control,
        href: "/console/audit",
        icon: "scroll-text",
        label: |t| t.audit.audit,
        permission: Some(Permission::ReadAudit),
    },
    Item {
        group: Group::Control,
        href: "/console/people",
        icon: "users",
        label: |t| t.console.people,
        permission: Some(Permission::ReadOperators),
    },
    Item {
        group: Group::Control,
        href: "/console/settings",
        icon: "settings",
        label: |t| t.settings.settings,
        permission: Some(Permission::ReadSettings),
    },
    Item {
        group: Group::Control,
        href: "/console/account",
        icon: "user-cog",
        label: |t| t.console.account,
        permission: None,
    },
];

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
pub(in crate::pages) struct ConsoleFrame {
    pub(in crate::pages) name: String,
    pub(in crate::pages) initials: String,
    pub(in crate::pages) roles: String,
    pub(in crate::pages) environment: Environment,
    pub(in crate::pages) groups: Vec<LinkGroup>,
    /// The case for which the page was opened.
    pub(in crate::pages) case: Option<CaseBar>,
}

/// The parts of the frame beside the person.
pub(super) struct Around<'a> {
    pub(super) environment: Environment,
    /// The page's address.
    pub(super) path: &'a str,
    /// The counts of the queues that the person may see.
    pub(super) counts: &'a [QueueCount],
    /// The case for which the page was opened.
    pub(super) case: Option<&'a CaseBar>,
}

impl ConsoleFrame {
    pub(super) fn of(visitor: &Visitor, around: &Around<'_>, t: &Texts) -> Self {
        let name = visitor.operator.name.clone();
        let roles: Vec<String> = visitor.operator.roles.iter().map(ToString::to_string).collect();
        let roles = match roles.as_slice() {
            [one, two, more, ..] => format!("{one}, {two}, {more}…"),
            few => few.join(", "),
        };
        Self {
            initials: initials(&name),
            name,
            roles,
            environment: around.environment,
            groups: groups(&visitor.grants, around, t),
            case: around.case.cloned(),
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

fn groups(grants: &Grants, around: &Around<'_>, t: &Texts) -> Vec<LinkGroup> {
    let visible = |item: &&Item| item.permission.is_none_or(|permission| grants.allows(permission));
    let of_group = |group: Group| {
        let items = ITEMS.iter().filter(|item| item.group == group).filter(visible);
        let link = |item: &Item| Link {
            href: item.href.into(),
            icon: item.icon,
            label: (item.label)(t),
            // A page that was opened for a case belongs to the case's queue.
            current: around.case.is_none()
                && is_at(around.path, item.href)
                && !is_at_deeper(around.path, item.href),
            count: None,
        };
        let mut links: Vec<Link> = items.map(link).collect();
        if group == Group::Queues {
            links.extend(around.counts.iter().map(|count| queue_link(count, around, t)));
        }
        LinkGroup { heading: group.heading(t), links }
    };
    Group::ALL.into_iter().map(of_group).filter(|group| !group.links.is_empty()).collect()
}

fn queue_link(count: &QueueCount, around: &Around<'_>, t: &Texts) -> Link {
    let href = format!("/console/queues/{}", count.queue.name());
    let of_case = around.case.is_some_and(|case| case.queue == count.queue);
    Link {
        current: of_case || is_at(around.path, &href),
        href: href.into(),
        icon: icon(count.queue),
        label: (t.queue.short)(count.queue),
        count: Some(Count { waiting: count.waiting, is_late: count.is_late }),
    }
}

/// The sign of a queue.
pub(super) const fn icon(queue: Queue) -> &'static str {
    match queue {
        Queue::KycToReview => "shield-check",
        Queue::CreditReferred => "scale",
        Queue::ContractsUnsigned => "signature",
        Queue::WaitingForMoney => "hand-coins",
        Queue::Disbursing => "banknote",
        Queue::DisbursementsReturned => "undo-2",
        Queue::Overdue => "alarm-clock",
        Queue::Proposals => "check-check",
        Queue::MailsFailed => "mail",
    }
}

/// Whether a page is the one at `href` or below it. Every page is below the first one, so that one is compared whole.
fn is_at(path: &str, href: &str) -> bool {
    let path = path.split_once('?').map_or(path, |(path, _query)| path);
    let below = href != "/console" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    path == href || below
}

/// Whether another item below `href` leads to the page.
fn is_at_deeper(path: &str, href: &str) -> bool {
    let below = |item: &&Item| item.href.len() > href.len() && is_at(item.href, href);
    ITEMS.iter().filter(below).any(|item| is_at(path, item.href))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_at_its_link_or_below_it() {
        assert!(is_at("/console?x=1", "/console") && !is_at("/console/account", "/console"));
        assert!(is_at("/console/queues/kyc?assignee=me", "/console/queues/kyc"));
        assert!(!is_at("/console/queues/kyc-other", "/console/queues/kyc"));
        assert!(is_at_deeper("/console/money/balance/cash", "/console/money"));
        assert!(!is_at_deeper("/console/money/files", "/console/money"));
        assert!(!is_at_deeper("/console/money/balance", "/console/money/balance"));
    }
}
