//! The settings that flags and environment variables can give.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::hidden::Hidden;

/// Settings that flags and environment variables can give. The file gives the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Flags {
    /// sandbox (default) or production.
    #[arg(long, global = true, env = "DINIE_ENVIRONMENT", value_name = "NAME")]
    pub environment: Option<String>,
    /// Address and port to listen on (default 127.0.0.1:8080).
    #[arg(long, global = true, env = "DINIE_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Second address for /operator, /console, /sandbox and /metrics, which the first one then does not serve.
    #[arg(long, global = true, env = "DINIE_ADMIN_LISTEN", value_name = "ADDRESS")]
    pub admin_listen: Option<SocketAddr>,
    /// sqlite:PATH or postgres://… (default sqlite:DATA/dinie.db).
    #[arg(long, global = true, env = "DINIE_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<Hidden>,
    /// File whose first line is that URL.
    #[arg(long, global = true, env = "DINIE_DATABASE_FILE", value_name = "FILE")]
    pub database_file: Option<PathBuf>,
    /// PostgreSQL replica from which partners' lists are read.
    #[arg(long, global = true, env = "DINIE_READ_DATABASE", value_name = "URL", hide_env_values = true)]
    pub read_database: Option<Hidden>,
    /// File whose first line is that URL.
    #[arg(long, global = true, env = "DINIE_READ_DATABASE_FILE", value_name = "FILE")]
    pub read_database_file: Option<PathBuf>,
    /// File whose first line is the password of the PostgreSQL database.
    #[arg(long, global = true, env = "DINIE_DATABASE_PASSWORD_FILE", value_name = "FILE")]
    pub database_password_file: Option<PathBuf>,
    /// Folder of the database, the files and the sandbox's master key (default ./data).
    #[arg(long, global = true, env = "DINIE_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// 64 hex digits; required in production, the sandbox makes its own in DATA/master.key.
    #[arg(long, global = true, env = "DINIE_MASTER_KEY", value_name = "HEX", hide_env_values = true)]
    pub master_key: Option<Hidden>,
    /// File whose first line is the master key.
    #[arg(long, global = true, env = "DINIE_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Another master key that this server knows, while one is replaced by the other.
    #[arg(
        long,
        global = true,
        env = "DINIE_PREVIOUS_MASTER_KEY",
        value_name = "HEX",
        hide_env_values = true
    )]
    pub previous_master_key: Option<Hidden>,
    /// File whose first line is that key.
    #[arg(long, global = true, env = "DINIE_PREVIOUS_MASTER_KEY_FILE", value_name = "FILE")]
    pub previous_master_key_file: Option<PathBuf>,
    /// Files whose first lines are shares of master keys, separated by commas (dinie keys split).
    #[arg(
        long,
        global = true,
        env = "DINIE_MASTER_KEY_SHARE_FILES",
        value_name = "FILES",
        value_delimiter = ','
    )]
    pub master_key_share_files: Vec<PathBuf>,
    /// PIN of the token that has the master key ([kms] in the file).
    #[arg(long, global = true, env = "DINIE_KMS_PIN", value_name = "PIN", hide_env_values = true)]
    pub kms_pin: Option<Hidden>,
    /// File whose first line is that PIN.
    #[arg(long, global = true, env = "DINIE_KMS_PIN_FILE", value_name = "FILE")]
    pub kms_pin_file: Option<PathBuf>,
    /// PIN of the token that has the other master key ([previous_kms] in the file).
    #[arg(long, global = true, env = "DINIE_PREVIOUS_KMS_PIN", value_name = "PIN", hide_env_values = true)]
    pub previous_kms_pin: Option<Hidden>,
    /// File whose first line is that PIN.
    #[arg(long, global = true, env = "DINIE_PREVIOUS_KMS_PIN_FILE", value_name = "FILE")]
    pub previous_kms_pin_file: Option<PathBuf>,
    /// URL at which people reach this server (default http://LISTEN).
    #[arg(long, global = true, env = "DINIE_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Declares that a proxy in front of this server ends TLS; production needs it or a certificate.
    #[arg(long, global = true, env = "DINIE_BEHIND_TLS_PROXY")]
    pub behind_tls_proxy: bool,
    /// PEM file of this server's certificate and of those that sign it; with --tls-key, it serves HTTPS itself.
    #[arg(long, global = true, env = "DINIE_TLS_CERTIFICATE", value_name = "FILE")]
    pub tls_certificate: Option<PathBuf>,
    /// PEM file of the certificate's key.
    #[arg(long, global = true, env = "DINIE_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// Proxies that may name the caller's address: addresses and networks, separated by commas (default: with
    /// --behind-tls-proxy, the peer of the connection).
    #[arg(long, global = true, env = "DINIE_TRUSTED_PROXIES", value_name = "LIST", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// Header in which the proxy names the caller's address: x-forwarded-for (default) or forwarded.
    #[arg(long, global = true, env = "DINIE_FORWARDED_HEADER", value_name = "NAME")]
    pub forwarded_header: Option<String>,
    /// TOML file of the rate table, by date (default: the built-in table).
    #[arg(long, global = true, env = "DINIE_RATES", value_name = "FILE")]
    pub rates: Option<PathBuf>,
    /// Mail server for e-mails to customers: smtp://HOST:PORT or smtps://USER:PASSWORD@HOST (sandbox: a mailbox
    /// page).
    #[arg(long, global = true, env = "DINIE_SMTP_URL", value_name = "URL", hide_env_values = true)]
    pub smtp_url: Option<Hidden>,
    /// File whose first line is the mail server's URL.
    #[arg(long, global = true, env = "DINIE_SMTP_URL_FILE", value_name = "FILE")]
    pub smtp_url_file: Option<PathBuf>,
    /// The sender of e-mails.
    #[arg(long, global = true, env = "DINIE_MAIL_FROM", value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// TOML file of the credit policy (default: the sandbox's own; in production none, and only operators decide).
    #[arg(long, global = true, env = "DINIE_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// TOML file of the operators' roles (default: the built-in roles).
    #[arg(long, global = true, env = "DINIE_ROLES", value_name = "FILE")]
    pub roles: Option<PathBuf>,
    /// Secret of this server at the provider that signs people in ([sso] in the file).
    #[arg(
        long,
        global = true,
        env = "DINIE_SSO_CLIENT_SECRET",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub sso_client_secret: Option<Hidden>,
    /// File whose first line is that secret.
    #[arg(long, global = true, env = "DINIE_SSO_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub sso_client_secret_file: Option<PathBuf>,
    /// Secret of the access key of the bucket that has the files ([bucket] in the file).
    #[arg(
        long,
        global = true,
        env = "DINIE_BUCKET_SECRET_ACCESS_KEY",
        value_name = "SECRET",
        hide_env_values = true
    )]
    pub bucket_secret_access_key: Option<Hidden>,
    /// File whose first line is that secret.
    #[arg(long, global = true, env = "DINIE_BUCKET_SECRET_ACCESS_KEY_FILE", value_name = "FILE")]
    pub bucket_secret_access_key_file: Option<PathBuf>,
    /// One operator is enough for decisions that need two (only in a sandbox).
    #[arg(long, global = true, env = "DINIE_WITHOUT_FOUR_EYES")]
    pub without_four_eyes: bool,
    /// TOML file with any of these settings, limits and lifetimes (default: dinie.toml, if it exists).
    #[arg(long, global = true, env = "DINIE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of systemd's credentials.
    #[arg(long, global = true, env = "CREDENTIALS_DIRECTORY", value_name = "DIR", hide = true)]
    pub credentials: Option<PathBuf>,
}
