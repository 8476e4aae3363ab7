//! The parts around every page of the console: the navigation and the person.

use domain::access::{Grants, Permission};
use domain::credential::Environment;

use super::visitor::Visitor;
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
        href: "/console/loans",
        icon: "hand-coins",
        label: |t| t.loan.loans,
        permission: Some(Permission::ReadLoans),
    },
    Item {
        group: Group::Money,
        href: "/console/money",
        icon: "banknote",
        label: |t| t.money.orders,
        permission: Some(Permission::ReadLoans),
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
    pub(in crate::pages) href: &'static str,
    pub(in crate::pages) icon: &'static str,
    pub(in crate::pages) label: &'static str,
    /// Whether the page is this one, or below it.
    pub(in crate::pages) current: bool,
}

/// The parts around a page.
pub(in crate::pages) struct ConsoleFrame {
    pub(in crate::pages) name: String,
    pub(in crate::pages) initials: String,
    pub(in crate::pages) roles: String,
    pub(in crate::pages) environment: Environment,
    pub(in crate::pages) groups: Vec<LinkGroup>,
}

impl ConsoleFrame {
    pub(super) fn of(visitor: &Visitor, environment: Environment, path: &str, t: &Texts) -> Self {
        let name = visitor.operator.name.clone();
        let roles: Vec<String> = visitor.operator.roles.iter().map(ToString::to_string).collect();
        let roles = match roles.as_slice() {
            [one, two, more, ..] => format!("{one}, {two}, {more}…"),
            few => few.join(", "),
        };
        Self { initials: initials(&name), name, roles, environment, groups: groups(&visitor.grants, path, t) }
    }

    pub(in crate::pages) fn is_sandbox(&self) -> bool {
        self.environment == Environment::Sandbox
    }
}

fn groups(grants: &Grants, path: &str, t: &Texts) -> Vec<LinkGroup> {
    let visible = |item: &&Item| item.permission.is_none_or(|permission| grants.allows(permission));
    let of_group = |group: Group| {
        let items = ITEMS.iter().filter(|item| item.group == group).filter(visible);
        let link = |item: &Item| Link {
            href: item.href,
            icon: item.icon,
            label: (item.label)(t),
            current: is_at(path, item.href),
        };
        LinkGroup { heading: group.heading(t), links: items.map(link).collect() }
    };
    Group::ALL.into_iter().map(of_group).filter(|group| !group.links.is_empty()).collect()
}

/// Whether a page is the one at `href` or below it. Every page is below the first one, so that one is compared whole.
fn is_at(path: &str, href: &str) -> bool {
    let path = path.split_once('?').map_or(path, |(path, _query)| path);
    let below = href != "/console" && path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    path == href || below
}

/// The first letters of the first and the last name.
fn initials(name: &str) -> String {
    let first = |word: &str| word.chars().next().map(|letter| letter.to_uppercase().to_string());
    let words: Vec<&str> = name.split_whitespace().collect();
    let ends = match words.as_slice() {
        [] => [None, None],
        [only] => [Some(*only), None],
        [one, .., last] => [Some(*one), Some(*last)],
    };
    ends.into_iter().flatten().filter_map(first).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_has_the_initials_of_the_first_and_the_last_name() {
        for (name, expected) in
            [("Helena Couto", "HC"), ("Ana de Souza e Silva", "AS"), ("Édi", "É"), ("", "")]
        {
            assert_eq!(initials(name), expected);
        }
    }

    #[test]
    fn a_page_is_at_its_link_or_below_it() {
        assert!(is_at("/console?x=1", "/console") && !is_at("/console/account", "/console"));
        assert!(is_at("/console/queues/kyc?assignee=me", "/console/queues/kyc"));
        assert!(!is_at("/console/queues/kyc-other", "/console/queues/kyc"));
    }
}
