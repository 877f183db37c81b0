//! The text that stood on a screen, with its time, so that it can be found without playing the recording. A line is written
//! when it scrolls off, is overwritten by something else or stands still; lines that come again and again are written once.
//! Must not know files.

use crate::base::Line;
use crate::term::Engine;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// Lines remembered as written lately.
const RECENT: usize = 4096;
/// Lines looked at that scrolled off between two looks.
const SCROLLED: u64 = 4000;
/// Longest text of one line, in bytes.
const TEXT: usize = 2000;

/// The index of one recording.
#[derive(Debug, Default)]
pub struct Index {
    generation: u64,
    top: u64,
    waiting: BTreeMap<u64, (String, u64)>,
    recent: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Index {
    /// Looks at what changed; what is certain goes to `out` as `milliseconds<tab>text` lines.
    pub fn look(&mut self, engine: &dyn Engine, wall_ms: u64, out: &mut String) {
        let top = engine.screen_top();
        if top < self.top {
            self.top = top; // numbered anew
            self.settle(u64::MAX, Duration::ZERO, out);
        }
        let first = self.top.max(top.saturating_sub(SCROLLED)).max(engine.history_start());
        for abs in first..top + u64::from(engine.size().rows) {
            if engine.row_generation(abs) <= self.generation {
                continue;
            }
            let Some(text) = engine.row(abs).map(|l| plain(&l)) else { continue };
            if let Some((old, at)) = self.waiting.get(&abs)
                && *old != text
                && !text.starts_with(old.as_str())
            {
                let (old, at) = (old.clone(), *at);
                self.write(&old, at, out);
            }
            if text.is_empty() {
                self.waiting.remove(&abs);
            } else if self.waiting.get(&abs).is_none_or(|w| w.0 != text) {
                self.waiting.insert(abs, (text, wall_ms));
            }
        }
        // What left the screen will not change any more.
        let stays = self.waiting.split_off(&top);
        for (text, at) in std::mem::replace(&mut self.waiting, stays).into_values() {
            self.write(&text, at, out);
        }
        self.generation = engine.generation();
        self.top = top;
    }

    /// Writes what has stood still for so long.
    pub fn settle(&mut self, wall_ms: u64, still: Duration, out: &mut String) {
        let before = wall_ms.saturating_sub(still.as_millis() as u64);
        let ready: Vec<u64> = self.waiting.iter().filter(|(_, w)| w.1 <= before).map(|w| *w.0).collect();
        for abs in ready {
            if let Some((text, at)) = self.waiting.remove(&abs) {
                self.write(&text, at, out);
            }
        }
    }

    /// Whether something waits to stand still.
    pub fn unsettled(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Another screen: line numbers mean nothing any more.
    pub fn restart(&mut self, out: &mut String) {
        self.settle(u64::MAX, Duration::ZERO, out);
        self.generation = 0;
        self.top = 0;
    }

    fn write(&mut self, text: &str, at: u64, out: &mut String) {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let hash = hasher.finish();
        if !self.recent.insert(hash) {
            return;
        }
        self.order.push_back(hash);
        if self.order.len() > RECENT
            && let Some(old) = self.order.pop_front()
        {
            self.recent.remove(&old);
        }
        out.push_str(&format!("{at}\t{text}\n"));
    }
}

/// The text of a line without frames and blanks around it; nothing when it has no letter or digit.
fn plain(line: &Line) -> String {
    let text = line.text();
    let trimmed = text.trim_matches(|c: char| c.is_whitespace() || ('\u{2500}'..='\u{259f}').contains(&c));
    if !trimmed.chars().any(char::is_alphanumeric) {
        return String::new();
    }
    let mut end = trimmed.len().min(TEXT);
    while !trimmed.is_char_boundary(end) {
        end -= 1;
    }
    trimmed.get(..end).unwrap_or_default().chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Now, Size};
    use crate::term::{EngineKind, new_engine};

    #[test]
    fn a_line_is_written_once_when_it_is_certain() {
        let mut engine = new_engine(EngineKind::Native, Size::new(40, 4), 100);
        let (mut index, mut out) = (Index::default(), String::new());
        let mut look = |bytes: &str, at: u64, out: &mut String| {
            engine.feed(bytes.as_bytes(), Now::default());
            index.look(engine.as_ref(), at, out);
        };
        look("\x1b[?1049h\x1b[H\u{2502} Allow this", 1, &mut out);
        look(" command?  \u{2502}", 2, &mut out);
        assert_eq!(out, "", "it may still grow");
        look("\x1b[HSomething else\x1b[K", 3, &mut out);
        assert_eq!(out, "2\tAllow this command?\n");
        look("\x1b[H\u{2502} Allow this command?\x1b[K", 4, &mut out);
        look("\x1b[2J", 5, &mut out);
        index.settle(10, Duration::ZERO, &mut out);
        assert_eq!(out, "2\tAllow this command?\n3\tSomething else\n", "known already");
    }

    #[test]
    fn what_scrolls_by_is_found() {
        let mut engine = new_engine(EngineKind::Native, Size::new(40, 4), 4000);
        let (mut index, mut out) = (Index::default(), String::new());
        for i in 0..100 {
            engine.feed(format!("line {i}\r\n").as_bytes(), Now::default());
        }
        index.look(engine.as_ref(), 7, &mut out);
        index.settle(8, Duration::ZERO, &mut out);
        assert_eq!(out.lines().count(), 100);
        assert!(out.starts_with("7\tline 0\n") && out.ends_with("7\tline 99\n"));
    }
}
