//! A world of its own for each test: folders, server, environment. Everything it started is ended when it is dropped.
#![allow(dead_code)] // each test file uses a part

use serde_json::Value;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A generous deadline for a fact that must come.
pub const SOON: Duration = Duration::from_secs(30);

/// What a command said on standard error.
pub fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// Runs the binary with a text on its standard input.
pub fn with_stdin(w: &World, args: &[&str], text: &str) -> Output {
    let mut child = w.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
    // A program that refuses may not read to the end.
    let _ = child.stdin.take().expect("a pipe").write_all(text.as_bytes());
    child.wait_with_output().expect("it ends")
}

/// A message for a person: no panic, no debug text, says what and where.
#[track_caller]
pub fn is_clear(text: &str, what: &[&str]) {
    for w in what {
        assert!(text.contains(w), "{w:?} is not in the message: {text}");
    }
    for never in ["panicked", "RUST_BACKTRACE", "unwrap", "Os {"] {
        assert!(!text.contains(never), "{never:?} is in the message: {text}");
    }
}

/// Folders and a server of a test's own.
pub struct World {
    dir: tempfile::TempDir,
}

impl World {
    /// An empty world; nothing runs.
    pub fn new() -> World {
        let dir = tempfile::Builder::new().prefix("ct").tempdir_in("/tmp").expect("a temporary folder");
        for sub in ["run", "state", "config", "home", "work"] {
            std::fs::create_dir(dir.path().join(sub)).expect("a folder");
        }
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        std::fs::set_permissions(dir.path().join("run"), private).expect("a private folder");
        World { dir }
    }

    /// A folder in it.
    pub fn path(&self, sub: &str) -> PathBuf {
        self.dir.path().join(sub)
    }

    /// The server's state folder.
    pub fn state(&self) -> PathBuf {
        self.path("state/copilot-tui/default")
    }

    /// The binary, in this world.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_copilot-tui"));
        c.args(args).current_dir(self.path("work")).env_clear().stdin(Stdio::null());
        c.envs(self.env());
        c
    }

    /// The environment of this world.
    pub fn env(&self) -> Vec<(String, String)> {
        let own = |k: &str, sub: &str| (k.to_owned(), self.path(sub).to_string_lossy().into_owned());
        vec![
            ("PATH".into(), std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".into())),
            ("LANG".into(), "C.UTF-8".into()),
            ("SHELL".into(), "/bin/sh".into()),
            ("TERM".into(), "xterm-256color".into()),
            ("GIT_CONFIG_NOSYSTEM".into(), "1".into()),
            own("HOME", "home"),
            own("XDG_RUNTIME_DIR", "run"),
            own("XDG_STATE_HOME", "state"),
            own("XDG_CONFIG_HOME", "config"),
        ]
    }

    /// Runs a command line to its end.
    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the binary runs")
    }

    /// Runs a command line that must work; its standard output.
    pub fn ok(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(out.status.success(), "{args:?} failed: {}\n{}", String::from_utf8_lossy(&out.stderr), self.log());
        String::from_utf8(out.stdout).expect("UTF-8")
    }

    /// Runs a command line that must fail: exit code and the error's JSON (`--json` is added).
    pub fn fails(&self, args: &[&str]) -> (i32, Value) {
        let mut all = args.to_vec();
        let at = all.iter().position(|a| *a == "--").unwrap_or(all.len());
        all.insert(at, "--json");
        let out = self.run(&all);
        let text = String::from_utf8_lossy(&out.stderr).into_owned();
        let json: Value = serde_json::from_str(text.trim()).unwrap_or_else(|e| panic!("{args:?}: not JSON ({e}): {text}"));
        (out.status.code().unwrap_or(-1), json["error"].clone())
    }

    /// Runs a command line and reads its JSON.
    pub fn json(&self, args: &[&str]) -> Value {
        let mut all = args.to_vec();
        let at = all.iter().position(|a| *a == "--").unwrap_or(all.len());
        all.insert(at, "--json");
        serde_json::from_str(&self.ok(&all)).expect("JSON")
    }

    /// Starts a shell command as a session.
    pub fn start(&self, name: &str, script: &str) -> Value {
        self.json(&["new", "--name", name, "--", "sh", "-c", script])
    }

    /// A session as it is now.
    pub fn show(&self, session: &str) -> Value {
        self.json(&["sessions", "show", session])
    }

    /// Waits until the terminal shows a line that matches.
    pub fn wait_text(&self, session: &str, regex: &str) {
        self.ok(&["wait", session, "--until", &format!("text={regex}"), "--timeout", "30s"]);
    }

    /// The server's pid.
    pub fn server_pid(&self) -> i32 {
        self.json(&["server", "status"])["pid"].as_i64().expect("a pid") as i32
    }

    /// Kills the server as nothing else can.
    pub fn kill_server(&self) -> i32 {
        let pid = self.server_pid();
        kill(pid, 9);
        until("the server is dead", || !alive(pid));
        pid
    }

    /// The server's log, for messages.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.state().join("log/server.log")).unwrap_or_default()
    }

    /// Processes of this world (by their state folder in the environment), zombies left out.
    pub fn processes(&self) -> Vec<i32> {
        let needle = format!("XDG_STATE_HOME={}", self.path("state").display());
        processes_with(needle.as_bytes())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.run(&["server", "stop", "--sessions"]);
        for pid in self.processes() {
            kill(pid, 9);
        }
    }
}

/// Processes whose environment holds a text.
pub fn processes_with(needle: &[u8]) -> Vec<i32> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir("/proc").expect("/proc").flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<i32>().ok()) else { continue };
        let Ok(env) = std::fs::read(format!("/proc/{pid}/environ")) else { continue };
        if env.windows(needle.len()).any(|w| w == needle) && alive(pid) {
            out.push(pid);
        }
    }
    out
}

/// Letter of a process's state; nothing when there is no such process.
pub fn state_of(pid: i32) -> Option<char> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    stat.rsplit_once(')')?.1.trim_start().chars().next()
}

/// It exists and is no zombie.
pub fn alive(pid: i32) -> bool {
    state_of(pid).is_some_and(|s| s != 'Z' && s != 'X')
}

/// Sends a signal.
pub fn kill(pid: i32, signal: i32) {
    let pid = rustix::process::Pid::from_raw(pid).expect("a pid");
    let signal = rustix::process::Signal::from_named_raw(signal).expect("a signal");
    let _ = rustix::process::kill_process(pid, signal);
}

/// Waits for a fact that no event tells of (a process of somebody else), looking often.
pub fn until(what: &str, mut fact: impl FnMut() -> bool) {
    let start = Instant::now();
    while !fact() {
        assert!(start.elapsed() < SOON, "never came: {what}");
        std::thread::yield_now();
    }
}

/// A git repository with one commit.
pub fn repository(at: &Path) {
    std::fs::create_dir_all(at).expect("a folder");
    let git = |args: &[&str]| {
        let out = Command::new("git")
            .args(args)
            .current_dir(at)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", "t"), ("GIT_AUTHOR_EMAIL", "t@t"), ("GIT_COMMITTER_NAME", "t"), ("GIT_COMMITTER_EMAIL", "t@t")])
            .output()
            .expect("git runs");
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    };
    git(&["init", "-q", "-b", "main"]);
    std::fs::write(at.join("README"), "hello\n").expect("a file");
    git(&["add", "."]);
    git(&["commit", "-qm", "first"]);
}
