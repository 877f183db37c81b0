//! Length-prefixed frames: `u32 length (little endian) | u8 kind | payload`, where the length counts the payload alone.
//! Must not know what payloads mean.

use thiserror::Error;

/// Largest payload of a control frame, in bytes.
pub const MAX_CONTROL: usize = 1 << 20;
/// Largest payload of a pane frame, in bytes.
pub const MAX_PANE: usize = 4 << 20;
/// Largest payload of a quick frame, in bytes.
pub const MAX_QUICK: usize = 4096;
/// Bytes before the payload.
pub const HEADER: usize = 5;

/// What a payload is. Unknown kinds are skipped by the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameKind {
    /// A control message in JSON.
    Control,
    /// Rows of a pane in postcard.
    Pane,
    /// A key or an acknowledgement in postcard, see [`super::quick`].
    Quick,
}

impl FrameKind {
    fn byte(self) -> u8 {
        match self {
            FrameKind::Control => 1,
            FrameKind::Pane => 2,
            FrameKind::Quick => 3,
        }
    }

    /// Largest payload of this kind, in bytes.
    pub fn limit(self) -> usize {
        match self {
            FrameKind::Control => MAX_CONTROL,
            FrameKind::Pane => MAX_PANE,
            FrameKind::Quick => MAX_QUICK,
        }
    }
}

/// A frame taken from a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What the payload is.
    pub kind: FrameKind,
    /// The payload.
    pub payload: Vec<u8>,
}

/// Why a stream of frames cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FrameError {
    /// The length of a frame is over the limit of its kind.
    #[error("a frame of {length} bytes is over the limit of {limit}")]
    TooLong {
        /// Length it claims, in bytes.
        length: usize,
        /// Largest allowed, in bytes.
        limit: usize,
    },
}

/// Appends a frame to `out`.
///
/// # Errors
/// [`FrameError::TooLong`] when the payload is over the limit of its kind; `out` is then unchanged.
pub fn encode(kind: FrameKind, payload: &[u8], out: &mut Vec<u8>) -> Result<(), FrameError> {
    let limit = kind.limit();
    if payload.len() > limit {
        return Err(FrameError::TooLong { length: payload.len(), limit });
    }
    out.reserve(HEADER + payload.len());
    out.extend_from_slice(&(payload.len() as u32).to_le_bytes());
    out.push(kind.byte());
    out.extend_from_slice(payload);
    Ok(())
}

/// Cuts a byte stream into frames. Holds at most one frame and what was read with it.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    start: usize,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new() -> Decoder {
        Decoder::default()
    }

    /// Adds bytes read from the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.start > 0 && self.start >= self.buffer.len() / 2 {
            self.buffer.drain(..self.start);
            self.start = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next whole frame of a known kind, if there is one.
    ///
    /// # Errors
    /// [`FrameError::TooLong`]: the stream cannot be trusted any more and should be closed.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, FrameError> {
        loop {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            let Some((header, body)) = rest.split_at_checked(HEADER) else { return Ok(None) };
            let &[a, b, c, d, kind] = header else { return Ok(None) };
            let length = u32::from_le_bytes([a, b, c, d]) as usize;
            let kind = match kind {
                1 => Some(FrameKind::Control),
                2 => Some(FrameKind::Pane),
                3 => Some(FrameKind::Quick),
                _ => None,
            };
            let limit = kind.map_or(MAX_PANE, FrameKind::limit);
            if length > limit {
                return Err(FrameError::TooLong { length, limit });
            }
            let Some(payload) = body.get(..length) else { return Ok(None) };
            let frame = kind.map(|kind| Frame { kind, payload: payload.to_vec() });
            self.start += HEADER + length;
            if self.start == self.buffer.len() {
                self.buffer.clear();
                self.start = 0;
            }
            if frame.is_some() {
                return Ok(frame);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn golden_bytes() {
        let mut out = Vec::new();
        encode(FrameKind::Control, b"{}", &mut out).unwrap();
        encode(FrameKind::Pane, &[7], &mut out).unwrap();
        assert_eq!(out, [2, 0, 0, 0, 1, b'{', b'}', 1, 0, 0, 0, 2, 7]);
    }

    #[test]
    fn unknown_kinds_are_skipped_and_long_ones_refused() {
        let mut d = Decoder::new();
        d.push(&[1, 0, 0, 0, 99, 42, 2, 0, 0, 0, 1, b'o', b'k']);
        assert_eq!(d.next_frame(), Ok(Some(Frame { kind: FrameKind::Control, payload: b"ok".to_vec() })));
        d.push(&[0, 0, 32, 0, 1]);
        assert_eq!(d.next_frame(), Err(FrameError::TooLong { length: 2 << 20, limit: MAX_CONTROL }));
        assert!(encode(FrameKind::Control, &vec![0; MAX_CONTROL + 1], &mut Vec::new()).is_err());
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_frames(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 0..20), cut in 1usize..50) {
            let mut bytes = Vec::new();
            for p in &payloads {
                encode(FrameKind::Pane, p, &mut bytes).unwrap();
            }
            let mut d = Decoder::new();
            let mut got = Vec::new();
            for chunk in bytes.chunks(cut) {
                d.push(chunk);
                while let Some(f) = d.next_frame().unwrap() {
                    got.push(f.payload);
                }
            }
            prop_assert_eq!(got, payloads);
        }

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut d = Decoder::new();
            d.push(&bytes);
            while let Ok(Some(_)) = d.next_frame() {}
        }
    }
}
