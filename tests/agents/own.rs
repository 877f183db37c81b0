//! What only one agent has: Codex's plan and its notification, two dialogs of it that look the same; opencode's questions over a
//! server that dies; Copilot's hook that dies.

use super::screen::Terminal;
use super::support::{kill, processes_with, until};
use super::{Agent, CODEX, COPILOT, OPENCODE, Rig, TURN, skip};
use serde_json::Value;
use std::sync::PoisonError;

/// Runs a test with an agent, when that can be had.
fn with(agent: &'static Agent, test: impl Fn(&mut Rig)) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    match Rig::new(agent) {
        Ok(mut rig) => test(&mut rig),
        Err(why) => skip(agent.name, &why),
    }
}

impl Rig {
    pub fn begin(&self, task: &str) {
        let out = self.command(&["new", "--agent", self.agent.name, "--name", "first", task]).output().expect("it runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    fn explained(&self) -> Value {
        self.w.json(&["sessions", "explain", "first"])
    }

    /// Whether a source says so of the session now.
    fn is_told(&self, source: &str, state: &str) -> bool {
        let said = self.explained();
        said["signals"].as_array().is_some_and(|s| s.iter().any(|s| s["source"] == source && s["state"] == state))
    }

    pub fn prompt(&self, but: &str) -> String {
        let other = |s: &Value| s["waiting_for"]["id"].as_str().is_some_and(|id| id != but);
        let s = self.session_is("has a prompt that can be answered", other);
        s["waiting_for"]["id"].as_str().unwrap_or_default().to_owned()
    }
}

#[test]
fn codex_tells_its_plan_and_the_end_of_a_turn() {
    with(&CODEX, |rig| {
        rig.begin("please do scenario:plan");
        rig.text("The plan is made");
        let s = rig.session_is("has a plan", |s| s["progress"]["total"] == 3);
        assert_eq!((&s["progress"]["done"], &s["progress"]["items"][0]["name"]), (&Value::from(1), &Value::from("Plan")), "{s}");
        assert_eq!(s["evidence"]["progress"]["source"], "log", "{s}");
        let plan: Vec<(&str, &str)> = s["plan"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|p| (p["text"].as_str().unwrap_or_default(), p["state"].as_str().unwrap_or_default()))
            .collect();
        assert_eq!(plan, [("Read", "done"), ("Write", "pending"), ("Check", "pending")], "{s}");
        // Its notification speaks of this conversation alone, not of the one that found a title for it.
        until("its notification tells that the turn is over", || rig.is_told("hook", "idle"));
        assert!(!rig.is_told("hook", "working"));
    });
}

#[test]
fn a_program_that_codex_tells_already_stays_the_one() {
    // In the user's settings, and as an argument of the user's own way to start it.
    for as_argument in [false, true] {
        with(&CODEX, |rig| {
            let told = rig.w.path("told.txt");
            let own = format!("notify = [\"sh\", \"-c\", \"echo \\\"$0\\\" >> {}\"]\n", told.display());
            let config = rig.w.path("home/.codex/config.toml");
            if as_argument {
                let file = rig.w.path("config/copilot-tui/agents/codex.toml");
                std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
                let launch = format!("[launch]\nwith_task = [\"--no-daemon\", \"-c\", '{}', \"{{extra}}\", \"--\", \"{{task}}\"]\n", own.trim());
                std::fs::write(file, launch).expect("written");
            } else {
                let old = std::fs::read_to_string(&config).expect("its settings");
                std::fs::write(&config, format!("{own}{old}")).expect("written");
            }
            rig.begin("please do scenario:plan");
            rig.text("The plan is made");
            rig.session_is("has a plan", |s| s["progress"]["total"] == 3);
            until("the user's own program hears of it", || std::fs::read_to_string(&told).is_ok_and(|t| t.contains("The plan is made")));
            let s = rig.state_is("idle");
            assert!(!rig.is_told("hook", "idle") && !s["command"].to_string().contains("hook"), "{s}");
            assert!(as_argument || std::fs::read_to_string(&config).expect("its settings").starts_with(&own), "nobody touched them");
        });
    }
}

#[test]
fn two_dialogs_that_look_the_same_are_two_prompts() {
    with(&CODEX, |rig| {
        let done = rig.w.path("outside.txt.twice");
        let times = || std::fs::read_to_string(&done).unwrap_or_default().lines().count();
        rig.begin("please do scenario:twice");
        let first = rig.prompt("");
        let (fine, text) = rig.person(&["approve", "first", "--prompt", &first]);
        assert!(fine, "{text}");
        // The next one asks for the very same command.
        let second = rig.prompt(&first);
        until("the first has run", || times() == 1);
        let (fine, text) = rig.person(&["approve", "first", "--prompt", &first]);
        assert!(!fine && text.contains("something else"), "what was answered is answered: {text}");
        assert_eq!((times(), rig.session()["waiting_for"]["id"].as_str()), (1, Some(second.as_str())));
        let (fine, text) = rig.person(&["approve", "first", "--prompt", &second]);
        assert!(fine, "{text}");
        rig.text("Both are settled");
        assert_eq!(times(), 2);

        // One of them is answered in its terminal: what was meant for it is no answer to the other.
        rig.send("please do scenario:twice");
        let first = rig.prompt(&second);
        let app = Terminal::start(&rig.command(&["attach", "first"]), 120, 40);
        rig.say_yes(&app);
        until("the first has run", || times() == 3);
        let next = rig.prompt(&first);
        let (fine, text) = rig.person(&["approve", "first", "--prompt", &first]);
        assert!(!fine, "{text}");
        assert_eq!(times(), 3);
        let (fine, text) = rig.person(&["deny", "first", "--prompt", &next]);
        assert!(fine, "{text}");
        rig.state_is("idle");
        assert_eq!(times(), 3);
    });
}

#[test]
fn what_opencode_asked_before_is_asked_for_anew() {
    with(&OPENCODE, |rig| {
        rig.begin("please do scenario:which");
        rig.text("Which colour");
        let before = rig.prompt("");
        rig.w.kill_server();
        // Another server reads its events from now on; the question was told before.
        let now = rig.prompt(&before);
        let s = rig.session();
        assert_eq!((s["waiting_for"]["kind"].as_str(), s["waiting_for"]["options"][1].as_str()), (Some("question"), Some("Blue")), "{s}");
        let (fine, text) = rig.person(&["answer", "first", "2", "--prompt", &now]);
        assert!(fine, "{text}");
        rig.text("Thank you");
        assert!(rig.model_heard_answer("Blue"));
        rig.state_is("idle");

        // A turn that ends while nobody hears of it.
        rig.send("please do scenario:count");
        rig.text("number-5");
        let server = rig.w.server_pid();
        kill(server, 19);
        until("the turn is over", || rig.model.entries().iter().any(|e| e["said"] == "count"));
        kill(server, 18);
        rig.w.kill_server();
        let s = rig.state_is("idle");
        assert_eq!(s["evidence"]["state"]["source"], "log", "{s}");
    });
}

#[test]
fn when_a_held_hook_dies_the_agents_own_dialog_asks() {
    with(&COPILOT, |rig| {
        let done = rig.w.path("outside.txt");
        rig.begin("please do scenario:ask");
        let held = rig.prompt("");
        assert_eq!(rig.session()["waiting_for"]["via"], "hook");
        let home = format!("HOME={}", rig.w.path("home").display());
        let hooks = |p: &i32| {
            std::fs::read(format!("/proc/{p}/cmdline")).is_ok_and(|c| String::from_utf8_lossy(&c).contains("\0hook\0copilot\0permissionRequest"))
        };
        let hook: Vec<i32> = processes_with(home.as_bytes()).into_iter().filter(hooks).collect();
        assert!(!hook.is_empty());
        hook.iter().for_each(|p| kill(*p, 9));
        let s = rig.session_is("asks by its own dialog", |s| s["state"] == "waiting" && s["waiting_for"]["via"] == "keys");
        let dialog = s["waiting_for"]["id"].as_str().unwrap_or_default().to_owned();
        assert!(dialog != held && s["waiting_for"]["text"].as_str().is_some_and(|t| t.contains("echo out")), "{s}");
        let (fine, text) = rig.person(&["approve", "first", "--prompt", &held]);
        assert!(!fine && !done.exists(), "{text}");
        let (fine, text) = rig.person(&["approve", "first", "--prompt", &dialog]);
        assert!(fine, "{text}");
        rig.text("The question is settled");
        rig.state_is("idle");
        assert_eq!(std::fs::read_to_string(&done).expect("what was allowed"), "out\n");
        assert!(!rig.is_told("hook", "waiting"), "nothing of it is left: {}", rig.explained());
    });
}
