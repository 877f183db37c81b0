//! Looking back in a pane: where the window stands, the cursor, the selection. Lines are counted by their absolute number, so
//! nothing moves when output goes on; while the keys look, the screen is kept as it was. Must not know where the pane is on
//! the screen, nor the commands.

use super::found::Found;
use super::mirror::{PaneRows, Spot};
use crate::base::{Line, SessionId};
use crate::command::Cmd;
use crate::term::{self, Point};
use crate::wire::PaneFrame;
use crate::wire::op::SelectShape;
use std::collections::VecDeque;

/// Rows of a line that are looked at to tell whether one is part of what is selected.
const MARKED: u64 = 400;

/// A selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Select {
    /// Where it began, the first cell of the word or line.
    pub anchor: (Spot, Spot),
    /// Where it ends now.
    pub head: (Spot, Spot),
    /// Its shape.
    pub shape: SelectShape,
    /// Its ends stand before their cells, as emacs's point and mark do: the later one is not in it.
    pub before: bool,
}

impl Select {
    /// A selection of one cell.
    pub fn at(spot: Spot, shape: SelectShape) -> Select {
        Select { anchor: (spot, spot), head: (spot, spot), shape, before: false }
    }

    /// A mark and the cursor at the same place: nothing lies between.
    pub fn is_empty(&self) -> bool {
        let (a, b) = (self.anchor.0, self.head.0);
        self.before
            && match self.shape {
                SelectShape::Char => a == b,
                SelectShape::Line => false,
                SelectShape::Block => a.1 == b.1,
            }
    }

    /// First and last cell, inclusive. For a block the corners.
    pub fn ends(&self) -> (Spot, Spot) {
        let from = self.anchor.0.min(self.head.0);
        let mut to = self.anchor.1.max(self.head.1);
        if self.before && self.shape == SelectShape::Char && !self.is_empty() {
            // At the first column: up to the end of the line above.
            to = if to.1 > 0 { (to.0, to.1 - 1) } else { (to.0.saturating_sub(1), u16::MAX) };
        }
        let right = u16::from(self.before && !self.is_empty());
        match self.shape {
            SelectShape::Char => (from, to),
            SelectShape::Line => ((from.0, 0), (to.0, u16::MAX)),
            SelectShape::Block => {
                let (a, b) = (self.anchor.0, self.head.0);
                ((a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1) - right))
            }
        }
    }

    /// Columns of a line that are in it: the first, and the one behind the last.
    pub fn cols_of(&self, line: u64) -> Option<(u16, u16)> {
        let (a, b) = self.ends();
        let inside = (a.0..=b.0).contains(&line) && !self.is_empty();
        inside.then(|| match self.shape {
            SelectShape::Block => (a.1, b.1.saturating_add(1)),
            _ => (if line == a.0 { a.1 } else { 0 }, if line == b.0 { b.1.saturating_add(1) } else { u16::MAX }),
        })
    }

    /// Whether a cell is in it.
    pub fn contains(&self, line: u64, col: u16) -> bool {
        self.cols_of(line).is_some_and(|(from, to)| (from..to).contains(&col))
    }
}

/// A command that waits, with the count before it and the character behind it.
pub type Waiting = (Cmd, Option<u32>, Option<char>);

/// Looking back in one pane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The session looked at.
    pub session: Option<SessionId>,
    /// First line of the window; the live screen when none.
    pub top: Option<u64>,
    /// Cursor of the keys; behind the last column between characters of a line as wide as the pane.
    pub cursor: Option<Spot>,
    /// What is selected.
    pub select: Option<Select>,
    /// What was searched for.
    pub found: Found,
    /// The keys look: the window stays where it is.
    pub keys: bool,
    /// A motion is being asked for; these commands wait for it.
    pub asking: bool,
    /// See `asking`.
    pub waiting: VecDeque<Waiting>,
    /// Column that up and down aim at; the last one there is stands for the end of every line.
    goal: Option<u16>,
    /// The screen as it was.
    still: Option<Box<PaneRows>>,
}

