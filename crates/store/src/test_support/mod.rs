//! Temporary databases for tests and benchmarks: SQLite files and a temporary PostgreSQL cluster.

mod bouncer;
mod distributed;
mod machine;
pub mod proxy;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

pub use self::bouncer::PgBouncer;
use self::distributed::DistributedCluster;
pub use self::distributed::Throwaway;
pub use self::machine::NoCluster;
use self::machine::{free_port, is_root, no};
use crate::db::DatabaseUrl;

/// Debian's folder of PostgreSQL's server programs, one folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A PostgreSQL cluster of this process, in a temporary folder. It ends with the process, however that ends.
pub struct PostgresCluster {
    port: u16,
    databases: AtomicU32,
    bin: PathBuf,
    folder: PathBuf,
}

/// A new PostgreSQL database for a test. If the environment names a cluster of Citus, it is there, with all tables
/// distributed. Otherwise it is empty, on the cluster of this process. `None` as with [`PostgresCluster::shared`].
///
/// # Panics
///
/// If it cannot be created.
pub fn postgres_database() -> Option<DatabaseUrl> {
    let distributed = DistributedCluster::shared().map(DistributedCluster::database);
    distributed.or_else(|| PostgresCluster::shared().map(PostgresCluster::database))
}

/// A new database with all tables distributed, if the environment names a cluster of Citus.
///
/// # Panics
///
/// If it cannot be created.
pub fn distributed_database() -> Option<Throwaway> {
    DistributedCluster::shared().map(DistributedCluster::database).map(Throwaway::of)
}

/// A new database without tables on the cluster of Citus that the environment names, if it names one.
///
/// # Panics
///
/// If it cannot be created.
pub fn undistributed_database() -> Option<DatabaseUrl> {
    DistributedCluster::shared().map(DistributedCluster::undistributed)
}

