//! The command line as it is promised: verbs, flags, words, targets, exit codes, JSON.

mod support;

use serde_json::Value;
use std::process::Stdio;
use support::{World, alive, repository, stderr, until, with_stdin};

/// A shell command that answers every line.
const TALK: &str = "echo ready; while read l; do echo \"got $l.\"; done";

fn keys(v: &Value) -> Vec<&str> {
    v.as_object().expect("an object").keys().map(String::as_str).collect()
}

/// Checks the shape of a SESSION against the contract.
fn is_session(s: &Value) {
    let text = ["id", "name", "kind", "state", "agent", "task", "project", "cwd", "started"];
    let nullable = ["branch", "worktree", "parent", "pid", "ended", "exit_status", "progress", "waiting_for", "cpu_percent", "memory_bytes"];
    for k in text {
        assert!(s[k].is_string(), "{k} is not text: {s}");
    }
    for k in nullable {
        assert!(s.get(k).is_some(), "{k} is missing: {s}");
    }
    assert!(s["number"].is_u64() && s["errors"].is_array() && s["unread"].is_boolean() && s["evidence"].is_object(), "{s}");
    assert!(s["project"].as_str().is_some_and(|p| p.starts_with('/')) && s["cwd"].as_str().is_some_and(|p| p.starts_with('/')));
    let id = s["id"].as_str().unwrap_or_default();
    assert!(id.len() == 10 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{id}");
    assert!(s["started"].as_str().is_some_and(|t| t.parse::<jiff::Timestamp>().is_ok()), "{s}");
    for e in s["errors"].as_array().into_iter().flatten() {
        for k in ["title", "issue", "context", "suggestion", "action", "status", "time"] {
            assert!(e.get(k).is_some(), "{k} is missing: {e}");
        }
    }
    for e in s["evidence"].as_object().into_iter().flatten() {
        assert!(e.1["source"].is_string() && e.1["age_ms"].is_u64() && e.1["confidence"].is_number(), "{e:?}");
    }
}

#[test]
fn sessions_have_the_promised_json() {
    let w = World::new();
    let new = w.start("one", "echo ready; exec sleep 100000");
    is_session(&new);
    assert_eq!((new["name"].as_str(), new["kind"].as_str(), new["agent"].as_str()), (Some("one"), Some("primary"), Some("command")));
    assert!(alive(new["pid"].as_i64().expect("a pid") as i32));
    let list = w.json(&["sessions", "list"]);
    assert_eq!(keys(&list), ["sessions"]);
    is_session(&list["sessions"][0]);
    let shown = w.show("one");
    is_session(&shown);
    assert_eq!(shown["id"], new["id"]);
    w.wait_text("one", "ready");
    let read = w.json(&["read", "one"]);
    assert_eq!((read["session"].as_u64(), read["lines"][0].as_str()), (Some(1), Some("ready")));
    assert_eq!((read["cursor"]["row"].as_u64(), read["cursor"]["col"].as_u64()), (Some(1), Some(0)));
    assert_eq!(read["lines"].as_array().map(Vec::len), read["rows"].as_u64().map(|r| r as usize));
    assert!(read["cols"].is_u64());
    assert_eq!(read, serde_json::from_str::<Value>(&w.ok(&["read", "one", "--format", "json"])).expect("JSON"));
    // An end, with a code and with a signal.
    w.start("seven", "exit 7");
    let s = w.json(&["wait", "seven", "--until", "exited", "--timeout", "30s"]);
    is_session(&s);
    assert_eq!((s["exit_status"]["code"].as_i64(), s["exit_status"]["signal"].as_i64(), s["state"].as_str()), (Some(7), None, Some("failed")));
    assert!(s["ended"].is_string());
}

#[test]
fn flags_and_words_do_the_same() {
    let w = World::new();
    w.start("one", TALK);
    for (flag, word) in [
        (&["sessions", "--list"][..], &["sessions", "list"][..]),
        (&["sessions", "--show", "one"], &["sessions", "show", "one"]),
        (&["sessions", "--diagnose", "one", "--include", "resources"], &["sessions", "diagnose", "one", "--include", "resources"]),
    ] {
        let shape = |args: &[&str]| {
            let mut all = args.to_vec();
            all.extend((!args.contains(&"--include")).then_some("--json"));
            keys_deep(&serde_json::from_str(&w.ok(&all)).expect("JSON"))
        };
        assert_eq!(shape(flag), shape(word), "{flag:?}");
    }
    for verb in ["--pause", "resume", "pause", "--resume"] {
        let s = w.json(&["sessions", verb, "one"]);
        is_session(&s["sessions"][0]);
        let wanted = if verb.ends_with("pause") { "paused" } else { "working" };
        assert_eq!(s["sessions"][0]["state"], wanted, "{verb}");
    }
    assert_eq!(w.json(&["sessions", "--stop", "one", "--force"])["sessions"][0]["state"], "cancelled");
    assert_eq!(w.json(&["sessions", "--dismiss", "one"])["dismissed"][0], 1);
    w.start("two", "true");
    w.ok(&["wait", "two", "--until", "exited"]);
    assert_eq!(w.json(&["sessions", "--dismiss", "ended"])["dismissed"][0], 2);
    assert_eq!(w.json(&["sessions", "list"])["sessions"], Value::Array(vec![]));
    // Without a flag or a word: the list.
    assert!(w.ok(&["sessions"]).contains("no sessions"));
    // What does not go together.
    for wrong in [&["sessions", "--list", "--pause", "1"][..], &["sessions", "--list", "--force"], &["sessions", "--show", "1", "--output", "x"]] {
        assert_eq!(w.fails(wrong).0, 2, "{wrong:?}");
    }
}

/// The names in a JSON value, at every depth.
fn keys_deep(v: &Value) -> Vec<String> {
    match v {
        Value::Object(o) => {
            o.iter().flat_map(|(k, v)| std::iter::once(k.clone()).chain(keys_deep(v).into_iter().map(move |d| format!("{k}.{d}")))).collect()
        }
        Value::Array(a) => a.first().map(keys_deep).unwrap_or_default(),
        _ => Vec::new(),
    }
}

#[test]
fn a_session_answers_to_all_its_names() {
    let w = World::new();
    let first = w.start("alpha-one", TALK);
    w.start("alpha-two", TALK);
    let id = first["id"].as_str().expect("an id");
    for target in ["1", "#1", "session-id-1", "alpha-one", "alpha-o", id, &id[..7]] {
        assert_eq!(w.show(target)["id"], first["id"], "{target}");
    }
    let (code, e) = w.fails(&["sessions", "show", "alpha"]);
    assert_eq!((code, e["kind"].as_str()), (1, Some("ambiguous")));
    assert!(e["message"].as_str().is_some_and(|m| m.contains("alpha-one") && m.contains("alpha-two")), "{e}");
    let (code, e) = w.fails(&["sessions", "show", "99"]);
    assert_eq!((code, e["kind"].as_str()), (1, Some("not_found")));
    let (code, e) = w.fails(&["sessions", "show", "all"]);
    assert_eq!((code, e["kind"].as_str()), (2, Some("usage")));
    let paused = w.json(&["sessions", "pause", "all"]);
    assert_eq!(paused["sessions"].as_array().map(Vec::len), Some(2));
    assert!(paused["sessions"].as_array().is_some_and(|a| a.iter().all(|s| s["state"] == "paused")));
    w.ok(&["sessions", "resume", "all"]);
    w.wait_text("1", "ready");
    w.wait_text("2", "ready");
    assert_eq!(w.json(&["send", "all", "hello"])["sent"].as_array().map(Vec::len), Some(2));
    w.wait_text("1", "got hello\\.");
    w.wait_text("2", "got hello\\.");
    w.ok(&["sessions", "stop", "all"]);
    assert!(w.json(&["sessions", "list"])["sessions"].as_array().is_some_and(|a| a.iter().all(|s| s["state"] == "cancelled")));
}

#[test]
fn exit_codes_and_where_errors_go() {
    let w = World::new();
    w.start("one", TALK);
    assert_eq!(w.run(&["sessions", "list"]).status.code(), Some(0));
    let failed = w.run(&["sessions", "show", "nobody"]);
    assert_eq!((failed.status.code(), failed.stdout.is_empty()), (Some(1), true));
    assert!(stderr(&failed).starts_with("copilot-tui: no session `nobody`\n  "), "{}", stderr(&failed));
    for wrong in [&["sesions"][..], &["new", "--kindd", "x"], &["wait", "one"], &["wait", "one", "--until", "nonsense"], &["report", "progress", "x"]]
    {
        let (code, e) = w.fails(wrong);
        assert_eq!((code, e["kind"].as_str()), (2, Some("usage")), "{wrong:?}: {e}");
        assert!(keys(&e) == ["hint", "kind", "message"] && !e["hint"].as_str().unwrap_or_default().is_empty(), "{e}");
    }
    assert!(w.fails(&["sesions"]).1["hint"].as_str().is_some_and(|h| h.contains("sessions")), "the nearest name");
    let (code, e) = w.fails(&["wait", "one", "--until", "exited", "--timeout", "50ms"]);
    assert_eq!((code, e["kind"].as_str()), (1, Some("timeout")));
    // `--wait` gives the end of the session.
    assert_eq!(w.run(&["new", "--wait", "--name", "good", "--", "true"]).status.code(), Some(0));
    assert_eq!(w.run(&["new", "--wait", "--name", "bad", "--", "false"]).status.code(), Some(1));
    let ended: Value = serde_json::from_slice(&w.run(&["new", "--wait", "--json", "--", "sh", "-c", "exit 3"]).stdout).expect("JSON");
    assert_eq!(ended["exit_status"]["code"], 3);
    // No terminal, no full-screen app.
    let out = w.run(&[]);
    assert_eq!(out.status.code(), Some(1));
    assert!(stderr(&out).contains("needs a terminal"), "{}", stderr(&out));
}

#[test]
fn every_wait_ends() {
    let w = World::new();
    let bin = env!("CARGO_BIN_EXE_copilot-tui");
    let script = format!("{bin} report state waiting 'which one?'; read a; {bin} report state idle; read a; exit $a");
    for (code, end) in [("0", "done"), ("4", "failed")] {
        let name = format!("w{code}");
        w.start(&name, &script);
        let s = w.json(&["wait", &name, "--until", "waiting", "--timeout", "30s"]);
        assert_eq!((s["state"].as_str(), s["waiting_for"]["text"].as_str()), (Some("waiting"), Some("which one?")));
        assert!(s["waiting_for"]["since"].is_string());
        w.ok(&["send", &name, "x"]);
        assert_eq!(w.json(&["wait", &name, "--until", "idle", "--timeout", "30s"])["state"], "idle");
        w.ok(&["send", &name, code]);
        assert_eq!(w.json(&["wait", &name, "--until", end, "--timeout", "30s"])["state"], end);
        w.ok(&["wait", &name, "--until", "exited"]);
        // What cannot come any more is said at once.
        assert_eq!(w.fails(&["wait", &name, "--until", "waiting"]).1["kind"], "failed");
    }
    let (code, e) = w.fails(&["wait", "w0", "--until", "text=("]);
    assert_eq!((code, e["kind"].as_str()), (2, Some("usage")));
}

#[test]
fn reports_of_every_sort_from_inside_and_outside() {
    let w = World::new();
    let bin = env!("CARGO_BIN_EXE_copilot-tui");
    let script = format!(
        "{bin} report progress 42/52 --item 'Files Converted' --current user-settings.js && \
         {bin} report phase 2 'convert the endpoints' && \
         printf '[x] read\\n[>] convert\\ntest\\n' | {bin} report plan - && \
         {bin} report error 'Conversion failed' --issue 'missing type' --context 'line 45' --suggestion 'add it' --action 'skipped' --status 'open' && \
         {bin} report note 'half way' && \
         echo 'what the next one must know' | {bin} report handoff - && \
         {bin} report state working && echo reported; exec sleep 100000"
    );
    w.start("inside", &script);
    w.wait_text("inside", "^reported$");
    let s = w.show("inside");
    is_session(&s);
    let p = &s["progress"];
    assert_eq!((p["done"].as_u64(), p["total"].as_u64(), p["current"].as_str()), (Some(42), Some(52), Some("user-settings.js")), "{p}");
    assert_eq!(p["items"][0]["name"], "Files Converted");
    for k in ["percent", "done", "total", "current", "eta_seconds", "items"] {
        assert!(p.get(k).is_some(), "{k}");
    }
    for k in ["name", "done", "total", "current", "state"] {
        assert!(p["items"][0].get(k).is_some(), "{k}");
    }
    let e = &s["errors"][0];
    let told = ["title", "issue", "context", "suggestion", "action", "status"].map(|k| e[k].as_str().unwrap_or_default().to_owned());
    assert_eq!(told, ["Conversion failed", "missing type", "line 45", "add it", "skipped", "open"]);
    assert_eq!(s["evidence"]["state"]["source"], "report");
    let card = w.ok(&["sessions", "show", "inside"]);
    for text in ["42/52", "Files Converted", "Conversion failed", "convert the endpoints"] {
        assert!(card.contains(text), "{text} is not on the card:\n{card}");
    }
    // From outside the session is named.
    w.ok(&["report", "--session", "inside", "progress", "50/52", "--item", "Files Converted"]);
    assert_eq!(w.show("inside")["progress"]["done"], 50);
    assert_eq!(w.fails(&["report", "note", "who?"]).0, 2);
    let (code, e) = w.fails(&["report", "--session", "inside", "state", "sleepy"]);
    assert_eq!((code, e["kind"].as_str()), (2, Some("usage")));
    assert_eq!(w.fails(&["report", "--session", "inside", "plan", "file"]).0, 2);
}

#[test]
fn follow_ups_from_the_shell() {
    let w = World::new();
    w.start("talk", TALK);
    w.wait_text("talk", "ready");
    assert_eq!(w.ok(&["send", "talk", "by argument"]), "sent to #1\n");
    w.wait_text("talk", "got by argument\\.");
    let out = with_stdin(&w, &["send", "talk", "-"], "by pipe\n");
    assert!(out.status.success(), "{}", stderr(&out));
    w.wait_text("talk", "got by pipe\\.");
    // Without Enter it stays in the line until the next one.
    w.ok(&["send", "talk", "first ", "--no-submit"]);
    w.ok(&["send", "talk", "second"]);
    w.wait_text("talk", "got first second\\.");
    // Queued until the turn is over.
    w.ok(&["report", "--session", "talk", "state", "working"]);
    assert_eq!(w.json(&["send", "talk", "later", "--queue"])["queued"][0], 1);
    assert!(!w.ok(&["read", "talk"]).contains("later"));
    w.ok(&["report", "--session", "talk", "state", "idle"]);
    w.wait_text("talk", "got later\\.");
    assert_eq!(w.fails(&["send", "talk", "x", "--queue", "--interrupt"]).0, 2);
}

#[test]
fn the_log_goes_where_it_is_told() {
    let w = World::new();
    w.start("one", TALK);
    let below = w.path("work/logs");
    std::fs::create_dir(&below).expect("a folder");
    let run = |args: &[&str]| {
        let out = w.command(args).current_dir(&below).output().expect("it runs");
        assert!(out.status.success(), "{}", stderr(&out));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let said = run(&["config", "--log-level", "debug", "--log-file", "background-agent.log"]);
    let file = below.join("background-agent.log");
    assert!(said.contains(&file.display().to_string()), "{said}");
    assert!(file.exists(), "`tail -f background-agent.log` finds it at once");
    w.ok(&["sessions", "list"]);
    until("the running server logs there, in detail", || std::fs::read_to_string(&file).is_ok_and(|t| t.contains("DEBUG")));
    // The next server too.
    w.kill_server();
    w.ok(&["sessions", "list"]);
    until("the next server logs there", || std::fs::read_to_string(&file).is_ok_and(|t| t.contains("server ready")));
    run(&["config", "--log-level", "info", "--log-file", "default"]);
    let (code, e) = w.fails(&["config", "--log-level", "loud"]);
    assert_eq!((code, e["kind"].as_str()), (2, Some("usage")));
    assert_eq!(w.fails(&["config", "--log-file", "/nonexistent/x.log"]).0, 1);
}

#[test]
fn settings_are_shown_and_checked() {
    let w = World::new();
    let paths = w.json(&["config", "path"]);
    assert!(keys(&paths).len() >= 4 && paths.as_object().is_some_and(|o| o.values().all(Value::is_string)), "{paths}");
    assert!(w.ok(&["config", "path"]).contains(&w.path("config").display().to_string()));
    assert!(w.ok(&["config", "check"]).contains("are right"));
    let defaults = w.ok(&["config", "defaults"]);
    assert!(defaults.parse::<toml::Table>().is_ok());
    let dir = w.path("config/copilot-tui");
    std::fs::create_dir_all(&dir).expect("a folder");
    std::fs::write(dir.join("config.toml"), &defaults).expect("written");
    assert!(w.ok(&["config", "check"]).contains("are right"), "the defaults are right as a file of one's own");
    std::fs::write(dir.join("config.toml"), "[ui]\nthem = \"x\"\n").expect("written");
    let out = w.run(&["config", "check"]);
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    assert_eq!(out.status.code(), Some(1));
    assert!(text.contains("config.toml:2:1") && text.contains("theme"), "{text}");
    // None of these started a server.
    assert_eq!(w.run(&["server", "status"]).status.code(), Some(1));
    let status: Value = serde_json::from_slice(&w.run(&["server", "status", "--json"]).stdout).expect("JSON");
    assert_eq!(status["running"], false);
}

#[test]
fn completions_and_help_are_there_for_every_verb() {
    let w = World::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(w.ok(&["completions", shell]).contains("sessions"), "{shell}");
        // A reader that goes at once (`| head`) is no error.
        let (read, write) = std::io::pipe().unwrap();
        drop(read);
        let ended = w.command(&["completions", shell]).stdin(Stdio::null()).stdout(write).stderr(Stdio::piped()).output().unwrap();
        assert!(ended.status.success() && ended.stderr.is_empty(), "{}", stderr(&ended));
    }
    let mut verbs: Vec<Vec<String>> = vec![vec![]];
    let mut seen = 0;
    let unbuilt = [
        "batch",
        "worktree",
        "compare-worktrees",
        "trust",
        "grant",
        "policy",
        "audit",
        "trash",
        "vscode",
        "refactor",
        "migrate",
        "experiment",
        "implement",
    ];
    while let Some(verb) = verbs.pop() {
        let args: Vec<&str> = verb.iter().map(String::as_str).chain(["--help"]).collect();
        let help = w.ok(&args);
        assert!(help.split("\nExample").nth(1).is_some_and(|e| e.contains("copilot-tui")), "{args:?} has no example:\n{help}");
        seen += 1;
        let Some(list) = help.split("\nCommands:\n").nth(1) else { continue };
        for line in list.lines().take_while(|l| !l.trim().is_empty()) {
            let Some(name) = line.strip_prefix("  ").filter(|l| !l.starts_with(' ')).and_then(|l| l.split_whitespace().next()) else { continue };
            assert!(!unbuilt.contains(&name) || verb.first().is_some_and(|v| v == "report"), "`{name}` is not built");
            verbs.push(verb.iter().cloned().chain([name.to_owned()]).collect());
        }
    }
    assert!(seen >= 35, "only {seen} helps were found");
}

#[test]
fn isolated_sessions_have_a_worktree_and_branch_of_their_own_that_stay() {
    let w = World::new();
    let project = w.path("work/shop");
    repository(&project);
    let new = |args: &[&str]| {
        let out = w.command(&[&["new", "--json", "--cwd", &project.to_string_lossy()], args].concat()).output().expect("it runs");
        assert!(out.status.success(), "{}", stderr(&out));
        serde_json::from_slice::<Value>(&out.stdout).expect("JSON")
    };
    let s = new(&["--kind", "isolated", "--name", "api", "--", "sh", "-c", "pwd; git rev-parse HEAD; echo new > file; exec sleep 100000"]);
    is_session(&s);
    let tree = w.path("work/shop-api").canonicalize().expect("it is there");
    assert_eq!((s["kind"].as_str(), s["branch"].as_str(), s["worktree"].as_str()), (Some("isolated"), Some("agent/api"), tree.to_str()));
    assert_eq!(s["cwd"], s["worktree"]);
    assert_eq!(s["project"].as_str(), project.canonicalize().expect("it is there").to_str());
    // At a fixed commit: the tip the project had.
    let git = |dir: &std::path::Path, args: &[&str]| {
        let out = std::process::Command::new("git").args(args).current_dir(dir).output().expect("git");
        assert!(out.status.success(), "{}", stderr(&out));
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    };
    assert_eq!(git(&tree, &["rev-parse", "HEAD"]), git(&project, &["rev-parse", "main"]));
    assert_eq!(git(&tree, &["symbolic-ref", "--short", "HEAD"]), "agent/api");
    until("the file is written", || tree.join("file").exists());
    let out = w.ok(&["sessions", "stop", "api"]);
    assert!(out.contains("its worktree stays"), "{out}");
    w.ok(&["sessions", "dismiss", "api"]);
    assert_eq!(std::fs::read_to_string(tree.join("file")).expect("kept"), "new\n");
    // The next one of that name takes the next free name.
    let s = new(&["--worktree", "api", "--", "true"]);
    assert_eq!((s["kind"].as_str(), s["branch"].as_str()), (Some("isolated"), Some("agent/api-2")));
    assert!(s["worktree"].as_str().is_some_and(|t| t.ends_with("/shop-api-2")), "{s}");
    // A name of its own for the branch; not in a repository; a bad name.
    let named = new(&["--name", "own", "--worktree", "dir", "--", "true"]);
    assert_eq!((named["name"].as_str(), named["branch"].as_str()), (Some("dir"), Some("agent/dir")));
    assert_eq!(new(&["--worktree", "x", "--branch", "topic/x", "--", "true"])["branch"], "topic/x");
    assert_eq!(w.fails(&["new", "--kind", "isolated", "--", "true"]).0, 1);
    assert_eq!(w.fails(&["new", "--cwd", &project.to_string_lossy(), "--worktree", "y", "--branch", "-bad", "--", "true"]).0, 2);
}

#[test]
fn monitor_and_debug_sessions_are_panes_that_watch() {
    let w = World::new();
    let bin = env!("CARGO_BIN_EXE_copilot-tui");
    let s = w.start("work", &format!("{bin} report progress 3/7 --item Files; {bin} report note 'a note'; echo up; sleep 100000 & wait"));
    w.wait_text("work", "up");
    for kind in ["monitor", "debug"] {
        let v = w.json(&["new", "--kind", kind, "--parent", "work"]);
        assert_eq!((v["kind"].as_str(), v["parent"].as_str()), (Some(kind), s["id"].as_str()), "{v}");
    }
    w.wait_text("monitor-1", "3/7");
    w.wait_text("monitor-1", "a note");
    w.wait_text("debug-1", "sleep");
    w.wait_text("debug-1", &s["pid"].to_string());
    // A pipe in a pane, which may look at itself: lines, each once whatever becomes of the server.
    w.start("piped", &format!("{bin} report note 'it begins'; {bin} sessions --monitor piped | cat"));
    w.wait_text("piped", "it begins");
    // They go on with the next server, whether the one before was stopped or killed.
    for (n, how) in ["stop", "kill"].iter().enumerate() {
        match *how {
            "stop" => _ = w.ok(&["server", "stop"]),
            _ => _ = w.kill_server(),
        }
        w.ok(&["sessions", "list"]);
        w.ok(&["report", "note", &format!("server {n} is here"), "--session", "work"]);
        w.wait_text("monitor-1", &format!("server {n} is here"));
        for name in ["monitor-1", "debug-1"] {
            assert_eq!(w.show(name)["state"], "working", "{name} after {how}");
        }
        w.ok(&["report", "note", &format!("server {n} is here"), "--session", "piped"]);
        w.wait_text("piped", &format!("server {n} is here"));
    }
    let piped = w.ok(&["read", "piped"]);
    for once in ["created:", "server 0 is here", "server 1 is here", "Task:"] {
        assert_eq!(piped.matches(once).count(), 1, "{once}: {piped}");
    }
    w.ok(&["sessions", "stop", "piped"]);
    // They count for nothing: `all` leaves them out.
    let paused = w.json(&["sessions", "pause", "all"]);
    assert_eq!(paused["sessions"].as_array().map(Vec::len), Some(1));
    w.ok(&["sessions", "resume", "all"]);
    let (code, e) = w.fails(&["new", "--kind", "monitor"]);
    assert_eq!((code, e["kind"].as_str()), (2, Some("usage")));
    // The same commands in a pipe: lines.
    let mut child = w.command(&["sessions", "--monitor", "work"]).stdout(Stdio::piped()).spawn().expect("it runs");
    w.ok(&["sessions", "stop", "work"]);
    let out = {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut child.stdout.take().expect("a pipe"), &mut text).expect("text");
        child.wait().expect("it ends with the session");
        text
    };
    assert!(out.contains("a note") && out.contains("Files: 3/7"), "{out}");
}

