//! How the writer thread is woken, and what it is told then. Must not know what it does.

use super::queue::Line;
use super::tape::Start;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What the writer is told.
#[derive(Default)]
pub(super) struct State {
    pub new: Vec<(Start, Arc<Line>)>,
    pub rung: bool,
    pub hurry: bool,
    pub asked: u64,
    pub served: u64,
    pub closing: bool,
}

/// What the writer and those who wake it share.
#[derive(Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    pub wake: Condvar,
    pub done: Condvar,
}

impl Shared {
    /// The state, for a moment.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the writer.
#[derive(Clone)]
pub(super) struct Bell(Arc<Shared>);

impl std::fmt::Debug for Bell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bell")
    }
}

impl Bell {
    /// The bell of this writer.
    pub fn of(shared: &Arc<Shared>) -> Bell {
        Bell(Arc::clone(shared))
    }

    /// There is something to write.
    pub fn ring(&self) {
        let mut s = self.0.lock();
        if !s.rung {
            s.rung = true;
            drop(s);
            self.0.wake.notify_one();
        }
    }
}
