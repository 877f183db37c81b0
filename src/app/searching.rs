//! Searching in a pane: as it is typed, on to the next one, the word under the cursor. One search is on its way at a time; while
//! it is, only the newest of what was typed waits. One that was left is forgotten. Must not know how text is searched: the server does.

use super::App;
use super::found::Then;
use super::hit::PaneId;
use super::input::Editor;
use super::io::Effect;
use super::look::Look;
use super::looking::last_text;
use super::mirror::Spot;
use super::modes::Layer;
use super::requests::Purpose;
use super::search_box::SearchBox;
use crate::base::text::safe_line;
use crate::term::{self, Pattern, Point};
use crate::wire::Op;
use crate::wire::message::{Level, WireError};

/// Most matches asked for.
const MATCHES: u32 = 5000;
/// Longest pattern, in bytes.
const LONGEST: usize = 1000;

impl App {
    /// Opens the line. From the newest line there is only up.
    pub(super) fn open_search(&mut self, pane: PaneId, up: bool, own: bool, was: Option<u64>) {
        let height = self.pane_height(pane);
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let newest = look
            .session
            .as_ref()
            .and_then(|id| self.mirror.pane(id))
            .is_some_and(|rows| look.at_newest(rows, height) && (own || look.here(rows, height).0 >= last_text(look, rows)));
        let up = up || newest;
        look.found.clear();
        look.found.up = up;
        if own {
            // What the mouse left selected is copied already: it is not to grow with the search.
            look.select = None;
        }
        let from = (look.cursor, look.top, look.select);
        self.layers.push(Layer::Search(SearchBox { editor: Editor::line(), up, error: None, from, own, was }));
    }

    /// Something was typed: looks for it at once.
    pub(super) fn search_typed(&mut self, out: &mut Vec<Effect>) {
        let pane = self.tabs.focus();
        let Some(Layer::Search(line)) = self.layers.last_mut() else { return };
        let text = line.editor.text();
        line.error = None;
        if text.is_empty() {
            if let Some(look) = self.looks.get_mut(&pane) {
                look.found.clear();
            }
            return self.back_to_where_it_began(pane);
        }
        let checked = if text.len() > LONGEST { Err("too long".to_owned()) } else { Pattern::new(&text, true).map(drop).map_err(|e| e.to_string()) };
        match checked {
            Ok(()) => self.ask_search(pane, text, Then::Nearest, out),
            Err(why) => line.error = Some(why),
        }
    }

    fn back_to_where_it_began(&mut self, pane: PaneId) {
        let Some(Layer::Search(line)) = self.layers.iter().rev().find(|l| matches!(l, Layer::Search(_))) else { return };
        if let Some(look) = self.looks.get_mut(&pane) {
            (look.cursor, look.top, look.select) = line.from;
        }
    }

    fn ask_search(&mut self, pane: PaneId, pattern: String, then: Then, out: &mut Vec<Effect>) {
        let Some(look) = self.looks.get_mut(&pane) else { return };
        if look.found.asked {
            look.found.next = Some((pattern, then));
            return;
        }
        let Some(session) = look.session.clone() else { return };
        self.last_search.clone_from(&pattern);
        let asked = self.request(Op::Search { session, pattern: pattern.clone(), limit: MATCHES }, Purpose::Search(pane, pattern, then), out);
        if let Some(look) = self.looks.get_mut(&pane) {
            look.found.asked = asked;
        }
    }

    /// The line is done: what was found stays marked. An empty one looks for the same as before.
    pub(super) fn accept_search(&mut self, out: &mut Vec<Effect>) {
        let pane = self.tabs.focus();
        let Some(Layer::Search(line)) = self.layers.last() else { return };
        let (typed, up) = (line.editor.text(), line.up);
        if line.error.is_some() {
            return;
        }
        let last = self.last_search.clone();
        if typed.is_empty() && !last.is_empty() {
            self.ask_search(pane, last, Then::Step { up, times: 1, from: None }, out);
        }
        self.close_layer(|l| matches!(l, Layer::Search(_)));
    }

    /// The line is left: everything is as it was before.
    pub(super) fn cancel_search(&mut self) {
        let pane = self.tabs.focus();
        self.back_to_where_it_began(pane);
        let Some(Layer::Search(line)) = self.layers.pop() else { return };
        // What is on its way would mark and move what is as it was again.
        self.requests.forget_search(pane);
        if line.own {
            let look = self.looks.remove(&pane);
            self.close_layer(|l| matches!(l, Layer::Scroll));
            if let (Some(top), Some(session)) = (line.was, look.and_then(|l| l.session)) {
                let mut look = Look::of(session);
                look.top = Some(top);
                self.looks.insert(pane, look);
            }
        } else if let Some(look) = self.looks.get_mut(&pane) {
            look.found.clear();
            look.found.asked = false;
        }
    }

