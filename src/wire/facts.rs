//! The facts about sessions as everybody sees them: the JSON contract of the product. Fields are added, never changed.
//! Must not know where facts come from.

use crate::base::{SessionId, Size};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The main agent terminal, in the project's own checkout.
    #[default]
    Primary,
    /// In a git worktree and branch of its own.
    Isolated,
    /// Live progress and log of another session.
    Monitor,
    /// Detailed execution analysis of another session.
    Debug,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Primary => "primary",
            Kind::Isolated => "isolated",
            Kind::Monitor => "monitor",
            Kind::Debug => "debug",
        }
    }

    /// Monitor and debug sessions watch another one and are left out of counts, limits and `all`.
    pub fn watches(self) -> bool {
        matches!(self, Kind::Monitor | Kind::Debug)
    }
}

/// State of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Waits for room under `limits.max_working`.
    Queued,
    /// Its worktree, holder or agent is being started.
    Starting,
    /// Works.
    Working,
    /// Needs the user: an approval or a question.
    Waiting,
    /// An interactive agent's turn is over, ready for a follow-up.
    Idle,
    /// A person stopped the whole process tree for now.
    Paused,
    /// Gates run.
    Verifying,
    /// Ended with 0.
    Done,
    /// Ended otherwise.
    Failed,
    /// A person stopped it.
    Cancelled,
    /// Its holder or the machine died.
    Lost,
}

impl State {
    /// All states, for completions and tests.
    pub const ALL: [State; 11] = [
        State::Queued,
        State::Starting,
        State::Working,
        State::Waiting,
        State::Idle,
        State::Paused,
        State::Verifying,
        State::Done,
        State::Failed,
        State::Cancelled,
        State::Lost,
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            State::Queued => "queued",
            State::Starting => "starting",
            State::Working => "working",
            State::Waiting => "waiting",
            State::Idle => "idle",
            State::Paused => "paused",
            State::Verifying => "verifying",
            State::Done => "done",
            State::Failed => "failed",
            State::Cancelled => "cancelled",
            State::Lost => "lost",
        }
    }

    /// A mark one cell wide everywhere.
    pub fn mark(self) -> char {
        match self {
            State::Queued => '·',
            State::Starting => '~',
            State::Working => '●',
            State::Waiting => '◆',
            State::Idle => '○',
            State::Paused => '‖',
            State::Verifying => '=',
            State::Done => '✓',
            State::Failed => '✗',
            State::Cancelled => '-',
            State::Lost => '!',
        }
    }

    /// Nothing of it runs any more.
    pub fn ended(self) -> bool {
        matches!(self, State::Done | State::Failed | State::Cancelled | State::Lost)
    }
}

/// How urgent a session is when several are queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// After the others.
    Low,
    /// As it comes.
    #[default]
    Medium,
    /// Before the others.
    High,
}

/// How a session's leader ended: one of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExitStatus {
    /// Exit code.
    pub code: Option<i32>,
    /// Number of the signal that ended it.
    pub signal: Option<i32>,
}

/// One line of a progress tree.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ProgressItem {
    /// `Files Converted`.
    pub name: String,
    /// How many are done.
    pub done: u64,
    /// Of how many.
    pub total: u64,
    /// What it works on now.
    #[serde(default)]
    pub current: Option<String>,
    /// `done`, `working` or `pending`.
    #[serde(default)]
    pub state: String,
    /// Who says so: a word of [`Evidence::source`].
    #[serde(default)]
    pub source: String,
}

/// How far a task is, from what the session itself made known.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// 0 to 100.
    pub percent: Option<f64>,
    /// How many are done, of the item that counts for the whole.
    pub done: Option<u64>,
    /// Of how many.
    pub total: Option<u64>,
    /// What it works on now.
    pub current: Option<String>,
    /// Seconds to go, from the measured rate.
    pub eta_seconds: Option<u64>,
    /// The parts.
    #[serde(default)]
    pub items: Vec<ProgressItem>,
    /// Items done per minute, measured.
    #[serde(default)]
    pub per_minute: Option<f64>,
    /// Seconds to go at the highest and at the lowest rate measured: `eta_seconds` lies between.
    #[serde(default)]
    pub eta_range: Option<(u64, u64)>,
    /// `eta_seconds` is what the program itself said, not a measurement.
    #[serde(default)]
    pub eta_told: bool,
    /// `error` or `paused`, when the program says that of its progress.
    #[serde(default)]
    pub state: Option<String>,
}

