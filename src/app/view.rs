//! Keeping the arrangement of panes for the next attach. Must not know where it is kept.

use super::App;
use super::io::Effect;
use super::panes::Tabs;
use crate::wire::ClientMsg;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct View {
    version: u32,
    tabs: Tabs,
    #[serde(default)]
    tree_open: Option<bool>,
    #[serde(default)]
    tree_docked: Option<bool>,
}

/// Largest view that is read back, in bytes.
const LARGEST: usize = 256 * 1024;

impl App {
    /// Sends the arrangement when it is not what was sent last. Nothing is sent before the first facts have been placed.
    pub(super) fn save_view(&mut self, out: &mut Vec<Effect>) {
        if !self.placed || self.link != super::Link::Up || self.setup.read_only {
            return;
        }
        let view = View { version: 1, tabs: self.tabs.clone(), tree_open: Some(self.tree_open), tree_docked: Some(self.tree_docked) };
        let Ok(state) = serde_json::to_string(&view) else { return };
        if state != self.saved {
            self.saved.clone_from(&state);
            out.push(Effect::Send(ClientMsg::SaveView { view: self.setup.cwd.clone(), state }));
        }
    }

    /// Takes a saved arrangement. What it names and is gone becomes empty. False when there was none.
    pub(super) fn restore_view(&mut self, state: &str) -> bool {
        let Some(view) = Some(state).filter(|s| s.len() <= LARGEST).and_then(|s| serde_json::from_str::<View>(s).ok()) else { return false };
        let Some(tabs) = Some(view).filter(|v| v.version == 1).and_then(|v| {
            self.tree_open = v.tree_open.unwrap_or(self.tree_open);
            self.tree_docked = v.tree_docked.unwrap_or(self.tree_docked);
            v.tabs.checked()
        }) else {
            return false;
        };
        self.tabs = tabs;
        self.saved = state.to_owned();
        true
    }
}
