//! The session tree as rows: project, session, children, what there is to say. Must not know how rows are drawn.

use super::input::Editor;
use super::mirror::{Mirror, open_handoff};
use crate::base::{SessionId, text};
use crate::wire::{Session, State};
use std::collections::{BTreeSet, HashMap};

/// What a row is about; the cursor and folds hold on to it, not to a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RowKey {
    /// A project, by its path.
    Project(String),
    /// A session.
    Session(SessionId),
}

/// What a row shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowKind {
    /// A blank line between groups.
    Gap,
    /// A project with its name.
    Project {
        /// Last part of its path, made safe.
        name: String,
        /// Where it is, made safe, when another one has the same name.
        place: Option<String>,
        /// Its sessions are hidden.
        folded: bool,
        /// How many sessions it has.
        count: usize,
    },
    /// A session.
    Session {
        /// Levels below the project's sessions.
        depth: u16,
        /// The last child of its parent.
        last: bool,
    },
    /// The line below a session that has something to say.
    Says(String),
    /// An item of the progress tree.
    Item {
        /// Place in the list of items.
        index: usize,
        /// Nothing of this session comes below.
        last: bool,
    },
    /// A sub-agent of the session.
    Child {
        /// Place in the list of sub-agents.
        index: usize,
        /// Nothing of this session comes below.
        last: bool,
    },
    /// When it will be done.
    Eta {
        /// Nothing of this session comes below.
        last: bool,
    },
}

/// A row. Rows that say more about the one above have its key and cannot hold the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRow {
    /// What it is about; none for a gap.
    pub key: Option<RowKey>,
    /// What it shows.
    pub kind: RowKind,
}

impl TreeRow {
    /// The cursor may stand here.
    pub fn holds_cursor(&self) -> bool {
        matches!(self.kind, RowKind::Project { .. } | RowKind::Session { .. })
    }
}

/// What a person did to the tree.
#[derive(Debug, Clone, Default)]
pub struct TreeState {
    /// The row under the cursor.
    pub cursor: Option<RowKey>,
    /// Sessions selected with Space.
    pub selected: BTreeSet<SessionId>,
    /// What was folded (true) or unfolded by hand.
    pub folds: HashMap<RowKey, bool>,
    /// What rows must hold.
    pub filter: Editor,
    /// Keys go to the filter.
    pub filtering: bool,
    /// First row shown.
    pub top: usize,
    /// Folder of the client: the project that holds it comes first.
    pub home: String,
    pub(super) order: Vec<SessionId>,
}

/// Name of a project for people.
pub fn project_name(path: &str) -> String {
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    text::safe_line(if name.is_empty() { "/" } else { name }, 60)
}

/// The one line a session has to say now, if any: what it waits for, why it failed, what is wrong.
pub fn says(s: &Session) -> Option<String> {
    let raw = match s.state {
        State::Waiting => s.waiting_for.as_ref().map(|w| w.text.clone()),
        _ if open_handoff(s).is_some() => open_handoff(s).map(super::asked::handoff_line),
        State::Failed | State::Lost => why(s).or_else(|| s.note.clone()),
        State::Starting | State::Queued => s.note.clone(),
        _ => None,
    }?;
    let line = text::safe_line(&raw, 200);
    (!line.is_empty()).then_some(line)
}

/// Why it failed: the newest error that says more than how it ended, which its row says already.
fn why(s: &Session) -> Option<String> {
    let exit = |title: &str| title.strip_prefix(s.agent.as_str()).is_some_and(|t| t.starts_with(" exited with ") || t.starts_with(" was ended by "));
    let told = s.errors.iter().rev().find(|e| !exit(&e.title)).map(|e| e.title.clone());
    told.or_else(|| s.errors.last().map(|e| e.issue.clone().unwrap_or_else(|| e.title.clone())))
}

/// Whether a session needs the user: they come first.
fn needs_me(s: &Session) -> bool {
    s.state == State::Waiting || open_handoff(s).is_some()
}

