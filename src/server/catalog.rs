//! What the agents' files say now: of an agent by its name, of a session's agent. Must not know what is done with it.

use super::hub::Hub;
use crate::agent::{AgentSpec, Catalog, Press};
use crate::base::SessionId;

/// The catalog as the files say now. What is wrong in them is told by `config check`.
pub fn catalog(hub: &Hub) -> Catalog {
    Catalog::load(&hub.paths.agents()).0
}

/// What an agent's file says of it.
pub fn spec(hub: &Hub, name: &str) -> Option<AgentSpec> {
    catalog(hub).get(name).ok().cloned()
}

/// What ends a turn of an agent.
pub fn interrupt_keys(hub: &Hub, name: &str) -> Vec<Press> {
    let catalog = catalog(hub);
    match catalog.get(name) {
        Ok(spec) => spec.interrupt.clone(),
        Err(_) => "ctrl+c".parse().into_iter().collect(),
    }
}

/// What ends an agent politely.
pub fn quit_keys(hub: &Hub, name: &str) -> Vec<Press> {
    catalog(hub).get(name).map(|s| s.quit.clone()).unwrap_or_default()
}

/// The agent of a session, as its file says now.
pub fn spec_of(hub: &Hub, id: &SessionId) -> Option<AgentSpec> {
    let name = hub.world(|w| w.get(id).filter(|r| r.recipe.command.is_empty()).map(|r| r.facts.agent.clone()))?;
    catalog(hub).get(&name).ok().cloned()
}
