//! Gives memory back that is no longer needed. What clients ask for takes some for a moment (settings, patterns, histories), and
//! an allocator keeps it. Must not know what was asked.

use super::hub::Hub;
use std::rc::Rc;
use std::time::Duration;

/// Requests come in bursts; one pass after the first of them, so long after it, does for the burst.
const AFTER: Duration = Duration::from_secs(1);

/// Gives memory back after every burst of requests, until the server ends.
pub async fn tidy(hub: Rc<Hub>) {
    loop {
        tokio::select! {
            () = hub.closing() => return,
            () = hub.tidy.wished() => {}
        }
        tokio::time::sleep(AFTER).await;
        crate::pty::trim_heap();
    }
}