impl Look {
    /// Of a session, at its live screen.
    pub fn of(session: SessionId) -> Look {
        Look { session: Some(session), ..Look::default() }
    }

    /// Something is being asked for: commands wait.
    pub fn is_busy(&self) -> bool {
        self.asking || self.found.asked
    }

    /// Keeps the screen as it is now.
    pub fn freeze(&mut self, rows: &PaneRows) {
        self.still = Some(Box::new(rows.screen()));
    }

    /// Shows what comes again.
    pub fn thaw(&mut self) {
        self.still = None;
    }

    /// The screen as it is looked at.
    fn base<'r>(&'r self, rows: &'r PaneRows) -> &'r PaneRows {
        self.still.as_deref().unwrap_or(rows)
    }

    /// A line as it is looked at, if it is here.
    pub fn line<'r>(&'r self, rows: &'r PaneRows, n: u64) -> Option<&'r Line> {
        let kept = self.still.as_deref().filter(|s| n >= s.history_start && n < s.end());
        kept.unwrap_or(rows).line(n)
    }

    /// The lines there are.
    pub fn range(&self, rows: &PaneRows) -> std::ops::Range<u64> {
        // What was kept stays, also when the server has forgotten it since.
        let oldest = self.still.as_ref().map_or(rows.history_start, |s| s.history_start.min(rows.history_start));
        oldest..self.base(rows).end().max(oldest)
    }

    /// Line of the cursor, while no row of the screen has come.
    pub fn unseen_cursor(&self, rows: &PaneRows) -> Option<u64> {
        let base = self.base(rows);
        let line = base.screen_top + u64::from(base.cursor.row);
        (base.screen_top..base.end()).all(|n| base.line(n).is_none()).then_some(line)
    }

    /// Lines that are newer than the screen kept.
    pub fn behind(&self, rows: &PaneRows) -> u64 {
        self.still.as_ref().map_or(0, |s| rows.end().saturating_sub(s.end()))
    }

    /// First line of the window when it looks at the newest line.
    pub fn newest_top(&self, rows: &PaneRows, height: u16) -> u64 {
        live_top(self.base(rows), height)
    }

    /// First line of the window of `height` rows.
    pub fn window_top(&self, rows: &PaneRows, height: u16) -> u64 {
        let live = self.newest_top(rows, height);
        self.top.map_or(live, |t| t.clamp(self.range(rows).start.min(live), live))
    }

    /// The window stands at the newest line.
    pub fn at_newest(&self, rows: &PaneRows, height: u16) -> bool {
        self.window_top(rows, height) == self.newest_top(rows, height)
    }

    /// Moves the window by lines (negative is back). At the live screen it follows it again, but not while the keys look.
    pub fn scroll(&mut self, rows: &PaneRows, height: u16, by: i64) {
        let live = self.newest_top(rows, height);
        let to = self.window_top(rows, height).saturating_add_signed(by).clamp(self.range(rows).start.min(live), live);
        self.top = (to < live || self.keys).then_some(to);
    }

    /// Moves the window so that a line is in it, in the middle when it was not.
    pub fn reveal(&mut self, rows: &PaneRows, height: u16, line: u64) {
        let top = self.window_top(rows, height);
        if line < top || line >= top + u64::from(height) {
            let want = line.saturating_sub(u64::from(height / 2));
            self.scroll(rows, height, want as i64 - top as i64);
        }
    }

    /// The cursor; where it would be when there is none.
    pub fn here(&self, rows: &PaneRows, height: u16) -> Spot {
        self.cursor.unwrap_or_else(|| {
            let base = self.base(rows);
            let top = self.window_top(rows, height);
            let line = (base.screen_top + u64::from(base.cursor.row)).clamp(top, top + u64::from(height.max(1)) - 1);
            (line, base.cursor.col.min(rows.cols.saturating_sub(1)))
        })
    }

    /// Moves the cursor, the window with it, and the end of a selection.
    pub fn cursor_to(&mut self, rows: &PaneRows, height: u16, spot: Spot) {
        self.goal = None;
        self.go(rows, height, spot, rows.cols.saturating_sub(1));
    }

