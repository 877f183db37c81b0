//! Commands for looking back, selecting and copying. Motions are worked out here as far as the lines are here; what needs
//! history that is not, or marks that only the server has, is asked for, and commands typed meanwhile wait for the answer.
//! Must not know keys or coordinates of the screen.

use super::App;
use super::char_find::wants_char;
use super::hit::PaneId;
use super::io::{Effect, Open};
use super::look::{Look, Select, Waiting, word_at};
use super::mirror::{PaneRows, Spot};
use super::modes::Layer;
use super::requests::{Purpose, Take};
use crate::base::{Motion, SessionId};
use crate::command::Cmd;
use crate::term::{self, Point};
use crate::wire::Op;
use crate::wire::message::Level;
use crate::wire::op::SelectShape;
use serde_json::Value;

/// Most commands that wait for the answer to a motion.
const WAITING: usize = 64;
/// Largest count before a command.
const MOST_TIMES: u32 = 100_000;
/// Most bytes that copies are put together to.
const APPENDED: usize = 1 << 20;

impl App {
    /// Rows of a pane in sight.
    pub(super) fn pane_height(&self, pane: PaneId) -> u16 {
        self.areas().content(pane).map_or(1, |r| r.h.max(1))
    }

    /// The look of a pane, begun when there is none. `None` when it shows no session with rows.
    pub(super) fn begin_look(&mut self, pane: PaneId) -> Option<SessionId> {
        let id = self.rows_of(pane)?.clone();
        self.mirror.pane(&id)?;
        self.looks.entry(pane).or_insert_with(|| Look::of(id.clone()));
        Some(id)
    }

