//! The whole client on a real PTY against a server that is played by the test: hello, subscribe, detach, a server that dies,
//! terminal answers, modes asserted again, the terminal given back.

#[path = "support/outer.rs"]
mod outer;

use copilot_tui::base::{CellKind, Line, SessionId, Span, Style};
use copilot_tui::client::{ClientExit, ClientOptions, run_on};
use copilot_tui::wire::frame::encode;
use copilot_tui::wire::message::PaneWatch;
use copilot_tui::wire::pane::{PaneCursor, PaneModes};
use copilot_tui::wire::{ClientMsg, Decoder, FrameKind, PROTOCOL, PaneFrame, ROWS_VERSION, ServerMsg, Session, quick};
use outer::allowed;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// What the outer terminal got, and a way to wait for something in it.
#[derive(Clone, Default)]
struct Seen(Arc<(Mutex<String>, Condvar)>);

impl Seen {
    /// Waits until `text` has come after position `from`; the position behind it.
    fn wait(&self, from: usize, text: &str) -> usize {
        let (lock, told) = &*self.0;
        let end = Instant::now() + PATIENCE;
        let mut got = lock.lock().unwrap();
        loop {
            if let Some(at) = got[from..].find(text) {
                return from + at + text.len();
            }
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{text:?} did not come; there is {:?}", &got[from..]);
            got = told.wait_timeout(got, left).unwrap().0;
        }
    }

    fn len(&self) -> usize {
        self.0.0.lock().unwrap().len()
    }
}

/// Both ends of a PTY of 100 x 30.
fn terminal() -> (OwnedFd, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK, Mode::empty()).unwrap();
    tcsetwinsize(&slave, Winsize { ws_col: 100, ws_row: 30, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
    (master, slave)
}

struct Outer {
    master: Arc<OwnedFd>,
    slave: OwnedFd,
    before: Termios,
    seen: Seen,
}

impl Outer {
    fn new() -> Outer {
        let (master, slave) = terminal();
        let before = tcgetattr(&slave).unwrap();
        let (master, seen) = (Arc::new(master), Seen::default());
        let (reader, sink) = (master.clone(), seen.clone());
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(n) = rustix::io::read(&*reader, &mut buffer) {
                let (lock, told) = &*sink.0;
                lock.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..n]));
                told.notify_all();
            }
        });
        Outer { master, slave, before, seen }
    }

    fn type_in(&self, bytes: &[u8]) {
        assert_eq!(rustix::io::write(&*self.master, bytes).unwrap(), bytes.len());
    }

    /// Nothing but what is known to be harmless was ever written to the terminal.
    fn was_treated_well(&self) {
        allowed(&self.seen.0.0.lock().unwrap()).unwrap();
    }

    fn is_as_before(&self) {
        let now = tcgetattr(&self.slave).unwrap();
        assert_eq!(
            (now.local_modes, now.input_modes, now.output_modes),
            (self.before.local_modes, self.before.input_modes, self.before.output_modes)
        );
    }
}

/// The server's end of a connection.
struct Server {
    stream: UnixStream,
    decoder: Decoder,
}

impl Server {
    fn new(stream: UnixStream) -> Server {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Server { stream, decoder: Decoder::new() }
    }

