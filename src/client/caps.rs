//! What the outer terminal can do: from the environment at once, from its own answers when they come. Must not write to it.

use super::input::Reply;
use super::width::Widths;
use crate::config::Depth;

/// Reads a variable of the environment.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What the outer terminal can do, as far as known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TermCaps {
    /// It speaks the kitty keyboard protocol.
    pub kitty: bool,
    /// It holds back drawing between the marks of mode 2026.
    pub sync: bool,
    /// It counts clusters as cells (mode 2027).
    pub clusters: bool,
    /// Colours it shows.
    pub depth: Depth,
    /// Underlines of five kinds, with a colour of their own.
    pub styled_underlines: bool,
    /// A line above the text.
    pub overline: bool,
    /// Hyperlinks (OSC 8).
    pub links: bool,
    /// How wide it draws what is not agreed on.
    pub widths: Widths,
    /// Its name and version as it says them (XTVERSION), else what the environment says.
    pub name: String,
    /// Its foreground.
    pub fg: Option<(u8, u8, u8)>,
    /// Its background.
    pub bg: Option<(u8, u8, u8)>,
    /// The named colours, as far as it tells them, from 0 on.
    pub palette: Vec<(u8, u8, u8)>,
    /// It is a dark scheme, as it says itself.
    pub dark: Option<bool>,
    /// It shows notifications of OSC 99.
    pub osc99: bool,
    /// It is VS Code's, or a relative's.
    pub vscode: bool,
    /// Colour was refused by `NO_COLOR`.
    pub no_color: bool,
    /// It knows no sequences to speak of.
    pub dumb: bool,
    /// It is st, whose keys make sense in the keypad's application mode alone.
    pub keypad: bool,
    /// The title to leave to a terminal that keeps none for later.
    pub title_after: Option<&'static str>,
    /// It does not show kinds of underlines well, whatever it says.
    pub(super) plain_underlines: bool,
    pub(super) columns: Vec<u32>,
    pub(super) shape: u8,
}

/// What is known of a terminal by its name.
struct Known {
    name: &'static str,
    /// 24-bit colours.
    deep: bool,
    styled: bool,
    over: bool,
    links: bool,
}

const fn known(name: &'static str, deep: bool, styled: bool, over: bool, links: bool) -> Known {
    Known { name, deep, styled, over, links }
}

/// By the beginning of what they call themselves, in small letters (XTVERSION, or `TERM`).
const KNOWN: [Known; 16] = [
    known("kitty", true, true, false, true),
    known("xterm-kitty", true, true, false, true),
    known("xterm.js", true, true, true, true),
    known("foot", true, true, true, true),
    known("wezterm", true, true, true, true),
    known("ghostty", true, true, true, true),
    known("xterm-ghostty", true, true, true, true),
    known("iterm", true, true, false, true),
    known("contour", true, true, true, true),
    known("alacritty", true, true, false, true),
    known("vte", true, true, true, true),
    known("rio", true, true, false, true),
    known("mintty", true, true, true, true),
    known("konsole", true, false, true, true),
    // It changes what the terminal around it cannot show, and asks that one for colours.
    known("tmux", false, true, true, true),
    // Its waves and dots are hardly to be seen.
    known("xterm(", true, false, false, false),
];

impl TermCaps {
    /// What the environment tells.
    pub fn from_env(env: Env<'_>) -> TermCaps {
        let get = |name: &str| env(name).filter(|v| !v.is_empty());
        let term = get("TERM").unwrap_or_default();
        let colorterm = get("COLORTERM").unwrap_or_default();
        let no_color = get("NO_COLOR").is_some();
        let dumb = matches!(term.as_str(), "" | "dumb");
        let depth = match term.as_str() {
            _ if no_color || dumb => Depth::None,
            _ if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") => Depth::True,
            t if t.contains("256color") => Depth::Palette256,
            _ => Depth::Ansi16,
        };
        let name = get("TERM_PROGRAM").unwrap_or_else(|| term.clone());
        let vscode = name == "vscode";
        let keypad = term == "st" || term.starts_with("st-");
        let title_after = if keypad { Some("st") } else { term.starts_with("rxvt").then_some("urxvt") };
        let widths = Widths { bare: keypad, ..Widths::default() };
        let mut caps = TermCaps { depth, vscode, no_color, dumb, keypad, title_after, widths, ..TermCaps::default() };
        // Only `TERM` speaks of the terminal itself: other variables are inherited by whatever is started in it.
        caps.is(&term);
        caps.name = crate::base::text::safe_line(&name, 80);
        caps
    }

