//! A terminal of a test's own: the binary runs on a real PTY, what it draws is kept as a screen, and tests wait for what they
//! want to see there.
#![allow(dead_code)] // each test file uses a part

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Termios, Winsize, tcgetattr, tcsetwinsize};
use std::num::NonZeroU16;
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// A generous deadline for something that must be seen.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// Both ends of a new PTY of a size.
pub fn pty(cols: u16, rows: u16) -> (OwnedFd, OwnedFd) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).expect("a PTY");
    grantpt(&master).expect("granted");
    unlockpt(&master).expect("unlocked");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).expect("the other end");
    tcsetwinsize(&slave, Winsize { ws_col: cols, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 }).expect("a size");
    (master, slave)
}

/// Starts a program with a PTY as its controlling terminal. `setsid` becomes the program: the pid is the program's.
pub fn spawn_on(slave: &OwnedFd, command: &Command) -> Child {
    let mut c = Command::new("setsid");
    c.arg("--ctty").arg(command.get_program()).args(command.get_args()).env_clear();
    c.envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))));
    if let Some(dir) = command.get_current_dir() {
        c.current_dir(dir);
    }
    let end = || Stdio::from(slave.try_clone().expect("a descriptor"));
    c.stdin(end()).stdout(end()).stderr(end());
    c.spawn().expect("setsid of util-linux runs")
}

fn some(n: u16) -> NonZeroU16 {
    NonZeroU16::new(n).expect("a size")
}

struct Picture {
    parser: vt100::Parser,
    raw: Vec<u8>,
}

/// A program on a terminal.
pub struct Terminal {
    master: Option<Arc<OwnedFd>>,
    slave: OwnedFd,
    before: Termios,
    child: Child,
    picture: Arc<(Mutex<Picture>, Condvar)>,
    stop: Option<OwnedFd>,
    reader: Option<JoinHandle<()>>,
}

