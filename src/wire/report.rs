//! What a session makes known about itself. Must not know who listens.

use super::facts::{PlanStep, State};
use serde::{Deserialize, Serialize};

/// A report, as `copilot-tui report` sends it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "report", rename_all = "lowercase")]
pub enum Report {
    /// `done` of `total`, of the whole or of an item of it.
    Progress {
        /// How many are done.
        done: u64,
        /// Of how many.
        total: u64,
        /// Item, such as `Files Converted`.
        #[serde(default)]
        item: Option<String>,
        /// What it works on now.
        #[serde(default)]
        current: Option<String>,
    },
    /// A phase begins.
    Phase {
        /// Counted from 1.
        number: u32,
        /// What it is about.
        text: String,
    },
    /// The whole plan, replacing the one before.
    Plan {
        /// Its steps.
        steps: Vec<PlanStep>,
    },
    /// Something failed.
    Error {
        /// What.
        title: String,
        /// Why.
        #[serde(default)]
        issue: Option<String>,
        /// Where.
        #[serde(default)]
        context: Option<String>,
        /// What could be done.
        #[serde(default)]
        suggestion: Option<String>,
        /// What is being done.
        #[serde(default)]
        action: Option<String>,
        /// How it stands.
        #[serde(default)]
        status: Option<String>,
    },
    /// A line for the log.
    Note {
        /// The line.
        text: String,
    },
    /// The session's state in its own words.
    State {
        /// `working`, `waiting`, `idle`, `done` or `failed`.
        state: State,
        /// What it waits for, or why.
        #[serde(default)]
        text: Option<String>,
    },
    /// What the next worker has to know.
    Handoff {
        /// The text.
        text: String,
    },
}
