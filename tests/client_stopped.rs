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
        let raw = t.raw();
        let since = &raw[raw.rfind("\x1b[?1049l").unwrap()..];
        assert_eq!((since.matches("\x1b[2J").count(), since.matches("\x1b[?1049h").count()), (1, 1), "it is drawn once");
    }
    t.prefix("d");
    assert!(t.ends().success());
    t.wrote_after("\x1b[?1049l", "\x1b[23;0t");
    assert!(t.is_as_before());
    let raw = t.raw();
    let (kept, back): (Vec<_>, Vec<_>) = (raw.match_indices("\x1b[22;0t").collect(), raw.match_indices("\x1b[23;0t").collect());
    assert_eq!((kept.len(), back.len()), (3, 3), "each time the shell has its own title, and the last time too");
    assert!(kept.iter().zip(&back).all(|(k, b)| k.0 < b.0));
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

#[test]
fn a_client_that_was_killed_is_cleaned_up_after_by_reset() {
    let w = World::new();
    w.start("talk", "echo ready; read x");
    let exe = env!("CARGO_BIN_EXE_copilot-tui");
    let shell = {
        let mut c = std::process::Command::new("sh");
        c.arg("-c").arg(format!("{exe} attach talk; echo left as it was; read a; {exe} reset; stty -a; echo reset; read b"));
        c.current_dir(w.path("work"));
        c.env_clear().envs(w.env());
        c
    };
    let mut t = Terminal::start(&shell, 100, 30);
    t.shows("ready");
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", t.pid())).unwrap();
    let client: i32 = children.split_whitespace().next().unwrap().parse().unwrap();
    kill(client, 9);
    t.wrote_after("\x1b[?1049h", "left as it was");
    assert!(!t.is_as_before(), "nobody could put it right");
    // Line ends do not become LF while the terminal is raw: `read` waits for one.
    t.keys(b"\n");
    t.wrote_after("left as it was", "reset\r\n");
    let raw = t.raw();
    for flag in ["icanon", "echo", "opost", "icrnl", "isig"] {
        assert!(raw.split_whitespace().any(|word| word == flag), "{flag}");
    }
    for part in [
        "\x1b[?1049l",
        "\x1b[?1003l",
        "\x1b[?1006l",
        "\x1b[?2004l",
        "\x1b[?1004l",
        "\x1b[?2031l",
        "\x1b[?7h",
        "\x1b[?25h",
        "\x1b[=0;1u",
        "\x1b[?2027l",
    ] {
        t.wrote_after("left as it was", part);
    }
    t.keys(b"\r");
    assert!(t.ends().success());
}

#[test]
fn a_lone_escape_stays_one_however_late_the_app_wakes() {
    let w = World::new();
    std::fs::create_dir_all(w.path("config/copilot-tui")).unwrap();
    std::fs::write(w.path("config/copilot-tui/config.toml"), "[ui]\nesc_timeout_ms = 500\n").unwrap();
    w.start("keys", "stty -icanon -echo; printf '\\033[>1uready'; while :; do printf '<%s>' $(dd bs=1 count=1 2>/dev/null | od -An -tu1); done");
    let t = Terminal::start(&w.command(&["attach", "keys"]), 100, 30);
    t.shows("ready");
    // The letter and what follows are read in one: its echo tells that the wait has begun.
    t.keys(b"x\x1b");
    t.shows("<120>");
    kill(t.pid(), STOP);
    until("it has stopped", || state_of(t.pid()) == Some('T'));
    let since = std::time::Instant::now();
    until("the wait is over", || since.elapsed().as_millis() > 600);
    t.keys(b"w");
    kill(t.pid(), CONT);
    t.shows("<27><91><50><55><117><119>");
}
