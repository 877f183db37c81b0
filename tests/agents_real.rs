//! Real agents in real panes: each is installed from npm (pinned, at most once, into `target/agents`), talks to a stand-in model
//! on the loopback with a key that is none, and has a home of its own. What cannot be installed here is skipped, loudly.

#[path = "agents/edits.rs"]
mod edits;
#[path = "agents/facts.rs"]
mod facts;
#[path = "agents/model.rs"]
mod model;
#[path = "agents/others.rs"]
mod others;
#[path = "agents/own.rs"]
mod own;
#[path = "agents/rig.rs"]
mod rig;
#[path = "support/screen.rs"]
mod screen;
mod support;
#[path = "agents/which.rs"]
mod which;

use rig::{Rig, now_ms};
use screen::Terminal;
use serde_json::Value;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use support::{alive, state_of, until};
use which::{Agent, CLAUDE, CODEX, COPILOT, GEMINI, OPENCODE, QWEN, skip};

/// One agent at a time: two of them at once make each other slow on small machines.
static TURN: Mutex<()> = Mutex::new(());

fn try_real_work(agent: &'static Agent) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rig = match Rig::new(agent) {
        Ok(rig) => rig,
        Err(why) => return skip(agent.name, &why),
    };
    // It is started with a task, in a worktree of its own.
    let started = now_ms();
    let out = rig.command(&["new", "--agent", agent.name, "--worktree", "first", "please do scenario:write"]).output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(rig.session()["kind"], "isolated");
    let app = Terminal::start(&rig.command(&["attach", "first"]), 120, 40);
    let s = rig.session_is("works", |s| s["state"] == "working");
    let known = now_ms().saturating_sub(s["evidence"]["state"]["age_ms"].as_u64().unwrap_or_default());
    rig.line("start", "working", s["evidence"]["state"]["source"].as_str().unwrap_or_default(), known.saturating_sub(started));
    rig.allow(&app);
    rig.text("The file is made");
    let s = rig.state_is("idle");
    rig.told("end of a turn", rig.model.last("said", "write"), &s, agent.source);
    let made = rig.w.path("work/p-first/made.txt");
    assert_eq!(std::fs::read_to_string(&made).expect("the agent's file"), "first\n");
    rig.session_is("has changes", |s| s["changes"]["files"].as_u64() >= Some(1));
    app.shows(if agent.ready.is_empty() { "The file is made" } else { agent.ready });

    // A follow-up from the box of the app.
    app.prefix("f");
    app.shows("Enter send");
    app.keys(b"please do scenario:again");
    app.shows("scenario:again");
    app.keys(b"\r");
    rig.allow(&app);
    rig.text("The other file is made");
    rig.state_is("idle");
    assert_eq!(std::fs::read_to_string(rig.w.path("work/p-first/again.txt")).expect("the other file"), "second\n");

    // One from the shell, of several lines: whole, once, and sent.
    let lines = "please do scenario:chat\nwith \"quotes\", $HOME and 中文 🎉\n  and a last line";
    rig.send(lines);
    rig.text("Just a plain answer");
    rig.state_is("idle");
    let heard = rig.model.entries().iter().filter(|e| e["asked"] == "chat" && e["user"].as_str().is_some_and(|u| u.contains(lines))).count();
    assert_eq!(heard, 1, "{:?}", rig.model.entries());

    // It asks; a follow-up that would answer is refused; keys in the pane answer.
    rig.send("please do scenario:ask");
    let s = rig.state_is("waiting");
    rig.told("approval", rig.model.last("called", "ask"), &s, agent.waiting_source);
    assert_eq!(s["waiting_for"]["kind"], "permission");
    let s = rig.session_is("says what it asks", |s| s["waiting_for"]["text"].as_str().is_some_and(|t| t.contains("echo out")));
    assert_eq!(s["state"], "waiting");
    let (code, error) = rig.w.fails(&["send", "first", "this would be a yes"]);
    assert_eq!((code, error["kind"].as_str()), (1, Some("conflict")), "{error}");
    let outside = rig.w.path("outside.txt");
    assert!(!outside.exists(), "nothing answered for the person");
    let (answered, s) = rig.say_yes(&app);
    let known = now_ms().saturating_sub(s["evidence"]["state"]["age_ms"].as_u64().unwrap_or_default());
    rig.line(
        "answered",
        s["state"].as_str().unwrap_or_default(),
        s["evidence"]["state"]["source"].as_str().unwrap_or_default(),
        known.saturating_sub(answered),
    );
    rig.text("The question is settled");
    rig.state_is("idle");
    assert_eq!(std::fs::read_to_string(&outside).expect("what was allowed"), "out\n");

    // The model fails: an error, and the session is ready again.
    rig.send("please do scenario:error");
    let s = rig.session_is("has an error", |s| s["errors"].as_array().is_some_and(|e| !e.is_empty()));
    let time = s["errors"][0]["time"].as_str().and_then(|t| t.parse::<jiff::Timestamp>().ok()).expect("a time");
    rig.line("API error", "error", "", (time.as_millisecond() as u64).saturating_sub(rig.model.last("failed", "error")));
    rig.state_is("idle");

    // The server dies in the middle of a turn; the turn does not.
    let pid = rig.session()["pid"].clone();
    rig.send("please do scenario:count");
    rig.text("number-20");
    rig.w.kill_server();
    let s = rig.session();
    assert_eq!((s["pid"].clone(), s["state"].as_str()), (pid, Some("working")), "{}", rig.w.log());
    rig.text("That was all");
    let s = rig.state_is("idle");
    rig.told("end of a turn, another server", rig.model.last("said", "count"), &s, agent.source);
    app.shows("That was all");

    // Paused in a turn nothing runs on; resumed it does.
    rig.send("please do scenario:ticks");
    rig.allow(&app);
    let ticks = rig.w.path("work/p-first/ticks.txt");
    let length = || std::fs::metadata(&ticks).map_or(0, |m| m.len());
    until("it ticks", || length() > 4);
    rig.w.ok(&["sessions", "pause", "first"]);
    let tree = rig.tree();
    assert!(tree.len() > 1, "the command runs below the agent");
    assert!(tree.iter().all(|p| matches!(state_of(*p), Some('T' | 'Z'))), "{:?}", tree.iter().map(|p| state_of(*p)).collect::<Vec<_>>());
    let before = length();
    rig.w.ok(&["sessions", "resume", "first"]);
    until("it ticks again", || length() > before + 4);
    assert_eq!(rig.session()["state"], "working");

    // Stopped in a turn it leaves nothing.
    let tree = rig.tree();
    rig.w.ok(&["sessions", "stop", "first"]);
    assert_eq!(rig.session()["state"], "cancelled");
    let left: Vec<i32> = tree.into_iter().filter(|p| alive(*p)).collect();
    assert_eq!(left, Vec::<i32>::new());
    let home = format!("HOME={}", rig.w.path("home").display());
    let of_session = format!("COPILOT_TUI_SESSION={}", rig.session()["id"].as_str().expect("an id"));
    until("nothing of the session is left", || support::processes_with(of_session.as_bytes()).is_empty());
    let strays: Vec<String> = support::processes_with(home.as_bytes())
        .into_iter()
        .filter_map(|p| std::fs::read_to_string(format!("/proc/{p}/cmdline")).ok())
        .filter(|c| c.contains(&*rig.w.path("bin").to_string_lossy()) || c.contains("node_modules"))
        .collect();
    assert_eq!(strays, Vec::<String>::new());
    let _ = std::io::stderr().write_all(format!("| agent | fact | state | source | delay, ms |\n{}", rig.table).as_bytes());
}

