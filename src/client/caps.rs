//! What the outer terminal can do: from the environment at once, from its own answers when they come. Must not write to it.

use super::input::Reply;
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
    /// Colours it shows.
    pub depth: Depth,
    /// Its name and version as it says them (XTVERSION), else what the environment says.
    pub name: String,
    /// Its foreground.
    pub fg: Option<(u8, u8, u8)>,
    /// Its background.
    pub bg: Option<(u8, u8, u8)>,
    /// It shows notifications of OSC 99.
    pub osc99: bool,
    /// It is VS Code's, or a relative's.
    pub vscode: bool,
    /// Colour was refused by `NO_COLOR`.
    pub no_color: bool,
}

impl TermCaps {
    /// What the environment tells.
    pub fn from_env(env: Env<'_>) -> TermCaps {
        let get = |name: &str| env(name).filter(|v| !v.is_empty());
        let term = get("TERM").unwrap_or_default();
        let colorterm = get("COLORTERM").unwrap_or_default();
        let no_color = get("NO_COLOR").is_some();
        let depth = match term.as_str() {
            _ if no_color => Depth::None,
            "" | "dumb" => Depth::None,
            _ if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") => Depth::True,
            t if t.contains("256color") => Depth::Palette256,
            t if ["xterm-kitty", "xterm-ghostty", "foot", "alacritty", "wezterm"].contains(&t) => Depth::True,
            _ => Depth::Ansi16,
        };
        let name = get("TERM_PROGRAM").unwrap_or_else(|| term.clone());
        let vscode = name == "vscode";
        TermCaps { depth, name: crate::base::text::safe_line(&name, 80), vscode, no_color, ..TermCaps::default() }
    }

    /// Takes an answer into account. True when something changed.
    pub fn learn(&mut self, reply: &Reply) -> bool {
        let before = self.clone();
        match reply {
            Reply::KittyFlags(_) => self.kitty = true,
            // 1 on, 2 off; 3 and 4 cannot be changed, 0 is not known.
            Reply::Mode { mode: 2026, value } => self.sync = matches!(value, 1 | 2),
            Reply::Version(name) => {
                // Over ssh the environment tells less than the terminal itself.
                let low = name.to_lowercase();
                let deep = ["kitty", "wezterm", "xterm.js", "foot", "ghostty", "iterm", "konsole", "contour"].iter().any(|t| low.contains(t));
                if deep && !self.no_color && self.depth != Depth::None {
                    self.depth = Depth::True;
                }
                self.name.clone_from(name);
            }
            Reply::Color { which: 10, rgb } => self.fg = Some(*rgb),
            Reply::Color { which: 11, rgb } => self.bg = Some(*rgb),
            Reply::Osc99 => self.osc99 = true,
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
    fn sync_only_where_it_can_be_switched() {
        for (value, want) in [(0, false), (1, true), (2, true), (4, false)] {
            let mut caps = TermCaps::default();
            caps.learn(&Reply::Mode { mode: 2026, value });
            assert_eq!(caps.sync, want);
        }
    }
}
