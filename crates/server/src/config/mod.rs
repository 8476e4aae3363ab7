//! Configuration. Flags win over environment variables, these over a TOML file, the file over systemd's credentials, and
//! these over defaults.
//!
//! The only module that reads the environment (through `clap`'s `env`).

mod access_log;
#[cfg(test)]
mod agreement;
mod bank;
mod bucket;
mod catalogue;
pub mod check;
mod collector;
mod creditor;
mod database;
mod error;
mod error_text;
mod file;
mod flags;
mod hidden;
mod key;
mod kms;
mod lifetimes;
mod limits;
mod logs;
pub mod network;
pub mod policy;
mod policy_fault;
mod queues;
mod rates;
pub mod reload;
mod requests;
mod roles;
pub mod schema;
mod secrets;
mod sessions;
pub mod shown;
mod sso;
mod tls;
mod traces;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use app::Lifetimes;
use app::database::{DatabaseUrl, FileStore, MasterKeys, TREE, Tree};
use domain::access::{FourEyes, Roles, SessionLimits};
use domain::bank_file::PayerAccount;
use domain::credential::Environment;
use domain::credit::policy::Policy;
use domain::kyc::FileLimits;
use domain::loan::contract::Creditor;
use domain::loan::rates::RateBook;
use domain::money::Cents;
use domain::queue::ServiceLevels;
use domain::webhook::target::Loopback;

use crate::page_pictures::own_program;
use crate::telemetry::check_level;
use crate::tls::TlsFiles;

pub use self::access_log::AccessLogPlace;
use self::bucket::BucketFile;
pub use self::catalogue::EXAMPLE;
pub use self::collector::CollectorSettings;
use self::creditor::CreditorFile;
pub use self::creditor::MailServer;
pub use self::error::ConfigError;
use self::file::{File, PaymentsFile};
pub use self::flags::Flags;
pub use self::hidden::Hidden;
pub use self::key::master_key_in;
use self::key::{GivenKeys, OwnKey};
pub use self::kms::Tokens;
pub use self::limits::RateLimits;
use self::network::{ConnectionLimits, Proxies, is_local_only};
pub use self::requests::{Logging, RequestLogSettings};
pub use self::sso::Sso;
pub use self::traces::TraceSettings;

/// The default address of a server.
pub const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);

/// Whether a crash or a debugger may copy the memory of the process, which has keys and personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CoreDumps {
    /// Neither.
    Off,
    /// As the system's settings say.
    Allowed,
}

/// The server's whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Sandbox or production.
    pub environment: Environment,
    /// The listening address.
    pub listen: SocketAddr,
    /// The address for the lender's own paths, which the other one then does not serve.
    pub admin_listen: Option<SocketAddr>,
    /// The certificate; without one the server speaks plain HTTP.
    pub tls: Option<TlsFiles>,
    /// The URL of the database.
    pub database: DatabaseUrl,
    /// The folder of the sandbox's master key and, unless they are elsewhere, of the database and the files.
    pub data: PathBuf,
    /// Where the files are.
    pub file_store: FileStore,
    /// The keys that encrypt the other keys. The database says which of them wraps new ones.
    pub master_keys: MasterKeys,
    /// Where those of them are that tokens hold.
    pub tokens: Box<Tokens>,
    /// The public URL of the server; `None` means the listening address.
    pub public_url: Option<String>,
    /// Whether a proxy in front ends TLS.
    pub behind_proxy: bool,
    /// The proxies that the server trusts to name a caller's address.
    pub proxies: Proxies,
    /// Limits on the number and the silence of connections.
    pub connections: ConnectionLimits,
    /// Limits on the rate of requests.
    pub limits: RateLimits,
    /// Limits on the files that are stored for a customer.
    pub files: FileLimits,
    /// Lifetimes of tokens, sessions, links and kept data.
    pub lifetimes: Lifetimes,
    /// The largest excess of a payment over the amount owed that needs no confirmation.
    pub overpayment_limit: Cents,
    /// Taxes and late charges by date.
    pub rates: RateBook,
    /// The creditor of the contracts.
    pub creditor: Creditor,
    /// The account from which the creditor's money leaves, for files of CNAB 240.
    pub payer: Option<PayerAccount>,
    /// The mail server. If it is `None`, e-mails stay in the sandbox's mailbox.
    pub mail: Option<MailServer>,
    /// The policy that decides credit automatically. Without one, only operators decide.
    pub policy: Option<Policy>,
    /// The roles of operators.
    pub roles: Roles,
    /// Whether some decisions of operators need a second person.
    pub four_eyes: FourEyes,
    /// The longest time that a case should wait in each queue.
    pub service_levels: ServiceLevels,
    /// The lifetimes of people's sessions in the console.
    pub sessions: SessionLimits,
    /// The lender's own provider, which signs people in to the console.
    pub sso: Option<Sso>,
    /// The log of partners' requests.
    pub requests: RequestLogSettings,
    /// Where the access log goes, if there is one.
    pub access_log: Option<AccessLogPlace>,
    /// Where traces go, if they are recorded.
    pub traces: Option<TraceSettings>,
    /// Where the log goes beside the standard error stream, if anywhere.
    pub logs: Option<CollectorSettings>,
    /// Whether webhooks may go to this machine.
    pub loopback: Loopback,
    /// The level of the log, or a filter. `RUST_LOG` wins.
    pub log: String,
    /// Whether the process may leave its memory behind.
    pub core_dumps: CoreDumps,
    /// The program that renders pages of PDFs: this one. Only a test passes another.
    pub program: PathBuf,
    /// The migrations that the program knows. Only a proof passes others.
    pub tree: Tree,
}

