//! What the server has told: sessions, log, agents, and the rows of watched panes. Must not know what of it is shown.

use crate::base::{Line, SessionId};
use crate::wire::facts::{AgentInfo, Handoff, Session, TimelineEntry};
use crate::wire::pane::{PaneCursor, PaneFrame, PaneModes};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Range;

/// Log entries kept here; the server has more.
pub const TIMELINE_KEPT: usize = 1000;
/// Rows kept of each pane beyond its window.
const ROWS_KEPT: usize = 4000;
/// Lines above the screen that are kept with it.
const STILL: usize = 1000;
/// Panes whose rows are kept after they went out of sight.
const PANES_KEPT: usize = 64;

/// A place in a pane: absolute line and column.
pub type Spot = (u64, u16);

/// Rows of one session's terminal, by absolute number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaneRows {
    /// Columns of the terminal.
    pub cols: u16,
    /// Rows of the terminal.
    pub rows: u16,
    /// Absolute number of the screen's first row.
    pub screen_top: u64,
    /// Absolute number of the oldest line kept by the server.
    pub history_start: u64,
    /// The cursor of the live screen.
    pub cursor: PaneCursor,
    /// Modes of the terminal.
    pub modes: PaneModes,
    /// Another client sizes it.
    pub foreign_size: bool,
    lines: BTreeMap<u64, Line>,
}

impl PaneRows {
    /// A row by its absolute number, if it has come.
    pub fn line(&self, n: u64) -> Option<&Line> {
        self.lines.get(&n)
    }

    /// The screen and what is known of the lines right above it, to be kept as it is. The oldest of those is where its history
    /// begins.
    pub fn screen(&self) -> PaneRows {
        let above = self.lines.range(..self.screen_top).rev().take(STILL).enumerate();
        let known = above.take_while(|(i, (n, _))| **n + 1 + *i as u64 == self.screen_top).count() as u64;
        let history_start = self.screen_top - known;
        let lines = self.lines.range(history_start..self.end()).map(|(n, l)| (*n, l.clone())).collect();
        PaneRows { lines, history_start, ..self.without_lines() }
    }

    /// Takes the rows of its screen that it lacks.
    pub fn fill(&mut self, lines: &[(u64, Line)]) {
        let screen = self.screen_top..self.end();
        for (n, line) in lines.iter().filter(|(n, _)| screen.contains(n)) {
            self.lines.entry(*n).or_insert_with(|| line.clone());
        }
    }

    fn without_lines(&self) -> PaneRows {
        let PaneRows { cols, rows, screen_top, history_start, cursor, modes, foreign_size, lines: _ } = *self;
        PaneRows { cols, rows, screen_top, history_start, cursor, modes, foreign_size, lines: BTreeMap::new() }
    }

    /// Absolute number behind the last row of the screen.
    pub fn end(&self) -> u64 {
        self.screen_top + u64::from(self.rows)
    }

    fn apply(&mut self, f: PaneFrame) {
        if f.full || self.cols != f.cols {
            self.lines.clear();
        }
        self.cols = f.cols;
        self.rows = f.rows;
        self.screen_top = f.screen_top;
        self.history_start = f.history_start.min(f.screen_top);
        self.cursor = f.cursor;
        self.modes = f.modes;
        self.foreign_size = f.foreign_size;
        self.lines.extend(f.lines);
        // Nothing stands below the screen, and what the server forgot is forgotten here.
        let end = self.end();
        if self.lines.last_key_value().is_some_and(|l| *l.0 >= end) {
            self.lines.split_off(&end);
        }
        if self.lines.first_key_value().is_some_and(|l| *l.0 < self.history_start) {
            self.lines = self.lines.split_off(&self.history_start);
        }
        while self.lines.len() > ROWS_KEPT {
            // The window is what must stay: drop from the end that is farther from it.
            let first = self.lines.keys().next().copied().unwrap_or(0);
            let last = self.lines.keys().next_back().copied().unwrap_or(0);
            if f.top.saturating_sub(first) >= last.saturating_sub(f.top) {
                self.lines.pop_first();
            } else {
                self.lines.pop_last();
            }
        }
    }
}

/// The mirror.
#[derive(Debug, Clone, Default)]
pub struct Mirror {
    /// All facts have come at least once.
    pub loaded: bool,
    /// Revision of the facts.
    pub rev: u64,
    sessions: HashMap<SessionId, Session>,
    /// The log, oldest first.
    pub timeline: VecDeque<TimelineEntry>,
    /// Agents of this machine.
    pub agents: Vec<AgentInfo>,
    panes: HashMap<SessionId, PaneRows>,
    recent: VecDeque<SessionId>,
}

/// The newest thing a session handed over that nobody has looked at.
pub fn open_handoff(s: &Session) -> Option<&Handoff> {
    s.handoffs.iter().rev().find(|h| h.open)
}

/// What a message with facts changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FactsChange {
    /// Sessions that were not known.
    pub new: Vec<SessionId>,
    /// Sessions that are gone.
    pub gone: Vec<SessionId>,
}

