//! The agents that are tested for real: what is different between them, and how each gets here. Must not know what they do.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What is different between agents.
pub struct Agent {
    pub name: &'static str,
    pub package: &'static str,
    /// The native program inside the package's folder.
    pub program: &'static str,
    /// Every command has to be allowed.
    pub asks_always: bool,
    /// What says yes in its dialog.
    pub yes: &'static str,
    /// On its screen while it asks.
    pub dialog: &'static str,
    /// On its screen once it takes input.
    pub ready: &'static str,
    /// Sources of its waiting state.
    pub waiting_source: &'static [&'static str],
    /// Sources of the other states.
    pub source: &'static [&'static str],
}

pub const CODEX: Agent = Agent {
    name: "codex",
    package: "@openai/codex@0.169.0",
    program: "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex",
    asks_always: false,
    yes: "y",
    dialog: "enter to confirm",
    ready: "shortcuts",
    waiting_source: &["osc7501"],
    source: &["osc7501"],
};

pub const COPILOT: Agent = Agent {
    name: "copilot",
    package: "@github/copilot@1.0.102",
    program: "@github/copilot-linux-x64/copilot",
    asks_always: true,
    yes: "\r",
    dialog: "enter to select",
    ready: "stand-in",
    waiting_source: &["log", "hook"],
    source: &["osc", "log"],
};

pub const CLAUDE: Agent = Agent {
    name: "claude",
    package: "@anthropic-ai/claude-code@2.1.328",
    program: "@anthropic-ai/claude-code-linux-x64/claude",
    asks_always: true,
    yes: "1",
    dialog: "Esc to cancel",
    ready: "",
    waiting_source: &["osc7501"],
    source: &["osc7501"],
};

pub const OPENCODE: Agent = Agent {
    name: "opencode",
    package: "opencode-ai@1.18.33",
    program: "opencode-linux-x64/bin/opencode",
    asks_always: true,
    yes: "\r",
    dialog: "Allow once",
    ready: "",
    waiting_source: &["log"],
    source: &["log"],
};

pub const GEMINI: Agent = Agent {
    name: "gemini",
    package: "@google/gemini-cli@0.61.0",
    program: ".bin/gemini",
    asks_always: true,
    yes: "1",
    dialog: "No, suggest changes",
    ready: "",
    waiting_source: &["title"],
    source: &["title"],
};

pub const QWEN: Agent = Agent {
    name: "qwen",
    package: "@qwen-code/qwen-code@0.24.4",
    program: ".bin/qwen",
    asks_always: true,
    yes: "1",
    dialog: "No, suggest changes",
    ready: "",
    waiting_source: &["hook", "title"],
    source: &["title"],
};

pub fn skip(agent: &str, why: &str) {
    eprintln!("SKIPPED: the test with the real {agent} did not run: {why}");
}

/// The program, installed if it is not there yet.
pub fn installed(agent: &Agent) -> Result<PathBuf, String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("its pinned package is for Linux on x86-64".into());
    }
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().ok_or("no target folder")?.join("agents");
    std::fs::create_dir_all(&root).map_err(|e| e.to_string())?;
    let lock = File::create(root.join(format!("{}.lock", agent.name))).map_err(|e| e.to_string())?;
    lock.lock().map_err(|e| e.to_string())?;
    let dir = root.join(agent.name);
    let program = dir.join("node_modules").join(agent.program);
    if !program.exists() {
        std::fs::create_dir_all(&dir).map_err(|e| e.to_string())?;
        let npm = ["npm", "install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"];
        let out = Command::new("timeout").arg("180").args(npm).arg(&dir).arg(agent.package).stdin(Stdio::null()).output();
        let out = out.map_err(|e| format!("npm cannot be run: {e}"))?;
        if !out.status.success() {
            let why = String::from_utf8_lossy(&out.stderr).lines().next().unwrap_or("it took too long").to_owned();
            return Err(format!("npm could not install {}: {why}", agent.package));
        }
    }
    let out = Command::new(&program).arg("--version").stdin(Stdio::null()).output();
    match out {
        Ok(out) if out.status.success() => Ok(program),
        Ok(out) => Err(format!("it does not run here: {}", String::from_utf8_lossy(&out.stderr).lines().next().unwrap_or_default())),
        Err(e) => Err(format!("it does not run here: {e}")),
    }
}
