//! Joins the small pieces of a body into larger ones.
//!
//! The reader of multipart forms searches all bytes that it holds each time a piece arrives. A caller who sends
//! single bytes would make it search a long head once for each byte. With joined pieces it searches once for each 64
//! KiB.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use bytes::BytesMut;
use http_body::Frame;

/// Shortest piece that is passed on before the body ends.
const LEAST: usize = 64 * 1024;

/// Joins the pieces of a body.
pub(super) fn coalesced(body: Body) -> Body {
    Body::new(Coalesced { body, held: BytesMut::new() })
}

struct Coalesced {
    body: Body,
    held: BytesMut,
}

impl HttpBody for Coalesced {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>, context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        while self.held.len() < LEAST {
            match std::task::ready!(Pin::new(&mut self.body).poll_frame(context)) {
                // Trailers contain nothing that is read here.
                Some(Ok(frame)) => self.held.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if self.held.is_empty() => return Poll::Ready(None),
                None => break,
            }
        }
        Poll::Ready(Some(Ok(Frame::data(self.held.split().freeze()))))
    }
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn single_bytes_are_passed_on_together() {
        let bytes = (0..2 * LEAST + 5).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"x")));
        let mut body = coalesced(Body::from_stream(stream::iter(bytes)));
        let mut lengths = Vec::new();
        while let Some(frame) = body.frame().await {
            lengths.push(frame.unwrap().into_data().unwrap().len());
        }
        assert_eq!(lengths, [LEAST, LEAST, 5]);
        assert!(coalesced(Body::empty()).frame().await.is_none());
    }
}
