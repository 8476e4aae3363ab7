//! A signed-in person.

use app::people::sign_in::SignedIn;
use domain::access::{Grants, Operator, Session};

use crate::state::AppState;

/// A signed-in person.
#[derive(Debug, Clone)]
pub(in crate::pages) struct Visitor {
    /// The person.
    pub(in crate::pages) operator: Operator,
    /// The session.
    pub(in crate::pages) session: Session,
    /// The person's permissions and limits.
    pub(in crate::pages) grants: Grants,
}

impl Visitor {
    pub(super) fn of(state: &AppState, signed_in: SignedIn) -> Self {
        let SignedIn { operator, session } = signed_in;
        let grants = state.config.roles.grants(&operator.roles);
        Self { operator, session, grants }
    }
}
