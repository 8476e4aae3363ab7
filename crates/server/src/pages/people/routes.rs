//! Routes for signed-in people with their permissions. A route without a permission cannot be written.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use domain::access::{Permission, TeamRole};

use super::desk::Desk;
use super::notice::forbidden;
use super::steps::{PROOF, leading};
use super::visitor::Visitor;
use crate::pages::cookie::see_other;
use crate::state::AppState;

/// The people who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) enum Guard {
    /// Every signed-in person: it shows or changes only what is their own.
    Anyone,
    /// People with this permission.
    Needs(Permission),
    /// Every signed-in person, after a fresh proof: it changes how the person signs in.
    Fresh,
    /// People with this permission, after a fresh proof: it changes who may sign in.
    NeedsFresh(Permission),
    /// People at a partner's desk with at least this role.
    Team(TeamRole),
    /// People at a partner's desk with at least this role, after a fresh proof.
    TeamFresh(TeamRole),
}

/// A route for the test of all roles.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The lender's permission; `None` if the page needs none.
    pub permission: Option<Permission>,
    /// The least role at a partner's desk; `None` if the page is none of a dashboard.
    pub team: Option<TeamRole>,
}

/// Routes with their permissions.
#[derive(Default)]
pub(in crate::pages) struct Pages {
    router: Router<AppState>,
    listed: Vec<Listed>,
}

impl Pages {
    /// Adds a page.
    pub(in crate::pages) fn get<H, T>(self, path: &'static str, guard: Guard, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.with("GET", path, guard, get(handler))
    }

    /// Adds a form's address.
    pub(in crate::pages) fn post<H, T>(self, path: &'static str, guard: Guard, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.with("POST", path, guard, post(handler))
    }

    fn with(
        mut self, method: &'static str, path: &'static str, guard: Guard, route: MethodRouter<AppState>,
    ) -> Self {
        let (permission, team) = match guard {
            Guard::Anyone | Guard::Fresh => (None, None),
            Guard::Needs(permission) | Guard::NeedsFresh(permission) => (Some(permission), None),
            Guard::Team(role) | Guard::TeamFresh(role) => (None, Some(role)),
        };
        self.listed.push(Listed { method, path, permission, team });
        self.router = self.router.route(path, route.route_layer(from_fn_with_state(guard, permitted)));
        self
    }

    pub(in crate::pages) fn into_router(self) -> Router<AppState> {
        self.router
    }

    pub(in crate::pages) fn listed(self) -> Vec<Listed> {
        self.listed
    }
}

/// Lets only people through who have the page's permission.
async fn permitted(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let Some(visitor) = request.extensions().get::<Visitor>() else { return forbidden(request.headers()) };
    let role = request.extensions().get::<Desk>().map(|desk| desk.role);
    let at_desk = |least| role.is_some_and(|role| role.includes(least));
    let (allowed, proved) = match guard {
        Guard::Anyone => (true, true),
        Guard::Needs(permission) => (visitor.grants.allows(permission), true),
        Guard::Fresh => (true, visitor.is_fresh),
        Guard::NeedsFresh(permission) => (visitor.grants.allows(permission), visitor.is_fresh),
        Guard::Team(least) => (at_desk(least), true),
        Guard::TeamFresh(least) => (at_desk(least), visitor.is_fresh),
    };
    match (allowed, proved) {
        (true, true) => next.run(request).await,
        (true, false) => see_other(&leading(PROOF, subject(request.method(), request.uri().path()))),
        (false, _) => forbidden(request.headers()),
    }
}

/// The page to which a person returns after a fresh proof. A form cannot be sent again, so it leads to the page above it.
fn subject<'p>(method: &Method, path: &'p str) -> &'p str {
    match path.rsplit_once('/') {
        Some((above, _)) if method == Method::POST => above,
        Some(_) | None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_returns_to_the_page_itself_or_to_the_one_above_a_form() {
        assert_eq!(subject(&Method::GET, "/me/password"), "/me/password");
        assert_eq!(subject(&Method::POST, "/me/password"), "/me");
        assert_eq!(subject(&Method::POST, "/console/people/op_1/revoke"), "/console/people/op_1");
    }
}
