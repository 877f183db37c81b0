//! What is told of this machine: its agents, and the processes of a session. Must not know how it is looked up.

use super::Session;
use serde::{Deserialize, Serialize};

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
    /// Rows of history kept, at the width of the moment.
    pub history_lines: u64,
    /// Modes of its terminal that are on.
    pub modes: Vec<String>,
    /// All live evidence of the state: source, value, age in ms.
    pub evidence: Vec<(String, String, u64)>,
}
