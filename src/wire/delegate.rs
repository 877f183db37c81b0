//! Delegation on the wire: what a brief is asked to hold, and what comes of it. Must not know how it is put together.

use super::target::Target;
use crate::base::text::count;
use serde::{Deserialize, Serialize};

/// Where the conversation comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "lowercase")]
pub enum BriefFrom {
    /// There is none.
    #[default]
    Nothing,
    /// Another session: its task, its conversation, its folder.
    Session {
        /// Which.
        session: Target,
    },
    /// A file: a log of an agent, or any text.
    File {
        /// Absolute path.
        path: String,
    },
    /// The log of an agent that runs, or ran, outside of any session.
    Agent {
        /// `copilot`, `codex` or `claude`.
        agent: String,
        /// Id of the conversation; the newest one of this folder when none.
        #[serde(default)]
        id: Option<String>,
    },
}

/// A brief that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BriefRequest {
    /// What is to be done; the task of the session it comes from when none.
    #[serde(default)]
    pub task: Option<String>,
    /// The conversation.
    #[serde(default)]
    pub from: BriefFrom,
    /// Files: a path, absolute or below `cwd`, and `:LINE` or `:FIRST-LAST` after it.
    #[serde(default)]
    pub files: Vec<String>,
    /// Requirements and constraints.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Files with the standards; those that projects mostly have, when none are named.
    #[serde(default)]
    pub standards: Option<Vec<String>>,
    /// Folder, absolute; that of the session it comes from when empty.
    #[serde(default)]
    pub cwd: String,
    /// The new session gets a worktree of its own.
    #[serde(default)]
    pub isolated: bool,
    /// What is uncommitted is carried over into it.
    #[serde(default)]
    pub with_changes: bool,
    /// Where agents keep their logs: `HOME`, `CODEX_HOME` and the like.
    #[serde(default)]
    pub homes: Vec<(String, String)>,
}

/// A brief.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Brief {
    /// The task alone.
    pub task: String,
    /// The whole text.
    pub brief: String,
    /// Folder the work is in.
    pub cwd: String,
    /// Branch there.
    #[serde(default)]
    pub branch: Option<String>,
    /// Commit there.
    #[serde(default)]
    pub head: Option<String>,
    /// Turns of the conversation that are in it.
    #[serde(default)]
    pub turns: usize,
    /// Older ones that were left out.
    #[serde(default)]
    pub left_out: usize,
    /// Files with uncommitted changes.
    #[serde(default)]
    pub uncommitted: Vec<String>,
    /// What a person should know of it.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A session brought back to the person: what was done, what needs review, where it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HandoffSummary {
    /// Its number.
    pub number: u32,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: String,
    /// What was done, in a sentence.
    pub done: String,
    /// What needs review.
    pub points: Vec<String>,
    /// Commits since its base: shortened id and subject.
    pub commits: Vec<(String, String)>,
    /// Files that differ from its base: `modified src/a.rs +3 -1`.
    pub files: Vec<String>,
    /// Figures of tests that it made known.
    #[serde(default)]
    pub tests: Option<String>,
    /// Files with uncommitted changes.
    pub uncommitted: u32,
    /// Folder of its work.
    pub folder: String,
    /// Branch.
    #[serde(default)]
    pub branch: Option<String>,
    /// What goes on with its agent's conversation in a terminal.
    #[serde(default)]
    pub resume: Option<String>,
}

impl HandoffSummary {
    /// The text of it, as it is printed.
    pub fn text(&self) -> String {
        use std::fmt::Write;
        let n = self.points.len();
        let found = match n {
            0 => "Found nothing that needs review.".to_owned(),
            1 => "Found 1 issue requiring review:".to_owned(),
            _ => format!("Found {n} issues requiring review:"),
        };
        let done = self.done.trim();
        let end = if done.is_empty() || done.ends_with(['.', '!', '?', ':', '…']) { "" } else { "." };
        let mut out = format!("[Background Agent] {done}{end} {found}\n");
        for (i, p) in self.points.iter().enumerate() {
            let _ = writeln!(out, "{}. {p}", i + 1);
        }
        out.push('\n');
        if !self.commits.is_empty() {
            let _ = writeln!(out, "Commits: {}", self.commits.len());
            for (id, subject) in self.commits.iter().take(10) {
                let _ = writeln!(out, "  {id} {subject}");
            }
        }
        if !self.files.is_empty() {
            let _ = writeln!(out, "Files changed: {}", self.files.len());
            for f in self.files.iter().take(20) {
                let _ = writeln!(out, "  {f}");
            }
        }
        if let Some(t) = &self.tests {
            let _ = writeln!(out, "Tests: {t}");
        }
        if self.uncommitted > 0 {
            let _ = writeln!(out, "Uncommitted: {}", count(self.uncommitted as usize, "file"));
        }
        let branch = self.branch.as_deref().map(|b| format!(" on {b}")).unwrap_or_default();
        let _ = writeln!(out, "Where: {}{branch}", self.folder);
        if let Some(r) = &self.resume {
            let _ = writeln!(out, "Go on: {r}");
        }
        out.push_str("\nHanding off to local chat for interactive resolution...\n");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_off_reads_as_in_the_article() {
        let mut h = HandoffSummary { done: "Completed API conversion.".into(), folder: "/p".into(), ..HandoffSummary::default() };
        assert!(h.text().starts_with("[Background Agent] Completed API conversion. Found nothing that needs review.\n"));
        h.done = "Done most ".into();
        assert!(h.text().starts_with("[Background Agent] Done most. Found nothing that needs review.\n"));
        h.done = "Completed API conversion.".into();
        h.points = vec!["Complex type inference in user-auth.ts (line 127)".into(), "Potential breaking change in payment-types.ts".into()];
        let want = "[Background Agent] Completed API conversion. Found 2 issues requiring review:\n1. Complex type inference in user-auth.ts (line 127)\n2. \
                    Potential breaking change in payment-types.ts\n\n";
        assert!(h.text().starts_with(want), "{}", h.text());
        assert!(h.text().ends_with("\n\nHanding off to local chat for interactive resolution...\n"));
    }
}
