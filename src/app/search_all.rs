//! The panel that looks in all sessions and their past: what is typed goes to the server at once, and Enter goes to where a hit
//! stands. Must not know how it is found or drawn.

use super::App;
use super::input::Editor;
use super::io::Effect;
use super::look::Look;
use super::modes::{Layer, ListState};
use super::requests::Purpose;
use crate::base::SessionId;
use crate::wire::message::{Level, WireError};
use crate::wire::{Op, State};
use serde::Deserialize;
use serde_json::Value;

/// Hits asked for.
const HITS: u32 = 500;

/// Where a hit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// In the history or on the screen of a living session.
    Pane,
    /// In the text of one that ended.
    Archive,
    /// It was on the screen at some time.
    Recording,
}

/// A line with a match.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hit {
    /// Where.
    #[serde(rename = "in")]
    pub place: Where,
    /// Line of the pane, line counted from the end, or milliseconds since the Unix epoch.
    pub line: u64,
    /// Text around the match; from outside.
    pub text: String,
    /// First character of the match.
    pub from: usize,
    /// Character behind the last.
    pub to: usize,
}

/// What was found in one session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Which.
    pub id: SessionId,
    /// Its number.
    pub number: u32,
    /// Its name; from outside.
    pub name: String,
    /// Its agent; from outside.
    pub agent: String,
    /// Its state.
    pub state: State,
    /// Lines with a match, also those not given.
    pub count: usize,
    /// The newest of them.
    pub hits: Vec<Hit>,
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Results {
    /// By session.
    #[serde(default)]
    pub sessions: Vec<Group>,
    /// Lines with a match.
    #[serde(default)]
    pub count: usize,
    /// There is more than is given.
    #[serde(default)]
    pub more: bool,
    /// A newer search ended this one.
    #[serde(default)]
    superseded: bool,
}

/// The panel.
#[derive(Debug, Clone, Default)]
pub struct SearchAll {
    /// What is looked for.
    pub editor: Editor,
    /// The cursor.
    pub list: ListState,
    /// It is plain text, no regular expression.
    pub plain: bool,
    /// What was found last.
    pub results: Results,
    /// Why the pattern cannot be used.
    pub error: Option<String>,
    /// An answer is on its way.
    pub busy: bool,
    /// It shows what was looked for last: what is typed takes its place.
    pub kept: bool,
    /// Enter came before the answer.
    enter: bool,
    asked: Option<(String, bool)>,
    token: u64,
}

/// Names a row for the cursor: session, place and line.
fn key(group: &Group, hit: &Hit) -> String {
    format!("{} {:?} {} {}", group.id, hit.place, hit.line, hit.text)
}

impl SearchAll {
    /// The hits as rows, each with its session.
    pub fn rows(&self) -> impl Iterator<Item = (&Group, &Hit)> {
        self.results.sessions.iter().flat_map(|g| g.hits.iter().map(move |h| (g, h)))
    }

    /// Text is about to be typed: it takes the place of what was kept.
    pub(super) fn typing(&mut self) {
        if std::mem::take(&mut self.kept) {
            self.editor.clear();
        }
    }

    /// Keys of the rows.
    pub fn keys(&self) -> Vec<String> {
        self.rows().map(|(g, h)| key(g, h)).collect()
    }
}

impl App {
    /// Opens the panel, at the hit that was gone to last: the next one is a key away.
    pub(super) fn open_search_all(&mut self) {
        let mut s = self.last_search_all.clone().unwrap_or_default();
        (s.kept, s.asked, s.busy) = (!s.editor.is_empty(), None, false);
        // Answers on their way are of another panel.
        s.token = s.token.max(self.now.mono_ms);
        self.open(Layer::SearchAll(s));
    }

    /// Sends what is typed when it is not what was asked last.
    pub(super) fn search_as_typed(&mut self, out: &mut Vec<Effect>) {
        let Some(Layer::SearchAll(s)) = self.layers.last_mut() else { return };
        let want = (s.editor.text(), s.plain);
        if s.asked.as_ref() == Some(&want) {
            return;
        }
        s.asked = Some(want.clone());
        s.enter = false;
        s.token += 1;
        if want.0.is_empty() {
            (s.results, s.error, s.busy) = (Results::default(), None, false);
            return;
        }
        s.busy = true;
        let token = s.token;
        self.request(Op::SearchAll { pattern: want.0, fixed: want.1, limit: HITS }, Purpose::SearchAll(token), out);
    }

