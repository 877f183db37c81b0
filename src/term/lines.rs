//! The lines a program has finished since they were last read: logical lines, as long as it made them, however many rows they
//! take. Must not know what the lines say.

use super::api::{Engine, EngineKind};

/// Rows scanned at one look; what is older is left out, also a line that begins there.
const SCAN: u64 = 2000;
/// Characters of one logical line.
const LINE: usize = 4096;

/// How far the lines of an engine are read.
#[derive(Debug, Clone, Copy, Default)]
pub struct LineMark {
    generation: u64,
    /// Top of the screen at the last look: nothing above it changes any more.
    top: u64,
    /// The first line that was not finished then.
    next: u64,
}

impl LineMark {
    /// All that stands there now counts as read.
    pub fn here(engine: &dyn Engine) -> LineMark {
        let next = engine.screen_top() + u64::from(engine.cursor().row);
        LineMark { generation: engine.generation(), top: engine.screen_top(), next }
    }

    /// Lines from this one on come again.
    pub fn hold(&mut self, line: u64) {
        self.next = self.next.min(line);
        self.top = self.top.min(line);
    }
}

/// A logical line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogicalLine {
    /// Id of its first row.
    pub id: u64,
    /// Its text, without blanks at its end.
    pub text: String,
    /// It is new or has changed.
    pub fresh: bool,
}

