//! A real Codex or Claude Code in a world of its own, with a stand-in model on the loopback that writes down every prompt.
//! What was not installed here before (by `tests/agents_real.rs`) and cannot be found on the path is skipped, loudly.
#![allow(dead_code)] // each test file uses a part

use super::support::{World, repository};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::inotify;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where the packages that `tests/agents_real.rs` installs have their programs.
const PROGRAMS: &[(&str, &str)] =
    &[("codex", "@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"), ("claude", "@anthropic-ai/claude-code-linux-x64/claude")];

fn program(agent: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).parent()?.join("agents").join(agent).join("node_modules");
    let installed = root.join(PROGRAMS.iter().find(|p| p.0 == agent)?.1);
    let on_path = std::env::var_os("PATH").and_then(|p| std::env::split_paths(&p).map(|d| d.join(agent)).find(|p| p.is_file()));
    installed.is_file().then_some(installed).or(on_path)
}

/// The world, the agent's environment, the model.
pub struct StandIn {
    pub w: World,
    pub agent: &'static str,
    env: Vec<(String, String)>,
    model: Child,
    log: File,
    /// What of the log was not a whole line yet.
    half: Vec<u8>,
    changes: OwnedFd,
}

impl StandIn {
    /// Everything but a session.
    pub fn new(agent: &'static str) -> Result<StandIn, String> {
        let program = program(agent).ok_or("it is not installed; `cargo test --test agents_real` does that")?;
        let w = World::new();
        repository(&w.path("work/p"));
        let path = w.path("model.jsonl");
        File::create(&path).map_err(|e| e.to_string())?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/agents/model_server.py");
        let args = [Path::new(script), &path, &w.path("outside.txt")];
        let mut model = Command::new("python3").args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(|e| e.to_string())?;
        let mut line = String::new();
        BufReader::new(model.stdout.take().ok_or("no output")?).read_line(&mut line).map_err(|e| e.to_string())?;
        let url = format!("http://127.0.0.1:{}", line.trim());
        let bin = w.path("bin");
        std::fs::create_dir(&bin).expect("a folder");
        std::os::unix::fs::symlink(program, bin.join(agent)).expect("a link");
        let changes = inotify::init(inotify::CreateFlags::CLOEXEC | inotify::CreateFlags::NONBLOCK).expect("inotify");
        inotify::add_watch(&changes, &path, inotify::WatchFlags::MODIFY).expect("a watch");
        let log = File::open(&path).map_err(|e| e.to_string())?;
        let mut rig = StandIn { w, agent, env: Vec::new(), model, log, half: Vec::new(), changes };
        rig.settle_in(&url, &bin);
        Ok(rig)
    }

    fn settle_in(&mut self, url: &str, bin: &Path) {
        let home = self.w.path("home");
        let folder = self.w.path("work/p").to_string_lossy().into_owned();
        let mut set = |k: &str, v: &str| self.env.push((k.to_owned(), v.to_owned()));
        set("PATH", &format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default()));
        for (k, v) in
            [("HTTPS_PROXY", "http://127.0.0.1:9"), ("https_proxy", "http://127.0.0.1:9"), ("NO_PROXY", "127.0.0.1,localhost"), ("DO_NOT_TRACK", "1")]
        {
            set(k, v);
        }
        if self.agent == "codex" {
            set("CODEX_HOME", &home.join(".codex").to_string_lossy());
            set("STAND_IN_KEY", "none");
            std::fs::create_dir_all(home.join(".codex")).expect("made");
            let config = format!(
                "model = \"stand-in\"\nmodel_provider = \"stand-in\"\ncheck_for_update_on_startup = false\n\
                 [model_providers.stand-in]\nname = \"stand-in\"\nbase_url = \"{url}/v1\"\nwire_api = \"responses\"\nenv_key = \"STAND_IN_KEY\"\n\
                 request_max_retries = 0\nrequires_openai_auth = false\n[analytics]\nenabled = false\n[feedback]\nenabled = false\n\
                 [otel]\nexporter = \"none\"\n[projects.\"{folder}\"]\ntrust_level = \"trusted\"\n"
            );
            std::fs::write(home.join(".codex/config.toml"), config).expect("written");
            return;
        }
        let key = "sk-ant-none-at-all-stand-in-0000";
        set("ANTHROPIC_BASE_URL", url);
        set("ANTHROPIC_API_KEY", key);
        for name in ["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL"] {
            set(name, "stand-in");
        }
        for name in ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING"] {
            set(name, "1");
        }
        let approved = json!({ "approved": [&key[key.len() - 20..]], "rejected": [] });
        let projects = json!({ folder: { "hasTrustDialogAccepted": true } });
        let text = json!({ "hasCompletedOnboarding": true, "theme": "dark", "customApiKeyResponses": approved, "projects": projects });
        std::fs::write(home.join(".claude.json"), text.to_string()).expect("written");
    }

    /// A command line in the agent's environment.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = self.w.command(args);
        c.current_dir(self.w.path("work/p")).envs(self.env.iter().map(|(k, v)| (k, v)));
        c
    }

    /// Starts one that is ready for follow-ups.
    pub fn session(&self, name: &str) {
        let out = self.command(&["new", "--agent", self.agent, "--name", name]).output().expect("it runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let out = self.w.run(&["wait", name, "--until", "idle", "--timeout", "60s"]);
        assert!(out.status.success(), "{} is never ready; its screen is\n{}", self.agent, self.w.ok(&["read", name]));
    }

    /// What was written down since this was last called.
    fn new_entries(&mut self) -> Vec<Value> {
        self.log.read_to_end(&mut self.half).expect("read");
        let end = self.half.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
        let whole: Vec<u8> = self.half.drain(..end).collect();
        whole.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect()
    }

    /// Prompts that came to the model (titles that agents have made left out), until one was answered or the time is over.
    pub fn prompts(&mut self, at_most: Duration) -> Vec<String> {
        let end = Instant::now() + at_most;
        let mut prompts = Vec::new();
        loop {
            let entries = self.new_entries();
            let told = |e: &Value| e["asked"].as_str().is_some_and(|a| a != "title");
            prompts.extend(entries.iter().filter(|e| told(e)).map(|e| e["user"].as_str().unwrap_or_default().to_owned()));
            let answered = entries.iter().any(|e| e["said"].as_str().is_some_and(|a| a != "title"));
            let left = end.saturating_duration_since(Instant::now());
            if (answered && !prompts.is_empty()) || left.is_zero() {
                return prompts;
            }
            let mut fds = [PollFd::new(&self.changes, PollFlags::IN)];
            let _ = poll(&mut fds, Some(&Timespec { tv_sec: left.as_secs() as i64, tv_nsec: i64::from(left.subsec_nanos()) }));
            let mut events = [0u8; 4096];
            while rustix::io::read(&self.changes, &mut events).is_ok_and(|n| n > 0) {}
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.model.kill();
        let _ = self.model.wait();
    }
}
