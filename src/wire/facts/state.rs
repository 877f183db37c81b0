//! Kinds, states and ends of sessions: their words and marks. Must not know where facts come from.

use serde::{Deserialize, Serialize};

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
