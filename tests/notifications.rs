//! Notifications with the real binary: floods, several clients, none at all, the desktop, the command hook.

#[path = "support/screen.rs"]
mod screen;
mod support;

use screen::Terminal;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use support::{World, repository, until};

/// Answers lines.
const TALK: &str = "echo ready; while read l; do echo \"got $l.\"; done";

/// Writes a program that notes how it was called, one folder for each call.
fn recorder(w: &World, name: &str) -> PathBuf {
    let dir = w.path("bin");
    std::fs::create_dir_all(&dir).expect("a folder");
    let calls = w.path("calls");
    std::fs::create_dir_all(&calls).expect("a folder");
    let path = dir.join(name);
    // The folder appears under its own name when all of it is there.
    let script = format!(
        "#!/bin/sh\nd=$(mktemp -d {0}/.new.XXXXXX)\nfor a in \"$@\"; do printf '%s\\n' \"$a\" >>\"$d/args\"; done\n\
         cat >\"$d/input\"\nenv | sort >\"$d/env\"\ncd {0}\nn=1; while ! mkdir {1}-$n 2>/dev/null; do n=$((n+1)); done\nmv \"$d\"/* {1}-$n/; touch {1}-$n/whole\n",
        calls.display(),
        name
    );
    std::fs::write(&path, script).expect("a script");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("made runnable");
    path
}

/// Waits for the call with this number; its arguments, input and environment.
fn call(w: &World, name: &str, n: usize) -> (Vec<String>, String, String) {
    let dir = w.path("calls").join(format!("{name}-{n}"));
    let start = Instant::now();
    while !dir.join("whole").exists() {
        assert!(start.elapsed() < support::SOON, "call {n} of {name} never came\n{}", w.log());
        std::thread::yield_now();
    }
    let read = |f: &str| std::fs::read_to_string(dir.join(f)).unwrap_or_default();
    (read("args").lines().map(str::to_owned).collect(), read("input"), read("env"))
}

fn calls(w: &World, name: &str) -> usize {
    let entries = std::fs::read_dir(w.path("calls")).expect("the folder");
    entries.flatten().filter(|e| e.file_name().to_string_lossy().starts_with(name)).count()
}

fn configure(w: &World, text: &str) {
    let dir = w.path("config/copilot-tui");
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("config.toml"), text).expect("settings");
}

fn waiting(w: &World, session: &str, question: &str) {
    w.ok(&["report", "--session", session, "state", "waiting", question]);
}

#[test]
fn ten_thousand_in_a_second_are_one_and_counted_and_nothing_stalls() {
    let w = World::new();
    let hook = recorder(&w, "hook");
    configure(
        &w,
        &format!("[notifications]\nmessage = [\"toast\", \"command\"]\ncommand = [{:?}, \"{{kind}}\", \"{{title}}\", \"{{text}}\"]\n", hook),
    );
    w.start("talk", TALK);
    let flood = "read go; awk 'BEGIN { for (i = 0; i < 2500; i++) printf \"\\033]9;\\\"; touch X %d\\007\\033]99;;m %d\\033\\\\\\033]777;notify;t;b %d\\007\\007\", i, i, i }'; echo all out; read end";
    w.start("flood", flood);
    let c = Terminal::start(&w.command(&["attach", "talk"]), 140, 40);
    c.shows("ready");
    let echo = |n: usize| {
        let line = format!("line {n}");
        let start = Instant::now();
        c.keys(format!("{line}\r").as_bytes());
        c.shows(&format!("got {line}."));
        start.elapsed()
    };
    let quiet: Vec<Duration> = (0..10).map(echo).collect();
    let began = Instant::now();
    w.ok(&["send", "flood", "go"]);
    let mut busy = Vec::new();
    let mut n = 100;
    while began.elapsed() < Duration::from_millis(1500) {
        busy.push(echo(n));
        n += 1;
    }
    w.wait_text("flood", "all out");
    let asked = Instant::now();
    w.json(&["sessions", "list"]);
    let answer = asked.elapsed();
    c.shows("(and 9,999 more)");
    let toast = began.elapsed();
    let (args, input, _) = call(&w, "hook", 1);
    assert_eq!(args, ["message", "#2 flood says", "\"; touch X 0"]);
    assert!(input.contains("\"count\":1"), "{input}");
    // Something that must be told comes after: had more of the flood been told outside, it would have been before this.
    w.ok(&["report", "--session", "flood", "error", "it broke"]);
    assert_eq!(call(&w, "hook", 2).0, ["failed", "#2 flood it broke", ""]);
    assert_eq!(calls(&w, "hook"), 2);
    for place in ["work", "home", "config", "state", "run"] {
        assert!(!w.path(place).join("X").exists(), "it ran in {place}");
    }
    let worst = |v: &[Duration]| v.iter().max().copied().unwrap_or_default();
    println!(
        "10,000 notifications: echo in another pane at worst {:?} (quiet {:?}, {} lines), an answer of the server in {answer:?}, the count was seen after {toast:?}",
        worst(&busy),
        worst(&quiet),
        busy.len()
    );
    assert!(worst(&busy) < Duration::from_secs(1), "{busy:?}");
}