    /// Scrolls a pane by lines; forgets the look when it is back at the live screen with nothing to keep.
    pub(super) fn scroll_pane(&mut self, pane: PaneId, by: i64) {
        let Some(id) = self.begin_look(pane) else { return };
        let height = self.pane_height(pane);
        if let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) {
            if look.keys {
                return look.page(rows, height, by, false);
            }
            look.scroll(rows, height, by);
            if look.is_idle() {
                self.looks.remove(&pane);
            }
        }
    }

    /// A digit before a command: how many times. False when it is none.
    pub(super) fn takes_digit(&mut self, c: char) -> bool {
        let looking = matches!(self.layers.last(), Some(Layer::Scroll)) && self.pending.is_none();
        let Some(digit) = c.to_digit(10).filter(|d| looking && (*d > 0 || self.count.is_some())) else { return false };
        self.count = Some(self.count.unwrap_or(0).saturating_mul(10).saturating_add(digit).min(MOST_TIMES));
        true
    }

    /// Looks at a pane by keys from now on: its screen stands still.
    pub(super) fn look_by_keys(&mut self, pane: PaneId) -> Option<SessionId> {
        let id = self.begin_look(pane)?;
        let height = self.pane_height(pane);
        if let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id))
            && !look.keys
        {
            look.freeze(rows);
            look.top = Some(look.window_top(rows, height));
            look.cursor = Some(look.select.map_or_else(|| look.here(rows, height), |s| s.head.0));
            look.keys = true;
        }
        Some(id)
    }

    fn leave_look(&mut self, pane: PaneId) {
        self.looks.remove(&pane);
        self.close_layer(|l| matches!(l, Layer::Scroll));
    }

    pub(super) fn look(&mut self, cmd: Cmd, out: &mut Vec<Effect>) {
        use Cmd::*;
        let pane = self.tabs.focus();
        let count = self.count.take();
        if cmd == ScrollLeave {
            // First a count goes, then what is selected, then the look.
            if count.is_some() || self.looks.get_mut(&pane).is_some_and(|l| l.select.take().is_some()) {
                return;
            }
            return self.leave_look(pane);
        }
        let own = !self.has_layer(|l| matches!(l, Layer::Scroll));
        let was = self.looks.get(&pane).filter(|l| !l.keys).and_then(|l| l.top);
        let Some(id) = self.look_by_keys(pane) else {
            return self.note(Level::Info, "there is nothing to look back at", "");
        };
        self.open_scroll();
        let height = self.pane_height(pane);
        // What is typed next belongs to it, also when an answer is awaited: together they wait.
        if wants_char(cmd) {
            return self.char_find(pane, cmd, count.unwrap_or(1));
        }
        if self.waits(pane, (cmd, count, None)) {
            return;
        }
        let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) else { return };
        let here = look.here(rows, height);
        let times = i64::from(count.unwrap_or(1));
        let page = (i64::from(height.max(2)) - 1) * times;
        let top = look.window_top(rows, height);
        // Past the end of what was kept there may be newer text.
        if matches!(cmd, ScrollBottom | CopyDown | ScrollDown | ScrollPageDown | ScrollHalfPageDown)
            && look.behind(rows) > 0
            && (cmd == ScrollBottom || here.0 + 1 >= look.range(rows).end)
        {
            look.freeze(rows);
        }
        match cmd {
            ScrollUp => look.page(rows, height, -times, false),
            ScrollDown => look.page(rows, height, times, false),
            ScrollPageUp => look.page(rows, height, -page, true),
            ScrollPageDown => look.page(rows, height, page, true),
            ScrollHalfPageUp => look.page(rows, height, -(page / 2).max(1), true),
            ScrollHalfPageDown => look.page(rows, height, (page / 2).max(1), true),
            ScrollTop => look.cursor_to(rows, height, (look.range(rows).start, 0)),
            // As in vi and less: the line of that number.
            ScrollBottom if count.is_some() => {
                let line = look.range(rows).start.saturating_add(times.max(1) as u64 - 1);
                look.cursor_to(rows, height, (line.min(last_text(look, rows)), 0));
            }
            ScrollBottom => look.cursor_to(rows, height, (last_text(look, rows), 0)),
            CopyLeft => look.cursor_along(rows, height, true, times.min(4000) as u32),
            CopyRight => look.cursor_along(rows, height, false, times.min(4000) as u32),
            CopyCharAgain | CopyCharBack => self.char_find(pane, cmd, times as u32),
            CopyUp => look.cursor_by(rows, height, -times),
            CopyDown => look.cursor_by(rows, height, times),
            CopyScreenTop => look.cursor_to(rows, height, (top + times.max(1) as u64 - 1, 0)),
            CopyScreenMiddle => look.cursor_to(rows, height, (top + u64::from(height / 2), 0)),
            CopyScreenBottom => look.cursor_to(rows, height, ((top + u64::from(height)).saturating_sub(times.max(1) as u64), 0)),
            CopyMark => look.select = Some(Select { before: true, ..Select::at(here, SelectShape::Char) }),
            CopyMarkBlock => look.select = Some(block_of(look.select, here)),
            CopySelect => toggle(look, here, SelectShape::Char),
            CopySelectLine => toggle(look, here, SelectShape::Line),
            CopySelectBlock => toggle(look, here, SelectShape::Block),
            CopySelectWord => {
                // A second time: the whole line.
                let (a, b) = word_at(look, rows, here);
                let again = look.select.is_some_and(|s| s.shape == SelectShape::Char && s.ends() == (a, b));
                look.cursor_to(rows, height, b);
                let shape = if again { SelectShape::Line } else { SelectShape::Char };
                look.select = Some(Select { anchor: (a, a), head: (b, b), shape, before: false });
            }
            CopySwapEnds => {
                if let Some(s) = look.select {
                    look.cursor_to(rows, height, s.anchor.0);
                    look.select = Some(Select { anchor: s.head, head: s.anchor, ..s });
                }
            }
            SearchStart | SearchBack => self.open_search(pane, cmd == SearchBack, own, was),
            SearchNext => self.step_search(pane, true, count.unwrap_or(1), out),
            SearchPrevious => self.step_search(pane, false, count.unwrap_or(1), out),
            SearchWord => self.search_word(pane, false, out),
            SearchWordBack => self.search_word(pane, true, out),
            CopySelectOutput => {
                let asked = self.request(Op::OutputAt { session: id, line: here.0 }, Purpose::Output(pane), out);
                if let Some(look) = self.looks.get_mut(&pane) {
                    look.asking = asked;
                }
            }
            CopyYankLine => {
                let last = here.0.saturating_add(times.max(1) as u64 - 1).min(last_text(look, rows).max(here.0));
                look.select = Some(Select { head: ((last, 0), (last, 0)), ..Select::at(here, SelectShape::Line) });
                self.yank(pane, id, Take::Copy, out);
            }
            CopyYank => self.yank(pane, id, Take::Copy, out),
            CopyAppend => self.yank(pane, id, Take::Append, out),
            CopyYankToFollowUp => self.yank(pane, id, Take::FollowUp, out),
            CopyYankToEditor => self.yank(pane, id, Take::Editor, out),
            TargetOpen => self.open_at(pane, here, out),
            _ => {
                if let Some(motion) = motion_of(cmd) {
                    self.walk(pane, id, motion, count.unwrap_or(1), out);
                }
            }
        }
    }

    /// A motion along the text or to a mark.
    fn walk(&mut self, pane: PaneId, id: SessionId, motion: Motion, count: u32, out: &mut Vec<Effect>) {
        let height = self.pane_height(pane);
        let (Some(look), Some(rows)) = (self.looks.get_mut(&pane), self.mirror.pane(&id)) else { return };
        let here = look.here(rows, height);
        if !motion.is_jump() {
            let range = look.range(rows);
            let to = look.read(rows, |lines| {
                let mut at = Point { line: here.0, col: here.1 };
                for _ in 0..count.min(1000) {
                    match term::step(lines, range.clone(), motion, at) {
                        Some(to) if to != at => at = to,
                        _ => break,
                    }
                }
                (at.line, at.col)
            });
            if let Some(to) = to {
                along(look, rows, height, to);
                if motion == Motion::LineEnd {
                    look.keep_to_ends();
                }
                return;
            }
        }
        let asked = self.request(Op::Move { session: id, from: here, motion, count }, Purpose::Move(pane, motion), out);
        if let Some(look) = self.looks.get_mut(&pane) {
            look.asking = asked;
        }
    }

    /// The answer to a motion.
    pub(super) fn walked(&mut self, pane: PaneId, motion: Motion, value: &Value, out: &mut Vec<Effect>) {
        let to: Option<Spot> = value.get("to").cloned().and_then(|v| serde_json::from_value(v).ok()).flatten();
        let height = self.pane_height(pane);
        if let Some(look) = self.looks.get_mut(&pane)
            && let Some(rows) = look.session.as_ref().and_then(|id| self.mirror.pane(id))
        {
            look.asking = false;
            match to {
                Some(to) if motion.is_jump() => {
                    // What was jumped to stands near the top: what follows is what one wants to read.
                    look.cursor_to(rows, height, to);
                    let by = to.0 as i64 - i64::from(height / 6) - look.window_top(rows, height) as i64;
                    look.scroll(rows, height, by);
                }
                Some(to) => along(look, rows, height, to),
                None => {
                    let text = nowhere(motion);
                    self.note(Level::Info, text.0, text.1);
                }
            }
        }
        self.go_on_looking(pane, out);
    }

    /// Keeps a command until the answer comes that is awaited. False when none is.
    pub(super) fn waits(&mut self, pane: PaneId, command: Waiting) -> bool {
        let Some(look) = self.looks.get_mut(&pane).filter(|l| l.is_busy()) else { return false };
        if look.waiting.len() < WAITING {
            look.waiting.push_back(command);
        }
        true
    }

    /// Commands that waited for an answer.
    pub(super) fn go_on_looking(&mut self, pane: PaneId, out: &mut Vec<Effect>) {
        loop {
            let Some(look) = self.looks.get_mut(&pane) else { return };
            if pane != self.tabs.focus() {
                look.waiting.clear();
            }
            if look.is_busy() {
                return;
            }
            let Some((cmd, count, typed)) = look.waiting.pop_front() else { return };
            if let Some(c) = typed {
                self.find_char(pane, cmd, c, count.unwrap_or(1));
                continue;
            }
            // One that is being typed now is of a command to come.
            let typed = std::mem::replace(&mut self.count, count);
            self.look(cmd, out);
            self.count = typed;
        }
    }

    pub(super) fn motion_failed(&mut self, pane: PaneId) {
        if let Some(look) = self.looks.get_mut(&pane) {
            look.asking = false;
            look.waiting.clear();
        }
    }

    /// What a command printed, selected.
    pub(super) fn select_output(&mut self, pane: PaneId, value: &Value, out: &mut Vec<Effect>) {
        let height = self.pane_height(pane);
        if let Some(look) = self.looks.get_mut(&pane) {
            look.asking = false;
        }
        let line = |k: &str| value.get(k).and_then(Value::as_u64);
        let (Some(from), Some(to)) = (line("from"), line("to")) else {
            self.motion_failed(pane);
            return self.note(Level::Info, "no output of a command is known here", "it takes a shell that marks its prompts (OSC 133)");
        };
        if let Some(look) = self.looks.get_mut(&pane)
            && let Some(rows) = look.session.as_ref().and_then(|id| self.mirror.pane(id))
        {
            look.cursor_to(rows, height, (from, 0));
            look.select = Some(Select { anchor: ((to, 0), (to, 0)), head: ((from, 0), (from, 0)), ..Select::at((from, 0), SelectShape::Line) });
        }
        self.go_on_looking(pane, out);
    }

    pub(super) fn open_scroll(&mut self) {
        if !self.has_layer(|l| matches!(l, Layer::Scroll)) {
            self.layers.retain(|l| !matches!(l, Layer::Tree));
            self.layers.push(Layer::Scroll);
        }
    }

    /// Takes what is selected and leaves looking back.
    fn yank(&mut self, pane: PaneId, id: SessionId, take: Take, out: &mut Vec<Effect>) {
        if self.looks.get(&pane).is_none_or(|l| l.select.is_none()) {
            return self.note(Level::Info, "nothing is selected", "v, V and r select; Y copies the line");
        }
        let look = self.looks.get(&pane).cloned().map(Box::new);
        self.take_selected(pane, id, take, look, out);
        self.leave_look(pane);
    }

    /// What was selected could not be taken: it is selected again, unless something else is looked at by now. As after the wheel
    /// the program has the keys: whoever types on types no commands.
    pub(super) fn look_again(&mut self, pane: PaneId, mut look: Look) {
        if self.rows_of(pane) == look.session.as_ref() && !self.looks.contains_key(&pane) {
            look.keys = false;
            self.looks.insert(pane, look);
        }
    }

    /// Takes what is selected: from here when all of it is here, else from the server.
    pub(super) fn take_selection(&mut self, pane: PaneId, session: SessionId, take: Take, out: &mut Vec<Effect>) {
        self.take_selected(pane, session, take, None, out);
    }

    fn take_selected(&mut self, pane: PaneId, session: SessionId, take: Take, leaves: Option<Box<Look>>, out: &mut Vec<Effect>) {
        let Some(look) = self.looks.get(&pane) else { return };
        let Some(select) = look.select else { return };
        let here = self.mirror.pane(&session).and_then(|rows| look.selected_text(rows));
        let (_, last) = select.ends();
        if here.as_deref() == Some("") && self.mirror.pane(&session).is_some_and(|rows| last.0 < look.range(rows).start) {
            return self.note(Level::Info, "what was selected is no longer in the history", "");
        }
        match here {
            Some(text) => self.take_text(text, take, session, out),
            None => {
                let (from, to) = select.ends();
                self.request(
                    Op::SelectText { session: session.clone(), from, to, shape: select.shape },
                    Purpose::Text(take, session, leaves.map(|l| (pane, l))),
                    out,
                );
            }
        }
    }

    /// Text of a terminal, for whatever it was taken for.
    pub(super) fn take_text(&mut self, text: String, take: Take, session: SessionId, out: &mut Vec<Effect>) {
        if text.is_empty() {
            return self.note(Level::Info, "there is no text in the selection", "");
        }
        match take {
            Take::Copy => self.copy(text, out),
            Take::Append => {
                let all = if self.copied.is_empty() { text } else { format!("{}\n{text}", self.copied) };
                if all.len() > APPENDED {
                    return self.note(Level::Error, "that is too much to put together", "copy it alone, or send it to the editor");
                }
                self.copy(all, out);
            }
            Take::FollowUp => self.quote_in_follow_up(&text, session),
            Take::Editor => out.push(Effect::Open(Open::Text(text))),
        }
    }

    /// Puts text in the clipboard.
    pub(super) fn copy(&mut self, text: String, out: &mut Vec<Effect>) {
        self.copied = if text.len() <= APPENDED { text.clone() } else { String::new() };
        out.push(Effect::Copy(text));
    }

    /// Text of a terminal in the follow-up box, quoted so that an agent can tell it from what is typed.
    fn quote_in_follow_up(&mut self, text: &str, session: SessionId) {
        self.open_follow_up(vec![session]);
        if !self.has_layer(|l| matches!(l, Layer::FollowUp)) {
            return;
        }
        if !self.follow_up.editor.is_empty() && !self.follow_up.editor.text().ends_with('\n') {
            self.follow_up.editor.newline();
        }
        if !self.follow_up.editor.insert(&quoted(text)) {
            self.note(Level::Error, "that is too much text for this box", "send it to the editor, or name a file that holds it");
        }
    }
}

