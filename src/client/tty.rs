//! The terminal's descriptor under the runtime: reading and writing what goes, its size, putting it right. Must not know what
//! the bytes mean.

use super::shell::Event;
use super::{guard, modes};
use crate::base::Size;
use rustix::termios::OptionalActions;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use tokio::io::unix::AsyncFd;

/// The terminal, as the runtime watches it.
#[allow(deprecated)] // its successor is unsafe, for the sake of descriptors that are not owned; this one is
pub(super) fn watched(terminal: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::new(terminal)
}

/// Reads what is there, at most a piece.
pub(super) fn read(ready: io::Result<tokio::io::unix::AsyncFdReadyGuard<'_, OwnedFd>>) -> Event {
    // No terminal gives more at once.
    const PIECE: usize = 4096;
    let Ok(mut ready) = ready else { return Event::Gone };
    let mut buffer = vec![0u8; PIECE];
    let got = ready.try_io(|fd| rustix::io::read(fd.get_ref(), buffer.as_mut_slice()).map_err(io::Error::from));
    match got {
        Ok(Ok(0)) => Event::Gone,
        Ok(Ok(n)) => {
            buffer.truncate(n);
            Event::Bytes(buffer)
        }
        Ok(Err(e)) if e.kind() == io::ErrorKind::Interrupted => Event::Bytes(Vec::new()),
        Ok(Err(_)) => Event::Gone,
        Err(_) => Event::Bytes(Vec::new()), // a false alarm
    }
}

/// Writes what goes. Only here the runtime learns that the terminal takes no more.
pub(super) fn write(ready: io::Result<tokio::io::unix::AsyncFdReadyGuard<'_, OwnedFd>>, outbox: &[u8], written: &mut usize) -> Event {
    let Ok(mut ready) = ready else { return Event::Gone };
    let rest = outbox.get(*written..).unwrap_or_default();
    match ready.try_io(|fd| rustix::io::write(fd.get_ref(), rest).map_err(io::Error::from)) {
        Ok(Ok(n)) => {
            *written += n;
            Event::Wrote
        }
        Ok(Err(e)) if e.kind() != io::ErrorKind::Interrupted => Event::Gone,
        _ => Event::Wrote,
    }
}

/// The terminal's size; a usual one where it does not know its own.
pub(super) fn terminal_size(terminal: &OwnedFd) -> Size {
    match rustix::termios::tcgetwinsize(terminal) {
        Ok(w) if w.ws_col > 0 && w.ws_row > 0 => Size::new(w.ws_col.min(1000), w.ws_row.min(500)),
        _ => Size::DEFAULT,
    }
}

/// Puts a terminal right that a killed client left behind.
///
/// # Errors
/// When this process has no terminal.
pub fn reset() -> io::Result<()> {
    let terminal = guard::open_terminal()?;
    guard::write_all(terminal.as_fd(), &modes::reset_sequences());
    let mut termios = rustix::termios::tcgetattr(&terminal)?;
    guard::sane(&mut termios);
    Ok(rustix::termios::tcsetattr(&terminal, OptionalActions::Now, &termios)?)
}
