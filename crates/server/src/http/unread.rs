//! Keeps the unread rest of a request's body and reads it before the answer is sent.
//!
//! A token may be refused before the body is read, and a file while it arrives. The connection could then close while
//! bytes are on their way, or an HTTP/2 stream could be reset. The caller's system would report that instead of the
//! answer. Clients that send everything first would never read the answer. So the rest is read and dropped, up to a
//! limit of size and time. Beyond the limit the connection closes after the answer.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;

/// Most bytes of an unread body that are read and dropped: an upload of several times the largest file.
const MOST_DRAINED: u64 = 64 * 1024 * 1024;
/// Longest time for reading and dropping the rest.
const LONGEST_DRAIN: Duration = Duration::from_secs(10);

/// The unread rest of a body.
#[derive(Debug, Clone)]
pub(super) struct Rest(Arc<Mutex<Left>>);

#[derive(Debug)]
struct Left {
    /// Whether the end was read.
    ended: bool,
    /// Whether reading began. A caller that expects `100 Continue` sends nothing before that.
    begun: bool,
    /// The body after a handler has dropped it.
    body: Option<Body>,
}

/// Watches a body. An empty body counts as ended.
pub(super) fn watched(body: Body) -> (Body, Rest) {
    let ended = body.is_end_stream();
    let rest = Rest(Arc::new(Mutex::new(Left { ended, begun: false, body: None })));
    if ended {
        return (body, rest);
    }
    (Body::new(Watched { body: Some(body), rest: rest.clone() }), rest)
}

/// The moment when a caller sends its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sends {
    /// At once.
    AtOnce,
    /// After `100 Continue`, which the first read sends.
    WhenAsked,
}

impl Rest {
    /// Reads the rest. Returns whether the body has ended, so that the connection can serve another request.
    pub(super) async fn drain(&self, sends: Sends) -> bool {
        let (begun, body) = {
            let mut left = self.left();
            if left.ended {
                return true;
            }
            (left.begun, left.body.take())
        };
        let Some(body) = body else { return false };
        let too_large = body.size_hint().lower() > MOST_DRAINED;
        if too_large || (sends == Sends::WhenAsked && !begun) {
            return false;
        }
        tokio::time::timeout(LONGEST_DRAIN, read_up_to(body, MOST_DRAINED)).await == Ok(true)
    }

    fn left(&self) -> std::sync::MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a body ends within `most` bytes.
async fn read_up_to(mut body: Body, most: u64) -> bool {
    let mut read = 0_u64;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        let length = frame.data_ref().map_or(0, Bytes::len);
        read += u64::try_from(length).expect("a usize has at most 64 bits");
        if read > most {
            return false;
        }
    }
    true
}

struct Watched {
    body: Option<Body>,
    rest: Rest,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>, context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = Pin::new(&mut *body).poll_frame(context);
        let ended = matches!(frame, Poll::Ready(None | Some(Err(_)))) || body.is_end_stream();
        let mut left = self.rest.left();
        left.begun = true;
        left.ended = ended && !matches!(frame, Poll::Ready(Some(Err(_))));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let mut left = self.rest.left();
        if !left.ended {
            left.body = self.body.take();
        }
    }
}
