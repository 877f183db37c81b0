//! The brief of a delegated task: conversation, files, requirements, the state of the workspace and the standards of the
//! project, as one text for the agent that takes over. Pure. Must not know where any of it came from.

use super::turn::{Turn, Who};
use std::fmt::Write;

/// A brief up to this size is given to the agent as its task; of a longer one the agent gets the task and the file, in bytes.
pub const INLINE: usize = 16 * 1024;

/// A file the task is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileRef {
    /// Its path, from the project where it is in it.
    pub path: String,
    /// Lines meant, from 1: first and last.
    pub lines: Option<(u32, u32)>,
    /// These lines, when they were read.
    pub excerpt: String,
}

/// How the workspace stood when the task was handed over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Workspace {
    /// Where.
    pub folder: String,
    /// Branch.
    pub branch: Option<String>,
    /// Commit and its subject.
    pub head: Option<String>,
    /// Files with uncommitted changes.
    pub dirty: Vec<String>,
    /// The uncommitted changes as a patch.
    pub diff: String,
    /// The patch is not whole.
    pub diff_cut: bool,
    /// The new agent works in a folder of its own, in which they are not.
    pub left_behind: bool,
    /// They were carried over into it.
    pub carried: bool,
}

/// Everything a brief is made of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Delegation {
    /// What is to be done.
    pub task: String,
    /// Where the conversation was, for people: `session #3 login (codex)`.
    pub from: Option<String>,
    /// What was said, oldest first.
    pub turns: Vec<Turn>,
    /// Older turns that were left out.
    pub dropped: usize,
    /// Files.
    pub files: Vec<FileRef>,
    /// Requirements and constraints.
    pub requirements: Vec<String>,
    /// The workspace; none outside of a repository.
    pub workspace: Option<Workspace>,
    /// Standards: path and text.
    pub standards: Vec<(String, String)>,
}

/// A fence that does not stand in the text itself.
fn fenced(text: &str, language: &str, out: &mut String) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = write!(out, "{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'));
}

impl Delegation {
    /// The brief.
    pub fn text(&self) -> String {
        let mut out = format!("# Task\n\n{}\n", self.task.trim());
        if !self.requirements.is_empty() {
            out.push_str("\n## Requirements\n\n");
            for r in &self.requirements {
                let _ = writeln!(out, "- {}", r.trim());
            }
        }
        if !self.files.is_empty() {
            out.push_str("\n## Files\n\n");
            for f in &self.files {
                let lines = match f.lines {
                    Some((a, b)) if a == b => format!(":{a}"),
                    Some((a, b)) => format!(":{a}-{b}"),
                    None => String::new(),
                };
                let _ = writeln!(out, "- {}{lines}", f.path);
                if !f.excerpt.is_empty() {
                    fenced(&f.excerpt, "", &mut out);
                }
            }
        }
        if let Some(w) = &self.workspace {
            w.write(&mut out);
        }
        if !self.turns.is_empty() {
            let from = self.from.as_deref().map(|f| format!(" ({f})")).unwrap_or_default();
            let _ = write!(out, "\n## Conversation so far{from}\n\nWhat was said before, for context; the task above counts.\n");
            if self.dropped > 0 {
                let _ = writeln!(out, "{} older turns are left out.", self.dropped);
            }
            for turn in &self.turns {
                match turn.who {
                    Who::Person => {
                        let _ = write!(out, "\n**Person:**\n{}\n", turn.text);
                    }
                    Who::Agent => {
                        let _ = write!(out, "\n**Agent:**\n{}\n", turn.text);
                    }
                    Who::Tool => {
                        let _ = write!(out, "\n- ran {}\n", turn.text);
                    }
                }
            }
        }
        if !self.standards.is_empty() {
            out.push_str("\n## Standards of this project\n");
            for (path, text) in &self.standards {
                let _ = write!(out, "\n### {path}\n\n");
                fenced(text, "", &mut out);
            }
        }
        out
    }
}

impl Workspace {
    fn write(&self, out: &mut String) {
        let _ = write!(out, "\n## Workspace\n\n- Folder: {}\n", self.folder);
        if let Some(b) = &self.branch {
            let _ = writeln!(out, "- Branch: {b}");
        }
        if let Some(h) = &self.head {
            let _ = writeln!(out, "- Commit: {h}");
        }
        if self.dirty.is_empty() {
            out.push_str("- Nothing uncommitted\n");
            return;
        }
        let _ = writeln!(
            out,
            "- Uncommitted changes in {} file{}: {}",
            self.dirty.len(),
            if self.dirty.len() == 1 { "" } else { "s" },
            self.dirty.join(", ")
        );
        if self.carried {
            out.push_str("\nThese changes were carried over: they stand uncommitted in your worktree.\n");
        } else if self.left_behind {
            out.push_str(
                "\nThese changes are NOT in your worktree, which starts at the commit above. They stand here as text; build on what they say, and \
                 do not assume that they are on your disk.\n",
            );
        }
        if !self.diff.is_empty() {
            out.push('\n');
            fenced(&self.diff, "diff", out);
            if self.diff_cut {
                out.push_str("The patch was too long to be whole.\n");
            }
        }
    }
}

/// What the agent is told of a brief: all of it, or, of a long one, the task and where the brief stands.
pub fn handed(task: &str, brief: &str, file: &str) -> String {
    if brief.len() <= INLINE {
        return brief.trim_end().to_owned();
    }
    format!(
        "{}\n\nThe brief of this task is in the file {file}: the conversation so far, files, requirements, the state of the workspace and the \
         standards. Read all of it first.",
        task.trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brief_has_every_part_that_there_is() {
        let turn = |who, text| Turn::new(who, text).unwrap();
        let workspace = Workspace {
            folder: "/p".into(),
            branch: Some("main".into()),
            dirty: vec!["a.rs".into()],
            diff: "+a ``` b\n".into(),
            left_behind: true,
            ..Workspace::default()
        };
        let d = Delegation {
            task: "Convert the API".into(),
            from: Some("session #1".into()),
            turns: vec![turn(Who::Person, "hello"), turn(Who::Tool, "bash: ls"), turn(Who::Agent, "hi")],
            dropped: 4,
            files: vec![FileRef { path: "src/a.rs".into(), lines: Some((45, 45)), excerpt: "fn a() {}".into() }],
            requirements: vec!["no new dependency".into()],
            workspace: Some(workspace),
            standards: vec![("AGENTS.md".into(), "Be brief.".into())],
        };
        let text = d.text();
        for part in [
            "# Task\n\nConvert the API\n",
            "- no new dependency",
            "- src/a.rs:45\n```\nfn a() {}\n```",
            "- Branch: main",
            "NOT in your worktree",
            "````diff\n+a ``` b\n````",
            "4 older turns are left out",
            "**Person:**\nhello",
            "- ran bash: ls",
            "### AGENTS.md\n\n```\nBe brief.\n```",
        ] {
            assert!(text.contains(part), "{part} is missing:\n{text}");
        }
        assert_eq!(Delegation { task: "x".into(), ..Delegation::default() }.text(), "# Task\n\nx\n");
    }

    #[test]
    fn long_briefs_are_given_by_file() {
        assert_eq!(handed("t", "# Task\n\nt\n", "/f"), "# Task\n\nt");
        let long = handed("t", &"x".repeat(INLINE + 1), "/f");
        assert!(long.starts_with("t\n\n") && long.contains("/f") && long.len() < 400);
    }
}
