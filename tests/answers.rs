//! Answers to what an agent's hook asks, with the real binary on both sides of it: what was not read is not approved.

mod support;

use std::process::Stdio;
use std::time::{Duration, Instant};
use support::{World, until};

const BIN: &str = env!("CARGO_BIN_EXE_copilot-tui");

/// A session whose agent is a script that calls its hooks as Claude does.
fn session(w: &World, script: &str) {
    std::fs::create_dir_all(w.path("config/copilot-tui/agents")).expect("a folder");
    let program = w.path("work/agent.sh");
    std::fs::write(&program, format!("#!/bin/sh\n[ \"$1\" = --version ] && exec echo 2.1.0\ncd '{}'\n{script}\n", w.path("work").display()))
        .expect("written");
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).expect("executable");
    std::fs::write(w.path("config/copilot-tui/agents/claude.toml"), format!("program = [{program:?}]\n")).expect("written");
    w.ok(&["new", "--agent", "claude", "--name", "asks"]);
}

/// Runs a verb as a person does, on a terminal.
fn person(w: &World, args: &str) -> (bool, String) {
    let mut c = w.command(&[]);
    let mut script = std::process::Command::new("script");
    script.args(["-qec", &format!("{BIN} {args}"), "/dev/null"]).current_dir(w.path("work")).env_clear().envs(w.env());
    c.stdin(Stdio::null());
    let out = script.stdin(Stdio::null()).output().expect("script of util-linux");
    (out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned())
}

fn asked(w: &World) -> String {
    w.show("asks")["waiting_for"]["text"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_second_enter_does_not_allow_what_came_up_meanwhile() {
    let w = World::new();
    let event = r#"{"tool_name":"Bash","tool_input":{"command":"echo '$n'"}}"#;
    session(&w, &format!("n=0; while [ $n -lt 40 ]; do n=$((n+1)); echo '{event}' | {BIN} hook claude PermissionRequest >> allowed; done"));
    let allowed = || std::fs::read_to_string(w.path("work/allowed")).unwrap_or_default().matches("allow\"").count();
    // A slow machine may give a person time to read it; then once more.
    let refused = (0..8).any(|_| {
        let before = asked(&w);
        let start = Instant::now();
        let (fine, text) = person(&w, "approve asks");
        if !fine {
            return false;
        }
        until("another stands", || !asked(&w).is_empty() && asked(&w) != before);
        let so_far = allowed();
        let (fine, text2) = person(&w, "approve asks");
        if start.elapsed() > Duration::from_millis(1400) {
            return false;
        }
        assert!(!fine && text2.contains("something else") && text2.contains("echo"), "{text} {text2}");
        assert_eq!(allowed(), so_far, "nothing was allowed");
        let id = w.show("asks")["waiting_for"]["id"].as_str().expect("an id").to_owned();
        let (fine, text) = person(&w, &format!("approve asks --prompt {id}"));
        assert!(fine, "who names it has seen it: {text}");
        true
    });
    assert!(refused);
}

#[test]
fn what_nobody_can_read_is_left_to_the_agents_own_dialog() {
    let w = World::new();
    let huge = r#"printf '{"tool_name":"Bash","tool_input":{"command":"'; head -c 700000 /dev/zero | tr '\\0' x; echo '"}}'"#;
    let name = r#"{"session_id":"--dangerously-skip-permissions"}"#;
    session(
        &w,
        &format!(
            "echo '{name}' | {BIN} hook claude SessionStart\n({huge}; echo $? > given) | {BIN} hook claude PermissionRequest > printed &\n\
             until [ -e over ]; do sleep 0.05; done; kill $!; wait; echo over; read x"
        ),
    );
    until("it waits", || w.show("asks")["state"] == "waiting");
    until("all of it was taken", || std::fs::read_to_string(w.path("work/given")).is_ok_and(|t| t.trim() == "0"));
    let s = w.show("asks");
    assert!(s["waiting_for"]["id"].is_null(), "{s}");
    let (fine, text) = person(&w, "approve asks");
    assert!(!fine && text.contains("in its terminal"), "{text}");
    assert_eq!(std::fs::read_to_string(w.path("work/printed")).unwrap_or_default(), "");
    // Answered in its terminal, the agent ends its hook.
    std::fs::write(w.path("work/over"), "").expect("written");
    until("it no longer waits", || w.show("asks")["state"] != "waiting");
    let timeline = w.ok(&["sessions", "show", "asks", "--json"]);
    assert!(!timeline.contains("dangerously"), "no option is a conversation");
}

#[test]
fn a_long_text_that_was_not_delivered_is_kept_whole() {
    let w = World::new();
    // It takes pastes and shows nothing of them.
    session(&w, "printf '\\033[?2004h'; stty raw -echo; cat > /dev/null");
    let text: String = (0..400).map(|i| format!("\tline {i} of what is to be done\n")).collect();
    until("it takes pastes", || !String::from_utf8_lossy(&w.run(&["send", "asks", &text]).stderr).contains("several lines"));
    let dir = w.state().join("sessions").join(w.show("asks")["id"].as_str().expect("an id"));
    let kept = || {
        let files = std::fs::read_dir(&dir).expect("its folder").flatten().map(|e| e.path());
        files.filter(|p| p.to_string_lossy().contains("unsent-")).find_map(|p| std::fs::read_to_string(p).ok())
    };
    until("it is kept", || kept().is_some());
    assert_eq!(kept().expect("a text").trim(), text.trim());
}