impl PostgresCluster {
    /// The cluster of this process, started on first use. `None` with a loud note if PostgreSQL is not installed; with
    /// `CI=true` that is a failure instead.
    ///
    /// # Panics
    ///
    /// In CI without PostgreSQL, and if an installed PostgreSQL does not start.
    pub fn shared() -> Option<&'static Self> {
        static CLUSTER: OnceLock<Option<PostgresCluster>> = OnceLock::new();
        CLUSTER.get_or_init(Self::own).as_ref()
    }

    /// A cluster that a test may restart, because no other test uses it; otherwise like [`shared`](Self::shared).
    ///
    /// # Panics
    ///
    /// In CI without PostgreSQL, and if an installed PostgreSQL does not start.
    #[expect(clippy::disallowed_methods, reason = "the environment decides whether tests may be skipped")]
    #[expect(clippy::panic, clippy::print_stderr, reason = "a test must fail, or say that it was not run")]
    pub fn own() -> Option<Self> {
        match Self::start() {
            Ok(cluster) => Some(cluster),
            Err(error) if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("{error}"),
            Err(error) => {
                eprintln!("\n*** NOT RUN on PostgreSQL: {error}\n");
                None
            }
        }
    }

    /// Another process may take a free port before the server does, so there are three tries.
    fn start() -> Result<Self, NoCluster> {
        Self::start_once().or_else(|_port_taken| Self::start_once()).or_else(|_port_taken| Self::start_once())
    }

    fn start_once() -> Result<Self, NoCluster> {
        let bin = server_programs().ok_or_else(|| NoCluster("not found".into()))?;
        // The folder outlives this value, because statics are not dropped. The watch removes it.
        let folder = TempDir::new().map_err(no)?.keep();
        let cluster = Self { port: free_port()?, databases: AtomicU32::new(0), bin, folder };
        cluster.give_to_server_user(&cluster.folder)?;
        cluster.watch()?;
        let data = cluster.folder.join("data");
        let data = data.to_string_lossy();
        cluster.run("initdb", &["-D", &data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"])?;
        cluster.control(&["start"])?;
        Ok(cluster)
    }

    /// A streaming replica of this cluster.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    #[expect(clippy::expect_used, reason = "a test without its replica must fail")]
    #[must_use]
    pub fn replica(&self) -> Self {
        let folder = TempDir::new().expect("a folder can be made").keep();
        let port = free_port().expect("a port is free");
        let replica = Self { port, databases: AtomicU32::new(0), bin: self.bin.clone(), folder };
        replica.give_to_server_user(&replica.folder).expect("the folder can be handed over");
        replica.watch().expect("the watch starts");
        let (data, primary) = (replica.folder.join("data"), self.port.to_string());
        let data = data.to_string_lossy();
        let from = ["-D", &*data, "-h", "127.0.0.1", "-p", &primary, "-U", "postgres"];
        let args = [&from[..], &["-R", "-X", "stream", "-c", "fast", "--no-sync"]].concat();
        replica.run("pg_basebackup", &args).expect("the primary can be copied");
        replica.control(&["start"]).expect("the replica starts");
        replica
    }

    /// The URL of a database of the primary, at this replica.
    pub fn url_here(&self, database: &DatabaseUrl) -> String {
        let DatabaseUrl::Postgres(url) = database else { unreachable!("a cluster has no files of SQLite") };
        let (user, rest) = url.split_once('@').unwrap_or(("", url));
        let name = rest.split_once('/').map_or("", |(_, name)| name);
        format!("{user}@127.0.0.1:{}/{name}", self.port)
    }

    /// Stops the server.
    ///
    /// # Panics
    ///
    /// If it does not stop.
    #[expect(clippy::expect_used, reason = "a test whose database goes on must fail")]
    pub fn stop(&self) {
        self.control(&["-m", "immediate", "stop"]).expect("the cluster stops");
    }

    /// Ends the server's processes without notice to their clients and starts it again. The server then recovers from
    /// its log.
    ///
    /// # Panics
    ///
    /// If it does not start again.
    #[expect(clippy::expect_used, reason = "a test whose database is gone must fail")]
    pub fn restart_at_once(&self) {
        self.control(&["-m", "immediate", "restart"]).expect("the cluster starts again");
    }

    fn control(&self, action: &[&str]) -> Result<(), NoCluster> {
        let (data, log) = (self.folder.join("data"), self.folder.join("log"));
        let options = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=400",
            self.port,
            self.folder.display()
        );
        let (data, log) = (data.to_string_lossy(), log.to_string_lossy());
        self.run("pg_ctl", &[&["-D", &*data, "-l", &*log, "-w", "-o", &*options], action].concat())
    }

    /// Runs one of PostgreSQL's own tools as the user of this process.
    ///
    /// # Panics
    ///
    /// If it fails.
    #[expect(clippy::expect_used, reason = "a test whose tool fails must fail")]
    pub fn tool(&self, program: &str, args: &[&str]) {
        // A client program may be in another folder than the server's.
        let beside = self.bin.join(program);
        let found = if beside.exists() { beside } else { PathBuf::from(program) };
        let status = Command::new(found).args(args).status().expect("PostgreSQL's tools are there");
        assert!(status.success(), "{program} failed");
    }

    /// A new, empty database.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    pub fn database(&self) -> DatabaseUrl {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.admin(&format!("create database {name}"));
        DatabaseUrl::Postgres(format!("postgres://postgres@127.0.0.1:{}/{name}", self.port))
    }

    /// A new, empty database of a new user, who signs in with this password.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    #[expect(clippy::expect_used, reason = "a test without its database must fail")]
    pub fn database_of(&self, user: &str, password: &str) -> DatabaseUrl {
        let rules = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(self.folder.join("data/pg_hba.conf"), rules).expect("the rules can be written");
        self.control(&["reload"]).expect("the cluster reads its rules");
        let DatabaseUrl::Postgres(url) = self.database_owned_by(user) else {
            unreachable!("a cluster has only PostgreSQL databases")
        };
        self.set_password(user, password);
        DatabaseUrl::Postgres(url.replacen('@', &format!(":{password}@"), 1))
    }

    /// A new, empty database of a new user.
    ///
    /// # Panics
    ///
    /// If it cannot be created.
    pub fn database_owned_by(&self, user: &str) -> DatabaseUrl {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.admin(&format!("create role {user} login"));
        self.admin(&format!("create database {name} owner {user}"));
        DatabaseUrl::Postgres(format!("postgres://{user}@127.0.0.1:{}/{name}", self.port))
    }

    /// Puts a file beside the cluster's own, readable by its user alone.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    #[expect(clippy::expect_used, reason = "a test without its files must fail")]
    pub fn put(&self, name: &str, text: &str) {
        let path = self.folder.join("data").join(name);
        std::fs::write(&path, text).expect("the file can be written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(&path, mode).expect("the file has its own mode");
        self.give_to_server_user(&path).expect("the file can be handed over");
    }

    /// Adds settings, replaces the sign-in rules, and restarts the server.
    ///
    /// # Panics
    ///
    /// If it does not start again.
    #[expect(clippy::expect_used, reason = "a test without its cluster must fail")]
    pub fn configure(&self, settings: &str, rules: &str) {
        let file = self.folder.join("data/postgresql.conf");
        let former = std::fs::read_to_string(&file).expect("the cluster has settings");
        std::fs::write(&file, format!("{former}\n{settings}")).expect("the settings can be written");
        std::fs::write(self.folder.join("data/pg_hba.conf"), rules).expect("the rules can be written");
        self.restart_at_once();
    }

    /// Changes a user's password. Open sessions go on.
    ///
    /// # Panics
    ///
    /// If there is no such user.
    pub fn set_password(&self, user: &str, password: &str) {
        self.admin(&format!("alter role {user} password '{password}'"));
    }

    #[expect(clippy::expect_used, reason = "a test without its database must fail")]
    fn admin(&self, sql: &str) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        let mut client = postgres::Client::connect(&url, postgres::NoTls).expect("the cluster answers");
        client.batch_execute(sql).expect("the cluster does as the administrator says");
    }

    /// Starts a process that waits for any end of this one and then cleans up.
    fn watch(&self) -> Result<(), NoCluster> {
        let script = r#"while kill -0 "$1" 2>/dev/null; do sleep 0.5; done
            head -1 "$2/data/postmaster.pid" 2>/dev/null | xargs -r kill -QUIT; sleep 0.5; rm -rf "$2""#;
        let owner = std::process::id().to_string();
        let mut watch = Command::new("sh");
        watch.args(["-c", script, "watch", &owner]).arg(&self.folder);
        // It gets a separate process group, so that Ctrl-C on the tests does not end the watch first.
        std::os::unix::process::CommandExt::process_group(&mut watch, 0);
        watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop).map_err(no)
    }

    /// Initdb and postgres refuse to run as root. For root, both run as the user `postgres`.
    #[expect(clippy::unused_self, reason = "only files of a cluster are handed over")]
    fn give_to_server_user(&self, path: &Path) -> Result<(), NoCluster> {
        if !is_root() {
            return Ok(());
        }
        let status = Command::new("chown").arg("postgres").arg(path).status().map_err(no)?;
        if status.success() { Ok(()) } else { Err(NoCluster("there is no user postgres".into())) }
    }

    fn run(&self, program: &str, args: &[&str]) -> Result<(), NoCluster> {
        let program = self.bin.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(&program);
            command
        } else {
            Command::new(&program)
        };
        // The server keeps the output open while it runs, so the output must be a file.
        let log = std::fs::File::create(self.folder.join("setup.log")).map_err(no)?;
        let errors = log.try_clone().map_err(no)?;
        let status = command
            .args(args)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .status()
            .map_err(no)?;
        if status.success() {
            return Ok(());
        }
        let log = std::fs::read_to_string(self.folder.join("setup.log"));
        let said = log.unwrap_or_else(|error| format!("its log is unreadable: {error}"));
        Err(NoCluster(format!("{} failed: {said}", program.display())))
    }
}

fn server_programs() -> Option<PathBuf> {
    // Debian's folder exists only with its package.
    let versions = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.extend(["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(PathBuf::from).into_iter().rev());
    folders.into_iter().rev().find(|folder| holds_server(folder))
}

fn holds_server(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres", "pg_basebackup"].iter().all(|program| folder.join(program).exists())
}
