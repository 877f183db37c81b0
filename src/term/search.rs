//! Finding text in history and on the screen. Must not know engines or panes: lines come through a function by id.
//!
//! Smart case: a pattern without capitals finds both. Lines that were broken only by the width are searched as one.

use super::joined::Joined;
use super::text::Point;
use crate::base::Line;
use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// Bytes of one logical line that are searched.
const MAX_LINE: usize = 1 << 20;

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
}

/// A text as a pattern that finds exactly it.
pub fn literal(text: &str) -> String {
    regex::escape(text)
}

/// All matches in the lines `range`, top to bottom, at most `max`.
pub fn search(lines: impl Fn(u64) -> Option<Line>, range: Range<u64>, pattern: &Pattern, max: usize) -> Vec<Match> {
    let mut found = Vec::new();
    let mut group: Vec<(u64, Line)> = Vec::new();
    let mut text = String::new();
    for id in range.clone() {
        let Some(line) = lines(id) else { continue };
        let goes_on = line.wrapped && id + 1 < range.end && text.len() < MAX_LINE;
        line.spans.iter().for_each(|s| text.push_str(&s.text));
        group.push((id, line));
        if goes_on {
            continue;
        }
        find(&group, &text, pattern, max, &mut found);
        if found.len() >= max {
            break;
        }
        group.clear();
        text.clear();
    }
    found
}

/// The matches in one logical line.
fn find(group: &[(u64, Line)], text: &str, pattern: &Pattern, max: usize, found: &mut Vec<Match>) {
    let mut hits = pattern.0.find_iter(text).filter(|m| !m.is_empty()).peekable();
    if hits.peek().is_none() {
        return;
    }
    // Only lines with a match pay for their cells.
    let mut joined = Joined::default();
    group.iter().for_each(|(id, line)| joined.push(*id, line));
    for hit in hits.take(max - found.len()) {
        let spans = joined.spans(joined.cell_range(&hit.range()));
        if !spans.is_empty() {
            found.push(Match { spans });
        }
    }
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
        search(|id| e.row(id), e.history_start()..e.screen_top() + 3, &pattern, 100).into_iter().map(|m| m.spans).collect()
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

    #[test]
    fn bad_patterns_say_why() {
        assert!(matches!(Pattern::new("(", true), Err(PatternError::Syntax(_))));
        assert!(matches!(Pattern::new("a{9999}{9999}{9999}", true), Err(PatternError::Syntax(_))));
        assert_eq!(Pattern::new("", false).err(), Some(PatternError::Empty));
        assert!(Pattern::new("(", false).is_ok());
    }
}
