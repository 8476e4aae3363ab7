//! One-time codes by e-mail: the rules for sending and checking them. A link has one code at a time.
//!
//! Wrong codes are counted over all codes of a link, so a request for another code gives no more guesses. The fifth
//! wrong code locks the link for a quarter of an hour. The twentieth wrong code closes the link, and only a new link
//! has codes again.

use std::time::Duration;

use crate::time::Timestamp;

/// The time in which a code is valid.
pub const CODE_LIFETIME: Duration = Duration::from_secs(600);
/// The time for which too many wrong codes lock a link.
pub const LOCK: Duration = Duration::from_secs(900);
/// Wrong codes that lock a link.
pub const MOST_WRONG: u16 = 5;
/// Wrong codes that close a link for good.
pub const MOST_WRONG_IN_ALL: u16 = 20;
const HOUR: Duration = Duration::from_secs(3_600);
/// Most codes in an hour.
pub const MOST_CODES_AN_HOUR: u16 = 10;
/// The shortest time between two codes.
pub const BETWEEN_CODES: Duration = Duration::from_secs(20);

/// The newest code of a link and the count of wrong ones.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailedCode {
    /// The newest code, if it was neither used nor voided.
    pub code: Option<SentCode>,
    /// Wrong codes since the last lock.
    pub wrong: u16,
    /// Wrong codes in the link's life.
    pub wrong_in_all: u16,
    /// The end of the lock.
    pub locked_until: Option<Timestamp>,
    /// Codes sent since [`MailedCode::counted_from`].
    pub sent: u16,
    /// The beginning of the hour in which codes are counted.
    pub counted_from: Option<Timestamp>,
}

/// A code that was sent, as a keyed hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentCode {
    /// The keyed hash.
    pub hash: String,
    /// Time at which it was sent.
    pub sent_at: Timestamp,
}

/// The reason why a code was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendRefused {
    /// Too many wrong codes: the link is locked until this time.
    Locked(Timestamp),
    /// A code was just sent, or this hour's codes are used up: the next one can be sent at this time.
    TooSoon(Timestamp),
    /// Too many wrong codes in the link's life.
    Closed,
}

/// The result of a check of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checked {
    /// Right, and used up.
    Right,
    /// Wrong.
    Wrong {
        /// Wrong codes that are left before the lock.
        left: u16,
    },
    /// Wrong too often, now or before: the link is locked until this time.
    Locked(Timestamp),
    /// Wrong too often in the link's life, now or before.
    Closed,
    /// No code is valid: none was sent, or it has expired.
    NoCode,
}

impl MailedCode {
    /// Records a code that is being sent. It replaces the one before.
    pub fn send(&mut self, hash: String, now: Timestamp) -> Result<(), SendRefused> {
        if self.is_closed() {
            return Err(SendRefused::Closed);
        }
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

    /// Checks a code by its hash. A right code is used up. The fifth wrong one locks the link and voids its code, and
    /// the twentieth of the link's life closes the link.
    pub fn check(&mut self, hash: &str, now: Timestamp) -> Checked {
        if self.is_closed() {
            return Checked::Closed;
        }
        if let Some(until) = self.lock_at(now) {
            return Checked::Locked(until);
        }
        let Some(code) = self.code.as_ref().filter(|code| now <= code.sent_at.plus(CODE_LIFETIME)) else {
            return Checked::NoCode;
        };
        // Both are keyed hashes, so the time of the comparison reveals nothing about the code.
        if code.hash == hash {
            self.code = None;
            self.wrong = 0;
            return Checked::Right;
        }
        self.wrong += 1;
        self.wrong_in_all += 1;
        if self.is_closed() {
            (self.code, self.wrong) = (None, 0);
            return Checked::Closed;
        }
        if self.wrong < MOST_WRONG {
            let left = (MOST_WRONG - self.wrong).min(MOST_WRONG_IN_ALL - self.wrong_in_all);
            return Checked::Wrong { left };
        }
        let until = now.plus(LOCK);
        (self.locked_until, self.code, self.wrong) = (Some(until), None, 0);
        Checked::Locked(until)
    }

    /// The end of the lock, if the link is locked at `now`.
    pub fn lock_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.locked_until.filter(|until| now < *until)
    }

    /// Whether the link is closed: it accepts and sends no more codes.
    pub fn is_closed(&self) -> bool {
        self.wrong_in_all >= MOST_WRONG_IN_ALL
    }