#[test]
fn the_terminal_with_the_focus_tells_it_and_takes_it_back_and_what_is_looked_at_is_silent() {
    let w = World::new();
    let hook = recorder(&w, "hook");
    configure(&w, &format!("[notifications]\nouter = \"osc99\"\ncommand = [{hook:?}, \"{{title}}\", \"{{text}}\"]\n"));
    w.start("talk", TALK);
    w.start("other", TALK);
    let near = Terminal::start(&w.command(&["attach", "talk"]), 120, 30);
    near.shows("ready");
    let far = Terminal::start(&w.command(&["attach", "talk"]), 120, 30);
    far.shows("ready");
    far.keys(b"used last\r");
    far.shows("got used last.");
    far.keys(b"\x1b[O");
    near.keys(b"\x1b[I");
    // What comes after it shows that it was read.
    near.keys(b"here\r");
    far.shows("got here.");
    // It is before the eyes: nothing outside hears of it.
    waiting(&w, "talk", "silent?");
    w.ok(&["report", "--session", "talk", "state", "working"]);
    waiting(&w, "other", "Delete 6 legacy files?");
    let title = "\x1b]99;i=copilot-tui-";
    near.wrote_after(title, "p=body;RGVsZXRlIDYgbGVnYWN5IGZpbGVzPw==");
    near.shows("Delete 6 legacy files?");
    far.shows("Delete 6 legacy files?");
    assert_eq!(call(&w, "hook", 1).0, ["#2 other needs you", "Delete 6 legacy files?"]);
    assert!(!near.raw().contains("c2lsZW50Pw=="), "what is looked at was told");
    // It no longer waits.
    w.ok(&["report", "--session", "other", "state", "working"]);
    near.wrote_after("p=body;RGVsZXRlIDYgbGVnYWN5IGZpbGVzPw==", ":p=close;");
    near.until("the toast is gone", |t| !t.contains("other needs you"));
    far.until("the toast is gone", |t| !t.contains("other needs you"));
    // The other terminal was asked only what it shows (p=?).
    assert!(!far.raw().contains(title), "both terminals told it");
}

