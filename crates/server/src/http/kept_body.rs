//! Keeps the bytes of a request's body while they pass to the handler, for the sandbox's request log.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use http_body::{Frame, SizeHint};

use super::headers::{is_form, is_json};
use crate::request_log::SentBody;

/// Most bytes of a body that are kept.
const MOST: usize = 64 * 1024;

/// The bytes of a body as far as they have passed.
#[derive(Debug, Clone)]
pub(super) struct KeptBody {
    /// The content type of a body that is not kept.
    other: Option<String>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: Vec<u8>,
    /// Whether any byte has passed.
    begun: bool,
    /// Whether more bytes have passed than are kept.
    cut: bool,
}

impl KeptBody {
    /// Keeps a body with these headers. A file is not kept.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let is_text = is_json(headers) || is_form(headers);
        let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let other = (!is_text).then(|| kind.unwrap_or("no content type").to_owned());
        Self { other, kept: Arc::default() }
    }

    /// The body as far as it was read.
    pub(super) fn sent(self) -> SentBody {
        let mut kept = self.lock();
        if !kept.begun {
            return SentBody::Empty;
        }
        match &self.other {
            Some(kind) => SentBody::Other(kind.clone()),
            None if kept.cut => SentBody::Other(format!("more than {MOST} bytes")),
            None => SentBody::Text(std::mem::take(&mut kept.bytes).into()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pass(&self, bytes: &[u8]) {
        let mut kept = self.lock();
        kept.begun |= !bytes.is_empty();
        if self.other.is_some() {
            return;
        }
        if kept.bytes.len() + bytes.len() > MOST {
            kept.cut = true;
        } else {
            kept.bytes.extend_from_slice(bytes);
        }
    }
}

/// A body whose bytes are kept as they pass.
pub(super) fn kept(body: Body, keeping: &KeptBody) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::new(Passing { body, kept: keeping.clone() })
}

struct Passing {
    body: Body,
    kept: KeptBody,
}

impl HttpBody for Passing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>, context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(passed))) = &frame
            && let Some(bytes) = passed.data_ref()
        {
            self.kept.pass(bytes);
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
