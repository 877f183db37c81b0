//! Requests and what they ask for. Must not know how they are carried out.

use super::delegate::BriefRequest;
use super::facts::{Kind, Priority};
use super::report::Report;
use super::target::Target;
use crate::base::{Motion, SessionId};
use serde::{Deserialize, Serialize};

/// Longest text of one value in what a hook tells, in bytes: of a longer one that many are told, and `…` behind them.
pub const HOOK_TEXT: usize = 128 * 1024;

/// What `new` asks for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct NewSession {
    /// Task text.
    #[serde(default)]
    pub task: Option<String>,
    /// Kind.
    #[serde(default)]
    pub kind: Kind,
    /// Agent; the default one when not named.
    #[serde(default)]
    pub agent: Option<String>,
    /// Name; made from the task when not given.
    #[serde(default)]
    pub name: Option<String>,
    /// Folder, absolute.
    pub cwd: String,
    /// Session it is a child of.
    #[serde(default)]
    pub parent: Option<Target>,
    /// Priority.
    #[serde(default)]
    pub priority: Priority,
    /// Branch of the worktree.
    #[serde(default)]
    pub branch: Option<String>,
    /// Name of the worktree; makes the session isolated.
    #[serde(default)]
    pub worktree: Option<String>,
    /// Environment added by name, over the client's.
    #[serde(default)]
    pub env: Vec<(String, String)>,
    /// A command line in place of an agent.
    #[serde(default)]
    pub command: Vec<String>,
    /// The brief of a delegated task: kept in the session's folder and given to the agent in place of the task alone.
    #[serde(default)]
    pub brief: Option<String>,
    /// Commit the worktree starts at; what the project has checked out when none.
    #[serde(default)]
    pub base: Option<String>,
    /// Work tree whose uncommitted changes are carried over into the new worktree.
    #[serde(default)]
    pub changes_from: Option<String>,
    /// The environment of the client that asks, cleaned.
    #[serde(default)]
    pub client_env: Vec<(String, String)>,
    /// The client's umask.
    #[serde(default)]
    pub umask: Option<u32>,
    /// Size the terminal should start with.
    #[serde(default)]
    pub cols: u16,
    /// Rows of the same.
    #[serde(default)]
    pub rows: u16,
    /// Record what it draws, or not, whatever the settings say.
    #[serde(default)]
    pub record: Option<bool>,
}

/// Until what `wait` waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "until", content = "regex", rename_all = "lowercase")]
pub enum Until {
    /// State `waiting`.
    Waiting,
    /// State `idle`.
    Idle,
    /// State `done`.
    Done,
    /// State `failed`.
    Failed,
    /// Any end.
    Exited,
    /// A line of the pane matches.
    Text(String),
}

/// How `read` gives the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReadFormat {
    /// Plain text.
    #[default]
    Text,
    /// With colours.
    Ansi,
    /// `{"session","cols","rows","cursor","lines"}`.
    Json,
}

/// Shape of a selection in a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SelectShape {
    /// From one cell to another along the text.
    #[default]
    Char,
    /// Whole lines.
    Line,
    /// A rectangle.
    Block,
}

/// What can be done with a recording that is shown. Moments are milliseconds from its beginning, long pauses cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "kebab-case")]
pub enum ReplayAct {
    /// Go on from here.
    Play,
    /// Stand still.
    Pause,
    /// Play so many times as fast.
    Speed {
        /// 0.1 to 100.
        speed: f64,
    },
    /// Go to a moment.
    Seek {
        /// Which.
        at: u64,
    },
    /// Go to the next change of the screen.
    Step {
        /// To the one before.
        #[serde(default)]
        back: bool,
    },
    /// Go to the next time a text came to the screen; the answer has `found`, how many there are.
    Find {
        /// Regular expression, smart case.
        pattern: String,
        /// To the time before.
        #[serde(default)]
        back: bool,
    },
    /// Show it no more.
    Close,
}

/// What is said to a session that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "lowercase")]
pub enum Answer {
    /// Yes, this once.
    Allow,
    /// No.
    Deny {
        /// What the agent is told.
        #[serde(default)]
        reason: Option<String>,
    },
    /// One of the options, counted from 1.
    Choose {
        /// Which.
        number: u32,
    },
    /// In words.
    Text {
        /// The words.
        text: String,
    },
}

