//! Signing by link and one-time code: what a signer's code does, and the evidence that a signature leaves.
//!
//! A code opens one signature of one person under one contract, once. Wrong ones are counted across codes, so that
//! asking for another buys no guesses; the fifth locks the link for a quarter of an hour.

use std::net::IpAddr;
use std::time::Duration;

use crate::id::{LoanId, PartnerId, SubjectId};
use crate::person::{Email, Name};
use crate::tax_id::Cpf;
use crate::time::Timestamp;

/// How long a code works.
pub const CODE_LIFETIME: Duration = Duration::from_secs(600);
/// How long a link is locked after too many wrong codes.
pub const LOCK: Duration = Duration::from_secs(900);
/// How many wrong codes lock a link.
pub const MOST_WRONG: u16 = 5;
const HOUR: Duration = Duration::from_secs(3_600);
/// How many codes may be asked for in an hour.
pub const MOST_CODES_AN_HOUR: u16 = 10;
/// How soon another code may be asked for.
pub const BETWEEN_CODES: Duration = Duration::from_secs(20);

/// A signer's invitation: the code that was last sent, and the wrong ones since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The partner.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The signer.
    pub subject: SubjectId,
    /// The row's version, for compare-and-set.
    pub version: i64,
    /// The code that was last sent, and not used or voided since.
    pub code: Option<SentCode>,
    /// Wrong codes since the last lock.
    pub wrong: u16,
    /// Until when nothing is taken.
    pub locked_until: Option<Timestamp>,
    /// Codes sent since [`Invitation::counted_from`].
    pub sent: u16,
    /// Since when codes are counted.
    pub counted_from: Option<Timestamp>,
}

/// A code that was sent, as a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCode {
    /// The keyed hash.
    pub hash: String,
    /// When it was sent.
    pub sent_at: Timestamp,
}

/// Why a code was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendRefused {
    /// Too many wrong ones; until when.
    Locked(Timestamp),
    /// One has just been sent, or as many as an hour allows; when the next may be.
    TooSoon(Timestamp),
}

/// What a given code was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Right, and used up.
    Right,
    /// Wrong; how many more may be.
    Wrong {
        /// Tries left before the lock.
        left: u16,
    },
    /// Wrong too often, now or before; until when.
    Locked(Timestamp),
    /// No code is open: none was sent, or its time is over.
    NoCode,
}

impl Invitation {
    /// An invitation without a code.
    pub fn new(partner: PartnerId, loan: LoanId, subject: SubjectId) -> Self {
        let (code, locked_until, counted_from) = (None, None, None);
        Self { partner, loan, subject, version: 1, code, wrong: 0, locked_until, sent: 0, counted_from }
    }

    /// Takes note of a code that is being sent; it replaces the one before.
    pub fn send(&mut self, hash: String, now: Timestamp) -> Result<(), SendRefused> {
        if let Some(until) = self.lock_at(now) {
            return Err(SendRefused::Locked(until));
        }
        let next = self.code.as_ref().map(|code| code.sent_at.plus(BETWEEN_CODES));
        if let Some(next) = next.filter(|next| now < *next) {
            return Err(SendRefused::TooSoon(next));
        }
        let hour_ends = self.counted_from.map(|from| from.plus(HOUR));
        match hour_ends.filter(|end| now < *end) {
            Some(end) if self.sent >= MOST_CODES_AN_HOUR => return Err(SendRefused::TooSoon(end)),
            Some(_) => self.sent += 1,
            None => (self.sent, self.counted_from) = (1, Some(now)),
        }
        self.code = Some(SentCode { hash, sent_at: now });
        Ok(())
    }

    /// Judges a code by its hash. A right one is used up; the fifth wrong one locks and voids.
    pub fn check(&mut self, hash: &str, now: Timestamp) -> Checked {
        if let Some(until) = self.lock_at(now) {
            return Checked::Locked(until);
        }
        let Some(code) = self.code.as_ref().filter(|code| now <= code.sent_at.plus(CODE_LIFETIME)) else {
            return Checked::NoCode;
        };
        // Both are keyed hashes, so how long a comparison takes tells nothing of the code.
        if code.hash == hash {
            self.code = None;
            self.wrong = 0;
            return Checked::Right;
        }
        self.wrong += 1;
        if self.wrong < MOST_WRONG {
            return Checked::Wrong { left: MOST_WRONG - self.wrong };
        }
        let until = now.plus(LOCK);
        (self.locked_until, self.code, self.wrong) = (Some(until), None, 0);
        Checked::Locked(until)
    }

