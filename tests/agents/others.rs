//! Agents that say less of themselves: Qwen Code by titles and hooks, Gemini CLI by titles alone. One life of each: started with a
//! task, answered from the inbox, a follow-up, an error, left and resumed.

use super::support::until;
use super::{Agent, GEMINI, QWEN, Rig, TURN, skip};
use serde_json::Value;
use std::sync::PoisonError;

fn lives(agent: &'static Agent, errors: bool) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut rig = match Rig::new(agent) {
        Ok(rig) => rig,
        Err(why) => return skip(agent.name, &why),
    };
    let out = rig.command(&["new", "--agent", agent.name, "--worktree", "first", "please do scenario:write"]).output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    // What it asks is asked in the inbox, with the exact command, and runs when it was allowed.
    let asks = |rig: &Rig, text: &str| {
        let w = |s: &Value| s["waiting_for"]["id"].is_string() && s["waiting_for"]["text"].as_str() == Some(text);
        rig.session_is(&format!("asks {text}"), |s| s["state"] == "waiting" && w(s))
    };
    let s = asks(&rig, "echo first > made.txt");
    rig.told("approval", rig.model.last("called", "write"), &s, agent.waiting_source);
    let made = rig.w.path("work/p-first/made.txt");
    assert!(!made.exists());
    let prompt = s["waiting_for"]["id"].as_str().unwrap_or_default().to_owned();
    let (fine, text) = rig.person(&["approve", "first", "--prompt", &prompt]);
    assert!(fine, "{text}");
    rig.text("The file is made");
    let s = rig.state_is("idle");
    rig.told("end of a turn", rig.model.last("said", "write"), &s, agent.source);
    assert_eq!(std::fs::read_to_string(&made).expect("its file"), "first\n");

    // A follow-up; what it asks is refused, and does not run.
    rig.send("please do scenario:again");
    let s = asks(&rig, "echo second > again.txt");
    let prompt = s["waiting_for"]["id"].as_str().unwrap_or_default().to_owned();
    let (fine, text) = rig.person(&["deny", "first", "--prompt", &prompt]);
    assert!(fine, "{text}");
    rig.session_is("goes on", |s| s["state"] == "idle");
    assert!(!rig.w.path("work/p-first/again.txt").exists());

    if errors {
        rig.send("please do scenario:error");
        let s = rig.session_is("has an error", |s| s["errors"].as_array().is_some_and(|e| !e.is_empty()));
        assert!(s["errors"][0]["issue"].as_str().is_some_and(|i| i.contains("the stand-in refuses")), "{s}");
        rig.state_is("idle");
    }

    // It leaves, and goes on with its conversation.
    rig.send("please do scenario:count");
    rig.text("number-9");
    let at = rig.interrupt();
    let s = rig.session_is("was interrupted", |s| s["state"] == "idle");
    rig.told("interrupted", at, &s, agent.source);
    rig.leave();
    rig.session_is("has left", |s| s["ended"].is_string());
    let out = rig.command(&["sessions", "resume", "first"]).output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let s = rig.session_is("runs again", |s| s["pid"].is_i64() && s["ended"].is_null());
    assert!(s["command"].as_array().is_some_and(|c| c.iter().any(|w| w == "--resume")), "{s}");
    rig.text("The file is made");
    rig.w.ok(&["sessions", "stop", "first"]);
    until("nothing of it is left", || rig.session()["ended"].is_string());
    eprintln!("| agent | fact | state | source | delay, ms |\n{}", rig.table);
}

#[test]
fn qwen_lives() {
    lives(&QWEN, true);
}

#[test]
fn gemini_lives() {
    lives(&GEMINI, false);
}
