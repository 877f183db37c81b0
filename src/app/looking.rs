//! Commands for looking back, searching, selecting and copying. Must not know lines that are not here: those the server has.

use super::App;
use super::hit::PaneId;
use super::input::Editor;
use super::io::Effect;
use super::look::{Look, Select, Spot};
use super::modes::Layer;
use super::requests::Purpose;
use crate::base::SessionId;
use crate::command::Cmd;
use crate::wire::Op;
use crate::wire::message::Level;
use crate::wire::op::SelectShape;

/// Most matches asked for.
const MATCHES: u32 = 1000;

impl App {
    /// Rows of a pane in sight.
    pub(super) fn pane_height(&self, pane: PaneId) -> u16 {
        self.areas().content(pane).map_or(1, |r| r.h.max(1))
    }

    /// The look of a pane, begun when there is none. `None` when it shows no session with rows.
    pub(super) fn begin_look(&mut self, pane: PaneId) -> Option<SessionId> {
        let id = self.rows_of(pane)?.clone();
        self.mirror.pane(&id)?;
        self.looks.entry(pane).or_insert_with(|| Look { session: Some(id.clone()), ..Look::default() });
        Some(id)
    }

    /// Scrolls a pane by lines; forgets the look when it is back at the live screen with nothing to keep.
    pub(super) fn scroll_pane(&mut self, pane: PaneId, by: i64) {
        let Some(id) = self.begin_look(pane) else { return };
        let height = self.pane_height(pane);
        let keys = pane == self.tabs.focus() && self.has_layer(|l| matches!(l, Layer::Scroll));
        if let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) {
            look.scroll(rows, height, by);
            if look.is_idle() && !keys {
                self.looks.remove(&pane);
            }
        }
    }

    pub(super) fn look(&mut self, cmd: Cmd, out: &mut Vec<Effect>) {
        use Cmd::*;
        let pane = self.tabs.focus();
        if cmd == ScrollLeave {
            // First what is selected goes, then the look.
            if let Some(look) = self.looks.get_mut(&pane)
                && look.select.take().is_some()
            {
                return;
            }
            self.looks.remove(&pane);
            return self.close_layer(|l| matches!(l, Layer::Scroll));
        }
        let Some(id) = self.begin_look(pane) else {
            return self.note(Level::Info, "there is nothing to look back at", "");
        };
        let height = self.pane_height(pane);
        let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) else { return };
        let page = i64::from(height.max(2)) - 1;
        let here = look.cursor.unwrap_or_else(|| {
            let spot = (rows.screen_top + u64::from(rows.cursor.row), rows.cursor.col);
            let top = look.window_top(rows, height);
            (spot.0.clamp(top, top + u64::from(height) - 1), spot.1)
        });
        look.cursor = Some(here);
        let mut enter = true;
        match cmd {
            ScrollUp => scroll(look, rows, height, -1),
            ScrollDown => scroll(look, rows, height, 1),
            ScrollPageUp => scroll(look, rows, height, -page),
            ScrollPageDown => scroll(look, rows, height, page),
            ScrollHalfPageUp => scroll(look, rows, height, -(page / 2).max(1)),
            ScrollHalfPageDown => scroll(look, rows, height, (page / 2).max(1)),
            ScrollTop => look.cursor_to(rows, height, (rows.history_start, 0)),
            ScrollBottom => look.cursor_to(rows, height, (rows.end().saturating_sub(1), here.1)),
            SearchNext => look.step_match(rows, height, true),
            SearchPrevious => look.step_match(rows, height, false),
            CopyLeft => look.cursor_to(rows, height, (here.0, here.1.saturating_sub(1))),
            CopyRight => look.cursor_to(rows, height, (here.0, here.1.saturating_add(1))),
            CopyUp => look.cursor_to(rows, height, (here.0.saturating_sub(1), here.1)),
            CopyDown => look.cursor_to(rows, height, (here.0 + 1, here.1)),
            CopyLineStart => look.cursor_to(rows, height, (here.0, 0)),
            CopyLineEnd => {
                let end = rows.line(here.0).map_or(0, |l| l.text().trim_end().chars().count().saturating_sub(1));
                look.cursor_to(rows, height, (here.0, end.min(usize::from(u16::MAX)) as u16));
            }
            CopyWordNext | CopyWordPrevious => {
                let to = word_step(rows.line(here.0).map(|l| l.slice(0, l.cols())).unwrap_or_default(), here, cmd == CopyWordNext);
                look.cursor_to(rows, height, to);
            }
            CopySelect => toggle(look, here, SelectShape::Char),
            CopySelectLine => toggle(look, here, SelectShape::Line),
            CopySelectBlock => toggle(look, here, SelectShape::Block),
            SearchStart => {
                let pattern = look.pattern.clone();
                let editor = Editor::line();
                let _ = pattern; // the old pattern is used again when nothing is typed
                self.open_scroll();
                return self.layers.push(Layer::Search(editor));
            }
            CopyYank | CopyYankToFollowUp => {
                let Some(select) = look.select else {
                    return self.note(Level::Info, "nothing is selected", "");
                };
                let purpose = if cmd == CopyYank { Purpose::Copy } else { Purpose::CopyToFollowUp(id.clone()) };
                self.looks.remove(&pane);
                self.close_layer(|l| matches!(l, Layer::Scroll));
                self.ask_text(id, select, purpose, out);
                enter = false;
            }
            _ => {}
        }
        if enter {
            self.open_scroll();
        }
    }

    fn open_scroll(&mut self) {
        if !self.has_layer(|l| matches!(l, Layer::Scroll)) {
            self.layers.retain(|l| !matches!(l, Layer::Tree));
            self.layers.push(Layer::Scroll);
        }
    }

    pub(super) fn ask_text(&mut self, session: SessionId, select: Select, purpose: Purpose, out: &mut Vec<Effect>) {
        let (from, to) = select.ends();
        self.request(Op::SelectText { session, from, to, shape: select.shape }, purpose, out);
    }

    /// Looks for what was typed, or for the same as before.
    pub(super) fn search(&mut self, typed: &str, out: &mut Vec<Effect>) {
        self.close_layer(|l| matches!(l, Layer::Search(_)));
        let pane = self.tabs.focus();
        let Some(look) = self.looks.get(&pane) else { return };
        let pattern = if typed.is_empty() { look.pattern.clone() } else { typed.to_owned() };
        if let (Some(session), false) = (look.session.clone(), pattern.is_empty()) {
            self.request(Op::Search { session, pattern: pattern.clone(), limit: MATCHES }, Purpose::Search(pane, pattern), out);
        }
    }
}

