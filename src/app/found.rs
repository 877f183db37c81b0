//! What a search found in a pane, and which of it is next. Must not know who searched.

use super::mirror::Spot;
use serde::Deserialize;

/// A part of a match on one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Absolute line.
    pub line: u64,
    /// First column.
    pub from: u16,
    /// Column behind the last.
    pub to: u16,
    /// Which match it belongs to.
    pub of: usize,
}

/// What to do when the matches come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It is still being typed: go to the nearest one from where the search began.
    Nearest,
    /// Go on from the cursor.
    Step {
        /// Upwards.
        up: bool,
        /// So many matches.
        times: u32,
        /// From here, not from the cursor.
        from: Option<Spot>,
    },
    /// Only mark them; the view stands where it did.
    Mark,
}

/// Matches of one search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What was looked for.
    pub pattern: String,
    /// Every part of every match, by line.
    pub marks: Vec<Mark>,
    /// Where each match begins.
    pub starts: Vec<Spot>,
    /// The one the view stands at.
    pub current: Option<usize>,
    /// There are older ones than these.
    pub more: bool,
    /// The search goes up.
    pub up: bool,
    /// It went round the end, upwards or not.
    pub wrapped: Option<bool>,
    /// Line behind the last one there was.
    pub end: u64,
    /// A search is on its way; the newest one that waits for it.
    pub asked: bool,
    /// See `asked`.
    pub next: Option<(String, Then)>,
}

#[derive(Deserialize)]
struct WireMatch {
    line: u64,
    from: u16,
    to: u16,
    #[serde(default)]
    goes_on: bool,
}

#[derive(Deserialize, Default)]
struct Answer {
    #[serde(default)]
    matches: Vec<WireMatch>,
    #[serde(default)]
    more: bool,
}

impl Found {
    /// Nothing is marked or looked for.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && !self.asked
    }

    /// Forgets what was found.
    pub fn clear(&mut self) {
        *self = Found { asked: self.asked, up: self.up, ..Found::default() };
    }

    /// Takes the server's answer.
    pub fn take(&mut self, pattern: String, value: serde_json::Value, end: u64) {
        let answer: Answer = serde_json::from_value(value).unwrap_or_default();
        (self.pattern, self.more, self.end) = (pattern, answer.more, end);
        (self.current, self.wrapped) = (None, None);
        self.marks.clear();
        self.starts.clear();
        let mut goes_on = false;
        for m in answer.matches {
            if !goes_on {
                self.starts.push((m.line, m.from));
            }
            self.marks.push(Mark { line: m.line, from: m.from, to: m.to, of: self.starts.len().saturating_sub(1) });
            goes_on = m.goes_on;
        }
        self.marks.sort_by_key(|m| (m.line, m.from));
    }

    /// The match that begins at a place is the one the view stands at.
    pub fn stand_at(&mut self, at: Spot) {
        self.current = self.starts.iter().position(|s| *s == at);
    }

    /// Makes the next match from a place the current one; the place itself counts when `inclusive`. Where it begins.
    pub fn step(&mut self, from: Spot, up: bool, inclusive: bool) -> Option<Spot> {
        let n = self.starts.len();
        let found = if up {
            self.starts.partition_point(|s| *s < from || (inclusive && *s == from)).checked_sub(1)
        } else {
            Some(self.starts.partition_point(|s| *s < from || (!inclusive && *s == from))).filter(|i| *i < n)
        };
        self.wrapped = found.is_none().then_some(up);
        let to = found.or(if up { n.checked_sub(1) } else { (n > 0).then_some(0) })?;
        self.current = Some(to);
        self.starts.get(to).copied()
    }

    /// `3/17`, with what is out of the ordinary.
    pub fn count(&self) -> String {
        if self.starts.is_empty() {
            return if self.asked || self.pattern.is_empty() { String::new() } else { "no match".to_owned() };
        }
        let at = self.current.map_or_else(|| "-".to_owned(), |i| (i + 1).to_string());
        let more = if self.more { "+" } else { "" };
        let round = match self.wrapped {
            None => "",
            Some(true) => " on from the newest",
            Some(false) => " on from the oldest",
        };
        format!("{at}/{}{more}{round}", self.starts.len())
    }

    /// The marks on a line.
    pub fn on(&self, line: u64) -> impl Iterator<Item = &Mark> {
        let first = self.marks.partition_point(|m| m.line < line);
        self.marks.iter().skip(first).take_while(move |m| m.line == line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_are_counted_and_gone_round() {
        let mut f = Found::default();
        let answer = serde_json::json!({"matches": [
            {"line": 3, "from": 1, "to": 4}, {"line": 5, "from": 8, "to": 10, "goes_on": true}, {"line": 6, "from": 0, "to": 2}, {"line": 9, "from": 0, "to": 3}
        ], "more": true});
        f.take("x".into(), answer, 20);
        assert_eq!((f.starts.len(), f.marks.len()), (3, 4), "a match over two lines is one");
        assert_eq!(f.step((9, 0), true, false), Some((5, 8)));
        assert_eq!(f.count(), "2/3+");
        assert_eq!(f.step((3, 1), true, false), Some((9, 0)));
        assert_eq!(f.step((9, 0), false, true), Some((9, 0)));
        assert_eq!(f.step((9, 0), false, false), Some((3, 1)));
        assert_eq!(f.count(), "1/3+ on from the oldest");
        assert_eq!(f.on(6).map(|m| m.of).collect::<Vec<_>>(), [1]);
        assert_eq!(Found::default().step((0, 0), false, true), None);
    }
}
