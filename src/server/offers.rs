//! The clock of the offer to go on in the background: wakes when a task has taken long enough, and never else. Must not know what
//! is offered.

use super::hub::Hub;
use crate::base::Now;
use crate::model::Command;
use std::rc::Rc;
use std::time::Duration;

/// The facts may have changed: the clock is set anew when something else is due.
pub fn arm(hub: &Hub) {
    let next = hub.world(|w| w.next_offer());
    if hub.offers.armed.replace(next) != next {
        hub.offers.other.notify_one();
    }
}

/// Has the model make the offers that are due, until the server ends.
pub async fn clock(hub: Rc<Hub>) {
    loop {
        let sleep = async {
            match hub.offers.armed.get() {
                Some(at) => tokio::time::sleep(Duration::from_millis(at.saturating_sub(Now::read().wall_ms))).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = hub.closing() => return,
            () = hub.offers.other.notified() => {}
            () = sleep => {
                hub.offers.armed.set(None);
                hub.apply(Command::OffersDue);
            }
        }
    }
}
