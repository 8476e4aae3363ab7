//! Roles: named sets of permissions with limits. They are data that the lender can change.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::grants::{Grants, Limits};
use super::permission::Permissions;

/// The name of a role: 1 to 40 lower-case letters, digits and hyphens, beginning with a letter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleName(String);

/// The text is not the name of a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a role's name is 1 to 40 lower-case letters, digits and hyphens, beginning with a letter, not {0:?}"
)]
pub struct InvalidRoleName(pub String);

impl FromStr for RoleName {
    type Err = InvalidRoleName;

    fn from_str(text: &str) -> Result<Self, InvalidRoleName> {
        let letter = text.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if letter && plain && text.len() <= 40 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidRoleName(text.to_owned()))
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The roles of one operator, each once. An operator without roles can do nothing. Stored with spaces between them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RoleNames(BTreeSet<RoleName>);

impl RoleNames {
    /// The names, in alphabetical order.
    pub fn iter(&self) -> impl Iterator<Item = &RoleName> {
        self.0.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<RoleName> for RoleNames {
    fn from_iter<I: IntoIterator<Item = RoleName>>(names: I) -> Self {
        Self(names.into_iter().collect())
    }
}

impl FromStr for RoleNames {
    type Err = InvalidRoleName;

    fn from_str(text: &str) -> Result<Self, InvalidRoleName> {
        text.split_whitespace().map(str::parse).collect()
    }
}

impl fmt::Display for RoleNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{name}")?;
        }
        Ok(())
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its permissions.
    pub permissions: Permissions,
    /// Its largest amounts.
    pub limits: Limits,
}

/// Every role of the lender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(BTreeMap<RoleName, Role>);

impl Roles {
    /// The roles of a file.
    pub fn new(roles: BTreeMap<RoleName, Role>) -> Self {
        Self(roles)
    }

    /// The role of a name.
    pub fn get(&self, name: &RoleName) -> Option<&Role> {
        self.0.get(name)
    }

    /// The roles, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&RoleName, &Role)> {
        self.0.iter()
    }

    /// The names of all roles.
    pub fn names(&self) -> RoleNames {
        self.0.keys().cloned().collect()
    }

    /// The first of the names that is no role.
    pub fn unknown<'a>(&self, names: &'a RoleNames) -> Option<&'a RoleName> {
        names.iter().find(|name| !self.0.contains_key(name))
    }

    /// The permissions and limits of these roles together. A role that is not in the file gives nothing.
    pub fn grants(&self, names: &RoleNames) -> Grants {
        let nothing = Grants { permissions: Permissions::default(), limits: Limits::NOTHING };
        names.iter().filter_map(|name| self.get(name)).fold(nothing, |grants, role| Grants {
            permissions: grants.permissions.and(role.permissions),
            limits: grants.limits.or(role.limits),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::permission::Permission;
    use super::*;
    use crate::money::Cents;

    fn roles() -> Roles {
        let role = |permissions: &[Permission], approval| Role {
            permissions: permissions.iter().copied().collect(),
            limits: Limits { largest_approval: Cents::new(approval), largest_waiver: Cents::ZERO },
        };
        Roles::new(BTreeMap::from([
            ("credit".parse().unwrap(), role(&[Permission::DecideCredit], 5_000_000)),
            ("treasury".parse().unwrap(), role(&[Permission::OrderDisbursement], 0)),
        ]))
    }

    #[test]
    fn the_name_of_a_role_is_a_plain_word() {
        for good in ["analyst", "credit-2", "a"] {
            assert_eq!(good.parse::<RoleName>().unwrap().to_string(), good);
        }
        for bad in ["", "Analyst", "2nd", "-x", "two words", "crédito", &"a".repeat(41)] {
            assert!(bad.parse::<RoleName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn roles_are_written_once_each_in_order() {
        let names: RoleNames = "treasury credit  treasury".parse().unwrap();
        assert_eq!(names.to_string(), "credit treasury");
        assert!("".parse::<RoleNames>().unwrap().is_empty());
        assert!("credit Treasury".parse::<RoleNames>().is_err());
    }

    #[test]
    fn two_roles_give_what_either_gives_and_a_role_without_definition_gives_nothing() {
        let grants = roles().grants(&"credit treasury gone".parse().unwrap());
        assert!(grants.allows(Permission::DecideCredit) && grants.allows(Permission::OrderDisbursement));
        assert_eq!(grants.limits.largest_approval, Cents::new(5_000_000));
        let none = roles().grants(&"gone".parse().unwrap());
        assert_eq!(none.permissions, Permissions::default());
        assert_eq!(none.limits, Limits::NOTHING);
    }
}
