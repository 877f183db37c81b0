//! What wakes the client's loop. Must not know what is done about it.

use super::mail::Letter;

/// What woke the loop.
pub(super) enum Event {
    Bytes(Vec<u8>),
    /// The terminal has gone.
    Gone,
    /// The terminal takes more.
    Room,
    Link,
    Letter(Letter),
    Timer,
}
