//! What can be reported, as clap sees it. Must not know how anything is done.

use clap::Subcommand;

/// What can be reported.
#[derive(Debug, Subcommand)]
pub enum ReportVerb {
    /// How far it is.
    #[command(after_help = "Example:\n  copilot-tui report progress 42/52 --item \"Files Converted\" --current user-settings.js")]
    Progress {
        /// `DONE/TOTAL`.
        count: String,
        /// Part of the work, such as `Files Converted`.
        #[arg(long, value_name = "NAME")]
        item: Option<String>,
        /// What it works on now.
        #[arg(long, value_name = "TEXT")]
        current: Option<String>,
    },
    /// A phase begins.
    #[command(after_help = "Example:\n  copilot-tui report phase 2 \"convert the endpoints\"")]
    Phase {
        /// Number, from 1.
        number: u32,
        /// What it is about.
        text: String,
    },
    /// The plan, from standard input: a line a step, `[x]` done, `[>]` in work, `[!]` blocked.
    #[command(after_help = "Example:\n  printf '[x] read\\n[>] convert\\ntest\\n' | copilot-tui report plan -")]
    Plan {
        /// `-`.
        source: String,
    },
    /// Something failed.
    #[command(after_help = "Example:\n  copilot-tui report error \"Conversion failed\" --issue \"missing type\" --context \"line 45\"")]
    Error {
        /// What.
        title: String,
        /// Why.
        #[arg(long)]
        issue: Option<String>,
        /// Where.
        #[arg(long)]
        context: Option<String>,
        /// What could be done.
        #[arg(long)]
        suggestion: Option<String>,
        /// What is being done.
        #[arg(long)]
        action: Option<String>,
        /// How it stands.
        #[arg(long)]
        status: Option<String>,
    },
    /// A line for the log.
    #[command(after_help = "Example:\n  copilot-tui report note \"the tests of the API pass\"")]
    Note {
        /// The line.
        text: String,
    },
    /// working, waiting, idle, done or failed.
    #[command(after_help = "Example:\n  copilot-tui report state waiting \"which database?\"")]
    State {
        /// The state.
        state: String,
        /// What it waits for, or why.
        text: Option<String>,
    },
    /// What the next worker has to know, from standard input.
    #[command(after_help = "Example:\n  copilot-tui report handoff - < notes.md")]
    Handoff {
        /// `-`.
        source: String,
    },
}
