//! Connections: accepts them, serves HTTP/1 and HTTP/2 on them, and closes silent ones.
//!
//! A connection costs a descriptor and memory even if nothing comes through it. So there is a limit of time for its
//! first request, and one for silence. The number of connections is limited too. If all places are taken, the
//! connections with the longest silence are closed. The process raises its own limit of descriptors as far as the
//! system allows.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{Id, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::config::network::ConnectionLimits;
use crate::tls::Wire;

/// Interval of the pings on an HTTP/2 connection, and the longest wait for their answer.
const PING: Duration = Duration::from_secs(20);
/// Longest silence of a connection that is closing.
const CLOSING: Duration = Duration::from_secs(2);
/// Time for the first request of a connection that was accepted just before the server stops.
const FIRST_REQUEST_AT_STOP: Duration = Duration::from_millis(500);
/// Shortest write that counts as progress of an answer. HTTP/2's pings and acknowledgements are shorter.
const SHORTEST_PROGRESS: usize = 64;
/// Most bytes of an incomplete request head that are kept. Headers may have 16 KiB, and the path comes before them.
const LONGEST_HEAD: usize = 64 * 1024;
/// Shortest silence after which a connection may be closed for another. Before that, a request may be on its way.
const LEAST_SILENCE: Duration = Duration::from_secs(1);
/// Interval of the search for silent connections while all places are taken.
const LOOK: Duration = Duration::from_millis(100);
/// Descriptors that are not callers' connections: the database, files and webhook requests.
const OTHER_DESCRIPTORS: u64 = 256;

/// The callers of a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Partners, customers, and whoever finds the address.
    Public,
    /// The lender's own people and programs, also if there is one listener for everybody.
    Admin,
}

/// A socket that listens, for whom, and its certificate.
pub struct Listening {
    /// The socket.
    pub listener: TcpListener,
    /// Its callers.
    pub side: Side,
    /// TLS; without it the connections are plain.
    pub tls: Option<TlsAcceptor>,
}

/// Serves until `stop` turns true, then waits for the requests under way.
pub async fn serve(
    listening: Listening, routes: Router, limits: ConnectionLimits, stop: watch::Receiver<bool>,
) {
    let Listening { listener, side, tls } = listening;
    let most = room_for(limits.most);
    let routes = TowerToHyperService::new(routes);
    let serving = Serving { routes, builder: builder(&limits), limits, side, tls };
    let mut connections = JoinSet::new();
    let mut open: HashMap<Id, Activity> = HashMap::new();
    // The listeners of a server share the gauge.
    let count = metrics::gauge!("dinie_http_connections");
    let stopped = wait_for_stop(stop.clone());
    let mut stopped = pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => break,
            Some(ended) = connections.join_next_with_id(), if !connections.is_empty() => {
                open.remove(&ended.map_or_else(|panicked| panicked.id(), |(id, ())| id));
                count.decrement(1.0);
            }
            (stream, peer) = next(&listener), if open.len() < most => {
                let activity = Activity::begin();
                let connection = serving.clone().connection(stream, peer, activity.clone(), stop.clone());
                open.insert(connections.spawn(connection).id(), activity);
                count.increment(1.0);
            }
            () = tokio::time::sleep(LOOK), if open.len() >= most => make_room(&open),
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Waits until `stop` turns true, or until its sender is gone.
pub(crate) async fn wait_for_stop(mut stop: watch::Receiver<bool>) {
    while !*stop.borrow_and_update() {
        if stop.changed().await.is_err() {
            return;
        }
    }
}

/// Most connections by the configuration and by the descriptors that the system gives.
fn room_for(wanted: usize) -> usize {
    let descriptors = match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(descriptors) => descriptors,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files is unknown; connections may reach it");
            return wanted;
        }
    };
    // If the system gives few descriptors, half of them are for connections.
    let room = descriptors.saturating_sub(OTHER_DESCRIPTORS).max(descriptors / 2).max(1);
    match usize::try_from(room) {
        Ok(room) if room < wanted => {
            tracing::warn!(
                descriptors,
                connections = room,
                "the limit of open files is lower than that of connections"
            );
            room
        }
        Ok(_) | Err(_) => wanted,
    }
}

fn builder(limits: &ConnectionLimits) -> Arc<auto::Builder<TokioExecutor>> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // The time runs from the end of the request before. A head that comes a byte at a time must also be complete by
    // then.
    let mut http1 = builder.http1();
    http1.timer(TokioTimer::new()).header_read_timeout(limits.idle).max_buf_size(LONGEST_HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(PING).keep_alive_timeout(PING);
    Arc::new(builder)
}

/// Closes the connections with the longest silence. It closes a tenth of all connections, so that a caller who opens
/// many does not keep others waiting. If all connections are busy, new ones wait in the system's queue.
fn make_room(open: &HashMap<Id, Activity>) {
    let silences = open.values().filter_map(|activity| Some((activity.silence_until_now()?, activity)));
    let mut silent: Vec<_> = silences.filter(|(silence, _)| *silence >= LEAST_SILENCE).collect();
    silent.sort_unstable_by_key(|(silence, _)| Reverse(*silence));
    for (_, activity) in silent.into_iter().take((open.len() / 10).max(1)) {
        activity.0.give_way.notify_one();
    }
}

