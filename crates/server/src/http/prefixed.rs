//! Routes under a prefix, each registered with its full path.
//!
//! A nested router would remove the prefix from every request's path at run time, through two more boxed layers
//! around each route. That costs a tenth of the work around a look-up.

use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use crate::state::AppState;

/// Routes that begin with one prefix.
pub(super) struct Prefixed {
    prefix: &'static str,
    routes: OpenApiRouter<AppState>,
}

impl Prefixed {
    /// An empty set of routes under a prefix.
    pub(super) fn with(prefix: &'static str) -> Self {
        Self { prefix, routes: OpenApiRouter::new() }
    }

    /// Adds the methods of a path.
    pub(super) fn routes(self, (schemas, mut paths, methods): UtoipaMethodRouter<AppState>) -> Self {
        let whole = |path: String| format!("{}{path}", self.prefix);
        let named = std::mem::take(&mut paths.paths).into_iter();
        paths.paths = named.map(|(path, item)| (whole(path), item)).collect();
        Self { routes: self.routes.routes((schemas, paths, methods)), ..self }
    }

    /// The registered routes.
    pub(super) fn finish(self) -> OpenApiRouter<AppState> {
        self.routes
    }
}
