//! The text a program writes, read for what it says of its work: lines in, pieces of progress, errors and hand-offs out. By rules
//! from TOML (`src/evidence/rules/*.toml`, and a person's own). Pure; must not know engines or sessions.
//!
//! A block is taken for real only by its shape: it begins at the first column with the exact words of a rule, goes on with the
//! body the rule asks for, and stands in no fenced code. So a program that *shows* such a text (an agent that quotes it in prose,
//! with a bullet, an indent or a fence before it, `grep` with a file name before it) is not mistaken for one that says it.

mod blocks;
mod count;
mod pattern;
mod rule;
mod said;
mod value;

pub use rule::{TextRules, read_all};
pub use said::Said;
pub use value::{place_of, seconds_in};

use count::Counter;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// Blocks remembered, so that none is told twice.
const TOLD: usize = 1024;
/// Lines of one block.
const BLOCK: usize = 80;
/// Characters of a line that are looked at.
const LINE: usize = 1000;

/// A line of text as long as the program made it, however many rows it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextLine {
    /// Rises from line to line and stays with a line.
    pub id: u64,
    /// The text, without colours.
    pub text: String,
    /// It is new, or changed since it was last read; the others are there for what comes before it.
    pub fresh: bool,
}

/// Reads the lines of one terminal.
#[derive(Debug)]
pub struct TextReader {
    rules: Arc<TextRules>,
    /// First line and contents of the blocks that were told.
    told: BTreeMap<u64, u64>,
    /// Lines at which fenced code begins or ends.
    fences: Vec<u64>,
    counter: Counter,
}

impl TextReader {
    /// A reader that has seen nothing.
    pub fn new(rules: Arc<TextRules>) -> TextReader {
        TextReader { rules, told: BTreeMap::new(), fences: Vec::new(), counter: Counter::default() }
    }

    /// Other rules from now on.
    pub fn set_rules(&mut self, rules: Arc<TextRules>) {
        self.rules = rules;
    }

    /// Lines have other ids from now on; all that stood before counts as read.
    pub fn renumbered(&mut self) {
        self.told.clear();
        self.fences.clear();
    }

    /// Reads lines in their order. With `flush` a block at the end counts as it stands; without, the id of its first line comes
    /// back beside what was found: it has to be there again, fresh, the next time.
    pub fn read(&mut self, lines: &[TextLine], flush: bool) -> (Vec<Said>, Option<u64>) {
        let mut said = Vec::new();
        let rules = Arc::clone(&self.rules);
        let Some(first) = lines.first().map(|l| l.id) else { return (said, None) };
        self.fences.retain(|id| *id < first || lines.iter().any(|l| l.id == *id));
        let mut fenced = self.fences.iter().filter(|id| **id < first).count() % 2 == 1;
        let mut hold = None;
        let mut counted = false;
        let mut i = 0;
        while let Some(line) = lines.get(i) {
            let text = cut(&line.text);
            if text.starts_with("```") || text.starts_with("~~~") {
                fenced = !fenced;
                if !self.fences.contains(&line.id) {
                    self.fences.push(line.id);
                }
            }
            let rule = rules.starting(text).filter(|_| !fenced);
            let Some(rule) = rule else {
                i += 1;
                continue;
            };
            let block = blocks::take(rule, lines.get(i..).unwrap_or_default());
            if block.open && !flush {
                hold = Some(line.id);
                break;
            }
            let used = lines.get(i..i + block.len).unwrap_or_default();
            if block.complete && used.iter().any(|l| l.fresh) {
                let mut hash = DefaultHasher::new();
                used.iter().for_each(|l| l.text.hash(&mut hash));
                let digest = hash.finish();
                let before = self.told.insert(line.id, digest);
                if before != Some(digest) {
                    counted |= blocks::tell(rule, &block, before.is_some(), &mut self.counter, &mut said);
                }
            }
            // A header whose body is not there is a line like any other.
            i += if block.complete { block.len.max(1) } else { 1 };
        }
        while self.told.len() > TOLD {
            self.told.pop_first();
        }
        let keep = self.fences.len().saturating_sub(64) / 2 * 2;
        self.fences.sort_unstable();
        self.fences.drain(..keep);
        if counted {
            said.extend(self.counter.tests());
        }
        (said, hold)
    }
}

/// At most so much of a line, without blanks at its end.
fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(LINE).map_or(text.len(), |(i, _)| i);
    text.get(..end).unwrap_or_default().trim_end()
}
