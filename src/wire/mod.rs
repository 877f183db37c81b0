//! Frames, messages, handshake: what goes over the sockets between clients and the server. Additive: unknown fields and kinds
//! are skipped; the JSON side is the product's public API. Must not know what the messages do.
//!
//! One protocol for people's screens, for the command line and for agents inside their panes.

pub mod delegate;
pub mod explain;
pub mod facts;
pub mod frame;
pub mod message;
pub mod notification;
pub mod op;
pub mod pane;
pub mod quick;
pub mod report;
mod target;

pub use facts::{Kind, Session, State};
pub use frame::{Decoder, Frame, FrameError, FrameKind};
pub use message::{ClientMsg, ServerMsg};
pub use notification::{NoticeKind, Notification};
pub use op::Op;
pub use pane::PaneFrame;
pub use target::Target;

/// Version of the control messages. Both sides of a connection say theirs in `Hello`; only a different major number (the
/// hundreds) refuses to talk.
pub const PROTOCOL: u32 = 100;

/// Version of what is binary: pane frames and quick messages. Must be equal on both sides of a connection that watches panes.
pub const ROWS_VERSION: u32 = 3;
