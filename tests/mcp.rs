//! `copilot-tui mcp` inside real sessions, spoken to by a real client over its standard streams: tools, reports, refusals, and
//! what happens without a server.

mod support;

use serde_json::{Value, json};
use support::{World, alive};

const BIN: &str = env!("CARGO_BIN_EXE_copilot-tui");

/// A client: sends the messages of a file one by one, waits for the answer of each request, writes the answers to another.
const CLIENT: &str = r#"
import json, subprocess, sys
server = subprocess.Popen([sys.argv[1], "mcp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
with open(sys.argv[2]) as todo, open(sys.argv[3], "w") as done:
    for line in todo:
        server.stdin.write(line.encode()); server.stdin.flush()
        if "id" in json.loads(line):
            done.write(server.stdout.readline().decode()); done.flush()
server.stdin.close()
print("client ended", server.wait(), flush=True)
"#;

/// What a client says first.
fn opening() -> Vec<Value> {
    let about = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}});
    vec![
        json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": about}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}),
    ]
}

fn call(id: u64, tool: &str, arguments: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
}

/// A conversation written down; the command that has it.
fn client(w: &World, name: &str, messages: &[Value]) -> String {
    let at = |file: &str| w.path(&format!("work/{name}.{file}")).display().to_string();
    std::fs::write(at("py"), CLIENT).expect("written");
    let lines: Vec<String> = messages.iter().map(Value::to_string).collect();
    std::fs::write(at("in"), lines.join("\n") + "\n").expect("written");
    format!("python3 {} {BIN} {} {}", at("py"), at("in"), at("out"))
}

fn answers(w: &World, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(w.path(&format!("work/{name}.out"))).expect("answers");
    text.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect()
}

/// Text of a tool's answer, and whether it is an error.
fn said(answer: &Value) -> (&str, bool) {
    let r = &answer["result"];
    (r["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {answer}")), r["isError"].as_bool().unwrap_or_default())
}

#[test]
fn an_agent_reports_by_a_real_conversation() {
    let w = World::new();
    w.start("other", "echo SECRET; exec cat");
    let mut messages = opening();
    messages.extend([
        call(2, "report_progress", json!({"done": 42, "total": 52, "item": "Files Converted", "current": "user-settings.js"})),
        call(3, "report_plan", json!({"steps": [{"text": "read", "state": "done"}, "write"]})),
        call(4, "report_phase", json!({"number": 2, "text": "convert"})),
        call(5, "report_error", json!({"title": "Conversion failed", "issue": "no type", "context": "line 45"})),
        call(6, "report_note", json!({"text": "a note"})),
        call(7, "hand_off", json!({"text": "Completed API conversion.", "points": ["Complex type inference", "Breaking change"]})),
        call(8, "report_state", json!({"state": "waiting", "text": "which database?"})),
        call(9, "list_sessions", json!({})),
        call(10, "read_session", json!({"session": "own"})),
        call(11, "read_session", json!({"session": "other"})),
        call(12, "send_message", json!({"session": "other", "text": "boo"})),
        call(13, "send_message", json!({"session": "own", "text": "yes"})),
        call(14, "report_progress", json!({"done": 5, "total": 2})),
        call(15, "report_progress", json!({"done": 5})),
        call(16, "report_note", json!({"text": "x", "session": "other"})),
        call(17, "no_such_tool", json!({})),
    ]);
    let command = client(&w, "talk", &messages);
    // Nothing in the environment says which session it is: its place in the process tree does.
    w.start("own", &format!("echo MINE; env -u COPILOT_TUI_SESSION -u COPILOT_TUI_NUMBER -u COPILOT_TUI_SERVER {command}; exec cat"));
    w.wait_text("own", "^client ended 0$");
    let got = answers(&w, "talk");
    assert_eq!(got[0]["result"]["serverInfo"]["name"], "copilot-tui");
    assert_eq!(got[0]["result"]["protocolVersion"], "2025-06-18");
    let tools: Vec<&str> = got[1]["result"]["tools"].as_array().expect("tools").iter().filter_map(|t| t["name"].as_str()).collect();
    for tool in ["report_progress", "report_plan", "report_phase", "report_error", "report_note", "report_state", "hand_off", "list_sessions"] {
        assert!(tools.contains(&tool), "{tools:?}");
    }
    for answer in &got[2..=8] {
        assert_eq!(said(answer), ("made known of session #2", false));
    }
    let s = w.show("own");
    assert_eq!(s["progress"]["items"][0]["name"], "Files Converted");
    assert_eq!(s["progress"]["done"], 42);
    assert_eq!(s["plan"][0]["state"], "done");
    assert_eq!(s["phase"]["number"], 2);
    assert_eq!(s["errors"][0]["context"], "line 45");
    assert_eq!((s["state"].as_str(), s["waiting_for"]["text"].as_str()), (Some("waiting"), Some("which database?")));
    assert_eq!(s["evidence"]["state"]["source"], "report");
    let list: Value = serde_json::from_str(said(&got[9]).0).expect("JSON");
    assert_eq!((list["sessions"][0]["name"].as_str(), list["sessions"][0].get("task")), (Some("other"), None));
    assert!(said(&got[10]).0.contains("MINE") && !said(&got[10]).1);
    for (n, word) in [(11, "forbidden"), (12, "forbidden"), (13, "forbidden"), (14, "conflict"), (15, "usage"), (16, "usage")] {
        let (text, error) = said(&got[n]);
        assert!(error && text.starts_with(word), "{text}");
    }
    assert!(said(&got[11]).0.contains("Run this from a terminal outside"), "the hint is told: {}", got[11]);
    assert!(got[17]["error"]["message"].as_str().is_some_and(|m| m.contains("no_such_tool")));
    assert_eq!(w.ok(&["read", "other"]), "SECRET\n");
}

