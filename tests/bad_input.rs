//! What people, agents, files, other users and broken programs can do wrong: a clear message with a way out, nothing lost.

#[path = "support/screen.rs"]
mod screen;
mod support;

use copilot_tui::base::Key;
use copilot_tui::wire::frame::encode;
use copilot_tui::wire::message::{ClientKind, PaneInput};
use copilot_tui::wire::{ClientMsg, Decoder, FrameKind, Op, PROTOCOL, ROWS_VERSION, ServerMsg, quick};
use screen::Terminal;
use serde_json::Value;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::{World, alive, is_clear, stderr, until};

const TALK: &str = "echo ready; while read l; do echo \"got $l.\"; done";
const BIN: &str = env!("CARGO_BIN_EXE_copilot-tui");
/// A user that is not the one of the tests.
const NOBODY: u32 = 65534;

fn root() -> bool {
    rustix::process::geteuid().is_root()
}

fn mode(path: &Path, bits: u32) {
    std::fs::set_permissions(path, PermissionsExt::from_mode(bits)).expect("a mode");
}

#[test]
fn what_does_not_exist_is_named_with_the_nearest_name() {
    let w = World::new();
    w.start("payments", "exec cat");
    let message = |args: &[&str]| {
        let (code, e) = w.fails(args);
        (code, format!("{} | {}", e["message"].as_str().unwrap_or_default(), e["hint"].as_str().unwrap_or_default()))
    };
    // Letters in another order are one slip.
    let out = w.run(&["nwe"]);
    assert!(out.status.code() == Some(2) && stderr(&out).contains("'new'"), "{}", stderr(&out));
    let (code, m) = message(&["sessions", "show", "paymnets"]);
    assert_eq!(code, 1);
    is_clear(&m, &["paymnets", "sessions list"]);
    let (code, m) = message(&["new", "--agent", "codx", "do it"]);
    assert_eq!(code, 1, "{m}");
    is_clear(&m, &["codx", "codex"]);
    let (code, m) = message(&["new", "--agnet", "codex", "do it"]);
    assert_eq!(code, 2);
    is_clear(&m, &["--agnet", "--agent"]);
    let (code, m) = message(&["sessions", "paus", "payments"]);
    assert_eq!(code, 2);
    is_clear(&m, &["paus", "pause"]);
    let (code, m) = message(&["sessions", "show", "\u{1b}]0;x\u{7}\u{202e}evil"]);
    assert_eq!(code, 1);
    assert!(!m.contains('\u{1b}') && !m.contains('\u{202e}'), "{m:?}");
}

#[test]
fn what_cannot_run_says_why() {
    let w = World::new();
    let bad = w.path("work/bad");
    std::fs::write(&bad, "#!/no/such/interpreter\n").expect("written");
    mode(&bad, 0o755);
    let plain = w.path("work/plain");
    std::fs::write(&plain, "echo hello\n").expect("written");
    mode(&plain, 0o644);
    let folder = w.path("work");
    let cases = [
        ("/no/such/program", "No such file"),
        ("no-such-program-anywhere", "no-such-program-anywhere"),
        (bad.to_str().expect("a path"), "interpreter"),
        (plain.to_str().expect("a path"), "ermission denied"),
        (folder.to_str().expect("a path"), "ermission denied"),
    ];
    for (program, why) in cases {
        let (code, e) = w.fails(&["new", "--", program]);
        assert_eq!(code, 1);
        is_clear(e["message"].as_str().unwrap_or_default(), &[program, why]);
        assert!(e["hint"].as_str().is_some_and(|h| h.contains("dismiss")), "{e}");
    }
    let list = w.json(&["sessions", "list"]);
    assert!(list["sessions"].as_array().is_some_and(|a| a.len() == 5 && a.iter().all(|s| s["state"] == "failed")), "{list}");
    w.ok(&["sessions", "dismiss", "ended"]);
    // The folder went away under a session; another one can still be started elsewhere.
    let gone = w.path("work/gone");
    std::fs::create_dir(&gone).expect("a folder");
    let out = w.command(&["new", "--name", "there", "--", "sh", "-c", TALK]).current_dir(&gone).output().expect("it runs");
    assert!(out.status.success(), "{}", stderr(&out));
    std::fs::remove_dir(&gone).expect("removed");
    w.ok(&["send", "there", "still here"]);
    w.wait_text("there", "got still here\\.");
    let (code, e) = w.fails(&["new", "--cwd", "gone", "--", "true"]);
    assert_eq!(code, 1);
    is_clear(e["message"].as_str().unwrap_or_default(), &["gone", "No such file"]);
    // A folder that is gone is where the command itself stands.
    let out = Command::new("sh")
        .args(["-c", "mkdir x && cd x && rmdir ../x && exec \"$0\" new -- true", BIN])
        .current_dir(w.path("work"))
        .env_clear()
        .envs(w.env())
        .output()
        .expect("it runs");
    assert_eq!(out.status.code(), Some(1));
    is_clear(&stderr(&out), &["folder"]);
}

