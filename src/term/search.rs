//! Finding text in history and on the screen. Must not know engines or panes: lines come through a function by id.
//!
//! Smart case: a pattern without capitals finds both. Lines that were broken only by the width are searched as one.

use super::joined::Joined;
use super::text::Point;
use crate::base::Line;
use regex::{Regex, RegexBuilder};
use std::collections::VecDeque;
use std::ops::Range;

/// What to look for.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It is not a regular expression; the reason in one line.
    #[error("not a pattern: {0}")]
    Syntax(String),
    /// Nothing to look for.
    #[error("nothing to look for")]
    Empty,
}

impl Pattern {
    /// A pattern from what a person typed: a regular expression, or plain text.
    ///
    /// # Errors
    /// See [`PatternError`].
    pub fn new(text: &str, is_regex: bool) -> Result<Pattern, PatternError> {
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        let source = if is_regex { text.to_owned() } else { regex::escape(text) };
        // Capitals in escapes (`\W`, `\S`) are no wish for exact case.
        let mut exact = false;
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' if is_regex => _ = chars.next(),
                c => exact |= c.is_uppercase(),
            }
        }
        RegexBuilder::new(&source).case_insensitive(!exact).size_limit(1 << 20).dfa_size_limit(4 << 20).build().map(Pattern).map_err(|e| {
            let text = e.to_string();
            PatternError::Syntax(text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned())
        })
    }

    /// Where it occurs first in a text, in bytes; never empty.
    pub fn find_in(&self, text: &str) -> Option<Range<usize>> {
        self.0.find_iter(text).find(|m| !m.is_empty()).map(|m| m.range())
    }

    /// Whether it occurs in a text.
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// One match; it may run over lines that were broken by the width.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Line id and columns, one entry for each line it touches, top to bottom.
    pub spans: Vec<(u64, Range<u16>)>,
}

impl Match {
    /// Where it begins.
    pub fn start(&self) -> Point {
        self.spans.first().map_or(Point { line: 0, col: 0 }, |(line, cols)| Point { line: *line, col: cols.start })
    }

    /// The place behind it.
    pub fn end(&self) -> Point {
        self.spans.last().map_or(Point { line: 0, col: 0 }, |(line, cols)| Point { line: *line, col: cols.end })
    }
}

/// A text as a pattern that finds exactly it.
pub fn literal(text: &str) -> String {
    regex::escape(text)
}

/// Rows of a piece, and bytes of its text: it ends with them when a line begins there.
const ROWS: usize = 400;
const BYTES: usize = 64 * 1024;
/// The same inside of a line that has no end: there the piece ends in the middle of it.
const LINE_ROWS: usize = 2000;
const LINE_BYTES: usize = 256 * 1024;
/// What is read beyond the end of a piece inside of a line, for matches over that end: bytes, and rows.
const OVERLAP: usize = 4096;
const OVERLAP_ROWS: usize = 512;

/// What was found in one piece of the lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// The newest matches that begin in it, top to bottom.
    pub found: Vec<Match>,
    /// Its first line: the next piece ends there.
    pub start: u64,
    /// The last match ends only where reading ended, inside of a line: what follows may be more of it.
    pub cut: bool,
}

/// The newest matches, at most `max`, that begin in the lines before `end`, as far up as one piece goes; the oldest line there is
/// is `oldest`. However long a line is, a piece is not: it may begin and end inside of one. What stands around it is read too,
/// so that its first column is not taken for the beginning of a line and a match over its end is found (as much of it as the
/// overlap has); the piece below may have found parts of that one: see [`join`].
pub fn search_back(lines: impl Fn(u64) -> Option<Line>, oldest: u64, end: u64, pattern: &Pattern, max: usize) -> Piece {
    let mut rows: VecDeque<(u64, Line)> = VecDeque::new();
    let (mut start, mut bytes) = (end, 0);
    let mut before = None;
    while start > oldest {
        let full = rows.len() >= ROWS || bytes >= BYTES;
        match lines(start - 1) {
            Some(line) if full && !line.wrapped => break,
            Some(line) if rows.len() >= LINE_ROWS || bytes >= LINE_BYTES => {
                before = Some((start - 1, line));
                break;
            }
            Some(line) => {
                bytes += line.spans.iter().map(|s| s.text.len()).sum::<usize>();
                rows.push_front((start - 1, line));
            }
            None if full => break,
            None => {}
        }
        start -= 1;
    }
    let mut more = 0;
    for id in end..end.saturating_add(OVERLAP_ROWS as u64) {
        let goes_on = rows.back().is_some_and(|(_, l)| l.wrapped) && more < OVERLAP;
        let Some(line) = Some(id).filter(|_| goes_on).and_then(&lines) else { break };
        more += line.spans.iter().map(|s| s.text.len()).sum::<usize>();
        rows.push_back((id, line));
    }
    if let Some(row) = before {
        rows.push_front(row);
    }
    let rows = rows.make_contiguous();
    let mut found: VecDeque<Match> = VecDeque::new();
    let mut cut = false;
    for (i, group) in rows.chunk_by(|(_, l), _| l.wrapped).rev().enumerate() {
        let (hits, open) = find(group, start..end, 0, pattern, max - found.len());
        cut |= i == 0 && open;
        hits.into_iter().rev().for_each(|m| found.push_front(m));
        if found.len() >= max {
            break;
        }
    }
    Piece { found: found.into(), start, cut }
}

