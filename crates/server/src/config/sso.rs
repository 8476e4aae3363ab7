//! The lender's own provider, which signs people in to the console: `[sso]`.

use std::path::{Path, PathBuf};

use domain::access::{RoleName, RoleNames, Roles};
use domain::credential::Environment;
use serde::Deserialize;
use url::Url;

use super::error::ConfigError;
use super::hidden::Hidden;
use crate::outbound::is_loopback;

/// The claims that are asked for beside the identity.
const SCOPES: [&str; 2] = ["profile", "email"];
/// The claim that most providers name groups by.
const GROUPS: &str = "groups";

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SsoFile {
    issuer: Option<String>,
    client_id: Option<String>,
    client_secret: Option<Hidden>,
    client_secret_file: Option<PathBuf>,
    name: Option<String>,
    scopes: Option<Vec<String>>,
    groups_claim: Option<String>,
    trust_emails: bool,
    groups: Vec<GroupFile>,
}

impl SsoFile {
    /// The secret, and the file that has it.
    pub(super) fn secret(&self) -> (Option<&Hidden>, Option<&Path>) {
        (self.client_secret.as_ref(), self.client_secret_file.as_deref())
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupFile {
    group: String,
    roles: Vec<String>,
}

/// The lender's own provider (OpenID Connect).
#[derive(Debug, Clone)]
pub struct Sso {
    /// The provider's address, exactly as its tokens name it.
    pub issuer: String,
    /// The name of this server at the provider.
    pub client_id: String,
    /// The secret of this server at the provider.
    pub client_secret: Hidden,
    /// The provider's name on the button; empty for a general text.
    pub name: String,
    /// The scopes beside `openid`.
    pub scopes: Vec<String>,
    /// The claim that lists an account's groups.
    pub groups_claim: String,
    /// Whether an address counts as verified although the provider does not say so.
    pub trust_emails: bool,
    /// The roles of each group.
    pub groups: Vec<(String, RoleNames)>,
}

impl Sso {
    /// The roles of an account in these groups.
    pub fn roles_of(&self, groups: &[String]) -> RoleNames {
        let of_account = self.groups.iter().filter(|(group, _)| groups.contains(group));
        of_account.flat_map(|(_, roles)| roles.iter().cloned()).collect()
    }
}

/// The provider of a file; `None` if it has none. `secret` wins over the file's.
pub(super) fn of(
    file: SsoFile, secret: Option<Hidden>, known: &Roles, environment: Environment,
) -> Result<Option<Sso>, ConfigError> {
    let wrong = |why: String| ConfigError::Sso(why);
    let Some(issuer) = file.issuer else {
        let is_empty = file.client_id.is_none() && file.groups.is_empty();
        return if is_empty { Ok(None) } else { Err(wrong("issuer is missing".to_owned())) };
    };
    check_issuer(&issuer, environment)?;
    let missing = |name: &str| wrong(format!("{name} is missing"));
    let secret = secret.or(file.client_secret).filter(|secret| !secret.expose().is_empty());
    if file.groups.is_empty() {
        return Err(wrong("[[sso.groups]] is missing: without a group nobody could sign in".to_owned()));
    }
    let roles = |GroupFile { group, roles }: GroupFile| {
        let named: Result<RoleNames, _> = roles.iter().map(|role| role.parse::<RoleName>()).collect();
        let roles = named.map_err(|error| wrong(format!("group {group:?}: {error}")))?;
        match known.unknown(&roles) {
            Some(unknown) => Err(wrong(format!("group {group:?}: there is no role {unknown}"))),
            None if roles.is_empty() => Err(wrong(format!("group {group:?} has no roles"))),
            None => Ok((group, roles)),
        }
    };
    Ok(Some(Sso {
        issuer,
        client_id: file.client_id.ok_or_else(|| missing("client_id"))?,
        client_secret: secret.ok_or_else(|| missing("client_secret (or --sso-client-secret)"))?,
        name: file.name.into_iter().collect(),
        scopes: file.scopes.unwrap_or_else(|| SCOPES.map(str::to_owned).to_vec()),
        groups_claim: file.groups_claim.unwrap_or_else(|| GROUPS.to_owned()),
        trust_emails: file.trust_emails,
        groups: file.groups.into_iter().map(roles).collect::<Result<_, _>>()?,
    }))
}

/// Tokens come over the connection to the provider, so it has TLS. A provider on a sandbox's own machine needs none.
fn check_issuer(issuer: &str, environment: Environment) -> Result<(), ConfigError> {
    let url = Url::parse(issuer).map_err(|_| ConfigError::Sso("issuer is not a URL".to_owned()))?;
    let is_own = environment == Environment::Sandbox && is_loopback(&url);
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_own => Ok(()),
        _other => Err(ConfigError::Sso("issuer must begin with https://".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::super::roles;
    use super::*;

    fn read(toml: &str, environment: Environment) -> Result<Option<Sso>, ConfigError> {
        let source = config::File::from_str(toml, config::FileFormat::Toml);
        let file = config::Config::builder().add_source(source).build().unwrap();
        of(file.try_deserialize().unwrap(), None, &roles::of(None).unwrap(), environment)
    }

    const WHOLE: &str = "issuer = \"https://id.example.com/realms/Lua\"\nclient_id = \"dinie\"\n\
                         client_secret = \"s\"\n[[groups]]\ngroup = \"Mesa de Crédito\"\nroles = [\"credit\"]\n\
                         [[groups]]\ngroup = \"Tesouraria\"\nroles = [\"treasury\", \"collections\"]\n";

    #[test]
    fn an_account_has_the_roles_of_all_its_groups() {
        let sso = read(WHOLE, Environment::Production).unwrap().unwrap();
        assert_eq!(sso.issuer, "https://id.example.com/realms/Lua");
        let roles = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
            sso.roles_of(&groups).to_string()
        };
        assert_eq!(roles(&["Tesouraria", "Mesa de Crédito", "x"]), "collections credit treasury");
        assert_eq!(roles(&["mesa de crédito", "credit"]), "");
    }

    #[test]
    fn a_file_without_the_table_has_no_provider_and_a_wrong_one_says_what_is_wrong() {
        assert!(read("", Environment::Production).unwrap().is_none());
        for (from, to, what) in [
            ("issuer", "# issuer", "issuer is missing"),
            ("https://", "http://", "https://"),
            ("client_id", "# client_id", "client_id"),
            ("client_secret", "# client_secret", "client_secret"),
            ("\"credit\"", "\"chief\"", "there is no role chief"),
            ("[\"credit\"]", "[]", "has no roles"),
        ] {
            let error = read(&WHOLE.replacen(from, to, 1), Environment::Production).unwrap_err().to_string();
            assert!(error.contains(what), "{from}: {error}");
        }
        let own = WHOLE.replace("https://id.example.com", "http://127.0.0.1:9000");
        assert!(read(&own, Environment::Sandbox).is_ok() && read(&own, Environment::Production).is_err());
    }
}
