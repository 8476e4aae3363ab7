//! The server under a service manager: what it is told, the socket that it passes, the watchdog, the process's memory.

use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
#[cfg(target_os = "linux")]
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tempfile::TempDir;

use crate::process::{Running, dinie, start, start_watched, stop};
use crate::sink::PATIENCE;

/// The messages to a service manager until one has this text.
fn told(manager: &UnixDatagram, text: &str) -> Vec<String> {
    manager.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut messages = Vec::new();
    let mut buffer = [0; 1_024];
    while messages.last().is_none_or(|last: &String| !last.contains(text)) {
        let length = manager.recv(&mut buffer).unwrap();
        messages.push(String::from_utf8(buffer[..length].to_vec()).unwrap());
    }
    messages
}

#[test]
fn the_service_manager_is_told_of_the_start_the_stop_and_meanwhile_that_the_server_works() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notify");
    let manager = UnixDatagram::bind(&path).unwrap();
    let mut command = dinie(folder.path());
    command.env("NOTIFY_SOCKET", &path).env("WATCHDOG_USEC", "200000");
    let running = start_watched(command, folder.path(), &["--listen", "127.0.0.1:0"], std::io::sink());
    assert!(told(&manager, "READY=1")[0].starts_with("READY=1\n"));
    assert_eq!(told(&manager, "WATCHDOG=1"), ["WATCHDOG=1"]);
    assert_eq!(told(&manager, "WATCHDOG=1"), ["WATCHDOG=1"]);
    assert!(stop(running, "-TERM").0.success());
    assert!(told(&manager, "STOPPING=1").last().unwrap().starts_with("STOPPING=1\n"));
}

/// Starts a server on a socket that already listens, as a service manager does: as descriptor 3.
fn start_on(folder: &Path, listener: &TcpListener) -> Running {
    let mut command = Command::new("sh");
    command.current_dir(folder).env_clear().env("RUST_LOG", "info");
    let script = "LISTEN_PID=$$ LISTEN_FDS=1 exec \"$0\" \"$@\" 3<&0 0</dev/null";
    command.args(["-c", &format!("export LISTEN_PID LISTEN_FDS; {script}"), env!("CARGO_BIN_EXE_dinie")]);
    command.stdin(Stdio::from(OwnedFd::from(listener.try_clone().unwrap())));
    start_watched(command, folder, &[], std::io::sink())
}

/// Whether the server answers a request on a new connection.
fn answers(address: std::net::SocketAddr) -> bool {
    use std::io::{Read as _, Write as _};
    let ask = || -> std::io::Result<String> {
        let mut connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}

#[test]
fn a_restart_on_a_passed_socket_loses_no_connection() {
    let folder = TempDir::new().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut running = start_on(folder.path(), &listener);
    assert_eq!(running.address, address.to_string());
    let (over, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
    let asking = {
        let (over, asked) = (Arc::clone(&over), Arc::clone(&asked));
        std::thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                assert!(answers(address), "a request failed after {} others", asked.load(Ordering::Relaxed));
                asked.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    for _restart in 0..3 {
        let before = asked.load(Ordering::Relaxed);
        while asked.load(Ordering::Relaxed) < before + 20 && !asking.is_finished() {
            std::thread::yield_now();
        }
        assert!(stop(running, "-TERM").0.success());
        running = start_on(folder.path(), &listener);
    }
    over.store(true, Ordering::Relaxed);
    asking.join().unwrap();
    assert!(stop(running, "-TERM").0.success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_leaves_no_core_dump_unless_it_is_asked_to() {
    let limit = |running: &Running| {
        let limits = std::fs::read_to_string(format!("/proc/{}/limits", running.pid())).unwrap();
        let line = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap().to_owned();
        line.split_whitespace().nth(4).unwrap().to_owned()
    };
    let folder = TempDir::new().unwrap();
    let running = start(folder.path());
    assert_eq!(limit(&running), "0");
    // The kernel gives the files of a process that is not dumpable to root.
    let owner = std::fs::metadata(format!("/proc/{}/environ", running.pid())).unwrap().uid();
    assert_eq!(owner, 0);
    assert!(stop(running, "-TERM").0.success());
    std::fs::write(folder.path().join("dinie.toml"), "core_dumps = true\n").unwrap();
    let mut command = Command::new("sh");
    command.current_dir(folder.path()).env_clear().env("RUST_LOG", "info");
    let script = "ulimit -S -c 8 && exec \"$0\" \"$@\"";
    command.args(["-c", script, env!("CARGO_BIN_EXE_dinie")]);
    let running = start_watched(command, folder.path(), &["--listen", "127.0.0.1:0"], std::io::sink());
    assert_ne!(limit(&running), "0");
}