    fn next(&mut self) -> Option<ClientMsg> {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return Some(match frame.kind {
                    FrameKind::Quick => quick::decode(&frame.payload).unwrap(),
                    _ => serde_json::from_slice(&frame.payload).unwrap(),
                });
            }
            let mut buffer = [0u8; 4096];
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                // It went without having read all that was sent to it.
                Err(e) if e.kind() == std::io::ErrorKind::ConnectionReset => return None,
                got => self.decoder.push(&buffer[..got.expect("the client says something in time")]),
            }
        }
    }

    fn until(&mut self, what: impl Fn(&ClientMsg) -> bool) -> ClientMsg {
        loop {
            let message = self.next().expect("the client is there");
            if what(&message) {
                return message;
            }
        }
    }

    fn say(&mut self, message: &ServerMsg) {
        let mut out = Vec::new();
        encode(FrameKind::Control, &serde_json::to_vec(message).unwrap(), &mut out).unwrap();
        self.stream.write_all(&out).unwrap();
    }

    /// Both hellos, then the subscription.
    fn welcome(&mut self) {
        let hello = self.next().unwrap();
        assert!(matches!(hello, ClientMsg::Hello { protocol: PROTOCOL, rows_version: ROWS_VERSION, .. }), "{hello:?}");
        self.say(&ServerMsg::Hello { protocol: PROTOCOL, rows_version: ROWS_VERSION, version: "0".into(), pid: 1, server: "test".into() });
        self.until(|m| matches!(m, ClientMsg::Subscribe { .. }));
    }

    /// Lets it in and tells of sessions; the panes that it shows then.
    fn tell(&mut self, sessions: Vec<Session>) -> Vec<PaneWatch> {
        self.welcome();
        self.say(&ServerMsg::Facts { rev: 1, full: true, sessions, removed: vec![], timeline: vec![], agents: None, view: None, more: false });
        let watch = self.until(|m| matches!(m, ClientMsg::Watch { panes, .. } if !panes.is_empty()));
        if let ClientMsg::Watch { panes, .. } = watch { panes } else { Vec::new() }
    }
}

struct Client {
    server: Server,
    /// Server ends of the connections made later.
    more: Receiver<UnixStream>,
    thread: JoinHandle<Result<ClientExit, String>>,
    config: tempfile::TempDir,
}

fn start() -> (Outer, Client) {
    let outer = Outer::new();
    let client = start_on(outer.slave.try_clone().unwrap());
    (outer, client)
}

fn start_on(terminal: OwnedFd) -> Client {
    start_failing(terminal, 0)
}

/// Its first attempts to connect again panic, so many of them.
fn start_failing(terminal: OwnedFd, panics: usize) -> Client {
    let tries = AtomicUsize::new(0);
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (made, more): (Sender<UnixStream>, _) = channel();
    let made = Mutex::new(made);
    let config = tempfile::tempdir().unwrap();
    let options = ClientOptions {
        socket: theirs,
        reconnect: Arc::new(move || {
            assert!(tries.fetch_add(1, Ordering::SeqCst) >= panics, "this attempt is to fail");
            let (ours, theirs) = UnixStream::pair()?;
            made.lock().unwrap().send(ours).map_err(|_| std::io::Error::other("the test is over"))?;
            Ok(theirs)
        }),
        session: None,
        replay: None,
        server: None,
        read_only: false,
        cwd: "/".into(),
        config: Some(config.path().to_owned()),
        client_env: Vec::new(),
        umask: None,
        zone: jiff::tz::TimeZone::UTC,
    };
    let thread = std::thread::spawn(move || run_on(terminal, options).map_err(|e| e.to_string()));
    Client { server: Server::new(ours), more, thread, config }
}

#[test]
fn attach_and_detach_give_the_terminal_back() {
    let (outer, mut c) = start();
    outer.seen.wait(0, "\x1b[?1049h");
    c.server.welcome();
    outer.type_in(b"\x02d");
    let exit = c.thread.join().unwrap().unwrap();
    assert_eq!(exit.code, 0);
    assert!(exit.message.contains("attach"), "{exit:?}");
    outer.seen.wait(0, "\x1b[?1049l");
    outer.is_as_before();
}

#[test]
fn xterm_has_the_cursor_that_it_had() {
    // Its usual cursor is another one than what the person has chosen.
    for (name, last) in [("XTerm(379)", "\x1b[23;0t\x1b[2 q"), ("kitty(0.40)", "\x1b[23;0t\x1b[c")] {
        let (outer, mut c) = start();
        c.server.welcome();
        outer.seen.wait(0, "\x1b[c");
        outer.type_in(format!("\x1bP>|{name}\x1b\\\x1bP1$r2 q\x1b\\\x1b[?62c").as_bytes());
        outer.type_in(b"\x02d");
        c.thread.join().unwrap().unwrap();
        outer.seen.wait(0, last);
        outer.was_treated_well();
    }
}

/// The screen as the person sees it.
fn screen(bytes: &str) -> String {
    let mut p = vt100::Parser::new(30u16.try_into().unwrap(), 100u16.try_into().unwrap(), 0);
    // Leaving clears it.
    p.process(bytes.split("\x1b[?1049l").next().unwrap().as_bytes());
    p.screen().contents()
}

