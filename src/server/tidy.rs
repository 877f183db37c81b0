//! Gives memory back that is no longer needed. What clients ask for takes some for a moment (settings, patterns, histories), and
//! an allocator keeps it. Must not know what was asked.

use super::hub::Hub;
use std::rc::Rc;
use std::time::Duration;
use tokio::sync::Notify;

/// Requests come in bursts; one pass after the first of them, so long after it, does for the burst.
const AFTER: Duration = Duration::from_secs(1);

/// The wish for a pass.
#[derive(Debug, Default)]
pub struct Tidy(Notify);

impl Tidy {
    /// Something was asked for and done.
    pub fn soon(&self) {
        self.0.notify_one();
    }
}

/// Gives memory back after every burst of requests, until the server ends.
pub async fn tidy(hub: Rc<Hub>) {
    loop {
        tokio::select! {
            () = hub.closing() => return,
            () = hub.tidy.0.notified() => {}
        }
        tokio::time::sleep(AFTER).await;
        crate::pty::trim_heap();
    }
}