    /// The state of a new link. The codes sent in this hour still count, so a caller who requests many links cannot
    /// cause a flood of e-mails.
    #[must_use]
    pub fn renewed(&self) -> Self {
        Self { sent: self.sent, counted_from: self.counted_from, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_768_478_400);

    fn link() -> MailedCode {
        MailedCode::default()
    }

    fn later(seconds: u64) -> Timestamp {
        START.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_code_works_once_and_for_ten_minutes() {
        let mut link = link();
        assert_eq!(link.check("a", START), Checked::NoCode);
        link.send("a".into(), START).unwrap();
        assert_eq!(link.send("b".into(), later(19)), Err(SendRefused::TooSoon(later(20))));
        assert_eq!(link.check("a", later(600)), Checked::Right);
        assert_eq!(link.check("a", later(600)), Checked::NoCode);
        link.send("c".into(), later(700)).unwrap();
        assert_eq!(link.check("c", later(1_301)), Checked::NoCode);
    }

    #[test]
    fn at_most_ten_codes_are_sent_in_an_hour() {
        let mut link = link();
        for number in 0..10 {
            link.send("code".into(), later(number * 20)).unwrap();
        }
        let next = later(3_600);
        assert_eq!(link.send("code".into(), later(200)), Err(SendRefused::TooSoon(next)));
        assert_eq!(link.check("code", later(200)), Checked::Right, "the last code sent is still valid");
        link.send("code".into(), next).unwrap();
    }

    #[test]
    fn five_wrong_codes_lock_for_a_quarter_of_an_hour_even_if_new_codes_were_sent_between_them() {
        let mut link = link();
        for (round, left) in [(0, 4), (30, 3), (60, 2), (90, 1)] {
            link.send("right".into(), later(round)).unwrap();
            assert_eq!(link.check("wrong", later(round)), Checked::Wrong { left });
        }
        let until = later(120 + 900);
        assert_eq!(link.check("wrong", later(120)), Checked::Locked(until));
        assert_eq!(link.check("right", later(121)), Checked::Locked(until));
        assert_eq!(link.send("new".into(), later(1_000)), Err(SendRefused::Locked(until)));
        assert_eq!(link.check("right", until), Checked::NoCode);
        link.send("new".into(), until).unwrap();
        assert_eq!(link.check("new", until), Checked::Right);
    }

    #[test]
    fn twenty_wrong_codes_close_a_link_and_a_new_link_is_open() {
        let mut link = link();
        let mut now = 0;
        for lock in 1..=4_u16 {
            link.send("right".into(), later(now)).unwrap();
            for wrong in 1..=5_u16 {
                let checked = link.check("wrong", later(now));
                match (lock, wrong) {
                    (4, 5) => assert_eq!(checked, Checked::Closed),
                    (_, 5) => assert_eq!(checked, Checked::Locked(later(now + 900))),
                    _ => assert_eq!(checked, Checked::Wrong { left: 5 - wrong }),
                }
            }
            now += 900;
        }
        let month = now + 30 * 86_400;
        assert_eq!(link.check("right", later(month)), Checked::Closed);
        assert_eq!(link.send("new".into(), later(month)), Err(SendRefused::Closed));
        let mut renewed = link.renewed();
        renewed.send("new".into(), later(month)).unwrap();
        assert_eq!(renewed.check("new", later(month)), Checked::Right);
    }

    #[test]
    fn a_new_link_allows_no_more_codes_in_the_same_hour() {
        let mut link = link();
        for number in 0..10 {
            link.send("code".into(), later(number * 20)).unwrap();
            link = link.renewed();
        }
        assert_eq!(link.send("code".into(), later(200)), Err(SendRefused::TooSoon(later(3_600))));
    }

    proptest! {
        /// In any order of requests and checks, nobody gets more than five guesses in a quarter of an hour. Nobody
        /// gets more than twenty in a link's life.
        #[test]
        fn nobody_guesses_more_than_five_times_in_a_quarter_of_an_hour(
            steps in prop::collection::vec((0_u64..400, any::<bool>()), 1..400),
        ) {
            let mut link = link();
            let (mut now, mut guesses) = (0, Vec::new());
            for (wait, send) in steps {
                now += wait;
                if send {
                    let _refused_while_locked = link.send("right".into(), later(now));
                    continue;
                }
                let was_locked = link.lock_at(later(now)).is_some();
                let was_closed = link.is_closed();
                match link.check("wrong", later(now)) {
                    Checked::Right => prop_assert!(false, "a wrong code was accepted"),
                    Checked::Locked(_) if was_locked => {}
                    Checked::Closed if was_closed => {}
                    Checked::Wrong { .. } | Checked::Locked(_) | Checked::Closed => guesses.push(now),
                    Checked::NoCode => {}
                }
            }
            prop_assert!(guesses.len() <= usize::from(MOST_WRONG_IN_ALL));
            prop_assert_eq!(link.is_closed(), guesses.len() == usize::from(MOST_WRONG_IN_ALL));
            for fifth in (4..guesses.len().saturating_sub(1)).step_by(5) {
                prop_assert!(guesses[fifth + 1] - guesses[fifth] >= 900);
            }
        }
    }
}
