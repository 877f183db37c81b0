//! Errors as a person or a script sees them: a kind, what happened, what to do, an exit code.
//! Must not know which verb failed.

use crate::base::text::safe_text;
use crate::wire::message::WireError;
use serde_json::json;
use std::fmt::Display;

/// Exit code of a failure.
pub const FAILED: u8 = 1;
/// Exit code of a wrong call.
pub const USAGE: u8 = 2;

/// Why a verb did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CliError {
    /// One word.
    pub kind: String,
    /// What happened, where.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl CliError {
    /// An error of a kind.
    pub fn new(kind: &str, message: impl Display, hint: impl Display) -> CliError {
        CliError { kind: kind.into(), message: message.to_string(), hint: hint.to_string() }
    }

    /// A failure without further advice.
    pub fn failed(message: impl Display) -> CliError {
        CliError::new("failed", message, "")
    }

    /// A wrong call.
    pub fn usage(message: impl Display, hint: impl Display) -> CliError {
        CliError::new("usage", message, hint)
    }

    /// 1, or 2 for a wrong call.
    pub fn code(&self) -> u8 {
        if self.kind == "usage" { USAGE } else { FAILED }
    }

    /// Prints it on standard error.
    pub fn print(&self, json: bool) {
        if json {
            eprintln!("{}", json!({"error": {"kind": self.kind, "message": self.message, "hint": self.hint}}));
            return;
        }
        eprintln!("copilot-tui: {}", safe_text(&self.message));
        if !self.hint.is_empty() {
            eprintln!("  {}", safe_text(&self.hint));
        }
    }
}

impl From<WireError> for CliError {
    fn from(e: WireError) -> CliError {
        CliError { kind: e.kind, message: e.message, hint: e.hint }
    }
}
