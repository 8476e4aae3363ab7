//! The settings in a PostgreSQL URL: hosts, sign-in, time limits and the number of sessions.
//!
//! Parameters have the names and meanings of libpq, if libpq has them. An unknown parameter is an error.

use std::fmt::Write as _;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::password::Password;
use super::tls;
use crate::db::error::OpenError;
use crate::db::mode::Durability;

/// Settings that the driver itself reads.
const OF_THE_DRIVER: [&str; 16] = [
    "user",
    "password",
    "dbname",
    "options",
    "application_name",
    "host",
    "hostaddr",
    "port",
    "connect_timeout",
    "tcp_user_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_retries",
    "target_session_attrs",
    "channel_binding",
];

/// Maximum time to connect, with TLS and password.
const CONNECT: Duration = Duration::from_secs(5);
/// Maximum time without an acknowledgement of sent bytes.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);
/// Silence before the first keepalive probe, time between two probes, and the number of probes without an answer.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_secs(5), Duration::from_secs(2), 3);

/// Fewest and most sessions of writes in a node, unless the URL sets the number.
const LEAST_WRITES: usize = 2;
const MOST_WRITES: usize = 8;

/// Number of sessions of each pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pools {
    pub(super) writes: usize,
    pub(super) look_ups: usize,
    pub(super) reads: usize,
}

/// One session of writes for each processor. With fewer sessions, more writes share a commit, but each session waits
/// for its commit. A session that waits for a lock must not be the only one.
fn writes() -> usize {
    std::thread::available_parallelism().map_or(LEAST_WRITES, NonZero::get).clamp(LEAST_WRITES, MOST_WRITES)
}

/// The pooler before the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pooler {
    /// No pooler, or one in session mode: a client's session keeps one session of the server.
    Session,
    /// A pooler in transaction mode: each transaction may get another session of the server, so nothing may be kept on
    /// it.
    Transaction,
}

/// All settings of the connection.
pub(super) struct Settings {
    /// One for each host, in the order of the URL.
    pub(super) hosts: Vec<Config>,
    pub(super) tls: MakeRustlsConnect,
    pub(super) password: Option<Password>,
    pub(super) pooler: Pooler,
    pub(super) pools: Pools,
    /// The replica that may answer lists.
    pub(super) replica: Option<Arc<Settings>>,
    /// The commits that a crash may undo.
    pub(super) durability: Durability,
}

fn wrong(why: impl Into<String>) -> OpenError {
    OpenError::Parameter(why.into())
}

/// The parts of a URL before and after its hosts, and its parameters.
struct Parts<'a> {
    head: &'a str,
    hosts: &'a str,
    path: &'a str,
    parameters: Vec<(&'a str, &'a str)>,
}

impl<'a> Parts<'a> {
    fn of(url: &'a str) -> Result<Self, OpenError> {
        let (scheme, rest) = url.split_once("://").ok_or(OpenError::Url)?;
        let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = place.find('/').map_or((place, ""), |at| place.split_at(at));
        let (head, hosts) = match authority.rfind('@') {
            Some(at) => (&url[..=scheme.len() + 3 + at], &authority[at + 1..]),
            None => (&url[..scheme.len() + 3], authority),
        };
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let pair = |pair: &'a str| pair.split_once('=').ok_or_else(|| wrong("a parameter has no value"));
        Ok(Self { head, hosts, path, parameters: pairs.map(pair).collect::<Result<_, _>>()? })
    }
}

/// A parameter's text with percent signs decoded.
fn decoded(name: &str, text: &str) -> Result<String, OpenError> {
    let bytes = percent_encoding::percent_decode_str(text);
    bytes.decode_utf8().map(Into::into).map_err(|_| wrong(format!("{name} is not UTF-8")))
}

impl Settings {
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        let parts = Parts::of(url)?;
        let mut tls = tls::Parameters::default();
        let mut password = None;
        let mut pools = Pools { writes: writes(), look_ups: 2, reads: 2 };
        let (mut pooler, mut passed, mut replica) = (Pooler::Session, String::new(), None);
        for (name, text) in &parts.parameters {
            let value = decoded(name, text)?;
            match *name {
                "sslmode" => tls.mode = tls::Mode::parse(&value)?,
                "sslrootcert" => tls.root = Some(PathBuf::from(value)),
                "sslcert" => tls.certificate = Some(PathBuf::from(value)),
                "sslkey" => tls.key = Some(PathBuf::from(value)),
                "passfile" => password = Some(Password::List(value.into())),
                "password_file" => password = Some(Password::File(value.into())),
                "read_database" => replica = Some(Self::of_replica(&value)?),
                "pooler" => pooler = Pooler::parse(&value)?,
                "write_connections" => pools.writes = connections(name, &value)?,
                "look_up_connections" => pools.look_ups = connections(name, &value)?,
                "read_connections" => pools.reads = connections(name, &value)?,
                known if OF_THE_DRIVER.contains(&known) => {
                    write!(passed, "&{name}={text}").expect("a String takes every text");
                }
                other => return Err(wrong(format!("unknown parameter {other}"))),
            }
        }
        let ssl_mode = tls.mode.of_the_driver();
        let several = parts.hosts.contains(',');
        let given = |name: &str| parts.parameters.iter().any(|(given, _)| *given == name);
        let host = |host: &str| {
            let one = format!("{}{host}{}?{}", parts.head, parts.path, passed.trim_start_matches('&'));
            let mut config: Config = one.trim_end_matches('?').parse().map_err(|_| {
                wrong("it is postgres://USER@HOST:PORT/DATABASE?…, and a value in it is wrong")
            })?;
            config.ssl_mode(ssl_mode);
            with_defaults(&mut config, given, several);
            Ok::<_, OpenError>(config)
        };
        let hosts: Vec<Config> = parts.hosts.split(',').map(host).collect::<Result<_, _>>()?;
        let durability = Durability::Synced;
        Ok(Self { hosts, tls: tls.connector()?, password, pooler, pools, replica, durability })
    }

    /// The settings with this durability. A store that may lose its last commits has one session for each kind of work,
    /// and no replica.
    pub(super) fn with(self, durability: Durability) -> Self {
        match durability {
            Durability::Synced => Self { durability, ..self },
            Durability::Unsynced => {
                let pools = Pools { writes: 1, look_ups: 1, reads: 1 };
                Self { durability, pools, replica: None, ..self }
            }
        }
    }

    fn of_replica(url: &str) -> Result<Arc<Self>, OpenError> {
        let replica = Self::parse(url).map_err(|error| wrong(format!("the read database: {error}")))?;
        match replica.replica {
            None => Ok(Arc::new(replica)),
            Some(_) => Err(wrong("the read database has no read database")),
        }
    }

    /// Maximum time for a host to accept a session.
    pub(super) fn connect_bound(config: &Config) -> Duration {
        config.get_connect_timeout().copied().unwrap_or(CONNECT)
    }
}

