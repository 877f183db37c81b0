//! What a session is started with and how it ends: the plain words of this module. Must not know how they are carried out.

use crate::base::{SessionId, Size};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The environment variable that names the session to everything that runs in it. Set by the exec step, whatever the
/// given environment says: the clean-up after a dead holder finds the tree by it.
pub const SESSION_VAR: &str = "COPILOT_TUI_SESSION";

/// How a holder is called in process lists.
pub(super) const ARGV0: &str = "copilot-tui";
/// Its first argument; the session's id is the second.
pub(super) const HOLDER_ARG: &str = "holder";

/// Everything needed to start one agent in a terminal of its own.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct LaunchSpec {
    /// The session's id; names its socket and its folder.
    pub id: SessionId,
    /// Program and arguments. A program without `/` is looked up in the `PATH` of `env`.
    pub argv: Vec<String>,
    /// Working directory, absolute.
    pub cwd: PathBuf,
    /// The whole environment: nothing is inherited. `PWD` and [`SESSION_VAR`] are set on top of it.
    pub env: Vec<(String, String)>,
    /// First size of the terminal.
    pub size: Size,
    /// File mode mask of the agent (`0o022` and the like).
    pub umask: u32,
}

/// How a process ended; one of the two is set.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct ExitStatus {
    /// Exit code, 0 to 255.
    pub code: Option<i32>,
    /// Number of the signal that ended it.
    pub signal: Option<i32>,
}

impl ExitStatus {
    /// Whether it ended by itself with code 0.
    pub fn success(self) -> bool {
        self.code == Some(0)
    }
}

/// How long each step of a stop may take.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(default)]
pub struct StopPlan {
    /// From HUP and TERM to KILL, in milliseconds (at most 60,000). 0 kills at once.
    pub grace_ms: u64,
    /// From the first KILL to naming survivors, in milliseconds (at most 10,000).
    pub kill_ms: u64,
}

impl Default for StopPlan {
    fn default() -> StopPlan {
        StopPlan { grace_ms: 5_000, kill_ms: 2_000 }
    }
}

impl StopPlan {
    /// KILL at once.
    pub const FORCE: StopPlan = StopPlan { grace_ms: 0, kill_ms: 2_000 };

    /// The nearest plan within the limits.
    pub fn clamped(self) -> StopPlan {
        StopPlan { grace_ms: self.grace_ms.min(60_000), kill_ms: self.kill_ms.clamp(100, 10_000) }
    }
}

/// A process that outlived a stop.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Survivor {
    /// Its process id.
    pub pid: i32,
    /// Its name, as the kernel keeps it (at most 15 bytes; untrusted text).
    pub comm: String,
    /// Why it is still there, for a person.
    pub reason: String,
}

/// What came of a stop.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct StopReport {
    /// Empty when nothing is left. At most 100 are named.
    pub survivors: Vec<Survivor>,
}

/// Why an agent could not be started, as the holder or the exec step saw it.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq, Eq, Default)]
#[serde(default)]
pub struct LaunchFailure {
    /// Which step: `folder`, `socket`, `pty`, `fork`, `argv`, `cwd`, `find`, `exec`, `interpreter`, `timeout`, `died`.
    pub step: String,
    /// The system's error number.
    pub errno: Option<i32>,
    /// One line with the name of the thing and the system's own words.
    pub message: String,
}

impl LaunchFailure {
    /// A failed `step` on `what`.
    pub fn new(step: &str, what: &str, error: &std::io::Error) -> LaunchFailure {
        LaunchFailure { step: step.into(), errno: error.raw_os_error(), message: format!("{what}: {}", plain(error)) }
    }

    /// A failed `step` that no system call stands behind.
    pub fn text(step: &str, message: impl Into<String>) -> LaunchFailure {
        LaunchFailure { step: step.into(), errno: None, message: message.into() }
    }
}

impl std::fmt::Display for LaunchFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// The system's words without Rust's `(os error 2)`.
pub(super) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(at) => text.get(..at).unwrap_or(&text).to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_read_as_a_person_says_them() {
        let e = std::io::Error::from_raw_os_error(2);
        let f = LaunchFailure::new("cwd", "/nowhere", &e);
        assert_eq!(f.to_string(), "/nowhere: No such file or directory");
        assert_eq!(f.errno, Some(2));
    }

    #[test]
    fn plans_are_bounded_and_fields_may_be_missing() {
        let plan: StopPlan = serde_json::from_str(r#"{"grace_ms":99999999,"later":1}"#).unwrap();
        assert_eq!(plan.clamped(), StopPlan { grace_ms: 60_000, kill_ms: 2_000 });
    }
}