/// The next connection.
async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_the_callers(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted; the server tries again in a second");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

/// Whether a connection ended before it was accepted. That is no failure of the server.
fn is_the_callers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[derive(Clone)]
struct Serving {
    routes: TowerToHyperService<Router>,
    builder: Arc<auto::Builder<TokioExecutor>>,
    limits: ConnectionLimits,
    side: Side,
    tls: Option<TlsAcceptor>,
}

impl Serving {
    /// The bytes within the connection; `None` if the caller does not speak TLS, or not in time.
    async fn opened(&self, stream: TcpStream) -> Option<Wire> {
        let Some(tls) = &self.tls else { return Some(Wire::Plain(stream)) };
        let shaken = tokio::time::timeout(self.limits.first_request, tls.accept(stream)).await;
        Some(Wire::Tls(Box::new(shaken.ok()?.ok()?)))
    }

    /// Serves one connection to its end.
    async fn connection(
        self, stream: TcpStream, peer: SocketAddr, activity: Activity, stop: watch::Receiver<bool>,
    ) {
        // Small answers are sent at once. A connection without the option is only slower.
        let _slower = stream.set_nodelay(true);
        let stream = tokio::select! {
            opened = self.opened(stream) => match opened {
                Some(stream) => stream,
                None => return,
            },
            () = activity.stopped(stop.clone()) => return,
        };
        let (routes, noted, side) = (self.routes, activity.clone(), self.side);
        let answer = service_fn(move |mut request: Request<Incoming>| {
            let running = noted.running();
            request.extensions_mut().insert(ConnectInfo(peer));
            request.extensions_mut().insert(side);
            let answering = routes.call(request);
            async move {
                let answer = answering.await;
                drop(running);
                answer
            }
        });
        let io = TokioIo::new(Noted { stream, activity: activity.clone() });
        let mut connection = pin!(self.builder.serve_connection(io, answer));
        tokio::select! {
            // The result does not matter, because the other side is gone.
            _ended = connection.as_mut() => return,
            () = activity.stopped(stop) => {}
            () = activity.silence(&self.limits) => {}
            () = activity.0.give_way.notified() => {}
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ended = connection => {}
            () = activity.quiet_for(CLOSING) => {}
        }
    }
}

/// The state of a connection's activity.
#[derive(Clone)]
struct Activity(Arc<Noting>);

struct Noting {
    happening: Mutex<Happening>,
    /// Notified when another connection needs the place.
    give_way: Notify,
}

struct Happening {
    /// Running handlers. The edge limits the time of each.
    running: u32,
    /// Whether there was a request on the connection.
    has_request: bool,
    /// The time of the last activity: the connection opened, a handler ended, or a part of an answer was written.
    last: Instant,
}

impl Activity {
    fn begin() -> Self {
        let happening = Mutex::new(Happening { running: 0, has_request: false, last: Instant::now() });
        Self(Arc::new(Noting { happening, give_way: Notify::new() }))
    }

    fn happening(&self) -> MutexGuard<'_, Happening> {
        self.0.happening.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The silence so far; `None` while a handler runs.
    fn silence_until_now(&self) -> Option<Duration> {
        let happening = self.happening();
        (happening.running == 0).then(|| happening.last.elapsed())
    }

    /// Counts a running handler until the returned value is dropped.
    fn running(&self) -> Running {
        let mut happening = self.happening();
        happening.running += 1;
        happening.has_request = true;
        Running(self.clone())
    }

    /// Waits until the connection has been silent for longer than allowed.
    async fn silence(&self, limits: &ConnectionLimits) {
        let longest =
            |happening: &Happening| if happening.has_request { limits.idle } else { limits.first_request };
        self.wait(longest).await;
    }

    /// Waits for the stop. A connection without a request so far gets a moment more: it was accepted just before, and its
    /// request is on its way.
    async fn stopped(&self, stop: watch::Receiver<bool>) {
        wait_for_stop(stop).await;
        let until = Instant::now() + FIRST_REQUEST_AT_STOP;
        while !self.happening().has_request && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until nothing has happened for `longest`.
    async fn quiet_for(&self, longest: Duration) {
        self.wait(|_| longest).await;
    }

    async fn wait(&self, longest: impl Fn(&Happening) -> Duration) {
        loop {
            let left = {
                let happening = self.happening();
                let longest = longest(&happening);
                match happening.running {
                    0 => longest.saturating_sub(happening.last.elapsed()),
                    _some => longest,
                }
            };
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left).await;
        }
    }
}

struct Running(Activity);

impl Drop for Running {
    fn drop(&mut self) {
        let mut happening = self.0.happening();
        happening.running -= 1;
        happening.last = Instant::now();
    }
}

/// A stream that notes each write of an answer. A caller who does not read the answer counts as silent.
struct Noted {
    stream: Wire,
    activity: Activity,
}

impl Noted {
    fn note(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(bytes)) if *bytes >= SHORTEST_PROGRESS) {
            self.activity.happening().last = Instant::now();
        }
    }
}

impl AsyncRead for Noted {
    fn poll_read(
        mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Noted {
    fn poll_write(
        mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>, context: &mut Context<'_>, pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.note(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