    /// It is called this, by itself or by `TERM`.
    fn is(&mut self, name: &str) {
        let low = name.to_lowercase();
        if let Some(k) = KNOWN.iter().find(|k| low.starts_with(k.name)) {
            if k.deep && !self.no_color && self.depth != Depth::None {
                self.depth = Depth::True;
            }
            self.styled_underlines |= k.styled;
            self.overline |= k.over;
            // tmux takes links since 3.4: its name alone is not enough.
            let old = k.name == "tmux" && low.strip_prefix("tmux ").and_then(|v| v.get(..3)).is_none_or(|v| v < "3.4");
            self.links |= k.links && !old;
            self.plain_underlines = k.name == "xterm(";
        }
        self.styled_underlines &= !self.plain_underlines;
    }

    /// Shape of the cursor to leave behind (DECSCUSR): 0 for the usual one, which for xterm is not the one it had.
    pub fn shape_before(&self) -> u8 {
        if self.name.to_lowercase().starts_with("xterm(") { self.shape } else { 0 }
    }

    /// Takes an answer into account. True when something changed.
    pub fn learn(&mut self, reply: &Reply) -> bool {
        let before = self.clone();
        match reply {
            Reply::KittyFlags(_) => self.kitty = true,
            // 1 on, 2 off; 3 and 4 cannot be changed, 0 is not known.
            Reply::Mode { mode: 2026, value } => self.sync = matches!(value, 1 | 2),
            Reply::Mode { mode: 2027, value } => self.clusters = matches!(value, 1..=3),
            Reply::Version(name) => {
                // Over ssh the environment tells less than the terminal itself.
                self.is(name);
                self.vscode |= name.starts_with("xterm.js") && self.name == "vscode";
                self.name.clone_from(name);
            }
            // VTE has no name of its own in older versions, but this type; so has alacritty, with a third number.
            Reply::Secondary(n) => match n.as_slice() {
                [61 | 65, version, ..] if *version >= 5200 => self.is("vte"),
                [0, version, 1] if *version >= 1000 => self.is("alacritty"),
                _ => {}
            },
            Reply::Style(style) => self.styled_underlines |= style.split(';').any(|p| p == "4:3") && !self.plain_underlines,
            // Smulx: how to ask for a kind of underline.
            Reply::Capability(cap) if cap == "536d756c78" => self.styled_underlines |= !self.plain_underlines,
            Reply::Cursor { row: 2, col } => {
                self.columns.push(*col);
                self.columns.truncate(super::probe::SAMPLES.len());
                if self.columns.len() == super::probe::SAMPLES.len() {
                    self.widths = Widths { bare: self.widths.bare, ..Widths::measured(&self.columns) };
                }
            }
            Reply::Color { which: 10, rgb } => self.fg = Some(*rgb),
            Reply::Color { which: 11, rgb } => self.bg = Some(*rgb),
            Reply::Palette { index, rgb } if *index < 16 => {
                let have = self.palette.len();
                match self.palette.get_mut(usize::from(*index)) {
                    Some(slot) => *slot = *rgb,
                    None if have == usize::from(*index) => self.palette.push(*rgb),
                    None => {}
                }
            }
            Reply::Scheme { dark } => self.dark = Some(*dark),
            Reply::Osc99 => self.osc99 = true,
            Reply::Shape(shape) => self.shape = *shape,
            _ => {}
        }
        *self != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> impl Fn(&str) -> Option<String> {
        move |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn colours_follow_the_environment_and_the_terminal() {
        for (pairs, want) in [
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")][..], Depth::True),
            (&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")], Depth::None),
            (&[("TERM", "xterm-256color"), ("NO_COLOR", "")], Depth::Palette256),
            (&[("TERM", "screen-256color")], Depth::Palette256),
            (&[("TERM", "linux")], Depth::Ansi16),
            (&[("TERM", "dumb")], Depth::None),
        ] {
            assert_eq!(TermCaps::from_env(&env(pairs)).depth, want, "{pairs:?}");
        }
        let mut caps = TermCaps::from_env(&env(&[("TERM", "xterm-256color")]));
        assert!(caps.learn(&Reply::Version("xterm.js(6.1)".into())));
        assert_eq!(caps.depth, Depth::True);
        let mut caps = TermCaps::from_env(&env(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]));
        caps.learn(&Reply::Version("kitty(0.40)".into()));
        assert_eq!(caps.depth, Depth::None, "NO_COLOR is stronger");
    }

    #[test]
    fn kinds_of_underlines_only_after_a_positive_answer() {
        let styled = |term: &'static str, replies: &[Reply]| {
            let mut caps = TermCaps::from_env(&|n| (n == "TERM").then(|| term.to_owned()));
            for r in replies {
                caps.learn(r);
            }
            caps.styled_underlines
        };
        let wave = Reply::Style("0;4:3".into());
        assert!(!styled("xterm-256color", &[]));
        assert!(!styled("rxvt-unicode-256color", &[Reply::Secondary(vec![85, 95, 0]), Reply::Style("0;43".into())]));
        assert!(!styled("st-256color", &[]));
        assert!(!styled("xterm-256color", &[Reply::Version("XTerm(379)".into()), wave.clone()]));
        assert!(!styled("xterm-256color", &[wave.clone(), Reply::Version("XTerm(379)".into())]));
        assert!(styled("xterm-256color", &[wave]));
        assert!(styled("xterm-256color", &[Reply::Version("xterm.js(6.1)".into())]));
        assert!(styled("xterm-256color", &[Reply::Secondary(vec![65, 7006, 1])]));
        assert!(styled("xterm-256color", &[Reply::Secondary(vec![0, 1100, 1])]));
        assert!(!styled("xterm-256color", &[Reply::Secondary(vec![0, 276, 0])]));
        assert!(styled("xterm-256color", &[Reply::Capability("536d756c78".into())]));
        assert!(styled("xterm-kitty", &[]) && styled("alacritty", &[]));
    }

    #[test]
    fn a_variable_inherited_from_another_terminal_proves_nothing() {
        let caps = TermCaps::from_env(&env(&[("TERM", "rxvt-unicode-256color"), ("VTE_VERSION", "7006"), ("TERM_PROGRAM", "WezTerm")]));
        assert!(!caps.styled_underlines && !caps.links && !caps.overline);
    }

    #[test]
    fn tmux_has_links_when_its_version_says_so() {
        for (version, want) in [("tmux 3.3a", false), ("tmux 3.4", true), ("tmux next-3.7", true)] {
            let mut caps = TermCaps::from_env(&env(&[("TERM", "tmux-256color"), ("TERM_PROGRAM", "tmux")]));
            assert!(!caps.links, "not by its name");
            caps.learn(&Reply::Version(version.into()));
            assert_eq!(caps.links, want, "{version}");
        }
    }

    #[test]
    fn widths_are_known_when_all_samples_are_answered() {
        let mut caps = TermCaps::default();
        for (col, known) in [(2, false), (7, false), (5, true), (9, true)] {
            caps.learn(&Reply::Cursor { row: 2, col });
            assert_eq!(caps.widths.vs16.is_some(), known);
        }
        assert_eq!((caps.widths.vs16, caps.widths.joined, caps.widths.toned), (Some(1), Some(false), Some(false)));
    }

    #[test]
    fn the_keypad_is_for_st_alone_and_a_title_for_who_keeps_none() {
        for (term, keypad, title) in [
            ("st-256color", true, Some("st")),
            ("st", true, Some("st")),
            ("stterm", false, None),
            ("rxvt-unicode-256color", false, Some("urxvt")),
            ("xterm-256color", false, None),
            ("tmux-256color", false, None),
        ] {
            let caps = TermCaps::from_env(&|n| (n == "TERM").then(|| term.to_owned()));
            assert_eq!((caps.keypad, caps.title_after), (keypad, title), "{term}");
        }
    }

    #[test]
    fn only_xterm_is_left_with_a_shape_of_the_cursor() {
        for (name, want) in [("XTerm(379)", 2), ("kitty(0.26.5)", 0), ("xterm.js(6.1)", 0)] {
            let mut caps = TermCaps::default();
            caps.learn(&Reply::Shape(2));
            caps.learn(&Reply::Version(name.into()));
            assert_eq!(caps.shape_before(), want, "{name}");
        }
    }

    #[test]
    fn sync_only_where_it_can_be_switched() {
        for (value, want) in [(0, false), (1, true), (2, true), (4, false)] {
            let mut caps = TermCaps::default();
            caps.learn(&Reply::Mode { mode: 2026, value });
            assert_eq!(caps.sync, want);
        }
    }
}