fn with_defaults(config: &mut Config, given: impl Fn(&str) -> bool, several: bool) {
    let (idle, interval, retries) = KEEPALIVE;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNACKNOWLEDGED);
    }
    if !given("keepalives_idle") {
        config.keepalives_idle(idle);
    }
    if config.get_keepalives_interval().is_none() {
        config.keepalives_interval(interval);
    }
    if config.get_keepalives_retries().is_none() {
        config.keepalives_retries(retries);
    }
    if config.get_application_name().is_none() {
        config.application_name("dinie");
    }
    // Of several hosts, only one accepts writes.
    if several && !given("target_session_attrs") {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

fn connections(name: &str, value: &str) -> Result<usize, OpenError> {
    let count = value.parse().ok().filter(|count| (1..=100).contains(count));
    count.ok_or_else(|| wrong(format!("{name} is 1 to 100")))
}

impl Pooler {
    fn parse(value: &str) -> Result<Self, OpenError> {
        match value {
            "session" => Ok(Self::Session),
            "transaction" => Ok(Self::Transaction),
            _other => Err(wrong("pooler is session or transaction")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> Settings {
        Settings::parse(url).unwrap()
    }

    #[track_caller]
    fn refused(url: &str) -> String {
        Settings::parse(url).err().expect("it is refused").to_string()
    }

    #[test]
    fn each_host_of_a_url_is_tried_by_itself() {
        let several = settings("postgres://dinie:a%40b@one:5433,two,[::1]:5435/db?connect_timeout=2");
        let places: Vec<_> =
            several.hosts.iter().map(|host| (host.get_hosts().to_vec(), host.get_ports().to_vec())).collect();
        assert_eq!(places.len(), 3);
        assert_eq!((places[0].1[0], places[2].1[0]), (5433, 5435));
        for host in &several.hosts {
            assert_eq!(host.get_hosts().len(), 1);
            assert_eq!((host.get_password(), host.get_dbname()), (Some(&b"a@b"[..]), Some("db")));
            assert_eq!(host.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
            assert_eq!(host.get_connect_timeout(), Some(&Duration::from_secs(2)));
            assert_eq!(host.get_tcp_user_timeout(), Some(&UNACKNOWLEDGED));
        }
        let one = settings("postgres://dinie@one/db");
        assert_eq!(one.hosts[0].get_target_session_attrs(), TargetSessionAttrs::Any);
    }

    #[test]
    fn pools_and_pooler_come_from_the_url() {
        let given = settings(
            "postgres://dinie@one/db?write_connections=3&look_up_connections=5&read_connections=7&pooler=transaction",
        );
        assert_eq!(given.pools, Pools { writes: 3, look_ups: 5, reads: 7 });
        assert_eq!(given.pooler, Pooler::Transaction);
    }

    #[test]
    fn the_error_of_a_wrong_url_does_not_show_its_password() {
        for (url, said) in [
            ("postgres://dinie:geheim@one/db?colour=red", "unknown parameter colour"),
            (
                "postgres://dinie:geheim@one/db?sslmode=maybe",
                "sslmode is disable, prefer, require, verify-ca or verify-full",
            ),
            ("postgres://dinie:geheim@one/db?sslrootcert=/nowhere.pem&sslmode=verify-full", "/nowhere.pem"),
            ("postgres://dinie:geheim@one/db?sslcert=/nowhere.pem", "sslcert and sslkey"),
            ("postgres://dinie:geheim@one/db?pooler=statement", "pooler is session or transaction"),
            ("postgres://dinie:geheim@one/db?write_connections=0", "write_connections is 1 to 100"),
            ("postgres://dinie:geheim@one/db?sslmode", "has no value"),
            ("postgres://dinie:geheim@one:port/db", "a value in it is wrong"),
        ] {
            let error = refused(url);
            assert!(error.contains(said) && !error.contains("geheim"), "{url}: {error}");
        }
    }
}
