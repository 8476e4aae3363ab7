//! Operators, who decide for the lender.

use std::collections::HashMap;
use std::time::Duration;

use domain::access::{NewOperator, Operator, OperatorKind, RoleNames};
use domain::credential::{Environment, Maker};
use domain::id::OperatorId;
use domain::page::Page;
use domain::time::RealTime;
use store::{Cursor, Failed, StoreError, Stored, Tx};

use crate::random;
use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// A last use is noted at most once in this time, so that reading operators do not write at each call.
pub const USE_PRECISION: Duration = Duration::from_secs(60);

/// The prefix of every operator's token in an environment.
pub fn token_prefix(environment: Environment) -> String {
    format!("dinie_op_{}_", environment.marker())
}

/// The values of a new operator, and its environment.
#[derive(Debug, Clone)]
pub struct CreateOperator {
    /// The environment in which its token works.
    pub environment: Environment,
    /// Its name, for people.
    pub name: String,
    /// Its roles.
    pub roles: RoleNames,
    /// The time of expiry, if it expires.
    pub expires_at: Option<RealTime>,
    /// The maker.
    pub created_by: Maker,
}

impl CreateOperator {
    /// An operator from the command line, whose token does not expire.
    pub fn from_command_line(environment: Environment, name: &str, roles: RoleNames) -> Self {
        Self { environment, name: name.to_owned(), roles, expires_at: None, created_by: Maker::CommandLine }
    }
}

/// Makes an operator with a token. Only the token's hash is stored.
pub fn create(
    tx: &mut Tx<'_>, now: RealTime, command: &CreateOperator,
) -> Result<(Operator, String), StoreError> {
    let CreateOperator { environment, name, roles, expires_at, created_by } = command.clone();
    let token = format!("{}{}", token_prefix(environment), random::hex::<32>(tx));
    let new = NewOperator {
        id: tx.new_id(now),
        kind: OperatorKind::Program,
        name,
        roles,
        team: None,
        created_by,
        expires_at,
    };
    Ok((store::operators::insert(tx, Operator::create(new, now), Some(&token))?, token))
}

/// The operator of a token, valid or not.
pub fn of_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Operator>, StoreError> {
    store::operators::find_by_token(tx, token)
}

/// An operator.
pub fn find(tx: &mut Tx<'_>, id: OperatorId) -> Result<Operator, Failed<NotFound>> {
    Ok(store::operators::find(tx, id)?.ok_or(Failed::Refused(NotFound))?.into_value())
}

/// A page of the operators, of one kind or of both.
pub fn list(
    tx: &mut Tx<'_>, kind: Option<OperatorKind>, cursor: &Cursor<OperatorId>,
) -> Result<Page<Operator>, Failed<ListRefused>> {
    page_or_refused(store::operators::list(tx, kind, cursor)?)
}

/// An operator, and the name of the operator who made it.
pub fn find_with_maker(
    tx: &mut Tx<'_>, id: OperatorId,
) -> Result<(Operator, Option<String>), Failed<NotFound>> {
    let operator = find(tx, id)?;
    let mut names = store::operators::names(tx, &makers(std::slice::from_ref(&operator)))?;
    let maker = maker(&operator).and_then(|maker| names.remove(&maker));
    Ok((operator, maker))
}

/// The names of operators.
pub type Names = HashMap<OperatorId, String>;

/// A page of the operators, and the names of the operators who made them.
pub fn list_with_makers(
    tx: &mut Tx<'_>, kind: Option<OperatorKind>, cursor: &Cursor<OperatorId>,
) -> Result<(Page<Operator>, Names), Failed<ListRefused>> {
    let page = list(tx, kind, cursor)?;
    let names = store::operators::names(tx, &makers(&page.items))?;
    Ok((page, names))
}

fn maker(operator: &Operator) -> Option<OperatorId> {
    match operator.created_by {
        Maker::Operator(maker) => Some(maker),
        Maker::Credential(_) | Maker::CommandLine | Maker::Provider => None,
    }
}

fn makers(operators: &[Operator]) -> Vec<OperatorId> {
    operators.iter().filter_map(maker).collect()
}

/// Notes that an operator called.
pub fn mark_used(tx: &mut Tx<'_>, id: OperatorId, now: RealTime) -> Result<(), StoreError> {
    store::operators::mark_used(tx, id, now)
}

/// Why the roles of an operator were not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeRolesRefused {
    /// There is no such operator.
    NotFound,
    /// Its access was ended.
    Revoked,
    /// Nobody changes their own roles.
    Own,
}

not_found_in!(ChangeRolesRefused);

/// An operator whose roles can be changed. Nothing is changed.
pub(super) fn changeable(
    tx: &mut Tx<'_>, id: OperatorId,
) -> Result<Stored<Operator>, Failed<ChangeRolesRefused>> {
    // Members of partners' teams have no roles for the lender, and get none.
    let lenders = |operator: &Stored<Operator>| operator.team.is_none();
    let operator = store::operators::find(tx, id)?.filter(lenders);
    let operator = operator.ok_or(Failed::Refused(ChangeRolesRefused::NotFound))?;
    match operator.revoked_at {
        None => Ok(operator),
        Some(_) => Err(Failed::Refused(ChangeRolesRefused::Revoked)),
    }
}

/// Gives an operator other roles, from its next call on.
pub(super) fn change_roles(
    tx: &mut Tx<'_>, id: OperatorId, roles: RoleNames,
) -> Result<Operator, Failed<ChangeRolesRefused>> {
    let changed = changeable(tx, id)?
        .change(|operator| operator.change_roles(roles))
        .map_err(|domain::access::Revoked| Failed::Refused(ChangeRolesRefused::Revoked))?;
    Ok(store::operators::save(tx, changed)?.into_value())
}

/// Why an operator's token was not revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevokeRefused {
    /// There is no such operator.
    NotFound,
    /// It had been revoked before.
    Revoked,
}

not_found_in!(RevokeRefused);

/// Ends an operator's token at once.
pub fn revoke(tx: &mut Tx<'_>, now: RealTime, id: OperatorId) -> Result<Operator, Failed<RevokeRefused>> {
    let operator = store::operators::find(tx, id)?.ok_or(Failed::Refused(RevokeRefused::NotFound))?;
    let revoked = operator
        .change(|operator| operator.revoke(now))
        .map_err(|domain::access::Revoked| Failed::Refused(RevokeRefused::Revoked))?;
    Ok(store::operators::save(tx, revoked)?.into_value())
}