impl Config {
    /// Combines flags, environment, file and defaults.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        Self::load_with(flags, OwnKey::MadeIfMissing)
    }

    /// Reads the configuration of an existing database. A sandbox's own master key must exist.
    pub fn load_existing(flags: &Flags) -> Result<Self, ConfigError> {
        Self::load_with(flags, OwnKey::MustExist)
    }

    /// Reads the configuration for a look at what can be reached. It makes no file and no folder.
    pub fn load_to_look(flags: &Flags) -> Result<Self, ConfigError> {
        Self::load_with(flags, OwnKey::NotNeeded)
    }

    /// Reads the configuration for a command on a database that is in use. It makes no file and no folder.
    pub fn load_in_use(flags: &Flags) -> Result<Self, ConfigError> {
        let file = File::read(flags.config.as_deref())?;
        let (_data, database) = place(&secrets::resolve(flags, &file).whole()?, &file)?;
        match database {
            DatabaseUrl::Sqlite(path) if !path.exists() => Err(ConfigError::NoDatabase(absolute(path))),
            DatabaseUrl::Sqlite(_) | DatabaseUrl::Postgres(_) => Self::load_existing(flags),
        }
    }

    fn load_with(flags: &Flags, own_key: OwnKey) -> Result<Self, ConfigError> {
        let file = File::read(flags.config.as_deref())?;
        let flags = &secrets::resolve(flags, &file).whole()?;
        let environment = environment(flags.environment.as_ref().or(file.environment.as_ref()))?;
        let (data, database) = place(flags, &file)?;
        let proxied = flags.behind_tls_proxy || file.behind_tls_proxy == Some(true);
        let tls = tls::of(flags, &file.tls)?;
        if environment == Environment::Production && !proxied && tls.is_none() {
            return Err(ConfigError::NoTls);
        }
        let public_url = flags.public_url.clone().or_else(|| file.public_url.clone());
        if environment == Environment::Production && public_url.is_none() {
            return Err(ConfigError::NoPublicUrl);
        }
        creditor::check_public_url(public_url.as_deref())?;
        let (tokens, in_tokens) = tokens(flags, &file, own_key)?;
        let master_keys = GivenKeys::of(flags, &file, in_tokens).keys(environment, &data, own_key)?;
        let listen = flags.listen.or(file.listen).unwrap_or(DEFAULT_LISTEN);
        let proxies = proxies(flags, &file.trusted_proxies, file.forwarded_header.as_deref(), proxied)?;
        let allowed = file.webhooks.allow_loopback.unwrap_or_else(|| {
            environment == Environment::Sandbox && is_local_only(listen, public_url.as_deref(), &proxies)
        });
        let loopback = if allowed { Loopback::Allowed } else { Loopback::Refused };
        let roles = roles::of(flags.roles.as_deref().or(file.roles.as_deref()))?;
        let bucket_secret = flags.bucket_secret_access_key.clone();
        Ok(Self {
            environment,
            listen,
            admin_listen: flags.admin_listen.or(file.admin_listen),
            tls,
            database,
            master_keys,
            tokens: Box::new(tokens),
            file_store: bucket::file_store(file.bucket, bucket_secret, &data, environment)?,
            data,
            public_url,
            behind_proxy: proxied,
            proxies,
            connections: file.connections.or_default()?,
            rates: rates::book(flags.rates.as_deref().or(file.rates.as_deref()))?,
            creditor: creditor::creditor(file.creditor, environment)?,
            payer: bank::payer(file.bank, environment)?,
            mail: creditor::mail(flags.smtp_url.clone(), flags.mail_from.clone(), file.mail, environment)?,
            policy: policy::of(flags.policy.as_deref().or(file.policy.as_deref()), environment)?,
            sso: sso::of(file.sso, flags.sso_client_secret.clone(), &roles, environment)?,
            roles,
            four_eyes: roles::four_eyes(
                flags.without_four_eyes || file.four_eyes == Some(false),
                environment,
            )?,
            sessions: file.sessions.or_default()?,
            limits: file.limits.or_default(),
            files: file.files.or_default(),
            lifetimes: file.lifetimes.or_default(),
            overpayment_limit: file.payments.overpayment_limit()?,
            service_levels: queues::levels(&file.queues)?,
            requests: file.requests.or_default()?,
            access_log: access_log::of(file.access_log.as_deref())?,
            traces: file.traces.settings()?,
            logs: file.logs.settings()?,
            loopback,
            log: level(file.log)?,
            core_dumps: if file.core_dumps == Some(true) { CoreDumps::Allowed } else { CoreDumps::Off },
            program: own_program(),
            tree: TREE,
        })
    }
}

