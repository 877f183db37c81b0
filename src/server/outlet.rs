//! What is on its way into a session's terminal: written at once when nothing waits before it, else in order. Must not know
//! who sends it.

use crate::pty::Master;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::rc::Rc;

/// Answers that may wait for a program that asks and does not read, in bytes.
const ANSWERS: usize = 64 * 1024;

/// The way in.
#[derive(Default)]
pub struct Outlet {
    waiting: RefCell<VecDeque<u8>>,
    /// Bytes of answers that were sent since nothing waited.
    answers: Cell<usize>,
    master: RefCell<Option<Rc<Master>>>,
    closed: Cell<bool>,
}

impl Outlet {
    /// Writes to this terminal from now on.
    pub fn open(&self, master: Rc<Master>) {
        self.closed.set(false);
        *self.master.borrow_mut() = Some(master);
    }

    /// Nobody reads any more: what waits is dropped, and what comes.
    pub fn close(&self) {
        self.closed.set(true);
        self.master.take();
        self.waiting.borrow_mut().clear();
    }

    /// Whether nobody reads any more.
    pub fn is_closed(&self) -> bool {
        self.closed.get()
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Sends bytes. True when some have to wait: then [`Outlet::flush`] goes on when there is room.
    pub fn send(&self, bytes: &[u8]) -> bool {
        if self.is_closed() {
            return false;
        }
        self.waiting.borrow_mut().extend(bytes);
        self.flush()
    }

    /// Sends answers to a program's own questions; they are left out when too many of them wait.
    pub fn answer(&self, bytes: &[u8]) {
        let before = if self.waiting() == 0 { 0 } else { self.answers.get() };
        if before + bytes.len() <= ANSWERS {
            self.answers.set(before + bytes.len());
            self.send(bytes);
        }
    }

    /// Writes what the terminal takes. True when something still waits.
    pub fn flush(&self) -> bool {
        let mut waiting = self.waiting.borrow_mut();
        let master = self.master.borrow();
        let Some(master) = master.as_ref() else { return !waiting.is_empty() };
        while !waiting.is_empty() {
            match master.try_write(waiting.as_slices().0) {
                Ok(0) => break,
                Ok(n) => drop(waiting.drain(..n)),
                Err(e) if e.kind() == ErrorKind::WouldBlock => break,
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(_) => waiting.clear(), // nobody reads any more
            }
        }
        !waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_that_nobody_reads_are_bounded_and_take_no_room_from_keys() {
        let outlet = Outlet::default();
        outlet.send(&[b'k'; 100_000]);
        for _ in 0..10_000 {
            outlet.answer(b"\x1b[1;1R\x1b[0n");
        }
        assert!((100_000 + ANSWERS - 20..=100_000 + ANSWERS).contains(&outlet.waiting()), "{}", outlet.waiting());
        assert!(outlet.send(b"key"));
        assert!(outlet.waiting.borrow().iter().rev().take(3).eq(b"yek"));
    }

    #[test]
    fn nothing_is_kept_for_a_program_that_has_ended() {
        let outlet = Outlet::default();
        assert!(outlet.send(b"before it is there"));
        outlet.close();
        outlet.answer(b"x");
        assert!(!outlet.send(b"y") && outlet.is_closed());
        assert_eq!(outlet.waiting(), 0);
    }
}
