//! How far a task is, as facts: progress, phases, plan, sub-agents, tokens and limits. Must not know who said so.

use super::State;
use serde::{Deserialize, Serialize};

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
    /// Who says so: a word of [`super::Evidence::source`].
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
    /// Who says so: a word of [`super::Evidence::source`].
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