/// Has the matches of a piece and those of the one below it fit together: what the piece below found of a match that
/// begins above goes; a match that was cut ends where the next one begins. How many went: where some did, others may follow them
/// now, see [`search_on`].
pub fn join(above: &mut Piece, below: &mut Vec<Match>) -> usize {
    let Some(last) = above.found.last_mut() else { return 0 };
    let end = last.end();
    if above.cut {
        if let Some(next) = below.first().map(Match::start).filter(|next| *next < end) {
            last.spans.retain(|(line, cols)| (Point { line: *line, col: cols.start }) < next);
            if let Some((_, cols)) = last.spans.last_mut().filter(|(line, _)| *line == next.line) {
                cols.end = next.col;
            }
        }
        return 0;
    }
    let within = below.iter().take_while(|m| m.start() < end).count();
    below.drain(..within);
    within
}

/// Finds the matches of a piece anew in the line that the piece above ends inside of, from `from` on, where the last match of that
/// one ends: a pattern that overlaps itself stands elsewhere then. `part` are the lines of the piece, `found` its matches. True
/// when its last match is another one, so that the piece below it is to be looked at again too.
pub fn search_on(lines: impl Fn(u64) -> Option<Line>, part: Range<u64>, from: Point, pattern: &Pattern, found: &mut Vec<Match>) -> bool {
    let from = from.max(Point { line: part.start, col: 0 });
    let before = from.line.checked_sub(1).and_then(|id| lines(id).map(|l| (id, l))).filter(|(_, l)| l.wrapped);
    let mut rows: Vec<(u64, Line)> = before.into_iter().collect();
    let mut more = 0;
    for id in from.line..part.end.saturating_add(OVERLAP_ROWS as u64) {
        if id > from.line && !rows.last().is_some_and(|(_, l)| l.wrapped) || more >= OVERLAP {
            break;
        }
        let Some(line) = lines(id) else { break };
        if id >= part.end {
            more += line.spans.iter().map(|s| s.text.len()).sum::<usize>();
        }
        rows.push((id, line));
    }
    let Some(last) = rows.last().map(|(id, _)| *id) else { return false };
    let skip = rows.iter().find(|(id, _)| *id == from.line).map_or(0, |(_, l)| l.slice(0, usize::from(from.col)).len());
    let (hits, _) = find(&rows, from.line..part.end, skip, pattern, usize::MAX);
    let old = found.last().cloned();
    let within = found.iter().take_while(|m| m.start().line <= last).count();
    found.splice(..within, hits);
    found.last() != old.as_ref()
}

