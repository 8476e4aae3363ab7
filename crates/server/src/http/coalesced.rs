//! Joins the small pieces of a body into larger ones.
//!
//! The reader of multipart forms searches all bytes that it holds each time a piece arrives. A caller who sends
//! single bytes would make it search a long head once for each byte. With joined pieces it searches once for each 64
//! KiB.

use axum::body::Body;
use bytes::BytesMut;
use futures::stream;
use http_body_util::BodyExt as _;

/// Shortest piece that is passed on before the body ends.
const LEAST: usize = 64 * 1024;

/// Joins the pieces of a body.
pub(super) fn coalesced(body: Body) -> Body {
    Body::from_stream(stream::try_unfold(body, |mut body| async {
        let mut held = BytesMut::new();
        while held.len() < LEAST {
            match body.frame().await.transpose()? {
                // Trailers contain nothing that is read here.
                Some(frame) => held.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
                None if held.is_empty() => return Ok(None),
                None => break,
            }
        }
        Ok::<_, axum::Error>(Some((held.freeze(), body)))
    }))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

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
