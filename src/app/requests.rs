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
    /// Matches in all sessions, for the search of this number.
    SearchAll(u64),
    /// Line of a session where a hit stands, and what was looked for.
    LineOf(SessionId, String),
    /// Matches for a pane that looks at this line already.
    Matches(PaneId, u64),
    /// A recording for a pane.
    ReplayOpen(PaneId),
    /// Where the recording of a pane stands now.
    Replay(PaneId),
    /// The same after a search in it.
    ReplayFind(PaneId),
    /// Matches on the screen of the recording of a pane.
    ReplayMatches(PaneId),
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
