//! Why a configuration is refused.

use std::path::PathBuf;

/// Why the configuration is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {0} cannot be used: {1}")]
    File(PathBuf, String),
    /// The credit policy.
    #[error("the policy {0} cannot be used: {1}")]
    Policy(PathBuf, String),
    /// No such environment.
    #[error("the environment is sandbox or production, not {0:?}")]
    Environment(String),
    /// The database URL.
    #[error(transparent)]
    Database(#[from] app::OpenError),
    /// A replica that is none.
    #[error("--read-database is the URL of a PostgreSQL replica")]
    ReadDatabase,
    /// A setting that only PostgreSQL has.
    #[error("{0} is for a PostgreSQL database, and --database names a file of SQLite")]
    NotPostgres(&'static str),
    /// The master key.
    #[error("{0}")]
    MasterKey(String),
    /// Production without a statement about TLS.
    #[error(
        "production serves no plain HTTP to the world: put a proxy that ends TLS in front and say so with \
         --behind-tls-proxy"
    )]
    NoTls,
    /// Production without the URL that its links begin with.
    #[error("production needs --public-url: the links that customers receive begin with it")]
    NoPublicUrl,
    /// The public URL has no room in a Pix code.
    #[error("--public-url may have {0} characters after its scheme, all of them ASCII: Pix codes hold it")]
    PublicUrl(usize),
    /// The limit of overpayments.
    #[error("[payments] overpayment_limit is an amount such as \"100.00\", not {0:?}")]
    OverpaymentLimit(String),
    /// The creditor.
    #[error("[creditor]: {0}")]
    Creditor(String),
    /// The mail server.
    #[error("{0}")]
    Mail(String),
    /// Connections and proxies.
    #[error("{0}")]
    Network(String),
}