/// Runs the binary as another user, in a world of that user's own.
fn as_nobody(w: &World, args: &[&str]) -> Output {
    let id = NOBODY.to_string();
    Command::new("setpriv")
        .args(["--reuid", &id, "--regid", &id, "--clear-groups", BIN])
        .args(args)
        .current_dir("/")
        .env_clear()
        .envs(w.env())
        .stdin(Stdio::null())
        .output()
        .expect("setpriv of util-linux runs")
}

fn nobody_can_run_the_binary() -> bool {
    let id = NOBODY.to_string();
    let works = |program: &str| {
        let out = Command::new("setpriv").args(["--reuid", &id, "--regid", &id, "--clear-groups", program, "--version"]).output();
        out.is_ok_and(|o| o.status.success())
    };
    if !root() || !works(BIN) {
        eprintln!("SKIPPED: this needs root, and a build folder that other users can enter");
        return false;
    }
    true
}

fn give_to_nobody(w: &World) {
    mode(w.path("run").parent().expect("a parent"), 0o755);
    for sub in ["run", "state", "config", "home", "work"] {
        std::os::unix::fs::chown(w.path(sub), Some(NOBODY), Some(NOBODY)).expect("given away");
    }
}

#[test]
fn a_state_folder_that_cannot_be_written_is_told() {
    if !nobody_can_run_the_binary() {
        return;
    }
    let w = World::new();
    give_to_nobody(&w);
    mode(&w.path("state"), 0o555);
    std::os::unix::fs::chown(w.path("state"), Some(0), Some(0)).expect("given away");
    let out = as_nobody(&w, &["sessions", "list"]);
    assert_eq!(out.status.code(), Some(1));
    is_clear(&stderr(&out), &[w.path("state").to_str().expect("a path"), "ermission denied", "XDG_STATE_HOME"]);
    // With a folder that can be written everything works, for that user too.
    std::os::unix::fs::chown(w.path("state"), Some(NOBODY), Some(NOBODY)).expect("given away");
    mode(&w.path("state"), 0o755);
    let out = as_nobody(&w, &["sessions", "list"]);
    assert!(out.status.success(), "{}", stderr(&out));
    as_nobody(&w, &["server", "stop"]);
}

#[test]
fn other_users_have_no_way_in() {
    if !nobody_can_run_the_binary() {
        return;
    }
    let w = World::new();
    w.start("one", "exec cat");
    mode(w.path("run").parent().expect("a parent"), 0o755);
    for dir in [w.path("run/copilot-tui"), w.path("run/copilot-tui/default"), w.state()] {
        assert_eq!(std::fs::metadata(&dir).expect("it is there").mode() & 0o777, 0o700, "{}", dir.display());
    }
    let socket = w.json(&["server", "status"])["socket"].as_str().map(std::path::PathBuf::from).expect("a path");
    // Even with all the doors open the socket takes nobody else.
    mode(&w.path("run"), 0o777);
    mode(&w.path("run/copilot-tui"), 0o777);
    mode(&w.path("run/copilot-tui/default"), 0o777);
    mode(&socket, 0o777);
    let id = NOBODY.to_string();
    let script = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\ns.settimeout(20)\ntry:\n  print(len(s.recv(100)))\nexcept ConnectionResetError:\n  print(0)";
    let out =
        Command::new("setpriv").args(["--reuid", &id, "--regid", &id, "--clear-groups", "/usr/bin/python3", "-c", script]).arg(&socket).output();
    match out {
        Ok(out) if out.status.success() => assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "0", "it was closed before a byte"),
        other => eprintln!("SKIPPED: no interpreter for the other user: {other:?}"),
    }
    until("it is in the log", || w.log().contains("refused a connection") || !Path::new("/usr/bin/python3").exists());
    for dir in ["run/copilot-tui/default", "run/copilot-tui", "run"] {
        mode(&w.path(dir), 0o700);
    }
}

