//! The command line as clap sees it. Must not know how anything is done.

mod handing;
mod kinds;
mod report;
mod sessions;

pub use handing::{DelegateArgs, EscalateArgs};
pub use kinds::{KindArg, PriorityArg};
pub use report::ReportVerb;
pub use sessions::{One, SessionsArgs, SessionsWord};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Mission control for background coding agents, in a terminal.
///
/// Runs each agent in a terminal of its own and keeps all of them running when the window closes. Without a command: the
/// full-screen app.
#[derive(Debug, Parser)]
#[command(
    name = "copilot-tui",
    version,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "\
Examples:
  copilot-tui                                    open the full-screen app here
  copilot-tui new \"fix the login test\"           start the default agent on a task
  copilot-tui new --kind isolated --agent codex \"convert the API to TypeScript\"
  copilot-tui new --name watch -- cargo watch    any command is a session too
  copilot-tui sessions list                      what runs, waits, failed
  copilot-tui demo                               see it at work, without any agent"
)]
pub struct Cli {
    /// Which server; several can run side by side.
    #[arg(long, global = true, value_name = "NAME", default_value = "default")]
    pub server: String,
    /// Look only: send no input.
    #[arg(long)]
    pub read_only: bool,
    /// What to do.
    #[command(subcommand)]
    pub verb: Option<Verb>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Open the full-screen app, with a session in front.
    #[command(after_help = "Examples:\n  copilot-tui attach\n  copilot-tui attach 3 --read-only")]
    Attach {
        /// Session to show: number, name, id or unique prefix.
        session: Option<String>,
        /// Look only: send no input.
        #[arg(long)]
        read_only: bool,
    },
    /// Start a session.
    New(NewArgs),
    /// List sessions and act on them.
    Sessions(SessionsArgs),
    /// Send a follow-up to a session.
    #[command(
        after_help = "Examples:\n  copilot-tui send 3 \"also the error middleware\"\n  git diff | copilot-tui send auth -\n  copilot-tui send all --queue \"run the tests again\"\n  copilot-tui send 1,3,auth \"rebase on main\""
    )]
    Send {
        /// Session, several with commas, or `all`.
        session: String,
        /// The text; `-` reads it from standard input.
        text: String,
        /// Wait for the end of the turn.
        #[arg(long)]
        queue: bool,
        /// Interrupt the turn first.
        #[arg(long, conflicts_with = "queue")]
        interrupt: bool,
        /// Leave the text in the agent's box without pressing Enter.
        #[arg(long)]
        no_submit: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Allow what a session asks for, this once.
    #[command(
        after_help = "Examples:\n  copilot-tui approve 3\n  copilot-tui wait auth --until waiting && copilot-tui approve auth\n  copilot-tui approve auth --prompt 4f2a90c1d3e7"
    )]
    Approve {
        /// Session.
        session: String,
        /// Only this prompt, by the `id` of its `waiting_for`. Without it the one last shown in this terminal (`sessions list`, `show`,
        /// `monitor`, `wait`); when another stands, nothing is answered and it is shown. In a terminal that was shown none: the session's
        /// first, or what has stood for 10 s.
        #[arg(long, value_name = "ID")]
        prompt: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Refuse what a session asks for.
    #[command(after_help = "Examples:\n  copilot-tui deny 3\n  copilot-tui deny 3 --reason \"use the test database\"")]
    Deny {
        /// Session.
        session: String,
        /// What the agent is told.
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Only this prompt, by the `id` of its `waiting_for`. Without it the one last shown in this terminal (`sessions list`, `show`,
        /// `monitor`, `wait`); when another stands, nothing is answered and it is shown. In a terminal that was shown none: the session's
        /// first, or what has stood for 10 s.
        #[arg(long, value_name = "ID")]
        prompt: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Answer a session's question: the number of an option, or words.
    #[command(after_help = "Examples:\n  copilot-tui answer 3 2\n  copilot-tui answer 3 \"the staging one\"")]
    Answer {
        /// Session.
        session: String,
        /// The number of an option, or words.
        answer: String,
        /// Only this prompt, by the `id` of its `waiting_for`. Without it the one last shown in this terminal (`sessions list`, `show`,
        /// `monitor`, `wait`); when another stands, nothing is answered and it is shown. In a terminal that was shown none: the session's
        /// first, or what has stood for 10 s.
        #[arg(long, value_name = "ID")]
        prompt: Option<String>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell what an agent's hook says: agents call this, wired by copilot-tui.
    #[command(hide = true, after_help = "Example:\n  echo '{}' | copilot-tui hook claude Stop")]
    Hook {
        /// The agent.
        agent: String,
        /// Its event.
        #[arg(default_value = "notify")]
        event: String,
        /// What it says, when not on standard input.
        data: Option<String>,
    },
    /// Print the text of a session's terminal.
    #[command(after_help = "Examples:\n  copilot-tui read 3\n  copilot-tui read 3 --lines 200\n  copilot-tui read 3 --format json")]
    Read {
        /// Session.
        session: String,
        /// The last so many lines, history included; the screen alone without it.
        #[arg(long, value_name = "N")]
        lines: Option<u32>,
        /// How: with `ansi`, colours go only to a pipe or file.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// The same as `--format json`.
        #[arg(long)]
        json: bool,
    },
    /// Search the text of all sessions and their past. Exit code 1 when nothing is found.
    #[command(
        after_help = "Examples:\n  copilot-tui search 'error\\[E0\\d+\\]'\n  copilot-tui search --fixed 'foo(bar)'\n  copilot-tui search panic --json"
    )]
    Search {
        /// Regular expression; without capitals it finds both.
        text: String,
        /// It is plain text.
        #[arg(long)]
        fixed: bool,
        /// At most so many lines, 1 to 1000.
        #[arg(long, value_name = "N", default_value_t = 200)]
        limit: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Wait until a session is in a state, or a line of its terminal matches; what it asks then is printed.
    #[command(
        after_help = "Examples:\n  copilot-tui wait 3 --until waiting\n  copilot-tui wait all --until exited --timeout 1h\n  copilot-tui wait 3 --until 'text=tests? passed'"
    )]
    Wait {
        /// Session, or `all`.
        session: String,
        /// waiting, idle, done, failed, exited (any end) or text=REGEX.
        #[arg(long, value_name = "WHAT")]
        until: String,
        /// At most so long: 30s, 10m, 2h.
        #[arg(long, value_name = "DURATION")]
        timeout: Option<String>,
        /// Print the session as JSON when it is so.
        #[arg(long)]
        json: bool,
    },
    /// Make progress, errors or a state known, from inside a session.
    #[command(
        after_help = "Examples:\n  copilot-tui report progress 42/52 --item \"Files Converted\" --current user-settings.js\n  copilot-tui report error \"Conversion failed\" --issue \"missing type\" --context \"line 45\"\n  copilot-tui report state waiting"
    )]
    Report {
        /// Session, from outside; inside a session it is the own one.
        #[arg(long, global = true, value_name = "S")]
        session: Option<String>,
        /// Print the session as JSON.
        #[arg(long, global = true)]
        json: bool,
        /// What.
        #[command(subcommand)]
        what: ReportVerb,
    },
    /// Start, stop or look at the server.
    #[command(after_help = "Examples:\n  copilot-tui server status\n  copilot-tui server stop\n  copilot-tui server stop --sessions")]
    Server {
        /// What.
        #[command(subcommand)]
        what: ServerVerb,
    },
    /// Where settings are, whether they are right, what the defaults are; set the log.
    #[command(
        after_help = "Examples:\n  copilot-tui config path\n  copilot-tui config check\n  copilot-tui config --log-level debug --log-file background-agent.log"
    )]
    Config {
        /// Level of the server's log: error, warn, info, debug, trace.
        #[arg(long, value_name = "L")]
        log_level: Option<String>,
        /// File the server logs to, from this folder; `default` for the state folder.
        #[arg(long, value_name = "F")]
        log_file: Option<String>,
        /// Print JSON.
        #[arg(long, global = true)]
        json: bool,
        /// What.
        #[command(subcommand)]
        what: Option<ConfigVerb>,
    },
    /// Check everything sessions need: folders, server, git, agents, terminal, disk.
    #[command(after_help = "Examples:\n  copilot-tui doctor\n  copilot-tui doctor --orphans\n  copilot-tui doctor --repair")]
    Doctor {
        /// Mend what can be mended without losing anything.
        #[arg(long)]
        repair: bool,
        /// List processes that a dead holder left behind.
        #[arg(long)]
        orphans: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Bring a terminal back that a killed client left in a strange mode.
    #[command(after_help = "Example:\n  copilot-tui reset")]
    Reset,
    /// Show what arrives here when a key is pressed.
    #[command(after_help = "Example:\n  copilot-tui keys")]
    Keys,
    /// Print a completion script for a shell.
    #[command(after_help = "Example:\n  copilot-tui completions bash > ~/.local/share/bash-completion/completions/copilot-tui")]
    Completions {
        /// Shell.
        shell: clap_complete::Shell,
    },
    /// Start a background session with a brief: conversation, files, requirements, workspace, standards.
    Delegate(DelegateArgs),
    /// Bring a session back: what was done, what needs review, where it is.
    #[command(after_help = "Examples:\n  copilot-tui handoff 3\n  copilot-tui handoff auth --attach")]
    Handoff {
        /// Session.
        session: String,
        /// Open the full-screen app with it in front.
        #[arg(long)]
        attach: bool,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a session's work ready for an agent in the cloud, and print what hands it over.
    Escalate(EscalateArgs),
    /// Serve the agent of a session by the Model Context Protocol, on standard input and output.
    #[command(
        after_help = "An MCP client starts it. Set `agents.mcp = true` in config.toml, and agents get it with every launch.\n\nExamples:\n  claude --mcp-config '{\"mcpServers\":{\"copilot-tui\":{\"command\":\"copilot-tui\",\"args\":[\"mcp\"]}}}'\n  copilot-tui mcp < calls.jsonl"
    )]
    Mcp,
    /// Make a scratch repository and run a small real job in it, with a script as the agent.
    #[command(after_help = "Examples:\n  copilot-tui demo\n  copilot-tui demo --dir /tmp/demo --no-attach")]
    Demo {
        /// Folder to make it in; a temporary one without it.
        #[arg(long, value_name = "DIR")]
        dir: Option<String>,
        /// Start the sessions and return.
        #[arg(long)]
        no_attach: bool,
        /// Print the sessions as JSON (with --no-attach).
        #[arg(long)]
        json: bool,
    },
}