impl Terminal {
    /// Runs a command on a terminal of its own.
    pub fn start(command: &Command, cols: u16, rows: u16) -> Terminal {
        let (master, slave) = pty(cols, rows);
        let before = tcgetattr(&slave).expect("attributes");
        let child = spawn_on(&slave, command);
        let master = Arc::new(master);
        let picture = Arc::new((Mutex::new(Picture { parser: vt100::Parser::new(some(rows), some(cols), 0), raw: Vec::new() }), Condvar::new()));
        let (wake, stop) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).expect("a pipe");
        let reader = std::thread::spawn({
            let (master, picture) = (Arc::clone(&master), Arc::clone(&picture));
            move || read_all(&master, &picture, &wake)
        });
        Terminal { master: Some(master), slave, before, child, picture, stop: Some(stop), reader: Some(reader) }
    }

    /// The program's pid.
    pub fn pid(&self) -> i32 {
        self.child.id() as i32
    }

    /// Types bytes, however long the program takes to read them.
    pub fn keys(&self, bytes: &[u8]) {
        let master = self.master.as_ref().expect("an open terminal");
        let mut rest = bytes;
        while !rest.is_empty() {
            let n = rustix::io::write(&**master, rest).expect("typed");
            rest = &rest[n..];
        }
    }

    /// Types the prefix key and another one.
    pub fn prefix(&self, key: &str) {
        self.keys(b"\x02");
        self.keys(key.as_bytes());
    }

    /// Gives the terminal another size.
    pub fn resize(&self, cols: u16, rows: u16) {
        self.picture.0.lock().unwrap_or_else(PoisonError::into_inner).parser.screen_mut().set_size(some(rows), some(cols));
        tcsetwinsize(&self.slave, Winsize { ws_col: cols, ws_row: rows, ws_xpixel: 0, ws_ypixel: 0 }).expect("a size");
    }

    /// The screen as text.
    pub fn text(&self) -> String {
        self.picture.0.lock().unwrap_or_else(PoisonError::into_inner).parser.screen().contents()
    }

    /// The screen as text, with all that was written to it until now: what a program that has ended said to its end.
    pub fn read_out(&self) -> String {
        const MARK: &[u8] = b"\x1b]7999;end\x1b\\";
        rustix::io::write(&self.slave, MARK).expect("written");
        let (lock, told) = &*self.picture;
        let marked = |p: &mut Picture| !p.raw.windows(MARK.len()).any(|w| w == MARK);
        let picture = lock.lock().unwrap_or_else(PoisonError::into_inner);
        let (picture, _) = told.wait_timeout_while(picture, Duration::from_secs(20), marked).unwrap_or_else(PoisonError::into_inner);
        picture.parser.screen().contents()
    }

    /// Everything that was ever written, as text.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.picture.0.lock().unwrap_or_else(PoisonError::into_inner).raw).into_owned()
    }

    /// Row and column where a text stands.
    pub fn place_of(&self, text: &str) -> Option<(usize, usize)> {
        place_in(&self.text(), text)
    }

    /// Waits until the screen is so; false when it is not in time.
    pub fn wait_for(&self, at_most: Duration, so: impl Fn(&str) -> bool) -> bool {
        let (lock, told) = &*self.picture;
        let end = Instant::now() + at_most;
        let mut picture = lock.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if so(&picture.parser.screen().contents()) {
                return true;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            picture = told.wait_timeout(picture, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits until the screen is so.
    #[track_caller]
    pub fn until(&self, what: &str, so: impl Fn(&str) -> bool) {
        assert!(self.wait_for(PATIENCE, so), "never seen: {what}; the screen is\n{}", self.text());
    }

    /// Waits for a text on the screen.
    #[track_caller]
    pub fn shows(&self, text: &str) {
        self.until(&format!("{text:?}"), |t| t.contains(text));
    }

    /// Waits until a sequence was written after the last place where another one was.
    #[track_caller]
    pub fn wrote_after(&self, first: &str, then: &str) {
        let end = Instant::now() + PATIENCE;
        loop {
            let raw = self.raw();
            if raw.rfind(first).is_some_and(|at| raw[at..].contains(then)) {
                return;
            }
            assert!(Instant::now() < end, "{then:?} was never written after {first:?}");
            // What a program wrote last may be read after its end.
            std::thread::yield_now();
        }
    }

    /// Waits until a text is no more on the screen.
    #[track_caller]
    pub fn hides(&self, text: &str) {
        self.until(&format!("no {text:?}"), |t| !t.contains(text));
    }

    /// Waits for the end of the program.
    #[track_caller]
    pub fn ends(&mut self) -> ExitStatus {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("waited") {
                return status;
            }
            assert!(Instant::now() < end, "it did not end; the screen is\n{}", self.text());
            std::thread::yield_now();
        }
    }

    /// Closes the terminal, as a window that is closed.
    pub fn close(&mut self) {
        self.stop = None;
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the reader");
        }
        self.master = None;
    }

    /// Whether the terminal's attributes are what they were before the program ran.
    pub fn is_as_before(&self) -> bool {
        let now = tcgetattr(&self.slave).expect("attributes");
        let b = &self.before;
        (now.local_modes, now.input_modes, now.output_modes, now.control_modes) == (b.local_modes, b.input_modes, b.output_modes, b.control_modes)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.close();
    }
}

/// Row and column of a text on a screen.
pub fn place_in(screen: &str, text: &str) -> Option<(usize, usize)> {
    screen.lines().enumerate().find_map(|(row, line)| line.find(text).map(|at| (row, line[..at].chars().count())))
}

fn read_all(master: &OwnedFd, picture: &(Mutex<Picture>, Condvar), wake: &OwnedFd) {
    let mut buffer = [0u8; 16 * 1024];
    let mut asked = 0;
    loop {
        let mut fds = [PollFd::new(master, PollFlags::IN), PollFd::new(wake, PollFlags::IN)];
        if poll(&mut fds, None).is_err() {
            continue;
        }
        if !fds[1].revents().is_empty() {
            return;
        }
        let Ok(n @ 1..) = rustix::io::read(master, &mut buffer) else { return };
        let mut p = picture.0.lock().unwrap_or_else(PoisonError::into_inner);
        p.parser.process(&buffer[..n]);
        p.raw.extend_from_slice(&buffer[..n]);
        // A terminal says what it is when it is asked.
        let questions = p.raw.windows(3).filter(|w| w == b"\x1b[c").count();
        picture.1.notify_all();
        drop(p);
        if questions > asked {
            asked = questions;
            let _ = rustix::io::write(master, b"\x1b[?62;22c");
        }
    }
}
