//! Looking in all sessions and their past: what is typed goes to the server at once, and Enter goes to where a hit stands. Must not
//! know how it is found or drawn.

use super::App;
use super::io::Effect;
use super::look::Look;
use super::modes::Layer;
use super::requests::Purpose;
use super::search_all::{Results, Where};
use crate::base::SessionId;
use crate::wire::Op;
use crate::wire::message::{Level, WireError};
use serde_json::Value;

/// Hits asked for.
const HITS: u32 = 500;

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
