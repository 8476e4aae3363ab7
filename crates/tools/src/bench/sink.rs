//! The measured receiver. It answers at once, records each arrival, and can let one of its paths hang.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// The arrivals: by subject and path, the first arrival's time and the number of arrivals.
type Inbox = HashMap<(String, usize), (Instant, u32)>;

/// A receiver on a free port of this machine.
#[derive(Clone)]
pub(super) struct Sink {
    /// The receiver's address.
    pub(super) address: SocketAddr,
    inbox: Arc<Mutex<Inbox>>,
    hanging: Option<usize>,
}

/// Delay of each answer at the hanging path.
const HANGS: Duration = Duration::from_secs(5);

impl Sink {
    /// Starts a receiver. At the path of number `hanging` it answers after five seconds.
    pub(super) async fn start(hanging: Option<usize>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let sink = Self { address: listener.local_addr()?, inbox: Arc::default(), hanging };
        let served = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _peer)) = listener.accept().await {
                let _not_refused = stream.set_nodelay(true);
                let sink = served.clone();
                let answer = service_fn(move |request| {
                    let sink = sink.clone();
                    async move { Ok::<_, Infallible>(sink.receive(request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), answer));
            }
        });
        Ok(sink)
    }

    /// The URL of a path.
    pub(super) fn url(&self, number: usize) -> String {
        format!("http://{}/{number}", self.address)
    }

    async fn receive(&self, request: Request<Incoming>) -> Response<Empty<Bytes>> {
        let path = request.uri().path().get(1..).and_then(|number| number.parse().ok());
        let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
        let at = Instant::now();
        let subject = body.ok().and_then(|body| subject(&body));
        let mut answer = Response::new(Empty::new());
        let (Some(path), Some(subject)) = (path, subject) else {
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            return answer;
        };
        if self.hanging == Some(path) {
            tokio::time::sleep(HANGS).await;
        }
        self.inbox().entry((subject, path)).or_insert((at, 0)).1 += 1;
        *answer.status_mut() = StatusCode::NO_CONTENT;
        answer
    }

    /// The recorded arrivals.
    pub(super) fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The id of the customer in a body.
pub(super) fn subject(body: &[u8]) -> Option<String> {
    const LENGTH: usize = "cust_".len() + 32;
    let text = std::str::from_utf8(body).ok()?;
    let start = text.find("cust_")?;
    text.get(start..start + LENGTH).map(str::to_owned)
}
