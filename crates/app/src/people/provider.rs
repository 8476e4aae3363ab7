//! Signing in by the lender's own provider (OpenID Connect). The provider vouches for an account, and its groups give the
//! roles. Reasons: docs/decisions/0030.

use domain::access::{
    NewOperator, Operator, OperatorKind, Origin, Person, Proof, Revoked, RoleNames, SessionLimits, Subject,
};
use domain::credential::Maker;
use domain::id::{OperatorId, SessionId};
use domain::person::Email;
use domain::time::RealTime;
use store::{Failed, StoreError, Tx};

use super::sign_in::{self, SignedIn};

/// The provider's claims about an account.
#[derive(Debug, Clone)]
pub struct Vouched {
    /// The account.
    pub account: Subject,
    /// The address, if the provider has verified it.
    pub email: Option<Email>,
    /// The name, for people.
    pub name: String,
    /// The roles of the account's groups.
    pub roles: RoleNames,
}

/// Why an account does not sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderRefused {
    /// None of its groups has a role.
    NoRoles,
    /// It is new here, and the provider names no verified address.
    NoAddress,
    /// The person with its address has another account.
    OtherAccount,
    /// The person's access was ended here.
    Revoked,
}

/// The outcome of a sign-in.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// A session was opened. Its secret.
    Opened(Box<SignedIn>, String),
    /// Nobody is signed in. The person, if one is known.
    Refused(ProviderRefused, Option<OperatorId>),
}

/// Signs an account's person in. The first time it makes the person, or links the one with the verified address. The
/// roles are those of the account's groups from now on; without any, the person loses the roles and the sessions.
///
/// `fresh` is the session for which the person has proved again who they are. The new one takes its place.
pub fn sign_in(
    tx: &mut Tx<'_>, now: RealTime, vouched: &Vouched, (origin, fresh): (Origin, Option<&SignedIn>),
    limits: SessionLimits,
) -> Result<Outcome, StoreError> {
    let found = match find_or_link(tx, now, vouched)? {
        Ok(found) => found,
        Err(refused) => return Ok(Outcome::Refused(refused, None)),
    };
    let operator = match found {
        Some(id) => match with_roles(tx, now, id, &vouched.roles)? {
            Ok(operator) => operator,
            Err(refused) => return Ok(Outcome::Refused(refused, Some(id))),
        },
        None if vouched.roles.is_empty() => return Ok(Outcome::Refused(ProviderRefused::NoRoles, None)),
        None => match create(tx, now, vouched)? {
            Some(operator) => operator,
            None => return Ok(Outcome::Refused(ProviderRefused::NoAddress, None)),
        },
    };
    if let Some(before) = fresh.filter(|before| before.operator.id == operator.id) {
        end(tx, now, operator.id, before.session.id)?;
    }
    let id = operator.id;
    match sign_in::open(tx, now, operator, (Proof::Provider, origin), limits) {
        Ok((signed_in, secret)) => Ok(Outcome::Opened(Box::new(signed_in), secret)),
        Err(Failed::Refused(_ended)) => Ok(Outcome::Refused(ProviderRefused::Revoked, Some(id))),
        Err(Failed::Store(error)) => Err(error),
    }
}

/// The person of an account; `None` if the account is new. A person with the same verified address is linked to it.
fn find_or_link(
    tx: &mut Tx<'_>, now: RealTime, vouched: &Vouched,
) -> Result<Result<Option<OperatorId>, ProviderRefused>, StoreError> {
    if let Some(person) = store::people::find_by_account(tx, &vouched.account)? {
        return Ok(Ok(Some(person.id)));
    }
    let Some(email) = &vouched.email else { return Ok(Ok(None)) };
    let Some(person) = store::people::find_by_email(tx, email)? else { return Ok(Ok(None)) };
    let id = person.id;
    let Ok(linked) = person.change(|person| person.link(vouched.account.clone())) else {
        return Ok(Err(ProviderRefused::OtherAccount));
    };
    store::people::save(tx, linked)?;
    // Sessions of the person's own factors end with the factors.
    sign_in::end_all(tx, now, id, None)?;
    Ok(Ok(Some(id)))
}

/// The active person with these roles. Without roles, every session of the person ends.
fn with_roles(
    tx: &mut Tx<'_>, now: RealTime, id: OperatorId, roles: &RoleNames,
) -> Result<Result<Operator, ProviderRefused>, StoreError> {
    let stored = store::operators::find(tx, id)?.ok_or(StoreError::NotFound)?;
    let are_new = stored.roles != *roles;
    let operator = match stored.change(|operator| operator.change_roles(roles.clone())) {
        Ok(changed) if are_new => store::operators::save(tx, changed)?.into_value(),
        Ok(same) => same.into_value().into_value(),
        Err(Revoked) => return Ok(Err(ProviderRefused::Revoked)),
    };
    if roles.is_empty() {
        sign_in::end_all(tx, now, id, None)?;
        return Ok(Err(ProviderRefused::NoRoles));
    }
    Ok(Ok(operator))
}

/// Makes a person; `None` without a verified address.
fn create(tx: &mut Tx<'_>, now: RealTime, vouched: &Vouched) -> Result<Option<Operator>, StoreError> {
    let Vouched { account, email, name, roles } = vouched.clone();
    let Some(email) = email else { return Ok(None) };
    let (id, kind, created_by) = (tx.new_id(now), OperatorKind::Person, Maker::Provider);
    let new = NewOperator { id, kind, name, roles, team: None, created_by, expires_at: None };
    let operator = store::operators::insert(tx, Operator::create(new, now), None)?;
    let person = Person::create(id, email, now).into_value();
    let person = person.link(account).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    // Two first sign-ins at once: the second finds the person when it runs again.
    store::people::insert(tx, person).map_err(StoreError::duplicate_as_conflict)?;
    Ok(Some(operator))
}

/// Ends a session. One that is gone is as good as ended.
fn end(tx: &mut Tx<'_>, now: RealTime, of: OperatorId, id: SessionId) -> Result<(), StoreError> {
    match sign_in::end(tx, now, of, id) {
        Ok(()) | Err(Failed::Refused(crate::NotFound)) => Ok(()),
        Err(Failed::Store(error)) => Err(error),
    }
}