/// An agent of somebody else on a busy machine: one failed run is told loudly and tried again; the second one counts.
fn does_real_work(agent: &'static Agent) {
    if std::panic::catch_unwind(|| try_real_work(agent)).is_err() {
        eprintln!("FAILED ONCE: {}; trying again", agent.name);
        try_real_work(agent);
    }
}

#[test]
fn codex_does_real_work_in_a_pane() {
    does_real_work(&CODEX);
}

#[test]
fn copilot_does_real_work_in_a_pane() {
    does_real_work(&COPILOT);
}

#[test]
fn claude_does_real_work_in_a_pane() {
    does_real_work(&CLAUDE);
}

/// An agent reports by our MCP server without being asked for it, and another session is delegated what it said.
fn try_mcp(agent: &'static Agent) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let rig = match Rig::new(agent) {
        Ok(rig) => rig,
        Err(why) => return skip(agent.name, &why),
    };
    let config = rig.w.path("config/copilot-tui");
    std::fs::create_dir_all(&config).expect("made");
    std::fs::write(config.join("config.toml"), "[agents]\nmcp = true\n").expect("written");
    let out = rig.command(&["new", "--agent", agent.name, "--name", "first", "please do scenario:report"]).output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    rig.text("It is known");
    let s = rig.session_is("has reported", |s| s["progress"]["items"][0]["done"] == 3);
    assert_eq!((s["progress"]["total"].as_u64(), s["progress"]["current"].as_str()), (Some(7), Some("a.rs")));
    assert_eq!(s["waiting_for"], Value::Null, "nobody was asked");
    let mut brief = String::new();
    until("its log holds the conversation", || {
        let out = rig.command(&["delegate", "--from-session", "first", "--dry-run"]).output().expect("it runs");
        brief = String::from_utf8_lossy(&out.stdout).into_owned();
        brief.contains("**Agent:**\nIt is known.")
    });
    assert!(brief.contains("**Person:**\nplease do scenario:report\n") && brief.contains("report_progress"), "{brief}");
}

#[test]
fn codex_reports_by_mcp() {
    try_mcp(&CODEX);
}

#[test]
fn copilot_reports_by_mcp() {
    try_mcp(&COPILOT);
}

#[test]
fn claude_reports_by_mcp() {
    try_mcp(&CLAUDE);
}
