//! Operators, who decide for the lender.

use domain::credential::Environment;
use domain::id::OperatorId;
use domain::page::Page;
use domain::time::RealTime;
use store::Failed;
use store::{Cursor, StoreError, Tx};

use crate::random;
use crate::refused::{ListRefused, page_or_refused};
pub use store::operators::Operator;

/// The prefix of every operator's token in an environment.
pub fn token_prefix(environment: Environment) -> String {
    format!("dinie_op_{}_", environment.marker())
}

/// Makes an operator with a token. Only the token's hash is stored.
pub fn create(
    tx: &mut Tx<'_>, environment: Environment, now: RealTime, name: &str,
) -> Result<(Operator, String), StoreError> {
    let token = format!("{}{}", token_prefix(environment), random::hex::<32>(tx));
    Ok((store::operators::insert(tx, name, &token, now)?, token))
}

/// The operator of a token, valid or revoked.
pub fn of_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Operator>, StoreError> {
    store::operators::find_by_token(tx, token)
}

/// A page of the operators.
pub fn list(tx: &mut Tx<'_>, cursor: &Cursor<OperatorId>) -> Result<Page<Operator>, Failed<ListRefused>> {
    page_or_refused(store::operators::list(tx, cursor)?)
}

/// Ends an operator's token; `false` if it had already ended or does not exist.
pub fn revoke(tx: &mut Tx<'_>, now: RealTime, id: OperatorId) -> Result<bool, StoreError> {
    store::operators::revoke(tx, id, now)
}
