//! The reasons for refusing a configuration.

use std::path::PathBuf;

/// The reason for refusing a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The configuration file is unreadable or wrong.
    #[error("the configuration file {0} cannot be used: {1}")]
    File(PathBuf, String),
    /// A command needs a database, and there is none.
    #[error(
        "there is no database at {0}; name yours with --data DIR or --database URL, or make one here: `dinie serve` starts \
         a sandbox with its own, `dinie migrate` only makes the tables"
    )]
    NoDatabase(PathBuf),
    /// A check has found problems and printed them: their number, and the word for them.
    #[error("the configuration has {0} {1}")]
    Problems(usize, &'static str),
    /// The credit policy is unreadable or wrong.
    #[error("the policy {0} cannot be used: {1}")]
    Policy(PathBuf, String),
    /// The file of roles is unreadable or wrong.
    #[error("the roles {0} cannot be used: {1}")]
    Roles(PathBuf, String),
    /// Production always needs two people for some decisions.
    #[error("production cannot run without four eyes: only a sandbox lets one operator decide alone")]
    FourEyes,
    /// A service level is not that of a queue.
    #[error("[queues] has no setting {0}; it has {1}")]
    Queues(String, String),
    /// Sessions in the console would live too long.
    #[error("[sessions] hours must be at most {0}")]
    SessionHours(u32),
    /// Requests would be kept too long.
    #[error("requests.days and requests.bodies_days must be at most {0}")]
    RequestDays(u32),
    /// Too many requests would wait in memory.
    #[error("requests.per_second must be at most {0}")]
    RequestsPerSecond(u32),
    /// The access log cannot have this file.
    #[error("access_log must be stdout or a file in a folder that exists, not {0}")]
    AccessLog(PathBuf),
    /// The collector of a table is wrong.
    #[error("[{0}]: {1}")]
    Collector(&'static str, String),
    /// The provider that signs people in is wrong or incomplete.
    #[error("[sso]: {0}")]
    Sso(String),
    /// The environment does not exist.
    #[error("the environment must be sandbox or production, not {0:?}")]
    Environment(String),
    /// The bucket of the files is wrong or incomplete.
    #[error("[bucket]: {0}")]
    Bucket(String),
    /// A master key in a token is wrong, incomplete or out of reach: the table of its settings, and the reason.
    #[error("[{0}]: {1}")]
    Kms(&'static str, String),
    /// The database URL is wrong.
    #[error(transparent)]
    Database(#[from] app::OpenError),
    /// The replica is not a PostgreSQL database.
    #[error("--read-database must be the URL of a PostgreSQL replica")]
    ReadDatabase,
    /// The setting exists only for PostgreSQL.
    #[error("{0} is for a PostgreSQL database, but --database names an SQLite file")]
    NotPostgres(&'static str),
    /// Shares give no master key.
    #[error("master_key_share_files: {0}")]
    Shares(app::database::ShareError),
    /// The master key is missing or wrong.
    #[error("{0}")]
    MasterKey(String),
    /// The level of the log is wrong.
    #[error("log must be a level such as info, or a filter such as \"info,server=debug\": {0}")]
    Log(String),
    /// The certificate cannot be served.
    #[error("[tls]: {0}")]
    Tls(String),
    /// A secret is given twice in one place.
    #[error("{0} and the setting of its file are both given; keep one of them ({0}_file names a file)")]
    TwoSecrets(String),
    /// The file of a secret cannot be used.
    #[error("the file of {0}, {1}, cannot be used: {2}")]
    SecretFile(String, PathBuf, String),
    /// Production needs a statement about TLS.
    #[error(
        "production serves no plain HTTP to the internet: put a proxy that ends TLS in front and declare it with \
         --behind-tls-proxy, or give this server a certificate with --tls-certificate and --tls-key"
    )]
    NoTls,
    /// Production needs the URL with which its links begin.
    #[error("production needs --public-url: links to customers begin with it")]
    NoPublicUrl,
    /// The public URL is too long for a Pix code.
    #[error(
        "--public-url may have at most {0} characters after its scheme, all of them ASCII: Pix codes contain it"
    )]
    PublicUrl(usize),
    /// The limit of overpayments is not an amount.
    #[error("[payments] overpayment_limit must be an amount such as \"100.00\", not {0:?}")]
    OverpaymentLimit(String),
    /// The creditor is wrong or incomplete.
    #[error("[creditor]: {0}")]
    Creditor(String),
    /// The account of the creditor is wrong or incomplete.
    #[error("[bank]: {0}")]
    Bank(String),
    /// The mail server is wrong or missing.
    #[error("{0}")]
    Mail(String),
    /// Connections or proxies are wrong.
    #[error("{0}")]
    Network(String),
}
