//! The real program stopped and continued: the terminal is the shell's meanwhile, and comes back whole.

#[path = "support/screen.rs"]
mod screen;
mod support;

use screen::Terminal;
use support::{World, kill, state_of, until};

const TSTP: i32 = 20;
const STOP: i32 = 19;
const CONT: i32 = 18;

#[test]
fn the_shell_gets_the_terminal_while_it_is_stopped() {
    let w = World::new();
    w.start("talk", "echo ready; while read l; do echo \"got $l.\"; done");
    let mut t = Terminal::start(&w.command(&["attach", "talk"]), 100, 30);
    t.shows("ready");
    let stops: [&dyn Fn(); 2] = [&|| kill(t.pid(), TSTP), &|| t.prefix("\x1a")];
    for (n, stop) in stops.into_iter().enumerate() {
        stop();
        until("it has stopped", || state_of(t.pid()) == Some('T'));
        assert!(t.is_as_before(), "the shell has its terminal");
        t.wrote_after("\x1b[?1049h", "\x1b[?1049l");
        t.wrote_after("\x1b[?1006h", "\x1b[?1006l");
        kill(t.pid(), CONT);
        t.wrote_after("\x1b[?1049l", "\x1b[?1049h");
        t.wrote_after("\x1b[?1006l", "\x1b[?1006h");
        t.keys(format!("line {n}\r").as_bytes());
        t.shows(&format!("got line {n}."));
        t.shows("ready");
    }
    t.prefix("d");
    assert!(t.ends().success());
    t.wrote_after("\x1b[?1049l", "\x1b[23;0t");
    assert!(t.is_as_before());
    assert_eq!(t.raw().matches("\x1b[22;0t").count(), 1, "the title was kept once");
}

#[test]
fn after_a_stop_that_nobody_can_catch_everything_is_set_again() {
    let w = World::new();
    w.start("talk", "echo ready; while read l; do echo \"got $l.\"; done");
    let mut t = Terminal::start(&w.command(&["attach", "talk"]), 100, 30);
    t.shows("ready");
    kill(t.pid(), STOP);
    until("it has stopped", || state_of(t.pid()) == Some('T'));
    let at = t.raw().len();
    kill(t.pid(), CONT);
    t.keys(b"again\r");
    t.shows("got again.");
    let after = t.raw()[at..].to_owned();
    for part in ["\x1b[?1049h", "\x1b[?1006h", "\x1b[?2004h", "\x1b[2J"] {
        assert!(after.contains(part), "{part:?}");
    }
    t.prefix("d");
    assert!(t.ends().success());
}