/// A request. The reply is a JSON value or an error; every op says which value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "kebab-case")]
pub enum Op {
    /// Start a session: SESSION.
    New(Box<NewSession>),
    /// `{"sessions": [SESSION]}`, by number; with `"next"` when there are more, from that number on.
    List {
        /// The first of them.
        #[serde(default)]
        from: u32,
    },
    /// SESSION.
    Show {
        /// Which.
        session: Target,
        /// The caller looks for itself: nobody is shown it.
        #[serde(default)]
        peek: bool,
    },
    /// Stop the whole process tree for now: `{"sessions": [SESSION]}`.
    Pause {
        /// Which.
        session: Target,
    },
    /// Continue; an ended one is started again: `{"sessions": [SESSION]}`.
    Resume {
        /// Which.
        session: Target,
        /// The environment of the client that asks, cleaned, for one that is started again.
        #[serde(default)]
        client_env: Vec<(String, String)>,
    },
    /// End the whole process tree: `{"sessions": [SESSION]}`, when it has ended.
    Stop {
        /// Which.
        session: Target,
        /// Skip the agent's own polite way.
        #[serde(default)]
        force: bool,
    },
    /// Forget an ended session, or `ended` for all: `{"dismissed": [number]}`.
    Dismiss {
        /// Which, or `ended`.
        session: Target,
    },
    /// Give it another name: SESSION.
    Rename {
        /// Which.
        session: Target,
        /// The name.
        name: String,
    },
    /// Tell nothing of it, or tell it again: `{"sessions": [SESSION]}`.
    Mute {
        /// Which, or `all`.
        session: Target,
        /// On or off.
        on: bool,
    },
    /// Pin or unpin in the tree: SESSION.
    Pin {
        /// Which.
        session: Target,
        /// On or off.
        on: bool,
    },
    /// Report of performance, resources, conflicts: an object.
    Diagnose {
        /// Which.
        session: Target,
        /// Parts; all when empty.
        #[serde(default)]
        include: Vec<String>,
    },
    /// Why it has the state and the progress it has: EXPLANATION.
    Explain {
        /// Which.
        session: Target,
    },
    /// Everything `sessions debug` shows: INSPECTION.
    Inspect {
        /// Which.
        session: Target,
    },
    /// Entries of the log, oldest first: `{"entries": [TIMELINE-ENTRY]}`.
    Timeline {
        /// Which; all when none.
        #[serde(default)]
        session: Option<Target>,
        /// At most so many, the newest.
        limit: u32,
        /// Only those after this `seq`.
        #[serde(default)]
        after: Option<u64>,
    },
    /// Replies when something of the session is newer than what the caller has: `{"session": SESSION, "rev", "seq",
    /// "entries": [TIMELINE-ENTRY]}`.
    Follow {
        /// Which.
        session: Target,
        /// `rev` of the last answer; 0 for all.
        #[serde(default)]
        rev: u64,
        /// `seq` of the last answer; 0 for all.
        #[serde(default)]
        seq: u64,
    },
    /// Follow-up: `{"sent": [number], "queued": [number], "failed": [{"session", "why"}]}`.
    Send {
        /// Which, several allowed; each may also be a list with commas.
        sessions: Vec<Target>,
        /// The text.
        text: String,
        /// Wait for the end of the turn.
        #[serde(default)]
        queue: bool,
        /// Interrupt the turn first.
        #[serde(default)]
        interrupt: bool,
        /// Do not press Enter.
        #[serde(default)]
        no_submit: bool,
    },
    /// Text of the pane: `{"text"}` or the JSON of the contract.
    Read {
        /// Which.
        session: Target,
        /// The last so many lines, history included; the screen alone when none.
        #[serde(default)]
        lines: Option<u32>,
        /// How.
        #[serde(default)]
        format: ReadFormat,
    },
    /// Replies when it is so: SESSION; error kind `timeout`.
    Wait {
        /// Which.
        session: Target,
        /// What.
        #[serde(flatten)]
        until: Until,
        /// At most so long, milliseconds.
        #[serde(default)]
        timeout_ms: Option<u64>,
    },
    /// Something made known: SESSION.
    Report {
        /// Which; the one the caller runs in when none.
        #[serde(default)]
        session: Option<Target>,
        /// What.
        #[serde(flatten)]
        report: Report,
    },
    /// Something an agent's hook was called with: `{"print": text or null}`. A hook that asks is answered when a person has
    /// answered, the prompt is gone, or the time is up.
    Hook {
        /// The agent.
        agent: String,
        /// Its event.
        event: String,
        /// What the agent said.
        input: serde_json::Value,
        /// It came while no server ran, so long ago, milliseconds.
        #[serde(default)]
        age_ms: u64,
    },
    /// Answer what a session waits for: SESSION, once it was seen to go on.
    Answer {
        /// Which.
        session: Target,
        /// Which prompt; the one that stands when none.
        #[serde(default)]
        prompt: Option<String>,
        /// The person named none: refused when it is not the one that was last shown in their terminal.
        #[serde(default)]
        unseen: bool,
        /// What.
        #[serde(flatten)]
        answer: Answer,
    },
    /// The brief of a task that is delegated: BRIEF. Nothing is started.
    Brief(Box<BriefRequest>),
    /// What was done in a session and what needs review: HANDOFF.
    Handoff {
        /// Which.
        session: Target,
    },
    /// Agents found: `{"agents": [AGENT]}`.
    Agents,
    /// Mark as looked at: `{}`.
    Seen {
        /// Which.
        session: SessionId,
    },
    /// Matches in history and screen, the newest of them when there are more: `{"matches": [{"line", "from", "to", "goes_on"}],
    /// "more": bool}`, top to bottom. `goes_on` says that the match goes on in the next entry (it was broken by the width).
    Search {
        /// Which.
        session: SessionId,
        /// Regular expression, smart case.
        pattern: String,
        /// At most so many, from the bottom up.
        limit: u32,
    },
    /// Matches in all sessions and their past: `{"sessions": [{"id", "number", "name", "agent", "state", "count", "hits": [HIT]}],
    /// "count", "more", "ms"}`. HIT is `{"in": "pane"|"archive"|"recording", "line", "text", "from", "to"}`: `line` is a line
    /// of the pane, a line counted from the end of the archived text, or milliseconds since the Unix epoch (then `time` too);
    /// `from` and `to` are characters of `text`.
    SearchAll {
        /// Regular expression, smart case.
        pattern: String,
        /// It is plain text.
        #[serde(default)]
        fixed: bool,
        /// At most so many hits.
        limit: u32,
    },
    /// Line of an ended session's pane: `{"line"}`.
    LineOf {
        /// Which.
        session: SessionId,
        /// Logical line, counted from the end; 1 is the last.
        from_end: u64,
    },
    /// Show the recording of a session: REPLAY with `marks: [{"at", "wall_ms", "label"}]`. REPLAY is `{"replay", "session", "at",
    /// "length", "wall_ms", "playing", "speed", "trimmed", "live"}`; its rows come when `replay` is watched like a session.
    ReplayOpen {
        /// Which.
        session: Target,
        /// Begin at this time, milliseconds since the Unix epoch.
        #[serde(default)]
        at_ms: Option<u64>,
    },
    /// Do something with a shown recording: REPLAY.
    Replay {
        /// Which, as `replay-open` said.
        replay: SessionId,
        /// What.
        #[serde(flatten)]
        act: ReplayAct,
    },
    /// Text of a selection: `{"text"}`.
    SelectText {
        /// Which.
        session: SessionId,
        /// First line (absolute) and column.
        from: (u64, u16),
        /// Last line and column, inclusive.
        to: (u64, u16),
        /// Shape.
        #[serde(default)]
        shape: SelectShape,
    },
    /// Where a motion leads: `{"to": [line, col]}`, or null when nowhere.
    Move {
        /// Which.
        session: SessionId,
        /// From this line (absolute) and column.
        from: (u64, u16),
        /// How.
        motion: Motion,
        /// So many times, at most 1000.
        #[serde(default)]
        count: u32,
    },
    /// The output of the command at a line, by the marks of the shell integration: `{"from": line, "to": line}`, or null.
    OutputAt {
        /// Which.
        session: SessionId,
        /// A line of its prompt or of its output (absolute).
        line: u64,
    },
    /// Files that git knows in a session's folder, the best match first: `{"files": [path]}`.
    Files {
        /// Which.
        session: Target,
        /// What was typed of the name.
        query: String,
        /// At most so many, 50.
        limit: u32,
    },
    /// Folders that a relative path in this terminal may mean, the likeliest first: `{"folders": [..]}`.
    Folders {
        /// Which.
        session: SessionId,
    },
    /// Take back queued follow-ups: `{"text": [..]}`.
    Unqueue {
        /// Which.
        session: Target,
    },
    /// Read the settings again: `{}`.
    Reload,
    /// `{"pid", "version", "uptime_ms", "sessions", "clients", "memory_bytes"}`.
    ServerStatus,
    /// End the server: `{"left_running": n}`.
    ServerStop {
        /// Stop the sessions too.
        #[serde(default)]
        sessions: bool,
    },
}
