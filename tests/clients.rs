//! Full-screen clients on real terminals: several at once, of different sizes, stopped, killed; keys and what they do.

#[path = "support/screen.rs"]
mod screen;
mod support;

use screen::{Terminal, place_in};
use std::time::Duration;
use support::{World, alive, kill, until};

/// Answers lines, and says how large its terminal is when asked.
const TALK: &str = "echo ready; while read l; do if [ \"$l\" = size ]; then echo size $(stty size); else echo \"got $l.\"; fi; done";

fn client(w: &World, args: &[&str], cols: u16, rows: u16) -> Terminal {
    Terminal::start(&w.command(args), cols, rows)
}

fn pid(w: &World, name: &str) -> i32 {
    w.show(name)["pid"].as_i64().expect("a pid") as i32
}

fn cols(w: &World, name: &str) -> u64 {
    w.json(&["read", name])["cols"].as_u64().expect("columns")
}

/// Kilobytes a process has in memory.
fn resident_kb(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("status");
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:")).expect("VmRSS");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn whoever_typed_last_sizes_the_terminal_and_the_other_sees_a_part() {
    let w = World::new();
    w.start("talk", TALK);
    let large = client(&w, &["attach", "talk"], 150, 45);
    large.shows("ready");
    large.keys(b"one\r");
    large.shows("got one.");
    until("it has the large client's size", || cols(&w, "talk") > 90);
    let small = client(&w, &["attach", "talk"], 80, 24);
    small.shows("got one.");
    small.keys(b"two\r");
    small.shows("got two.");
    large.shows("got two.");
    until("it has the small client's size", || cols(&w, "talk") <= 80);
    small.keys(b"size\r");
    small.shows("size ");
    large.shows("size ");
    // The large one takes it back by typing; the small one shows the part around the cursor.
    large.keys(b"three\r");
    until("it has the large client's size again", || cols(&w, "talk") > 90);
    large.keys("=".repeat(85).as_bytes());
    large.keys(b"END");
    large.shows("=END");
    small.shows("=END");
    // When it leaves, the other one's size counts.
    large.prefix("d");
    until("the small client has it again", || cols(&w, "talk") <= 80);
}

#[test]
fn keys_of_a_read_only_client_never_arrive() {
    let w = World::new();
    w.start("talk", TALK);
    let look = client(&w, &["attach", "talk", "--read-only"], 100, 30);
    look.shows("ready");
    look.keys(b"secret\r\x1b[200~pasted\x1b[201~\r");
    // Its keys were taken when what comes after them is seen.
    look.prefix("?");
    look.until("the help", |t| t.contains("Ctrl+B") && !t.contains("ready"));
    let own = client(&w, &["attach", "talk"], 100, 30);
    own.shows("ready");
    own.keys(b"open\r");
    own.shows("got open.");
    let text = w.ok(&["read", "talk"]);
    assert!(!text.contains("secret") && !text.contains("pasted"), "{text}");
    // It sizes nothing either.
    let before = cols(&w, "talk");
    look.resize(60, 20);
    look.keys(b"\x1b");
    own.keys(b"again\r");
    own.shows("got again.");
    assert_eq!(cols(&w, "talk"), before);
}

#[test]
fn a_stopped_client_costs_neither_time_nor_memory() {
    let w = World::new();
    w.start("flood", "exec seq 1 1000000000");
    w.start("talk", TALK);
    let stopped = client(&w, &["attach", "flood"], 120, 40);
    stopped.until("numbers", |t| numbers(t).any(|n| n > 1000));
    let own = client(&w, &["attach", "talk"], 120, 40);
    own.shows("ready");
    // History is full from here on.
    w.wait_text("flood", "^[0-9]{6,}$");
    kill(stopped.pid(), 19);
    until("it is stopped", || support::state_of(stopped.pid()) == Some('T'));
    let server = w.server_pid();
    let before = resident_kb(server);
    let first = last_number(&w);
    for n in 0..40 {
        own.keys(format!("line {n}\r").as_bytes());
        own.shows(&format!("got line {n}."));
    }
    // Some megabytes more have gone by.
    until("the flood went on", || last_number(&w) > first + 1_000_000);
    let grown = resident_kb(server).saturating_sub(before);
    assert!(grown < 8 * 1024, "the server grew by {grown} kB while a client stood still");
    kill(stopped.pid(), 18);
    // It catches up: what it shows next is newer than all it has missed.
    let now = last_number(&w);
    stopped.until("newer numbers", |t| numbers(t).any(|n| n > now));
}

/// Whole numbers in a text.
fn numbers(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok())
}

fn last_number(w: &World) -> u64 {
    let text = w.ok(&["read", "flood"]);
    text.lines().rev().skip(1).find_map(|l| l.trim().parse().ok()).expect("a number")
}

