//! The recordings being shown, each in a pane without a program. Must not know what a client may do with them.

use super::pane::Pane;
use crate::base::SessionId;
use crate::past::{Film, Place};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// A recording being shown.
pub struct Replay {
    pub(super) id: SessionId,
    pub(super) session: SessionId,
    pub(super) owner: u64,
    pub(super) pane: Rc<Pane>,
    pub(super) film: Arc<Mutex<Film>>,
    pub(super) place: Cell<Place>,
    pub(super) at: Cell<u64>,
    pub(super) length: Cell<u64>,
    pub(super) trimmed: bool,
    pub(super) live: Cell<bool>,
    pub(super) playing: Cell<bool>,
    pub(super) speed: Cell<f64>,
    /// Rises with every move; a move that is not the newest any more is left out.
    pub(super) moves: Cell<u64>,
    pub(super) turn: tokio::sync::Mutex<()>,
    pub(super) changed: Notify,
}

/// The replays there are.
#[derive(Default)]
pub struct Replays(pub(super) RefCell<Vec<Rc<Replay>>>);

impl Replays {
    /// One of a client.
    pub(super) fn get(&self, id: &SessionId, owner: u64) -> Option<Rc<Replay>> {
        self.0.borrow().iter().find(|r| r.id == *id && r.owner == owner).cloned()
    }
}
