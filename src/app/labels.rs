//! Short labels on what is on the screen and can be copied or opened. Must not know how they are drawn, nor who finds their targets.

use super::hit::PaneId;
use crate::term::Target;

/// Letters of labels, the easiest to type first.
const LETTERS: &str = "asdfjklghewrioptuvncmxbzyq";

/// What typing a label does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Copies it.
    Copy,
    /// Opens it.
    Open,
    /// Puts it into the follow-up box.
    FollowUp,
}

impl Act {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Act::Copy => "copy",
            Act::Open => "open",
            Act::FollowUp => "follow up with",
        }
    }

    /// The one behind it.
    pub(super) fn next(self) -> Act {
        match self {
            Act::Copy => Act::Open,
            Act::Open => Act::FollowUp,
            Act::FollowUp => Act::Copy,
        }
    }
}

/// One label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What is typed.
    pub code: String,
    /// What it stands on.
    pub target: Target,
}

/// The labels of a pane.
#[derive(Debug, Clone)]
pub struct Labels {
    /// Which pane.
    pub pane: PaneId,
    /// What they do.
    pub act: Act,
    /// What is typed of one.
    pub typed: String,
    /// All of them, top to bottom.
    pub all: Vec<Label>,
    /// Looking back began with them.
    pub(super) own: bool,
}

/// Codes for so many things, none the beginning of another: one letter for as many as possible.
pub(super) fn codes(n: usize) -> Vec<String> {
    let letters: Vec<char> = LETTERS.chars().collect();
    let k = letters.len();
    // Letters that begin codes of two.
    let pairs = if n <= k { 0 } else { (n - k).div_ceil(k - 1).min(k) };
    let ones = letters.iter().take(k - pairs).map(char::to_string);
    let twos = letters.iter().skip(k - pairs).flat_map(|a| letters.iter().map(move |b| format!("{a}{b}")));
    ones.chain(twos).take(n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_begins_another_and_short_ones_come_first() {
        for n in [0, 1, 26, 27, 60, 200, 400] {
            let all = codes(n);
            assert_eq!(all.len(), n);
            for (i, a) in all.iter().enumerate() {
                assert!(all.iter().enumerate().all(|(j, b)| i == j || !b.starts_with(a.as_str())), "{a} of {n}");
            }
            assert!(all.windows(2).all(|w| w[0].len() <= w[1].len()));
        }
        assert_eq!(codes(27).iter().filter(|c| c.len() == 1).count(), 25);
    }
}
