//! What stands in the panel that looks in all sessions and their past: what is typed, and what was found. Must not know who asks,
//! nor how it is found or drawn.

use super::input::Editor;
use super::list_state::ListState;
use crate::base::SessionId;
use crate::wire::State;
use serde::Deserialize;

/// Where a hit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Where {
    /// In the history or on the screen of a living session.
    Pane,
    /// In the text of one that ended.
    Archive,
    /// It was on the screen at some time.
    Recording,
}

/// A line with a match.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Hit {
    /// Where.
    #[serde(rename = "in")]
    pub place: Where,
    /// Line of the pane, line counted from the end, or milliseconds since the Unix epoch.
    pub line: u64,
    /// Text around the match; from outside.
    pub text: String,
    /// First character of the match.
    pub from: usize,
    /// Character behind the last.
    pub to: usize,
}

/// What was found in one session.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Which.
    pub id: SessionId,
    /// Its number.
    pub number: u32,
    /// Its name; from outside.
    pub name: String,
    /// Its agent; from outside.
    pub agent: String,
    /// Its state.
    pub state: State,
    /// Lines with a match, also those not given.
    pub count: usize,
    /// The newest of them.
    pub hits: Vec<Hit>,
}

/// An answer of the server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
pub struct Results {
    /// By session.
    #[serde(default)]
    pub sessions: Vec<Group>,
    /// Lines with a match.
    #[serde(default)]
    pub count: usize,
    /// There is more than is given.
    #[serde(default)]
    pub more: bool,
    /// A newer search ended this one.
    #[serde(default)]
    pub(super) superseded: bool,
}

/// The panel.
#[derive(Debug, Clone, Default)]
pub struct SearchAll {
    /// What is looked for.
    pub editor: Editor,
    /// The cursor.
    pub list: ListState,
    /// It is plain text, no regular expression.
    pub plain: bool,
    /// What was found last.
    pub results: Results,
    /// Why the pattern cannot be used.
    pub error: Option<String>,
    /// An answer is on its way.
    pub busy: bool,
    /// It shows what was looked for last: what is typed takes its place.
    pub kept: bool,
    /// Enter came before the answer.
    pub(super) enter: bool,
    /// What was asked last, and whether as plain text.
    pub(super) asked: Option<(String, bool)>,
    /// Number of that.
    pub(super) token: u64,
}

/// Names a row for the cursor: session, place and line.
fn key(group: &Group, hit: &Hit) -> String {
    format!("{} {:?} {} {}", group.id, hit.place, hit.line, hit.text)
}

impl SearchAll {
    /// The hits as rows, each with its session.
    pub fn rows(&self) -> impl Iterator<Item = (&Group, &Hit)> {
        self.results.sessions.iter().flat_map(|g| g.hits.iter().map(move |h| (g, h)))
    }

    /// Text is about to be typed: it takes the place of what was kept.
    pub(super) fn typing(&mut self) {
        if std::mem::take(&mut self.kept) {
            self.editor.clear();
        }
    }

    /// Keys of the rows.
    pub fn keys(&self) -> Vec<String> {
        self.rows().map(|(g, h)| key(g, h)).collect()
    }
}