/// The newest matches in one logical line that begin in the lines `part`, so many bytes behind its beginning or later, top to
/// bottom; and whether the last one ends where the line goes on unread.
fn find(group: &[(u64, Line)], part: Range<u64>, skip: usize, pattern: &Pattern, max: usize) -> (Vec<Match>, bool) {
    let (mut text, mut from, mut to) = (String::new(), None, usize::MAX);
    for (id, line) in group {
        if part.contains(id) {
            from.get_or_insert(text.len());
        } else if *id >= part.end {
            to = to.min(text.len());
        }
        line.spans.iter().for_each(|s| text.push_str(&s.text));
    }
    let Some(mut at) = from.map(|from| from + skip).filter(|at| text.is_char_boundary(*at)) else { return (Vec::new(), false) };
    let mut hits: VecDeque<Range<usize>> = VecDeque::new();
    while let Some(hit) = pattern.0.find_at(&text, at).filter(|m| m.start() < to) {
        at = hit.end();
        if hit.is_empty() {
            let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else { break };
            at += c.len_utf8();
            continue;
        }
        if hits.len() >= max {
            hits.pop_front();
        }
        hits.push_back(hit.range());
    }
    let goes_on = group.last().is_some_and(|(_, l)| l.wrapped);
    let open = goes_on && hits.back().is_some_and(|h| h.end == text.len());
    if hits.is_empty() {
        return (Vec::new(), false);
    }
    // Only lines with a match pay for their cells.
    let mut joined = Joined::default();
    group.iter().for_each(|(id, line)| joined.push(*id, line));
    let all = hits.iter().map(|h| Match { spans: joined.spans(joined.cell_range(h)) });
    (all.filter(|m| !m.spans.is_empty()).collect(), open)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{EngineKind, new_engine};

    fn hits(text: &str, pattern: &str, is_regex: bool) -> Vec<Vec<(u64, Range<u16>)>> {
        let mut e = new_engine(EngineKind::Native, Size::new(10, 3), 100);
        e.feed(text.as_bytes(), Now::default());
        let pattern = Pattern::new(pattern, is_regex).unwrap();
        search_back(|id| e.row(id), e.history_start(), e.screen_top() + 3, &pattern, 100).found.into_iter().map(|m| m.spans).collect()
    }

    #[test]
    fn matches_are_found_across_wraps_and_in_history() {
        assert_eq!(hits("one error\r\nx\r\ny\r\nError: z", "error", false), [vec![(0, 4..9)], vec![(3, 0..5)]]);
        assert_eq!(hits("one error\r\nError", "Error", false), [vec![(1, 0..5)]]);
        assert_eq!(hits("12345678abcdef", "abcd", false), [vec![(0, 8..10), (1, 0..2)]]);
        assert_eq!(hits("中文 ab", r"\w+", true), [vec![(0, 0..4)], vec![(0, 5..7)]]);
        assert_eq!(hits("a.b axb", "a.b", false).len(), 1);
        assert_eq!(hits("aaa", "b*", true).len(), 0);
    }

    /// Everything there is, piece by piece; and the most rows that were read for one.
    fn all(e: &dyn crate::term::Engine, pattern: &str) -> (Vec<Match>, usize) {
        let pattern = Pattern::new(pattern, true).unwrap();
        let (oldest, mut end, most) = (e.history_start(), e.screen_top() + u64::from(e.size().rows), std::cell::Cell::new(0));
        let mut pieces: Vec<Vec<Match>> = vec![Vec::new()];
        while end > oldest {
            let read = std::cell::Cell::new(0);
            let get = |id| {
                read.set(read.get() + 1);
                e.row(id)
            };
            let mut piece = search_back(get, oldest, end, &pattern, usize::MAX);
            join(&mut piece, pieces.last_mut().unwrap());
            assert!(piece.start < end);
            most.set(most.get().max(read.get()));
            end = piece.start;
            pieces.push(piece.found);
        }
        (pieces.into_iter().rev().flatten().collect(), most.get())
    }

    #[test]
    fn a_line_without_an_end_is_searched_in_pieces_and_nothing_is_lost_between_them() {
        let mut e = new_engine(EngineKind::Native, Size::new(10, 3), 10_000);
        e.feed(b"first needle\r\n", Now::default());
        // 9 columns each, so that some lie over every kind of seam.
        for _ in 0..5000 {
            e.feed(b"xy needle", Now::default());
        }
        e.feed(b"\r\nlast needle\r\n", Now::default());
        let (found, most) = all(e.as_ref(), "needle");
        assert_eq!(found.len(), 5002);
        assert!(most <= LINE_ROWS + OVERLAP_ROWS + 2, "{most} rows for one piece");
        assert!(found.windows(2).all(|w| w[0].start() < w[1].start()));
        let cells = |m: &Match| m.spans.iter().map(|(_, c)| usize::from(c.end - c.start)).sum::<usize>();
        assert!(found.iter().all(|m| cells(m) == 6));
        // The middle of a line is no beginning, no end and no edge of a word.
        assert_eq!(all(e.as_ref(), "^.").0.len(), 3);
        assert_eq!(all(e.as_ref(), "e$").0.len(), 3);
        assert_eq!(all(e.as_ref(), r"\by").0.len(), 0);
        assert_eq!(all(e.as_ref(), r"needle\b").0.len(), 3);
        // What is longer than a piece comes in parts that touch each other.
        let (parts, _) = all(e.as_ref(), "y.*");
        assert!((2..10).contains(&parts.len()), "{}", parts.len());
        assert_eq!(parts.iter().map(&cells).sum::<usize>(), 5000 * 9 - 1);
        // A shorter one is whole, also over a seam.
        assert!(all(e.as_ref(), "(?:xy needle){40}").0.iter().all(|m| cells(m) == 360));
    }

    #[test]
    fn of_too_many_the_newest_are_given() {
        let mut e = new_engine(EngineKind::Native, Size::new(10, 3), 1000);
        e.feed("a b a a\r\n".repeat(50).as_bytes(), Now::default());
        let pattern = Pattern::new("a", true).unwrap();
        let end = e.screen_top() + 3;
        let piece = search_back(|id| e.row(id), 0, end, &pattern, 4);
        assert_eq!(piece.found.iter().map(Match::start).map(|p| (p.line, p.col)).collect::<Vec<_>>(), [(48, 6), (49, 0), (49, 4), (49, 6)]);
    }

    #[test]
    fn bad_patterns_say_why() {
        assert!(matches!(Pattern::new("(", true), Err(PatternError::Syntax(_))));
        assert!(matches!(Pattern::new("a{9999}{9999}{9999}", true), Err(PatternError::Syntax(_))));
        assert_eq!(Pattern::new("", false).err(), Some(PatternError::Empty));
        assert!(Pattern::new("(", false).is_ok());
    }
}