/// Lines that are new or changed since `mark`, with at most `context` rows before the first of them; empty when there are none,
/// and on the alternate screen. A line is finished when the cursor is below it; with `all` every line counts. At most 2000 rows
/// are looked at, the newest.
pub fn lines_since(engine: &dyn Engine, mark: &mut LineMark, context: u64, all: bool) -> Vec<LogicalLine> {
    if engine.modes().alt_screen {
        return Vec::new();
    }
    let (size, start, top) = (engine.size(), engine.history_start(), engine.screen_top());
    let wrapped = |abs: u64| abs >= start && engine.wraps(abs);
    let mut end = if all { top + u64::from(size.rows) } else { top + u64::from(engine.cursor().row) };
    // Lines have no end: no more is walked through in search of their beginnings than is read.
    let oldest = start.max(end.saturating_sub(SCAN));
    // The cursor's line is finished only as a whole.
    while !all && end > oldest && wrapped(end - 1) {
        end -= 1;
    }
    // The simple engine does not know what changed in its history.
    let told = |abs: u64| abs < top && engine.kind() == EngineKind::Vt100;
    let is_new = |abs: u64| abs >= mark.next || (!told(abs) && engine.row_generation(abs) > mark.generation);
    let from = oldest.max(mark.top.min(mark.next));
    let first = (from..end).find(|abs| is_new(*abs));
    let mut out = Vec::new();
    if let Some(first) = first {
        let least = start.max(oldest.saturating_sub(context));
        let mut at = first.saturating_sub(context).max(least);
        while at > least && wrapped(at - 1) {
            at -= 1;
        }
        // It begins before that.
        while at > start && at < end && wrapped(at - 1) {
            at += 1;
        }
        while at < end {
            let (mut line, more) = (LogicalLine { id: at, text: String::new(), fresh: false }, at);
            let mut row = more;
            while let Some(cells) = engine.row(row) {
                line.fresh |= is_new(row);
                let room = LINE.saturating_sub(line.text.len());
                line.text.extend(cells.text().chars().take(room));
                if !cells.wrapped || row + 1 >= end.max(top + u64::from(size.rows)) {
                    break;
                }
                // Blanks at the end of a row are part of the line; one is not: the column that a wide cell did not fit into.
                let short = cells.cols() < usize::from(size.cols);
                let next_wide = short
                    && engine.row(row + 1).is_some_and(|n| {
                        n.spans.first().is_some_and(|s| s.cols() > s.text.chars().count() || matches!(s.cells, crate::base::CellKind::Cluster(2)))
                    });
                let width = usize::from(size.cols).saturating_sub(usize::from(next_wide));
                let blanks = width.saturating_sub(cells.cols());
                line.text.extend(std::iter::repeat_n(' ', blanks.min(room)));
                row += 1;
            }
            line.text.truncate(line.text.trim_end().len());
            out.push(line);
            at = row + 1;
        }
    }
    *mark = LineMark { generation: engine.generation(), top, next: end };
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::new_engine;

    fn fresh(lines: &[LogicalLine]) -> Vec<&str> {
        lines.iter().filter(|l| l.fresh).map(|l| l.text.as_str()).collect()
    }

    #[test]
    fn each_line_comes_once_when_it_is_finished_and_again_when_it_changes() {
        for kind in [EngineKind::Native, EngineKind::Vt100] {
            let mut e = new_engine(kind, Size { cols: 20, rows: 5 }, 100);
            let mut mark = LineMark::here(e.as_ref());
            let mut feed = |e: &mut Box<dyn Engine>, t: &str| {
                e.feed(t.as_bytes(), Now::default());
                lines_since(e.as_ref(), &mut mark, 0, false)
            };
            assert_eq!(fresh(&feed(&mut e, "one\r\ntw")), ["one"], "{kind:?}");
            assert_eq!(fresh(&feed(&mut e, "o")), [""; 0]);
            assert_eq!(fresh(&feed(&mut e, "\r\n")), ["two"]);
            assert_eq!(fresh(&feed(&mut e, "")), [""; 0]);
            let long = "0123456789 0123456789 0123456789 end";
            assert_eq!(fresh(&feed(&mut e, &format!("\x1b[31m{long}\x1b[0m\r\n"))), [long], "{kind:?}");
            if kind == EngineKind::Vt100 {
                continue; // it does not always know what changed; its readers tell a text they know from a new one
            }
            // A line that is drawn anew above the cursor.
            assert_eq!(fresh(&feed(&mut e, "a\r\nb\r\n\x1b[2A\rA\x1b[2B\r"))[..2], ["A", "b"]);
            for i in 0..30 {
                e.feed(format!("line {i}\r\n").as_bytes(), Now::default());
            }
            let all = feed(&mut e, "");
            assert_eq!((fresh(&all).len(), fresh(&all).last().copied()), (30, Some("line 29")), "{kind:?}");
        }
    }

    #[test]
    fn a_wide_character_that_did_not_fit_leaves_no_blank() {
        let mut e = new_engine(EngineKind::Native, Size { cols: 10, rows: 5 }, 100);
        let mut mark = LineMark::here(e.as_ref());
        e.feed("123456789🎉 and\r\n12345678  x\r\n".as_bytes(), Now::default());
        assert_eq!(fresh(&lines_since(e.as_ref(), &mut mark, 0, false)), ["123456789🎉 and", "12345678  x"]);
    }

    #[test]
    fn a_line_longer_than_one_look_is_left_out_and_what_follows_is_not() {
        let mut e = new_engine(EngineKind::Native, Size { cols: 10, rows: 5 }, 10_000);
        let mut mark = LineMark::here(e.as_ref());
        let mut feed = |t: &str, context| {
            e.feed(t.as_bytes(), Now::default());
            lines_since(e.as_ref(), &mut mark, context, false)
        };
        let long = "0123456789".repeat(1000);
        assert_eq!(fresh(&feed(&format!("{long} end\r\n"), 0)), [&long[..LINE]]);
        for _ in 0..4 {
            assert_eq!(feed(&long, 24), []);
        }
        assert_eq!(fresh(&feed(" end\r\nnext\r\n", 24)), ["next"]);
        assert_eq!(fresh(&feed("and on\r\n", 0)), ["and on"]);
    }

    #[test]
    fn the_alternate_screen_has_no_lines() {
        let mut e = new_engine(EngineKind::Native, Size { cols: 10, rows: 5 }, 100);
        let mut mark = LineMark::here(e.as_ref());
        e.feed(b"\x1b[?1049hpainted\r\n", Now::default());
        assert_eq!(lines_since(e.as_ref(), &mut mark, 0, true), []);
    }
}