    /// Until when the link is locked, if it is at `now`.
    pub fn lock_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| now < *until)
    }
}

/// Whose address a code was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mailbox {
    /// The signer's own.
    Signer,
    /// The company's registered one, as the signer has none.
    Company,
}

/// How a signer showed who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authentication {
    /// By a code sent to this address.
    CodeByMail {
        /// Where it was sent.
        address: Option<Email>,
        /// Whose address that is.
        of: Mailbox,
    },
    /// Nobody did: the sandbox signed by itself.
    Sandbox,
}

/// What is kept of a signature (MP 2.200-2/2001 art. 10 § 2): who, when, from where, of what, and with what consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Who signed.
    pub subject: SubjectId,
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// When.
    pub signed_at: Timestamp,
    /// The SHA-256 of the document that was shown, in hex.
    pub document_sha256: String,
    /// How they showed who they are.
    pub authentication: Authentication,
    /// From which address of the network.
    pub address: Option<IpAddr>,
    /// With which program, as it names itself.
    pub user_agent: Option<String>,
    /// The words agreed to.
    pub consent: String,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::ResourceId;

    const START: Timestamp = Timestamp::from_seconds(1_768_478_400);

    fn invitation() -> Invitation {
        let id = [1; 10];
        Invitation::new(PartnerId::new(START, id), LoanId::new(START, id), SubjectId::new(START, id))
    }

    fn later(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_code_works_once_and_for_ten_minutes() {
        let mut invitation = invitation();
        assert_eq!(invitation.check("a", START), Checked::NoCode);
        invitation.send("a".into(), START).unwrap();
        assert_eq!(invitation.send("b".into(), later(19)), Err(SendRefused::TooSoon(later(20))));
        assert_eq!(invitation.check("a", later(600)), Checked::Right);
        assert_eq!(invitation.check("a", later(600)), Checked::NoCode);
        invitation.send("c".into(), later(700)).unwrap();
        assert_eq!(invitation.check("c", later(1_301)), Checked::NoCode);
    }

    #[test]
    fn ten_codes_are_sent_in_an_hour_and_no_more() {
        let mut invitation = invitation();
        for number in 0..10 {
            invitation.send("code".into(), later(number * 20)).unwrap();
        }
        let next = later(3_600);
        assert_eq!(invitation.send("code".into(), later(200)), Err(SendRefused::TooSoon(next)));
        assert_eq!(invitation.check("code", later(200)), Checked::Right, "the last one sent goes on working");
        invitation.send("code".into(), next).unwrap();
    }

    #[test]
    fn five_wrong_codes_lock_for_a_quarter_of_an_hour_whichever_code_they_were_for() {
        let mut invitation = invitation();
        for (round, left) in [(0, 4), (30, 3), (60, 2), (90, 1)] {
            invitation.send("right".into(), later(round)).unwrap();
            assert_eq!(invitation.check("wrong", later(round)), Checked::Wrong { left });
        }
        let until = later(120 + 900);
        assert_eq!(invitation.check("wrong", later(120)), Checked::Locked(until));
        assert_eq!(invitation.check("right", later(121)), Checked::Locked(until));
        assert_eq!(invitation.send("new".into(), later(1_000)), Err(SendRefused::Locked(until)));
        assert_eq!(invitation.check("right", until), Checked::NoCode);
        invitation.send("new".into(), until).unwrap();
        assert_eq!(invitation.check("new", until), Checked::Right);
    }

    proptest! {
        /// However codes are asked for and tried: in any quarter of an hour nobody gets more than five guesses.
        #[test]
        fn nobody_guesses_more_than_five_times_in_a_quarter_of_an_hour(
            steps in prop::collection::vec((0_u64..120, any::<bool>()), 1..200),
        ) {
            let mut invitation = invitation();
            let (mut now, mut guesses) = (0, Vec::new());
            for (wait, send) in steps {
                now += wait;
                if send {
                    let _refused_while_locked = invitation.send("right".into(), later(now));
                    continue;
                }
                let was_locked = invitation.lock_at(later(now)).is_some();
                match invitation.check("wrong", later(now)) {
                    Checked::Right => prop_assert!(false, "a wrong code was right"),
                    Checked::Locked(_) if was_locked => {}
                    Checked::Wrong { .. } | Checked::Locked(_) => guesses.push(now),
                    Checked::NoCode => {}
                }
            }
            for fifth in (4..guesses.len().saturating_sub(1)).step_by(5) {
                prop_assert!(guesses[fifth + 1] - guesses[fifth] >= 900);
            }
        }
    }
}
