//! The tabs of the settings.

use domain::access::{Grants, Permission};

pub(super) use crate::pages::kit::tab::Tab;
use crate::pages::texts::Texts;

/// A page of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Page {
    Policy,
    Roles,
    Tokens,
    Rates,
    Creditor,
    Letters,
}

impl Page {
    const ALL: [Self; 6] =
        [Self::Creditor, Self::Policy, Self::Rates, Self::Letters, Self::Roles, Self::Tokens];

    const fn href(self) -> &'static str {
        match self {
            Self::Creditor => "/console/settings",
            Self::Policy => "/console/settings/policy",
            Self::Rates => "/console/settings/rates",
            Self::Letters => "/console/settings/letters",
            Self::Roles => "/console/settings/roles",
            Self::Tokens => "/console/settings/tokens",
        }
    }

    const fn permission(self) -> Permission {
        match self {
            Self::Creditor | Self::Policy | Self::Rates | Self::Letters => Permission::ReadSettings,
            Self::Roles | Self::Tokens => Permission::ReadOperators,
        }
    }

    const fn label(self, t: &Texts) -> &'static str {
        match self {
            Self::Creditor => t.settings.creditor,
            Self::Policy => t.policy.policy,
            Self::Rates => t.settings.rates,
            Self::Letters => t.settings.letters,
            Self::Roles => t.settings.roles,
            Self::Tokens => t.settings.tokens,
        }
    }
}

/// The tabs that a person may see.
pub(super) fn tabs(current: Page, grants: &Grants, t: &Texts) -> Vec<Tab> {
    let seen = Page::ALL.into_iter().filter(|page| grants.allows(page.permission()));
    seen.map(|page| Tab { href: page.href().to_owned(), label: page.label(t), current: page == current })
        .collect()
}
