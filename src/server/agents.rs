//! Which agents this machine has: looked for once, on a worker thread, and told to all clients. Must not know their flags.

use super::hub::Hub;
use crate::wire::facts::AgentInfo;
use std::rc::Rc;

/// The agents found, from the last look or a new one.
pub async fn detect(hub: &Rc<Hub>) -> Vec<AgentInfo> {
    if let Some(known) = hub.agents.borrow().clone() {
        return known;
    }
    let agents = hub.catalog();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = tokio::task::spawn_blocking(move || agents.detect(&path)).await.unwrap_or_default();
    *hub.agents.borrow_mut() = Some(found.clone());
    hub.wake_all();
    found
}
