//! The terminal's descriptor under the runtime: reading, its size, putting it right. Must not know what
//! the bytes mean.

use super::shell::Event;
use super::{guard, modes};
use crate::base::Size;
use crate::pty::Endpoint;
use rustix::termios::OptionalActions;
use std::io;
use std::os::fd::AsFd;

/// Reads what is there, at most a piece.
pub(super) fn read(end: &Endpoint) -> Event {
    // No terminal gives more at once.
    const PIECE: usize = 4096;
    let mut buffer = vec![0u8; PIECE];
    match end.try_read(&mut buffer) {
        Ok(0) => Event::Gone,
        Ok(n) => {
            buffer.truncate(n);
            Event::Bytes(buffer)
        }
        // A false alarm.
        Err(e) if matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Event::Bytes(Vec::new()),
        Err(_) => Event::Gone,
    }
}

/// The terminal's size; a usual one where it does not know its own.
pub(super) fn terminal_size(terminal: impl AsFd) -> Size {
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
