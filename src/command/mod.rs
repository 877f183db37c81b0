//! Layer 1: THE command table. A key, a palette entry, a help line and a command-line verb for the same thing are the same
//! row. Must not know what a command does, which key it has, or how anything is drawn.

mod table;

pub use table::{Cmd, TABLE};

use std::fmt;
use std::str::FromStr;

/// Where a command applies, and the section of a keymap that may bind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scope {
    /// Anywhere outside a dialog. Its keys are looked up before a key goes to the focused pane, so they begin with the prefix.
    Global,
    /// A pane has the focus; as `Global`.
    Pane,
    /// The session tree.
    Tree,
    /// Looking back in a pane: scrolling, searching, selecting.
    Scroll,
    /// The line a search is typed in.
    Search,
    /// Labels on what can be copied or opened; their letters are typed.
    Labels,
    /// The list of sessions that wait.
    Inbox,
    /// The list of errors.
    Errors,
    /// The log.
    Timeline,
    /// The session card.
    Card,
    /// A dialog with fields or buttons.
    Dialog,
    /// The box a follow-up is typed in.
    FollowUp,
    /// The command palette.
    Palette,
    /// The key help.
    Help,
    /// A recording in a pane.
    Replay,
    /// The search in all sessions.
    SearchAll,
    /// Every list and panel, after its own section.
    List,
}

impl Scope {
    /// All scopes, in the order help shows them.
    pub const ALL: [Scope; 17] = [
        Scope::Global,
        Scope::Pane,
        Scope::Tree,
        Scope::Scroll,
        Scope::Search,
        Scope::Labels,
        Scope::FollowUp,
        Scope::Inbox,
        Scope::Errors,
        Scope::Timeline,
        Scope::Card,
        Scope::Dialog,
        Scope::Palette,
        Scope::Help,
        Scope::Replay,
        Scope::SearchAll,
        Scope::List,
    ];

    /// Name of its section in a keymap file.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Global => "global",
            Scope::Pane => "pane",
            Scope::Tree => "tree",
            Scope::Scroll => "scroll",
            Scope::Search => "search",
            Scope::Labels => "labels",
            Scope::Inbox => "inbox",
            Scope::Errors => "errors",
            Scope::Timeline => "timeline",
            Scope::Card => "card",
            Scope::Dialog => "dialog",
            Scope::FollowUp => "follow-up",
            Scope::Palette => "palette",
            Scope::Help => "help",
            Scope::Replay => "replay",
            Scope::SearchAll => "search-all",
            Scope::List => "list",
        }
    }
}

impl FromStr for Scope {
    type Err = ();
    fn from_str(s: &str) -> Result<Scope, ()> {
        Scope::ALL.into_iter().find(|x| x.name() == s).ok_or(())
    }
}

/// What a command needs to be told; it takes it from the screen (focused pane, row under the cursor) when not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arg {
    /// Nothing.
    None,
    /// A session.
    Session,
    /// A line of text, asked for in a dialog.
    Text,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Which command.
    pub cmd: Cmd,
    /// Its name in keymap files: `session.new`.
    pub name: &'static str,
    /// One or two words for the status line.
    pub short: &'static str,
    /// Title in the palette and in help.
    pub title: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Heading it stands under.
    pub group: &'static str,
    /// Where it applies; never empty.
    pub scopes: &'static [Scope],
    /// What it needs.
    pub arg: Arg,
    /// Other names the palette finds it by.
    pub aliases: &'static [&'static str],
    /// The verb that does the same from a shell: `sessions pause`.
    pub verb: Option<&'static str>,
}

impl Row {
    /// Whether a key of this scope may run it. Whatever applies globally also works on a pane, in the tree and in every panel.
    pub fn applies(&self, scope: Scope) -> bool {
        let global = self.scopes.contains(&Scope::Global) || self.scopes.contains(&Scope::Pane);
        let typing = matches!(scope, Scope::Dialog | Scope::Search | Scope::Labels | Scope::Palette | Scope::Help | Scope::SearchAll | Scope::List);
        self.scopes.contains(&scope) || (global && !typing)
    }
}

impl Cmd {
    /// Its row.
    pub fn row(self) -> &'static Row {
        // The macro that makes the enum makes the table in the same order.
        &TABLE[self as usize]
    }

    /// Its name: `session.new`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// All commands, in the order of the table.
    pub fn all() -> impl Iterator<Item = Cmd> {
        TABLE.iter().map(|r| r.cmd)
    }

    /// `tab.go-N`, N from 1 to 9.
    pub fn tab_number(self) -> Option<usize> {
        self.name().strip_prefix("tab.go-")?.parse().ok()
    }

    /// The name nearest to a wrong one, for "did you mean".
    pub fn nearest(wrong: &str) -> Option<&'static str> {
        TABLE
            .iter()
            .map(|r| (strsim::damerau_levenshtein(r.name, wrong), r.name))
            .min()
            .filter(|(d, name)| *d <= 2 + name.len() / 4)
            .map(|(_, name)| name)
    }
}

impl fmt::Display for Cmd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Cmd {
    /// A sentence that says which name is nearest.
    type Err = String;
    fn from_str(s: &str) -> Result<Cmd, String> {
        TABLE.iter().find(|r| r.name == s).map(|r| r.cmd).ok_or_else(|| match Cmd::nearest(s) {
            Some(near) => format!("`{s}` is not a command; the nearest is `{near}`"),
            None => format!("`{s}` is not a command"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_row_can_be_found_by_its_name_and_its_command() {
        let mut names = HashSet::new();
        for (i, row) in TABLE.iter().enumerate() {
            assert_eq!(row.cmd as usize, i);
            assert!(names.insert(row.name), "{} stands twice", row.name);
            assert_eq!(row.name.parse::<Cmd>(), Ok(row.cmd));
            assert!(!row.scopes.is_empty() && !row.title.is_empty(), "{}", row.name);
            assert!(row.doc.ends_with('.'), "{} has no sentence", row.name);
            assert!(row.short.len() <= 12, "{} is too long for the status line", row.name);
        }
    }

    #[test]
    fn a_wrong_name_is_told_the_nearest() {
        assert!("sesion.new".parse::<Cmd>().unwrap_err().contains("`session.new`"));
        assert!(!"xyzzy-plugh-quux".parse::<Cmd>().unwrap_err().contains("nearest"));
    }

    #[test]
    fn scopes_have_names() {
        for s in Scope::ALL {
            assert_eq!(s.name().parse::<Scope>(), Ok(s));
        }
        assert!(Cmd::SessionNew.row().applies(Scope::Tree));
        assert!(!Cmd::SessionNew.row().applies(Scope::Dialog));
        assert_eq!(Cmd::TabGo3.tab_number(), Some(3));
    }
}