    /// The same to a place between characters, which may be behind the last column.
    pub fn cursor_between(&mut self, rows: &PaneRows, height: u16, spot: Spot) {
        self.goal = None;
        self.go(rows, height, spot, rows.cols);
    }

    fn go(&mut self, rows: &PaneRows, height: u16, spot: Spot, right: u16) {
        let range = self.range(rows);
        let line = spot.0.clamp(range.start, range.end.saturating_sub(1).max(range.start));
        let spot = self.on_cell(rows, (line, spot.1.min(right)));
        let top = self.window_top(rows, height);
        let low = top + u64::from(height.max(1)) - 1;
        // Far away it comes to the middle; near by the window only follows.
        if line + u64::from(height) < top || line > low + u64::from(height) {
            self.reveal(rows, height, line);
        } else if line < top {
            self.scroll(rows, height, -((top - line) as i64));
        } else if line > low {
            self.scroll(rows, height, (line - low) as i64);
        }
        self.cursor = Some(spot);
        if let Some(s) = &mut self.select {
            s.head = (spot, spot);
        }
    }

    /// Moves the cursor by lines; short lines do not make it forget its column, and at the end of one it stays at their ends.
    pub fn cursor_by(&mut self, rows: &PaneRows, height: u16, by: i64) {
        let here = self.here(rows, height);
        let goal = self.goal.unwrap_or(here.1);
        let range = self.range(rows);
        let line = here.0.saturating_add_signed(by).clamp(range.start, range.end.saturating_sub(1).max(range.start));
        let col = self.last_col(rows, line).map_or(goal, |last| goal.min(last));
        self.go(rows, height, (line, col), rows.cols.saturating_sub(1));
        self.goal = Some(goal);
    }

    /// Up and down go to the ends of lines from now on.
    pub fn keep_to_ends(&mut self) {
        self.goal = Some(u16::MAX);
    }

    /// The place on the cell that covers it: the second half of a wide one stands for the whole.
    pub fn on_cell(&self, rows: &PaneRows, spot: Spot) -> Spot {
        (spot.0, self.line(rows, spot.0).map_or(spot.1, |l| cell_start(l, spot.1)))
    }

    /// The last column of a line that the cursor comes to by character and line: its last text, or behind it where a region ends
    /// before the cursor. A block may go beyond it: no such bound.
    fn last_col(&self, rows: &PaneRows, line: u64) -> Option<u16> {
        let cells = self.line(rows, line).filter(|_| self.select.is_none_or(|s| s.shape != SelectShape::Block))?;
        let end = if cells.wrapped { cells.cols() } else { term::text_cols(cells) } as u16;
        Some(if self.select.is_some_and(|s| s.before) { end } else { end.saturating_sub(1) })
    }

    /// Moves the cursor by characters, on over lines that only the width broke.
    pub fn cursor_along(&mut self, rows: &PaneRows, height: u16, back: bool, times: u32) {
        let (mut at, cols) = (self.here(rows, height), rows.cols);
        let wraps = |n: u64| self.line(rows, n).is_some_and(|l| l.wrapped);
        let width = |spot: Spot| self.line(rows, spot.0).map_or(1, |l| cell_width(l, spot.1));
        // A region ends before the cursor: the last column is in it when the cursor is behind it.
        let right = match self.select.is_some_and(|s| s.before) || at.1 >= cols {
            true => cols,
            false => cols.saturating_sub(1),
        };
        for _ in 0..times {
            let from = at;
            if back {
                at = match at.1.checked_sub(1) {
                    Some(col) => self.on_cell(rows, (at.0, col)),
                    None if at.0 > self.range(rows).start && wraps(at.0 - 1) => {
                        let end = self.line(rows, at.0 - 1).map_or(1, |l| l.cols());
                        self.on_cell(rows, (at.0 - 1, (end as u16).saturating_sub(1)))
                    }
                    None => at,
                };
            } else {
                let last = self.last_col(rows, at.0).map_or(right, |last| last.min(right));
                let next = at.1.saturating_add(width(at));
                if next <= last {
                    at.1 = next;
                } else if wraps(at.0) && self.select.is_none_or(|s| s.shape != SelectShape::Block) {
                    at = (at.0 + 1, 0);
                }
            }
            if at == from {
                break;
            }
        }
        self.goal = None;
        self.go(rows, height, at, right);
    }

