//! Where the processes of one server meet: paths, the server lock, the socket, who is at its other end, and how a server is
//! started by the first command of a person. Must not know the model, and reads no message.
//!
//! Everything here blocks; nothing sleeps. A start is waited for on descriptors, with a deadline.

pub mod daemon;
mod dirs;
pub mod env;
mod error;
pub mod lock;
pub mod paths;
pub mod peer;
mod wait;

pub use daemon::{
    ConnectError, ConnectOptions, Readiness, StartError, Started, become_daemon, connect, connect_or_start, start_server, wait_for_server,
};
pub use env::{cleaned_env, umask};
pub use error::PathsError;
pub use lock::{BindError, ServerLock};
pub use paths::Paths;
pub use peer::{Peer, PeerError, ancestors, check_peer, lineage, peer_of};