fn empty_frame(seq: u64) -> PaneFrame {
    PaneFrame {
        seq,
        session: SessionId::random(),
        cols: 80,
        rows: 24,
        full: true,
        top: 0,
        height: 24,
        screen_top: 0,
        history_start: 0,
        lines: Vec::new(),
        cursor: PaneCursor::default(),
        modes: PaneModes::default(),
        foreign_size: false,
    }
}

fn session(number: u32, name: &str, state: &str) -> Session {
    let json = format!(
        r#"{{"id":"{}","number":{number},"name":"{name}","kind":"primary","state":"{state}","agent":"codex","task":"t","project":"/p/shop",
            "cwd":"/p/shop","branch":"main","worktree":null,"parent":null,"pid":null,"started":"","ended":null,"exit_status":null,"progress":null,
            "waiting_for":null,"cpu_percent":null,"memory_bytes":null}}"#,
        SessionId::random()
    );
    serde_json::from_str(&json).unwrap()
}

#[test]
fn sessions_and_their_rows_are_on_the_screen_and_hostile_text_stays_inside() {
    let (outer, mut c) = start();
    let evil = session(3, "api\u{202e}x", "working");
    let panes = c.server.tell(vec![evil.clone(), session(5, "auth-tests", "waiting")]);
    let mut lines = vec![(0, Line::plain("hello from the agent")), (1, Line::plain("\u{1b}]52;c;aGFja2Vk\u{7} \u{9b}2J"))];
    let span = |cells, text: &str| Span { style: Style::default(), cells, text: text.into(), link: None };
    let spans = vec![span(CellKind::Wide, "中文"), span(CellKind::Cluster(2), "👨\u{200d}👩\u{200d}👧"), span(CellKind::Narrow, " end")];
    lines.push((2, Line { spans, wrapped: false }));
    let frame = PaneFrame { session: panes[0].session.clone(), lines, ..empty_frame(7) };
    let mut out = Vec::new();
    encode(FrameKind::Pane, &frame.encode().unwrap(), &mut out).unwrap();
    c.server.stream.write_all(&out).unwrap();
    c.server.until(|m| matches!(m, ClientMsg::Ack { seq: 7 }));
    outer.type_in(b"\x02d");
    c.thread.join().unwrap().unwrap();
    outer.seen.wait(0, "\x1b[23;0t");
    let shown = screen(&outer.seen.0.0.lock().unwrap());
    for part in ["#5 auth-tests", "1 working", "hello from the agent", "中文", " end", "Ctrl+B"] {
        assert!(shown.contains(part), "{part} is not on the screen:\n{shown}");
    }
    outer.was_treated_well();
}

#[test]
fn a_server_that_dies_is_found_again_and_the_screen_stays() {
    let (outer, mut c) = start();
    c.server.welcome();
    drop(c.server);
    let mut again = Server::new(c.more.recv_timeout(PATIENCE).expect("it tries again"));
    again.welcome();
    drop(again);
    let mut third = Server::new(c.more.recv_timeout(PATIENCE).unwrap());
    third.welcome();
    outer.type_in(b"\x02d");
    assert_eq!(c.thread.join().unwrap().unwrap().code, 0);
    outer.seen.wait(0, "\x1b[?1049l");
    assert_eq!(outer.seen.0.0.lock().unwrap().matches("\x1b[?1049h").count(), 1, "it never left the screen");
}

#[test]
fn an_attempt_to_connect_that_panics_is_followed_by_another() {
    let outer = Outer::new();
    let mut c = start_failing(outer.slave.try_clone().unwrap(), 2);
    c.server.welcome();
    drop(c.server);
    let mut again = Server::new(c.more.recv_timeout(PATIENCE).expect("it tries again"));
    again.welcome();
    outer.type_in(b"\x02d");
    assert_eq!(c.thread.join().unwrap().unwrap().code, 0);
}

