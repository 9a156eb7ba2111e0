//! Reads small request bodies.

use std::{future::poll_fn, pin::Pin};

use axum::body::{Body, HttpBody};

/// Reads a body of at most `most` bytes; `None` if it is longer or incomplete.
///
/// The bytes are copied from each chunk when it arrives: a chunk keeps the buffer alive that it was read into, so a body that
/// arrives byte by byte would otherwise take a page of memory for each byte.
pub async fn read(mut body: Body, most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let Ok(piece) = frame.ok()?.into_data() else { continue };
        if bytes.len() + piece.len() > most {
            return None;
        }
        bytes.extend_from_slice(&piece);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::body::Bytes;

    use super::*;

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        assert_eq!(read(Body::from("abc"), 3).await.unwrap(), b"abc");
        assert_eq!(read(Body::empty(), 3).await.unwrap(), b"");
        assert_eq!(read(Body::from("abcd"), 3).await, None);
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
        assert_eq!((bytes.as_slice(), Arc::strong_count(&buffer.0)), (b"a".as_slice(), 1));
    }
}