/// A line as a quote, several as a block.
fn quoted(text: &str) -> String {
    let text = crate::base::text::safe_text(text.trim_matches('\n'));
    if !text.contains('\n') {
        return format!("> {text}\n");
    }
    // A fence longer than any in it.
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}\n{text}\n{fence}\n")
}

fn nowhere(motion: Motion) -> (&'static str, &'static str) {
    let marks = "it takes a shell that marks its prompts (OSC 133)";
    match motion {
        Motion::PromptPrevious => ("no prompt above", marks),
        Motion::PromptNext => ("no prompt below", marks),
        Motion::ErrorPrevious => ("no error above", ""),
        Motion::ErrorNext => ("no error below", ""),
        Motion::FollowUpPrevious => ("no follow-up above", ""),
        Motion::FollowUpNext => ("no follow-up below", ""),
        _ => ("it leads nowhere", ""),
    }
}

fn motion_of(cmd: Cmd) -> Option<Motion> {
    use Cmd::*;
    Some(match cmd {
        CopyWordNext => Motion::WordNext,
        CopyWordPrevious => Motion::WordPrevious,
        CopyWordEnd => Motion::WordEnd,
        CopyBigWordNext => Motion::BigWordNext,
        CopyBigWordPrevious => Motion::BigWordPrevious,
        CopyBigWordEnd => Motion::BigWordEnd,
        CopyParagraphPrevious => Motion::ParagraphPrevious,
        CopyParagraphNext => Motion::ParagraphNext,
        CopyBracket => Motion::Bracket,
        CopyLineStart => Motion::LineStart,
        CopyLineFirst => Motion::LineFirst,
        CopyLineEnd => Motion::LineEnd,
        CopyWordAfter => Motion::WordAfter,
        CopyWordBefore => Motion::WordBefore,
        CopyLineAfter => Motion::LineAfter,
        JumpPromptPrevious => Motion::PromptPrevious,
        JumpPromptNext => Motion::PromptNext,
        JumpErrorPrevious => Motion::ErrorPrevious,
        JumpErrorNext => Motion::ErrorNext,
        JumpFollowUpPrevious => Motion::FollowUpPrevious,
        JumpFollowUpNext => Motion::FollowUpNext,
        _ => return None,
    })
}