#[test]
fn a_server_that_was_asked_to_end_is_not_started_again() {
    let (_outer, mut c) = start();
    c.server.welcome();
    c.server.say(&ServerMsg::Facts {
        rev: 1,
        full: true,
        sessions: vec![],
        removed: vec![],
        timeline: vec![],
        agents: None,
        view: None,
        more: false,
    });
    c.server.say(&ServerMsg::Bye { reason: "stopped; 2 sessions go on".into() });
    let exit = c.thread.join().unwrap().unwrap();
    assert_eq!((exit.code, exit.message.as_str()), (0, "stopped; 2 sessions go on"));
    assert!(c.more.try_recv().is_err());
    // One that never let it in has refused it.
    let (_outer, mut c) = start();
    c.server.welcome();
    c.server.say(&ServerMsg::Bye { reason: "this terminal is a session itself".into() });
    assert_eq!(c.thread.join().unwrap().unwrap().code, 1);
}

#[test]
fn what_is_under_way_when_it_leaves_does_not_reach_the_shell() {
    // It ends at once, while its questions are not answered yet.
    let (outer, c) = start();
    outer.seen.wait(0, "\x1b[c");
    outer.type_in(b"\x02d");
    // It has left the screen and asked a last question: answers of both come late, with some motion of the mouse.
    let at = outer.seen.wait(0, "\x1b[?1049l");
    outer.seen.wait(at, "\x1b[c");
    outer.type_in(b"\x1b[<35;3;4M\x1bP>|slow(1)\x1b\\\x1b[?62c\x1b[<35;5;4M\x1b[?62c");
    c.thread.join().unwrap().unwrap();
    outer.is_as_before();
    // The shell's next read finds nothing.
    rustix::fs::fcntl_setfl(&outer.slave, OFlags::NONBLOCK).unwrap();
    let mut buffer = [0u8; 64];
    assert_eq!(rustix::io::read(&outer.slave, &mut buffer), Err(rustix::io::Errno::AGAIN));
    outer.was_treated_well();
}

#[test]
fn answers_that_come_late_are_no_keys() {
    let (outer, mut c) = start();
    c.server.tell(vec![session(1, "shell", "working")]);
    // Cut at the worst places, long after the bound.
    std::thread::sleep(Duration::from_millis(250));
    for part in [
        &b"\x1b"[..],
        b"[?2026;2$",
        b"y\x1b]11;rgb:10/",
        b"20/30\x1b",
        b"\\\x1b[>0;276;0c\x1b[2;2R\x1b[2;7R\x1b[2;5R\x1bP1$r0;4:3m\x1b\\",
        b"\x1b[?62c",
    ] {
        outer.type_in(part);
        std::thread::sleep(Duration::from_millis(20));
    }
    outer.type_in(b"z\x02d");
    c.thread.join().unwrap().unwrap();
    let mut typed = String::new();
    while let Some(m) = c.server.next() {
        if let ClientMsg::Input { input, .. } = m {
            typed.push_str(&format!("{input:?}\n"));
        }
    }
    assert_eq!(typed.lines().count(), 1, "{typed}");
    assert!(typed.contains("'z'"), "{typed}");
}

#[test]
fn another_version_is_told_and_what_to_do() {
    let (outer, mut c) = start();
    c.server.next();
    c.server.say(&ServerMsg::Hello { protocol: PROTOCOL, rows_version: ROWS_VERSION + 1, version: "9.9".into(), pid: 1, server: "x".into() });
    let told = c.thread.join().unwrap().unwrap_err();
    assert!(told.contains("9.9") && told.contains("copilot-tui server stop"), "{told}");
    outer.is_as_before();
}

