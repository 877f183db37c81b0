//! `sessions`, by flag or by word, as clap sees it. Must not know how anything is done.

use clap::{Args, Subcommand};

/// `sessions`, by flag or by word.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Each flag is also a word: `sessions list`, `sessions pause 3`. S is a number, #number, name, id, unique prefix, or `all`.

Examples:
  copilot-tui sessions list --json
  copilot-tui sessions --pause 3
  copilot-tui sessions stop all
  copilot-tui sessions --diagnose 3 --include performance,resources,conflicts --output report.json"
)]
pub struct SessionsArgs {
    /// The same by word.
    #[command(subcommand)]
    pub word: Option<SessionsWord>,
    /// All sessions, a line each.
    #[arg(long, group = "flag")]
    pub list: bool,
    /// Everything known of one.
    #[arg(long, value_name = "S", group = "flag")]
    pub show: Option<String>,
    /// Live progress and log, until Ctrl+C.
    #[arg(long, value_name = "S", group = "flag")]
    pub monitor: Option<String>,
    /// Processes, resources, signals and escape traffic, until Ctrl+C.
    #[arg(long, value_name = "S", group = "flag")]
    pub debug: Option<String>,
    /// Why it has the state and the progress it has, and what says otherwise.
    #[arg(long, value_name = "S", group = "flag")]
    pub explain: Option<String>,
    /// Stop the whole process tree for now.
    #[arg(long, value_name = "S", group = "flag")]
    pub pause: Option<String>,
    /// Continue.
    #[arg(long, value_name = "S", group = "flag")]
    pub resume: Option<String>,
    /// End the whole process tree.
    #[arg(long, value_name = "S", group = "flag")]
    pub stop: Option<String>,
    /// Report of performance, resources and conflicts, in JSON.
    #[arg(long, value_name = "S", group = "flag")]
    pub diagnose: Option<String>,
    /// Forget an ended session, or `ended` for all of them. Worktrees stay.
    #[arg(long, value_name = "S", group = "flag")]
    pub dismiss: Option<String>,
    /// Tell nothing of one outside of the tree and the inbox: no notification of any sort.
    #[arg(long, value_name = "S", group = "flag")]
    pub mute: Option<String>,
    /// Tell what happens in it again.
    #[arg(long, value_name = "S", group = "flag")]
    pub unmute: Option<String>,
    /// Show the recording of one in the full-screen app.
    #[arg(long, value_name = "S", group = "flag")]
    pub replay: Option<String>,
    /// With --stop: at once, without the agent's own polite way.
    #[arg(long)]
    pub force: bool,
    /// With --diagnose: performance, resources, conflicts.
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    pub include: Vec<String>,
    /// With --diagnose: the file to write.
    #[arg(long, value_name = "FILE")]
    pub output: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}

/// `sessions` by word.
#[derive(Debug, Subcommand)]
pub enum SessionsWord {
    /// All sessions, a line each.
    #[command(after_help = "Examples:\n  copilot-tui sessions list\n  copilot-tui sessions list --json")]
    List {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Everything known of one.
    #[command(after_help = "Examples:\n  copilot-tui sessions show 3\n  copilot-tui sessions show auth --json")]
    Show(One),
    /// Live progress and log, until Ctrl+C.
    #[command(after_help = "Example:\n  copilot-tui sessions monitor 3")]
    Monitor(One),
    /// Processes, resources, signals and escape traffic, until Ctrl+C.
    #[command(after_help = "Example:\n  copilot-tui sessions debug 3")]
    Debug(One),
    /// Why it has the state and the progress it has, and what says otherwise.
    #[command(after_help = "Examples:\n  copilot-tui sessions explain 3\n  copilot-tui sessions explain auth --json")]
    Explain(One),
    /// Stop the whole process tree for now.
    #[command(after_help = "Examples:\n  copilot-tui sessions pause 3\n  copilot-tui sessions pause all")]
    Pause(One),
    /// Continue.
    #[command(after_help = "Example:\n  copilot-tui sessions resume 3")]
    Resume(One),
    /// End the whole process tree.
    #[command(after_help = "Examples:\n  copilot-tui sessions stop 3\n  copilot-tui sessions stop all --force")]
    Stop {
        /// Session, or `all`.
        session: String,
        /// At once, without the agent's own polite way.
        #[arg(long)]
        force: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Report of performance, resources and conflicts, in JSON.
    #[command(
        after_help = "Examples:\n  copilot-tui sessions diagnose 3\n  copilot-tui sessions diagnose 3 --include resources --output report.json"
    )]
    Diagnose {
        /// Session.
        session: String,
        /// performance, resources, conflicts.
        #[arg(long, value_delimiter = ',', value_name = "PARTS")]
        include: Vec<String>,
        /// File to write.
        #[arg(long, value_name = "FILE")]
        output: Option<String>,
    },
    /// Forget an ended session, or `ended` for all of them. Worktrees stay.
    #[command(after_help = "Examples:\n  copilot-tui sessions dismiss 3\n  copilot-tui sessions dismiss ended")]
    Dismiss(One),
    /// Tell nothing of one outside of the tree and the inbox: no notification of any sort.
    #[command(after_help = "Examples:\n  copilot-tui sessions mute 3\n  copilot-tui sessions mute all")]
    Mute(One),
    /// Tell what happens in it again.
    #[command(after_help = "Example:\n  copilot-tui sessions unmute 3")]
    Unmute(One),
    /// Show the recording of one in the full-screen app.
    #[command(after_help = "Examples:\n  copilot-tui sessions replay 3\n  copilot-tui sessions replay auth --speed 8")]
    Replay {
        /// Session.
        session: String,
        /// How many times as fast: 0.1 to 100.
        #[arg(long, value_name = "N", default_value_t = 1.0)]
        speed: f64,
    },
}

/// A session and how to print it.
#[derive(Debug, Args)]
pub struct One {
    /// Session: number, #number, name, id, unique prefix, or `all`.
    pub session: String,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
