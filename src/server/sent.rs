//! What a client has of a pane. Must not know sockets, nor how frames are built.

use crate::wire::pane::PaneCursor;
use std::ops::Range;
use tokio::time::Instant;

/// What a client has of a pane.
#[derive(Debug, Default)]
pub struct Sent {
    /// Frame that is not acknowledged yet.
    pub in_flight: Option<u64>,
    /// When the last frame was sent.
    pub at: Option<Instant>,
    pub(super) generation: u64,
    pub(super) epoch: u64,
    /// First row of the screen and oldest line, as told.
    pub(super) place: (u64, u64),
    pub(super) have: Range<u64>,
    pub(super) cursor: PaneCursor,
    pub(super) foreign: bool,
    pub(super) started: bool,
}
