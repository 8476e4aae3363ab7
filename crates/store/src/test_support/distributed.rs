//! Databases on an existing cluster of Citus: `DINIE_DISTRIBUTED` is the URL of a database on its coordinator.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use postgres::{Client, Config, NoTls};

use crate::db::DatabaseUrl;
use crate::migrations::{self, Contracting, TREE};
use crate::seal::MasterKey;

/// A cluster whose coordinator knows its workers.
pub(super) struct DistributedCluster {
    coordinator: String,
    /// Host and port of each machine; the coordinator is the first.
    machines: Vec<(String, u16)>,
    databases: AtomicU32,
    /// Two databases that are created at once would both change the cluster's roles.
    making: Mutex<()>,
}

impl DistributedCluster {
    /// The cluster that the environment names.
    #[expect(clippy::disallowed_methods, reason = "the environment names the cluster of the proof")]
    pub(super) fn shared() -> Option<&'static Self> {
        static CLUSTER: OnceLock<Option<DistributedCluster>> = OnceLock::new();
        CLUSTER.get_or_init(|| std::env::var("DINIE_DISTRIBUTED").ok().map(Self::at)).as_ref()
    }

    #[expect(clippy::expect_used, reason = "a proof without its cluster must fail")]
    fn at(coordinator: String) -> Self {
        let mut client = Client::connect(&coordinator, NoTls).expect("the coordinator answers");
        let sql = "select nodename, nodeport from pg_dist_node where noderole = 'primary' order by groupid";
        let rows = client.query(sql, &[]).expect("the database has the extension citus");
        let place = |row: postgres::Row| {
            let port: i32 = row.get(1);
            (row.get(0), u16::try_from(port).expect("a port"))
        };
        let cluster = Self {
            coordinator,
            machines: rows.into_iter().map(place).collect(),
            databases: AtomicU32::new(0),
            making: Mutex::new(()),
        };
        assert!(cluster.machines.len() > 1, "the coordinator knows itself and its workers");
        cluster.watch();
        cluster
    }

    /// A new database with all tables, distributed.
    #[expect(clippy::expect_used, reason = "a proof without its database must fail")]
    pub(super) fn database(&self) -> DatabaseUrl {
        let url = self.undistributed();
        // Nothing is sealed before a server starts, so any key works.
        let done = migrations::distribute(&url, MasterKey::new([7; 32]), TREE, Contracting::Waits);
        done.expect("the tables can be distributed");
        url
    }

    /// A new, empty database with the extension on all machines.
    #[expect(clippy::expect_used, reason = "a proof without its database must fail")]
    pub(super) fn undistributed(&self) -> DatabaseUrl {
        let _one_at_a_time = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        let name = format!("{}{}", prefix(), self.databases.fetch_add(1, Ordering::Relaxed));
        for place in &self.machines {
            let create = format!("create database {name}");
            run(&self.config(place, None), &create);
            run(&self.config(place, Some(&name)), "create extension citus");
        }
        let (host, port) = &self.machines[0];
        let mut statements = format!("select citus_set_coordinator_host('{host}', {port})");
        for (host, port) in &self.machines[1..] {
            statements = format!("{statements}; select citus_add_node('{host}', {port})");
        }
        run(&self.config(&self.machines[0], Some(&name)), &statements);
        let (server, former) = self.coordinator.rsplit_once('/').expect("the URL names a database");
        let url = match former.split_once('?') {
            Some((_, parameters)) => format!("{server}/{name}?{parameters}"),
            None => format!("{server}/{name}"),
        };
        DatabaseUrl::Postgres(url)
    }

    /// The way to a machine: the coordinator's, with another host and port.
    #[expect(clippy::expect_used, reason = "a proof without its cluster must fail")]
    fn config(&self, (host, port): &(String, u16), database: Option<&str>) -> Config {
        let given: Config = self.coordinator.parse().expect("a URL of PostgreSQL");
        let mut config = Config::new();
        config.host(host).port(*port).user(given.get_user().unwrap_or("postgres"));
        if let Some(password) = given.get_password() {
            config.password(password);
        }
        config.dbname(database.unwrap_or("postgres"));
        config
    }

    /// Starts a process that waits for any end of this one and then drops its databases.
    #[expect(clippy::expect_used, reason = "a proof that cannot clear up must fail")]
    fn watch(&self) {
        let script = r#"while kill -0 "$1" 2>/dev/null; do sleep 0.5; done; names=$2; shift 2
            for place; do
                psql "$place" -Atc "select datname from pg_database where starts_with(datname, '$names')" |
                    while read -r name; do psql "$place" -qc "drop database $name with (force)"; done
            done"#;
        let mut watch = Command::new("sh");
        watch.args(["-c", script, "watch", &std::process::id().to_string(), &prefix()]);
        for place @ (host, port) in &self.machines {
            let config = self.config(place, None);
            let user = config.get_user().unwrap_or("postgres");
            watch.arg(format!("host={host} port={port} user={user} dbname=postgres"));
            if let Some(password) = config.get_password() {
                watch.env("PGPASSWORD", String::from_utf8_lossy(password).as_ref());
            }
        }
        std::os::unix::process::CommandExt::process_group(&mut watch, 0);
        watch.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        watch.spawn().map(drop).expect("the watch starts");
    }
}

/// A database that is dropped with this value, because each database costs its machines some connections.
pub struct Throwaway(DatabaseUrl);

impl Throwaway {
    pub(super) fn of(url: DatabaseUrl) -> Self {
        Self(url)
    }

    /// The URL of the database.
    pub fn url(&self) -> DatabaseUrl {
        self.0.clone()
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        let (Some(cluster), DatabaseUrl::Postgres(url)) = (DistributedCluster::shared(), &self.0) else {
            return;
        };
        let end = url.rsplit_once('/').map_or(url.as_str(), |(_, end)| end);
        let name = end.split_once('?').map_or(end, |(name, _)| name).to_owned();
        // A test's thread may run async work, in which the client cannot run. Nobody waits for the new thread: the
        // watch drops the remaining databases at the end.
        std::thread::spawn(move || {
            for place in &cluster.machines {
                run(&cluster.config(place, None), &format!("drop database if exists {name} with (force)"));
            }
        });
    }
}

/// Prefix of the names of this process's databases.
fn prefix() -> String {
    format!("dinie_proof_{}_", std::process::id())
}

#[expect(clippy::expect_used, reason = "a proof without its cluster must fail")]
fn run(config: &Config, sql: &str) {
    let mut client = config.connect(NoTls).expect("the machine answers");
    client.batch_execute(sql).expect("the machine does as the administrator says");
}
