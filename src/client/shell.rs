//! The loop: bytes, signals, frames of the server and time go in, the app's effects are carried out, and what changed is
//! drawn: at once when the last frame is older than 5 ms, else at the end of that window (an echo and a pane that is new on the
//! screen do not wait for it); nothing is drawn when nothing changed, and no frame is made while the last one is not written.
//! Must not know what the app does with its inputs.

use super::able::Able;
use super::caps::TermCaps;
use super::event::Event;
use super::face::{Face, app_config};
use super::guard::Guard;
use super::input::{Token, Tokenizer};
use super::link::{Incoming, Link};
use super::mail::{Address, Letter, Mailbox, Told};
use super::modes::Wanted;
use super::options::{ClientError, ClientExit, ClientOptions, Reconnect};
use super::probe;
use super::proof::Proof;
use super::screen::Screen;
use super::tty::{read, terminal_size};
use super::watch::ConfigWatch;
use crate::app::{Caps, Input, Setup};
use crate::base::text::safe_line;
use crate::base::{Key, Now};
use crate::config::{Loaded, load_all};
use crate::wire::message::{ClientKind, Level, PaneInput};
use crate::wire::{ClientMsg, PROTOCOL, ROWS_VERSION, ServerMsg};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A frame is drawn at once when the last one is this old.
const FRAME: Duration = Duration::from_millis(5);
/// A server that answers does so much sooner.
const OPENING: Duration = Duration::from_millis(50);
/// A lone Esc waits at least this long while answers are under way.
const SLOW: Duration = Duration::from_millis(150);
/// Largest paste that is taken, in bytes.
const MAX_PASTE: usize = 32 << 20;
/// Files change several at a time; they are read when it has been quiet for so long.
const SETTLE: Duration = Duration::from_millis(50);
/// Longest time the server may take to say hello.
const HELLO: Duration = Duration::from_secs(10);
/// Waits between attempts to reach the server, in milliseconds; the last one repeats.
const RETRY_MS: [u64; 6] = [0, 100, 500, 1000, 2000, 5000];

#[derive(Debug, Default)]
pub(super) struct Timers {
    esc: Option<Instant>,
    pub(super) probe: Option<Instant>,
    /// Until then answers may come; DA1 ends that.
    pub(super) owed: Option<Instant>,
    config: Option<Instant>,
    hello: Option<Instant>,
    /// When the server is to be tried again.
    again: Option<Instant>,
}

pub(super) struct Shell {
    // Dropped in this order: the guard first, while the terminal is open.
    pub(super) guard: Guard,
    pub(super) tty: OwnedFd,
    pub(super) tokens: Tokenizer,
    pub(super) caps: TermCaps,
    pub(super) wanted: Wanted,
    pub(super) screen: Screen,
    pub(super) outbox: Vec<u8>,
    pub(super) written: usize,
    pub(super) face: Face,
    link: Option<Link>,
    /// A server has let us in.
    served: bool,
    reconnect: Reconnect,
    attempts: usize,
    hello: ClientMsg,
    pub(super) config: Option<PathBuf>,
    watch: ConfigWatch,
    pub(super) mail: Mailbox,
    pub(super) tell: Address,
    pub(super) timers: Timers,
    pub(super) dirty: bool,
    /// Something was typed into a pane, and its echo has not come yet.
    pub(super) typed: bool,
    /// What is to be drawn is that echo, or a pane that was not there before: it does not wait for the window of a frame.
    urgent: bool,
    /// Until then nothing is drawn: the first picture shows the sessions, not that they are being fetched.
    opening: Option<Instant>,
    last_frame: Option<Instant>,
    pub(super) last_assert: Option<Instant>,
    pub(super) proof: Proof,
    /// Frames of panes that are in the app but not on the screen yet.
    pub(super) acks: Vec<u64>,
    paste: Option<String>,
    /// The terminal has answered DA1 before: it will again.
    pub(super) answers: bool,
    exit: Option<Result<ClientExit, ClientError>>,
}

