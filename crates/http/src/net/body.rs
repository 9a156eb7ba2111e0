//! Reads small request bodies.

use std::{future::poll_fn, ops::Deref, pin::Pin};

use axum::body::{Body, Bytes, HttpBody};
use zeroize::Zeroizing;

/// A body that was read. Its memory is overwritten at the end, since a form may contain a key of the API.
#[derive(Default)]
pub struct ReadBody(Zeroizing<Vec<u8>>);

impl ReadBody {
    fn append(&mut self, piece: &[u8]) {
        let length = self.0.len() + piece.len();
        if length > self.0.capacity() {
            // a vector that grows by itself frees its old memory as it is
            let mut larger = Vec::with_capacity(length.max(2 * self.0.capacity()));
            larger.extend_from_slice(&self.0);
            self.0 = Zeroizing::new(larger);
        }
        self.0.extend_from_slice(piece);
    }
}

impl Deref for ReadBody {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for ReadBody {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<ReadBody> for Body {
    fn from(body: ReadBody) -> Self {
        Self::from(Bytes::from_owner(body))
    }
}

/// Reads a body of at most `most` bytes; `None` if it is longer or incomplete.
///
/// The bytes are copied from each chunk when it arrives: a chunk keeps the buffer alive that it was read into, so a body that
/// arrives byte by byte would otherwise take a page of memory for each byte.
pub async fn read(mut body: Body, most: usize) -> Option<ReadBody> {
    let mut bytes = ReadBody::default();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(piece) = frame.ok()?.into_data() else { continue };
        if bytes.len() + piece.len() > most {
            return None;
        }
        bytes.append(&piece);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        assert_eq!(*read(Body::from("abc"), 3).await.unwrap(), *b"abc");
        assert_eq!(*read(Body::empty(), 3).await.unwrap(), *b"");
        assert!(read(Body::from("abcd"), 3).await.is_none());
    }

    #[test]
    fn what_was_read_is_wiped_at_the_end_and_when_it_grows() {
        let is_wiped = |_: &dyn zeroize::ZeroizeOnDrop| {};
        let mut body = ReadBody::default();
        let pieces: Vec<Vec<u8>> = (1..100).map(|length| vec![b'a'; length]).collect();
        for piece in &pieces {
            body.append(piece);
        }
        assert_eq!(*body, *pieces.concat());
        is_wiped(&body.0);
    }

    #[tokio::test]
    async fn what_was_read_keeps_no_buffer_alive() {
        #[derive(Clone)]
        struct Buffer(Arc<[u8]>);

        impl AsRef<[u8]> for Buffer {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        let buffer = Buffer(vec![b'a'; 4096].into());
        let piece = Bytes::from_owner(buffer.clone()).slice(..1);
        let bytes = read(Body::from(piece), 10).await.unwrap();
        assert_eq!((&*bytes, Arc::strong_count(&buffer.0)), (b"a".as_slice(), 1));
    }
}