impl TreeState {
    /// Puts the sessions in order: pinned, then those that need the user, then by number, ended ones last. While the tree has
    /// the focus nothing moves: new ones go to the end of the order, gone ones leave.
    pub fn arrange(&mut self, mirror: &Mirror, hold: bool) {
        let sessions = mirror.sessions();
        self.selected.retain(|id| mirror.get(id).is_some());
        if hold {
            self.order.retain(|id| mirror.get(id).is_some());
            for s in sessions {
                if !self.order.contains(&s.id) {
                    self.order.push(s.id.clone());
                }
            }
            return;
        }
        let mut all = sessions;
        all.sort_by_key(|s| (!s.pinned, !needs_me(s), s.state.ended(), s.number));
        self.order = all.into_iter().map(|s| s.id.clone()).collect();
    }

    /// Whether a session's progress is unfolded: by hand, else while it runs and has items.
    pub fn is_open(&self, s: &Session) -> bool {
        match self.folds.get(&RowKey::Session(s.id.clone())) {
            Some(folded) => !folded,
            None => !s.state.ended() && (s.progress.as_ref().is_some_and(|p| !p.items.is_empty()) || !s.children.is_empty()),
        }
    }

    fn matches(&self, s: &Session) -> bool {
        let want = self.filter.text().to_lowercase();
        let hay =
            format!("#{} {} {} {} {} {}", s.number, s.name, s.agent, s.state.word(), s.branch.as_deref().unwrap_or(""), project_name(&s.project))
                .to_lowercase();
        want.split_whitespace().all(|w| hay.contains(w))
    }

    /// All rows, top to bottom.
    pub fn rows(&self, mirror: &Mirror) -> Vec<TreeRow> {
        let filtered = !self.filter.is_empty();
        let all: Vec<&Session> = self.order.iter().filter_map(|id| mirror.get(id)).collect();
        let known = |id: &Option<SessionId>| id.as_ref().is_some_and(|p| all.iter().any(|s| s.id == *p));
        // Projects in the order their first session came; that never changes while it is there.
        let mut projects: Vec<(u32, &str)> = Vec::new();
        for s in &all {
            match projects.iter_mut().find(|p| p.1 == s.project) {
                Some(p) => p.0 = p.0.min(s.number),
                None => projects.push((s.number, &s.project)),
            }
        }
        let namesakes = |name: &str| projects.iter().filter(|p| project_name(p.1) == name).count() > 1;
        let place = |path: &str| namesakes(&project_name(path)).then(|| text::safe_line(path, 200));
        let places: HashMap<&str, Option<String>> = projects.iter().map(|p| (p.1, place(p.1))).collect();
        projects.sort_by_key(|(n, p)| (!std::path::Path::new(&self.home).starts_with(p), *n));
        let mut rows = Vec::new();
        for (_, project) in projects {
            let mut body = Vec::new();
            let roots: Vec<&&Session> = all.iter().filter(|s| s.project == project && !known(&s.parent)).collect();
            let key = RowKey::Project(project.to_owned());
            let folded = self.folds.get(&key).copied().unwrap_or(false) && !filtered;
            for s in &roots {
                self.session_rows(s, &all, 0, false, filtered, &mut body);
            }
            if body.is_empty() {
                continue;
            }
            if !rows.is_empty() {
                rows.push(TreeRow { key: None, kind: RowKind::Gap });
            }
            let count = all.iter().filter(|s| s.project == project && !s.kind.watches()).count();
            let place = places.get(project).cloned().flatten();
            rows.push(TreeRow { key: Some(key), kind: RowKind::Project { name: project_name(project), place, folded, count } });
            if !folded {
                rows.append(&mut body);
            }
        }
        rows
    }

