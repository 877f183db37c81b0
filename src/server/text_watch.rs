//! The text of a session's terminal, read for what it says a little after it was written: no timer while nothing is. Must not
//! know rules or what becomes of what they find.

use crate::evidence::text::{Said, TextLine, TextReader, TextRules};
use crate::term::{Engine, LineMark, lines_since};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// After output its lines are read; what comes a moment later is read with it.
const AFTER: Duration = Duration::from_millis(150);
/// A block that is not finished counts as it stands when nothing more came for so long.
const FINISHED: Duration = Duration::from_millis(500);
/// Rows before a new line that may hold the beginning of its block.
const CONTEXT: u64 = 24;
/// Largest file of rules, and how many are read.
const FILE: u64 = 64 * 1024;
const FILES: usize = 50;

/// The rules in force: those in the folder first.
pub fn rules(folder: &Path) -> (Arc<TextRules>, Vec<String>) {
    let mut files: Vec<_> = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path()).collect();
    files.retain(|p| p.extension().is_some_and(|e| e == "toml"));
    files.sort();
    files.truncate(FILES);
    if files.is_empty() {
        return (TextRules::builtin(), Vec::new());
    }
    let mut problems = Vec::new();
    let mut texts = Vec::new();
    for path in files {
        let name = crate::base::text::safe_line(&path.display().to_string(), 200);
        let small = path.metadata().is_ok_and(|m| m.is_file() && m.len() <= FILE);
        match small.then(|| std::fs::read_to_string(&path)) {
            Some(Ok(text)) => texts.push((name, text)),
            _ => problems.push(format!("{name}: cannot be read, or is larger than {} KiB", FILE >> 10)),
        }
    }
    let (rules, mut wrong) = TextRules::load(&texts);
    problems.append(&mut wrong);
    (Arc::new(rules), problems)
}

/// What a look is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// More will come.
    More,
    /// Lines get other numbers after it: what is there counts as it stands.
    Renumber,
    /// Nothing more will come.
    Last,
}

/// What of one terminal's text is read.
pub struct TextWatch {
    reader: TextReader,
    mark: LineMark,
    due: Option<Instant>,
    /// A block waits for its end since the output stood here.
    held_at: Option<u64>,
}

impl TextWatch {
    /// All that stands in the terminal now counts as read.
    pub fn new(rules: Arc<TextRules>, engine: &dyn Engine) -> TextWatch {
        TextWatch { reader: TextReader::new(rules), mark: LineMark::here(engine), due: None, held_at: None }
    }

    /// Something was written.
    pub fn wrote(&mut self) {
        self.due.get_or_insert_with(|| Instant::now() + AFTER);
    }

    /// When it has to be looked at, if at all.
    pub fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Reads what is new. `written` counts the bytes of output so far.
    pub fn look(&mut self, engine: &dyn Engine, written: u64, how: Look) -> Vec<Said> {
        self.due = None;
        let flush = how != Look::More || self.held_at == Some(written);
        let lines = lines_since(engine, &mut self.mark, CONTEXT, how == Look::Last);
        let lines: Vec<TextLine> = lines.into_iter().map(|l| TextLine { id: l.id, text: l.text, fresh: l.fresh }).collect();
        let (said, hold) = self.reader.read(&lines, flush);
        self.held_at = hold.map(|id| {
            self.mark.hold(id);
            self.due = Some(Instant::now() + FINISHED);
            written
        });
        said
    }

    /// Lines have other numbers from now on; all that stands there counts as read.
    pub fn renumbered(&mut self, engine: &dyn Engine) {
        self.reader.renumbered();
        self.mark = LineMark::here(engine);
        self.held_at = None;
    }
}

/// Bytes written in spans of ten seconds, counted as they come.
#[derive(Debug, Default)]
pub struct Activity {
    span: u64,
    bytes: u32,
    past: std::collections::VecDeque<u32>,
}

impl Activity {
    const SPAN_MS: u64 = 10_000;
    const SPANS: usize = 12;

    /// Notes output. When it begins a new span the finished ones come back, oldest first, with the end of the newest.
    pub fn note(&mut self, bytes: usize, wall_ms: u64) -> Option<(Vec<u32>, u64)> {
        let span = wall_ms / Self::SPAN_MS;
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        if span == self.span {
            self.bytes = self.bytes.saturating_add(bytes);
            return None;
        }
        let first = self.span == 0;
        if !first {
            self.past.push_back(self.bytes);
            let silent = span.saturating_sub(self.span + 1).min(Self::SPANS as u64);
            self.past.extend(std::iter::repeat_n(0, silent as usize));
            while self.past.len() > Self::SPANS {
                self.past.pop_front();
            }
        }
        (self.span, self.bytes) = (span, bytes);
        (!first).then(|| (self.past.iter().copied().collect(), span * Self::SPAN_MS))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_when_they_are_over_and_silence_is_counted() {
        let mut a = Activity::default();
        assert_eq!(a.note(5, 100_000), None);
        assert_eq!(a.note(6, 109_999), None);
        assert_eq!(a.note(1, 110_000), Some((vec![11], 110_000)));
        assert_eq!(a.note(1, 140_000), Some((vec![11, 1, 0, 0], 140_000)));
        assert_eq!(a.note(1, 9_000_000).unwrap().0, [0; 12]);
    }
}