impl Mirror {
    /// A session.
    pub fn get(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id)
    }

    /// All sessions, by number.
    pub fn sessions(&self) -> Vec<&Session> {
        let mut all: Vec<&Session> = self.sessions.values().collect();
        all.sort_by_key(|s| s.number);
        all
    }

    /// Sessions with work of their own: monitor and debug ones are left out.
    pub fn working_set(&self) -> impl Iterator<Item = &Session> {
        self.sessions.values().filter(|s| !s.kind.watches())
    }

    /// The newest session.
    pub fn newest(&self) -> Option<&Session> {
        self.sessions.values().max_by_key(|s| s.number)
    }

    /// Sessions that wait for the user or handed something over that nobody has looked at, the longest wait first.
    pub fn waiting(&self) -> Vec<&Session> {
        let waits = |s: &&Session| s.state == crate::wire::State::Waiting || open_handoff(s).is_some();
        let mut all: Vec<&Session> = self.sessions.values().filter(waits).collect();
        all.sort_by_key(|s| (s.state_ms, s.number));
        all
    }

    /// Errors that are not over.
    pub fn open_errors(&self) -> usize {
        self.sessions.values().flat_map(|s| &s.errors).filter(|e| !e.resolved).count()
    }

    /// All errors, newest first and those that are over last, with the session each came from and its place there.
    pub fn errors(&self) -> Vec<(&Session, usize)> {
        let mut all: Vec<(&Session, usize)> = self.sessions.values().flat_map(|s| (0..s.errors.len()).map(move |i| (s, i))).collect();
        let time = |(s, i): &(&Session, usize)| s.errors.get(*i).map(|e| e.time.clone()).unwrap_or_default();
        let over = |(s, i): &(&Session, usize)| s.errors.get(*i).is_some_and(|e| e.resolved);
        all.sort_by(|a, b| over(a).cmp(&over(b)).then_with(|| time(b).cmp(&time(a))).then(b.0.number.cmp(&a.0.number)).then(b.1.cmp(&a.1)));
        all
    }

    /// Rows of a session's terminal.
    pub fn pane(&self, id: &SessionId) -> Option<&PaneRows> {
        self.panes.get(id)
    }

    /// Facts came.
    pub fn facts(
        &mut self,
        rev: u64,
        full: bool,
        sessions: Vec<Session>,
        removed: Vec<SessionId>,
        timeline: Vec<TimelineEntry>,
        agents: Option<Vec<AgentInfo>>,
    ) -> FactsChange {
        let mut change = FactsChange { new: Vec::new(), gone: removed };
        if full {
            change.gone.extend(self.sessions.keys().filter(|id| !sessions.iter().any(|s| s.id == **id)).cloned());
            self.timeline.clear();
            self.loaded = true;
        }
        self.rev = rev;
        for id in &change.gone {
            self.sessions.remove(id);
            self.panes.remove(id);
        }
        for s in sessions {
            if !self.sessions.contains_key(&s.id) {
                change.new.push(s.id.clone());
            }
            self.sessions.insert(s.id.clone(), s);
        }
        self.timeline.extend(timeline);
        let over = self.timeline.len().saturating_sub(TIMELINE_KEPT);
        self.timeline.drain(..over);
        if let Some(a) = agents {
            self.agents = a;
        }
        change
    }

    /// Log entries from before those known.
    pub fn older(&mut self, entries: Vec<TimelineEntry>) {
        let mut all: BTreeMap<u64, TimelineEntry> = entries.into_iter().map(|e| (e.seq, e)).collect();
        all.extend(self.timeline.drain(..).map(|e| (e.seq, e)));
        let over = all.len().saturating_sub(TIMELINE_KEPT);
        self.timeline = all.into_values().skip(over).collect();
    }

    /// The lines of a frame that has not been taken yet, with the columns of each that it changes. `None` when it changes more.
    pub fn news(&self, frame: &PaneFrame) -> Option<Vec<(u64, Range<usize>)>> {
        // Its height and whose it is show elsewhere than in its lines.
        let frames = (frame.cols, frame.rows, frame.modes, frame.foreign_size);
        let known = self.panes.get(&frame.session).filter(|p| !frame.full && (p.cols, p.rows, p.modes, p.foreign_size) == frames)?;
        let cols = |(n, line): &(u64, Line)| (*n, known.line(*n).map_or(0..usize::MAX, |old| old.changed(line)));
        Some(frame.lines.iter().map(cols).collect())
    }

    /// Rows of a pane came.
    pub fn frame(&mut self, frame: PaneFrame) {
        let id = frame.session.clone();
        self.recent.retain(|r| *r != id);
        self.recent.push_back(id.clone());
        if self.recent.len() > PANES_KEPT
            && let Some(old) = self.recent.pop_front()
        {
            self.panes.remove(&old);
        }
        self.panes.entry(id).or_default().apply(frame);
    }

    /// Forgets the rows of all panes: a new connection sends them anew.
    pub fn forget_rows(&mut self) {
        self.panes.clear();
        self.recent.clear();
    }
}
