//! Signing in to the console: links that work once, and the sessions that they open.

use domain::access::{
    Entry, EntryOver, EntryPurpose, NewOperator, NewSession, Operator, OperatorKind, OperatorStatus, Origin,
    Person, Proof, RoleNames, Session, SessionLimits, SessionOver, Step,
};
use domain::credential::Maker;
use domain::id::{OperatorId, SessionId};
use domain::person::Email;
use domain::time::RealTime;
use store::{Failed, StoreError, Tx};

use crate::random;
use crate::refused::{NotFound, not_found_in};

/// The address of a sandbox's first administrator. No mail goes there.
const ADMINISTRATOR: &str = "administrador@sandbox.example";

/// A person and the open session.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// The person.
    pub operator: Operator,
    /// The session.
    pub session: Session,
    /// The step of the sign-in that the session lacks; `None` if it is whole.
    pub lacks: Option<Step>,
}

/// The values of a new person.
#[derive(Debug, Clone)]
pub struct Invite {
    /// The person's name.
    pub name: String,
    /// The address with which the person will sign in.
    pub email: Email,
    /// The person's roles.
    pub roles: RoleNames,
    /// The maker.
    pub created_by: Maker,
}

/// Why a person was not invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteRefused {
    /// Another person signs in with this address.
    Taken,
}

/// Why a link or a session does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInRefused {
    /// There is no such link or session.
    NotFound,
    /// The link was used before, or its time is over.
    Entry(EntryOver),
    /// The session is over.
    Session(SessionOver),
    /// The person is revoked.
    Revoked,
}

not_found_in!(SignInRefused);

/// Makes a person with the given roles, and the secret of the invitation.
pub fn invite(
    tx: &mut Tx<'_>, now: RealTime, command: &Invite,
) -> Result<(Operator, String), Failed<InviteRefused>> {
    if store::people::find_by_email(tx, &command.email)?.is_some() {
        return Err(Failed::Refused(InviteRefused::Taken));
    }
    let operator = create(tx, now, command)?;
    let secret = link(tx, now, operator.id, EntryPurpose::Invitation)?;
    Ok((operator, secret))
}

fn create(tx: &mut Tx<'_>, now: RealTime, command: &Invite) -> Result<Operator, StoreError> {
    let Invite { name, email, roles, created_by } = command.clone();
    let id: OperatorId = tx.new_id(now);
    let new = NewOperator { id, kind: OperatorKind::Person, name, roles, created_by, expires_at: None };
    let operator = store::operators::insert(tx, Operator::create(new, now), None)?;
    // Two invitations to one address at once: the second is refused when it runs again.
    store::people::insert(tx, Person::create(id, email, now)).map_err(StoreError::duplicate_as_conflict)?;
    Ok(operator)
}

/// Makes a link for a person. The person's earlier links for the same purpose no longer work.
fn link(
    tx: &mut Tx<'_>, now: RealTime, operator: OperatorId, purpose: EntryPurpose,
) -> Result<String, StoreError> {
    let secret = random::text::<32>(tx);
    store::entries::insert(tx, Entry::create(operator, purpose, now), &secret)?;
    Ok(secret)
}

/// The secret of a link that signs in as the sandbox's administrator, who has these roles if they did not exist yet.
pub fn administrator_link(tx: &mut Tx<'_>, now: RealTime, roles: &RoleNames) -> Result<String, StoreError> {
    let email = Email::parse(ADMINISTRATOR).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let id = if let Some(person) = store::people::find_by_email(tx, &email)? {
        person.id
    } else {
        let name = "Administrador da sandbox".to_owned();
        let command = Invite { name, email, roles: roles.clone(), created_by: Maker::CommandLine };
        create(tx, now, &command)?.id
    };
    link(tx, now, id, EntryPurpose::SignIn)
}

/// The secret of a link that signs in as the person with this address. Only a sandbox calls this.
pub fn link_for(tx: &mut Tx<'_>, now: RealTime, email: &Email) -> Result<String, Failed<NotFound>> {
    let person = store::people::find_by_email(tx, email)?.ok_or(Failed::Refused(NotFound))?;
    Ok(link(tx, now, person.id, EntryPurpose::SignIn)?)
}

/// Whether nobody can sign in to the console yet.
pub fn nobody_yet(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    store::people::none_yet(tx)
}

/// The person of a link that works. The link is not used up.
pub fn of_link(
    tx: &mut Tx<'_>, now: RealTime, secret: &str,
) -> Result<(Operator, Entry), Failed<SignInRefused>> {
    let entry = store::entries::find(tx, secret)?.ok_or(Failed::Refused(SignInRefused::NotFound))?;
    entry.works_at(now).map_err(|over| Failed::Refused(SignInRefused::Entry(over)))?;
    Ok((active(tx, now, entry.operator)?, entry.into_value()))
}

