//! Signing in to the console: links that work once, and the sessions that they open.

use domain::access::{
    Entry, EntryOver, EntryPurpose, NewSession, Operator, OperatorStatus, Origin, Proof, Session,
    SessionLimits, SessionOver, Step,
};
use domain::id::{OperatorId, SessionId};
use domain::time::RealTime;
use store::{Failed, StoreError, Tx};

use crate::random;
use crate::refused::{NotFound, not_found_in};

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

/// Ends every open session of a person, except the one to `keep`.
pub fn end_all(
    tx: &mut Tx<'_>, now: RealTime, of: OperatorId, keep: Option<SessionId>,
) -> Result<(), StoreError> {
    loop {
        // A list has at most a hundred.
        let mut open = store::sessions::list_open(tx, of, now)?;
        open.retain(|session| Some(session.id) != keep);
        if open.is_empty() {
            return Ok(());
        }
        for session in open {
            store::sessions::save(tx, session.changed(|session| session.end(now)))?;
        }
    }
}

/// The open sessions of a person, newest first.
pub fn sessions(tx: &mut Tx<'_>, now: RealTime, of: OperatorId) -> Result<Vec<Session>, StoreError> {
    let open = store::sessions::list_open(tx, of, now)?;
    Ok(open.into_iter().map(store::Stored::into_value).collect())
}

/// Drops up to `rows` links, challenges, logins of programs and sessions each that expired before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let mut purged = store::entries::purge(tx, cutoff, rows)?;
    purged += store::challenges::purge(tx, cutoff, rows)?;
    purged += store::program_logins::purge(tx, cutoff, rows)?;
    Ok(purged + store::sessions::purge(tx, cutoff, rows)?)
}
