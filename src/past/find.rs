//! Looking for a pattern in texts: archived histories, the index of recordings, blocks of living ones. For workers: a flag ends
//! it at once. Must not know where a hit leads.

use super::SHOWN_CHARS;
use super::archive::ARCHIVE;
use super::plain::open_plain;
use super::tape::{RECORDING, segment_path, segments};
use crate::term::Pattern;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// Hits counted in one place; more are not counted.
pub const COUNTED: usize = 100_000;
/// Largest file that is searched, in bytes.
const MAX_FILE: u64 = 32 << 20;
/// Lines between two looks at the flag.
const CHECK: usize = 512;

/// A line with a match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The line's number, counted as its text counts; of an index the time in milliseconds.
    pub line: u64,
    /// The text around the match.
    pub text: String,
    /// First character of the match in it.
    pub from: usize,
    /// Character behind the last.
    pub to: usize,
}

/// What was found in one place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// The newest, newest first.
    pub hits: Vec<Hit>,
    /// Lines with a match, at most 100,000.
    pub count: usize,
}

/// A search under way.
pub struct Scan<'a> {
    /// What is looked for.
    pub pattern: &'a Pattern,
    /// Hits kept of one place.
    pub most: usize,
    /// Turns true when nobody wants the answer any more.
    pub stop: &'a AtomicBool,
}

impl Scan<'_> {
    /// Nobody wants the answer any more.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Lines of a text, oldest first; `number` makes a line's number from its place.
    pub fn lines<'t>(&self, lines: impl Iterator<Item = &'t str>, number: impl Fn(usize) -> u64, found: &mut Found) {
        // A window that moves: the newest stay.
        let mut kept = std::collections::VecDeque::new();
        for (i, line) in lines.enumerate() {
            if i % CHECK == 0 && (self.stopped() || found.count >= COUNTED) {
                break;
            }
            let Some(range) = self.pattern.find_in(line) else { continue };
            found.count += 1;
            kept.push_back((i, line, range));
            if kept.len() > self.most {
                kept.pop_front();
            }
        }
        for (i, line, range) in kept {
            let (text, from, to) = around(line, range);
            found.hits.insert(0, Hit { line: number(i), text, from, to });
        }
        found.hits.truncate(self.most);
    }

    /// The archived text of a session. A hit's line counts from the end: 1 is the last line.
    pub fn archive(&self, session_dir: &Path) -> Found {
        let mut found = Found::default();
        if let Some(text) = read(&session_dir.join(ARCHIVE)) {
            let all = text.lines().count() as u64;
            self.lines(text.lines(), |i| all - i as u64, &mut found);
        }
        found
    }

    /// What a recording showed at some time. A hit's line is that time. `known` tells texts that were found elsewhere.
    pub fn recording(&self, session_dir: &Path, known: impl Fn(&str) -> bool) -> Found {
        let dir = session_dir.join(RECORDING);
        let mut found = Found::default();
        for n in segments(&dir) {
            if self.stopped() {
                break;
            }
            let Some(text) = read(&segment_path(&dir, n, "txt")) else { continue };
            let rows: Vec<(u64, &str)> =
                text.lines().filter_map(|l| l.split_once('\t')).filter_map(|(t, l)| Some((t.parse().ok()?, l))).filter(|r| !known(r.1)).collect();
            self.lines(rows.iter().map(|r| r.1), |i| rows.get(i).map_or(0, |r| r.0), &mut found);
        }
        found
    }
}

fn read(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    open_plain(path).ok()?.take(MAX_FILE).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()))
}

/// The text around a match, short enough to be shown, and where the match stands in it, in characters.
fn around(line: &str, range: std::ops::Range<usize>) -> (String, usize, usize) {
    let before = line.get(..range.start).unwrap_or_default();
    let matched = line.get(range).unwrap_or_default();
    let lead: Vec<char> = before.chars().rev().take(SHOWN_CHARS / 4).collect();
    let all_before = before.chars().count() == lead.len();
    let mut text: String = lead.iter().rev().collect();
    if all_before {
        let cut = text.trim_start().len();
        text = text.split_off(text.len() - cut);
    } else {
        text = format!("…{}", text.trim_start());
    }
    let from = text.chars().count();
    let rest = line.get(before.len()..).unwrap_or_default();
    let room = SHOWN_CHARS - from.min(SHOWN_CHARS);
    match rest.chars().nth(room) {
        Some(_) => text.extend(rest.chars().take(room.saturating_sub(1)).chain(['…'])),
        None => text.push_str(rest),
    }
    let to = (from + matched.chars().count()).min(SHOWN_CHARS);
    (text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim_end().to_owned(), from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_hits_are_kept_and_all_are_counted() {
        let pattern = Pattern::new("err", true).unwrap();
        let stop = AtomicBool::new(false);
        let scan = Scan { pattern: &pattern, most: 2, stop: &stop };
        let mut found = Found::default();
        scan.lines("an Error\nfine\nerr 2\n  err 3".lines(), |i| i as u64, &mut found);
        assert_eq!(found.count, 3);
        let got: Vec<_> = found.hits.iter().map(|h| (h.line, h.text.as_str(), h.from, h.to)).collect();
        assert_eq!(got, [(3, "err 3", 0, 3), (2, "err 2", 0, 3)]);
        stop.store(true, Ordering::Relaxed);
        let mut none = Found::default();
        scan.lines("err".lines(), |i| i as u64, &mut none);
        assert_eq!(none, Found::default());
    }

    #[test]
    fn long_lines_are_cut_around_the_match() {
        let line = format!("{}needle{}", "x".repeat(1000), "y".repeat(1000));
        let (text, from, to) = around(&line, 1000..1006);
        assert_eq!(text.chars().skip(from).take(to - from).collect::<String>(), "needle");
        assert!(text.chars().count() <= SHOWN_CHARS);
        assert!(text.starts_with("…x") && text.ends_with("y…"), "what is left out is marked: {text}");
        let line = format!("{} needle", "prompt# cargo test ".repeat(4));
        let (text, from, to) = around(&line, line.len() - 6..line.len());
        assert_eq!((text.chars().skip(from).take(to - from).collect::<String>(), text.chars().next()), ("needle".into(), Some('…')));
        assert_eq!(around("  a needle", 4..10), ("a needle".into(), 2, 8));
    }
}
