//! From a key to its echo on the screen, in a quiet pane: through client and server, against the same program on a bare PTY;
//! idle, and while four other sessions flood. Beside them the floor: two processes, one with the terminal and one with the
//! program's, that pass bytes on and do nothing else. Run it with `cargo bench --bench echo`.

#[path = "../support/screen.rs"]
mod screen;
#[path = "../support/mod.rs"]
mod support;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use support::World;

/// Keys typed in each run.
const KEYS: usize = 150;
/// Between two keys: somebody types fast.
const PACE: Duration = Duration::from_millis(18);

/// A program on a PTY whose output is looked at by this thread alone.
struct Typist {
    master: OwnedFd,
    child: Child,
    next: u32,
}

impl Typist {
    fn new(command: &Command) -> Typist {
        let (master, slave) = screen::pty(120, 40);
        Typist { child: screen::spawn_on(&slave, command), master, next: 0x100 }
    }

    /// Reads until a text has come. False after ten seconds.
    fn see(&self, text: &[u8]) -> bool {
        let end = Instant::now() + Duration::from_secs(10);
        let mut got = Vec::new();
        let mut buffer = [0u8; 16 * 1024];
        while Instant::now() < end {
            if !self.readable(1000) {
                continue;
            }
            let n = rustix::io::read(&self.master, &mut buffer).unwrap_or(0);
            got.extend_from_slice(&buffer[..n]);
            if got.windows(text.len()).any(|w| w == text) {
                return true;
            }
        }
        false
    }

    fn readable(&self, ms: i64) -> bool {
        let timeout = Timespec { tv_sec: ms / 1000, tv_nsec: (ms % 1000) * 1_000_000 };
        matches!(poll(&mut [PollFd::new(&self.master, PollFlags::IN)], Some(&timeout)), Ok(n) if n > 0)
    }

    /// Takes what is there, until nothing comes for a while.
    fn settle(&self, ms: i64) {
        let mut buffer = [0u8; 16 * 1024];
        let end = Instant::now() + Duration::from_secs(2);
        while self.readable(ms) && Instant::now() < end {
            let _ = rustix::io::read(&self.master, &mut buffer);
        }
    }

    /// Types characters that stand nowhere else on the screen, and measures each.
    fn run(&mut self) -> Vec<Duration> {
        let mut times = Vec::new();
        for _ in 0..KEYS {
            // Latin letters with marks: one column each.
            let key = char::from_u32(self.next).expect("a character").to_string();
            self.next += 1;
            let start = Instant::now();
            rustix::io::write(&self.master, key.as_bytes()).expect("typed");
            assert!(self.see(key.as_bytes()), "{key} was never echoed");
            times.push(start.elapsed());
            // What else is drawn is read meanwhile, as a terminal does.
            let pause = Instant::now() + PACE;
            let mut buffer = [0u8; 16 * 1024];
            loop {
                let left = pause.saturating_duration_since(Instant::now()).as_millis() as i64;
                if left == 0 {
                    break;
                }
                if self.readable(left) {
                    let _ = rustix::io::read(&self.master, &mut buffer);
                }
            }
        }
        times.sort();
        times
    }
}

impl Drop for Typist {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ms(times: &[Duration], percent: usize) -> f64 {
    let at = (times.len() * percent / 100).min(times.len() - 1);
    times[at].as_secs_f64() * 1000.0
}

fn tell(what: &str, ours: &[Duration], bare: &[Duration]) {
    println!(
        "{what:22} here p50 {:7.3} ms  p99 {:7.3} ms  max {:7.3} ms   bare p50 {:7.3} ms  p99 {:7.3} ms   ratio p50 {:5.1}  p99 {:5.1}",
        ms(ours, 50),
        ms(ours, 99),
        ms(ours, 100),
        ms(bare, 50),
        ms(bare, 99),
        ms(ours, 50) / ms(bare, 50),
        ms(ours, 99) / ms(bare, 99)
    );
}

/// Passes bytes on between two descriptors until one ends.
fn pass(a: impl AsFd, b: impl AsFd) {
    let (a, b) = (a.as_fd(), b.as_fd());
    let mut buffer = [0u8; 16 * 1024];
    loop {
        let mut fds = [PollFd::new(&a, PollFlags::IN), PollFd::new(&b, PollFlags::IN)];
        if poll(&mut fds, None).is_err() {
            return;
        }
        for (fd, (from, to)) in fds.map(|fd| !fd.revents().is_empty()).into_iter().zip([(a, b), (b, a)]) {
            if fd {
                match rustix::io::read(from, &mut buffer) {
                    Ok(n @ 1..) => drop(rustix::io::write(to, &buffer[..n])),
                    _ => return,
                }
            }
        }
    }
}

/// The floor's process with the terminal; it starts the other one.
fn floor_with_the_terminal() {
    let stdin = std::io::stdin();
    let mut raw = rustix::termios::tcgetattr(&stdin).expect("a terminal");
    raw.make_raw();
    rustix::termios::tcsetattr(&stdin, rustix::termios::OptionalActions::Now, &raw).expect("raw");
    let (ours, theirs) = UnixStream::pair().expect("a socket");
    let mut other = again(FLOOR_WITH_THE_PROGRAM).stdin(OwnedFd::from(theirs)).spawn().expect("the other process");
    pass(stdin, ours);
    let _ = other.wait();
}

/// The floor's process with the program.
fn floor_with_the_program() {
    let (master, slave) = screen::pty(120, 40);
    let mut child = screen::spawn_on(&slave, &Command::new("cat"));
    pass(std::io::stdin(), master);
    let _ = child.kill();
    let _ = child.wait();
}

const FLOOR_WITH_THE_TERMINAL: &str = "floor-with-the-terminal";
const FLOOR_WITH_THE_PROGRAM: &str = "floor-with-the-program";

/// This program as a part of the floor.
fn again(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("its path"));
    command.arg(part);
    command
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some(FLOOR_WITH_THE_TERMINAL) => return floor_with_the_terminal(),
        Some(FLOOR_WITH_THE_PROGRAM) => return floor_with_the_program(),
        _ => {}
    }
    let w = World::new();
    w.start("quiet", "echo QUIET; exec cat");
    w.wait_text("quiet", "QUIET");
    let mut cat = Command::new("cat");
    cat.env("PATH", std::env::var("PATH").unwrap_or_default());
    let mut bare = Typist::new(&cat);
    let mut ours = Typist::new(&w.command(&["attach", "quiet"]));
    assert!(ours.see(b"QUIET"), "the app does not open");
    ours.settle(300);
    let mut path = again(FLOOR_WITH_THE_TERMINAL);
    path.env("PATH", std::env::var("PATH").unwrap_or_default());
    let mut floor = Typist::new(&path);
    // It does not pass on what came before it was there.
    rustix::io::write(&floor.master, b"!").expect("typed");
    assert!(floor.see(b"!"), "the floor does not open");
    floor.settle(300);
    let (b, o, f) = (bare.run(), ours.run(), floor.run());
    tell("idle", &o, &b);
    tell("idle, the floor", &f, &b);
    for n in 0..4 {
        w.start(&format!("flood{n}"), "exec yes 'all work and no play makes a dull line of output, again and again'");
    }
    ours.settle(300);
    let mut bare = Typist::new(&cat);
    // Characters the screen does not hold yet.
    bare.next = ours.next;
    let (b, o) = (bare.run(), ours.run());
    tell("four sessions flood", &o, &b);
}
