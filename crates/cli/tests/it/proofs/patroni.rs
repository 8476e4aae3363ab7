//! A PostgreSQL of three nodes under Patroni. etcd holds the leader's lock, and HAProxy routes every connection to
//! the leader. All are Debian's packages, on free ports of this machine, in a temporary folder.

use std::fmt::Write as _;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use store::db::DatabaseUrl;
use tempfile::TempDir;
use tools::client::CommandClient;

/// Longest duration of a change of the cluster. The leader's lock lasts twenty seconds.
const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

/// One node: a Patroni with its PostgreSQL.
pub(super) struct Member {
    name: String,
    patroni: Child,
    postgres_port: u16,
    api_port: u16,
}

/// A member as the cluster sees it.
#[derive(Debug)]
struct Seen {
    name: String,
    role: String,
    state: String,
    /// The member's timeline. A member that must still rewind has another one than the leader.
    timeline: Option<u64>,
}

impl Seen {
    fn read(member: &Value) -> Self {
        let word = |field: &str| member[field].as_str().unwrap_or("none").to_owned();
        let timeline = member["timeline"].as_u64();
        Self { name: word("name"), role: word("role"), state: word("state"), timeline }
    }

    fn runs(&self) -> bool {
        matches!(&*self.state, "running" | "streaming")
    }
}

/// The whole cluster. It ends when this value is dropped.
pub(super) struct Patroni {
    folder: TempDir,
    members: Vec<Member>,
    etcd: Child,
    haproxy: Child,
    proxy_port: u16,
    http: CommandClient,
}

impl Drop for Patroni {
    fn drop(&mut self) {
        for member in &mut self.members {
            let _it_may_be_dead = member.patroni.kill();
            let _reaped = member.patroni.wait();
        }
        for child in [&mut self.etcd, &mut self.haproxy] {
            let _it_may_be_dead = child.kill();
            let _reaped = child.wait();
        }
        for member in &self.members {
            signal(&postmaster_and_children(self.folder.path(), &member.name), "KILL");
        }
    }
}