#[test]
fn answers_switch_modes_on_and_focus_asserts_them_again() {
    let (outer, mut c) = start();
    c.server.welcome();
    outer.seen.wait(0, "\x1b[c");
    outer.type_in(b"\x1b[?0u\x1b[?2026;2$y\x1b]11;rgb:10/20/30\x1b\\\x1b[?62c");
    let at = outer.seen.wait(0, "\x1b[=5;1u");
    let colors = c.server.until(|m| matches!(m, ClientMsg::Colors { .. }));
    let ClientMsg::Colors { colors } = colors else { panic!() };
    assert_eq!(colors.bg, Some((0x10, 0x20, 0x30)));
    outer.type_in(b"\x1b[I");
    let at = outer.seen.wait(at, "\x1b[?1006h");
    let at = outer.seen.wait(at, "\x1b[=5;1u");
    let at = outer.seen.wait(at, "\x1b]2;copilot-tui\x1b\\"); // the title went with the modes
    outer.seen.wait(at, "\x1b[?2026h"); // and everything is drawn anew, as one
    // VS Code forgot SGR reports over a reload: the click comes as X10, and brings the modes back once a second has gone.
    let at = outer.seen.len();
    let begin = Instant::now();
    while outer.seen.len() == at || !outer.seen.0.0.lock().unwrap()[at..].contains("\x1b[?1006h") {
        assert!(begin.elapsed() < PATIENCE);
        outer.type_in(b"\x1b[M !!\x1b[M#!!");
        // The answer to this query comes after all that the clicks led to.
        let n = outer.seen.len();
        outer.type_in(b"\x1b[?997;1n");
        outer.seen.wait(n, "\x1b[c");
        outer.type_in(b"\x1b[?62c");
    }
    outer.type_in(b"\x1b[98;5ud");
    assert_eq!(c.thread.join().unwrap().unwrap().code, 0, "the prefix came as a kitty key");
    outer.seen.wait(at, "\x1b[23;0t");
    outer.was_treated_well();
}

/// VS Code tells nobody that its window was reloaded, but what it answers shows it.
#[test]
fn modes_and_title_come_back_after_a_reload_without_a_key() {
    let (outer, mut c) = start();
    let panes = c.server.tell(vec![session(1, "shell", "working")]);
    outer.seen.wait(0, "\x1b[c");
    outer.type_in(b"\x1bP>|xterm.js(6.1)\x1b\\\x1b[?0u\x1b[?62c");
    let mut from = outer.seen.wait(0, "\x1b[=5;1u");
    let begin = Instant::now();
    let mut asked = Vec::new();
    for value in [1, 2] {
        // Frames go on; the question comes behind one of them.
        for seq in 0.. {
            assert!(begin.elapsed() < PATIENCE);
            let lines = vec![(0, Line::plain(&format!("{value} {seq}")))];
            let frame = PaneFrame { session: panes[0].session.clone(), lines, ..empty_frame(seq) };
            let mut out = Vec::new();
            encode(FrameKind::Pane, &frame.encode().unwrap(), &mut out).unwrap();
            c.server.stream.write_all(&out).unwrap();
            c.server.until(|m| matches!(m, ClientMsg::Ack { seq: s } if *s == seq));
            if let Some(at) = outer.seen.0.0.lock().unwrap()[from..].find("\x1b[?1006$p") {
                from += at + 1;
                break;
            }
        }
        asked.push(from);
        outer.type_in(format!("\x1b[?1006;{value}$y").as_bytes());
    }
    let at = outer.seen.wait(from, "\x1b[=5;1u");
    assert!(!outer.seen.0.0.lock().unwrap()[asked[0]..from].contains("\x1b[?1006h"), "it was right the first time");
    let at = outer.seen.wait(at, "\x1b[?1006h");
    outer.seen.wait(at, "\x1b]2;");
    outer.type_in(b"\x02d");
    assert_eq!(c.thread.join().unwrap().unwrap().code, 0);
    outer.was_treated_well();
}

/// Told of releases, a shell that comes after a killed client could not be typed into.
#[test]
fn releases_of_keys_are_asked_for_while_the_program_in_front_is_told_of_them() {
    let (outer, mut c) = start();
    let panes = c.server.tell(vec![session(1, "codex", "working")]);
    outer.seen.wait(0, "\x1b[c");
    outer.type_in(b"\x1b[?0u\x1b[?62c");
    let mut at = outer.seen.wait(0, "\x1b[=5;1u");
    for (seq, (key_releases, then)) in [(true, "\x1b[=7;1u"), (false, "\x1b[=5;1u")].into_iter().enumerate() {
        let modes = PaneModes { key_releases, ..PaneModes::default() };
        let frame = PaneFrame { session: panes[0].session.clone(), modes, ..empty_frame(seq as u64) };
        let mut out = Vec::new();
        encode(FrameKind::Pane, &frame.encode().unwrap(), &mut out).unwrap();
        c.server.stream.write_all(&out).unwrap();
        at = outer.seen.wait(at, then);
    }
    outer.type_in(b"\x1b[98;5ud");
    assert_eq!(c.thread.join().unwrap().unwrap().code, 0);
    outer.was_treated_well();
}