    /// An answer came.
    pub(super) fn searched(&mut self, token: u64, value: Result<Value, &WireError>, out: &mut Vec<Effect>) {
        let Some(Layer::SearchAll(s)) = self.layers.iter_mut().find(|l| matches!(l, Layer::SearchAll(_))) else { return };
        if s.token != token {
            return;
        }
        s.busy = false;
        match value {
            Ok(v) => {
                let results = serde_json::from_value::<Results>(v).unwrap_or_default();
                if !results.superseded {
                    (s.results, s.error) = (results, None);
                }
            }
            // What was found before stays: the pattern may only not be finished yet.
            Err(e) => s.error = Some(crate::base::text::safe_line(&e.message, 100)),
        }
        if std::mem::take(&mut s.enter) && s.error.is_none() {
            self.go_to_hit(out);
        }
    }

    /// Goes to where the hit under the cursor stands.
    pub(super) fn go_to_hit(&mut self, out: &mut Vec<Effect>) {
        let Some(Layer::SearchAll(s)) = self.layers.last_mut() else { return };
        // What stands there may be of what was typed before: only a row that was gone to is meant as it is.
        if s.busy && s.list.key.is_none() {
            s.enter = true;
            return;
        }
        let keys = s.keys();
        let Some((id, hit)) = s.rows().nth(s.list.at(&keys)).map(|(g, h)| (g.id.clone(), h.clone())) else { return };
        let s = s.clone();
        let text = s.asked.clone().map(|a| a.0).unwrap_or_default();
        let pattern = if s.plain { escape(&text) } else { text };
        self.last_search_all = Some(s);
        if self.mirror.get(&id).is_none() {
            return self.note(Level::Info, "this session was dismissed", "");
        }
        match hit.place {
            Where::Recording => self.open_replay(id, Some(hit.line), pattern, out),
            Where::Pane => self.look_at(id, hit.line, pattern, out),
            Where::Archive => {
                let op = Op::LineOf { session: id.clone(), from_end: hit.line };
                self.request(op, Purpose::LineOf(id, pattern), out);
            }
        }
    }

    /// Shows a line of a session, with the matches around it.
    pub(super) fn look_at(&mut self, id: SessionId, line: u64, pattern: String, out: &mut Vec<Effect>) {
        self.layers.clear();
        self.show_session(id.clone());
        let pane = self.tabs.focus();
        self.close_replay(pane, out);
        let top = line.saturating_sub(u64::from(self.pane_height(pane) / 2));
        let mut look = Look::of(id.clone());
        (look.top, look.cursor, look.keys) = (Some(top), Some((line, 0)), true);
        look.found.pattern.clone_from(&pattern);
        self.looks.insert(pane, look);
        self.layers.push(Layer::Scroll);
        self.request(Op::Search { session: id, pattern, limit: 5000 }, Purpose::Matches(pane, line), out);
    }

    /// The matches of a pane that looks at a line already.
    pub(super) fn matches_at(&mut self, pane: super::PaneId, line: u64, value: Value) {
        let height = self.pane_height(pane);
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let rows = look.session.as_ref().and_then(|id| self.mirror.pane(id));
        let end = rows.map_or(0, super::mirror::PaneRows::end);
        look.found.take(look.found.pattern.clone(), value, end);
        let Some(spot) = look.found.step((line, 0), false, true) else { return };
        // A long line may have it far below its first row.
        look.cursor = Some(spot);
        if look.top.is_some_and(|top| spot.0 < top || spot.0 >= top + u64::from(height)) {
            look.top = Some(spot.0.saturating_sub(u64::from(height / 2)));
        }
    }
}

/// Text as a pattern that finds just it.
fn escape(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_ascii_punctuation() { vec!['\\', c] } else { vec![c] }).collect()
}