    fn session_rows(&self, s: &Session, all: &[&Session], depth: u16, last: bool, filtered: bool, out: &mut Vec<TreeRow>) {
        if depth > 4 {
            return; // a ring of parents cannot go on for ever
        }
        let mut children = Vec::new();
        let kids: Vec<&&Session> = all.iter().filter(|c| c.parent.as_ref() == Some(&s.id) && c.id != s.id).collect();
        for (i, c) in kids.iter().enumerate() {
            self.session_rows(c, all, depth + 1, i + 1 == kids.len(), filtered, &mut children);
        }
        if filtered && children.is_empty() && !self.matches(s) {
            return;
        }
        let key = Some(RowKey::Session(s.id.clone()));
        out.push(TreeRow { key: key.clone(), kind: RowKind::Session { depth, last } });
        if let Some(line) = says(s) {
            out.push(TreeRow { key: key.clone(), kind: RowKind::Says(line) });
        }
        if self.is_open(s) {
            let items = s.progress.as_ref().map_or(0, |p| p.items.len());
            let eta = s.progress.as_ref().is_some_and(|p| p.eta_seconds.is_some()) && !s.state.ended();
            let parts = items + usize::from(eta) + s.children.len();
            let kinds = (0..items).map(|index| RowKind::Item { index, last: false });
            let kinds = kinds.chain(eta.then_some(RowKind::Eta { last: false }));
            let kinds = kinds.chain((0..s.children.len()).map(|index| RowKind::Child { index, last: false }));
            for (i, mut kind) in kinds.enumerate() {
                if let RowKind::Item { last, .. } | RowKind::Eta { last } | RowKind::Child { last, .. } = &mut kind {
                    *last = i + 1 == parts && children.is_empty();
                }
                out.push(TreeRow { key: key.clone(), kind });
            }
        }
        let folded = self.folds.get(&RowKey::Session(s.id.clone())).copied().unwrap_or(false);
        if !folded || filtered {
            out.append(&mut children);
        }
    }

    /// Place of the cursor in these rows; the first row it may stand on when what it stood on is gone.
    pub fn cursor_at(&self, rows: &[TreeRow]) -> Option<usize> {
        let held = rows.iter().position(|r| r.holds_cursor() && r.key.is_some() && r.key == self.cursor);
        held.or_else(|| rows.iter().position(|r| matches!(r.kind, RowKind::Session { .. }))).or_else(|| rows.iter().position(TreeRow::holds_cursor))
    }

    /// Moves the cursor by so many rows it may stand on.
    pub fn step(&mut self, mirror: &Mirror, by: isize, height: usize) {
        let rows = self.rows(mirror);
        let stops: Vec<usize> = (0..rows.len()).filter(|i| rows.get(*i).is_some_and(TreeRow::holds_cursor)).collect();
        let Some(at) = self.cursor_at(&rows) else { return };
        let place = stops.iter().position(|i| *i == at).unwrap_or(0) as isize;
        let to = place.saturating_add(by).clamp(0, stops.len() as isize - 1) as usize;
        if let Some(row) = stops.get(to).and_then(|i| rows.get(*i)) {
            self.cursor = row.key.clone();
        }
        self.follow(&rows, height);
    }

    /// Scrolls so that the cursor is in sight.
    pub fn follow(&mut self, rows: &[TreeRow], height: usize) {
        let at = self.cursor_at(rows).unwrap_or(0);
        let height = height.max(1);
        // The heading of the first project comes along.
        let from = if at <= 1 { 0 } else { at };
        self.top = self.top.min(from).max((at + 1).saturating_sub(height)).min(rows.len().saturating_sub(1));
    }

    /// The session under the cursor.
    pub fn session(&self, mirror: &Mirror) -> Option<SessionId> {
        let rows = self.rows(mirror);
        match self.cursor_at(&rows).and_then(|i| rows.into_iter().nth(i)).and_then(|r| r.key) {
            Some(RowKey::Session(id)) => Some(id),
            _ => None,
        }
    }
}
