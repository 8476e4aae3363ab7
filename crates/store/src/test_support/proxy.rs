//! A proxy in front of PostgreSQL that delays, freezes or cuts connections, or loses the answer of a commit.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// The treatment of passing bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Each piece waits for this time, in both directions.
    Delay(Duration),
    /// A commit reaches the server, but its answer does not reach the client: the connection is cut instead.
    DropAnswerOfCommit,
}

/// A connection through the proxy.
struct Passage {
    client: TcpStream,
    server: TcpStream,
    frozen: AtomicBool,
}

impl Passage {
    fn cut(&self) {
        for side in [&self.client, &self.server] {
            // A closed side is fine.
            let _closed = side.shutdown(Shutdown::Both);
        }
    }
}

struct Inner {
    fault: Mutex<Fault>,
    passages: Mutex<Vec<Arc<Passage>>>,
}

/// A proxy on a port of this machine, until the process ends.
pub struct Proxy {
    port: u16,
    server: String,
    inner: Arc<Inner>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Proxy {
    /// A proxy in front of the server of this URL.
    ///
    /// # Panics
    ///
    /// If the URL has no host and port, or no port is free.
    #[expect(clippy::expect_used, reason = "a test without its proxy must fail")]
    pub fn before(url: &str) -> Self {
        let authority = url.split_once('@').expect("the URL has a user").1;
        let server = authority.split_once('/').expect("the URL has a database").0.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it is bound").port();
        let inner = Arc::new(Inner { fault: Mutex::new(Fault::None), passages: Mutex::new(Vec::new()) });
        let (serving, place) = (Arc::clone(&inner), server.clone());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if let Ok(server) = TcpStream::connect(&place) {
                    serving.pass(client, server);
                }
            }
        });
        Self { port, server, inner }
    }

    /// The URL of the same database through the proxy.
    pub fn url(&self, url: &str) -> String {
        url.replacen(&self.server, &format!("127.0.0.1:{}", self.port), 1)
    }

    /// Treats all bytes in this way from now on.
    pub fn set(&self, fault: Fault) {
        *locked(&self.inner.fault) = fault;
    }

    /// Closes every connection.
    pub fn cut(&self) {
        for passage in locked(&self.inner.passages).drain(..) {
            passage.cut();
        }
    }

    /// Lets nothing pass through the open connections any more, and closes none of them. New ones work.
    pub fn freeze_open_connections(&self) {
        for passage in locked(&self.inner.passages).iter() {
            passage.frozen.store(true, Ordering::SeqCst);
        }
    }
}

impl Inner {
    fn pass(self: &Arc<Self>, client: TcpStream, server: TcpStream) {
        let (Ok(from_client), Ok(from_server)) = (client.try_clone(), server.try_clone()) else { return };
        // Small answers must not wait for each other. A socket without this option is only slower.
        let _slower = (client.set_nodelay(true), server.set_nodelay(true));
        let passage = Arc::new(Passage { client, server, frozen: AtomicBool::new(false) });
        locked(&self.passages).push(Arc::clone(&passage));
        let (inner, both) = (Arc::clone(self), Arc::clone(&passage));
        thread::spawn(move || inner.pump(from_client, &both.server, &both));
        let inner = Arc::clone(self);
        thread::spawn(move || inner.pump(from_server, &passage.client, &passage));
    }

    /// Passes on the arriving bytes, until one side closes.
    fn pump(&self, mut from: TcpStream, mut to: &TcpStream, passage: &Passage) {
        let mut piece = vec![0; 64 * 1024];
        while let Ok(length @ 1..) = from.read(&mut piece) {
            if passage.frozen.load(Ordering::SeqCst) {
                continue;
            }
            let fault = *locked(&self.fault);
            match fault {
                Fault::Delay(wait) => thread::sleep(wait),
                Fault::DropAnswerOfCommit if holds(&piece[..length], b"COMMIT\0") => break,
                Fault::None | Fault::DropAnswerOfCommit => {}
            }
            if to.write_all(&piece[..length]).is_err() {
                break;
            }
        }
        passage.cut();
    }
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}
