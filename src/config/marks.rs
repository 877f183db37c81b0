//! The marks and bars of a theme: pictures of one cell, or plain letters. Must not know where they are drawn.

use crate::wire::State;

/// Which set of marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Marks {
    /// Symbols that are one cell wide in every terminal.
    #[default]
    Unicode,
    /// ASCII alone.
    Text,
}

impl Marks {
    /// The mark of a state.
    pub fn state(self, state: State) -> char {
        match (self, state) {
            (Marks::Unicode, s) => s.mark(),
            (Marks::Text, State::Queued) => '.',
            (Marks::Text, State::Working) => '*',
            (Marks::Text, State::Waiting) => '@',
            (Marks::Text, State::Idle) => 'o',
            (Marks::Text, State::Paused) => '|',
            (Marks::Text, State::Done) => '+',
            (Marks::Text, State::Failed) => 'x',
            (Marks::Text, s) => s.mark(), // ~ = - ! are ASCII already
        }
    }

    /// Levels from 0 to 8, a cell each.
    pub fn spark(self, levels: &[u8]) -> String {
        let glyphs: &[char; 9] = match self {
            Marks::Unicode => &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
            Marks::Text => &[' ', '.', '.', ':', ':', '-', '=', '#', '#'],
        };
        levels.iter().map(|l| glyphs.get(usize::from(*l)).copied().unwrap_or('█')).collect()
    }

    /// A progress bar of `cols` cells for `fraction` (0 to 1): what is filled and what is empty.
    pub fn bar(self, fraction: f64, cols: u16) -> (String, String) {
        let fraction = if fraction.is_finite() { fraction.clamp(0.0, 1.0) } else { 0.0 };
        let cols = usize::from(cols);
        match self {
            Marks::Unicode => {
                const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
                let eighths = (fraction * cols as f64 * 8.0).floor() as usize;
                let part = PARTS.get(eighths % 8).copied().unwrap_or_default();
                let used = eighths / 8 + usize::from(!part.is_empty());
                (format!("{}{part}", "█".repeat(eighths / 8)), "░".repeat(cols.saturating_sub(used)))
            }
            Marks::Text => {
                let full = (fraction * cols as f64).floor() as usize;
                ("#".repeat(full), ".".repeat(cols.saturating_sub(full)))
            }
        }
    }

    /// The frames of a spinner, to be shown on the focused row only.
    pub fn spinner(self) -> &'static [&'static str] {
        match self {
            Marks::Unicode => &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"],
            Marks::Text => &["|", "/", "-", "\\"],
        }
    }

    /// Vertical line, horizontal line, and where they meet: `┼ ├ ┤ ┬ ┴`.
    pub fn lines(self) -> Lines {
        match self {
            Marks::Unicode => {
                Lines {
                    vertical: "│", horizontal: "─", cross: "┼", right: "├", left: "┤", down: "┬", up: "┴", branch: "├ ", last: "└ "
                }
            }
            Marks::Text => {
                Lines { vertical: "|", horizontal: "-", cross: "+", right: "+", left: "+", down: "+", up: "+", branch: "|- ", last: "`- " }
            }
        }
    }
}

/// The pieces lines are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    /// Upright.
    pub vertical: &'static str,
    /// Level.
    pub horizontal: &'static str,
    /// All four arms.
    pub cross: &'static str,
    /// Upright with an arm to the right.
    pub right: &'static str,
    /// Upright with an arm to the left.
    pub left: &'static str,
    /// Level with an arm down.
    pub down: &'static str,
    /// Level with an arm up.
    pub up: &'static str,
    /// Before a child in a tree.
    pub branch: &'static str,
    /// Before the last child.
    pub last: &'static str,
}

impl Lines {
    /// Where lines meet with these arms: up, down, left, right.
    pub fn joint(&self, arms: [bool; 4]) -> &'static str {
        match arms {
            [true, true, true, true] => self.cross,
            [true, true, false, true] => self.right,
            [true, true, true, false] => self.left,
            [true, true, false, false] => self.vertical,
            [false, true, ..] => self.down,
            [true, false, ..] => self.up,
            [false, false, ..] => self.horizontal,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_have_their_width() {
        for marks in [Marks::Unicode, Marks::Text] {
            for i in 0..=100 {
                let (full, empty) = marks.bar(f64::from(i) / 100.0, 10);
                assert_eq!(crate::base::text::width(&full) + crate::base::text::width(&empty), 10);
            }
        }
        assert_eq!(Marks::Unicode.bar(0.78, 10), ("███████▊".into(), "░░".into()));
        assert_eq!(Marks::Text.bar(f64::NAN, 4), (String::new(), "....".into()));
    }

    #[test]
    fn states_differ_and_are_one_cell() {
        for marks in [Marks::Unicode, Marks::Text] {
            let mut seen: Vec<char> = State::ALL.iter().map(|s| marks.state(*s)).collect();
            assert!(seen.iter().all(|c| crate::base::text::width(&c.to_string()) == 1));
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), State::ALL.len());
        }
    }
}