impl Patroni {
    /// Starts a cluster of three nodes. Waits until its leader accepts writes and one replica follows synchronously.
    pub(super) async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        open_to_all(folder.path());
        let (etcd_port, proxy_port) = (free_port(), free_port());
        let etcd = start_etcd(folder.path(), etcd_port);
        let members: Vec<Member> =
            (1..=3).map(|number| Member::start(folder.path(), &format!("node{number}"), etcd_port)).collect();
        let haproxy = start_haproxy(folder.path(), proxy_port, &members);
        let http = tools::client::command_client().unwrap();
        let cluster = Self { folder, members, etcd, haproxy, proxy_port, http };
        cluster.wait_until_whole().await;
        cluster.sql("create database dinie");
        cluster
    }

    /// The URL at which the program finds the present leader.
    pub(super) fn database(&self) -> DatabaseUrl {
        DatabaseUrl::Postgres(format!("postgres://postgres:secret@127.0.0.1:{}/dinie", self.proxy_port))
    }

    fn sql(&self, statement: &str) {
        let address = format!("postgres://postgres:secret@127.0.0.1:{}/postgres", self.proxy_port);
        let output = Command::new("psql").args([&address, "-c", statement]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The members as the cluster sees them.
    async fn seen(&self) -> Vec<Seen> {
        for member in &self.members {
            let url = format!("http://127.0.0.1:{}/cluster", member.api_port);
            let request = self.http.get(url).timeout(Duration::from_secs(2)).send();
            let Ok(answer) = request.await else { continue };
            let Ok(text) = answer.text().await else { continue };
            let Ok(cluster) = serde_json::from_str::<Value>(&text) else { continue };
            let Some(list) = cluster["members"].as_array() else { continue };
            return list.iter().map(Seen::read).collect();
        }
        Vec::new()
    }

    /// The number of the leader among the members.
    pub(super) async fn leader(&self) -> usize {
        let began = Instant::now();
        loop {
            let seen = self.seen().await;
            let leader = seen.iter().find(|one| one.role == "leader" && one.runs());
            let number = leader.and_then(|seen| self.members.iter().position(|one| one.name == seen.name));
            if let Some(number) = number {
                return number;
            }
            assert!(began.elapsed() < PATIENCE, "no leader: {seen:?}\n{}", self.logs());
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Waits until another member than `former` is the leader.
    pub(super) async fn leader_other_than(&self, former: usize) -> usize {
        let began = Instant::now();
        loop {
            let leader = self.leader().await;
            if leader != former {
                return leader;
            }
            assert!(began.elapsed() < PATIENCE, "node {former} still leads\n{}", self.logs());
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Waits until every member runs and one replica is synchronous. Only then is the loss of the leader without loss
    /// of data.
    pub(super) async fn wait_until_whole(&self) {
        let began = Instant::now();
        loop {
            let seen = self.seen().await;
            let leader = seen.iter().find(|one| one.role == "leader").and_then(|leader| leader.timeline);
            let together = |one: &&Seen| one.runs() && one.timeline.is_some() && one.timeline == leader;
            let synchronous = seen.iter().any(|one| one.role == "sync_standby");
            if synchronous && seen.iter().filter(together).count() == self.members.len() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "the cluster is not whole: {seen:?}\n{}", self.logs());
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    /// Hands the lead over in an orderly way, as for maintenance.
    pub(super) async fn switch_over(&self) {
        let leader = self.leader().await;
        let body = format!(r#"{{"leader": "{}"}}"#, self.members[leader].name);
        let url = format!("http://127.0.0.1:{}/switchover", self.members[leader].api_port);
        let answer = self.http.post(url).body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        self.leader_other_than(leader).await;
    }

    /// Kills a node as a power cut would: its Patroni and its PostgreSQL at once.
    pub(super) fn kill(&mut self, number: usize) {
        let member = &mut self.members[number];
        let processes = postmaster_and_children(self.folder.path(), &member.name);
        let _it_may_be_dead = member.patroni.kill();
        signal(&processes, "KILL");
        member.patroni.wait().unwrap();
    }

    /// Starts a killed node again.
    pub(super) fn start_again(&mut self, number: usize) {
        let member = &mut self.members[number];
        member.patroni = run_patroni(self.folder.path(), &member.name);
    }

    /// Freezes every process of a node. Its connections stay open and silent, as behind a broken switch. The node
    /// must be killed next: if it continued, it would still believe that it leads. In production a watchdog prevents
    /// this.
    pub(super) fn freeze(&self, number: usize) {
        let member = &self.members[number];
        let mut processes = postmaster_and_children(self.folder.path(), &member.name);
        processes.push(member.patroni.id().to_string());
        signal(&processes, "STOP");
    }

    /// Kills HAProxy and starts it again.
    pub(super) fn restart_proxy(&mut self) {
        self.haproxy.kill().unwrap();
        self.haproxy.wait().unwrap();
        self.haproxy = run_haproxy(self.folder.path());
    }

    /// The last lines of every log, for a failure message.
    fn logs(&self) -> String {
        let mut all = String::new();
        for name in ["etcd", "haproxy", "node1", "node2", "node3"] {
            let text = std::fs::read_to_string(self.folder.path().join(format!("{name}.log"))).unwrap();
            let lines: Vec<&str> = text.lines().collect();
            let last = lines[lines.len().saturating_sub(15)..].join("\n");
            write!(all, "--- {name}\n{last}\n").unwrap();
        }
        all
    }
}

impl Member {
    fn start(folder: &Path, name: &str, etcd_port: u16) -> Self {
        let (postgres_port, api_port) = (free_port(), free_port());
        let configuration = patroni_configuration(folder, name, etcd_port, postgres_port, api_port);
        std::fs::write(folder.join(format!("{name}.yml")), configuration).unwrap();
        let patroni = run_patroni(folder, name);
        Self { name: name.to_owned(), patroni, postgres_port, api_port }
    }
}

/// Strict synchronous mode: a commit is answered only after a second node has it.
fn patroni_configuration(folder: &Path, name: &str, etcd: u16, postgres: u16, api: u16) -> String {
    let folder = folder.display();
    let programs = server_programs();
    let programs = programs.display();
    format!(
        r"scope: dinie
name: {name}
restapi: {{listen: '127.0.0.1:{api}', connect_address: '127.0.0.1:{api}'}}
etcd3: {{host: '127.0.0.1:{etcd}'}}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 5
    maximum_lag_on_failover: 1048576
    synchronous_mode: true
    synchronous_mode_strict: true
    postgresql:
      use_pg_rewind: true
      use_slots: true
      parameters: {{max_connections: 200, synchronous_commit: 'on', wal_log_hints: 'on'}}
  initdb: [{{encoding: UTF8}}, data-checksums]
postgresql:
  listen: 127.0.0.1:{postgres}
  connect_address: 127.0.0.1:{postgres}
  data_dir: {folder}/{name}
  bin_dir: {programs}
  pgpass: {folder}/{name}.pgpass
  authentication:
    superuser: {{username: postgres, password: secret}}
    replication: {{username: replicator, password: secret}}
    rewind: {{username: rewinder, password: secret}}
  parameters: {{unix_socket_directories: '{folder}'}}
  pg_hba:
  - local all all trust
  - host all all 127.0.0.1/32 trust
  - host replication all 127.0.0.1/32 trust
"
    )
}

fn start_etcd(folder: &Path, port: u16) -> Child {
    let (client, peer) = (format!("http://127.0.0.1:{port}"), format!("http://127.0.0.1:{}", free_port()));
    let mut command = as_postgres("etcd");
    command.arg("--data-dir").arg(folder.join("etcd"));
    command.args(["--listen-client-urls", &client, "--advertise-client-urls", &client]);
    command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
    command.args(["--initial-cluster", &format!("default={peer}"), "--unsafe-no-fsync"]);
    logged(command, folder, "etcd")
}

fn run_patroni(folder: &Path, name: &str) -> Child {
    let mut command = as_postgres("patroni");
    command.arg(folder.join(format!("{name}.yml")));
    logged(command, folder, name)
}

/// HAProxy asks each Patroni whether its node leads. It closes the connections to a node that no longer leads.
fn start_haproxy(folder: &Path, port: u16, members: &[Member]) -> Child {
    let mut configuration = format!(
        "global\n  maxconn 1000\ndefaults\n  mode tcp\n  timeout connect 2s\n  timeout client 1h\n  timeout server 1h\n  \
         timeout check 2s\nlisten leader\n  bind 127.0.0.1:{port}\n  option httpchk OPTIONS /primary\n  \
         http-check expect status 200\n  \
         default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions\n"
    );
    for Member { name, postgres_port, api_port, .. } in members {
        writeln!(configuration, "  server {name} 127.0.0.1:{postgres_port} check port {api_port}").unwrap();
    }
    std::fs::write(folder.join("haproxy.cfg"), configuration).unwrap();
    run_haproxy(folder)
}

fn run_haproxy(folder: &Path) -> Child {
    let mut command = as_postgres("haproxy");
    command.arg("-db").arg("-f").arg(folder.join("haproxy.cfg"));
    logged(command, folder, "haproxy")
}

fn logged(mut command: Command, folder: &Path, name: &str) -> Child {
    let log = folder.join(format!("{name}.log"));
    let log = File::options().create(true).append(true).open(log).unwrap();
    command.current_dir(folder).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
    let program = command.get_program().to_owned();
    command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()))
}

/// PostgreSQL refuses to run as root. In that case all programs run as the user `postgres`.
fn as_postgres(program: &str) -> Command {
    let path =
        ["/usr/bin", "/usr/sbin", "/usr/local/bin"].iter().map(|folder| Path::new(folder).join(program));
    let found = path.into_iter().find(|path| path.exists());
    let found = found.unwrap_or_else(|| {
        panic!("this proof needs {program} (Debian: etcd-server, patroni, haproxy, postgresql)")
    });
    if !is_root() {
        return Command::new(found);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]).arg(found);
    command
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Gives the folder to the user who runs the cluster.
fn open_to_all(folder: &Path) {
    if is_root() {
        let status = Command::new("chown").arg("postgres").arg(folder).status().unwrap();
        assert!(status.success(), "there is no user postgres");
    }
}

fn server_programs() -> PathBuf {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").expect("Debian's package postgresql is installed");
    let mut folders: Vec<PathBuf> = versions.map(|version| version.unwrap().path().join("bin")).collect();
    folders.sort();
    folders.pop().expect("a version of PostgreSQL is installed")
}

/// The processes of a node's PostgreSQL, the parent first; empty if it does not run.
fn postmaster_and_children(folder: &Path, name: &str) -> Vec<String> {
    let Ok(text) = std::fs::read_to_string(folder.join(name).join("postmaster.pid")) else {
        return Vec::new();
    };
    let Some(postmaster) = text.lines().next().map(str::to_owned) else { return Vec::new() };
    let output = Command::new("ps").args(["-o", "pid=", "--ppid", &postmaster]).output().unwrap();
    let children = String::from_utf8(output.stdout).unwrap();
    std::iter::once(postmaster).chain(children.split_whitespace().map(str::to_owned)).collect()
}

/// Sends a signal. A process that has already ended is not an error.
fn signal(processes: &[String], signal: &str) {
    if !processes.is_empty() {
        let mut command = Command::new("kill");
        command.arg(format!("-{signal}")).args(processes).stderr(Stdio::null());
        command.status().unwrap();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
