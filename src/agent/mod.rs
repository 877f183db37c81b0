//! What each agent CLI is: how it is found, started, resumed, interrupted and left, from TOML. Must not know drawing, nor
//! processes beyond asking a program for its version.

pub mod bridge;
mod catalog;
pub mod conversation;
mod detect;
pub mod dialog;
mod drawn;
pub mod input_box;
mod keys;
mod mcp;
pub mod optional;
mod plan;
mod read;
mod reader;
mod signs;
mod spec;
mod template;
mod version;
mod wiring;

pub use catalog::{Catalog, UnknownAgent};
pub use detect::{Detected, default_agent, detect, find_program};
pub use keys::Press;
pub use mcp::{McpServer, McpWiring};
pub use plan::{LaunchPlan, MAX_ARGUMENT, PlanInput, plan, plan_command, uuid4};
pub use spec::{AgentSpec, Delivery, Launch};
pub use template::fill;
pub use version::{VersionCache, VersionKey};

/// How long an agent that gets its task typed must have been quiet first, in milliseconds.
pub const QUIET_BEFORE_TYPING_MS: u64 = 700;

/// The agent name of a session that runs a command line in place of an agent.
pub const COMMAND: &str = "command";

/// The order in which the default agent is looked for; the shell is the last resort.
pub const PREFERENCE: &[&str] = &["copilot", "codex", "claude", "gemini", "qwen", "opencode", "aider"];
