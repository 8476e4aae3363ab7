//! The server that a command calls, and the credential that it uses: flags, then variables, then the profile.

use clap::Args;
use url::Url;

use crate::failure::Failure;
use crate::profile::{self, Profile, Profiles};

/// The server's URL if nothing names another one.
pub(crate) const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// The arguments of every command that calls a server. They have no `Debug`, because one is a secret.
#[derive(Clone, Args)]
#[command(next_help_heading = "Server")]
pub(crate) struct AccessFlags {
    /// The server (default: the profile's, or http://127.0.0.1:8080).
    #[arg(long, env = "DINIE_URL")]
    url: Option<String>,
    /// The credential's client id.
    #[arg(long, env = "DINIE_CLIENT_ID")]
    client_id: Option<String>,
    /// The credential's secret.
    #[arg(long, env = "DINIE_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<String>,
    /// The profile with server and credential, made by `dinie login` (default: default).
    #[arg(long, env = "DINIE_PROFILE", value_name = "NAME")]
    profile: Option<String>,
}

/// A server and a credential.
#[derive(Clone)]
pub(crate) struct Access {
    /// The server's URL, without a slash at its end.
    pub(crate) url: String,
    /// The credential's client id.
    pub(crate) client_id: String,
    /// The credential's secret.
    pub(crate) client_secret: String,
}

impl AccessFlags {
    /// The name of the profile.
    pub(crate) fn profile_name(&self) -> &str {
        self.profile.as_deref().unwrap_or(profile::DEFAULT)
    }

    /// The access of flags, variables and profile. Nothing guesses a credential: a sandbox prints its first one once and
    /// does not keep the secret.
    pub(crate) fn access(&self) -> anyhow::Result<Access> {
        let profile = self.profile()?;
        let given = self.url.as_deref().map(server).transpose()?;
        let known = profile.url.as_deref().map(server).transpose()?;
        let url = given.clone().or_else(|| known.clone()).unwrap_or_else(|| DEFAULT_URL.to_owned());
        if let (Some(client_id), Some(client_secret)) = (&self.client_id, &self.client_secret) {
            return Ok(Access { url, client_id: client_id.clone(), client_secret: client_secret.clone() });
        }
        let missing = || Failure::no_credential(self.profile_name());
        if self.client_id.is_some() || self.client_secret.is_some() {
            return Err(missing().into());
        }
        let (Some(client_id), Some(client_secret)) = (profile.client_id, profile.client_secret) else {
            return Err(missing().into());
        };
        // A credential must not reach another server than the one that made it.
        if let (Some(given), Some(known)) = (given, known)
            && given != known
        {
            let name = self.profile_name();
            return Err(Failure::Usage(format!(
                "the credential of profile {name} is for {known}, not for {given}; name another profile with --profile, or \
                 give --client-id and --client-secret"
            ))
            .into());
        }
        Ok(Access { url, client_id, client_secret })
    }

    /// The named profile, which must exist, or the default one if it exists.
    fn profile(&self) -> anyhow::Result<Profile> {
        match &self.profile {
            Some(name) => Ok(Profiles::read()?.named(name)?.clone()),
            None => self.found_profile(),
        }
    }

    fn found_profile(&self) -> anyhow::Result<Profile> {
        Ok(Profiles::read()?.find(self.profile_name()).map_or_else(Profile::default, Profile::clone))
    }
}

/// A server's URL without a path of the API: people copy either form from the documents.
pub(crate) fn server(text: &str) -> Result<String, Failure> {
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    let is_url =
        Url::parse(&whole).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !is_url {
        return Err(Failure::Usage(format!("--url {text} is no URL such as {DEFAULT_URL}")));
    }
    let base = whole.trim_end_matches('/');
    let bases = ["/api/v3", "/v3"].iter().find_map(|path| base.strip_suffix(path));
    Ok(bases.unwrap_or(base).trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_servers_url_may_have_the_path_of_a_generation() {
        for text in
            ["http://127.0.0.1:8080", "127.0.0.1:8080/", "http://127.0.0.1:8080/v3", "127.0.0.1:8080/api/v3/"]
        {
            assert_eq!(server(text).unwrap(), DEFAULT_URL, "{text}");
        }
        assert_eq!(server("https://api.example.com/credit").unwrap(), "https://api.example.com/credit");
        assert!(server("ftp://example.com").is_err() && server("http://").is_err());
    }
}
