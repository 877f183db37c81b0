//! Dialogs: starting a session, confirming, asking for a line, choosing a session. Must not know how they look.

use super::input::Editor;
use super::list_state::ListState;
use crate::base::{Now, SessionId};
use crate::wire::facts::{AgentInfo, Kind};
use crate::wire::op::NewSession;

/// A question counts as read when it has stood unchanged for so long, in milliseconds.
pub const STANDS_MS: u64 = 300;

/// Fields of the new-session dialog, top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// What is to be done, or the command.
    Task,
    /// Which agent.
    Agent,
    /// Primary or isolated.
    Kind,
    /// Folder.
    Folder,
    /// Name.
    Name,
    /// Whether it is recorded.
    Record,
}

impl Field {
    /// All of them.
    pub const ALL: [Field; 6] = [Field::Task, Field::Agent, Field::Kind, Field::Folder, Field::Name, Field::Record];
}

/// The new-session dialog.
#[derive(Debug, Clone)]
pub struct NewForm {
    /// Task text, or a command line.
    pub task: Editor,
    /// Name of the agent chosen; `command` for a command line; the default one when none was chosen yet.
    pub agent: Option<String>,
    /// Kind.
    pub kind: Kind,
    /// Folder.
    pub folder: Editor,
    /// Name.
    pub name: Editor,
    /// Recorded or not; as the settings say when neither was chosen.
    pub record: Option<bool>,
    /// The field with the keys.
    pub field: Field,
    /// It opened by itself because there was no session, and nothing has been typed.
    pub untouched: bool,
    /// What is wrong.
    pub error: Option<String>,
    /// The request is on its way.
    pub busy: bool,
    /// The session whose conversation and workspace go along.
    pub delegates: Option<SessionId>,
    /// What is asked for once the brief is there.
    pub pending: Option<Box<NewSession>>,
}

/// What can be chosen for recordings, in order.
pub const RECORD: [(Option<bool>, &str); 3] = [(None, "as set"), (Some(true), "yes"), (Some(false), "no")];

/// The choice that takes a command line.
pub const COMMAND: &str = "command";

impl NewForm {
    /// An empty form.
    pub fn new(cwd: &str, by_itself: bool) -> NewForm {
        NewForm {
            task: Editor::text_area(),
            agent: None,
            kind: Kind::Primary,
            folder: Editor::line().with(cwd),
            name: Editor::line(),
            record: None,
            field: Field::Task,
            untouched: by_itself,
            error: None,
            busy: false,
            delegates: None,
            pending: None,
        }
    }

    /// What can be chosen, found agents first, then a command, then what is not installed.
    pub fn agents(agents: &[AgentInfo]) -> Vec<AgentChoice> {
        let choice = |a: &AgentInfo| AgentChoice {
            name: a.name.clone(),
            version: a.version.clone(),
            install: a.program.is_none().then(|| a.install.clone()),
            default: a.default,
        };
        let found = agents.iter().filter(|a| a.program.is_some()).map(choice);
        let missing = agents.iter().filter(|a| a.program.is_none()).map(choice);
        let command = AgentChoice { name: COMMAND.to_owned(), version: None, install: None, default: false };
        found.chain([command]).chain(missing).collect()
    }

    /// Place of the agent chosen.
    pub fn chosen(&self, choices: &[AgentChoice]) -> usize {
        let by_name = self.agent.as_ref().and_then(|a| choices.iter().position(|c| c.name == *a));
        by_name.or_else(|| choices.iter().position(|c| c.default)).unwrap_or(0)
    }
}

/// An agent as the dialog shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentChoice {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// How to install it, when it is not there.
    pub install: Option<String>,
    /// The one taken when none is chosen.
    pub default: bool,
}

/// What is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirm {
    /// Stop these sessions.
    Stop(Vec<SessionId>),
    /// Open this address.
    OpenUrl(String),
    /// Open this file, named by a link in this session.
    OpenFile(SessionId, String),
}

/// What a line is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// A session's name.
    RenameSession(SessionId),
    /// The shown tab's name.
    RenameTab,
    /// A moment of the recording in the focused pane.
    ReplayGoTo,
    /// Words for what a session asks.
    Answer {
        /// Which.
        session: SessionId,
        /// The prompt they are for.
        prompt: String,
        /// They say why it is refused.
        refuses: bool,
    },
}

/// A dialog.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// Start a session.
    New(Box<NewForm>),
    /// Yes or no.
    Confirm {
        /// To what.
        what: Confirm,
        /// Since when it stands as it is, by the monotonic clock.
        since: u64,
        /// What it says, line by line.
        lines: Vec<String>,
        /// The button with the focus is yes.
        yes: bool,
    },
    /// A line of text.
    Ask {
        /// For what.
        what: Ask,
        /// The line.
        editor: Editor,
    },
    /// Choose a session for the focused pane.
    Choose(ListState),
}

impl Dialog {
    /// The prefix works in it.
    pub fn lets_global_keys_through(&self) -> bool {
        matches!(self, Dialog::New(_))
    }

    /// Its list.
    pub fn list(&self) -> Option<&ListState> {
        match self {
            Dialog::Choose(l) => Some(l),
            _ => None,
        }
    }

    /// Its list, to change it.
    pub fn list_mut(&mut self) -> Option<&mut ListState> {
        match self {
            Dialog::Choose(l) => Some(l),
            _ => None,
        }
    }

    /// The field that is typed into.
    pub fn editor(&mut self) -> Option<&mut Editor> {
        match self {
            Dialog::New(f) => match f.field {
                Field::Task => Some(&mut f.task),
                Field::Folder => Some(&mut f.folder),
                Field::Name => Some(&mut f.name),
                Field::Agent | Field::Kind | Field::Record => None,
            },
            Dialog::Ask { editor, .. } => Some(editor),
            Dialog::Choose(l) => Some(&mut l.filter),
            Dialog::Confirm { .. } => None,
        }
    }

    /// A yes or no counts now.
    pub fn stands(&self, now: Now) -> bool {
        match self {
            Dialog::Confirm { since, .. } => now.mono_ms >= since + STANDS_MS,
            _ => true,
        }
    }
}