#[test]
fn sessions_outlive_clients_and_terminals_get_their_modes_back() {
    let w = World::new();
    w.start("talk", TALK);
    let agent = pid(&w, "talk");
    for (signal, code) in [(15, Some(143)), (1, Some(129)), (9, None)] {
        let mut c = client(&w, &["attach", "talk"], 100, 30);
        c.shows("ready");
        assert!(!c.is_as_before(), "it runs in raw mode");
        kill(c.pid(), signal);
        let status = c.ends();
        assert_eq!(status.code(), code, "signal {signal}: {status:?}");
        if code.is_some() {
            assert!(c.is_as_before(), "signal {signal}");
            for mode in ["\x1b[?1049l", "\x1b[?2004l", "\x1b[?1003l", "\x1b[?25h"] {
                c.wrote_after("\x1b[?1049h", mode);
            }
        }
    }
    // The window is closed.
    let mut c = client(&w, &["attach", "talk"], 100, 30);
    c.shows("ready");
    c.close();
    c.ends();
    assert!(alive(agent));
    assert_eq!(pid(&w, "talk"), agent);
    let c = client(&w, &["attach", "talk"], 100, 30);
    c.shows("ready");
    c.keys(b"still here\r");
    c.shows("got still here.");
}

#[test]
fn attaching_again_shows_the_same_tabs_and_splits() {
    let w = World::new();
    w.start("left", "echo LEFTSIDE; exec cat");
    let mut c = client(&w, &["attach", "left"], 140, 40);
    c.shows("LEFTSIDE");
    w.start("right", "echo RIGHTSIDE; exec cat");
    c.shows("right");
    c.prefix("%");
    c.until("both", |t| t.contains("LEFTSIDE") && t.contains("RIGHTSIDE"));
    c.prefix("c");
    c.until("an empty tab", |t| !t.contains("LEFTSIDE") && !t.contains("RIGHTSIDE"));
    c.prefix("1");
    c.until("both again", |t| t.contains("LEFTSIDE") && t.contains("RIGHTSIDE"));
    let places = |t: &str| (place_in(t, "LEFTSIDE"), place_in(t, "RIGHTSIDE"));
    let before = places(&c.text());
    c.prefix("d");
    assert_eq!(c.ends().code(), Some(0));
    c.shows("2 sessions go on");
    let c = client(&w, &[], 140, 40);
    c.until("the same places", |t| places(t) == before);
    c.prefix("2");
    c.until("the empty tab", |t| !t.contains("LEFTSIDE") && !t.contains("RIGHTSIDE"));
}

#[test]
fn a_pane_can_fill_the_tab_and_give_it_back() {
    let w = World::new();
    w.start("left", "echo LEFTSIDE; exec cat");
    let c = client(&w, &["attach", "left"], 140, 40);
    c.shows("LEFTSIDE");
    w.start("right", "echo RIGHTSIDE; exec cat");
    c.shows("right");
    c.prefix("%");
    c.until("both", |t| t.contains("LEFTSIDE") && t.contains("RIGHTSIDE"));
    c.prefix("z");
    c.until("one", |t| t.contains("LEFTSIDE") != t.contains("RIGHTSIDE"));
    c.prefix("z");
    c.until("both", |t| t.contains("LEFTSIDE") && t.contains("RIGHTSIDE"));
}

#[test]
fn follow_ups_pauses_and_stops_by_keys() {
    let w = World::new();
    w.start("talk", TALK);
    let c = client(&w, &["attach", "talk"], 120, 35);
    c.shows("ready");
    c.prefix("f");
    c.keys(b"from the box");
    c.shows("from the box");
    c.keys(b"\r");
    c.shows("got from the box.");
    let agent = pid(&w, "talk");
    c.prefix("p");
    until("it is stopped", || support::state_of(agent) == Some('T'));
    c.shows("paused");
    assert_eq!(w.show("talk")["state"], "paused");
    c.prefix("p");
    until("it runs", || support::state_of(agent) != Some('T'));
    c.hides("paused");
    c.keys(b"awake\r");
    c.shows("got awake.");
    c.prefix("X");
    // A key that comes before the question could be read does not count.
    until("it is stopped", || {
        c.keys(b"y");
        c.wait_for(Duration::from_millis(400), |t| t.contains("cancelled"))
    });
    until("its process has ended", || !alive(agent));
    assert_eq!(w.show("talk")["state"], "cancelled");
}

#[test]
fn a_dead_server_comes_back_under_an_attached_client() {
    let w = World::new();
    w.start("talk", TALK);
    let c = client(&w, &["attach", "talk"], 120, 35);
    c.shows("ready");
    c.keys(b"before\r");
    c.shows("got before.");
    let place = c.place_of("got before.");
    for round in 0..5 {
        let agent = pid(&w, "talk");
        let old = w.kill_server();
        c.keys(b"");
        until("another server runs", || {
            let status = w.run(&["server", "status", "--json"]);
            let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap_or_default();
            status["pid"].as_i64().is_some_and(|p| p as i32 != old)
        });
        // Keys typed while no server ran are dropped, and said to be; typed again they arrive.
        until("keys arrive again", || {
            c.keys(format!("r{round}\r").as_bytes());
            c.wait_for(Duration::from_secs(1), |t| t.contains(&format!("got r{round}.")))
        });
        assert_eq!(pid(&w, "talk"), agent);
    }
    assert_eq!(c.place_of("got before."), place, "the screen is what it was:\n{}", c.text());
}
