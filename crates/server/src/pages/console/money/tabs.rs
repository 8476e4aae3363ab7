//! The tabs of the pages of money.

use domain::access::{Grants, Permission};

pub(super) use crate::pages::kit::tab::Tab;
use crate::pages::texts::Texts;

/// A page of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    Orders,
    Payments,
    Balance,
}

impl At {
    const ALL: [Self; 3] = [Self::Orders, Self::Payments, Self::Balance];

    const fn href(self) -> &'static str {
        match self {
            Self::Orders => "/console/money",
            Self::Payments => "/console/money/payments",
            Self::Balance => "/console/money/balance",
        }
    }

    const fn permission(self) -> Permission {
        match self {
            Self::Orders | Self::Payments => Permission::ReadLoans,
            Self::Balance => Permission::ReadLedger,
        }
    }

    const fn label(self, t: &Texts) -> &'static str {
        match self {
            Self::Orders => t.money.orders,
            Self::Payments => t.payments.payments,
            Self::Balance => t.ledger.balance,
        }
    }
}

/// The tabs that a person may open.
pub(super) fn tabs(at: At, grants: &Grants, t: &Texts) -> Vec<Tab> {
    let permitted = At::ALL.into_iter().filter(|tab| grants.allows(tab.permission()));
    permitted
        .map(|tab| Tab { href: tab.href().to_owned(), label: tab.label(t), current: tab == at })
        .collect()
}
