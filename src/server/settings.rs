//! What the server takes from the settings. Must not know files.

use super::recorded::Recording;
use crate::config::Notifications;
use crate::model::{Limits, Offers};
use crate::term::EngineKind;
use std::path::PathBuf;

/// Settings of a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Limits on how much runs at once.
    pub limits: Limits,
    /// When going on in the background is offered.
    pub offers: Offers,
    /// Lines of history of each session.
    pub history_lines: usize,
    /// Engine of new panes.
    pub engine: EngineKind,
    /// Agent of `new` when none is named; the first usable one when none.
    pub default_agent: Option<String>,
    /// Agents get our MCP server, but where their file says no.
    pub mcp: bool,
    /// Level of the log (`info`), or a filter as `tracing` reads it.
    pub log_level: String,
    /// File of the log; in the state folder when none.
    pub log_file: Option<PathBuf>,
    /// The text that sessions write is read for progress and errors.
    pub read_text: bool,
    /// Folder for worktrees; beside the project when none.
    pub worktree_root: Option<PathBuf>,
    /// What is recorded.
    pub recording: Recording,
    /// What is told to the person, and where.
    pub notifications: Notifications,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            limits: Limits { max_working: default_max_working(), ..Limits::default() },
            offers: Offers::default(),
            history_lines: 10_000,
            engine: EngineKind::default(),
            default_agent: None,
            mcp: false,
            log_level: "info".into(),
            log_file: None,
            read_text: true,
            worktree_root: None,
            recording: Recording::default(),
            notifications: crate::config::Config::default().notifications,
        }
    }
}

/// max(2, cores / 2), as the article advises.
pub fn default_max_working() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, |n| n.get());
    (cores / 2).max(2)
}
