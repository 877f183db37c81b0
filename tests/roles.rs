//! What runs inside a session may do little, however it hides: rights come from its place in the process tree.

mod support;

use copilot_tui::wire::frame::encode;
use copilot_tui::wire::message::ClientKind;
use copilot_tui::wire::{ClientMsg, FrameKind, Op, PROTOCOL, ROWS_VERSION};
use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use support::{World, alive, kill, until};

const BIN: &str = env!("CARGO_BIN_EXE_copilot-tui");

/// Verbs a session must not use, of or on another session called `victim`.
const FORBIDDEN: [&str; 14] = [
    "sessions show victim",
    "sessions pause victim",
    "sessions resume victim",
    "sessions stop victim",
    "sessions stop all",
    "sessions diagnose victim",
    "sessions dismiss ended",
    "send victim hello",
    "send all hello",
    "read victim",
    "wait victim --until exited",
    "new -- true",
    "report --session victim note x",
    "server stop --sessions",
];

/// A script that tries each verb and says how it ended: `tried N CODE KIND`.
fn tries(w: &World) -> String {
    let file = w.path("work/tries.sh");
    let mut script = String::from(
        "try() { n=$1; shift; err=$(\"$@\" --json 2>&1 >/dev/null </dev/null); code=$?; case $err in *'\"forbidden\"'*) echo tried $n $code forbidden;; *) echo tried $n $code \"other: $err\";; esac; }\n",
    );
    for (n, verb) in FORBIDDEN.iter().enumerate() {
        // `--json` must stand before `--`.
        let line = match verb.split_once(" -- ") {
            Some((verb, command)) => format!(
                "err=$({BIN} {verb} --json -- {command} 2>&1 >/dev/null </dev/null); code=$?; case $err in *'\"forbidden\"'*) echo tried {n} $code forbidden;; *) echo tried {n} $code \"other: $err\";; esac\n"
            ),
            None => format!("try {n} {BIN} {verb}\n"),
        };
        // `diagnose` and `server stop` take no `--json`: their message tells.
        let line = if verb.starts_with("sessions diagnose") || verb.starts_with("server") {
            format!(
                "err=$({BIN} {verb} 2>&1 >/dev/null </dev/null); code=$?; case $err in *'inside a session may not'*|*'\"forbidden\"'*) echo tried {n} $code forbidden;; *) echo tried {n} $code \"other: $err\";; esac\n"
            )
        } else {
            line
        };
        script.push_str(&line);
    }
    script.push_str("echo all tried\n");
    std::fs::write(&file, script).expect("written");
    file.display().to_string()
}

fn all_forbidden(w: &World, session: &str) {
    w.wait_text(session, "^all tried$");
    let text = w.ok(&["read", session, "--lines", "200"]);
    for (n, verb) in FORBIDDEN.iter().enumerate() {
        assert!(text.contains(&format!("tried {n} 1 forbidden\n")), "`{verb}` was not refused:\n{text}");
    }
}

#[test]
fn inside_a_session_other_sessions_are_out_of_reach() {
    let w = World::new();
    let victim = w.start("victim", "echo untouched; exec cat");
    let pid = victim["pid"].as_i64().expect("a pid") as i32;
    let script = tries(&w);
    // Plainly; without a word of it in the environment; in a process session of its own; left behind by its parents.
    w.start("plain", &format!("sh {script}; exec cat"));
    w.start("silent", &format!("env -u COPILOT_TUI_SESSION -u COPILOT_TUI_SERVER -u COPILOT_TUI_NUMBER sh {script}; exec cat"));
    w.start("setsid", &format!("setsid --wait sh {script}; exec cat"));
    w.start("orphan", &format!("tty=$(tty); (setsid sh -c '(sh {script} >'$tty' 2>&1 &)' &); exec cat"));
    for session in ["plain", "silent", "setsid", "orphan"] {
        all_forbidden(&w, session);
    }
    assert!(alive(pid));
    let v = w.show("victim");
    assert_eq!((v["state"].as_str(), v["errors"].as_array().map(Vec::len)), (Some("working"), Some(0)));
    assert_eq!(w.ok(&["read", "victim"]), "untouched\n");
}

#[test]
fn inside_a_session_its_own_affairs_are_allowed() {
    let w = World::new();
    w.start("other", "exec cat");
    w.start(
        "own",
        &format!(
            "{BIN} report note 'a note' && {BIN} sessions show own >/dev/null && {BIN} sessions list && {BIN} read own >/dev/null && \
             {BIN} server status && {BIN} config path >/dev/null && echo all allowed; exec cat"
        ),
    );
    w.wait_text("own", "^all allowed$");
    let text = w.ok(&["read", "own", "--lines", "50"]);
    assert!(text.contains("other"), "names and states of the others are shown:\n{text}");
    let list = w.path("work/list.json");
    w.start("list", &format!("{BIN} sessions list --json > {}; echo listed; exec cat", list.display()));
    w.wait_text("list", "listed");
    let list: serde_json::Value = serde_json::from_slice(&std::fs::read(list).expect("written")).expect("JSON");
    let other = &list["sessions"][0];
    assert_eq!((other["name"].as_str(), other.get("task"), other.get("cwd")), (Some("other"), None, None), "no more than names and states");
}

