//! Requests on their way, and what their answers are for. Must not know how answers are used.

use super::hit::PaneId;
use crate::base::SessionId;
use std::collections::BTreeMap;

/// Most requests on their way at once; more are refused.
const MOST: usize = 256;

/// What an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A session was asked for: show it.
    New,
    /// A monitor or debug session was asked for: show it beside, the focus stays.
    Watcher,
    /// Only a failure is told, with this before it.
    Quiet(&'static str),
    /// A follow-up; the text comes back when it fails.
    FollowUp(String),
    /// The brief of the session that the dialog is about to start.
    Brief,
    /// What was done in this session: show it with the session in front.
    Handoff(SessionId),
    /// The agents of this machine.
    Agents,
    /// Matches for a pane.
    Search(PaneId, String),
    /// Text to copy.
    Copy,
    /// Text for the follow-up box of this session.
    CopyToFollowUp(SessionId),
    /// Older log entries.
    Timeline,
}

/// The table.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    next: u64,
    open: BTreeMap<u64, Purpose>,
}

impl Requests {
    /// A number for a new request. `None` when too many are open.
    pub fn open(&mut self, purpose: Purpose) -> Option<u64> {
        if self.open.len() >= MOST {
            return None;
        }
        self.next += 1;
        self.open.insert(self.next, purpose);
        Some(self.next)
    }

    /// The answer came.
    pub fn close(&mut self, id: u64) -> Option<Purpose> {
        self.open.remove(&id)
    }

    /// No answer will come any more.
    pub fn forget_all(&mut self) {
        self.open.clear();
    }
}
