//! The team of a partner: the people who sign in to its dashboard.
//!
//! A member signs in as the lender's people do, with the same factors and sessions, and can do nothing for the lender.
//! Reasons: docs/decisions/0039.

use domain::access::{Membership, Operator, Revoked, TeamRole};
use domain::closed::Changed;
use domain::credential::Maker;
use domain::id::{OperatorId, PartnerId};
use domain::person::Email;
use domain::time::RealTime;
use store::operators::MOST_MEMBERS;
use store::{Failed, StoreError, Stored, Tx};

use super::invitations::{self, Invite, InviteRefused};
use crate::lender::Lender;
use crate::refused::{NotFound, not_found_in};

/// The values of a new member.
#[derive(Debug, Clone)]
pub struct InviteMember {
    /// The member's name.
    pub name: String,
    /// The address with which the member will sign in.
    pub email: Email,
    /// The member's role in the team.
    pub role: TeamRole,
    /// The maker: an operator of the lender, or an admin of the team.
    pub created_by: Maker,
}

/// Why a member was not invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteMemberRefused {
    /// There is no such partner.
    NotFound,
    /// Another person signs in with this address.
    Taken,
    /// The team has as many members as a team may have.
    Full,
}

not_found_in!(InviteMemberRefused);

/// Makes a member of a partner's team and sends the invitation.
pub fn invite(
    tx: &mut Tx<'_>, now: RealTime, partner: PartnerId, command: &InviteMember, lender: &Lender,
) -> Result<Operator, Failed<InviteMemberRefused>> {
    if store::partners::find(tx, partner)?.is_none() {
        return Err(Failed::Refused(InviteMemberRefused::NotFound));
    }
    if store::operators::members(tx, partner)?.len() >= MOST_MEMBERS {
        return Err(Failed::Refused(InviteMemberRefused::Full));
    }
    let InviteMember { name, email, role, created_by } = command.clone();
    let team = Some(Membership { partner, role });
    let invite = Invite { name, email, roles: [].into_iter().collect(), team, created_by };
    let invited = invitations::invite(tx, now, &invite, lender);
    let (member, _secret) =
        invited.map_err(|failed| failed.map_refused(|InviteRefused::Taken| InviteMemberRefused::Taken))?;
    Ok(member)
}

/// The members of a partner's team, the oldest first. Those who have lost their access are left out.
pub fn list(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<Operator>, Failed<NotFound>> {
    if store::partners::find(tx, partner)?.is_none() {
        return Err(Failed::Refused(NotFound));
    }
    Ok(store::operators::members(tx, partner)?)
}

/// The teams that somebody may look into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The team of one partner: its own people.
    Team(PartnerId),
    /// Every team: the lender's people.
    EveryTeam,
}

/// A member of a partner's team.
pub fn find(tx: &mut Tx<'_>, reach: Reach, id: OperatorId) -> Result<Operator, Failed<NotFound>> {
    Ok(within(tx, reach, id)?.ok_or(Failed::Refused(NotFound))?.into_value())
}

fn within(tx: &mut Tx<'_>, reach: Reach, id: OperatorId) -> Result<Option<Stored<Operator>>, StoreError> {
    let found = store::operators::find(tx, id)?;
    Ok(found.filter(|operator| match (operator.team, reach) {
        (Some(team), Reach::Team(partner)) => team.partner == partner,
        (Some(_), Reach::EveryTeam) => true,
        (None, _) => false,
    }))
}

/// Why a member was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeMemberRefused {
    /// The team has no such member.
    NotFound,
    /// The member has lost access before.
    Revoked,
    /// Nobody changes or removes themselves.
    Own,
}

not_found_in!(ChangeMemberRefused);

/// Gives a member another role, from the next request on.
pub fn change_role(
    tx: &mut Tx<'_>, reach: Reach, id: OperatorId, role: TeamRole, by: OperatorId,
) -> Result<Operator, Failed<ChangeMemberRefused>> {
    change(tx, reach, (id, by), |member| member.change_team_role(role))
}

/// Takes a member out of the team. Access ends at once, for good.
pub fn remove(
    tx: &mut Tx<'_>, now: RealTime, reach: Reach, id: OperatorId, by: OperatorId,
) -> Result<Operator, Failed<ChangeMemberRefused>> {
    change(tx, reach, (id, by), |member| member.revoke(now))
}

fn change(
    tx: &mut Tx<'_>, reach: Reach, (id, by): (OperatorId, OperatorId),
    command: impl FnOnce(Operator) -> Result<Changed<Operator>, Revoked>,
) -> Result<Operator, Failed<ChangeMemberRefused>> {
    if id == by {
        return Err(Failed::Refused(ChangeMemberRefused::Own));
    }
    let member = within(tx, reach, id)?.ok_or(Failed::Refused(ChangeMemberRefused::NotFound))?;
    let changed = member.change(command).map_err(|Revoked| Failed::Refused(ChangeMemberRefused::Revoked))?;
    Ok(store::operators::save(tx, changed)?.into_value())
}
