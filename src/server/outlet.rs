//! What is on its way into a session's terminal: written at once when nothing waits before it, else in order. Must not know
//! who sends it.

use crate::pty::Master;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::ErrorKind;
use std::rc::Rc;

/// The way in.
#[derive(Default)]
pub struct Outlet {
    waiting: RefCell<VecDeque<u8>>,
    master: RefCell<Option<Rc<Master>>>,
}

impl Outlet {
    /// Writes to this terminal from now on.
    pub fn open(&self, master: Rc<Master>) {
        *self.master.borrow_mut() = Some(master);
    }

    /// Nobody reads any more: what waits is dropped.
    pub fn close(&self) {
        self.master.take();
        self.waiting.borrow_mut().clear();
    }

    /// Bytes that wait.
    pub fn waiting(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Sends bytes. True when some have to wait: then [`Outlet::flush`] goes on when there is room.
    pub fn send(&self, bytes: &[u8]) -> bool {
        self.waiting.borrow_mut().extend(bytes);
        self.flush()
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
