//! The steps of a sign-in, and what a session may change of its person's factors.
//!
//! Whoever knows only the password, or only has a link from an e-mail, must not get past a second factor, nor replace
//! it.

use super::person::Person;
use super::session::{Proof, Session};
use crate::time::RealTime;

/// The step of the sign-in that a session lacks. It opens nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The person must choose a password.
    ChoosePassword,
    /// The person must give a second factor.
    GiveCode,
    /// The person has no second factor yet, and must set one up.
    SetUpSecondFactor,
}

/// The person must prove again who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fresh proof of the person is needed")]
pub struct NotProved;

impl Proof {
    /// The step that a session with this proof lacks; `None` if it is complete.
    pub fn lacks(self, person: &Person) -> Option<Step> {
        match self {
            Self::Link
            | Self::PasswordAndCode
            | Self::PasswordAndRecoveryCode
            | Self::Passkey
            | Self::Provider => None,
            Self::Invitation => Some(Step::ChoosePassword),
            Self::Password if person.has_second_factor() => Some(Step::GiveCode),
            Self::Password => Some(Step::SetUpSecondFactor),
        }
    }
}

impl Session {
    /// Whether the person may choose a password in this session. A link from an e-mail is enough, because the second
    /// factor is still asked for afterwards.
    pub fn may_choose_password(&self, now: RealTime) -> Result<(), NotProved> {
        let by_link = self.proof == Proof::Invitation;
        if by_link || self.is_freshly_whole_at(now) { Ok(()) } else { Err(NotProved) }
    }

    /// Whether the person may set up or replace the second factor in this session.
    pub fn may_set_second_factor(&self, person: &Person, now: RealTime) -> Result<(), NotProved> {
        let is_first = !person.has_second_factor() && self.proof != Proof::Invitation;
        if is_first || self.is_freshly_whole_at(now) { Ok(()) } else { Err(NotProved) }
    }

    /// Whether the sign-in is complete, and the last proof is recent.
    pub fn is_freshly_whole_at(&self, now: RealTime) -> bool {
        self.proof.is_complete() && self.is_fresh_at(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::person::{AuthenticatorSecret, Passkey, PasswordHash};
    use crate::access::session::{NewSession, Origin, SessionLimits};
    use crate::id::{OperatorId, ResourceId as _, SessionId};
    use crate::person::Email;

    const NOW: RealTime = RealTime::from_seconds(1_790_000_000);

    /// People with a password: without a second factor, with an authenticator app, with a passkey.
    fn people() -> [Person; 3] {
        let email = Email::parse("helena@example.com").unwrap();
        let new = Person::create(OperatorId::new(NOW, [1; 10]), email, NOW).into_value();
        let bare = new.choose_password(PasswordHash(String::new())).into_value();
        let app =
            bare.clone().set_authenticator(AuthenticatorSecret(vec![1; 20]), 1, Vec::new()).into_value();
        let key =
            Passkey { id: "k".into(), name: "k".into(), document: "{}".into(), added_at: NOW, used_at: None };
        let key = bare.clone().add_passkey(key).unwrap().into_value();
        [bare, app, key]
    }

    fn session(proof: Proof) -> Session {
        let (id, operator) = (SessionId::new(NOW, [2; 10]), OperatorId::new(NOW, [1; 10]));
        let new = NewSession { id, operator, proof, origin: Origin::default() };
        Session::open(new, SessionLimits::default(), NOW).into_value()
    }

    #[test]
    fn a_password_alone_and_a_link_alone_open_only_the_next_step() {
        let [bare, app, key] = people();
        for proof in Proof::ALL {
            let steps = [&bare, &app, &key].map(|person| proof.lacks(person));
            let expected = match proof {
                Proof::Invitation => [Some(Step::ChoosePassword); 3],
                Proof::Password => {
                    [Some(Step::SetUpSecondFactor), Some(Step::GiveCode), Some(Step::GiveCode)]
                }
                _whole => [None; 3],
            };
            assert_eq!(steps, expected, "{}", proof.name());
            assert_eq!(proof.is_complete(), expected == [None; 3]);
        }
    }

    #[test]
    fn nobody_replaces_a_second_factor_without_a_fresh_proof_by_it() {
        let stale = NOW.plus(Session::FRESH);
        for person in people() {
            for proof in Proof::ALL {
                let session = session(proof);
                let may = |now| session.may_set_second_factor(&person, now).is_ok();
                let first = !person.has_second_factor() && proof != Proof::Invitation;
                assert_eq!(may(NOW), first || proof.is_complete(), "{}", proof.name());
                assert_eq!(may(stale), first, "{}", proof.name());
            }
        }
    }

    #[test]
    fn a_password_is_chosen_by_a_link_or_with_a_fresh_proof() {
        for proof in Proof::ALL {
            let session = session(proof);
            let fresh = session.may_choose_password(NOW).is_ok();
            assert_eq!(fresh, proof.is_complete() || proof == Proof::Invitation, "{}", proof.name());
            let stale = session.may_choose_password(NOW.plus(Session::FRESH)).is_ok();
            assert_eq!(stale, proof == Proof::Invitation, "{}", proof.name());
        }
    }
}
