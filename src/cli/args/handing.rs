//! `delegate` and `escalate` as clap sees them. Must not know how anything is done.

use super::kinds::KindArg;
use clap::Args;

/// Arguments of `delegate`.
#[derive(Debug, Args)]
#[command(after_help = "\
The brief is kept in the new session's folder. Secrets in it are left out; of a long conversation the newest part is kept.

Examples:
  copilot-tui delegate \"convert the API to TypeScript\" --from-session 2 --kind isolated
  copilot-tui delegate \"finish this\" --from codex --last --requirement \"no new dependency\"
  copilot-tui delegate \"fix the types\" --file src/pay.ts:45 --worktree pay --with-changes
  copilot-tui delegate \"review it\" --conversation chat.md --dry-run")]
pub struct DelegateArgs {
    /// The task, in words; without it the task of the session it comes from goes on.
    pub task: Option<String>,
    /// Agent that takes over.
    #[arg(long, value_name = "A")]
    pub agent: Option<String>,
    /// Session whose conversation and folder go along.
    #[arg(long, value_name = "S", conflicts_with_all = ["conversation", "from"])]
    pub from_session: Option<String>,
    /// File with a conversation: a log of an agent, or any text.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub conversation: Option<String>,
    /// Conversation of copilot, codex or claude outside of any session: by its id, or the last one of this folder.
    #[arg(long, value_names = ["AGENT", "ID"], num_args = 1..=2)]
    pub from: Option<Vec<String>>,
    /// With --from: the last one of this folder (as without an id).
    #[arg(long, requires = "from")]
    pub last: bool,
    /// File it is about: PATH, PATH:LINE or PATH:FIRST-LAST; several may be given.
    #[arg(long, value_name = "PATH", num_args = 1..)]
    pub file: Vec<String>,
    /// Requirement or constraint; several may be given.
    #[arg(long, value_name = "TEXT", num_args = 1..)]
    pub requirement: Vec<String>,
    /// Files with the standards; without it AGENTS.md, .github/copilot-instructions.md, CLAUDE.md, CONTRIBUTING.md.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub standards: Vec<String>,
    /// primary: here; isolated: a worktree and branch of its own.
    #[arg(long, value_enum)]
    pub kind: Option<KindArg>,
    /// Short name.
    #[arg(long, value_name = "N")]
    pub name: Option<String>,
    /// Folder.
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<String>,
    /// Branch of the worktree.
    #[arg(long, value_name = "B")]
    pub branch: Option<String>,
    /// Name of the worktree; makes the session isolated.
    #[arg(long, value_name = "NAME")]
    pub worktree: Option<String>,
    /// Carry what is uncommitted here over into the new worktree.
    #[arg(long)]
    pub with_changes: bool,
    /// Print the brief and start nothing.
    #[arg(long, conflicts_with = "attach")]
    pub dry_run: bool,
    /// Open the full-screen app with it in front.
    #[arg(long)]
    pub attach: bool,
    /// Print the session as JSON; with --dry-run the brief.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `escalate`.
#[derive(Debug, Args)]
#[command(after_help = "\
Writes a brief and prints the exact commands. What runs is `escalate.command` of config.toml. Nothing is ever committed.

Examples:
  copilot-tui escalate 3
  copilot-tui escalate api --need \"PR coordination across 4 repositories\" --push --run")]
pub struct EscalateArgs {
    /// Session.
    pub session: String,
    /// What the cloud is to do; the task of the session without it.
    #[arg(long, value_name = "TEXT")]
    pub task: Option<String>,
    /// Why it needs the cloud; several may be given.
    #[arg(long, value_name = "TEXT", num_args = 1..)]
    pub need: Vec<String>,
    /// Push the branch first, when its remote does not have it as it is here.
    #[arg(long)]
    pub push: bool,
    /// Run the command that hands it over.
    #[arg(long)]
    pub run: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
}