#[test]
fn a_diagnosis_is_written_to_a_file() {
    let w = World::new();
    w.start("one", TALK);
    let out = w.ok(&["sessions", "--diagnose", "session-id-1", "--include", "performance,resources,conflicts", "--output", "report.json"]);
    let file = w.path("work/report.json");
    assert!(out.contains("report.json"), "{out}");
    let report: Value = serde_json::from_slice(&std::fs::read(&file).expect("written")).expect("JSON");
    for part in ["performance", "resources", "conflicts"] {
        assert!(!report[part].is_null(), "{part} is missing: {report}");
    }
    let part: Value = serde_json::from_str(&w.ok(&["sessions", "diagnose", "one", "--include", "resources"])).expect("JSON");
    assert!(!part["resources"].is_null() && part.get("performance").is_none_or(Value::is_null), "{part}");
    let out = w.run(&["sessions", "diagnose", "one", "--include", "resorces"]);
    assert_eq!(out.status.code(), Some(2), "{}", stderr(&out));
    assert!(stderr(&out).contains("resources"), "{}", stderr(&out));
}

#[test]
fn environment_folder_and_priority_reach_the_session() {
    let w = World::new();
    let dir = w.path("work/deep");
    std::fs::create_dir(&dir).expect("a folder");
    w.ok(&[
        "new",
        "--name",
        "env",
        "--cwd",
        "deep",
        "--env",
        "GREETING=hello there",
        "--priority",
        "high",
        "--",
        "sh",
        "-c",
        "echo \"$GREETING\"; pwd; umask; exec cat",
    ]);
    w.wait_text("env", "^hello there$");
    w.wait_text("env", &format!("^{}$", dir.canonicalize().expect("a path").display()));
    assert_eq!(w.fails(&["new", "--env", "BROKEN", "--", "true"]).0, 2);
    assert_eq!(w.fails(&["new", "--cwd", "nowhere", "--", "true"]).0, 1);
    assert_eq!(w.fails(&["new", "--priority", "urgent", "--", "true"]).0, 2);
    // Servers are apart by name.
    let other = w.ok(&["--server", "second", "sessions", "list"]);
    assert!(other.contains("no sessions"), "{other}");
    assert_eq!(w.fails(&["--server", "../x", "sessions", "list"]).0, 2);
    w.ok(&["--server", "second", "server", "stop"]);
}
