//! Notices whether a request's body was read to its end.
//!
//! Where it was not (a token was refused before the body was looked at), the connection cannot serve another
//! request, and the answer says so: a client that keeps connections would otherwise meet a closed one.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};

/// Whether a body has been read to its end.
#[derive(Debug, Clone)]
pub(super) struct WasRead(Arc<AtomicBool>);

impl WasRead {
    /// Whether it has by now.
    pub(super) fn by_now(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Puts a watch on a body; one that is empty has been read.
pub(super) fn watched(body: Body) -> (Body, WasRead) {
    let read = WasRead(Arc::new(AtomicBool::new(body.is_end_stream())));
    if read.by_now() {
        return (body, read);
    }
    (Body::new(Watched { body, read: read.clone() }), read)
}

struct Watched {
    body: Body,
    read: WasRead,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.read.0.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
