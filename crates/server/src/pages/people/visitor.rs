//! A signed-in person.

use app::people::sign_in::SignedIn;
use domain::access::{Grants, Operator, Session, Step};

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
    /// The step of the sign-in that the session lacks.
    pub(in crate::pages) lacks: Option<Step>,
    /// Whether the person has proved so recently who they are that dangerous pages are open.
    pub(in crate::pages) is_fresh: bool,
}

impl Visitor {
    pub(in crate::pages) fn of(state: &AppState, signed_in: SignedIn) -> Self {
        let SignedIn { operator, session, lacks } = signed_in;
        let grants = state.config.roles.grants(&operator.roles);
        let is_fresh = session.is_freshly_whole_at(state.clock.now());
        Self { operator, session, grants, lacks, is_fresh }
    }

    /// The person and the session, as the use cases of the sign-in need them.
    pub(in crate::pages) fn signed_in(&self) -> SignedIn {
        let Self { operator, session, lacks, .. } = self.clone();
        SignedIn { operator, session, lacks }
    }
}
