//! The terminal's descriptor: reading, its size, putting it right. Must not know what
//! the bytes mean.

use super::event::Event;
use super::{guard, modes};
use crate::base::Size;
use rustix::buffer::spare_capacity;
use rustix::io::Errno;
use rustix::termios::OptionalActions;
use std::io;
use std::os::fd::AsFd;

/// Reads what is there, at most a piece.
pub(super) fn read(terminal: impl AsFd) -> Event {
    // No terminal gives more at once.
    const PIECE: usize = 4096;
    let mut bytes = Vec::with_capacity(PIECE);
    match rustix::io::read(terminal, spare_capacity(&mut bytes)) {
        Ok(0) => Event::Gone,
        Ok(_) => Event::Bytes(bytes),
        // A false alarm.
        Err(Errno::AGAIN | Errno::INTR) => Event::Bytes(Vec::new()),
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