    /// The next match, in the direction of the search or against it.
    pub(super) fn step_search(&mut self, pane: PaneId, with: bool, times: u32, out: &mut Vec<Effect>) {
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let up = look.found.up == with;
        let end = look.session.as_ref().and_then(|id| self.mirror.pane(id)).map_or(0, |r| r.end());
        let stale = look.found.end != end || look.found.pattern.is_empty();
        let pattern = if look.found.pattern.is_empty() { self.last_search.clone() } else { look.found.pattern.clone() };
        if pattern.is_empty() {
            return self.note(Level::Info, "nothing was searched for yet", "");
        }
        // Text has come since: it may hold more of them.
        if stale {
            self.ask_search(pane, pattern, Then::Step { up, times, from: None }, out);
        } else if look.found.starts.is_empty() {
            self.note(Level::Info, &format!("no match for {}", safe_line(&pattern, 100)), "");
        } else {
            self.go_to_matches(pane, up, times, None);
        }
    }

    /// Looks for the word under the cursor.
    pub(super) fn search_word(&mut self, pane: PaneId, up: bool, out: &mut Vec<Effect>) {
        let height = self.pane_height(pane);
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let Some(rows) = look.session.as_ref().and_then(|id| self.mirror.pane(id)) else { return };
        let here = look.here(rows, height);
        let word = term::keyword_at(|n| look.line(rows, n).cloned(), Point { line: here.0, col: here.1 });
        look.found.up = up;
        match word {
            Some((word, start)) => {
                // Upwards the word itself is not the next one.
                let from = up.then_some((start.line, start.col)).filter(|start| *start < here);
                self.ask_search(pane, format!(r"\b{}\b", term::literal(&word)), Then::Step { up, times: 1, from }, out);
            }
            None => self.note(Level::Info, "there is no word here", ""),
        }
    }

    /// Lines were broken anew: the same is marked where it is now.
    pub(super) fn search_again(&mut self, pane: PaneId, out: &mut Vec<Effect>) {
        let pattern = self.looks.get(&pane).map(|l| l.found.pattern.clone()).unwrap_or_default();
        if !pattern.is_empty() {
            self.ask_search(pane, pattern, Then::Mark, out);
        }
    }

    /// On to the next match, so many times, from the cursor or from another place.
    fn go_to_matches(&mut self, pane: PaneId, up: bool, times: u32, from: Option<Spot>) {
        let height = self.pane_height(pane);
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let Some(rows) = look.session.as_ref().and_then(|id| self.mirror.pane(id)) else { return };
        let mut here = from.unwrap_or_else(|| look.here(rows, height));
        for _ in 1..times.min(MATCHES) {
            let Some(to) = look.found.step(here, up, false) else { return };
            here = to;
        }
        self.go_to_match(pane, up, here, false);
    }

    fn go_to_match(&mut self, pane: PaneId, up: bool, here: Spot, inclusive: bool) {
        let height = self.pane_height(pane);
        let Some(look) = self.looks.get_mut(&pane) else { return };
        let Some(rows) = look.session.as_ref().and_then(|id| self.mirror.pane(id)) else { return };
        if let Some(to) = look.found.step(here, up, inclusive) {
            // It may stand in what has come since the screen was kept.
            if to.0 >= look.range(rows).end {
                look.freeze(rows);
            }
            look.cursor_to(rows, height, to);
        }
    }

    /// The matches are here.
    pub(super) fn found(&mut self, pane: PaneId, pattern: String, then: Then, value: serde_json::Value, out: &mut Vec<Effect>) {
        let height = self.pane_height(pane);
        // Of a look that was left since.
        let Some(look) = self.looks.get_mut(&pane).filter(|l| l.found.asked) else { return };
        look.found.asked = false;
        if let Some((pattern, then)) = look.found.next.take() {
            return self.ask_search(pane, pattern, then, out);
        }
        let Some(rows) = look.session.as_ref().and_then(|id| self.mirror.pane(id)) else { return };
        let up = look.found.up;
        look.found.take(pattern.clone(), value, rows.end());
        match then {
            Then::Nearest => {
                // What is typed now may be nothing any more.
                let typed = self.layers.iter().rev().find_map(|l| if let Layer::Search(s) = l { Some((s.editor.text(), s.from)) } else { None });
                let from = match typed {
                    Some((text, _)) if text.is_empty() => return look.found.clear(),
                    Some((_, from)) => from.0,
                    None => None,
                };
                let from = from.unwrap_or_else(|| look.here(rows, height));
                if look.found.starts.is_empty() {
                    return self.back_to_where_it_began(pane);
                }
                self.go_to_match(pane, up, from, true);
            }
            Then::Step { .. } if look.found.starts.is_empty() => {
                self.note(Level::Info, &format!("no match for {}", safe_line(&pattern, 100)), "");
            }
            Then::Step { up, times, from } => self.go_to_matches(pane, up, times, from),
            Then::Mark => {
                if let Some(at) = look.cursor {
                    look.found.stand_at(at);
                }
            }
        }
    }

    /// The server would not search.
    pub(super) fn search_failed(&mut self, pane: PaneId, e: &WireError, out: &mut Vec<Effect>) {
        let Some(look) = self.looks.get_mut(&pane) else { return };
        look.found.asked = false;
        if let Some((pattern, then)) = look.found.next.take() {
            return self.ask_search(pane, pattern, then, out);
        }
        if let Some(Layer::Search(line)) = self.layers.last_mut() {
            line.error = Some(safe_line(&e.message, 120));
        } else {
            self.note(Level::Error, &e.message, &e.hint);
        }
    }
}