impl Config {
    /// A sandbox in its own folder, on a free port, with defaults for everything else.
    pub fn temporary(folder: &Path) -> Result<Self, ConfigError> {
        let environment = Environment::Sandbox;
        Ok(Self {
            environment,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            admin_listen: None,
            tls: None,
            database: DatabaseUrl::Sqlite(folder.join("dinie.db")),
            data: folder.to_owned(),
            file_store: bucket::file_store(BucketFile::default(), None, folder, environment)?,
            master_keys: GivenKeys::none().keys(environment, folder, OwnKey::MadeIfMissing)?,
            tokens: Box::default(),
            public_url: None,
            behind_proxy: false,
            proxies: Proxies::read(&[], None, false)?,
            connections: ConnectionLimits::default(),
            rates: rates::book(None)?,
            creditor: creditor::creditor(CreditorFile::default(), environment)?,
            payer: bank::payer(bank::BankFile::default(), environment)?,
            mail: None,
            policy: policy::of(None, environment)?,
            roles: roles::of(None)?,
            four_eyes: FourEyes::Off,
            sessions: SessionLimits::default(),
            sso: None,
            limits: RateLimits::default(),
            files: FileLimits::default(),
            lifetimes: Lifetimes::default(),
            overpayment_limit: PaymentsFile::default().overpayment_limit()?,
            service_levels: ServiceLevels::default(),
            requests: RequestLogSettings::default(),
            access_log: None,
            traces: None,
            logs: None,
            loopback: Loopback::Allowed,
            log: level(None)?,
            core_dumps: CoreDumps::Allowed,
            program: own_program(),
            tree: TREE,
        })
    }
}

/// The folder and the database. Flags win over the file.
fn place(flags: &Flags, file: &File) -> Result<(PathBuf, DatabaseUrl), ConfigError> {
    let data = flags.data.clone().or_else(|| file.data.clone()).unwrap_or_else(|| PathBuf::from("data"));
    let given = database::Given {
        database: flags.database.clone().or_else(|| file.database.clone()),
        read: flags.read_database.clone().or_else(|| file.read_database.clone()),
        password_file: flags.database_password_file.clone().or_else(|| file.database_password_file.clone()),
    };
    let database = database::of(given, &data)?;
    Ok((data, database))
}

/// The tokens with master keys, and their keys. A look asks no token.
fn tokens(flags: &Flags, file: &File, own_key: OwnKey) -> Result<(Tokens, kms::TokenKeys), ConfigError> {
    let master_key = flags.master_key.as_ref().or(file.master_key.as_ref());
    let tokens = kms::tokens(flags, [&file.kms, &file.previous_kms], master_key)?;
    let keys = match own_key {
        OwnKey::NotNeeded => kms::unopened(tokens.current.is_some()),
        OwnKey::MadeIfMissing | OwnKey::MustExist => tokens.open()?,
    };
    Ok((tokens, keys))
}

/// A path that says which folder is meant.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}

/// The proxies. Flags win over the file.
fn proxies(
    flags: &Flags, networks: &[String], header: Option<&str>, declared: bool,
) -> Result<Proxies, ConfigError> {
    let networks = if flags.trusted_proxies.is_empty() { networks } else { &flags.trusted_proxies };
    Proxies::read(networks, flags.forwarded_header.as_deref().or(header), declared)
}

/// The level of the log.
fn level(given: Option<String>) -> Result<String, ConfigError> {
    let level = given.unwrap_or_else(|| "info".to_owned());
    check_level(&level).map_err(ConfigError::Log)?;
    Ok(level)
}

fn environment(name: Option<&String>) -> Result<Environment, ConfigError> {
    match name.map(String::as_str) {
        None | Some("sandbox") => Ok(Environment::Sandbox),
        Some("production") => Ok(Environment::Production),
        Some(other) => Err(ConfigError::Environment(other.to_owned())),
    }
}
