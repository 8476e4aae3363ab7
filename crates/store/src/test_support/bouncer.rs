//! A PgBouncer in front of a cluster.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::machine::{free_port, is_root};

/// Debian's path. On other systems the program is looked up on the search path.
const DEBIAN: &str = "/usr/sbin/pgbouncer";

/// A pooler that ends with this value.
pub struct PgBouncer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    /// A pooler of this mode in front of the server of the URL. `None` with a loud note if PgBouncer is not installed;
    /// with `CI=true` that is a failure instead.
    ///
    /// # Panics
    ///
    /// In CI without PgBouncer, and if an installed PgBouncer does not start.
    #[expect(clippy::disallowed_methods, reason = "the environment decides whether tests may be skipped")]
    #[expect(clippy::panic, clippy::print_stderr, reason = "a test must fail, or say that it was not run")]
    pub fn before(url: &str, mode: &str) -> Option<Self> {
        match Self::start(url, mode) {
            Ok(bouncer) => Some(bouncer),
            Err(error) if Path::new(DEBIAN).exists() || std::env::var("CI").is_ok_and(|ci| ci == "true") => {
                panic!("PgBouncer: {error}")
            }
            Err(error) => {
                eprintln!("\n*** NOT RUN behind PgBouncer (Debian's package `pgbouncer`): {error}\n");
                None
            }
        }
    }

    fn start(url: &str, mode: &str) -> Result<Self, String> {
        let said = |error: std::io::Error| error.to_string();
        let place =
            url.split_once('@').and_then(|(_, rest)| rest.split_once('/')).ok_or("a URL without a host")?;
        let (host, server) = place.0.split_once(':').ok_or("a URL without a port")?;
        let port = free_port().map_err(|error| error.to_string())?;
        let folder = TempDir::new().map_err(said)?;
        let users = folder.path().join("users");
        std::fs::write(&users, "\"postgres\" \"\"\n").map_err(said)?;
        let file = folder.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={host} port={server}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = {}\npool_mode = {mode}\ndefault_pool_size = 20\n",
            users.display()
        );
        std::fs::write(&file, text).map_err(said)?;
        let program = if Path::new(DEBIAN).exists() { DEBIAN } else { "pgbouncer" };
        let mut command = Command::new(program);
        if is_root() {
            let owned = Command::new("chown").args(["-R", "postgres"]).arg(folder.path()).status();
            owned.map_err(said)?;
            command.args(["-u", "postgres"]);
        }
        command.arg(&file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().map_err(said)?;
        let bouncer = Self { process, port, _folder: folder };
        let began = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if began.elapsed() > Duration::from_secs(20) {
                return Err("it does not listen".into());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(bouncer)
    }

    /// The URL of the same database through the pooler.
    pub fn url(&self, url: &str) -> String {
        let (user, rest) = url.split_once('@').unwrap_or(("postgres://postgres", url));
        let database = rest.split_once('/').map_or("", |(_, database)| database);
        format!("{user}@127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        // It may already have ended.
        let _ended = self.process.kill();
        let _reaped = self.process.wait();
    }
}
