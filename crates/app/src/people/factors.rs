//! Signing in by password and second factor, and choosing both.
//!
//! Each step opens a new session in place of the earlier one, so a secret that was known before a step is worth nothing
//! after it. Reasons: docs/decisions/0028.

use domain::access::{
    AuthenticatorSecret, FactorRefused, NotProved, Operator, Origin, Passkey, PasswordHash, Person, Proof,
    SessionLimits,
};
use domain::id::OperatorId;
use domain::person::Email;
use domain::time::RealTime;
use store::{Failed, StoreError, Stored, Tx};

use super::authenticator::{self, Given};
use super::sign_in::{self, SignInRefused, SignedIn};
use crate::refused::{NotFound, not_found_in};

/// The reason why a factor was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorsRefused {
    /// There is no such person, or the session is over.
    NotFound,
    /// The factor does not work.
    Factor(FactorRefused),
    /// The person must first prove again who they are.
    NotProved,
}

not_found_in!(FactorsRefused);

impl From<FactorRefused> for FactorsRefused {
    fn from(refused: FactorRefused) -> Self {
        Self::Factor(refused)
    }
}

impl From<NotProved> for FactorsRefused {
    fn from(_: NotProved) -> Self {
        Self::NotProved
    }
}

pub(super) fn refused(reason: impl Into<FactorsRefused>) -> Failed<FactorsRefused> {
    Failed::Refused(reason.into())
}

/// An active person, as the check of a password needs it.
#[derive(Debug, Clone)]
pub struct Known {
    /// The operator.
    pub operator: Operator,
    /// The hash of the password, if the person has one.
    pub password: Option<PasswordHash>,
}

/// The active person with an address, who signs in here and not at the lender's provider.
pub fn known(tx: &mut Tx<'_>, now: RealTime, email: &Email) -> Result<Option<Known>, StoreError> {
    let person = store::people::find_by_email(tx, email)?.filter(|person| person.provider.is_none());
    let Some(person) = person else { return Ok(None) };
    match sign_in::active(tx, now, person.id) {
        Ok(operator) => Ok(Some(Known { operator, password: person.password.clone() })),
        Err(Failed::Refused(_ended)) => Ok(None),
        Err(Failed::Store(error)) => Err(error),
    }
}

/// Opens a session that lacks the second factor, after a right password. The password must still be the one that was
/// checked.
pub fn after_password(
    tx: &mut Tx<'_>, now: RealTime, known: &Known, origin: Origin, limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<SignInRefused>> {
    let operator = sign_in::active(tx, now, known.operator.id)?;
    let person = store::people::find(tx, operator.id)?.ok_or(Failed::Refused(SignInRefused::NotFound))?;
    if person.password != known.password {
        return Err(Failed::Refused(SignInRefused::NotFound));
    }
    sign_in::open(tx, now, operator, (Proof::Password, origin), limits)
}

/// Checks the second factor, a code or a recovery code, and opens the whole session.
pub fn after_code(
    tx: &mut Tx<'_>, now: RealTime, half: &SignedIn, given: &Given, limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<FactorsRefused>> {
    use_code(tx, now, half.operator.id, given)?;
    let proof = match given {
        Given::Code(_) => Proof::PasswordAndCode,
        Given::Recovery(_) => Proof::PasswordAndRecoveryCode,
    };
    replace(tx, now, half, proof, limits)
}