/// A sub-agent of a session: a part of its work that has a state of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubAgent {
    /// Its id, as the agent gives it; parts of a path are parted by `/`.
    pub id: String,
    /// What it is called.
    #[serde(default)]
    pub title: Option<String>,
    /// `working`, `waiting`, `idle`, `done` or `failed`.
    pub state: State,
    /// What it does, waits for, or why it failed.
    #[serde(default)]
    pub text: Option<String>,
    /// 0 to 100.
    #[serde(default)]
    pub percent: Option<f64>,
    /// Milliseconds since the Unix epoch when it was last heard of.
    #[serde(default)]
    pub at_ms: u64,
    /// Who says so: a word of [`Evidence::source`].
    #[serde(default)]
    pub source: String,
}

/// Something a session hands over, or offers to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Handoff {
    /// `handoff` (to the person), `escalation` (to the cloud) or `delegation` (an offer to go on in the background).
    pub kind: String,
    /// What it is about, one line.
    pub text: String,
    /// What needs review, or what is needed.
    #[serde(default)]
    pub points: Vec<String>,
    /// When (RFC 3339).
    #[serde(default)]
    pub time: String,
    /// Nobody has looked at it yet: it stands in the inbox.
    #[serde(default)]
    pub open: bool,
    /// Who says so: a word of [`Evidence::source`].
    #[serde(default)]
    pub source: String,
}

/// A limit that an agent knows of.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct UsageLimit {
    /// `5 h`, `7 d`, `premium requests`.
    pub name: String,
    /// Percent of it that is used.
    #[serde(default)]
    pub used_percent: Option<f64>,
    /// When it begins anew (RFC 3339).
    #[serde(default)]
    pub resets: Option<String>,
}

/// What an agent's log tells of tokens, cost and limits. Nothing in it is computed from a price list.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Usage {
    /// Model.
    #[serde(default)]
    pub model: Option<String>,
    /// Tokens read over the whole conversation, cached ones included.
    #[serde(default)]
    pub input_tokens: Option<u64>,
    /// Tokens written.
    #[serde(default)]
    pub output_tokens: Option<u64>,
    /// Tokens in the context now.
    #[serde(default)]
    pub context_tokens: Option<u64>,
    /// Tokens the context has room for.
    #[serde(default)]
    pub context_window: Option<u64>,
    /// Percent of the context that is still free.
    #[serde(default)]
    pub context_left_percent: Option<f64>,
    /// Cost in US dollars, as the agent counts it.
    #[serde(default)]
    pub cost_usd: Option<f64>,
    /// Limits it knows of.
    #[serde(default)]
    pub limits: Vec<UsageLimit>,
    /// When this was told, milliseconds since the Unix epoch.
    #[serde(default)]
    pub at_ms: u64,
}

/// What a waiting session wants.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Waiting {
    /// `permission`, `question`, `auth` or `unknown`.
    pub kind: String,
    /// The question or command, as far as known.
    pub text: String,
    /// Since when (RFC 3339).
    pub since: String,
    /// Which prompt it is: an answer names it, and answers no other. None when it can only be answered in its terminal.
    #[serde(default)]
    pub id: Option<String>,
    /// The tool that asks, in the agent's words.
    #[serde(default)]
    pub tool: Option<String>,
    /// The folder it would run in, when that is not the session's.
    #[serde(default)]
    pub cwd: Option<String>,
    /// What can be chosen, the first is 1; empty when there is only yes and no, or a text.
    #[serde(default)]
    pub options: Vec<String>,
    /// How an answer gets there: `hook`, `http`, `keys`.
    #[serde(default)]
    pub via: Option<String>,
    /// What a person should know before looking at its terminal.
    #[serde(default)]
    pub note: Option<String>,
}

