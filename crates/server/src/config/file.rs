//! The TOML file of the configuration.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use domain::kyc::FileLimits;
use domain::money::Cents;
use serde::Deserialize;

use super::creditor::{CreditorFile, MailFile};
use super::error::ConfigError;
use super::error_text::error_text;
use super::hidden::Hidden;
use super::limits::LimitsFile;
use super::network::ConnectionsFile;
use super::tls::TlsFile;
use super::{bank, bucket, kms, lifetimes, logs, queues, requests, sessions, sso, traces};

/// The TOML file; every key is optional.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct File {
    pub(super) environment: Option<String>,
    pub(super) listen: Option<SocketAddr>,
    pub(super) admin_listen: Option<SocketAddr>,
    pub(super) database: Option<Hidden>,
    #[expect(clippy::struct_field_names, reason = "the setting names a file")]
    pub(super) database_file: Option<PathBuf>,
    pub(super) read_database: Option<Hidden>,
    #[expect(clippy::struct_field_names, reason = "the setting names a file")]
    pub(super) read_database_file: Option<PathBuf>,
    #[expect(clippy::struct_field_names, reason = "the setting names a file")]
    pub(super) database_password_file: Option<PathBuf>,
    pub(super) data: Option<PathBuf>,
    pub(super) master_key: Option<Hidden>,
    #[expect(clippy::struct_field_names, reason = "the setting names a file")]
    pub(super) master_key_file: Option<PathBuf>,
    pub(super) master_key_share_files: Vec<PathBuf>,
    pub(super) previous_master_key: Option<Hidden>,
    #[expect(clippy::struct_field_names, reason = "the setting names a file")]
    pub(super) previous_master_key_file: Option<PathBuf>,
    pub(super) public_url: Option<String>,
    pub(super) behind_tls_proxy: Option<bool>,
    pub(super) trusted_proxies: Vec<String>,
    pub(super) forwarded_header: Option<String>,
    pub(super) connections: ConnectionsFile,
    pub(super) rates: Option<PathBuf>,
    pub(super) creditor: CreditorFile,
    pub(super) bank: bank::BankFile,
    pub(super) bucket: bucket::BucketFile,
    pub(super) kms: kms::KmsFile,
    pub(super) previous_kms: kms::KmsFile,
    pub(super) mail: MailFile,
    pub(super) policy: Option<PathBuf>,
    pub(super) roles: Option<PathBuf>,
    pub(super) four_eyes: Option<bool>,
    pub(super) log: Option<String>,
    pub(super) access_log: Option<String>,
    pub(super) core_dumps: Option<bool>,
    pub(super) tls: TlsFile,
    pub(super) sessions: sessions::SessionsFile,
    pub(super) sso: sso::SsoFile,
    pub(super) limits: LimitsFile,
    pub(super) files: FilesFile,
    pub(super) lifetimes: lifetimes::LifetimesFile,
    pub(super) payments: PaymentsFile,
    pub(super) webhooks: WebhooksFile,
    pub(super) queues: queues::QueuesFile,
    pub(super) requests: requests::RequestsFile,
    pub(super) traces: traces::TracesFile,
    pub(super) logs: logs::LogsFile,
}

impl File {
    /// Reads the named file, or `dinie.toml` if it exists.
    pub(super) fn read(named: Option<&Path>) -> Result<Self, ConfigError> {
        let path = named.unwrap_or(Path::new("dinie.toml"));
        let source = config::File::from(path).format(config::FileFormat::Toml).required(named.is_some());
        let wrong = |error: config::ConfigError| ConfigError::File(path.to_owned(), error_text(&error));
        let layers = config::Config::builder().add_source(source).build().map_err(wrong)?;
        layers.try_deserialize().map_err(wrong)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FilesFile {
    per_customer: Option<u32>,
    mib_per_customer: Option<u32>,
}

impl FilesFile {
    pub(super) fn or_default(&self) -> FileLimits {
        let default = FileLimits::default();
        let bytes = self.mib_per_customer.map(|mib| i64::from(mib) * 1024 * 1024);
        FileLimits {
            files: self.per_customer.map_or(default.files, i64::from),
            bytes: bytes.unwrap_or(default.bytes),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PaymentsFile {
    overpayment_limit: Option<String>,
}

impl PaymentsFile {
    pub(super) fn overpayment_limit(&self) -> Result<Cents, ConfigError> {
        let default = Cents::new(10_000);
        self.overpayment_limit.as_ref().map_or(Ok(default), |text| {
            Cents::parse(text).map_err(|_not_an_amount| ConfigError::OverpaymentLimit(text.clone()))
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WebhooksFile {
    pub(super) allow_loopback: Option<bool>,
}