    /// Moves the window by lines, the cursor with it as far as it must to stay in sight (all the way when it cannot move).
    pub fn page(&mut self, rows: &PaneRows, height: u16, by: i64, with_cursor: bool) {
        let here = self.here(rows, height);
        let before = self.window_top(rows, height);
        self.scroll(rows, height, by);
        let top = self.window_top(rows, height);
        let moved = top as i64 - before as i64;
        let line = if with_cursor { here.0.saturating_add_signed(if moved == 0 { by } else { moved }) } else { here.0 };
        let line = line.clamp(top, top + u64::from(height.max(1)) - 1);
        let goal = self.goal.unwrap_or(here.1);
        let col = if line == here.0 { here.1 } else { self.last_col(rows, line).map_or(goal, |last| goal.min(last)) };
        self.go(rows, height, (line, col), rows.cols.saturating_sub(1));
        self.goal = Some(goal);
    }

    /// Columns of a line that are shown as selected: the first, and the one behind the last. A selection by lines has all of a line
    /// that only the width broke.
    pub fn marked(&self, rows: &PaneRows, line: u64) -> Option<(u16, u16)> {
        let select = self.select?;
        if let Some(cols) = select.cols_of(line) {
            return Some(cols);
        }
        let (from, to) = select.ends();
        let goes_on = |mut between: std::ops::Range<u64>| {
            between.end - between.start <= MARKED && between.all(|n| self.line(rows, n).is_some_and(|l| l.wrapped))
        };
        let whole = select.shape == SelectShape::Line && if line < from.0 { goes_on(line..from.0) } else { goes_on(to.0..line) };
        whole.then_some((0, u16::MAX))
    }

    /// What is selected, when all of it is here.
    pub fn selected_text(&self, rows: &PaneRows) -> Option<String> {
        let select = self.select?;
        if select.is_empty() {
            return Some(String::new());
        }
        let (a, b) = select.ends();
        let range = self.range(rows);
        let missing = std::cell::Cell::new(false);
        let get = |n: u64| {
            let line = self.line(rows, n);
            if line.is_none() && range.contains(&n) && n < rows.screen_top {
                missing.set(true);
            }
            line.cloned().or_else(|| range.contains(&n).then(Line::default))
        };
        // Of what is far away only the server knows.
        if (a.0..=b.0.min(range.end.saturating_sub(1))).any(|n| range.contains(&n) && self.line(rows, n).is_none() && n < rows.screen_top) {
            return None;
        }
        let point = |(line, col): Spot| Point { line, col };
        let text = term::selected_text(get, select_by(select.shape), point(a), point(b));
        (!missing.get()).then_some(text)
    }

    /// Calls `f` with the lines as they are looked at; `None` when a line was asked for that is not here.
    pub fn read<T>(&self, rows: &PaneRows, f: impl FnOnce(&dyn Fn(u64) -> Option<Line>) -> T) -> Option<T> {
        let range = self.range(rows);
        let missing = std::cell::Cell::new(false);
        let get = |n: u64| {
            if !range.contains(&n) {
                return None;
            }
            let line = self.line(rows, n).cloned();
            // A row of the screen that never came is blank; a line of history is not here yet.
            if line.is_none() && n < rows.screen_top {
                missing.set(true);
            }
            Some(line.unwrap_or_default())
        };
        let got = f(&get);
        (!missing.get()).then_some(got)
    }

    /// Places that must keep their text when all lines are broken anew.
    pub fn points(&self) -> Vec<Spot> {
        let select = self.select.iter().flat_map(|s| [s.anchor.0, s.anchor.1, s.head.0, s.head.1]);
        self.top.map(|t| (t, 0)).into_iter().chain(self.cursor).chain(select).collect()
    }