/// The last line that holds something.
pub(super) fn last_text(look: &Look, rows: &PaneRows) -> u64 {
    let range = look.range(rows);
    let blank = |n: u64| look.line(rows, n).is_some_and(|l| l.text().trim().is_empty()) || (n >= rows.screen_top && look.line(rows, n).is_none());
    let mut last = range.end.saturating_sub(1);
    // Of a screen that nothing has come of yet only the cursor is known.
    if let Some(cursor) = look.unseen_cursor(rows) {
        return cursor.clamp(range.start, last.max(range.start));
    }
    while last > range.start.max(range.end.saturating_sub(500)) && blank(last) {
        last -= 1;
    }
    last
}

/// Where a motion along the text led. Behind the last column of a line that goes on below is the first place there.
fn along(look: &mut Look, rows: &PaneRows, height: u16, to: Spot) {
    let goes_on = to.1 >= rows.cols.max(1) && look.line(rows, to.0).is_some_and(|l| l.wrapped);
    look.cursor_between(rows, height, if goes_on { (to.0 + 1, 0) } else { to });
}

/// A rectangle from the mark, or from here.
fn block_of(select: Option<Select>, here: Spot) -> Select {
    let anchor = select.map_or((here, here), |s| s.anchor);
    Select { anchor, before: true, ..Select::at(here, SelectShape::Block) }
}

fn toggle(look: &mut Look, here: Spot, shape: SelectShape) {
    look.select = match look.select {
        Some(s) if s.shape == shape => None,
        Some(s) => Some(Select { shape, ..s }),
        None => Some(Select::at(here, shape)),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_cannot_be_closed_by_what_they_hold() {
        assert_eq!(quoted("one line"), "> one line\n");
        assert_eq!(quoted("a\nb\n"), "```\na\nb\n```\n");
        assert_eq!(quoted("a\n```\nb"), "````\na\n```\nb\n````\n");
    }
}
