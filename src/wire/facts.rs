//! The facts about sessions as everybody sees them: the JSON contract of the product. Fields are added, never changed.
//! Must not know where facts come from.

mod inspection;
mod progress;
mod shorten;
mod state;

pub use inspection::{AgentInfo, Inspection, ProcessInfo};
pub use progress::{Phase, PlanStep, Progress, ProgressItem, SubAgent, Usage, UsageLimit};
pub use state::{ExitStatus, Kind, Priority, State};

use crate::base::text::{cut_end, safe_line, width};
use crate::base::{SessionId, Size};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// What an edit would change: lines of a diff, without the names of files. Empty when it is none.
    #[serde(default)]
    pub changes: Vec<String>,
    /// Lines of it that were left out.
    #[serde(default)]
    pub changes_left_out: u32,
    /// There are more than that: the text of it was cut before it was told.
    #[serde(default)]
    pub changes_cut: bool,
}

/// Lines of an edit, and their bytes, where many sessions are told at once.
const CHANGES_EACH: usize = 20;
const CHANGES_EACH_BYTES: usize = 2 * 1024;
/// Most lines of an edit that are shown, columns of one, and bytes of one and of all: a column may hold any number of marks.
const CHANGES: usize = 200;
const CHANGE: usize = 300;
const CHANGE_BYTES: usize = 1200;
const CHANGES_BYTES: usize = 16 * 1024;
/// Ends a line that has no room.
const CUT: &str = " [cut]";

/// A line of an edit, safe to show.
fn change(line: &str) -> String {
    let line = safe_line(line, usize::MAX / 16);
    if line.len() <= CHANGE_BYTES && width(&line) <= CHANGE {
        return line;
    }
    let mut end = line.len().min(CHANGE_BYTES - CUT.len() - '…'.len_utf8());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{CUT}", cut_end(line.get(..end).unwrap_or_default(), CHANGE - CUT.len()).trim_end())
}

impl Waiting {
    /// Takes the lines of an edit, safe to show; what is too much is counted.
    pub fn show_changes(&mut self, lines: Vec<String>) {
        let kept = within(lines.iter().take(CHANGES).map(|l| change(l)), CHANGES_BYTES);
        self.changes_left_out = u32::try_from(lines.len() - kept.len()).unwrap_or(u32::MAX);
        self.changes = kept;
    }

    /// Keeps the first lines of an edit, for one of many; the others count as left out.
    pub fn shorten_changes(&mut self) {
        let all = self.changes.len();
        self.changes = within(std::mem::take(&mut self.changes).into_iter().take(CHANGES_EACH), CHANGES_EACH_BYTES);
        self.changes_left_out = self.changes_left_out.saturating_add(u32::try_from(all - self.changes.len()).unwrap_or(u32::MAX));
    }

    /// What is said where not more than the first `shown` lines of an edit are shown.
    pub fn changes_rest(&self, shown: usize) -> Option<String> {
        let left_out = self.changes.len().saturating_sub(shown) + self.changes_left_out as usize;
        match (left_out, self.changes_cut) {
            (0, false) => None,
            (0, true) => Some("… more lines".to_owned()),
            (n, false) => Some(format!("… {n} more lines")),
            (n, true) => Some(format!("… more than {n} more lines")),
        }
    }
}

/// The lines that fit into so many bytes.
fn within(lines: impl Iterator<Item = String>, most: usize) -> Vec<String> {
    let mut bytes = 0;
    let fits = |l: &String| {
        bytes += l.len() + 1;
        bytes <= most
    };
    lines.take_while(fits).collect()
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
    /// Too much was known of it for one message: ten entries of each list stand here (of errors, phases and hand-offs the
    /// newest, of the others the first), and of long texts the beginning.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shortened: bool,
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
