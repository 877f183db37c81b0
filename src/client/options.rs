//! What the client is started with, and how it ended. Must not know what happens in between, nor how to start a server: it is
//! given a way to.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;

/// Connects to the server, starting it where needed. May block.
pub type Reconnect = Arc<dyn Fn() -> io::Result<UnixStream> + Send + Sync>;

/// What the client is started with.
pub struct ClientOptions {
    /// A connection to the server on which nothing was said yet.
    pub socket: UnixStream,
    /// How to get another one when it ends.
    pub reconnect: Reconnect,
    /// Session to show first.
    pub session: Option<String>,
    /// Show its recording, so many times as fast.
    pub replay: Option<f64>,
    /// Name of the server, when it is not the default one.
    pub server: Option<String>,
    /// Send no input and change nothing.
    pub read_only: bool,
    /// Folder the client was started in, absolute.
    pub cwd: String,
    /// Folder of the user's settings; it need not exist.
    pub config: Option<PathBuf>,
    /// Environment for new sessions, cleaned.
    pub client_env: Vec<(String, String)>,
    /// The umask, for new sessions.
    pub umask: Option<u32>,
    /// Time zone of the clock on the screen.
    pub zone: jiff::tz::TimeZone,
}

/// How the client ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientExit {
    /// To be printed now that the screen is the shell's again; empty for nothing.
    pub message: String,
    /// Exit status of the program.
    pub code: u8,
}

/// Why the client could not go on.
#[derive(Debug, Error)]
pub enum ClientError {
    /// This process has no terminal.
    #[error("this needs a terminal: {0}")]
    NoTerminal(io::Error),
    /// The server speaks another version.
    #[error("the server is version {server}, this program is version {own}: run `copilot-tui server stop` and start again (agents go on)")]
    Version {
        /// The server's.
        server: String,
        /// Ours.
        own: String,
    },
    /// The system refused something.
    #[error("{0}")]
    Io(#[from] io::Error),
}