/// Uses a link up and opens a session. Returns the session's secret too.
pub fn enter(
    tx: &mut Tx<'_>, now: RealTime, secret: &str, origin: Origin, limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<SignInRefused>> {
    let entry = store::entries::find(tx, secret)?.ok_or(Failed::Refused(SignInRefused::NotFound))?;
    let (operator, purpose) = (active(tx, now, entry.operator)?, entry.purpose);
    let used =
        entry.change(|entry| entry.enter(now)).map_err(|over| Failed::Refused(SignInRefused::Entry(over)))?;
    store::entries::save(tx, secret, used)?;
    let proof = match purpose {
        EntryPurpose::SignIn => Proof::Link,
        EntryPurpose::Invitation | EntryPurpose::Reset => Proof::Invitation,
    };
    open(tx, now, operator, (proof, origin), limits)
}

/// Opens a session of a person.
pub(crate) fn open(
    tx: &mut Tx<'_>, now: RealTime, operator: Operator, (proof, origin): (Proof, Origin),
    limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<SignInRefused>> {
    let secret = random::hex::<32>(tx);
    let new = NewSession { id: tx.new_id(now), operator: operator.id, proof, origin };
    let session = store::sessions::insert(tx, Session::open(new, limits, now), &secret)?;
    store::operators::mark_used(tx, operator.id, now)?;
    let lacks = lacks(tx, &session)?;
    Ok((SignedIn { operator, session, lacks }, secret))
}

/// The step that a session lacks. A whole session lacks none, and its person is not read.
fn lacks(tx: &mut Tx<'_>, session: &Session) -> Result<Option<Step>, Failed<SignInRefused>> {
    if session.proof.is_complete() {
        return Ok(None);
    }
    let person = store::people::find(tx, session.operator)?;
    let person = person.ok_or(Failed::Refused(SignInRefused::NotFound))?;
    Ok(session.proof.lacks(&person))
}

/// The person and the session of a session's secret.
pub fn of_session(
    tx: &mut Tx<'_>, now: RealTime, secret: &str, limits: SessionLimits,
) -> Result<SignedIn, Failed<SignInRefused>> {
    let session =
        store::sessions::find_by_secret(tx, secret)?.ok_or(Failed::Refused(SignInRefused::NotFound))?;
    session.works_at(limits, now).map_err(|over| Failed::Refused(SignInRefused::Session(over)))?;
    let (operator, lacks) = (active(tx, now, session.operator)?, lacks(tx, &session)?);
    Ok(SignedIn { operator, session: session.into_value(), lacks })
}

/// A person who may sign in.
pub(crate) fn active(
    tx: &mut Tx<'_>, now: RealTime, id: OperatorId,
) -> Result<Operator, Failed<SignInRefused>> {
    let operator = store::operators::find(tx, id)?.ok_or(Failed::Refused(SignInRefused::NotFound))?;
    match operator.status_at(now) {
        OperatorStatus::Active => Ok(operator.into_value()),
        OperatorStatus::Expired | OperatorStatus::Revoked => Err(Failed::Refused(SignInRefused::Revoked)),
    }
}

/// Notes a request of a session and of its person, if the last noted one is a while ago.
pub fn see(tx: &mut Tx<'_>, now: RealTime, of: OperatorId, id: SessionId) -> Result<(), StoreError> {
    let Some(session) = store::sessions::find(tx, of, id)? else { return Ok(()) };
    match session.change(|session| session.see(now).ok_or(())) {
        Ok(seen) => {
            store::sessions::save(tx, seen)?;
            store::operators::mark_used(tx, of, now)
        }
        Err(()) => Ok(()),
    }
}

/// Ends a session of a person at once.
pub fn end(tx: &mut Tx<'_>, now: RealTime, of: OperatorId, id: SessionId) -> Result<(), Failed<NotFound>> {
    let session = store::sessions::find(tx, of, id)?.ok_or(Failed::Refused(NotFound))?;
    Ok(store::sessions::save(tx, session.changed(|session| session.end(now))).map(drop)?)
}

/// The open sessions of a person, newest first.
pub fn sessions(tx: &mut Tx<'_>, now: RealTime, of: OperatorId) -> Result<Vec<Session>, StoreError> {
    let open = store::sessions::list_open(tx, of, now)?;
    Ok(open.into_iter().map(store::Stored::into_value).collect())
}

/// Drops up to `rows` links, and up to `rows` sessions, that expired before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    Ok(store::entries::purge(tx, cutoff, rows)? + store::sessions::purge(tx, cutoff, rows)?)
}
