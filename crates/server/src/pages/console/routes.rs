//! Routes of the console with their permissions. A route without a permission cannot be written.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use domain::access::Permission;

use super::gate::forbidden;
use super::visitor::Visitor;
use crate::state::AppState;

/// The people who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Every signed-in person: it shows or changes only what is their own.
    Anyone,
    /// People with this permission.
    Needs(Permission),
}

/// A route for the test of all roles.
#[derive(Debug, Clone, Copy)]
pub struct Listed {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// The permission; `None` if every signed-in person may.
    pub permission: Option<Permission>,
}

/// Routes with their permissions.
#[derive(Default)]
pub(super) struct Pages {
    router: Router<AppState>,
    listed: Vec<Listed>,
}

impl Pages {
    /// Adds a page.
    pub(super) fn get<H, T>(self, path: &'static str, guard: Guard, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.with("GET", path, guard, get(handler))
    }

    /// Adds a form's address.
    pub(super) fn post<H, T>(self, path: &'static str, guard: Guard, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.with("POST", path, guard, post(handler))
    }

    fn with(
        mut self, method: &'static str, path: &'static str, guard: Guard, route: MethodRouter<AppState>,
    ) -> Self {
        let permission = match guard {
            Guard::Anyone => None,
            Guard::Needs(permission) => Some(permission),
        };
        self.listed.push(Listed { method, path, permission });
        self.router = self.router.route(path, route.route_layer(from_fn_with_state(guard, permitted)));
        self
    }

    pub(super) fn into_router(self) -> Router<AppState> {
        self.router
    }

    pub(super) fn listed(self) -> Vec<Listed> {
        self.listed
    }
}

/// Lets only people through who have the page's permission.
async fn permitted(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let allowed = match guard {
        Guard::Anyone => true,
        Guard::Needs(permission) => {
            request.extensions().get::<Visitor>().is_some_and(|visitor| visitor.grants.allows(permission))
        }
    };
    if allowed { next.run(request).await } else { forbidden(request.headers()) }
}
