//! When the next offer to go on in the background is due. Must not know what is offered.

use std::cell::Cell;
use tokio::sync::Notify;

/// When the next offer is due.
#[derive(Default)]
pub struct Clock {
    pub(super) armed: Cell<Option<u64>>,
    pub(super) other: Notify,
}
