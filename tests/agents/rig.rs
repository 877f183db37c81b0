//! An agent in a world of its own, with a person who types and looks. Must not know what a test wants to see.

use super::model::Model;
use super::screen::Terminal;
use super::support::{self, World, alive};
use super::which::{Agent, installed};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|d| d.as_millis() as u64).unwrap_or_default()
}

/// On the slowest machine, too, a fact that is told later than this came by another way than it should, milliseconds. How fast they
/// come is printed, and held against the machine's speed by `facts`.
const LATEST: u64 = 10_000;

/// An agent with everything it needs, in a world of its own.
pub struct Rig {
    pub agent: &'static Agent,
    pub w: World,
    pub model: Model,
    pub env: Vec<(String, String)>,
    pub table: String,
    pub rows: Vec<u64>,
    /// How slow the machine was beside each of them, in percent of one with time.
    pub stretches: Vec<u64>,
}

impl Rig {
    pub fn new(agent: &'static Agent) -> Result<Rig, String> {
        let program = installed(agent)?;
        let w = World::new();
        let model = Model::start(&w)?;
        support::repository(&w.path("work/p"));
        let mut rig = Rig { agent, env: Vec::new(), w, model, table: String::new(), rows: Vec::new(), stretches: Vec::new() };
        rig.settle_in(&program);
        Ok(rig)
    }