#[test]
fn without_a_server_reports_are_kept_and_nothing_is_started() {
    let w = World::new();
    let mut messages = opening();
    messages.extend([call(2, "report_note", json!({"text": "kept in the spool"})), call(3, "list_sessions", json!({}))]);
    // The server dies while the session goes on; then the client talks.
    let todo = w.path("work/gate");
    assert!(std::process::Command::new("mkfifo").arg(&todo).status().expect("mkfifo").success());
    w.start("late", &format!("read a < {}; {}; exec cat", todo.display(), client(&w, "late", &messages)));
    let pid = w.kill_server();
    assert!(!alive(pid));
    std::fs::write(&todo, "go\n").expect("written");
    support::until("the client ended", || {
        std::fs::read_to_string(w.path("work/late.out")).is_ok_and(|t| t.lines().filter(|l| l.ends_with('}')).count() == 4)
    });
    let got = answers(&w, "late");
    assert_eq!(said(&got[2]), ("no server runs; it is kept and will be made known by the next one", false));
    let (text, error) = said(&got[3]);
    assert!(error && text.starts_with("unavailable"), "{text}");
    let running: Value = serde_json::from_slice(&w.run(&["server", "status", "--json"]).stdout).unwrap_or_default();
    assert!(running["pid"].is_null(), "nothing inside a session starts a server: {running}");
    assert_eq!(w.show("late")["note"], "kept in the spool");
}

#[test]
fn bad_messages_end_nothing() {
    let w = World::new();
    let mut messages = opening();
    messages.push(call(2, "report_note", json!({"text": "x".repeat(100_000)})));
    messages.push(call(3, "report_note", json!({"text": "fine"})));
    let command = client(&w, "big", &messages);
    w.start("own", &format!("{command}; exec cat"));
    w.wait_text("own", "^client ended 0$");
    let got = answers(&w, "big");
    assert!(said(&got[2]).1, "{}", got[2]);
    assert_eq!(said(&got[3]).0, "made known of session #1");
    // Neither a line without an end nor one that is no JSON brings it down; and outside of a session it says who it cannot be.
    let script = format!(
        "(printf '%s\\n' '{}' '{}'; head -c 3000000 /dev/zero | tr '\\0' x; echo; echo nonsense; printf '%s\\n' '{}'; sleep 1) | {BIN} mcp | tail -n 1",
        opening()[0],
        opening()[1],
        call(5, "report_note", json!({"text": "who"}))
    );
    let mut sh = std::process::Command::new("sh");
    sh.args(["-c", &script]).env_clear().envs(w.env()).current_dir(w.path("work"));
    let out = sh.output().expect("a shell");
    let last: Value = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {out:?}"));
    assert!(said(&last).1 && said(&last).0.contains("which session reports?"), "{last}");
}