pub(super) fn env(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Shell {
    pub fn open(terminal: OwnedFd, options: ClientOptions) -> Result<Shell, ClientError> {
        let loaded = options.config.as_deref().map_or_else(Loaded::default, load_all);
        let caps = TermCaps::from_env(&env);
        let size = terminal_size(&terminal);
        let wanted = Wanted { mouse: loaded.config.ui.mouse, keypad: caps.keypad, ..Wanted::default() };
        let setup = Setup {
            size,
            cwd: options.cwd.clone(),
            server: options.server,
            focus: options.session,
            replay: options.replay,
            read_only: options.read_only,
            caps: Caps { key_releases: false, vscode: caps.vscode },
            client_env: options.client_env,
            umask: options.umask,
            zone: options.zone,
            config: app_config(&loaded),
        };
        let hello = ClientMsg::Hello {
            protocol: PROTOCOL,
            rows_version: ROWS_VERSION,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            kind: ClientKind::Screen,
            read_only: options.read_only,
            cwd: options.cwd,
        };
        let screen = Screen::new(size.cols, size.rows, Able::from(&caps));
        let (mail, tell) = Mailbox::new()?;
        let mut shell = Shell {
            guard: Guard::enter(terminal.as_fd(), wanted)?,
            tty: terminal,
            tokens: Tokenizer::new(),
            face: Face::new(setup, loaded, caps.depth, Now::read()),
            caps,
            wanted,
            screen,
            outbox: Vec::new(),
            written: 0,
            link: None,
            served: false,
            reconnect: options.reconnect,
            attempts: 0,
            hello,
            watch: ConfigWatch::new(options.config.as_deref(), tell.clone()),
            config: options.config,
            mail,
            tell,
            timers: Timers::default(),
            dirty: true,
            typed: false,
            urgent: false,
            opening: Some(Instant::now() + OPENING),
            last_frame: None,
            last_assert: None,
            proof: Proof::default(),
            acks: Vec::new(),
            paste: None,
            answers: false,
            exit: None,
        };
        shell.guard.keep_title(shell.caps.title_after);
        shell.probe(probe::queries(size.rows));
        shell.connected(options.socket);
        Ok(shell)
    }

    pub fn run(mut self) -> Result<ClientExit, ClientError> {
        loop {
            self.flush();
            self.draw_if_due();
            if let Some(exit) = self.exit.take() {
                self.guard.leave(self.owed());
                return exit;
            }
            let event = self.next();
            self.event(event);
        }
    }

    /// Waits for what comes next. In this order when there is several: an end is heard whatever pours in, and keys come before rows.
    fn next(&mut self) -> Event {
        loop {
            if let Some(letter) = self.mail.take() {
                return Event::Letter(letter);
            }
            let due = self.due();
            let wait = due.map(|at| at.saturating_duration_since(Instant::now()));
            let wait = wait.and_then(|w| Some(Timespec { tv_sec: w.as_secs().try_into().ok()?, tv_nsec: w.subsec_nanos().into() }));
            let for_room = |waits| if waits { PollFlags::IN | PollFlags::OUT } else { PollFlags::IN };
            let bell = PollFd::from_borrowed_fd(self.mail.bell(), PollFlags::IN);
            let tty = PollFd::new(&self.tty, for_room(self.written < self.outbox.len()));
            let link = self.link.as_ref().map(|l| PollFd::from_borrowed_fd(l.end(), for_room(l.waits())));
            let count = 2 + usize::from(link.is_some());
            let mut fds = [bell, tty.clone(), link.unwrap_or(tty)];
            // An end or an error is told by reading.
            let come = match poll(fds.get_mut(..count).unwrap_or_default(), wait.as_ref()) {
                Ok(_) => fds.map(|fd| fd.revents()),
                Err(Errno::INTR) => continue,
                Err(_) => return Event::Gone,
            };
            let [bell, tty, link] = come;
            if !bell.is_empty() {
                self.mail.heard();
                continue;
            }
            if tty.intersects(!PollFlags::OUT) {
                return read(&self.tty);
            }
            if !tty.is_empty() {
                return Event::Room;
            }
            if due.is_some_and(|at| at <= Instant::now()) {
                return Event::Timer;
            }
            if count > 2 && !link.is_empty() {
                return Event::Link;
            }
        }
    }

    /// When the next thing is due by the clock.
    fn due(&self) -> Option<Instant> {
        let t = &self.timers;
        let wake = self.face.next_wake().map(|ms| Instant::now() + Duration::from_millis(ms.saturating_sub(Now::read().mono_ms)));
        let frame = (self.dirty && self.outbox.is_empty()).then(|| self.next_frame().unwrap_or_else(Instant::now));
        [t.esc, t.probe, t.owed, t.config, t.hello, t.again, wake, frame].into_iter().flatten().min()
    }

    /// When the next frame may be drawn, if not at once.
    fn next_frame(&self) -> Option<Instant> {
        let window = self.last_frame.filter(|_| !self.urgent).map(|last| last + FRAME);
        window.max(self.opening)
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Bytes(bytes) => self.bytes(&bytes),
            Event::Gone => {
                self.answers = false;
                self.timers.owed = None;
                self.leave(String::new(), 129);
            }
            Event::Room => {}
            Event::Link => self.work_link(),
            Event::Letter(letter) => self.letter(letter),
            Event::Timer => self.timers(),
        }
    }

    fn letter(&mut self, letter: Letter) {
        match letter {
            Letter::Signal(Told::Resized) => self.resized(),
            Letter::Signal(Told::Continued) => self.back(),
            Letter::Signal(Told::Stop) => self.stop(),
            Letter::Signal(Told::End(code)) => self.leave(String::new(), code),
            Letter::ConfigChanged => {
                self.watch.renew();
                self.timers.config = Some(Instant::now() + SETTLE);
            }
            Letter::Connected(Ok(stream)) => self.connected(stream),
            Letter::Connected(Err(e)) => self.lost(e.to_string()),
            Letter::Copied(text, how) => self.copied(&text, how),
            Letter::Opened(opened) => self.input(Input::Opened(opened)),
        }
    }

    fn timers(&mut self) {
        let now = Instant::now();
        let due = |t: &mut Option<Instant>| t.is_some_and(|at| at <= now).then(|| *t = None).is_some();
        if due(&mut self.timers.esc) {
            let mut out = Vec::new();
            self.tokens.timeout(&mut out);
            self.take(out);
        }
        if due(&mut self.timers.probe) {
            self.learned();
        }
        if due(&mut self.timers.owed) {
            self.tokens.expect_replies(false);
        }
        if due(&mut self.timers.config) {
            self.reload();
        }
        if due(&mut self.timers.hello) {
            self.lost("it does not answer".to_owned());
        }
        if due(&mut self.timers.again) {
            self.connect();
        }
        let clock = Now::read();
        if self.face.next_wake().is_some_and(|at| at <= clock.mono_ms) {
            self.input(Input::Wake);
        }
    }

    pub(super) fn leave(&mut self, message: String, code: u8) {
        self.exit.get_or_insert(Ok(ClientExit { message, code }));
    }

    // What the terminal says.

    fn bytes(&mut self, bytes: &[u8]) {
        if let [c @ b' '..=b'~'] = bytes
            && self.tokens.is_idle()
            && let Some(session) = self.face.passes(*c).cloned()
        {
            // Nearly every key: what it takes to find that out is on the way of all of them.
            self.typed = true;
            return self.send(&ClientMsg::Input { session, input: PaneInput::Key { key: Key::char(char::from(*c)) } });
        }
        let mut out = Vec::new();
        // On a busy machine we may wake too late for the clock.
        if self.timers.esc.is_some_and(|at| at <= Instant::now()) {
            self.tokens.late(bytes, &mut out);
        }
        self.tokens.push(bytes, &mut out);
        self.take(out);
        let wait = Duration::from_millis(self.face.loaded().config.ui.esc_timeout_ms);
        // While answers are under way a lone Esc is rather the beginning of one, cut off by a slow line.
        let answers = self.timers.owed.is_some() || self.proof.waits(Instant::now());
        let wait = if answers { wait.max(SLOW) } else { wait };
        self.timers.esc = self.tokens.pending().then(|| Instant::now() + wait);
    }

    fn take(&mut self, tokens: Vec<Token>) {
        for token in tokens {
            match token {
                Token::Key { key, legacy } => {
                    if legacy && self.wanted.kitty {
                        self.assert_again();
                    }
                    self.input(Input::Key(key));
                }
                Token::Mouse { event, x10 } => {
                    if x10 {
                        self.assert_again();
                    }
                    let effects = self.face.mouse(event, Now::read());
                    self.carry_out(effects);
                }
                Token::Paste { text, last } => self.pasted(&text, last),
                Token::Focus(on) => {
                    if on {
                        self.proof.somebody_is_there();
                        self.focused();
                    }
                    self.input(Input::Focus(on));
                }
                Token::Reply(reply) => self.reply(&reply),
            }
        }
    }

    fn pasted(&mut self, text: &str, last: bool) {
        let held = self.paste.get_or_insert_default();
        // What is too long is read to its end, and refused as a whole.
        if held.len() <= MAX_PASTE {
            held.push_str(text);
        }
        if last {
            let text = self.paste.take().unwrap_or_default();
            if text.len() > MAX_PASTE {
                self.tell_person(Level::Error, "the paste was refused", &format!("it is larger than {} MiB", MAX_PASTE >> 20));
            } else {
                // Terminals send line ends as CR.
                self.input(Input::Paste(text.replace("\r\n", "\n").replace('\r', "\n")));
            }
        }
    }

    // What the server says.

    fn connected(&mut self, stream: UnixStream) {
        match Link::new(stream) {
            Ok(mut link) => match link.send(&self.hello) {
                Ok(()) => {
                    self.timers.hello = Some(Instant::now() + HELLO);
                    self.link = Some(link);
                }
                Err(why) => self.lost(why),
            },
            Err(e) => self.lost(e.to_string()),
        }
    }

    fn lost(&mut self, reason: String) {
        self.link = None;
        self.opening = None;
        self.timers.hello = None;
        self.acks.clear();
        self.input(Input::Disconnected { reason });
        let wait = RETRY_MS.get(self.attempts).or(RETRY_MS.last()).copied().unwrap_or_default();
        self.attempts += 1;
        self.timers.again = Some(Instant::now() + Duration::from_millis(wait));
    }

    /// Tries to reach the server; that may take its time, because it may have to be started.
    fn connect(&mut self) {
        let reconnect = self.reconnect.clone();
        let begun = self.tell.aside(move || {
            let made = catch_unwind(AssertUnwindSafe(|| reconnect()));
            Letter::Connected(made.unwrap_or_else(|_| Err(io::Error::other("connecting failed"))))
        });
        if let Err(e) = begun {
            self.lost(e.to_string());
        }
    }

    fn work_link(&mut self) {
        let Some(link) = &mut self.link else { return };
        let mut incoming = Vec::new();
        let state = link.work(&mut incoming);
        for message in incoming {
            match message {
                Incoming::Message(message) => self.server(*message),
                Incoming::Pane(pane) => {
                    let echo = self.typed && self.face.is_in_front(&pane.session);
                    self.typed &= !echo;
                    self.urgent |= echo || pane.full;
                    self.opening = None;
                    self.input(Input::Pane(*pane));
                }
            }
        }
        if let Err(why) = state
            && self.exit.is_none()
        {
            self.lost(why);
        }
    }

    fn server(&mut self, message: ServerMsg) {
        match message {
            ServerMsg::Hello { protocol, rows_version, version, .. } => {
                if protocol / 100 != PROTOCOL / 100 || rows_version != ROWS_VERSION {
                    let own = env!("CARGO_PKG_VERSION").to_owned();
                    self.exit.get_or_insert(Err(ClientError::Version { server: safe_line(&version, 40), own }));
                    return;
                }
                self.timers.hello = None;
                self.attempts = 0;
                if let Some(link) = &mut self.link {
                    link.welcomed = true;
                }
                self.input(Input::Connected);
                self.say_colors();
            }
            // It was asked to end: starting it again would be against the person who asked.
            ServerMsg::Bye { reason } => self.leave(safe_line(&reason, 200), u8::from(!self.served)),
            message => {
                self.served |= matches!(message, ServerMsg::Facts { .. });
                self.input(Input::Server(message));
                if self.served && !self.face.waits_for_rows() {
                    self.opening = None;
                }
            }
        }
    }

    pub(super) fn send(&mut self, message: &ClientMsg) {
        // Without a connection it is dropped: the app subscribes anew when there is one.
        let Some(link) = self.link.as_mut().filter(|l| l.welcomed) else { return };
        if let Err(why) = link.send(message) {
            self.lost(why);
        }
    }

    // What goes to the terminal.

    fn draw_if_due(&mut self) {
        if !self.dirty || !self.outbox.is_empty() || self.next_frame().is_some_and(|at| Instant::now() < at) {
            return;
        }
        self.opening = None;
        let (shape, blink) = self.face.cursor();
        self.screen.cursor_shape(shape, blink);
        self.outbox = self.face.frame(&mut self.screen);
        self.dirty = false;
        self.urgent = false;
        // A key mostly changes nothing here, but its echo comes soon: that must not wait for a frame that wrote nothing.
        if !self.outbox.is_empty() {
            let now = Instant::now();
            self.last_frame = Some(now);
            self.outbox.extend(self.proof.question(&self.caps.name, self.wanted, now));
        }
        self.follow_keys();
        self.flush();
    }

    /// Writes what the terminal takes. When all is out, the panes' frames that are on the screen now are acknowledged.
    fn flush(&mut self) {
        while let Some(rest) = self.outbox.get(self.written..).filter(|r| !r.is_empty()) {
            match rustix::io::write(&self.tty, rest) {
                Ok(n) => self.written += n,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => {
                    self.outbox.clear();
                    self.leave(String::new(), 129);
                    break;
                }
            }
        }
        self.outbox.clear();
        self.written = 0;
        if !self.dirty {
            for seq in std::mem::take(&mut self.acks) {
                self.send(&ClientMsg::Ack { seq });
            }
        }
    }
}
