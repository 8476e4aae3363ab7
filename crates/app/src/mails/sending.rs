//! The sending of e-mails to the mail server, with retries.

use domain::id::{MailId, PartnerId};
use domain::mail::{MailInput, MailState};
use domain::page::Page;
use domain::time::RealTime;
use store::Failed;
use store::mails::{Leased, Mail, MailFilter, MailReport, Patience, Step};
use store::{Cursor, StoreError, Tx, row_count};

use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// Time that a node has to send an e-mail before others retry it.
pub(super) const LEASE: std::time::Duration = std::time::Duration::from_secs(90);

/// Most attempts for an e-mail, over about seventeen hours.
const MOST_ATTEMPTS: i64 = 12;

/// Most attempts for an e-mail with a code. They take less than the ten minutes for which the code is valid.
const MOST_ATTEMPTS_WITH_A_CODE: i64 = 4;

/// The partners with e-mails that are due.
pub fn partners_with_due(tx: &mut Tx<'_>, real: RealTime, most: i64) -> Result<Vec<PartnerId>, StoreError> {
    store::mails::partners_with_due(tx, real, most)
}

/// Leases due e-mails of these partners, at most `most`.
pub fn lease(
    tx: &mut Tx<'_>, real: RealTime, partners: &[PartnerId], most: i64,
) -> Result<Leased, StoreError> {
    let (mut leased, mut left) = (Leased::default(), most);
    for partner in partners {
        let Leased { mails, unreadable } = store::mails::lease(tx, *partner, real, LEASE, left)?;
        left -= row_count(mails.len() + unreadable.len());
        leased.mails.extend(mails);
        leased.unreadable.extend(unreadable);
        if left <= 0 {
            break;
        }
    }
    Ok(leased)
}

/// Records that a mail server accepted an e-mail.
pub fn sent(tx: &mut Tx<'_>, real: RealTime, mail: &Mail) -> Result<(), StoreError> {
    end(tx, real, mail, MailInput::Accepted, "")
}

/// Gives up an e-mail that the mail server refused for good.
pub fn refused(tx: &mut Tx<'_>, real: RealTime, mail: &Mail, reason: &str) -> Result<(), StoreError> {
    end(tx, real, mail, MailInput::GivenUp, reason)
}

/// Ends a waiting e-mail. If another node has ended it meanwhile, nothing changes.
fn end(
    tx: &mut Tx<'_>, real: RealTime, mail: &Mail, input: MailInput, reason: &str,
) -> Result<(), StoreError> {
    let to = MailState::Waiting.step(input)?;
    let step = Step { to: &to, reason, failed: i64::from(input == MailInput::GivenUp), at: real };
    store::mails::step(tx, mail.partner, mail.id, MailState::Waiting, &step).map(drop)
}

/// Records a failed attempt. The next attempt comes later each time; after the last one the e-mail is given up.
pub fn failed(tx: &mut Tx<'_>, real: RealTime, mail: &Mail, reason: &str) -> Result<(), StoreError> {
    let tried = Mail { attempts: mail.attempts + 1, ..mail.clone() };
    match after_failure(tried.attempts, mail.patience, reason)? {
        Next::Attempt(pause) => store::mails::put_off(tx, &tried, real.plus(pause)),
        Next::GiveUp(reason) => refused(tx, real, mail, &reason),
    }
}

/// The step after a failed attempt.
pub(super) enum Next {
    /// Another attempt after this time.
    Attempt(std::time::Duration),
    /// None, for this reason.
    GiveUp(String),
}

/// The step after so many failed attempts.
pub(super) fn after_failure(attempts: i64, patience: Patience, reason: &str) -> Result<Next, StoreError> {
    let Some(pause) = pause_after(attempts, patience) else {
        return Ok(Next::GiveUp(format!("{reason}; tried {attempts} times")));
    };
    MailState::Waiting.step(MailInput::Delayed)?;
    Ok(Next::Attempt(pause))
}

/// The time until the next attempt after so many failed ones; `None` after the last one.
fn pause_after(attempts: i64, patience: Patience) -> Option<std::time::Duration> {
    let most = match patience {
        Patience::Minutes => MOST_ATTEMPTS_WITH_A_CODE,
        Patience::Hours => MOST_ATTEMPTS,
    };
    (attempts < most).then(|| std::time::Duration::from_secs(15_u64 << attempts.clamp(0, 11)))
}

/// The reason why an e-mail is not sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendAgainRefused {
    /// There is no such e-mail.
    NotFound,
    /// It was not given up.
    NotFailed(MailState),
    /// It contains a code, which has expired by now.
    BroughtCode,
    /// Its row is damaged.
    Unreadable,
}

not_found_in!(SendAgainRefused);

/// A page of e-mails of all partners.
pub fn list(
    tx: &mut Tx<'_>, filter: &MailFilter, cursor: &Cursor<MailId>, kept_since: RealTime,
) -> Result<Page<MailReport>, Failed<ListRefused>> {
    page_or_refused(store::mails::list(tx, filter, cursor, kept_since)?)
}

/// Makes an e-mail that was given up wait again, with all attempts before it. It goes to its original address.
pub fn send_again(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, id: MailId,
) -> Result<MailReport, Failed<SendAgainRefused>> {
    let find = |tx: &mut Tx<'_>| store::mails::find(tx, tenant, id);
    let mail = find(tx)?.ok_or(Failed::Refused(SendAgainRefused::NotFound))?;
    let waits = mail
        .state
        .step(MailInput::SendAgain)
        .map_err(|_illegal| Failed::Refused(SendAgainRefused::NotFailed(mail.state)))?;
    match mail.mail {
        None => return Err(Failed::Refused(SendAgainRefused::Unreadable)),
        Some(Mail { patience: Patience::Minutes, .. }) => {
            return Err(Failed::Refused(SendAgainRefused::BroughtCode));
        }
        Some(Mail { patience: Patience::Hours, .. }) => {}
    }
    store::mails::requeue(tx, tenant, id, mail.state, &waits, real)?;
    find(tx)?.ok_or(Failed::Store(StoreError::NotFound))
}

/// The reason why an e-mail is not closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseRefused {
    /// There is no such e-mail.
    NotFound,
    /// It was not given up.
    NotFailed(MailState),
}

not_found_in!(CloseRefused);

/// Closes an e-mail that was given up, because an operator has seen it. Nothing is sent.
pub fn close(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, id: MailId,
) -> Result<MailReport, Failed<CloseRefused>> {
    let mail = store::mails::find(tx, tenant, id)?.ok_or(Failed::Refused(CloseRefused::NotFound))?;
    let closed = mail.state.step(MailInput::Close);
    let closed = closed.map_err(|_illegal| Failed::Refused(CloseRefused::NotFailed(mail.state)))?;
    store::mails::close(tx, tenant, id, mail.state, &closed, real)?;
    Ok(MailReport { state: *closed.next(), changed_at: real, ..mail })
}

/// An e-mail with its state.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: MailId) -> Result<MailReport, Failed<NotFound>> {
    store::mails::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}

/// Time of the next due e-mail.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    store::mails::next_due(tx)
}

/// The newest e-mails to an address: the sandbox's mailbox.
pub fn to_address(tx: &mut Tx<'_>, address: &str) -> Result<Page<Mail>, StoreError> {
    store::mails::to_address(tx, address, 50)
}

/// The newest e-mails to a partner's customers.
pub fn of_partner(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<Page<Mail>, StoreError> {
    store::mails::of_partner(tx, tenant, 100)
}

/// Drops up to `rows` e-mails written before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    store::mails::purge(tx, cutoff, rows)
}
