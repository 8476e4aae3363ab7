//! Links for people: invitations, new passwords, and the sandbox's own links.

use domain::access::{
    Entry, EntryPurpose, Membership, NewOperator, Operator, OperatorKind, Person, RoleNames,
};
use domain::credential::Maker;
use domain::id::OperatorId;
use domain::person::Email;
use domain::time::RealTime;
use store::{Failed, StoreError, Tx};

use super::{factors, sign_in};
use crate::lender::Lender;
use crate::mails::{self, PersonLink};
use crate::random;
use crate::refused::{NotFound, not_found_in};

/// The address of a sandbox's first administrator. No mail goes there.
const ADMINISTRATOR: &str = "administrador@sandbox.example";

/// The values of a new person.
#[derive(Debug, Clone)]
pub struct Invite {
    /// The person's name.
    pub name: String,
    /// The address with which the person will sign in.
    pub email: Email,
    /// The person's roles; none for a member of a partner's team.
    pub roles: RoleNames,
    /// A member's place in a partner's team.
    pub team: Option<Membership>,
    /// The maker.
    pub created_by: Maker,
}

/// Why a person was not invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteRefused {
    /// Another person signs in with this address.
    Taken,
}

/// Makes a person with the given roles and sends the invitation. Returns its secret too.
pub fn invite(
    tx: &mut Tx<'_>, now: RealTime, command: &Invite, lender: &Lender,
) -> Result<(Operator, String), Failed<InviteRefused>> {
    if store::people::find_by_email(tx, &command.email)?.is_some() {
        return Err(Failed::Refused(InviteRefused::Taken));
    }
    let operator = create(tx, now, command)?;
    let secret = send(tx, now, (&operator, &command.email), EntryPurpose::Invitation, lender)?;
    Ok((operator, secret))
}

/// Sends a person a link, and returns its secret.
fn send(
    tx: &mut Tx<'_>, now: RealTime, (operator, to): (&Operator, &Email), purpose: EntryPurpose,
    lender: &Lender,
) -> Result<String, StoreError> {
    let secret = link(tx, now, operator.id, purpose)?;
    mails::people::link(tx, now, &PersonLink { operator, to, purpose, secret: &secret }, lender)?;
    Ok(secret)
}

/// Why a person's factors were not reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResetRefused {
    /// There is no such person.
    NotFound,
    /// The person's access was revoked.
    Revoked,
}

not_found_in!(ResetRefused);

/// Forgets how a person signs in, ends the person's sessions, and sends a new invitation: for a person who has lost the
/// second factor and the recovery codes.
pub fn reset(
    tx: &mut Tx<'_>, now: RealTime, id: OperatorId, lender: &Lender,
) -> Result<Operator, Failed<ResetRefused>> {
    let person = store::people::find(tx, id)?.ok_or(Failed::Refused(ResetRefused::NotFound))?;
    let operator = sign_in::active(tx, now, id)
        .map_err(|failed| failed.map_refused(|_not_active| ResetRefused::Revoked))?;
    let email = person.email.clone();
    store::people::save(tx, person.changed(Person::forget_factors))?;
    sign_in::end_all(tx, now, id, None)?;
    send(tx, now, (&operator, &email), EntryPurpose::Invitation, lender)?;
    Ok(operator)
}

/// Sends the person with this address a link to choose a new password. Nothing is sent if nobody active has the
/// address, or if the person was sent such a link a few minutes ago: whoever asks again and again must neither fill a
/// mailbox nor end the link that the person is about to use.
pub fn forgot(
    tx: &mut Tx<'_>, now: RealTime, email: &Email, lender: &Lender,
) -> Result<Option<Operator>, StoreError> {
    let Some(known) = factors::known(tx, now, email)? else { return Ok(None) };
    let operator = known.operator;
    let last = store::entries::newest(tx, operator.id, EntryPurpose::Reset)?;
    if last.is_some_and(|last| last.is_recent_at(now)) {
        return Ok(None);
    }
    send(tx, now, (&operator, email), EntryPurpose::Reset, lender)?;
    Ok(Some(operator))
}

fn create(tx: &mut Tx<'_>, now: RealTime, command: &Invite) -> Result<Operator, StoreError> {
    let Invite { name, email, roles, team, created_by } = command.clone();
    let kind = if team.is_some() { OperatorKind::Member } else { OperatorKind::Person };
    let id: OperatorId = tx.new_id(now);
    let new = NewOperator { id, kind, name, roles, team, created_by, expires_at: None };
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
        let command =
            Invite { name, email, roles: roles.clone(), team: None, created_by: Maker::CommandLine };
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