/// An error that a session made known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ErrorReport {
    /// What failed.
    pub title: String,
    /// Why.
    #[serde(default)]
    pub issue: Option<String>,
    /// Where.
    #[serde(default)]
    pub context: Option<String>,
    /// What could be done.
    #[serde(default)]
    pub suggestion: Option<String>,
    /// What is being done.
    #[serde(default)]
    pub action: Option<String>,
    /// How it stands.
    #[serde(default)]
    pub status: Option<String>,
    /// When (RFC 3339).
    #[serde(default)]
    pub time: String,
    /// How often it came.
    #[serde(default = "one")]
    pub count: u32,
    /// File it is about, when known.
    #[serde(default)]
    pub file: Option<String>,
    /// Line of that file.
    #[serde(default)]
    pub line: Option<u64>,
    /// Function, when known.
    #[serde(default)]
    pub function: Option<String>,
    /// It is over: it stands below the others.
    #[serde(default)]
    pub resolved: bool,
    /// When the limit it is about ends (RFC 3339).
    #[serde(default)]
    pub until: Option<String>,
    /// Who says so: a word of [`Evidence::source`].
    #[serde(default)]
    pub source: String,
}

fn one() -> u32 {
    1
}

/// Where a fact came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// `exit`, `person`, `report`, `osc7501`, `log`, `hook`, `notice`, `osc`, `title`, `screen`, `bell`, `process`, `silence`.
    pub source: String,
    /// How old it is, in milliseconds, when this was written.
    pub age_ms: u64,
    /// 0 to 1.
    pub confidence: f64,
}

/// What changed in a session's work tree since its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Changes {
    /// Files modified, added or deleted.
    pub files: u32,
    /// Lines added.
    pub added: u32,
    /// Lines removed.
    pub removed: u32,
    /// Commits since the base.
    pub commits: u32,
    /// Files with changes that are in no commit.
    pub uncommitted: u32,
}

/// A phase of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Counted from 1.
    pub number: u32,
    /// What it is about.
    pub text: String,
    /// It is over.
    #[serde(default)]
    pub done: bool,
}

/// One step of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    /// What is to be done.
    pub text: String,
    /// `pending`, `working`, `done` or `blocked`.
    pub state: String,
}

/// Everything known of one session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// Stable id.
    pub id: SessionId,
    /// The number people use, `#3`.
    pub number: u32,
    /// Short name (slug).
    pub name: String,
    /// Kind.
    pub kind: Kind,
    /// State.
    pub state: State,
    /// Name of the agent, or `command`.
    pub agent: String,
    /// The task text; the command line where there is none.
    pub task: String,
    /// Absolute path of the project: the main work tree of the repository, or a plain folder.
    pub project: String,
    /// Folder it runs in, absolute.
    pub cwd: String,
    /// Branch, when in a repository.
    pub branch: Option<String>,
    /// Its own worktree, absolute, when isolated.
    pub worktree: Option<String>,
    /// Session it is a child of.
    pub parent: Option<SessionId>,
    /// The agent's process.
    pub pid: Option<i32>,
    /// When it was started (RFC 3339).
    pub started: String,
    /// When it ended (RFC 3339).
    pub ended: Option<String>,
    /// How it ended.
    pub exit_status: Option<ExitStatus>,
    /// How far it is.
    pub progress: Option<Progress>,
    /// What it waits for.
    pub waiting_for: Option<Waiting>,
    /// Errors it made known, oldest first, at most 50.
    #[serde(default)]
    pub errors: Vec<ErrorReport>,
    /// Something happened that nobody has looked at.
    #[serde(default)]
    pub unread: bool,
    /// CPU of its process tree, percent of one core.
    pub cpu_percent: Option<f64>,
    /// Resident memory of its process tree, bytes.
    pub memory_bytes: Option<u64>,
    /// Where `state` and `progress` came from.
    #[serde(default)]
    pub evidence: BTreeMap<String, Evidence>,

    /// Milliseconds since the Unix epoch when it was started.
    #[serde(default)]
    pub started_ms: u64,
    /// Milliseconds since the Unix epoch when it ended; 0 while it runs.
    #[serde(default)]
    pub ended_ms: u64,
    /// Milliseconds since the Unix epoch when the state last changed.
    #[serde(default)]
    pub state_ms: u64,
    /// Total milliseconds it was paused, not counting a pause that goes on.
    #[serde(default)]
    pub paused_ms: u64,
    /// Title its terminal was given, made safe.
    #[serde(default)]
    pub title: String,
    /// Arguments it was started with.
    #[serde(default)]
    pub command: Vec<String>,
    /// Priority.
    #[serde(default)]
    pub priority: Priority,
    /// Size of its terminal.
    #[serde(default = "default_size")]
    pub size: Size,
    /// Follow-ups that wait for the end of the turn.
    #[serde(default)]
    pub queued: u32,
    /// Phase it is in.
    #[serde(default)]
    pub phase: Option<Phase>,
    /// Its plan.
    #[serde(default)]
    pub plan: Vec<PlanStep>,
    /// Last note it made known, or why it failed to start.
    #[serde(default)]
    pub note: Option<String>,
    /// What changed in git.
    #[serde(default)]
    pub changes: Option<Changes>,
    /// Commit its worktree was made at.
    #[serde(default)]
    pub base: Option<String>,
    /// Processes alive in its tree, when counted.
    #[serde(default)]
    pub processes: Option<u32>,
    /// Kept at the top of its project.
    #[serde(default)]
    pub pinned: bool,
    /// Nothing of it is told outside of the tree and the inbox.
    #[serde(default)]
    pub muted: bool,
    /// Its sub-agents, parents before children, at most 64.
    #[serde(default)]
    pub children: Vec<SubAgent>,
    /// The phases it told of, by number, at most 20.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// What it handed over or offers to, oldest first, at most 20.
    #[serde(default)]
    pub handoffs: Vec<Handoff>,
    /// Tokens, cost and limits, as far as the agent's log tells.
    #[serde(default)]
    pub usage: Option<Usage>,
    /// Bytes written in each of the last ten-second spans, oldest first, at most 12.
    #[serde(default)]
    pub activity: Vec<u32>,
    /// End of the newest of these spans, milliseconds since the Unix epoch.
    #[serde(default)]
    pub activity_ms: u64,
}