fn scroll(look: &mut Look, rows: &super::mirror::PaneRows, height: u16, by: i64) {
    look.scroll(rows, height, by);
    // The cursor stays in sight.
    if let Some((line, col)) = look.cursor {
        let top = look.window_top(rows, height);
        let spot = (line.clamp(top, top + u64::from(height) - 1), col);
        look.cursor = Some(spot);
        if let Some(s) = &mut look.select {
            s.head = (spot, spot);
        }
    }
}

fn toggle(look: &mut Look, here: Spot, shape: SelectShape) {
    look.select = match look.select {
        Some(s) if s.shape == shape => None,
        Some(s) => Some(Select { shape, ..s }),
        None => Some(Select::at(here, shape)),
    };
}

/// The beginning of the next word, or of this or the one before.
fn word_step(line: String, here: Spot, forward: bool) -> Spot {
    let cells: Vec<bool> = line.chars().map(|c| !c.is_whitespace()).collect();
    let starts = |i: &usize| cells.get(*i).copied().unwrap_or(false) && (*i == 0 || !cells.get(i - 1).copied().unwrap_or(false));
    let at = usize::from(here.1);
    let to = if forward { (at + 1..cells.len()).find(starts) } else { (0..at.min(cells.len())).rev().find(starts) };
    match (to, forward) {
        (Some(col), _) => (here.0, col as u16),
        (None, true) => (here.0 + 1, 0),
        (None, false) if here.1 > 0 => (here.0, 0),
        (None, false) => (here.0.saturating_sub(1), u16::MAX),
    }
}
