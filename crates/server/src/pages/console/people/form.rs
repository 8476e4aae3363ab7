//! The fields that the forms of people and programs share.

use domain::access::{RoleName, RoleNames, Roles};
use domain::time::{RealTime, Timestamp};

use crate::pages::form::Form;
use crate::pages::texts::Texts;

/// Longest name of an operator, in characters, as in the operator API.
const LONGEST_NAME: usize = 100;

/// A role to tick.
pub(super) struct RoleChoice {
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// Every role, of which `chosen` are ticked.
pub(super) fn choices(roles: &Roles, chosen: &RoleNames) -> Vec<RoleChoice> {
    let choice =
        |name: &RoleName| RoleChoice { name: name.to_string(), chosen: chosen.iter().any(|one| one == name) };
    roles.iter().map(|(name, _)| choice(name)).collect()
}

/// The roles that a form names. A name that is no role is left out, because the page has no box for it.
pub(super) fn roles_of(form: &Form, roles: &Roles) -> RoleNames {
    let named = form.all("role").into_iter().filter_map(|name| name.parse::<RoleName>().ok());
    named.filter(|name| roles.get(name).is_some()).collect()
}

/// The fault of a name; empty if it is right.
pub(in crate::pages) fn wrong_name(name: &str, t: &Texts) -> String {
    let fits =
        (1..=LONGEST_NAME).contains(&name.chars().count()) && domain::visible::check_name(name).is_ok();
    if fits { String::new() } else { t.people.wrong_name.to_owned() }
}

/// The fault of the roles; empty if they are right.
pub(super) fn wrong_roles(roles: &RoleNames, t: &Texts) -> String {
    if roles.is_empty() { t.people.no_roles.to_owned() } else { String::new() }
}

/// The end of the day on which a token or a credential ends; `None` without a day. The day must be in the future.
pub(in crate::pages) fn end_of(day: &str, now: RealTime) -> Result<Option<RealTime>, ()> {
    if day.is_empty() {
        return Ok(None);
    }
    let end = Timestamp::end_of_business_date(day.parse().map_err(drop)?).unmoved();
    if end > now { Ok(Some(end)) } else { Err(()) }
}