/// Proves the person of a whole session again, by a code or a recovery code.
pub fn prove(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, given: &Given, limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<FactorsRefused>> {
    use_code(tx, now, by.operator.id, given)?;
    replace(tx, now, by, by.session.proof, limits)
}

fn use_code(
    tx: &mut Tx<'_>, now: RealTime, of: OperatorId, given: &Given,
) -> Result<(), Failed<FactorsRefused>> {
    let person = person(tx, of)?;
    let used = match given {
        Given::Code(code) => {
            let app = person.authenticator.as_ref();
            let step = app.and_then(|app| authenticator::step_of(&app.secret, code, now));
            let step = step.ok_or(refused(FactorRefused::Wrong))?;
            person.change(|person| person.use_code(step))
        }
        Given::Recovery(hash) => person.change(|person| person.use_recovery_code(hash)),
    };
    store::people::save(tx, used.map_err(refused)?)?;
    Ok(())
}

/// A person's factors, without their secrets.
#[derive(Debug, Clone)]
pub struct Factors {
    /// The address.
    pub email: Email,
    /// Whether the lender's provider signs the person in.
    pub at_provider: bool,
    /// Whether the person has a password.
    pub has_password: bool,
    /// Whether the person has an authenticator app.
    pub has_authenticator: bool,
    /// The passkeys.
    pub passkeys: Vec<Passkey>,
    /// The number of recovery codes that are left.
    pub recovery_codes: usize,
}

impl Factors {
    /// Whether a password alone does not sign the person in.
    pub fn has_second_factor(&self) -> bool {
        self.has_authenticator || !self.passkeys.is_empty()
    }
}

/// A person's factors.
pub fn factors(tx: &mut Tx<'_>, of: OperatorId) -> Result<Factors, Failed<NotFound>> {
    let person = store::people::find(tx, of)?.ok_or(Failed::Refused(NotFound))?;
    Ok(Factors {
        email: person.email.clone(),
        at_provider: person.provider.is_some(),
        has_password: person.password.is_some(),
        has_authenticator: person.has_authenticator(),
        passkeys: person.passkeys.clone(),
        recovery_codes: person.recovery_codes.len(),
    })
}

/// Chooses a password. Every other session of the person ends. A session of a link becomes one that lacks the second
/// factor.
pub fn choose_password(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, hash: &PasswordHash, limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<FactorsRefused>> {
    by.session.may_choose_password(now).map_err(refused)?;
    let person = person(tx, by.operator.id)?;
    store::people::save(tx, person.changed(|person| person.choose_password(hash.clone())))?;
    let proof = if by.session.proof.is_complete() { by.session.proof } else { Proof::Password };
    end_others(tx, now, by)?;
    replace(tx, now, by, proof, limits)
}

/// The address of a person who may set up an authenticator app now.
pub fn may_set_up(tx: &mut Tx<'_>, now: RealTime, by: &SignedIn) -> Result<Email, Failed<FactorsRefused>> {
    let person = person(tx, by.operator.id)?;
    by.session.may_set_second_factor(&person, now).map_err(refused)?;
    Ok(person.email.clone())
}

/// Sets up an authenticator app, if the code proves that the app has the secret. Every other session of the person
/// ends. Returns the recovery codes, which are shown only now.
pub fn set_authenticator(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, (secret, code): (&AuthenticatorSecret, &str),
    limits: SessionLimits,
) -> Result<(Vec<String>, String), Failed<FactorsRefused>> {
    let person = person(tx, by.operator.id)?;
    by.session.may_set_second_factor(&person, now).map_err(refused)?;
    let step = authenticator::step_of(secret, code, now).ok_or(refused(FactorRefused::Wrong))?;
    let (codes, hashes) = authenticator::recovery_codes(tx);
    let set = person.changed(|person| person.set_authenticator(secret.clone(), step, hashes));
    store::people::save(tx, set)?;
    let proof = if by.session.proof.is_complete() { by.session.proof } else { Proof::PasswordAndCode };
    end_others(tx, now, by)?;
    let (_, cookie) = replace(tx, now, by, proof, limits)?;
    Ok((codes, cookie))
}

/// Makes new recovery codes in place of the old ones. They are shown only now.
pub fn replace_recovery_codes(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn,
) -> Result<Vec<String>, Failed<FactorsRefused>> {
    let person = person(tx, by.operator.id)?;
    by.session.may_set_second_factor(&person, now).map_err(refused)?;
    let (codes, hashes) = authenticator::recovery_codes(tx);
    let replaced = person.change(|person| person.replace_recovery_codes(hashes)).map_err(refused)?;
    store::people::save(tx, replaced)?;
    Ok(codes)
}

/// A person whose factors are here.
pub(super) fn person(tx: &mut Tx<'_>, id: OperatorId) -> Result<Stored<Person>, Failed<FactorsRefused>> {
    let person = store::people::find(tx, id)?.ok_or(Failed::Refused(FactorsRefused::NotFound))?;
    // A factor here would be a way in that the provider does not know.
    if person.provider.is_some() { Err(refused(FactorRefused::AtProvider)) } else { Ok(person) }
}

/// Opens a session under a new secret in place of `by`.
pub(super) fn replace(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn, proof: Proof, limits: SessionLimits,
) -> Result<(SignedIn, String), Failed<FactorsRefused>> {
    sign_in::end(tx, now, by.operator.id, by.session.id).map_err(lost)?;
    let origin = by.session.origin.clone();
    sign_in::open(tx, now, by.operator.clone(), (proof, origin), limits)
        .map_err(|failed| failed.map_refused(|_ended| FactorsRefused::NotFound))
}

pub(super) fn end_others(
    tx: &mut Tx<'_>, now: RealTime, by: &SignedIn,
) -> Result<(), Failed<FactorsRefused>> {
    Ok(sign_in::end_all(tx, now, by.operator.id, Some(by.session.id))?)
}

fn lost(failed: Failed<NotFound>) -> Failed<FactorsRefused> {
    failed.map_refused(FactorsRefused::from)
}