#[test]
fn without_any_client_the_desktop_and_the_command_are_told() {
    let w = World::new();
    let hook = recorder(&w, "hook");
    recorder(&w, "notify-send");
    configure(&w, &format!("[notifications]\ndesktop = true\ncommand = [{hook:?}, \"{{kind}}\", \"{{text}}\", \"{{session}}\"]\n"));
    let path = format!("{}:{}", w.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    let mut start = w.command(&["server", "start"]);
    start.env("PATH", &path).env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere").env("SECRET_TOKEN", "x");
    assert!(start.output().expect("it runs").status.success());
    let s = w.start("db", TALK);
    w.ok(&["report", "--session", "db", "state", "waiting", "--", "--version <b>?</b>"]);
    let (args, ..) = call(&w, "notify-send", 1);
    assert_eq!(args.first().map(String::as_str), Some("--app-name=copilot-tui"));
    assert_eq!(args.get(2..5).expect("more"), ["--print-id", "--", "#1 db needs you"]);
    assert!(args.contains(&"Question: --version &lt;b&gt;?&lt;/b&gt;".to_owned()), "{args:?}");
    let (args, input, env) = call(&w, "hook", 1);
    assert_eq!(args, ["waiting", " --version <b>?</b>", s["id"].as_str().expect("an id")]);
    let json: serde_json::Value = serde_json::from_str(&input).expect("JSON");
    assert_eq!((&json["kind"], &json["session"]["number"]), (&"waiting".into(), &1.into()));
    assert!(env.contains("COPILOT_TUI_NOTICE_NAME=db") && env.contains("DBUS_SESSION_BUS_ADDRESS=unix:path=/nowhere"), "{env}");
    assert!(!env.contains("SECRET_TOKEN"), "{env}");
}

#[test]
fn a_finished_task_says_what_it_changed() {
    let w = World::new();
    let hook = recorder(&w, "hook");
    configure(&w, &format!("[notifications]\ncommand = [{hook:?}]\n"));
    repository(&w.path("work/shop"));
    let script = "echo a >new1; echo b >new2; echo c >README; git add -A; git -c user.name=t -c user.email=t@t commit -qm work; exit 0";
    let mut new = w.command(&["new", "--kind", "isolated", "--name", "cart", "--", "sh", "-c", script]);
    new.current_dir(w.path("work/shop"));
    let out = new.output().expect("it runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let (_, input, _) = call(&w, "hook", 1);
    let json: serde_json::Value = serde_json::from_str(&input).expect("JSON");
    let lines: Vec<&str> = json["lines"].as_array().expect("lines").iter().filter_map(|l| l.as_str()).collect();
    assert_eq!(lines.first(), Some(&"✅ Background Task Completed Successfully!"));
    for want in ["Files Created: 2", "Files Modified: 1", "Commits: 1 (agent/cart branch)", "Ready for review: git checkout agent/cart"] {
        assert!(lines.contains(&want), "{want} is not in {lines:#?}");
    }
    assert!(!lines.iter().any(|l| l.starts_with("Tests")), "nobody counted tests: {lines:#?}");
    assert!(json["text"].as_str().is_some_and(|t| t.contains("files: 2 created, 1 modified; commits: 1 (agent/cart)")), "{json}");
}

#[test]
fn many_sessions_at_once_are_one_line_and_a_slow_command_runs_alone() {
    let w = World::new();
    let hook = recorder(&w, "hook");
    configure(&w, &format!("[notifications]\ncommand = [{hook:?}, \"{{title}}\", \"{{text}}\"]\n"));
    for name in ["a", "b", "c"] {
        w.start(name, TALK);
    }
    for name in ["a", "b", "c"] {
        waiting(&w, name, "which?");
    }
    assert_eq!(call(&w, "hook", 1).0, ["#1 a needs you", "which?"]);
    assert_eq!(call(&w, "hook", 2).0, ["3 sessions need you", "#1 a, #2 b, #3 c"]);
    until("no more of them", || calls(&w, "hook") == 2);
}

/// A server that finds our programs before all others.
fn start_with_programs(w: &World) {
    let path = format!("{}:{}", w.path("bin").display(), std::env::var("PATH").unwrap_or_default());
    let mut start = w.command(&["server", "start"]);
    start.env("PATH", &path);
    assert!(start.output().expect("it runs").status.success());
}

#[test]
fn what_is_answered_goes_from_the_desktop_and_a_muted_session_tells_nothing() {
    let w = World::new();
    // A notifier that tells numbers, as newer ones do.
    let notifier = recorder(&w, "notify-send");
    let script = std::fs::read_to_string(&notifier).expect("the script");
    std::fs::write(&notifier, format!("{script}echo 4711\n")).expect("written");
    recorder(&w, "gdbus");
    configure(&w, "[notifications]\ndesktop = true\n");
    start_with_programs(&w);
    w.start("db", TALK);
    waiting(&w, "db", "Drop the table?");
    assert!(call(&w, "notify-send", 1).0.contains(&"Question: Drop the table?".to_owned()));
    w.ok(&["report", "--session", "db", "state", "working"]);
    let closed = call(&w, "gdbus", 1).0;
    assert_eq!(closed.last().map(String::as_str), Some("4711"), "{closed:?}");
    assert!(closed.iter().any(|a| a.ends_with("CloseNotification")), "{closed:?}");
    // Muted it waits in silence; what stands is taken back.
    w.start("quiet", TALK);
    let muted = w.json(&["sessions", "mute", "quiet"]);
    assert_eq!(muted["sessions"][0]["muted"], true);
    waiting(&w, "quiet", "unheard?");
    w.kill_server();
    start_with_programs(&w);
    assert_eq!((&w.show("quiet")["muted"], &w.show("quiet")["state"]), (&true.into(), &"waiting".into()), "it survives a server");
    w.ok(&["sessions", "--unmute", "quiet"]);
    w.ok(&["report", "--session", "quiet", "state", "working"]);
    waiting(&w, "quiet", "heard?");
    assert!(call(&w, "notify-send", 2).0.contains(&"Question: heard?".to_owned()));
    w.ok(&["sessions", "mute", "quiet"]);
    let closed = call(&w, "gdbus", 2).0;
    assert_eq!(closed.last().map(String::as_str), Some("4711"), "{closed:?}");
    assert_eq!(calls(&w, "notify-send"), 2, "nothing else was told");
}
