//! Edits that are asked for, and the same thing asked for twice at once: what would change is shown, one answer is for one of them.

use super::screen::Terminal;
use super::support::until;
use super::which::{Agent, CLAUDE, CODEX, COPILOT, OPENCODE, skip};
use super::{Rig, TURN};
use serde_json::Value;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

fn changes(s: &Value) -> Vec<&str> {
    s["waiting_for"]["changes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

fn edits(agent: &'static Agent) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let rig = match Rig::new(agent) {
        Ok(rig) => rig,
        Err(why) => return skip(agent.name, &why),
    };
    if agent.name == "codex" {
        let config = rig.w.path("home/.codex/config.toml");
        let old = std::fs::read_to_string(&config).expect("its settings");
        // Else it may write there, and anywhere in `/tmp`.
        std::fs::write(&config, format!("sandbox_mode = \"read-only\"\napproval_policy = \"on-request\"\n{old}")).expect("written");
    }
    rig.begin("please do scenario:edit");
    rig.text("I write it");
    let file = rig.w.path("outside.txt.edited");
    let shown = |before: &str, line: &str| {
        let s = rig
            .session_is(&format!("shows {line}"), |s| s["waiting_for"]["id"].as_str().is_some_and(|id| id != before) && changes(s).contains(&line));
        let text = s["waiting_for"]["text"].as_str().unwrap_or_default();
        assert!(text.contains("outside.txt.edited"), "{s}");
        s
    };
    let s = shown("", "+two");
    assert_eq!(changes(&s), ["+one", "+two", "+three"], "{s}");
    assert!(!file.exists());
    let id = s["waiting_for"]["id"].as_str().expect("an id").to_owned();
    let (fine, text) = rig.person(&["approve", "first", "--prompt", &id]);
    assert!(fine, "{text}");
    let s = shown(&id, "+2");
    assert!(changes(&s).contains(&"-two") && !changes(&s).contains(&"+one"), "{s}");
    assert_eq!(std::fs::read_to_string(&file).expect("what was allowed"), "one\ntwo\nthree\n");
    // The inbox and the card have it, too. Who brings the session to the front gets the agent's own dialog.
    rig.w.json(&["new", "--name", "other", "--", "cat"]);
    let app = Terminal::start(&rig.command(&["attach", "other"]), 120, 40);
    app.prefix("i");
    app.shows("INBOX 1");
    app.until("the edit is there", |t| t.contains("-two") && t.contains("+2"));
    let card = rig.w.ok(&["sessions", "show", "first"]);
    assert!(card.contains("-two") && card.contains("+2"), "{card}");
    app.keys(b"\x1b");
    let now = rig.prompt("");
    let (fine, text) = rig.person(&["deny", "first", "--prompt", &now]);
    assert!(fine, "{text}");
    rig.session_is("goes on", |s| s["state"] == "idle");
    assert_eq!(std::fs::read_to_string(&file).expect("as it was"), "one\ntwo\nthree\n");
}

#[test]
fn codex_shows_what_it_would_change() {
    edits(&CODEX);
}

#[test]
fn claude_shows_what_it_would_change() {
    edits(&CLAUDE);
}

#[test]
fn copilot_shows_what_it_would_change() {
    edits(&COPILOT);
}

#[test]
fn opencode_shows_what_it_would_change() {
    edits(&OPENCODE);
}

/// Two calls of one answer of the model, the same to the letter.
fn pair(agent: &'static Agent) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let rig = match Rig::new(agent) {
        Ok(rig) => rig,
        Err(why) => return skip(agent.name, &why),
    };
    let done = rig.w.path("outside.txt.twice");
    let times = || std::fs::read_to_string(&done).unwrap_or_default().lines().count();
    rig.begin("please do scenario:pair");
    let first = rig.prompt("");
    let begun = Instant::now();
    let (fine, text) = rig.person(&["approve", "first", "--prompt", &first]);
    assert!(fine, "{text}");
    // It is seen that the key was taken, though the next dialog looks the same.
    assert!(begun.elapsed() < Duration::from_secs(6), "{text}");
    let second = rig.prompt(&first);
    let (fine, text) = rig.person(&["approve", "first", "--prompt", &first]);
    assert!(!fine, "{text}");
    assert!(times() <= 1);
    let (fine, text) = rig.person(&["approve", "first", "--prompt", &second]);
    assert!(fine, "{text}");
    rig.session_is("is done", |s| s["state"] == "idle");
    until("both have run", || times() == 2);

    rig.send("please do scenario:pair");
    let third = rig.prompt(&second);
    let (fine, text) = rig.person(&["approve", "first", "--prompt", &third]);
    assert!(fine, "{text}");
    let fourth = rig.prompt(&third);
    let (fine, text) = rig.person(&["deny", "first", "--prompt", &fourth]);
    assert!(fine, "{text}");
    rig.session_is("is done", |s| s["state"] == "idle");
    until("the one that was allowed has run", || times() >= 3 || agent.name == "codex");
    assert!(times() <= 3, "one answer is for one of them");
}

#[test]
fn codex_is_answered_once_for_each_of_two() {
    pair(&CODEX);
}

#[test]
fn claude_is_answered_once_for_each_of_two() {
    pair(&CLAUDE);
}

#[test]
fn copilot_is_answered_once_for_each_of_two() {
    pair(&COPILOT);
}
