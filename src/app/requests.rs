//! Requests on their way, and what their answers are for. Must not know how answers are used.

use super::found::Then;
use super::hit::PaneId;
use super::look::Look;
use crate::base::{Motion, SessionId};
use std::collections::BTreeMap;

/// Most requests on their way at once; more are refused.
const MOST: usize = 256;

/// What text of a terminal is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The clipboard.
    Copy,
    /// The clipboard, behind what was copied last.
    Append,
    /// The follow-up box.
    FollowUp,
    /// The editor.
    Editor,
}

/// Something to be opened that needs to know where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A file.
    File {
        /// As it stands in the pane.
        path: String,
        /// Line, from 1.
        line: Option<u32>,
        /// Column, from 1.
        col: Option<u32>,
    },
    /// A commit.
    Commit(String),
}

/// What an answer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A session was asked for: show it.
    New,
    /// An editor was asked for, from this pane: show it, and close its pane when it ends well.
    Editor(PaneId),
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
    /// Files for what was typed behind an `@`.
    Files(String),
    /// Matches for a pane.
    Search(PaneId, String, Then),
    /// Where a motion leads.
    Move(PaneId, Motion),
    /// What a command printed.
    Output(PaneId),
    /// Text of this session's terminal; the look that it was selected in comes back when there is none.
    Text(Take, SessionId, Option<(PaneId, Box<Look>)>),
    /// Folders, for something to be opened.
    Open(SessionId, Wanted),
    /// Why a session has its state.
    Explain(SessionId),
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

    /// An answer for this is on its way.
    pub fn awaits(&self, purpose: &Purpose) -> bool {
        self.open.values().any(|p| p == purpose)
    }

    /// The answer came.
    pub fn close(&mut self, id: u64) -> Option<Purpose> {
        self.open.remove(&id)
    }

    /// Nobody wants the matches for this pane any more: their answer is for nothing.
    pub fn forget_search(&mut self, pane: PaneId) {
        self.open.retain(|_, purpose| !matches!(purpose, Purpose::Search(of, ..) if *of == pane));
    }

    /// No answer will come any more.
    pub fn forget_all(&mut self) {
        self.open.clear();
    }
}
