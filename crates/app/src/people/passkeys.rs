//! Passkeys (WebAuthn) as a second factor after the password.
//!
//! The server makes a challenge for a session, the browser's authenticator signs it, and the answer uses the challenge
//! up. The [`RelyingParty`] makes challenges and checks answers; it is the server's, because both are JSON. Reasons:
//! docs/decisions/0029.

use std::time::Duration;

use domain::access::{FactorRefused, Passkey, Proof, SessionLimits};
use domain::id::OperatorId;
use domain::person::Email;
use domain::time::RealTime;
use store::{Failed, StoreError, Tx};

use super::authenticator;
use super::factors::{FactorsRefused, end_others, person, refused, replace};
use super::sign_in::SignedIn;

/// The time for which a browser may answer a challenge.
const CHALLENGE: Duration = Duration::from_mins(5);

/// A challenge.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// The options for the browser's authenticator.
    pub options: String,
    /// The state against which the answer is checked. It stays here.
    pub pending: String,
}

/// A passkey that has answered rightly.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The id of the passkey, as its signed data name it.
    pub id: String,
    /// Its key with the new counter.
    pub document: String,
}

/// Why an answer does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyFault {
    /// It is wrong.
    Refused,
    /// Something that was kept here cannot be read.
    Corrupt(String),
}

impl From<PasskeyFault> for Failed<FactorsRefused> {
    fn from(fault: PasskeyFault) -> Self {
        match fault {
            PasskeyFault::Refused => refused(FactorRefused::Wrong),
            PasskeyFault::Corrupt(why) => Self::Store(StoreError::Corrupt(why)),
        }
    }
}

/// Makes challenges and checks answers.
pub trait RelyingParty {
    /// A challenge for a new passkey of a person who has these.
    fn ask_for_new(
        &self, of: (OperatorId, &Email, &str), known: &[Passkey],
    ) -> Result<Challenge, PasskeyFault>;
    /// The new passkey that answers a challenge.
    fn made(&self, pending: &str, answer: &str) -> Result<Checked, PasskeyFault>;
    /// A challenge for one of these passkeys.
    fn ask(&self, known: &[Passkey]) -> Result<Challenge, PasskeyFault>;
    /// The passkey, one of these, that answers a challenge.
    fn given(&self, pending: &str, answer: &str, known: &[Passkey]) -> Result<Checked, PasskeyFault>;
}

/// Keeps a challenge, and returns what the browser needs.
fn kept(tx: &mut Tx<'_>, now: RealTime, of: &SignedIn, challenge: Challenge) -> Result<String, StoreError> {
    let place = (of.operator.id, of.session.id);
    store::challenges::put(tx, place, &challenge.pending, now.plus(CHALLENGE))?;
    Ok(challenge.options)
}

/// Uses up the session's challenge.
fn taken(tx: &mut Tx<'_>, now: RealTime, of: &SignedIn) -> Result<String, Failed<FactorsRefused>> {
    let pending = store::challenges::take(tx, (of.operator.id, of.session.id), now)?;
    pending.ok_or(refused(FactorRefused::Wrong))
}

/// Begins to add a passkey. Returns what the browser's authenticator needs.
pub fn begin_adding(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, party: &impl RelyingParty,
) -> Result<String, Failed<FactorsRefused>> {
    let person = person(tx, by.operator.id)?;
    by.session.may_set_second_factor(&person, now).map_err(refused)?;
    let challenge = party.ask_for_new((person.id, &person.email, &by.operator.name), &person.passkeys)?;
    Ok(kept(tx, now, by, challenge)?)
}

/// A passkey that was added.
#[derive(Debug, Clone)]
pub struct Added {
    /// New recovery codes, if it is the person's first second factor. They are shown only now.
    pub codes: Option<Vec<String>>,
    /// The secret of the session that the sign-in opens, if the session lacked the second factor.
    pub secret: Option<String>,
}

/// Adds the passkey that a browser made. It completes a sign-in that lacked the second factor.
pub fn add(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, (name, answer): (&str, &str), party: &impl RelyingParty,
    limits: SessionLimits,
) -> Result<Added, Failed<FactorsRefused>> {
    let stored = person(tx, by.operator.id)?;
    by.session.may_set_second_factor(&stored, now).map_err(refused)?;
    let Checked { id, document } = party.made(&taken(tx, now, by)?, answer)?;
    let passkey = Passkey { id, name: name.to_owned(), document, added_at: now, used_at: None };
    let is_first = !stored.has_second_factor();
    let (codes, hashes) = authenticator::recovery_codes(tx);
    let added = stored.change(|person| {
        let person = person.add_passkey(passkey)?;
        if is_first { person.into_value().replace_recovery_codes(hashes) } else { Ok(person) }
    });
    store::people::save(tx, added.map_err(refused)?)?;
    let secret = if by.session.proof.is_complete() {
        None
    } else {
        end_others(tx, now, by)?;
        Some(replace(tx, now, by, Proof::Passkey, limits)?.1)
    };
    Ok(Added { codes: is_first.then_some(codes), secret })
}

/// Begins to ask for a passkey. Returns what the browser needs; `None` if the person has no passkey.
pub fn begin_giving(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, party: &impl RelyingParty,
) -> Result<Option<String>, Failed<FactorsRefused>> {
    let person = person(tx, by.operator.id)?;
    if person.passkeys.is_empty() {
        return Ok(None);
    }
    let challenge = party.ask(&person.passkeys)?;
    Ok(Some(kept(tx, now, by, challenge)?))
}

/// Checks a passkey's answer, and opens the whole session of a sign-in in place of `by`.
pub fn after_passkey(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, answer: &str, party: &impl RelyingParty,
    limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<FactorsRefused>> {
    let stored = person(tx, by.operator.id)?;
    // The challenge names the passkeys of its time. One that was removed since then is not the person's.
    let Checked { id, document } = party.given(&taken(tx, now, by)?, answer, &stored.passkeys)?;
    let used = stored.change(|person| person.use_passkey(&id, document, now));
    store::people::save(tx, used.map_err(refused)?)?;
    // A fresh proof keeps how the session was opened.
    let proof = if by.session.proof.is_complete() { by.session.proof } else { Proof::Passkey };
    replace(tx, now, by, proof, limits)
}

/// Removes a passkey. Every other session of the person ends.
pub fn remove(tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, id: &str) -> Result<(), Failed<FactorsRefused>> {
    let person = person(tx, by.operator.id)?;
    by.session.may_set_second_factor(&person, now).map_err(refused)?;
    let removed = person.change(|person| person.remove_passkey(id)).map_err(refused)?;
    store::people::save(tx, removed)?;
    end_others(tx, now, by)
}
