//! The roles in words: what each may do, and up to which amounts.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::{Permissions, Role, RoleName};
use domain::money::Cents;

use super::tab::{Page, Tab, tabs};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Money;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/settings/roles.html")]
struct RolesPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    roles: Vec<RoleCard>,
}

struct RoleCard {
    name: String,
    /// The pages that the role may read, in one line.
    reads: String,
    /// The actions that the role allows.
    does: Vec<&'static str>,
    /// The largest approval; `None` if the role approves nothing.
    largest_approval: Option<Money>,
    /// The largest waiver; `None` if the role waives nothing.
    largest_waiver: Option<Money>,
}

impl RoleCard {
    fn of((name, role): (&RoleName, &Role), t: &'static Texts) -> Self {
        let words = |permission| (t.settings.permission)(permission);
        let limit = |amount: Cents| (amount > Cents::ZERO).then_some(Money(amount));
        let all = Permissions::reading().iter().all(|one| role.permissions.contains(one));
        let reading = role.permissions.iter().filter(|permission| permission.only_reads());
        let reading: Vec<&str> = reading.map(words).collect();
        Self {
            name: name.to_string(),
            reads: match (all, reading.is_empty()) {
                (true, _) => t.settings.reads_all.to_owned(),
                (false, true) => t.settings.reads_nothing.to_owned(),
                (false, false) => reading.join(", "),
            },
            does: role.permissions.iter().filter(|permission| !permission.only_reads()).map(words).collect(),
            largest_approval: limit(role.limits.largest_approval),
            largest_waiver: limit(role.limits.largest_waiver),
        }
    }
}

/// Shows every role.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let page = RolesPage {
        tabs: tabs(Page::Roles, &visit.visitor.grants, t),
        roles: visit.state.config.roles.iter().map(|role| RoleCard::of(role, t)).collect(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &page)
}