/// Arguments of `new`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  copilot-tui new \"fix the login test\"\n  copilot-tui new --kind isolated \"add rate limiting\" --agent claude\n  copilot-tui new --name build -- make -j4\n  copilot-tui new --kind debug --parent 3"
)]
pub struct NewArgs {
    /// The task, in words.
    pub task: Option<String>,
    /// primary: here; isolated: a worktree and branch of its own; monitor, debug: watch another session.
    #[arg(long, value_enum)]
    pub kind: Option<KindArg>,
    /// Agent: copilot, codex, claude, gemini, qwen, opencode, aider, shell, or one of yours.
    #[arg(long, value_name = "A")]
    pub agent: Option<String>,
    /// Short name.
    #[arg(long, value_name = "N")]
    pub name: Option<String>,
    /// Folder.
    #[arg(long, value_name = "DIR")]
    pub cwd: Option<String>,
    /// Session it belongs below (and, for monitor and debug, that it watches).
    #[arg(long, value_name = "S")]
    pub parent: Option<String>,
    /// Which goes first when several are queued.
    #[arg(long, value_enum, default_value_t = PriorityArg::Medium)]
    pub priority: PriorityArg,
    /// Branch of the worktree.
    #[arg(long, value_name = "B")]
    pub branch: Option<String>,
    /// Name of the worktree; makes the session isolated.
    #[arg(long, value_name = "NAME")]
    pub worktree: Option<String>,
    /// Environment variable for the agent; may be given often.
    #[arg(long, value_name = "K=V")]
    pub env: Vec<String>,
    /// Record what it draws, whatever the settings say.
    #[arg(long)]
    pub record: bool,
    /// Record nothing of it.
    #[arg(long, conflicts_with = "record")]
    pub no_record: bool,
    /// Open the full-screen app with it in front.
    #[arg(long)]
    pub attach: bool,
    /// Wait for its end; exit 0 when it is done, 1 otherwise.
    #[arg(long, conflicts_with = "attach")]
    pub wait: bool,
    /// Print the session as JSON.
    #[arg(long)]
    pub json: bool,
    /// A command line in place of an agent.
    #[arg(last = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Formats of `read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain text.
    Text,
    /// With colours, to a pipe or file.
    Ansi,
    /// The JSON of the contract.
    Json,
}

/// What can be done with the server.
#[derive(Debug, Subcommand)]
pub enum ServerVerb {
    /// Start it in the background, if none runs.
    #[command(after_help = "Example:\n  copilot-tui server start")]
    Start,
    /// End it. Sessions go on running, and the next command takes them over again.
    #[command(after_help = "Examples:\n  copilot-tui server stop\n  copilot-tui server stop --sessions")]
    Stop {
        /// Stop all sessions too.
        #[arg(long)]
        sessions: bool,
    },
    /// Whether it runs, and what it holds.
    #[command(after_help = "Example:\n  copilot-tui server status --json")]
    Status {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Run it in the foreground.
    #[command(hide = true)]
    Run,
}

/// What can be done with settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigVerb {
    /// The folders and files in use.
    #[command(after_help = "Example:\n  copilot-tui config path --json")]
    Path,
    /// Whether every settings file is right.
    #[command(after_help = "Example:\n  copilot-tui config check")]
    Check,
    /// The defaults, as a settings file with every option explained.
    #[command(after_help = "Example:\n  copilot-tui config defaults > ~/.config/copilot-tui/config.toml")]
    Defaults,
}
