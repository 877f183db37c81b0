//! The full-screen client from start to end: what is handed in, what comes out. The loop itself is in `shell`. Must not know
//! how to start a server: it is given a way to.

use super::shell::Shell;
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

/// Runs the client on the terminal of this process until the person leaves or the terminal goes.
///
/// # Errors
/// See [`ClientError`]. The terminal is given back in every case.
pub fn run(options: ClientOptions) -> Result<ClientExit, ClientError> {
    let terminal = super::guard::open_terminal().map_err(ClientError::NoTerminal)?;
    run_on(terminal, options)
}

/// [`run`] on another terminal, opened non-blocking.
///
/// # Errors
/// See [`ClientError`].
pub fn run_on(terminal: std::os::fd::OwnedFd, options: ClientOptions) -> Result<ClientExit, ClientError> {
    Shell::open(terminal, options)?.run()
}