#[test]
fn rows_are_acknowledged_when_they_are_on_the_screen() {
    let (outer, mut c) = start();
    c.server.welcome();
    let frame = empty_frame(41);
    let mut out = Vec::new();
    encode(FrameKind::Pane, &frame.encode().unwrap(), &mut out).unwrap();
    c.server.stream.write_all(&out).unwrap();
    c.server.until(|m| matches!(m, ClientMsg::Ack { seq: 41 }));
    outer.type_in(b"\x02d");
    c.thread.join().unwrap().unwrap();
}

#[test]
fn a_terminal_that_goes_ends_the_client_alone() {
    let (master, slave) = terminal();
    let mut c = start_on(slave);
    c.server.welcome();
    drop(master);
    assert_eq!(c.thread.join().unwrap().unwrap().code, 129);
}

#[test]
fn keys_are_heard_while_the_terminal_takes_nothing() {
    let (master, slave) = terminal(); // nobody reads the master: its buffer is full after a few kilobytes
    let mut c = start_on(slave);
    let panes = c.server.tell(vec![session(1, "flood", "working")]);
    const FRAMES: u64 = 300;
    for seq in 0..FRAMES {
        let lines = (0..24).map(|n| (n, Line::plain(&format!("{:080}", seq * 7919 + n)))).collect();
        let frame = PaneFrame { session: panes[0].session.clone(), lines, ..empty_frame(seq) };
        let mut out = Vec::new();
        encode(FrameKind::Pane, &frame.encode().unwrap(), &mut out).unwrap();
        c.server.stream.write_all(&out).unwrap();
    }
    assert_eq!(rustix::io::write(&master, b"\x02d").unwrap(), 2);
    assert_eq!(c.thread.join().unwrap().unwrap().code, 0);
    let mut acks = 0;
    while let Some(m) = c.server.next() {
        acks += u64::from(matches!(m, ClientMsg::Ack { .. }));
    }
    assert!(acks < FRAMES, "rows that were never shown were not acknowledged");
}

#[test]
fn the_inspector_shows_bytes_and_names() {
    let outer = Outer::new();
    let terminal = outer.slave.try_clone().unwrap();
    let thread = std::thread::spawn(move || copilot_tui::client::inspect_keys_on(terminal, &|c| format!("does {c}")).map_err(|e| e.to_string()));
    let at = outer.seen.wait(0, "\x1b[c");
    outer.type_in(b"\x1bP>|st(9)\x1b\\\x1b[?1u\x1b[2;2R\x1b[2;7R\x1b[2;5R\x1b[?62c");
    outer.seen.wait(at, "\x1b[=5;1u");
    outer.seen.wait(at, "terminal: st(9)");
    outer.seen.wait(at, "emoji with VS16 1, joined emoji several cells");
    outer.type_in(b"\x02");
    let at = outer.seen.wait(at, "\"ctrl+b\" in a keymap, legacy form; does ctrl+b");
    outer.type_in(b"\x1b");
    let at = outer.seen.wait(at, "\"esc\"");
    outer.type_in("\x1b[999;9~é".as_bytes());
    let at = outer.seen.wait(at, "\\x1b[999;9~          not known");
    let at = outer.seen.wait(at, "\\xc3\\xa9             é");
    outer.type_in(b"\x1b[99;5u\x1b[99;5:3u\x1b[99;5u");
    assert_eq!(thread.join().unwrap(), Ok(()));
    outer.seen.wait(at, "\x1b[23;0t");
    outer.is_as_before();
}

#[test]
fn settings_are_read_again_when_they_change() {
    let (outer, mut c) = start();
    c.server.welcome();
    outer.seen.wait(0, "Ctrl+B");
    let at = outer.seen.len();
    std::fs::write(c.config.path().join("config.toml"), "[ui]\nprefix = \"ctrl+a\"\n").unwrap();
    outer.seen.wait(at, "settings read");
    outer.type_in(b"\x01d");
    assert_eq!(c.thread.join().unwrap().unwrap().code, 0);
}