#[test]
fn a_server_starts_where_its_process_session_is_out_of_sight() {
    // As in a container: the leader of the process session lives outside of the process namespace.
    let w = World::new();
    let script = format!(
        "B={}; $B new --name inner -- sh -c 'echo here; exec cat' && $B wait inner --until text=here --timeout 30s",
        env!("CARGO_BIN_EXE_copilot-tui")
    );
    let mut c = Command::new("unshare");
    c.args(["--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", &script]).current_dir(w.path("work")).env_clear().envs(w.env());
    let out = c.output().expect("unshare is part of util-linux");
    if String::from_utf8_lossy(&out.stderr).starts_with("unshare:") {
        eprintln!("SKIPPED: no process namespace: {}", String::from_utf8_lossy(&out.stderr));
        return;
    }
    assert!(out.status.success(), "{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
}

#[test]
fn unsafe_socket_folders_are_refused() {
    let refused = |w: &World, what: &[&str]| {
        let out = w.run(&["sessions", "list"]);
        assert_eq!(out.status.code(), Some(1));
        is_clear(&stderr(&out), what);
        let app = w.command(&[]);
        let mut t = Terminal::start(&app, 250, 24);
        assert_eq!(t.ends().code(), Some(1));
        assert!(t.is_as_before());
        t.shows(what[0]);
    };
    let w = World::new();
    let folder = w.path("run/copilot-tui");
    std::fs::create_dir(&folder).expect("a folder");
    mode(&folder, 0o777);
    refused(&w, &["not safe to use", "0777", "chmod 700"]);
    mode(&folder, 0o700);
    w.ok(&["sessions", "list"]);
    w.ok(&["server", "stop"]);

    let w = World::new();
    std::fs::create_dir(w.path("elsewhere")).expect("a folder");
    symlink(w.path("elsewhere"), w.path("run/copilot-tui")).expect("a link");
    refused(&w, &["not safe to use", "symbolic link"]);

    if root() {
        let w = World::new();
        std::fs::create_dir(w.path("run/copilot-tui")).expect("a folder");
        std::os::unix::fs::chown(w.path("run/copilot-tui"), Some(NOBODY), Some(NOBODY)).expect("given away");
        refused(&w, &["not safe to use", "65534"]);
        std::fs::remove_dir(w.path("run/copilot-tui")).expect("removed");
    } else {
        eprintln!("SKIPPED: a folder of another user needs root");
    }
}

#[test]
fn broken_databases_are_put_aside() {
    for (what, damage) in [
        ("empty", (|b: &mut Vec<u8>| b.clear()) as fn(&mut Vec<u8>)),
        ("cut", |b| b.truncate(b.len() / 2 + 7)),
        ("overwritten", |b| b.iter_mut().skip(100).take(3000).for_each(|x| *x = 0xa5)),
        ("no database", |b| b.splice(..16, *b"hello, I am text").for_each(drop)),
    ] {
        let w = World::new();
        let s = w.start("keep", "echo here; exec cat");
        w.wait_text("keep", "here");
        w.ok(&["server", "stop"]);
        let db = w.state().join("state.db");
        for extra in ["state.db-wal", "state.db-shm"] {
            let _ = std::fs::remove_file(w.state().join(extra));
        }
        let mut bytes = std::fs::read(&db).expect("a database");
        damage(&mut bytes);
        std::fs::write(&db, bytes).expect("written");
        let again = w.show("keep");
        assert_eq!((&again["id"], &again["pid"], again["state"].as_str()), (&s["id"], &s["pid"], Some("working")), "{what}: {}", w.log());
        assert!(w.ok(&["read", "keep"]).contains("here"), "{what}");
        w.start("new", "exec cat");
        w.kill_server();
        assert_eq!(w.json(&["sessions", "list"])["sessions"].as_array().map(Vec::len), Some(2), "{what}: {}", w.log());
    }
}

#[test]
fn two_servers_started_at_once_are_one() {
    let w = World::new();
    let s = w.start("keep", "exec cat");
    for round in 0..20 {
        w.kill_server();
        let start = || w.command(&["server", "start"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("it runs");
        let both: Vec<_> = (0..4).map(|_| start()).collect();
        for child in both {
            let out = child.wait_with_output().expect("it ends");
            assert!(out.status.success(), "round {round}: {}", stderr(&out));
        }
        assert_eq!(w.show("keep")["pid"], s["pid"], "round {round}");
    }
    // One process of it is left.
    let server = w.server_pid();
    let servers = || {
        let mut all = w.processes();
        all.retain(|p| std::fs::read(format!("/proc/{p}/cmdline")).is_ok_and(|c| c.windows(10).any(|x| x == b"server\0run")));
        all
    };
    until("one server is left", || servers() == [server]);
}

#[test]
fn a_server_with_hardly_any_descriptors_survives() {
    let w = World::new();
    let limited = |args: &str| {
        let mut c = Command::new("sh");
        c.args(["-c", &format!("ulimit -n 64; exec \"$0\" {args}"), BIN]).current_dir(w.path("work")).env_clear().envs(w.env()).stdin(Stdio::null());
        c.output().expect("it runs")
    };
    assert!(limited("server start").status.success());
    let server = w.server_pid();
    // More connections than it has descriptors, all held open.
    let socket = w.json(&["server", "status"])["socket"].as_str().expect("a path").to_owned();
    let started = w.json(&["new", "--name", "first", "--", "sh", "-c", TALK]);
    let mut held: Vec<UnixStream> = (0..100).filter_map(|_| UnixStream::connect(&socket).ok()).collect();
    assert!(held.len() > 64);
    until("it has said so", || ["cannot accept", "refused a connection"].iter().any(|m| w.log().contains(m)));
    assert!(alive(server));
    held.clear();
    // And more sessions than it has descriptors for: those that cannot be are refused in words, the others live.
    let mut refused = 0;
    for n in 0..40 {
        let out = w.run(&["new", "--json", "--name", &format!("s{n}"), "--", "sh", "-c", "exec cat"]);
        if !out.status.success() {
            refused += 1;
            let e: Value = serde_json::from_slice(&out.stderr).unwrap_or_else(|_| panic!("{}", stderr(&out)));
            let message = e["error"]["message"].to_string();
            is_clear(&message, &[]);
            assert!(["file", "descriptor"].iter().any(|w| message.contains(w)), "{message}");
            if refused > 2 {
                break;
            }
        }
    }
    assert!(refused > 0, "it was meant to run out of descriptors");
    assert_eq!(w.server_pid(), server);
    assert_eq!(w.show("first")["pid"], started["pid"]);
    w.ok(&["send", "first", "hello"]);
    w.wait_text("first", "got hello\\.");
}

#[test]
fn hostile_frames_end_their_own_connection_only() {
    let w = World::new();
    w.start("talk", TALK);
    let c = Terminal::start(&w.command(&["attach", "talk"]), 100, 30);
    c.shows("ready");
    let socket = w.json(&["server", "status"])["socket"].as_str().expect("a path").to_owned();
    let hello = ClientMsg::Hello {
        protocol: PROTOCOL,
        rows_version: ROWS_VERSION,
        version: "x".into(),
        kind: ClientKind::Command,
        read_only: false,
        cwd: "/".into(),
    };
    let frame = |json: &[u8]| {
        let mut out = Vec::new();
        encode(FrameKind::Control, json, &mut out).expect("a frame");
        out
    };
    let hello = frame(&serde_json::to_vec(&hello).expect("JSON"));
    let server = w.server_pid();
    // Some random bytes, always the same ones.
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |n: usize| -> Vec<u8> {
        (0..n)
            .map(|_| {
                seed ^= seed << 13;
                seed ^= seed >> 7;
                seed ^= seed << 17;
                seed as u8
            })
            .collect()
    };
    let deep = [b"{\"msg\":\"request\",\"id\":1,\"op\":".as_slice(), &b"[".repeat(100_000)].concat();
    let mut cases: Vec<Vec<u8>> = vec![
        vec![0xff; 64],
        [&u32::MAX.to_le_bytes()[..], &[1], &[0; 100]].concat(),
        [&(2u32 << 20).to_le_bytes()[..], &[1], &[b'x'; 4096]].concat(),
        [hello.clone(), [&(64u32 << 20).to_le_bytes()[..], &[1]].concat()].concat(),
        [hello.clone(), frame(b"not json at all")].concat(),
        [hello.clone(), frame(&deep)].concat(),
        [hello.clone(), frame(b"{\"msg\":\"request\",\"id\":1,\"op\":{\"op\":\"no-such-thing\"}}")].concat(),
        [hello.clone(), frame(b"{\"msg\":\"request\",\"id\":1,\"op\":{\"op\":\"read\",\"session\":\"talk\",\"lines\":4294967295}}")].concat(),
        [hello.clone(), frame(b"{\"msg\":\"input\",\"session\":\"../../etc\",\"input\":\"key\",\"key\":{}}")].concat(),
        [hello.clone(), hello[..7].to_vec()].concat(),
        frame(b"{\"msg\":\"request\",\"id\":1,\"op\":{\"op\":\"list\"}}"), // no hello
        frame(b"{\"msg\":\"subscribe\"}"),
        vec![],
    ];
    cases.extend((1..60).map(|n| random(n * 37)));
    cases.extend((1..40).map(|n| [hello.clone(), random(n * 53)].concat()));
    let mut open = Vec::new();
    for (n, bytes) in cases.iter().enumerate() {
        let mut s = UnixStream::connect(&socket).expect("connected");
        // It may be closed before all is written.
        let _ = s.write_all(bytes);
        if n % 3 == 0 {
            open.push(s);
        } else {
            let _ = s.shutdown(std::net::Shutdown::Write);
            s.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
            let mut got = Vec::new();
            match s.read_to_end(&mut got) {
                Err(e) if matches!(e.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => panic!("case {n} was not closed"),
                _ => {}
            }
        }
        if n % 10 == 0 {
            c.keys(format!("case {n}\r").as_bytes());
            c.shows(&format!("got case {n}."));
        }
    }
    assert_eq!(w.server_pid(), server, "{}", w.log());
    assert!(!w.log().contains("panicked") && !w.log().contains("a task failed"), "{}", w.log());
    c.keys(b"the end\r");
    c.shows("got the end.");
}

#[test]
fn a_client_that_pours_keys_in_holds_up_nobody() {
    let w = World::new();
    let id = w.start("sink", "stty raw -echo; echo up; exec cat > /dev/null")["id"].as_str().expect("an id").parse().expect("an id");
    w.wait_text("sink", "up");
    let socket = w.json(&["server", "status"])["socket"].as_str().expect("a path").to_owned();
    let frame = |message: &ClientMsg| {
        let mut out = Vec::new();
        match quick::encode(message) {
            Some(bytes) => encode(FrameKind::Quick, &bytes, &mut out).expect("a frame"),
            None => encode(FrameKind::Control, &serde_json::to_vec(message).expect("JSON"), &mut out).expect("a frame"),
        }
        out
    };
    let connect = |kind| {
        let version = "x".to_owned();
        let hello = ClientMsg::Hello { protocol: PROTOCOL, rows_version: ROWS_VERSION, version, kind, read_only: false, cwd: "/".into() };
        let mut s = UnixStream::connect(&socket).expect("connected");
        s.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout");
        s.write_all(&frame(&hello)).expect("it listens");
        s
    };
    let ask = |id| frame(&ClientMsg::Request { id, op: Op::ServerStatus });
    let answered = |s: &mut UnixStream, id: u64| {
        let (mut decoder, mut buffer) = (Decoder::new(), [0u8; 4096]);
        loop {
            while let Some(f) = decoder.next_frame().expect("a frame") {
                if matches!(serde_json::from_slice(&f.payload), Ok(ServerMsg::Reply { id: got, .. }) if got == id) {
                    return;
                }
            }
            let n = s.read(&mut buffer).expect("an answer");
            assert!(n > 0, "the connection ended: {}", w.log());
            decoder.push(&buffer[..n]);
        }
    };
    let (mut pours, mut other) = (connect(ClientKind::Screen), connect(ClientKind::Command));
    let key = frame(&ClientMsg::Input { session: id, input: PaneInput::Key { key: Key::char('a') } }).repeat(1000);
    let (begun, done) = (std::sync::mpsc::channel(), AtomicBool::new(false));
    let mut writer = pours.try_clone().expect("a descriptor");
    std::thread::scope(|threads| {
        threads.spawn(|| {
            writer.write_all(&frame(&ClientMsg::Subscribe { view: None })).expect("it reads");
            for n in 0..100 {
                writer.write_all(&key).expect("it reads");
                if n == 20 {
                    begun.0.send(()).expect("somebody waits");
                }
            }
            writer.write_all(&ask(7)).expect("it reads");
        });
        threads.spawn(|| {
            answered(&mut pours, 7);
            done.store(true, Ordering::SeqCst);
        });
        begun.1.recv().expect("it begins");
        let mut answers = 0;
        while !done.load(Ordering::SeqCst) {
            other.write_all(&ask(answers)).expect("it reads");
            answered(&mut other, answers);
            answers += 1;
        }
        assert!(answers > 20, "{answers} answers while keys poured in");
    });
}