fn default_size() -> Size {
    Size::DEFAULT
}

/// A line of a session's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Rises by one with every entry of this server.
    #[serde(default)]
    pub seq: u64,
    /// Session it belongs to.
    pub session: SessionId,
    /// Its number.
    pub number: u32,
    /// Milliseconds since the Unix epoch.
    pub time_ms: u64,
    /// `state`, `note`, `phase`, `progress`, `error`, `follow-up`, `action`.
    pub kind: String,
    /// What happened.
    pub text: String,
}

/// An agent found, or not found, on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentInfo {
    /// `codex`.
    pub name: String,
    /// `OpenAI Codex CLI`.
    pub title: String,
    /// Absolute path of its program, when found.
    pub program: Option<String>,
    /// What it says its version is.
    pub version: Option<String>,
    /// How to install it.
    pub install: String,
    /// The one `new` takes when none is named.
    #[serde(default)]
    pub default: bool,
}

/// One process of a session's tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessInfo {
    /// Process id.
    pub pid: i32,
    /// Its parent.
    pub ppid: i32,
    /// Depth below the agent, 0 for the agent itself.
    pub depth: u32,
    /// Command line, made safe.
    pub command: String,
    /// Letter of the kernel: R, S, D, T, Z ...
    pub state: String,
    /// Percent of one core since the last look, or over its life at the first.
    pub cpu_percent: f64,
    /// CPU time used, milliseconds.
    pub cpu_ms: u64,
    /// Resident memory, bytes.
    pub memory_bytes: u64,
    /// Bytes read from storage and devices.
    pub read_bytes: u64,
    /// Bytes written.
    pub write_bytes: u64,
    /// Open files.
    pub open_files: u32,
}

/// What `sessions debug` shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// The session.
    pub session: Session,
    /// Pid of its holder.
    pub holder: Option<i32>,
    /// Its process tree, parents before children.
    pub processes: Vec<ProcessInfo>,
    /// Signals the product sent, newest last: `14:23:15 STOP to 3 processes`.
    pub signals: Vec<String>,
    /// The last escape sequences of its output, decoded, newest last.
    pub traffic: Vec<String>,
    /// Bytes of output read so far.
    pub output_bytes: u64,
    /// Bytes of input written so far.
    pub input_bytes: u64,
    /// Lines of history kept.
    pub history_lines: u64,
    /// Modes of its terminal that are on.
    pub modes: Vec<String>,
    /// All live evidence of the state: source, value, age in ms.
    pub evidence: Vec<(String, String, u64)>,
}
