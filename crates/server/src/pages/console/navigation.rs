//! The navigation of the console.

use app::queues::QueueCount;
use domain::access::{Grants, Permission};
use domain::queue::Queue;

use super::case_bar::CaseBar;
use crate::pages::people::frame::{Count, Link, LinkGroup, Place, is_at};
use crate::pages::people::visitor::Visitor;
use crate::pages::texts::Texts;

/// The first page.
const HOME: &str = "/console";

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
    Item { group: Group::Home, href: HOME, icon: "house", label: |t| t.console.home, permission: None },
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
        href: "/me",
        icon: "user-cog",
        label: |t| t.console.account,
        permission: None,
    },
];

/// The page that is shown, on which the navigation depends beside the person.
pub(in crate::pages) struct Shown<'a> {
    /// The page's address.
    pub(in crate::pages) path: &'a str,
    /// The counts of the queues that the person may see.
    pub(in crate::pages) counts: &'a [QueueCount],
    /// The case for which the page was opened.
    pub(in crate::pages) case: Option<&'a CaseBar>,
}

/// The console around a page.
pub(in crate::pages) fn place(visitor: &Visitor, shown: &Shown<'_>, t: &Texts) -> Place {
    let roles: Vec<String> = visitor.operator.roles.iter().map(ToString::to_string).collect();
    let roles = match roles.as_slice() {
        [one, two, more, ..] => format!("{one}, {two}, {more}…"),
        few => few.join(", "),
    };
    Place {
        roles,
        home: HOME,
        search: "/console/search",
        partner: String::new(),
        groups: groups(&visitor.grants, shown, t),
    }
}

fn groups(grants: &Grants, shown: &Shown<'_>, t: &Texts) -> Vec<LinkGroup> {
    let visible = |item: &&Item| item.permission.is_none_or(|permission| grants.allows(permission));
    let of_group = |group: Group| {
        let items = ITEMS.iter().filter(|item| item.group == group).filter(visible);
        let link = |item: &Item| Link {
            href: item.href.into(),
            icon: item.icon,
            label: (item.label)(t),
            // A page that was opened for a case belongs to the case's queue.
            current: shown.case.is_none()
                && is_at(shown.path, item.href, HOME)
                && !is_at_deeper(shown.path, item.href),
            count: None,
        };
        let mut links: Vec<Link> = items.map(link).collect();
        if group == Group::Queues {
            links.extend(shown.counts.iter().map(|count| queue_link(count, shown, t)));
        }
        LinkGroup { heading: group.heading(t), links }
    };
    Group::ALL.into_iter().map(of_group).filter(|group| !group.links.is_empty()).collect()
}

fn queue_link(count: &QueueCount, shown: &Shown<'_>, t: &Texts) -> Link {
    let href = format!("/console/queues/{}", count.queue.name());
    let of_case = shown.case.is_some_and(|case| case.queue == count.queue);
    Link {
        current: of_case || is_at(shown.path, &href, HOME),
        href: href.into(),
        icon: icon(count.queue),
        label: (t.queue.short)(count.queue),
        count: Some(Count { waiting: count.waiting, is_late: count.is_late }),
    }
}

/// The sign of a queue.
pub(in crate::pages) const fn icon(queue: Queue) -> &'static str {
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

/// Whether another item below `href` leads to the page.
fn is_at_deeper(path: &str, href: &str) -> bool {
    let below = |item: &&Item| item.href.len() > href.len() && is_at(item.href, href, HOME);
    ITEMS.iter().filter(below).any(|item| is_at(path, item.href, HOME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_at_its_link_or_below_it() {
        assert!(is_at("/console?x=1", "/console", HOME) && !is_at("/me", "/console", HOME));
        assert!(is_at("/console/queues/kyc?assignee=me", "/console/queues/kyc", HOME));
        assert!(!is_at("/console/queues/kyc-other", "/console/queues/kyc", HOME));
        assert!(is_at_deeper("/console/money/balance/cash", "/console/money"));
        assert!(!is_at_deeper("/console/money/files", "/console/money"));
        assert!(!is_at_deeper("/console/money/balance", "/console/money/balance"));
    }
}
