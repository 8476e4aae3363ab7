//! E-mails to people who sign in: their texts and their sending.

use domain::access::{EntryPurpose, Operator};
use domain::id::OperatorId;
use domain::mail::{MailInput, MailState};
use domain::person::Email;
use domain::time::RealTime;
use store::mails::{Patience, Step};
use store::person_mails;
pub use store::person_mails::{Leased, PersonMail};
use store::{StoreError, Tx};

use super::sending::{LEASE, Next, after_failure};
use super::texts::in_letter;
use crate::lender::Lender;

/// A link for a person.
pub(crate) struct PersonLink<'a> {
    /// The person.
    pub(crate) operator: &'a Operator,
    /// The person's address.
    pub(crate) to: &'a Email,
    /// The purpose of the link.
    pub(crate) purpose: EntryPurpose,
    /// The secret of the link.
    pub(crate) secret: &'a str,
}

/// Sends a person a link.
pub(crate) fn link(
    tx: &mut Tx<'_>, now: RealTime, link: &PersonLink<'_>, lender: &Lender,
) -> Result<(), StoreError> {
    send(tx, now, (link.operator.id, link.to), words(link, lender), lender)
}

/// Sends a person an e-mail.
pub(super) fn send(
    tx: &mut Tx<'_>, now: RealTime, (operator, to): (OperatorId, &Email),
    (subject, text, patience): (String, String, Patience), lender: &Lender,
) -> Result<(), StoreError> {
    let (id, to) = (tx.new_id(now), to.clone());
    let cause = in_letter(tx, id);
    let mail = PersonMail { id, operator, to, subject, text, patience, attempts: 0, created_at: now, cause };
    person_mails::insert(tx, &mail, lender.mail_mode)
}

fn words(link: &PersonLink<'_>, lender: &Lender) -> (String, String, Patience) {
    let PersonLink { operator, purpose, secret, .. } = link;
    let (name, creditor) = (&operator.name, &lender.creditor.name);
    let address = lender.links.console_entry(secret);
    match purpose {
        EntryPurpose::Invitation | EntryPurpose::SignIn => (
            format!("Seu acesso ao console da {creditor}"),
            format!(
                "Olá, {name},\n\nVocê foi convidado para o console da {creditor}. Escolha a sua senha por este link, que \
                 é só seu e serve uma vez, por 3 dias:\n{address}\n\nNão esperava este convite? Ignore esta mensagem.\n\n\
                 You were invited to the console of {creditor}. Choose your password at the link above. It works once, \
                 for 3 days.\n"
            ),
            Patience::Hours,
        ),
        EntryPurpose::Reset => (
            "Escolha uma senha nova".to_owned(),
            format!(
                "Olá, {name},\n\nPediram uma senha nova para o seu acesso ao console da {creditor}. Escolha-a por este \
                 link, que serve uma vez, por 1 hora:\n{address}\n\nDepois da senha vem o código do seu aplicativo. Não \
                 foi você? Ignore esta mensagem: a sua senha continua a mesma.\n\n\
                 Somebody asked for a new password for you. If it was you, choose it at the link above. If not, ignore \
                 this message: your password stays the same.\n"
            ),
            Patience::Minutes,
        ),
    }
}

/// Takes due e-mails, at most `most`.
pub fn lease(tx: &mut Tx<'_>, now: RealTime, most: i64) -> Result<Leased, StoreError> {
    person_mails::lease(tx, now, LEASE, most)
}

/// Records that a mail server accepted an e-mail.
pub fn sent(tx: &mut Tx<'_>, now: RealTime, mail: &PersonMail) -> Result<(), StoreError> {
    end(tx, now, mail, MailInput::Accepted, "")
}

/// Gives up an e-mail that the mail server refused for good.
pub fn refused(tx: &mut Tx<'_>, now: RealTime, mail: &PersonMail, reason: &str) -> Result<(), StoreError> {
    end(tx, now, mail, MailInput::GivenUp, reason)
}

fn end(
    tx: &mut Tx<'_>, at: RealTime, mail: &PersonMail, input: MailInput, reason: &str,
) -> Result<(), StoreError> {
    let to = MailState::Waiting.step(input)?;
    let step = Step { to: &to, reason, failed: i64::from(input == MailInput::GivenUp), at };
    person_mails::end(tx, (mail.operator, mail.id), &step)
}

/// Records a failed attempt. After the last one the e-mail is given up.
pub fn failed(tx: &mut Tx<'_>, now: RealTime, mail: &PersonMail, reason: &str) -> Result<(), StoreError> {
    let tried = PersonMail { attempts: mail.attempts + 1, ..mail.clone() };
    match after_failure(tried.attempts, mail.patience, reason)? {
        Next::Attempt(pause) => person_mails::put_off(tx, &tried, now.plus(pause)),
        Next::GiveUp(reason) => refused(tx, now, mail, &reason),
    }
}

/// Time of the next due e-mail.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    person_mails::next_due(tx)
}

/// The newest e-mails to an address: the sandbox's mailbox.
pub fn to_address(tx: &mut Tx<'_>, address: &str) -> Result<Vec<PersonMail>, StoreError> {
    person_mails::to_address(tx, address, 50)
}

/// Drops up to `rows` e-mails written before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    person_mails::purge(tx, cutoff, rows)
}
