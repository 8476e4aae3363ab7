//! Reads the roles of operators: from a file, or the built-in ones.
//!
//! A file replaces all built-in roles. Misspelled permissions are refused: a role that lacks a right would be noticed,
//! but one that was meant to be small would not.

use std::collections::BTreeMap;
use std::path::Path;

use domain::access::{FourEyes, Limits, Permission, Permissions, Role, RoleName, Roles};
use domain::credential::Environment;
use domain::money::Cents;
use serde::Deserialize;

use super::error::ConfigError;

const BUILT_IN: &str = include_str!("roles.toml");

/// The word for every permission that changes nothing.
const READING: &str = "*.read";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleFile {
    may: Vec<String>,
    largest_approval: Option<String>,
    largest_waiver: Option<String>,
}

/// The roles of a file; without a file, the built-in ones.
pub(super) fn of(file: Option<&Path>) -> Result<Roles, ConfigError> {
    let Some(file) = file else {
        return parse(BUILT_IN).map_err(|why| ConfigError::Roles("roles.toml".into(), why));
    };
    let wrong = |why: String| ConfigError::Roles(file.to_owned(), why);
    let text = std::fs::read_to_string(file).map_err(|error| wrong(error.to_string()))?;
    parse(&text).map_err(wrong)
}

/// Whether some decisions need a second person. Only a sandbox can do without.
pub(super) fn four_eyes(off: bool, environment: Environment) -> Result<FourEyes, ConfigError> {
    match (off, environment) {
        (false, _) => Ok(FourEyes::Required),
        (true, Environment::Sandbox) => Ok(FourEyes::Off),
        (true, Environment::Production) => Err(ConfigError::FourEyes),
    }
}

/// The roles of a text; the error is one line.
fn parse(text: &str) -> Result<Roles, String> {
    let source = config::File::from_str(text, config::FileFormat::Toml);
    let layers = config::Config::builder().add_source(source).build();
    let file: BTreeMap<String, RoleFile> = layers
        .and_then(config::Config::try_deserialize)
        .map_err(|error| super::error_text::error_text(&error))?;
    if file.is_empty() {
        return Err("there is no role".to_owned());
    }
    let role = |(name, role): (String, RoleFile)| {
        let known: RoleName = name.parse().map_err(|error| format!("{error}"))?;
        let role = role.read().map_err(|why| format!("role {name}: {why}"))?;
        Ok::<_, String>((known, role))
    };
    Ok(Roles::new(file.into_iter().map(role).collect::<Result<_, _>>()?))
}

impl RoleFile {
    fn read(&self) -> Result<Role, String> {
        let mut permissions = Permissions::default();
        for word in &self.may {
            permissions = permissions.and(permissions_of(word)?);
        }
        let limits = Limits {
            largest_approval: amount("largest_approval", self.largest_approval.as_deref())?,
            largest_waiver: amount("largest_waiver", self.largest_waiver.as_deref())?,
        };
        Ok(Role { permissions, limits })
    }
}

fn permissions_of(word: &str) -> Result<Permissions, String> {
    if word == READING {
        return Ok(Permissions::reading());
    }
    let permission: Permission = word.parse().map_err(|_unknown| {
        format!("there is no permission {word:?}; the permissions are {}", Permission::NAMES.join(", "))
    })?;
    Ok([permission].into_iter().collect())
}

fn amount(name: &str, text: Option<&str>) -> Result<Cents, String> {
    let read = |text| Cents::parse(text).map_err(|error| format!("{name}: {error}"));
    text.map_or(Ok(Cents::ZERO), read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built_in(name: &str) -> Role {
        of(None).unwrap().get(&name.parse().unwrap()).unwrap().clone()
    }

    #[test]
    fn the_auditor_reads_everything_and_changes_nothing() {
        assert_eq!(built_in("auditor").permissions, Permissions::reading());
    }

    #[test]
    fn no_built_in_role_may_do_everything_and_together_they_may() {
        let roles = of(None).unwrap();
        let all = roles.iter().fold(Permissions::default(), |sum, (_, role)| sum.and(role.permissions));
        assert_eq!(all, Permissions::all());
        assert!(roles.iter().all(|(_, role)| role.permissions != Permissions::all()));
    }

    #[test]
    fn money_and_credit_are_in_different_hands() {
        for name in ["credit", "credit-committee", "analyst", "admin"] {
            assert!(!built_in(name).permissions.contains(Permission::OrderDisbursement), "{name}");
        }
        assert!(!built_in("treasury").permissions.contains(Permission::DecideCredit));
    }

    #[test]
    fn only_a_sandbox_can_do_without_four_eyes() {
        assert_eq!(four_eyes(true, Environment::Sandbox).unwrap(), FourEyes::Off);
        assert_eq!(four_eyes(false, Environment::Sandbox).unwrap(), FourEyes::Required);
        assert!(four_eyes(true, Environment::Production).is_err());
    }

    #[test]
    fn a_wrong_file_says_what_is_wrong() {
        for (text, what) in [
            ("", "there is no role"),
            ("[Chief]\nmay = []", "lower-case"),
            ("[a]\nmay = [\"kyc.decides\"]", "there is no permission \"kyc.decides\""),
            ("[a]\nmay = []\nlargest_approval = \"10\"", "largest_approval"),
            ("[a]\nmay = []\nlimit = 3", "limit"),
            ("[a]\nlargest_waiver = \"1.00\"", "may"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(what), "{text}: {error}");
        }
    }
}