#[test]
fn a_report_of_the_first_process_is_never_too_early() {
    let w = World::new();
    for n in 0..20 {
        let name = format!("quick{n}");
        let s = w.json(&["new", "--name", &name, "--", BIN, "report", "state", "waiting", "at once"]);
        let s = w.json(&["wait", s["id"].as_str().expect("an id"), "--until", "exited", "--timeout", "30s"]);
        assert_eq!(s["exit_status"]["code"], 0, "{}", w.ok(&["read", &name]));
    }
}

#[test]
fn a_monitor_reads_what_it_watches_and_nothing_else() {
    let w = World::new();
    w.start("watched", "echo WATCHED; exec cat");
    w.json(&["new", "--kind", "monitor", "--parent", "watched"]);
    w.wait_text("monitor-1", "watched|echo WATCHED");
    w.json(&["new", "--kind", "debug", "--parent", "watched"]);
    w.wait_text("debug-1", "cat");
    assert_eq!(w.show("monitor-1")["state"], "working");
}

#[test]
fn the_app_does_not_open_inside_a_session() {
    let w = World::new();
    w.start("nested", &format!("{BIN}; echo code $?; exec cat"));
    w.wait_text("nested", "^code 1$");
    let text = w.ok(&["read", "nested"]).replace('\n', ""); // the pane may be narrower than the message

    assert!(text.contains("session #1 of the same server") && text.contains("outside"), "{text}");
    // Nor does anything start a server there.
    w.start("alone", &format!("read a; {BIN} --server second sessions list; echo code $?; exec cat"));
    w.ok(&["send", "alone", "go"]);
    w.wait_text("alone", "^code 1$");
    assert!(!w.path("run/copilot-tui/second/server.sock").exists());
}

#[test]
fn a_socket_left_by_a_process_that_ended_has_no_rights() {
    let w = World::new();
    w.start("victim", "exec cat");
    w.start(
        "hide",
        &format!(
            "read a; {} --exact leave_a_socket --nocapture >/dev/null; touch gone; echo left; exec cat",
            std::env::current_exe().expect("a path").display()
        ),
    );
    // What the child needs to know reaches it by a file.
    let status = w.json(&["server", "status"]);
    let server = status["pid"].as_i64().expect("a pid") as i32;
    std::fs::write(w.path("work/leave-socket"), format!("{}\n{server}\n", status["socket"].as_str().expect("a path"))).expect("written");
    w.ok(&["send", "hide", "go"]);
    // While the server stands still, the child connects, asks, and ends; its socket lives on in another process.
    kill(server, 19);
    until("the child has ended", || w.path("work/left").exists() && w.path("work/gone").exists());
    kill(server, 18);
    w.wait_text("hide", "^left$");
    until("it is refused", || w.log().contains("refused a connection"));
    assert_eq!(w.show("victim")["state"], "working");
}

/// Not a test of its own: what runs in the session of the test above.
#[test]
#[expect(clippy::zombie_processes, reason = "the process outlives this one on purpose; the world ends it")]
fn leave_a_socket() {
    let Ok(told) = std::fs::read_to_string("leave-socket") else { return };
    let (socket, server) = told.trim().split_once('\n').expect("two lines");
    let server = server.parse().expect("a pid");
    until("the server stands still", || support::state_of(server) == Some('T'));
    let mut stream = UnixStream::connect(socket).expect("connected");
    let hello = ClientMsg::Hello {
        protocol: PROTOCOL,
        rows_version: ROWS_VERSION,
        version: "x".into(),
        kind: ClientKind::Command,
        read_only: false,
        cwd: "/".into(),
    };
    let stop = ClientMsg::Request { id: 1, op: Op::Stop { session: "victim".into(), force: true } };
    let mut bytes = Vec::new();
    for m in [hello, stop] {
        encode(FrameKind::Control, &serde_json::to_vec(&m).expect("JSON"), &mut bytes).expect("a frame");
    }
    stream.write_all(&bytes).expect("written");
    let keeper = Command::new("sh").args(["-c", "touch left; exec sleep 100000"]).stdin(Stdio::from(OwnedFd::from(stream))).spawn();
    keeper.expect("a process that keeps the socket");
}

#[test]
fn a_deep_tree_is_still_inside() {
    let w = World::new();
    w.start("victim", "exec cat");
    let file = w.path("work/deep.sh");
    std::fs::write(&file, format!("if [ $1 -gt 0 ]; then sh $0 $(($1 - 1)); true; else {BIN} send victim boo; echo code $?; fi\n")).expect("written");
    w.start("deep", &format!("sh {} 100; exec cat", file.display()));
    w.wait_text("deep", "^code 1$");
    assert_eq!(w.ok(&["read", "victim"]), "");
}

#[test]
fn what_outlives_its_session_does_not_come_free() {
    let w = World::new();
    w.start("victim", "exec cat");
    let told = w.path("work/told");
    // It says when it is in a process session of its own, and waits to be told to go on.
    let child = format!("echo > up; read x < go; {BIN} send victim boo; echo code $? > told");
    w.start("leaver", &format!("mkfifo up go; (setsid sh -c '{child}' >/dev/null 2>&1 &); read x < up; echo started"));
    w.ok(&["wait", "leaver", "--until", "exited", "--timeout", "30s"]);
    std::fs::write(w.path("work/go"), "go\n").expect("written");
    until("it tried", || std::fs::read_to_string(&told).is_ok_and(|t| t.ends_with('\n')));
    let text = std::fs::read_to_string(&told).expect("read");
    assert_eq!((text.as_str(), w.ok(&["read", "victim"]).as_str()), ("code 1\n", ""));
}
