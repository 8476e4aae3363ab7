//! The navigation of the dashboard.

use domain::access::TeamRole;
use domain::credential::Environment;

use crate::pages::people::desk::Desk;
use crate::pages::people::frame::{Link, LinkGroup, Place, is_at};
use crate::pages::texts::Texts;

/// The first page.
const HOME: &str = "/dashboard";

/// The page of the sandbox, which production does not have.
const SANDBOX: &str = "/dashboard/sandbox";

/// A page in the navigation.
struct Item {
    href: &'static str,
    icon: &'static str,
    label: fn(&Texts) -> &'static str,
}

/// A heading with its pages.
struct Group {
    heading: fn(&Texts) -> &'static str,
    items: &'static [Item],
}

/// The navigation, in its order.
const GROUPS: &[Group] = &[
    Group {
        heading: |_| "",
        items: &[
            Item { href: HOME, icon: "house", label: |t| t.console.home },
            Item { href: "/dashboard/customers", icon: "users", label: |t| t.customers.customers },
            Item { href: "/dashboard/loans", icon: "hand-coins", label: |t| t.loan.loans },
        ],
    },
    Group {
        heading: |t| t.dashboard.development,
        items: &[
            Item { href: "/dashboard/requests", icon: "scroll-text", label: |t| t.requests.requests },
            Item { href: "/dashboard/idempotency-keys", icon: "fingerprint", label: |t| t.requests.keys },
            Item { href: "/dashboard/events", icon: "history", label: |t| t.dashboard.events },
            Item { href: "/dashboard/webhooks", icon: "webhook", label: |t| t.partner.endpoints },
            Item { href: "/dashboard/keys", icon: "lock", label: |t| t.dashboard.keys },
        ],
    },
    Group {
        heading: |t| t.tests.heading,
        items: &[Item { href: SANDBOX, icon: "flask-conical", label: |t| t.sandbox }],
    },
    Group {
        heading: |t| t.dashboard.reading,
        items: &[Item { href: "/docs", icon: "book-open-check", label: |t| t.dashboard.docs }],
    },
    Group {
        heading: |t| t.dashboard.account,
        items: &[
            Item { href: "/dashboard/team", icon: "users", label: |t| t.dashboard.team },
            Item { href: "/me", icon: "user-cog", label: |t| t.console.account },
        ],
    },
];

/// The dashboard around a page.
pub(in crate::pages) fn place(desk: &Desk, path: &str, environment: Environment, t: &Texts) -> Place {
    let exists = |item: &&Item| item.href != SANDBOX || environment == Environment::Sandbox;
    let link = |item: &Item| Link {
        href: item.href.into(),
        icon: item.icon,
        label: (item.label)(t),
        current: is_at(path, item.href, HOME),
        count: None,
    };
    let group = |group: &Group| LinkGroup {
        heading: (group.heading)(t),
        links: group.items.iter().filter(exists).map(link).collect(),
    };
    Place {
        roles: role(desk.role, t).to_owned(),
        home: HOME,
        search: "/dashboard/search",
        partner: desk.partner.name.clone(),
        groups: GROUPS.iter().map(group).filter(|group| !group.links.is_empty()).collect(),
    }
}

/// A role in the team, in words.
pub(super) fn role(role: TeamRole, t: &Texts) -> &'static str {
    match role {
        TeamRole::Support => t.dashboard.support,
        TeamRole::Developer => t.dashboard.developer,
        TeamRole::Admin => t.dashboard.admin,
    }
}
