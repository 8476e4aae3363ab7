//! The server that a command calls, and the credential that it uses.

use anyhow::bail;
use clap::Args;

/// The server's URL if the user gives none.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// The arguments of every command that calls a server. They have no `Debug`, because one is a secret.
#[derive(Clone, Args)]
pub(crate) struct AccessFlags {
    /// The server (default http://127.0.0.1:8080).
    #[arg(long, env = "DINIE_URL")]
    url: Option<String>,
    /// The credential's client id.
    #[arg(long, env = "DINIE_CLIENT_ID")]
    client_id: Option<String>,
    /// The credential's secret.
    #[arg(long, env = "DINIE_CLIENT_SECRET", hide_env_values = true)]
    client_secret: Option<String>,
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
    /// The given access. A credential must be given: a sandbox prints its first one once and does not keep the
    /// secret.
    pub(crate) fn access(&self) -> anyhow::Result<Access> {
        let (Some(client_id), Some(client_secret)) = (&self.client_id, &self.client_secret) else {
            bail!(
                "--client-id and --client-secret are needed (or DINIE_CLIENT_ID and DINIE_CLIENT_SECRET): those that the \
                 sandbox printed when it first started, or new ones from `dinie credential create`"
            );
        };
        let url = self.url.clone().unwrap_or_else(|| DEFAULT_URL.to_owned());
        let url = url.trim_end_matches('/').to_owned();
        Ok(Access { url, client_id: client_id.clone(), client_secret: client_secret.clone() })
    }
}