    /// Trust, no first-run questions, no updates; nothing of it reaches the network.
    pub fn settle_in(&mut self, program: &Path) {
        let home = self.w.path("home");
        let url = format!("http://127.0.0.1:{}", self.model.port);
        let trusted: Vec<String> = ["work/p", "work/p-first"].map(|p| self.w.path(p).to_string_lossy().into_owned()).into();
        let bin = self.w.path("bin");
        std::fs::create_dir(&bin).expect("a folder");
        std::os::unix::fs::symlink(program, bin.join(self.agent.name)).expect("a link");
        let mut set = |k: &str, v: &str| self.env.push((k.to_owned(), v.to_owned()));
        set("PATH", &format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default()));
        for proxy in ["HTTPS_PROXY", "https_proxy"] {
            set(proxy, "http://127.0.0.1:9"); // whoever wants to leave the machine gets nowhere
        }
        set("NO_PROXY", "127.0.0.1,localhost");
        set("DO_NOT_TRACK", "1");
        let write = |path: &str, text: String| {
            let path = home.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, text).expect("written");
        };
        match self.agent.name {
            "codex" => {
                set("CODEX_HOME", &home.join(".codex").to_string_lossy());
                set("STAND_IN_KEY", "none");
                let mut config = format!(
                    "model = \"stand-in\"\nmodel_provider = \"stand-in\"\ncheck_for_update_on_startup = false\n\
                     [model_providers.stand-in]\nname = \"stand-in\"\nbase_url = \"{url}/v1\"\nwire_api = \"responses\"\nenv_key = \"STAND_IN_KEY\"\n\
                     request_max_retries = 0\nrequires_openai_auth = false\n[analytics]\nenabled = false\n[feedback]\nenabled = false\n[otel]\nexporter = \"none\"\n"
                );
                for folder in &trusted {
                    let _ = write!(config, "[projects.\"{folder}\"]\ntrust_level = \"trusted\"\n");
                }
                write(".codex/config.toml", config);
            }
            "copilot" => {
                for (k, v) in [
                    ("OFFLINE", "true"),
                    ("AUTO_UPDATE", "false"),
                    ("PROVIDER_API_KEY", "none"),
                    ("MODEL", "stand-in"),
                    ("PROVIDER_WIRE_API", "responses"),
                ] {
                    set(&format!("COPILOT_{k}"), v);
                }
                set("COPILOT_PROVIDER_BASE_URL", &format!("{url}/v1"));
                write(".copilot/config.json", serde_json::json!({ "trustedFolders": trusted, "appTipShown": true }).to_string());
            }
            "gemini" => {
                set("GEMINI_API_KEY", "none");
                set("GOOGLE_GEMINI_BASE_URL", &url);
                set("GEMINI_MODEL", "gemini-2.5-flash");
                let folders: serde_json::Map<String, Value> = trusted.iter().map(|f| (f.clone(), "TRUST_FOLDER".into())).collect();
                write(".gemini/trustedFolders.json", Value::Object(folders).to_string());
                let settings = serde_json::json!({
                    "security": { "auth": { "selectedType": "gemini-api-key" } }, "general": { "enableAutoUpdate": false },
                    "privacy": { "usageStatisticsEnabled": false }, "telemetry": { "enabled": false },
                });
                write(".gemini/settings.json", settings.to_string());
            }
            "qwen" => {
                set("OPENAI_API_KEY", "none");
                set("OPENAI_BASE_URL", &format!("{url}/v1"));
                set("OPENAI_MODEL", "stand-in");
                let settings = serde_json::json!({
                    "security": { "auth": { "selectedType": "openai-responses" } }, "general": { "enableAutoUpdate": false },
                    "privacy": { "usageStatisticsEnabled": false }, "telemetry": { "enabled": false }, "memory": { "enableManagedAutoMemory": false },
                });
                write(".qwen/settings.json", settings.to_string());
            }
            "opencode" => {
                set("OPENCODE_DISABLE_AUTOUPDATE", "1");
                // Nothing is fetched, and nothing is done beside the turn itself.
                for name in ["MODELS_FETCH", "LSP_DOWNLOAD", "DEFAULT_PLUGINS", "EXTERNAL_SKILLS", "EMBEDDED_WEB_UI"] {
                    set(&format!("OPENCODE_DISABLE_{name}"), "1");
                }
                let models =
                    serde_json::json!({ "stand-in": { "name": "Stand-in", "limit": { "context": 100_000, "output": 4096 }, "tool_call": true } });
                let provider = serde_json::json!({ "npm": "@ai-sdk/openai", "name": "Stand-in", "options": { "baseURL": format!("{url}/v1"), "apiKey": "none" }, "models": models });
                let config = serde_json::json!({
                    "autoupdate": false, "share": "disabled", "snapshot": false, "model": "stand-in/stand-in", "small_model": "stand-in/stand-in",
                    "permission": { "bash": "ask", "edit": "ask", "external_directory": "allow" }, "provider": { "stand-in": provider },
                });
                set("OPENCODE_CONFIG_CONTENT", &config.to_string());
            }
            _ => {
                let key = "sk-ant-none-at-all-stand-in-0000";
                set("ANTHROPIC_BASE_URL", &url);
                set("ANTHROPIC_API_KEY", key);
                for name in ["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL", "ANTHROPIC_SMALL_FAST_MODEL"] {
                    set(name, "stand-in");
                }
                for name in ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "DISABLE_AUTOUPDATER", "DISABLE_TELEMETRY", "DISABLE_ERROR_REPORTING"] {
                    set(name, "1");
                }
                let projects: serde_json::Map<String, Value> =
                    trusted.iter().map(|f| (f.clone(), serde_json::json!({ "hasTrustDialogAccepted": true }))).collect();
                let approved = serde_json::json!({ "approved": [&key[key.len() - 20..]], "rejected": [] });
                let text =
                    serde_json::json!({ "hasCompletedOnboarding": true, "theme": "dark", "customApiKeyResponses": approved, "projects": projects });
                write(".claude.json", text.to_string());
            }
        }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = self.w.command(args);
        c.current_dir(self.w.path("work/p")).envs(self.env.iter().map(|(k, v)| (k, v)));
        c
    }

    /// When the model last heard of a scenario.
    pub fn model_heard(&self, scenario: &str) -> Option<u64> {
        self.model.entries().into_iter().rev().find(|e| e["asked"] == scenario).and_then(|e| e["at"].as_u64())
    }

    /// Whether the model was told this as the result of a tool.
    pub fn model_heard_answer(&self, word: &str) -> bool {
        self.model.entries().iter().any(|e| e["result"].as_str().is_some_and(|r| r.contains(word)))
    }

    /// Presses keys in the session's terminal, once it is in sight; when that was.
    pub fn keys_in_pane(&self, keys: &[&str]) -> u64 {
        let app = Terminal::start(&self.command(&["attach", "first"]), 120, 40);
        app.shows("#1 first");
        let mut at = now_ms();
        for (i, key) in keys.iter().enumerate() {
            if i > 0 {
                // Who is asked for a second key presses it when that is to be read, else at a person's pace.
                let asked = self.agent.name == "opencode" && app.wait_for(Duration::from_secs(10), |t| t.contains("again to interrupt"));
                if !asked {
                    std::thread::sleep(Duration::from_millis(150));
                }
            }
            at = now_ms();
            app.keys(key.as_bytes());
        }
        self.session_is("took the keys", |s| !matches!(s["state"].as_str(), Some("working" | "waiting")) || now_ms() > at + 10_000);
        at
    }

    /// Ends its turn as a person does.
    pub fn interrupt(&self) -> u64 {
        self.keys_in_pane(match self.agent.name {
            "copilot" => &["\x03"],
            "opencode" => &["\x1b", "\x1b"],
            _ => &["\x1b"],
        })
    }

    /// Clears what the agent put back into its box.
    pub fn empty_box(&self) {
        let app = Terminal::start(&self.command(&["attach", "first"]), 120, 40);
        app.shows("#1 first");
        for _ in 0..5 {
            app.keys(b"\x15");
            if app.wait_for(Duration::from_secs(2), |shown| shown.contains("to paste deleted text")) {
                return;
            }
        }
        panic!("the box of {} is not empty:\n{}", self.agent.name, app.text());
    }

    /// Leaves it as a person does.
    pub fn leave(&self) -> u64 {
        let app = Terminal::start(&self.command(&["attach", "first"]), 120, 40);
        app.shows("#1 first");
        let mut at = now_ms();
        for _ in 0..4 {
            if self.session()["ended"].is_string() {
                break;
            }
            at = now_ms();
            app.keys(b"\x03");
            app.wait_for(Duration::from_millis(500), |_| self.session()["ended"].is_string());
        }
        at
    }

    pub fn session(&self) -> Value {
        self.w.show("first")
    }

    /// Waits until the session is so, looking at what everybody can see.
    pub fn session_is(&self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let deadline = Instant::now() + support::SOON;
        while Instant::now() < deadline {
            last = self.session();
            if so(&last) {
                return last;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("never came: {} {what}; its screen is\n{}\n{last}", self.agent.name, self.w.ok(&["read", "first"]));
    }

    pub fn state_is(&self, state: &str) -> Value {
        let args = ["wait", "first", "--until", state, "--timeout", "60s"];
        if matches!(state, "waiting" | "idle") {
            let out = self.w.run(&args);
            assert!(out.status.success(), "{} is never {state}; its screen is\n{}", self.agent.name, self.w.ok(&["read", "first"]));
        }
        self.session_is(state, |s| s["state"] == state)
    }

    /// A line of the table: how long after the fact the state was known.
    pub fn told(&mut self, fact: &str, fact_ms: u64, s: &Value, sources: &[&str]) {
        let e = &s["evidence"]["state"];
        let known = now_ms().saturating_sub(e["age_ms"].as_u64().unwrap_or_default());
        let source = e["source"].as_str().unwrap_or_default();
        assert!(sources.contains(&source), "{fact} of {}: told by {source}, not by one of {sources:?}: {s}", self.agent.name);
        self.line(fact, s["state"].as_str().unwrap_or_default(), source, known.saturating_sub(fact_ms));
    }

    pub fn line(&mut self, fact: &str, state: &str, source: &str, delay: u64) {
        let _ = writeln!(self.table, "| {} | {fact} | {state} | {source} | {delay} |", self.agent.name);
        assert!(delay < LATEST, "{} after {delay} ms\n{}", fact, self.table);
    }

    pub fn send(&self, text: &str) {
        self.w.ok(&["send", "first", text]);
    }

    pub fn text(&self, regex: &str) {
        // opencode takes long to start where others have the machine, too.
        let patience = if self.agent.name == "opencode" { "150s" } else { "60s" };
        let out = self.w.run(&["wait", "first", "--until", &format!("text={regex}"), "--timeout", patience]);
        assert!(
            out.status.success(),
            "{} never shows {regex}; its screen is\n{}\n{:?}",
            self.agent.name,
            self.w.ok(&["read", "first"]),
            self.session()
        );
    }

    /// Lets an agent run its command that asks for every one.
    pub fn allow(&self, app: &Terminal) {
        if self.agent.asks_always {
            self.state_is("waiting");
            self.say_yes(app);
        }
    }

    /// Says yes in the pane; when that was, and what came of it. A dialog that has just come up ignores keys for a moment, as it
    /// should: then they are pressed again.
    pub fn say_yes(&self, app: &Terminal) -> (u64, Value) {
        app.shows(self.agent.dialog);
        for _ in 0..10 {
            let pressed = now_ms();
            app.keys(self.agent.yes.as_bytes());
            while now_ms() < pressed + 2000 {
                let s = self.session();
                if s["state"] != "waiting" {
                    return (pressed, s);
                }
            }
        }
        panic!("{} takes no answer; its screen is\n{}", self.agent.name, app.text());
    }

    /// Everything below the session's holder.
    pub fn tree(&self) -> Vec<i32> {
        let pid = self.session()["pid"].as_i64().expect("a pid") as i32;
        let mut tree = vec![pid];
        let all: Vec<(i32, i32)> = std::fs::read_dir("/proc")
            .expect("/proc")
            .flatten()
            .filter_map(|e| {
                let pid: i32 = e.file_name().to_str()?.parse().ok()?;
                let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
                Some((pid, stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?))
            })
            .collect();
        let mut i = 0;
        while let Some(parent) = tree.get(i).copied() {
            tree.extend(all.iter().filter(|(_, p)| *p == parent).map(|(p, _)| *p));
            i += 1;
        }
        tree.retain(|p| alive(*p));
        tree
    }
}