    /// Lets go of everything, the cursor at this place of the live screen.
    pub fn begin_again(&mut self, cursor: Spot) {
        self.top = None;
        self.cursor = self.cursor.map(|_| cursor);
        self.select = None;
        self.still = None;
        self.goal = None;
    }

    /// Where they are now, in the same order.
    pub fn set_points(&mut self, points: &mut impl Iterator<Item = Spot>) {
        if let Some(top) = &mut self.top
            && let Some(p) = points.next()
        {
            *top = p.0;
        }
        if let Some(c) = &mut self.cursor
            && let Some(p) = points.next()
        {
            *c = p;
        }
        if let Some(s) = &mut self.select {
            for place in [&mut s.anchor.0, &mut s.anchor.1, &mut s.head.0, &mut s.head.1] {
                if let Some(p) = points.next() {
                    *place = p;
                }
            }
        }
        // What was kept is broken at the old width.
        self.still = None;
        self.goal = None;
    }

    /// Rows came: what is selected and has other text now is selected no more.
    pub fn rows_come(&mut self, rows: &PaneRows, frame: &PaneFrame) {
        if self.still.is_some() && frame.cols != rows.cols {
            self.still = None;
        }
        // It was kept while the window stood far above it: its rows come when they are looked at.
        if let Some(still) = &mut self.still {
            still.fill(&frame.lines);
        }
        let Some(select) = self.select.filter(|_| self.still.is_none()) else { return };
        let switched = frame.modes.alternate != rows.modes.alternate && select.ends().1.0 >= rows.screen_top;
        let other = |(n, line): &(u64, Line)| {
            let (Some((from, to)), Some(old)) = (select.cols_of(*n), rows.line(*n)) else { return false };
            let (from, to) = (usize::from(from), usize::from(to));
            old.slice(from, to).trim_end() != line.slice(from, to).trim_end()
        };
        if switched || (!frame.full && frame.lines.iter().any(other)) {
            self.select = None;
        }
    }

    /// Nothing of it is in use: the live screen, nothing selected.
    pub fn is_idle(&self) -> bool {
        self.top.is_none() && self.cursor.is_none() && self.select.is_none() && self.found.is_empty()
    }
}

/// How the text of a selection is read.
pub fn select_by(shape: SelectShape) -> term::SelectBy {
    match shape {
        SelectShape::Char => term::SelectBy::Char,
        SelectShape::Line => term::SelectBy::Line,
        SelectShape::Block => term::SelectBy::Block,
    }
}

/// First column of the cell that covers a column.
fn cell_start(line: &Line, col: u16) -> u16 {
    let mut start = col;
    line.for_each_cell(|at, width, _, _| {
        if at < usize::from(col) && usize::from(col) < at + usize::from(width) {
            start = at as u16;
        }
    });
    start
}

/// Columns of the cell at a column.
fn cell_width(line: &Line, col: u16) -> u16 {
    let mut width = 1;
    line.for_each_cell(|at, w, _, _| {
        if at == usize::from(col) {
            width = u16::from(w);
        }
    });
    width
}

/// First line shown of the live screen in a window of `height` rows. A terminal that is taller than the window is shown around
/// its cursor.
pub fn live_top(rows: &PaneRows, height: u16) -> u64 {
    let over = rows.rows.saturating_sub(height);
    if over == 0 {
        return rows.screen_top;
    }
    let want = rows.cursor.row.saturating_sub(height.saturating_sub(1));
    rows.screen_top + u64::from(want.min(over))
}

/// First and last cell of what a double click at a spot takes: an address or a path as a whole, else a word.
pub fn word_at(look: &Look, rows: &PaneRows, spot: Spot) -> (Spot, Spot) {
    let at = Point { line: spot.0, col: spot.1 };
    let lines = |n: u64| look.line(rows, n).cloned();
    if let Some(t) = term::target_at(lines, at, rows.cols)
        && let (Some((first, a)), Some((last, b))) = (t.spans.first(), t.spans.last())
    {
        return ((*first, a.start), (*last, b.end.saturating_sub(1)));
    }
    let (a, b) = term::word_at(lines, at);
    ((a.line, a.col), (b.line, b.col))
}
