//! Operators: who decides for the lender.

use domain::credential::Environment;
use domain::id::OperatorId;
use domain::page::Page;
use domain::time::RealTime;
use store::Failed;
use store::{Cursor, StoreError, Tx};

use crate::random;
use crate::refused::{ListRefused, page_or_refused};
pub use store::operators::Operator;

/// The first part of every operator's token, by environment.
pub fn token_prefix(environment: Environment) -> String {
    format!("dinie_op_{}_", environment.marker())
}

/// Makes an operator with a token, which is not kept.
pub fn create(
    tx: &mut Tx<'_>,
    environment: Environment,
    now: RealTime,
    name: &str,
) -> Result<(Operator, String), StoreError> {
    let token = format!("{}{}", token_prefix(environment), random::hex::<32>(tx));
    Ok((store::operators::insert(tx, name, &token, now)?, token))
}

/// The operator whose token this is, whether it works or was revoked.
pub fn of_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Operator>, StoreError> {
    store::operators::find_by_token(tx, token)
}

/// A page of the operators.
pub fn list(tx: &mut Tx<'_>, cursor: &Cursor<OperatorId>) -> Result<Page<Operator>, Failed<ListRefused>> {
    page_or_refused(store::operators::list(tx, cursor)?)
}

/// Ends an operator's token; `false` where it had ended, or never was.
pub fn revoke(tx: &mut Tx<'_>, now: RealTime, id: OperatorId) -> Result<bool, StoreError> {
    store::operators::revoke(tx, id, now)
}
