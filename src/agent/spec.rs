//! One agent, as its file says. Must not know where the file came from.

use super::bridge::Bridge;
use super::dialog::DialogRule;
use super::input_box::BoxRule;
use super::keys::Press;
use super::mcp::McpWiring;
use crate::evidence::{LogRule, NoticeRule, Order, PromptRule, TitleRule, UsageRule};
use crate::wire::State;

/// How a task reaches an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// In its command line.
    Argument,
    /// Typed into its pane once it has been quiet for [`super::QUIET_BEFORE_TYPING_MS`], then Enter as a write of its own.
    Type,
    /// Not at all: the task is only a title.
    None,
}

/// Argument templates. `{task}`, `{uuid}`, `{cwd}` and `{conversation}` are replaced inside an argument; an argument that is
/// `{extra}` becomes the user's extra arguments (which come first where a template has none).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Launch {
    /// A new conversation with a task.
    pub with_task: Option<Vec<String>>,
    /// A new conversation.
    pub without_task: Vec<String>,
    /// An old conversation.
    pub resume: Option<Vec<String>>,
    /// An old conversation with a task; where there is none the task is typed.
    pub resume_with_task: Option<Vec<String>>,
}

impl Launch {
    /// Every argument of every form.
    pub fn arguments(&self) -> Vec<&str> {
        let forms = [self.with_task.as_ref(), Some(&self.without_task), self.resume.as_ref(), self.resume_with_task.as_ref()];
        forms.into_iter().flatten().flatten().map(String::as_str).collect()
    }
}

/// What an agent CLI is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentSpec {
    /// `codex`; also the file's name.
    pub name: String,
    /// `OpenAI Codex CLI`.
    pub title: String,
    /// Programs to look for, the first found is taken: names on `PATH`, absolute paths, `~/...`, `$VARIABLE`.
    pub program: Vec<String>,
    /// Arguments that make it print its version; empty when it has none.
    pub version: Vec<String>,
    /// The command line that installs it.
    pub install: String,
    /// Whether its turns end with a wait for a follow-up.
    pub interactive: bool,
    /// How a task reaches it.
    pub delivery: Delivery,
    /// Argument templates.
    pub launch: Launch,
    /// Environment set for it, over everything else.
    pub env_set: Vec<(String, String)>,
    /// Environment taken away from it.
    pub env_unset: Vec<String>,
    /// What ends a turn.
    pub interrupt: Vec<Press>,
    /// What ends the agent politely; empty when the hang-up of stopping is its own way.
    pub quit: Vec<Press>,
    /// What a person should know about its trust questions.
    pub trust: Option<String>,
    /// Titles that tell its state; the first that matches counts.
    pub titles: Vec<TitleRule>,
    /// Notifications that tell its state; the first that matches counts.
    pub notices: Vec<NoticeRule>,
    /// What stands at the end of its screen while it takes input or asks; the first that matches counts.
    pub prompts: Vec<PromptRule>,
    /// What its bell means: its turn is over, or it needs the user. Nothing when it rings for less.
    pub bell: Option<State>,
    /// Its own order of authority among sources.
    pub order: Order,
    /// Its text may tell of progress and errors.
    pub text: bool,
    /// What its log tells of tokens and limits.
    pub usage_rules: Vec<UsageRule>,
    /// Its log of JSON lines: `~/` is the home folder, `{conversation}` is replaced.
    pub log_file: Option<String>,
    /// Where the name of the log is known only once it runs: the file that one of its processes has open and that matches.
    pub log_open: Option<String>,
    /// What the log's events mean.
    pub log_rules: Vec<LogRule>,
    /// How a launch is wired to us.
    pub bridge: Bridge,
    /// Its dialogs, as they stand on its screen.
    pub dialogs: Vec<DialogRule>,
    /// Where its input stands on its screen.
    pub input_box: Option<BoxRule>,
    /// How it is given our MCP server.
    pub mcp: McpWiring,
}

impl AgentSpec {
    /// An agent of which only the name is known: a program of that name that takes no task.
    pub(super) fn named(name: &str) -> AgentSpec {
        AgentSpec {
            name: name.to_owned(),
            title: name.to_owned(),
            program: vec![name.to_owned()],
            version: vec!["--version".to_owned()],
            install: String::new(),
            interactive: true,
            delivery: Delivery::Type,
            launch: Launch::default(),
            env_set: Vec::new(),
            env_unset: Vec::new(),
            interrupt: vec![Press::Key(crate::base::Chord { code: crate::base::KeyCode::Char('c'), mods: crate::base::Mods::CTRL })],
            quit: Vec::new(),
            trust: None,
            titles: Vec::new(),
            notices: Vec::new(),
            prompts: Vec::new(),
            bell: None,
            order: Order::default(),
            text: true,
            usage_rules: Vec::new(),
            log_file: None,
            log_open: None,
            log_rules: Vec::new(),
            bridge: Bridge::default(),
            dialogs: Vec::new(),
            input_box: None,
            mcp: McpWiring::default(),
        }
    }

    /// Whether we choose the conversation's id at the start, so that it can be resumed.
    pub fn chooses_conversation(&self) -> bool {
        self.launch.without_task.iter().any(|a| a.contains("{uuid}"))
    }
}
