//! The full-screen client from start to end. The loop itself is in `shell`. Must not know what the loop does.

use super::options::{ClientError, ClientExit, ClientOptions};
use super::shell::Shell;

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
