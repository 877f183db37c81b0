//! One session as the server keeps it: the facts all see, and what only the server needs. Must not know how it is stored.

use crate::base::{Now, SessionId, Size};
use crate::evidence::status::StatusTree;
use crate::evidence::{Ledger, ProgressLedger, Source};
use crate::wire::Session;
use crate::wire::facts::{Evidence, Kind, Priority, SubAgent, Waiting};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;

use super::progress::Rate;

/// What is needed to start a session, as asked for and resolved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Recipe {
    /// Task text.
    pub task: Option<String>,
    /// Kind.
    pub kind: Kind,
    /// Agent by name; `command` for a command line.
    pub agent: String,
    /// Name (slug).
    pub name: String,
    /// Project, absolute.
    pub project: String,
    /// Folder, absolute.
    pub cwd: String,
    /// Parent session.
    pub parent: Option<SessionId>,
    /// Priority.
    pub priority: Priority,
    /// Branch wanted for the worktree.
    pub branch: Option<String>,
    /// Slug wanted for the worktree.
    pub worktree: Option<String>,
    /// The command line, for `command`.
    pub command: Vec<String>,
    /// The brief of a delegated task, until it stands in the session's folder.
    #[serde(skip)]
    pub brief: Option<String>,
    /// Commit wanted for the worktree.
    #[serde(default)]
    pub base: Option<String>,
    /// Work tree whose uncommitted changes are carried over.
    #[serde(default)]
    pub changes_from: Option<String>,
    /// Names of the environment variables it was given; values are not kept.
    pub env_names: Vec<String>,
    /// The environment itself. Never written anywhere.
    #[serde(skip)]
    pub env: Vec<(String, String)>,
    /// File mode mask of the client that asked.
    pub umask: u32,
    /// Size to start with.
    pub size: Option<Size>,
    /// It is an agent that counts against `limits.max_working`.
    pub counts: bool,
    /// It is an interactive program with turns: ends of turns are `idle`, not `done`.
    pub interactive: bool,
    /// It was given a brief: the task was delegated to it.
    #[serde(default)]
    pub delegated: bool,
    /// What it draws is recorded, or not, whatever the settings say.
    #[serde(default)]
    pub record: Option<bool>,
}

/// The agent's own name for its conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The id, as the agent takes it for resuming.
    pub id: String,
    /// The agent's log of it, absolute.
    #[serde(default)]
    pub log: Option<String>,
}

/// Text for a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowUp {
    /// The text.
    pub text: String,
    /// Press Enter after it.
    pub submit: bool,
    /// Interrupt the turn first.
    pub interrupt: bool,
}

/// What a person decided about a session, kept over a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Intent {
    /// Nothing.
    #[default]
    None,
    /// It is to stay paused.
    Paused,
    /// It is to end.
    Stopping,
}

/// A session as the server keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What all see.
    pub facts: Session,
    /// How it was started.
    pub recipe: Recipe,
    /// Evidence of its state.
    #[serde(default)]
    pub ledger: Ledger,
    /// Follow-ups that wait for the end of the turn.
    #[serde(default)]
    pub queue: VecDeque<FollowUp>,
    /// Measured speed.
    #[serde(skip)]
    pub rate: Rate,
    /// Follow-ups that are being typed: kept until they are seen to be taken.
    #[serde(default)]
    pub typing: Vec<FollowUp>,
    /// The prompt that stands, as far as it can be answered from outside its terminal.
    #[serde(skip)]
    pub ask: Option<Waiting>,
    /// It is started again: with its old conversation and worktree.
    #[serde(default)]
    pub again: bool,
    /// Going on in the background was offered.
    #[serde(default)]
    pub offered: bool,
    /// What a person decided.
    #[serde(default)]
    pub intent: Intent,
    /// Start of the pause that goes on, milliseconds since the Unix epoch.
    #[serde(default)]
    pub paused_since_ms: Option<u64>,
    /// The agent's conversation.
    #[serde(default)]
    pub conversation: Option<Conversation>,
    /// A conversation that a hook named in its place and nothing has confirmed.
    #[serde(default)]
    pub doubted: Option<String>,
    /// This run began with its task.
    #[serde(default)]
    pub tasked: bool,
    /// Everything said of its progress.
    #[serde(default)]
    pub said_progress: ProgressLedger,
    /// Records of its terminal's status protocol.
    #[serde(default)]
    pub status: StatusTree,
    /// Sub-agents that its log or its hooks told of.
    #[serde(default)]
    pub told_children: Vec<SubAgent>,
    /// When progress was last made known, milliseconds since the Unix epoch.
    #[serde(default)]
    pub progress_ms: u64,
    /// Rises with every change; of two copies the higher one is newer.
    #[serde(default)]
    pub version: u64,
    /// Revision of the last change.
    #[serde(skip)]
    pub rev: u64,
}

/// Most follow-ups that may wait in one session.
pub const QUEUE: usize = 100;

impl Record {
    /// Its id.
    pub fn id(&self) -> &SessionId {
        &self.facts.id
    }

    /// The facts with the ages of evidence as of now.
    pub fn view(&self, now: Now) -> Session {
        let mut facts = self.facts.clone();
        facts.evidence.clear();
        if let Some(v) = self.ledger.verdict() {
            let age_ms = now.wall_ms.saturating_sub(v.signal.at_ms);
            facts.evidence.insert("state".into(), Evidence { source: v.signal.source.word().into(), age_ms, confidence: v.confidence });
        }
        if facts.progress.is_some() {
            let (source, at_ms) = self.said_progress.source().unwrap_or((Source::Report, self.progress_ms));
            let age_ms = now.wall_ms.saturating_sub(at_ms);
            facts.evidence.insert("progress".into(), Evidence { source: source.word().into(), age_ms, confidence: source.confidence() });
        }
        facts
    }
}

impl Record {
    /// The record in at most `max` bytes of JSON, for the holder: the oldest errors and the plan are left out when they are too
    /// much. Nothing when even that is too large.
    pub fn to_meta(&self, max: usize) -> Option<Vec<u8>> {
        let fits = |r: &Record| serde_json::to_vec(r).ok().filter(|b| b.len() <= max);
        if let Some(bytes) = fits(self) {
            return Some(bytes);
        }
        let mut short = self.clone();
        short.facts.errors = short.facts.errors.split_off(short.facts.errors.len().saturating_sub(5));
        short.facts.plan.clear();
        short.facts.handoffs.clear();
        short.facts.children.clear();
        short.status = StatusTree::default();
        short.told_children.clear();
        short.queue.clear();
        short.typing.clear();
        short.facts.queued = 0;
        short.recipe.task = None;
        short.facts.command.truncate(4);
        fits(&short)
    }
}

/// RFC 3339 text of a time, in UTC.
pub fn rfc3339(wall_ms: u64) -> String {
    jiff::Timestamp::from_millisecond(wall_ms as i64).map(|t| t.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()).unwrap_or_default()
}
